"""Words and the hashes of their n-grams: one hash for each distinct word or gram, wherever it stands."""

# ruff: noqa: RUF001 - characters that look like others are the point

import unicodedata
from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.text.grams import hash_characters, hash_grams, hash_text
from checks.text.words import EXPANSION, fold_table, read_words
from tests import helpers, oracle

ALPHABETS = "ab ", "aB1-é \n", "a我ー ", "ß\u0301ﬃ \u00ad", "𝔘😀x ", "한ᄒ\u1161 ", "กx\u200d ", "㌖ﷺ1 "
TEXTS = st.one_of(
    *(st.text(alphabet, max_size=80) for alphabet in ALPHABETS),
    st.text(st.characters(exclude_categories=("Cs", "Cn")), max_size=80),
)


class Read(NamedTuple):
    asked: int
    words: list[int]
    characters: list[int]
    control: bool

    def grams(self, size: int) -> list[int]:
        words = np.array(self.words, np.uint64)
        out = np.zeros(len(words) + 1, np.uint64)
        return out[: hash_grams(words, len(words), size, out)].tolist()

    @property
    def text(self) -> tuple[int, int]:
        words = np.array(self.words, np.uint64)
        first, second = hash_text(words, 0, len(words), np.uint64(0), np.uint64(0))
        return int(first), int(second)


def read(text: str, prompt: int = -1, shift: int = 0) -> Read:
    """Read a text that begins `shift` bytes into a buffer full of other letters, with used buffers."""
    raw = text.encode()
    data = np.frombuffer(b"x" * shift + raw + b"yZ" * 40, np.uint8)
    room = EXPANSION * len(raw) + 192
    folded, words = np.full(room, 113, np.uint8), np.full(room, 7, np.uint64)
    scratch, grams = np.full(room, 7, np.uint64), np.full(room, 7, np.uint64)
    asked, count, end, control = read_words(
        data, shift, shift + len(raw), prompt, fold_table(), folded, words
    )
    number = hash_characters(folded, 0, end, scratch, grams)
    return Read(asked, words[:count].tolist(), grams[:number].tolist(), bool(control))


def one_to_one(left: Sequence[Hashable], right: Sequence[Hashable]) -> bool:
    """Whether two sequences are equal but for the names of their elements."""
    return len(left) == len(right) and len(set(zip(left, right, strict=True))) == len(set(left)) == len(
        set(right)
    )


@pytest.mark.parametrize("text", ["", " ", "\n\t", "😀 ❤️", "\u00ad\u200b\u0301", "...", " " * 200])
def test_text_without_words_gives_nothing(text):
    assert read(text) == Read(0, [], [], control=False)
    assert read(text).grams(5) == []
    assert read(text).text == (0, 0)


@pytest.mark.parametrize("text", ["clean text,\twith tab\nand newline\r\n", "Ünï 我 \u0085 \x7f", "x" * 100])
def test_ordinary_text_holds_no_control_characters(text):
    assert not read(text).control


@pytest.mark.parametrize("character", ["\0", "\x01", "\x08", "\x0b", "\x1b", "\x1f"])
@pytest.mark.parametrize("letter", ["a", "é"])
def test_a_control_character_is_seen_anywhere(character, letter):
    for place in range(24):
        before, after = letter * place, letter * (23 - place)
        assert read(before + character + after).control
        assert read(before + character + after, prompt=len(before.encode())).control


def test_a_control_character_outside_the_text_is_not_seen():
    data = np.frombuffer(b"\0\x01word\x02\0", np.uint8)
    out = np.zeros(300, np.uint8)
    *_, control = read_words(data, 2, 6, -1, fold_table(), out, np.zeros(300, np.uint64))
    assert not control


@given(TEXTS)
def test_words_and_grams_are_those_of_the_oracle(text):
    words, found = oracle.fold(text), read(text)
    assert one_to_one(words, found.words)
    assert one_to_one(oracle.character_grams(words), found.characters)
    for size in (1, 2, 3, 5):
        assert one_to_one(oracle.word_grams(words, size), found.grams(size))


def test_hashes_of_many_texts_are_one_to_one_together():
    """Words, grams and texts of one vocabulary: a clash of hashes between texts would show here."""
    rng = helpers.seeded(4)
    known = helpers.vocabulary(4000, seed=4)
    texts = [" ".join(rng.choices(known, k=rng.randint(0, 60))) for _ in range(400)]
    texts += [*helpers.SAMPLES, *(sample * 3 for sample in helpers.SAMPLES)]
    words, reads = [oracle.fold(text) for text in texts], [read(text) for text in texts]
    assert one_to_one([w for row in words for w in row], [h for row in reads for h in row.words])
    assert one_to_one([tuple(row) for row in words], [row.text for row in reads])
    for size in (3, 5):
        grams = [gram for row in words for gram in oracle.word_grams(row, size)]
        assert one_to_one(grams, [h for row in reads for h in row.grams(size)])
    characters = [gram for row in words for gram in oracle.character_grams(row)]
    assert one_to_one(characters, [h for row in reads for h in row.characters])


@pytest.mark.parametrize(
    "stem", ["abcdefghijklmnopqrstuvwxyz0123456789ABCD", "éèêëàâäîïôöùûüçñåøœæ", "𝔘𐀀𐐀𝒶𝓁𝓅𝒽𝟘𝟙𞤀"]
)
def test_a_word_has_one_hash_at_every_place(stem):
    """Words of 1 to 40 bytes at every distance from the 8- and 64-byte blocks in which texts are read."""
    for size in range(1, len(stem) + 1):
        word = stem[:size]
        alone = read(word).words
        assert len(alone) == len(oracle.fold(word)) == 1
        for shift in range(0, 72, 1 if size % 8 < 2 else 5):
            assert read(" " * shift + word).words == alone
            assert read(" " * shift + word + "," + " " * (size % 9) + word).words == alone * 2
            assert read(word, shift=shift).words == alone


def test_words_that_differ_in_one_byte_or_in_length_differ():
    words = {"a" * size for size in range(1, 130)}
    for size in (1, 7, 8, 9, 16, 17, 40, 64, 65):
        words |= {"a" * place + "b" + "a" * (size - place - 1) for place in range(size)}
    listed = sorted(words)
    assert len(set(read(" ".join(listed)).words)) == len(listed)


@pytest.mark.parametrize("edge", [8, 63, 64, 65, 127, 128, 129, 192])
@pytest.mark.parametrize("ending", ["", " ", "é", "我", ".\n", "\u00ad"])
def test_texts_that_end_or_break_at_block_edges(edge, ending):
    for size in range(max(1, edge - 3), edge + 4):
        for break_at in (0, 1, edge // 2, size - 2):
            text = ("a" * break_at + " " + "b" * size)[:size] + ending
            assert one_to_one(oracle.fold(text), read(text).words)
            assert one_to_one(oracle.character_grams(oracle.fold(text)), read(text).characters)


@pytest.mark.parametrize("sample", helpers.SAMPLES)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_canonically_equal_texts_are_read_alike(sample, form):
    assert read(unicodedata.normalize(form, sample)) == read(sample)


@pytest.mark.parametrize("sample", [" ".join(helpers.SAMPLES), "one two three", "", "我们"])
def test_a_prompt_boundary_at_any_place_splits_the_words_there(sample):
    whole = read(sample)
    for place in range(len(sample) + 1):
        before, after = sample[:place], sample[place:]
        found = read(sample, prompt=len(before.encode()))
        assert found.asked == len(oracle.fold(before))
        assert found.words == read(before).words + read(after).words
        assert found.control == whole.control
        if len(found.words) == len(whole.words):  # the boundary does not cut a word
            assert found.characters == whole.characters
            assert found.text == whole.text


@given(TEXTS, TEXTS)
def test_a_prompt_and_its_response_read_like_the_text_they_make(ask, say):
    """As stored: the response follows its prompt after one newline."""
    found, whole = read(f"{ask}\n{say}", prompt=len(ask.encode())), read(f"{ask}\n{say}")
    assert found._replace(asked=0) == whole
    assert found.asked == len(read(ask).words)


@given(TEXTS, TEXTS)
def test_text_hashes_are_equal_exactly_if_the_folded_words_are(one, two):
    assert (read(one).text == read(two).text) == (oracle.fold(one) == oracle.fold(two))


@given(st.text("aAéE\u0301 -\u00ad", max_size=30), st.text("aAéE\u0301 -\u00ad", max_size=30))
def test_text_hashes_of_texts_that_nearly_agree(one, two):
    assert (read(one).text == read(two).text) == (oracle.fold(one) == oracle.fold(two))


def test_one_giant_word_and_one_giant_text():
    assert len(read("x" * 300_000).words) == 1
    assert len(read("ab " * 100_000).words) == 100_000
    assert len(set(read("我" * 50_000).words)) == 1
    assert len(read("ﷺ" * 10_000).words) == 3 * 10_000 + 1
    assert len(read("㌖" * 10_000).words) == 6 * 10_000

"""Folding: the shipped table, and what it makes of text in many scripts."""

# ruff: noqa: RUF001 - characters that look like others are the point

import sys
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.text import fold
from checks.text.words import EXPANSION, MARGIN, fold_into, fold_table
from tests import helpers, oracle

CHARACTERS = st.text(st.characters(exclude_categories=("Cs", "Cn")), max_size=60)


def folded(text: str) -> list[str]:
    """Words of a text as the kernel folds them."""
    data = np.frombuffer(text.encode(), np.uint8)
    out = np.full(EXPANSION * len(data) + MARGIN, 255, np.uint8)
    end, _ = fold_into(data, 0, len(data), fold_table(), out, 0)
    return [word.decode() for word in out[:end].tobytes().split(b"\0") if word]


def entries(table: fold.FoldTable, code: int) -> list[int]:
    entry = int(table.codes[code])
    if entry & fold.EXPANDS:
        place = entry & fold.CODE
        return table.expansions[table.starts[place] : table.starts[place + 1]].tolist()
    return [] if entry == fold.DROPPED else [entry]


def assigned() -> list[str]:
    """Every character that this Python knows."""
    every = map(chr, range(sys.maxunicode + 1))
    return [c for c in every if unicodedata.category(c) not in ("Cn", "Cs", "Co")]


@pytest.mark.parametrize("text", ["plain words stay 42 times", "a", "0", "z9", "two\nlines and a\ttab"])
def test_lower_case_ascii_is_kept_as_it_is(text):
    assert folded(text) == text.split()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't STOP-me_now", ["don", "t", "stop", "me", "now"]),
        ("Straße STRASSE", ["strasse", "strasse"]),
        ("ﬁne ﬃx", ["fine", "ffix"]),
        ("Café Cafe\u0301", ["cafe", "cafe"]),
        ("e\u0301\u0302\u0323x", ["ex"]),
        ("co\u00adop zero\u200bwidth jo\u200din \ufeffx", ["coop", "zerowidth", "join", "x"]),
        ("我在北京", ["我", "在", "北", "京"]),
        ("我v2在", ["我", "v2", "在"]),
        ("ﾊﾟﾝ", ["ハ", "ン"]),
        ("パン", ["ハ", "ン"]),
        ("㍿", ["株", "式", "会", "社"]),
        ("น้ำ", ["น", "า"]),
        ("한글", ["\u1112\u1161\u11ab\u1100\u1173\u11af"]),
        ("\u1112\u1161\u11ab\u1100\u1173\u11af", ["\u1112\u1161\u11ab\u1100\u1173\u11af"]),
        ("ﷺ", ["صلى", "الله", "عليه", "وسلم"]),
        ("क्षि", ["कष"]),
        ("𝔘𝟘", ["u0"]),
        ("𠀀𰀀", ["𠀀", "𰀀"]),
        ("x\U000e0041\U000e0100y", ["xy"]),
        ("x\U000f0000y\U0010ffffz", ["x", "y", "z"]),
        ("½", ["1", "2"]),
        ("😀 ❤️ …", []),
        ("", []),
        ("\0\x01\x7f", []),
    ],
)
def test_folds_as_documented(text, words):
    assert folded(text) == words
    assert oracle.fold(text) == words


def test_the_shipped_table_is_what_this_python_would_build():
    shipped, built = fold.load(), fold.build()
    different = [
        f"U+{ord(c):04X} {unicodedata.name(c, '?')}"
        for c in assigned()
        if ord(c) < fold.LIMIT and entries(shipped, ord(c)) != entries(built, ord(c))
    ]
    assert different == []


def test_every_character_folds_as_the_oracle_does():
    text = "\n".join(assigned())
    assert folded(text) == oracle.fold(text)


def test_no_character_needs_more_room_than_the_buffers_have():
    table = fold.load()
    for code in (code for code in range(fold.LIMIT) if not 0xD800 <= code < 0xE000):
        found, size = entries(table, code), len(chr(code).encode())
        alone = [entry >= fold.ALONE for entry in found]
        assert (
            sum(len(chr(entry & fold.CODE).encode()) for entry in found) + 2 * sum(alone) <= EXPANSION * size
        )
        begins = [e != fold.SEPARATOR and (a or i == 0 or alone[i - 1] or found[i - 1] == fold.SEPARATOR)
                  for i, (e, a) in enumerate(zip(found, alone, strict=True))]  # fmt: skip
        assert sum(begins) <= 2 * size, "the scan makes room for two words a byte"


@pytest.mark.parametrize("sample", helpers.SAMPLES)
@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_how_characters_are_composed_changes_nothing(sample, form):
    assert folded(unicodedata.normalize(form, sample)) == folded(sample) == oracle.fold(sample)


@given(CHARACTERS)
def test_any_text_folds_as_the_oracle_does(text):
    assert folded(text) == oracle.fold(text)


@given(CHARACTERS)
def test_folding_folded_words_changes_nothing(text):
    words = folded(text)
    assert folded(" ".join(words)) == words


@given(CHARACTERS, st.integers(0, 20))
def test_the_place_in_the_buffer_changes_nothing(text, shift):
    assert folded(" " * shift + text) == folded(text)


@given(
    st.lists(st.text(st.sampled_from("aZ9 _é\t\x01Ａﷺ我\n"), max_size=80), max_size=4).map("a b".join),
    st.binary(max_size=70),
)
def test_what_stands_around_a_text_changes_nothing(text, around):
    content = text.encode()
    alone, between = np.frombuffer(content, np.uint8), np.frombuffer(around + content + around, np.uint8)
    outs = [np.full(EXPANSION * len(alone) + MARGIN, 255, np.uint8) for _ in range(2)]
    one = fold_into(alone, 0, len(alone), fold_table(), outs[0], 0)
    two = fold_into(between, len(around), len(around) + len(alone), fold_table(), outs[1], 0)
    assert one == two
    assert outs[0][: one[0]].tobytes() == outs[1][: two[0]].tobytes()

"""Exact similarity and coverage of pairs, against sets and the textbook table."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.contract import Split
from checks.text import align
from checks.text.align import common_subsequence, coverages, window
from checks.text.jaccard import jaccard, similarities
from checks.text.prints import SHORT, shingling
from checks.text.scan import scan
from checks.text.texts import Texts
from checks.text.wordlists import word_lists
from tests import helpers, oracle

HASHES = st.lists(
    st.sampled_from([0, 1, 2, 3, 2**63, 2**64 - 1, *(i << 32 for i in range(1, 12))]), max_size=40
)
WORDS = helpers.vocabulary(3000, seed=21)


def hashes(values: Sequence[int]) -> np.ndarray:
    return np.array(values, np.uint64)


def subsequence(needle: Sequence[int], hay: Sequence[int]) -> int:
    return int(common_subsequence(hashes(needle), len(needle), hashes(hay), 0, len(hay)))


def alike(
    left: Sequence[str], right: Sequence[str], pairs: Sequence[tuple[int, int]], shingle
) -> list[float]:
    cut = shingling(helpers.data([], shingle=shingle).text)
    found = similarities(
        Texts(helpers.split("train", left)), Texts(helpers.split("eval", right)),
        np.array(pairs, np.int64).reshape(-1, 2), word_size=cut.words, short=cut.short,
    )  # fmt: skip
    return found.tolist()


def covered(
    train: Sequence[str] | Split, evals: Sequence[str] | Split, pairs: Sequence[tuple[int, int]]
) -> np.ndarray:
    """Coverage of the whole eval text and of its prompt, for each pair."""
    made = helpers.data(train, evals)
    left, right = Texts(made.train), Texts(made.eval)
    words = int(scan(helpers.data(made.eval)).train.words.sum())
    lists = word_lists((batch for _, batch in right), texts=len(right), room=words)
    return coverages(left, lists, np.array(pairs, np.int64).reshape(-1, 2))


def test_unlike_texts_have_nothing_in_common():
    for shingle in helpers.SHINGLES:
        assert alike(["aaaa bbbb cccc"], ["dddd eeee ffff"], [(0, 0)], shingle) == [0.0]
    assert covered(["aaaa bbbb cccc"], ["dddd eeee ffff"], [(0, 0)]).tolist() == [[0.0, 0.0]]


def test_texts_without_words_are_like_nothing():
    texts = ["", "😀", "word"]
    pairs = [(a, b) for a in range(3) for b in range(3)]
    for shingle in helpers.SHINGLES:
        assert alike(texts, texts, pairs, shingle) == [0.0] * 8 + [1.0]
    assert covered(texts, texts, pairs)[:, 0].tolist() == [0.0] * 8 + [1.0]


def test_no_pairs_give_nothing():
    assert alike(["a"], ["b"], [], "auto") == []
    assert covered(["a"], ["b"], []).shape == (0, 2)


@given(HASHES, HASHES)
def test_jaccard_is_that_of_the_sets(left, right):
    expected = oracle.share(frozenset(left), frozenset(right))
    assert jaccard(hashes(left), len(left), hashes(right), len(right)) == expected


@pytest.mark.parametrize("size", [7, 8, 9, 15, 16, 17, 1000])
def test_jaccard_of_sets_of_every_size(size):
    rng = helpers.seeded(size)
    left = [rng.getrandbits(64) for _ in range(size)]
    for shared in (0, 1, size // 2, size):
        right = left[:shared] + [rng.getrandbits(64) for _ in range(size - shared)]
        found = jaccard(hashes(left * 2), 2 * size, hashes(right), size)
        assert found == oracle.share(frozenset(left), frozenset(right))


@given(st.lists(st.integers(0, 4), max_size=90), st.lists(st.integers(0, 5), max_size=90))
def test_the_common_subsequence_is_that_of_the_table(needle, hay):
    if needle:
        assert subsequence(needle, hay) == oracle.common_subsequence(needle, hay)


@pytest.mark.parametrize("size", [1, 2, 62, 63, 64, 65, 66, 127, 128, 129, 191, 192, 193, 300])
@pytest.mark.parametrize("letters", [2, 5, 1000])
def test_common_subsequences_across_blocks(size, letters):
    rng = helpers.seeded(size * letters)
    needle = [rng.randrange(letters) for _ in range(size)]
    for hay in (
        needle,
        needle[::-1],
        needle[1:],
        [-1, *needle],
        [rng.randrange(letters) for _ in range(150)],
    ):
        hay = [value + 1 for value in hay]
        wanted = [value + 1 for value in needle]
        assert subsequence(wanted, hay) == oracle.common_subsequence(wanted, hay)


@pytest.mark.parametrize("bounds", [(0, 0), (3, 3), (0, 5), (4, 20), (19, 20)])
def test_only_the_window_is_looked_at(bounds):
    hay = list(range(1, 21))
    found = common_subsequence(hashes(hay), 20, hashes(hay), *bounds)
    assert found == bounds[1] - bounds[0]


@given(st.integers(1, 60), st.integers(0, 200), st.randoms(use_true_random=False))
def test_a_window_lies_inside_and_has_the_size_of_the_needle(needle, hay, rng):
    start, stop = window(
        hashes(rng.choices(range(9), k=needle)), needle, hashes(rng.choices(range(9), k=hay)), hay
    )
    assert 0 <= start <= stop <= hay
    if hay <= needle + needle // 4:
        assert (start, stop) == (0, hay)
    elif needle >= 5:
        assert stop - start <= needle + 2 * max(1, needle // 4)


@pytest.mark.parametrize("shingle", helpers.SHINGLES)
def test_similarities_are_exact(shingle):
    """Texts of 0 to 80 words, near ones and far ones, in all scripts."""
    rng = helpers.seeded(31)
    texts = [
        *helpers.SAMPLES,
        *(f"{a} {b}" for a, b in zip(helpers.SAMPLES, helpers.SAMPLES[1:], strict=False)),
    ]
    for size in (1, 2, 3, 4, 5, 6, 15, 28, 29, 30, 31, 32, 80):
        base = rng.choices(WORDS, k=size)
        texts += [
            " ".join(base),
            *(" ".join(helpers.edited(rng, base, WORDS, edits)) for edits in (1, 2, 5) if size > edits),
        ]
    pairs = [
        (a, b) for a in range(len(texts)) for b in range(len(texts)) if abs(a - b) < 6 or (a + b) % 5 == 0
    ]
    corpus = oracle.Corpus(texts)
    assert alike(texts, texts, pairs, shingle) == [corpus.jaccard(a, corpus, b, shingle) for a, b in pairs]


def test_in_auto_the_shorter_side_decides_the_shingle():
    words = WORDS[:SHORT]
    left, right = " ".join(words), " ".join([*words[:-1], words[-1] + "x"])
    one_less = " ".join(words[:-1])
    assert alike([left], [right], [(0, 0)], "auto") == alike([left], [right], [(0, 0)], "w5") == [25 / 27]
    assert alike([left], [one_less], [(0, 0)], "auto") == alike([left], [one_less], [(0, 0)], "c5")
    assert alike([one_less], [left], [(0, 0)], "auto") == alike([left], [one_less], [(0, 0)], "c5")


@given(st.lists(st.text("ab é我", max_size=20), min_size=1, max_size=5), st.data())
def test_the_order_and_repeats_of_pairs_change_nothing(texts, draw):
    rows = st.integers(0, len(texts) - 1)
    pairs = draw.draw(st.lists(st.tuples(rows, rows), max_size=12))
    assert alike(texts, texts, pairs, "auto") == [
        oracle.jaccard(texts[a], texts[b], "auto") for a, b in pairs
    ]
    assert covered(texts, texts, pairs)[:, 0].tolist() == [
        covered(texts, texts, [pair])[0, 0] for pair in pairs
    ]


def test_chunks_of_pairs_change_nothing(monkeypatch):
    rng = helpers.seeded(32)
    base = rng.choices(WORDS, k=12)
    texts = [" ".join(helpers.edited(rng, base, WORDS, rng.randint(0, 6))) for _ in range(12)]
    pairs = [(a, b) for a in range(12) for b in range(12)]
    rng.shuffle(pairs)
    whole = alike(texts, texts, pairs, "auto"), covered(texts, texts, pairs).tolist()
    for chunk in (1, 7, 143, 144):
        monkeypatch.setattr(align, "CHUNK", chunk)
        assert (alike(texts, texts, pairs, "auto"), covered(texts, texts, pairs).tolist()) == whole


def test_coverage_of_texts_of_like_length_is_the_common_subsequence():
    """Up to 29 words always; longer ones where a quarter of the 5-grams agree."""
    rng = helpers.seeded(33)
    evals, train = [], []
    for _ in range(300):
        base = rng.choices(WORDS[: rng.choice([5, 50, 3000])], k=rng.randint(8, 60))
        evals.append(" ".join(base))
        train.append(" ".join(helpers.edited(rng, base, WORDS, rng.randint(0, 6))))
    pairs = [(row, row) for row in range(300)]
    checked = 0
    for row, found in enumerate(covered(train, evals, pairs)[:, 0].tolist()):
        needle, hay = oracle.fold(evals[row]), oracle.fold(train[row])
        if len(hay) > len(needle) + len(needle) // 2:
            continue
        share = oracle.containment(needle, hay)
        if len(needle) >= 30 and share < 0.2:
            assert found == 0
        elif len(needle) < 30 or share > 0.3:
            assert found == oracle.common_subsequence(needle, hay) / len(needle)
            checked += 1
    assert checked > 200


@pytest.mark.parametrize("size", [5, 6, 9, 29, 30, 31, 64, 65, 150])
def test_a_text_inside_a_longer_one_is_covered_in_full(size):
    rng = helpers.seeded(size)
    text = rng.sample(WORDS, k=size)
    for before in (0, 1, 2, size // 4, size, 7 * size, 1000):
        for after in (0, 1, size, 1000):
            hay = [*rng.choices(WORDS, k=before), *text, *rng.choices(WORDS, k=after)]
            assert covered([" ".join(hay)], [" ".join(text)], [(0, 0)])[0, 0] == 1


@pytest.mark.parametrize("sentence", [1, 20])
def test_a_text_that_repeats_itself_inside_a_longer_one_is_covered_in_full(sentence):
    """The best matching window holds all of it, wherever the single grams first stand."""
    rng = helpers.seeded(sentence)
    text = rng.sample(WORDS, k=sentence) * (100 // sentence)
    found = []
    for before in range(0, 100, 9):
        hay = [*rng.choices(WORDS, k=before), *text, *rng.choices(WORDS, k=200)]
        found.append(covered([" ".join(hay)], [" ".join(text)], [(0, 0)])[0, 0])
    assert found == [1] * len(found)


@pytest.mark.parametrize("size", [12, 30, 100])
def test_light_edits_inside_a_longer_text_cost_a_word_each(size):
    rng = helpers.seeded(size)
    text = rng.sample(WORDS, k=size)
    for place in range(size):
        copy = [*text[:place], "REPLACED", *text[place + 1 :]]
        hay = [*rng.choices(WORDS, k=90), *copy, *rng.choices(WORDS, k=300)]
        assert covered([" ".join(hay)], [" ".join(text)], [(0, 0)])[0, 0] == pytest.approx((size - 1) / size)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=60), st.lists(st.integers(0, 6), max_size=200))
def test_coverage_never_exceeds_what_stands_in_order_in_the_whole_text(needle, hay):
    evals, train = [WORDS[i] for i in needle], [WORDS[i] for i in hay]
    found = covered([" ".join(train)], [" ".join(evals)], [(0, 0)])[0, 0]
    assert 0 <= found <= oracle.common_subsequence(evals, train) / len(evals)


def test_scattered_words_are_no_copy():
    """All words of the eval text stand in the training text in order, but far apart."""
    rng = helpers.seeded(34)
    text = rng.sample(WORDS, k=40)
    hay = [word for kept in text for word in (kept, *rng.choices(WORDS, k=9))]
    assert covered([" ".join(hay)], [" ".join(text)], [(0, 0)])[0, 0] == 0


def test_few_words_are_not_looked_for_inside_longer_texts():
    assert covered(["one two three four and so on"], ["one two three four"], [(0, 0)])[0, 0] == 0


def test_a_prompt_is_covered_on_its_own():
    rng = helpers.seeded(35)
    words = rng.sample(WORDS, k=60)
    ask, say, other = (" ".join(words[start : start + 20]) for start in (0, 20, 40))
    evals = helpers.asked("eval", [(ask, say), (ask, ""), ("", say), (f"{ask}?", "!"), ("", "")])
    train = [f"{ask} {other}", f"{other} {say}", other]
    found = covered(train, evals, [(a, b) for b in range(5) for a in range(3)])
    assert found[:, 1].tolist() == [1, 0, 0] + [0] * 12
    assert found[:, 0].tolist() == [0.5, 0.5, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0]


def test_prompts_cut_at_any_word():
    rng = helpers.seeded(36)
    words = rng.sample(WORDS, k=24)
    turns = [(" ".join(words[:cut]), " ".join(words[cut:])) for cut in range(25)]
    train = [" ".join(words[:16])]
    found = covered(train, helpers.asked("eval", turns), [(0, row) for row in range(25)])
    # The whole is longer than the training text, so all of it is compared; a prompt of 24 words is no part.
    assert found[:, 0].tolist() == [16 / 24] * 25
    expected = [0.0] * 5 + [1.0] * 12 + [16 / size for size in range(17, 24)] + [0.0]
    assert found[:, 1].tolist() == expected


def test_giant_texts_are_compared():
    rng = helpers.seeded(37)
    text = rng.choices(WORDS, k=30_000)
    half = " ".join(text[10_000:11_000])
    found = covered([" ".join(text), half], [half, " ".join(text)], [(0, 0), (1, 1), (0, 1)])
    assert found[:, 0].tolist() == [1, 0, 1]
    assert alike([" ".join(text)], [" ".join(text)], [(0, 0)], "auto") == [1.0]

"""Weighted terms against a TF-IDF in plain Python, which shares no line of code with them."""

from collections import Counter
from itertools import pairwise
from math import log, sqrt

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checks.labels.terms import RARE, Terms, vocabulary, weigh
from checks.text.texts import TextArrays, Texts
from tests import helpers, oracle

WORDS = helpers.vocabulary(400, seed=3)
KINDS = ("words", "characters")


def arrays(texts: list[str]) -> TextArrays:
    return Texts(helpers.split("train", texts)).pick(np.arange(len(texts)))


def weighed(texts: list[str], kind: str, known: list[str] | None = None) -> Terms:
    return weigh(arrays(texts), vocabulary(arrays(texts if known is None else known), kind))


def dense(terms: Terms, size: int | None = None) -> np.ndarray:
    size = (int(terms.ids.max()) + 1 if len(terms.ids) else 0) if size is None else size
    table = np.zeros((len(terms.starts) - 1, size))
    for row in range(len(table)):
        here = slice(terms.starts[row], terms.starts[row + 1])
        assert len(set(terms.ids[here].tolist())) == len(terms.ids[here]), "a term stands once in a row"
        table[row, terms.ids[here]] = terms.weights[here]
    return table


def terms_of(text: str, kind: str) -> Counter[tuple[str, ...]]:
    words = oracle.fold(text)
    if kind == "words":
        return Counter([*((word,) for word in words), *pairwise(words)])
    return Counter((f" {word} "[i : i + 4],) for word in words for i in range(max(1, len(word) - 1)))


def tf_idf(texts: list[str], kind: str, known: list[str] | None = None) -> list[dict[tuple[str, ...], float]]:
    """Rows of {term: weight}."""
    counts = [terms_of(text, kind) for text in (texts if known is None else known)]
    held = Counter(term for one in counts for term in one)
    rows = []
    for one in (terms_of(text, kind) for text in texts):
        row = {
            term: (1 + log(count)) * (1 + log((1 + len(counts)) / (1 + held[term])))
            for term, count in one.items()
            if held[term] >= 2
        }
        length = sqrt(sum(weight**2 for weight in row.values()))
        rows.append({term: weight / length for term, weight in row.items()})
    return rows


def assert_same(found: Terms, wanted: list[dict[tuple[str, ...], float]]) -> None:
    """The same weights in each row, and the same products of rows, so the same terms but for their names."""
    names = {term: i for i, term in enumerate(sorted({term for row in wanted for term in row}))}
    table = np.zeros((len(wanted), len(names)))
    for i, row in enumerate(wanted):
        for term, weight in row.items():
            table[i, names[term]] = weight
    mine = dense(found)
    assert np.diff(found.starts).tolist() == [len(row) for row in wanted]
    for ours, theirs in zip(mine, table, strict=True):
        assert np.allclose(np.sort(ours[ours > 0]), np.sort(theirs[theirs > 0]), atol=1e-5)
    assert np.allclose(mine @ mine.T, table @ table.T, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_real_questions(kind):
    texts = helpers.column("banking77/train.csv", "text")[:60]
    assert_same(weighed(texts, kind), tf_idf(texts, kind))


@pytest.mark.parametrize("kind", KINDS)
def test_every_script(kind):
    texts = [
        *helpers.SAMPLES,
        *helpers.SAMPLES[::2],
        " ".join(helpers.SAMPLES),
        "ﷺ" * 40,
        "ﷺ",
        "😀",
        "👩‍👩‍👧‍👦 ❤️",
    ]
    assert_same(weighed(texts, kind), tf_idf(texts, kind))


@settings(max_examples=12)
@given(
    st.lists(st.lists(st.sampled_from([*WORDS[:12], "我", "ab", "A-b", "Straße"]), max_size=9), max_size=8)
)
@example([])
@example([[]])
@example([["我"], ["我"]])
def test_texts_of_few_words(rows):
    texts = [" ".join(row) for row in rows]
    for kind in KINDS:
        assert_same(weighed(texts, kind), tf_idf(texts, kind))


@pytest.mark.parametrize("kind", KINDS)
def test_texts_that_were_not_counted(kind):
    texts = helpers.column("banking77/train.csv", "text")
    known, new = texts[:40], texts[5000:5030]
    assert_same(weighed(new, kind, known), tf_idf(new, kind, known))


@pytest.mark.parametrize("kind", KINDS)
def test_texts_that_share_nothing_have_no_terms(kind):
    for texts in ([], [""], ["one"], ["", " ", "!?"], ["alpha", "omega", ""]):
        found = weighed(texts, kind)
        assert (len(found.ids), found.starts.tolist()) == (0, [0] * (len(texts) + 1))


def test_repeated_texts_weigh_the_same():
    table = dense(weighed([f"{WORDS[0]} {WORDS[1]}"] * 3 + [f"{WORDS[0].upper()}, {WORDS[1]}!"], "words"))
    assert table.shape == (4, 3), "two words and their pair"
    assert np.ptp(table, axis=0).max() == 0


@settings(max_examples=5)
@given(
    st.lists(st.lists(st.sampled_from(WORDS[:20]), max_size=8), max_size=8), st.randoms(use_true_random=False)
)
def test_the_order_of_rows_orders_rows_alone(rows, rng):
    texts = [" ".join(row) for row in rows]
    order = list(range(len(texts)))
    rng.shuffle(order)
    for kind in KINDS:
        known = vocabulary(arrays(texts), kind)
        moved = vocabulary(arrays([texts[i] for i in order]), kind)
        assert np.array_equal(known.ids, moved.ids)
        table = dense(weigh(arrays(texts), known), len(known.rarity))
        other = dense(weigh(arrays([texts[i] for i in order]), moved), len(known.rarity))
        assert np.array_equal(table[order], other)


@pytest.mark.parametrize("kind", KINDS)
def test_a_cap_leaves_out_the_rarest_terms(kind):
    rng = helpers.seeded(5)
    texts = [" ".join(rng.choices(WORDS[:30], range(30, 0, -1), k=4)) for _ in range(200)]
    held = Counter(term for text in texts for term in terms_of(text, kind))
    for most in (10, 50, 10_000):
        known = vocabulary(arrays(texts), kind, most)
        assert len(known.rarity) <= most
        assert len(known.rarity) == sum(count >= known.least for count in held.values())
        if known.least > RARE:
            rarest = max(count for count in held.values() if count < known.least)
            assert sum(count >= rarest for count in held.values()) > most, "as many as there is room for"


def test_a_long_text_of_few_terms():
    """20 MB: far more terms than there is room for at first, then but one that is known."""
    found = weighed([f"{WORDS[0]} " * 2_000_000, WORDS[0]], "words")
    assert (found.starts.tolist(), found.weights.tolist()) == ([0, 1, 2], [pytest.approx(1)] * 2)


def test_a_text_of_more_terms_than_bytes():
    """A ligature of three bytes unfolds into eighteen characters of four words."""
    texts = ["ﷺ", " ".join(["ﷺ"] * 3), "a b c d e f g h"] * 2
    for kind in KINDS:
        assert_same(weighed(texts, kind), tf_idf(texts, kind))

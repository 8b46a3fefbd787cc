"""Duplicates within a split: exact groups, and near-duplicates against the all-pairs join of the oracle."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.contract import Part, Shingle, Split
from checks.text import clusters, copies
from checks.text.clusters import Clusters, eval_clusters, train_clusters
from checks.text.copies import exact_groups, in_order
from checks.text.scan import scan
from tests import helpers, oracle

WORDS = helpers.vocabulary(3000, seed=41)
SHORT_TEXTS = st.lists(st.text("abé 我", max_size=12), max_size=12)


def found(texts: Sequence[str] | Split, shingle: Shingle = "auto", threshold: float = 0.8) -> Clusters:
    return train_clusters(helpers.data(texts, shingle=shingle, threshold=threshold))


def checked(
    texts: Sequence[str], shingle: Shingle = "auto", threshold: float = 0.8
) -> tuple[Clusters, int, int]:
    """Clusters after a check of all they promise; also (near pairs of the oracle left standing, all near pairs)."""
    made, corpus = found(texts, shingle, threshold), oracle.Corpus(texts)
    rows = range(len(texts))
    words, blank = corpus.words, scan(helpers.data(texts)).train.blank
    first = dict[tuple[str, ...], int]()
    for row in rows:
        same = made.first[row]
        if words[row]:
            assert same == first.setdefault(tuple(words[row]), row)
        elif blank[row]:
            assert same == row
        assert made.exact[row] == (same != row)
        keeper = int(made.keeper[row])
        assert made.keeper[keeper] == keeper, "the row that represents others stays"
        assert (keeper != row) == (made.exact[row] or made.near[row])
        assert not (made.exact[row] and made.near[row])
        if words[row]:
            assert made.similarity[row] == corpus.jaccard(row, corpus, keeper, shingle)
        assert made.similarity[row] >= (threshold if keeper != row else 1)
    near = oracle.near_pairs(texts, shingle, threshold)
    standing = sum(made.keeper[a] == a and made.keeper[b] == b for a, b in near)
    return made, standing, len(near)


def shape(texts: Sequence[str], made: Clusters) -> tuple[Counter[int], set[tuple[str, ...]]]:
    """What must not depend on the order of the rows: sizes of the clusters, folded texts of the rows that stay."""
    kept = {tuple(oracle.fold(texts[row])) for row in np.flatnonzero(made.keeper == np.arange(len(texts)))}
    return Counter(Counter(made.keeper.tolist()).values()), kept


def test_unrelated_texts_all_stay():
    rng = helpers.seeded(1)
    made = found([" ".join(rng.choices(WORDS, k=rng.randint(1, 80))) + f" {row}" for row in range(2000)])
    assert not made.exact.any()
    assert not made.near.any()
    assert made.keeper.tolist() == made.first.tolist() == list(range(2000))
    assert set(made.similarity.tolist()) == {1.0}
    assert made.uncompared == 0


def test_rows_that_only_share_a_template_stay():
    rng = helpers.seeded(2)
    texts = [f"Translate the following sentence: {' '.join(rng.choices(WORDS, k=20))}" for _ in range(500)]
    assert not found(texts).near.any()


@pytest.mark.parametrize("texts", [["one"], ["", " ", "\n\t"], ["😀", "😎"], ["a", "b", "c"], ["我", "们"]])
def test_few_different_rows_all_stay(texts):
    made = found(texts)
    assert made.keeper.tolist() == list(range(len(texts)))
    assert not made.exact.any()


def test_no_rows_at_all():
    made = found([])
    assert len(made.first) == len(made.keeper) == 0
    assert made.uncompared == 0


def test_rows_that_show_nothing_are_no_copies_of_each_other():
    made = found(["", "word", " ", "word", "\n"])
    assert made.first.tolist() == [0, 1, 2, 1, 4]
    assert made.exact.tolist() == [False, False, False, True, False]


@pytest.mark.parametrize("blank", ["\u00a0", "\u3000\u2028", "\u200b\ufeff\u00ad"])
def test_spaces_and_format_characters_of_unicode_show_nothing(blank):
    assert scan(helpers.data([blank, "x", blank * 2])).train.blank.tolist() == [True, False, True]


def test_symbols_are_copies_only_if_they_are_the_same_symbols():
    made = found(["😀", "😎", "😀", " 😀\n", "...", "😀😀", "...", "!"])
    assert made.first.tolist() == [0, 1, 0, 0, 4, 5, 4, 7]
    assert not made.near.any()


@pytest.mark.parametrize(
    "text", ["word", "我们昨天在北京吃了烤鸭", "a " * 50, "x" * 100_000, *helpers.SAMPLES[:9]]
)
def test_identical_rows_are_one(text):
    made = found([text] * 300)
    assert made.first.tolist() == made.keeper.tolist() == [0] * 300
    assert made.exact.sum() == 299
    assert not made.near.any()


def test_copies_of_a_near_duplicate_share_its_keeper():
    base = " ".join(WORDS[:60])
    texts = [base, f"{base} {WORDS[70]}", base.upper(), f"{base} {WORDS[70]}!", "something else"]
    made, standing, near = checked(texts)
    assert (standing, near) == (0, 6)
    assert made.exact.tolist() == [False, False, True, True, False]
    assert made.near.sum() == 1
    assert len({*made.keeper[:4].tolist()}) == 1
    leaver = int(np.flatnonzero(made.near)[0])
    copies = [row for row in range(4) if made.first[row] == leaver]
    assert {float(made.similarity[row]) for row in copies} == {56 / 57}


@given(SHORT_TEXTS, st.sampled_from(helpers.SHINGLES))
def test_promises_hold_for_any_small_split(texts, shingle):
    _, standing, _ = checked(texts, shingle)
    assert standing == 0


@given(st.lists(st.text(st.characters(exclude_categories=("Cs", "Cn")), max_size=6), max_size=12))
def test_rows_are_exact_copies_exactly_if_their_words_are_equal(texts):
    checked(texts)


@pytest.mark.parametrize("shingle", helpers.SHINGLES)
@pytest.mark.parametrize("words", [(2, 9), (10, 28), (25, 45), (60, 90)])
@pytest.mark.parametrize("threshold", [0.6, 0.8])
def test_planted_near_duplicates_against_all_pairs(shingle, words, threshold):
    rng = helpers.seeded(words[0])
    texts = helpers.planted(rng, WORDS, rows=80, words=words)
    made, standing, near = checked(texts, shingle, threshold)
    assert standing == 0
    assert near > 10
    assert made.uncompared == 0


@pytest.mark.parametrize("words", [(3, 12), (20, 60)])
def test_the_order_of_the_rows_changes_nothing(words):
    rng = helpers.seeded(7)
    texts = helpers.planted(rng, WORDS, rows=600, words=words)
    expected = shape(texts, found(texts))
    assert expected[0][1] < 500
    for _ in range(4):
        rng.shuffle(texts)
        assert shape(texts, found(texts)) == expected


def test_batches_and_files_change_nothing():
    rng = helpers.seeded(8)
    texts = helpers.planted(rng, WORDS, rows=300, words=(5, 40))
    whole = found(texts)
    for batch in (1, 7, 299):
        parts = tuple(
            Part(file=f"{start}.jsonl", table=helpers.table(texts[start : start + 100], batch=batch))
            for start in range(0, 300, 100)
        )
        made = found(Split(role="train", parts=parts))
        assert made.keeper.tolist() == whole.keeper.tolist()
        assert made.similarity.tolist() == whole.similarity.tolist()


def test_no_chains():
    """Each text differs a little from the one before: the ends are unlike, so several must stay."""
    rng = helpers.seeded(9)
    words = rng.sample(WORDS, k=60)
    texts = [" ".join(words)]
    for place in range(60):
        words[place] = rng.choice(WORDS)
        texts.append(" ".join(words))
    made, standing, _ = checked(texts)
    assert standing == 0
    assert 5 < (made.keeper == np.arange(61)).sum() < 61


@pytest.mark.parametrize("words", [6, 10, 30, 62])
def test_pairs_at_the_threshold_are_found(words):
    """Pairs of similarity .8 exactly, by word trigrams: .999 of them must be found, in texts of any length."""
    rng = helpers.seeded(words)
    more, pairs = (words - 2) // 4, 2500
    bases = [rng.sample(WORDS, k=words + more) for _ in range(pairs)]
    texts = [" ".join(base[:size]) for base in bases for size in (words, words + more)]
    assert oracle.jaccard(texts[0], texts[1], "w3") == 0.8
    made = found(texts, "w3")
    assert pairs - made.near.sum() <= 0.001 * pairs
    assert all(made.keeper[row] // 2 == row // 2 for row in range(2 * pairs))


def test_a_large_planted_set_loses_at_most_one_pair_in_a_thousand():
    """3,000 texts with one edited copy each, in auto; what the oracle calls near must not stand twice."""
    rng = helpers.seeded(10)
    texts = []
    for _ in range(3000):
        base = rng.choices(WORDS, k=rng.randint(6, 70))
        texts += [" ".join(base), " ".join(helpers.edited(rng, base, WORDS, 1 + len(base) // 40))]
    made, corpus = found(texts), oracle.Corpus(texts)
    near = [row for row in range(0, 6000, 2) if corpus.jaccard(row, corpus, row + 1, "auto") >= 0.8]
    standing = sum(made.keeper[row] == row and made.keeper[row + 1] == row + 1 for row in near)
    assert len(near) > 1500
    assert standing <= 0.001 * len(near)
    assert all(made.keeper[row] // 2 == row // 2 for row in range(6000)), "no false pair"


def test_short_and_long_texts_meet_in_auto():
    """A text of 29 words and its copies of 30 to 36 words are compared by characters."""
    words = [word for word in WORDS if len(word) > 6][:36]
    texts = [" ".join(words[:29]), *(" ".join(words[:size]) for size in range(30, 36))]
    made, standing, near = checked(texts)
    assert standing == 0
    assert near > 10
    assert made.near.sum() >= 5


@pytest.mark.parametrize(
    ("short", "long"),
    [
        pytest.param("ha ha ho " * 9, "ha ha ho " * 20, id="repeats"),
        pytest.param(
            " ".join(f"internationalization{i}" for i in range(28)),
            " ".join([*(f"internationalization{i}" for i in range(27)), *"internationalization"]),
            id="long words",
        ),
    ],
)
def test_short_texts_are_not_looked_for_among_much_longer_ones(short, long):
    """The documented limit of `auto`: under 30 words against 40 and more, though alike by characters."""
    assert oracle.jaccard(short, long, "auto") >= 0.8
    assert found([short, long]).near.sum() == 0
    assert found([short, long], "c5").near.sum() == 1


@pytest.mark.parametrize("variants", [400, 3000])
def test_boilerplate_costs_a_comparison_or_two_a_row(variants, monkeypatch):
    """Near-identical rows collapse onto one keeper without a comparison of all pairs."""
    compared = 0
    exact = clusters.similarities

    def counting(*args, **kwargs):
        nonlocal compared
        compared += len(args[2])
        return exact(*args, **kwargs)

    monkeypatch.setattr(clusters, "similarities", counting)
    texts = [" ".join([*WORDS[:80], f"number{row}"]) for row in range(variants)]
    made = found(texts)
    assert made.near.sum() == variants - 1
    assert len(set(made.keeper.tolist())) == 1
    assert compared < 2 * variants


def test_a_crowded_bucket_is_compared_with_its_first_rows_only():
    size = 1000
    bucket = np.concatenate((np.zeros(3, np.int64), np.ones(size, np.int64), np.full(2, 2)))
    member = np.concatenate((np.arange(3), np.arange(size) + 10, [5, 2000])).astype(np.int64)
    first, second, missed = clusters._pairs_within(bucket, member)
    pairs = set(zip(first.tolist(), second.tolist(), strict=True))
    assert len(pairs) == len(first)
    assert pairs >= {(0, 1), (0, 2), (1, 2), (5, 2000)}
    leaders = range(10, 10 + clusters.PATIENCE)
    expected = {(a, b) for a in leaders for b in range(a + 1, size + 10)}
    assert {pair for pair in pairs if pair[0] >= 10 and pair[1] < 2000} == expected
    assert missed.tolist() == list(range(11 + clusters.PATIENCE, size + 10))


def test_rows_of_a_crowded_bucket_that_stay_are_counted():
    """Templates of similarity about .7: alike enough to share bands, too unlike to represent each other."""
    rng = helpers.seeded(12)
    texts = [" ".join([*WORDS[:60], *rng.sample(WORDS[100:], k=12)]) for _ in range(600)]
    made = found(texts, "w5")
    assert 300 < made.uncompared < 600
    assert not made.near.any()
    assert found(texts[: clusters.PATIENCE], "w5").uncompared == 0


def test_rows_are_grouped_by_all_128_bits_of_their_hash():
    text = np.array([[5, 1], [5, 2], [3, 9], [5, 1], [3, 9], [5, 2], [0, 0]], np.uint64)
    assert exact_groups(text).tolist() == [0, 1, 2, 0, 2, 1, 6]
    assert in_order(text, np.arange(7)).tolist() == [6, 2, 4, 0, 3, 1, 5]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=20), st.integers(1, 9))
def test_exact_groups_are_those_of_the_hashes(rows, at_once):
    text = np.array([(one << 62, two) for one, two in rows], np.uint64).reshape(-1, 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(copies, "AT_ONCE", at_once)
        assert exact_groups(text).tolist() == [rows.index(row) for row in rows]
    some = np.arange(0, len(rows), 2)
    assert in_order(text, some).tolist() == sorted(some.tolist(), key=lambda row: (rows[row], row))


def test_eval_rows_are_clustered_by_themselves():
    base = " ".join(WORDS[:40])
    made = helpers.data([base], [base, base.title(), "other", f"{base} {WORDS[50]}"])
    evals = eval_clusters(made)
    assert evals is not None
    assert evals.exact.tolist() == [False, True, False, False]
    assert evals.near.sum() == 1
    assert train_clusters(made).keeper.tolist() == [0]
    assert eval_clusters(helpers.data([base])) is None

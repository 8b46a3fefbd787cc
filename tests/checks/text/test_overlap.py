"""Eval texts in training texts: every judged pair is exact, and near pairs are those of the oracle."""

import random
import unicodedata
from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.contract import Data, Shingle
from checks.text import probe
from checks.text.clusters import eval_clusters, train_clusters
from checks.text.containment import MOST
from checks.text.overlap import Overlap, overlap
from tests import helpers, oracle

WORDS = helpers.vocabulary(3000, seed=61)


def judged(data: Data) -> Overlap:
    made = data.once(overlap)
    assert made is not None
    return made


def best(data: Data, name: str = "jaccard") -> np.ndarray:
    """Per eval row the largest value over its pairs."""
    made, evals = judged(data), data.once(eval_clusters)
    assert evals is not None
    out = np.zeros(len(evals.first))
    np.maximum.at(out, made.eval, getattr(made, name))
    return out[evals.first]


def near(data: Data) -> set[tuple[int, int]]:
    """(train, eval) pairs at or above the threshold."""
    made = judged(data)
    chosen = made.jaccard >= data.text.threshold
    return set(zip(made.train[chosen].tolist(), made.eval[chosen].tolist(), strict=True))


def checked(
    train: Sequence[str], evals: Sequence[str], shingle: Shingle = "auto", threshold: float = 0.8
) -> tuple[int, int]:
    """(near pairs of the oracle that were missed, all of them), after a check that no judged pair is wrong."""
    made = helpers.data(train, evals, shingle=shingle, threshold=threshold)
    pairs, ours, theirs = judged(made), made.once(train_clusters), made.once(eval_clusters)
    assert theirs is not None
    left, right = oracle.Corpus(train), oracle.Corpus(evals)
    for n, (a, b) in enumerate(zip(pairs.train.tolist(), pairs.eval.tolist(), strict=True)):
        assert ours.first[a] == a
        assert theirs.first[b] == b
        exact = left.jaccard(a, right, b, shingle)
        if left.words[a] or right.words[b]:
            assert pairs.exact[n] == (left.words[a] == right.words[b])
        assert pairs.jaccard[n] in (0, exact), "exact or not measured"
        common = oracle.common_subsequence(right.words[b], left.words[a])
        assert pairs.coverage[n] <= common / max(1, len(right.words[b]))
        assert pairs.coverage[n] >= (pairs.exact[n] if right.words[b] else 0)
    firsts = product(np.unique(ours.first).tolist(), np.unique(theirs.first).tolist())
    expected = {(a, b) for a, b in firsts if left.jaccard(a, right, b, shingle) >= threshold}
    found = near(made)
    assert found <= expected, "no false pair"
    return len(expected - found), len(expected)


def copied(rng: random.Random, train: Sequence[str], rows: int) -> list[str]:
    """Eval texts of which half are edited copies of training texts."""
    out = list[str]()
    for _ in range(rows):
        source = rng.choice(train).split() if rng.random() < 0.5 else rng.choices(WORDS, k=rng.randint(1, 60))
        out.append(" ".join(helpers.edited(rng, source, WORDS, rng.randint(0, 1 + len(source) // 15))))
    return out


def test_unrelated_splits_overlap_nowhere():
    rng = helpers.seeded(1)
    train, evals = (
        [" ".join(rng.choices(WORDS, k=rng.randint(3, 60))) for _ in range(800)] for _ in range(2)
    )
    made = judged(helpers.data(train, evals))
    assert not made.exact.any()
    assert made.jaccard.max(initial=0) < 0.6
    assert made.coverage.max(initial=0) < 0.6
    assert not made.same_prompt.any()
    assert not made.crowded.any()
    assert set(made.prompt_witness.tolist()) == {-1}


def test_a_shared_template_is_no_near_duplicate():
    rng = helpers.seeded(2)
    train, evals = (
        [
            f"Please translate this sentence into French: {' '.join(rng.choices(WORDS, k=25))}"
            for _ in range(300)
        ]
        for _ in range(2)
    )
    made = judged(helpers.data(train, evals))
    assert not (made.jaccard >= 0.8).any()
    assert not (made.coverage >= 0.6).any()


def test_without_an_eval_split_there_is_no_overlap():
    assert overlap(helpers.data(["a"])) is None


@pytest.mark.parametrize(("train", "evals"), [([], ["a"]), (["a"], []), ([], []), (["a"], ["b"])])
def test_splits_with_nothing_in_common(train, evals):
    made = judged(helpers.data(train, evals))
    assert not made.exact.any()
    assert len(made.same_prompt) == len(made.crowded) == len(evals)


@pytest.mark.parametrize("blank", ["", "\n\t\0"])
def test_rows_that_show_nothing_are_no_leak(blank):
    made = judged(helpers.data(["word", "", " \n"], [blank, "other"]))
    assert not made.exact.any()
    assert len(made.train) == 0


def test_equal_symbols_are_an_exact_copy():
    made = judged(helpers.data(["😀", "...", "word"], ["😀", "😎", "…"]))
    assert list(zip(made.train.tolist(), made.eval.tolist(), made.exact.tolist(), strict=True)) == [
        (0, 0, True)
    ]


@pytest.mark.parametrize("sample", [sample for sample in helpers.SAMPLES if sample.strip()])
def test_a_copy_is_found_however_it_is_written(sample):
    made = judged(helpers.data(["x", unicodedata.normalize("NFD", sample), "y"], ["z", f"  {sample}\n"]))
    assert made.train[made.exact].tolist() == [1]
    assert made.eval[made.exact].tolist() == [1]


def test_copies_are_judged_once_for_each_pair_of_texts():
    text = " ".join(WORDS[:30])
    made = judged(helpers.data([text, text.upper(), f"{text}!", "other"], ["none", text.title(), text]))
    assert list(zip(made.train.tolist(), made.eval.tolist(), strict=True)) == [(0, 1)]
    assert made.exact.tolist() == [True]
    assert made.jaccard.tolist() == made.coverage.tolist() == [1.0]


@pytest.mark.parametrize("shingle", helpers.SHINGLES)
@pytest.mark.parametrize("words", [(1, 9), (10, 28), (25, 45), (60, 90)])
@pytest.mark.parametrize("threshold", [0.6, 0.8])
def test_planted_near_duplicates_against_all_pairs(shingle: Shingle, words, threshold):
    rng = helpers.seeded(words[1])
    train = helpers.planted(rng, WORDS, rows=60, words=words)
    missed, number = checked(train, copied(rng, train, 40), shingle, threshold)
    assert missed == 0
    assert number > 2


@given(
    st.lists(st.text("abé 我", max_size=12), max_size=8), st.lists(st.text("abé 我", max_size=12), max_size=8)
)
def test_no_pair_of_small_splits_is_wrong_or_missed(train, evals):
    if train and any(text.strip() for text in train):
        missed, _ = checked([*train, "never blank"], [text if text.strip() else "a b" for text in evals])
        assert missed == 0


@pytest.mark.parametrize("shingle", helpers.SHINGLES)
def test_the_best_match_of_every_eval_row_is_that_of_the_oracle(shingle: Shingle):
    rng = helpers.seeded(4)
    train = [*helpers.planted(rng, WORDS, rows=120, words=(2, 60)), *helpers.SAMPLES]
    evals = [*copied(rng, train, 60), *helpers.SAMPLES[:11]]
    found = best(helpers.data(train, evals, shingle=shingle)).tolist()
    for ours, theirs in zip(found, oracle.best_matches(evals, train, shingle), strict=True):
        assert ours == theirs if theirs >= 0.8 else ours <= theirs


def test_a_large_planted_set_loses_at_most_one_pair_in_a_thousand():
    """3,000 eval texts, each an edited copy of a training text, in auto."""
    rng = helpers.seeded(5)
    train = [" ".join(rng.choices(WORDS, k=rng.randint(6, 70))) for _ in range(3000)]
    evals = [
        " ".join(helpers.edited(rng, text.split(), WORDS, 1 + len(text.split()) // 40)) for text in train
    ]
    found, left, right = near(helpers.data(train, evals)), oracle.Corpus(train), oracle.Corpus(evals)
    expected = {(row, row) for row in range(3000) if left.jaccard(row, right, row, "auto") >= 0.8}
    assert len(expected) > 1500
    assert found <= expected
    assert len(expected - found) <= 0.001 * len(expected)


def test_row_order_batches_and_files_change_nothing():
    rng = helpers.seeded(6)
    train = helpers.planted(rng, WORDS, rows=200, words=(3, 50))
    evals = copied(rng, train, 80)

    def shape(made: Overlap, order: Sequence[int], other: Sequence[int]) -> set[tuple[object, ...]]:
        text, needle = [train[row] for row in order], [evals[row] for row in other]
        return {
            (tuple(oracle.fold(text[a])), tuple(oracle.fold(needle[b])), *values)
            for a, b, *values in zip(
                made.train.tolist(), made.eval.tolist(), made.jaccard.tolist(), made.coverage.tolist(),
                made.exact.tolist(), strict=True,
            )
        }  # fmt: skip

    expected = shape(judged(helpers.data(train, evals)), range(200), range(80))
    assert len(expected) > 50
    for batch in (1, 37, None):
        order, other = rng.sample(range(200), 200), rng.sample(range(80), 80)
        ours = helpers.split("train", [train[row] for row in order], batch=batch)
        theirs = helpers.split("eval", [evals[row] for row in other], batch=batch)
        assert shape(judged(helpers.data(ours, theirs)), order, other) == expected


@pytest.mark.parametrize("size", [5, 12, 30, 90])
@pytest.mark.parametrize("around", [0, 3, 200])
def test_an_embedded_text_is_covered_in_full(size, around):
    rng = helpers.seeded(size)
    evals = [" ".join(rng.sample(WORDS, k=size)) for _ in range(15)]
    sides = [" ".join(rng.choices(WORDS, k=around)) for _ in range(30)]
    train = [f"{sides[row]} {text.upper()}. {sides[-row - 1]}" for row, text in enumerate(evals)]
    made = judged(helpers.data(train, evals))
    full = made.coverage == 1
    assert {(row, row) for row in range(15)} == set(
        zip(made.train[full].tolist(), made.eval[full].tolist(), strict=True)
    )


def test_light_edits_are_covered_by_the_words_that_are_left():
    rng = helpers.seeded(7)
    evals = [rng.sample(WORDS, k=40) for _ in range(40)]
    train = [
        " ".join([*WORDS[:50], *text[:13], "EDIT", *text[14:27], *text[28:], *WORDS[50:90]]) for text in evals
    ]
    made = helpers.data(train, [" ".join(text) for text in evals])
    assert best(made, "coverage") == pytest.approx(38 / 40)


def test_the_same_prompt_with_another_answer():
    rng = helpers.seeded(8)
    asks = [" ".join(rng.sample(WORDS, k=size)) for size in (1, 3, 7, 8, 9, 20, 50)]
    says = [" ".join(rng.sample(WORDS, k=60)) for _ in range(20)]
    train = helpers.asked(
        "train", [*zip(asks, says, strict=False), (asks[3].upper(), says[7]), (says[0], asks[5])]
    )
    evals = helpers.asked(
        "eval", [*((ask, says[10]) for ask in asks), ("new prompt", says[11]), ("", asks[1])]
    )
    made = judged(helpers.data(train, evals))
    assert made.same_prompt.tolist() == [True] * 7 + [False, False]
    assert made.prompt_witness.tolist() == [0, 1, 2, 3, 4, 5, 6, -1, -1]
    assert not made.template_prompt.any()


def test_a_prompt_that_is_the_whole_text_is_no_prompt_of_its_own():
    made = judged(
        helpers.data(helpers.asked("train", [("ask this", "a")]), helpers.asked("eval", [("ask this", "")]))
    )
    assert not made.same_prompt.any()
    assert made.prompt_coverage.max(initial=0) == 0


def test_rows_without_prompts_have_no_prompt_in_common():
    made = judged(helpers.data(["a b c", "d"], helpers.asked("eval", [("a b c", "x"), ("", "y")])))
    assert not made.same_prompt.any()


@pytest.mark.parametrize(
    ("copies", "others", "template"), [(19, 0, False), (20, 0, True), (20, 2100, False), (22, 2100, True)]
)
def test_a_prompt_that_one_row_in_a_hundred_has_is_a_template(copies, others, template):
    turns = [("Summarize this:", f"text{row}") for row in range(copies)] + [
        (f"ask{row}", "x") for row in range(others)
    ]
    made = judged(
        helpers.data(
            helpers.asked("train", turns), helpers.asked("eval", [("summarize THIS", "other"), ("a", "b")])
        )
    )
    assert made.same_prompt.tolist() == [True, False]
    assert made.template_prompt.tolist() == [template, False]


def test_a_prompt_inside_a_longer_training_text_is_covered():
    rng = helpers.seeded(9)
    turns = [
        (" ".join(rng.sample(WORDS[:1500], k=size)), " ".join(rng.sample(WORDS[1500:], k=90)))
        for size in (8, 12, 40)
    ]
    train = [
        f"{' '.join(rng.choices(WORDS, k=30))} {ask} {' '.join(rng.choices(WORDS, k=30))}" for ask, _ in turns
    ]
    made = judged(helpers.data(train, helpers.asked("eval", turns)))
    found = {
        (a, b): c
        for a, b, c in zip(
            made.train.tolist(), made.eval.tolist(), made.prompt_coverage.tolist(), strict=True
        )
    }
    assert found == {(row, row): 1.0 for row in range(3)}


def test_eval_rows_of_crowded_buckets_are_named(monkeypatch):
    """Boilerplate on both sides: what is not judged is said, and what is judged stays exact."""
    monkeypatch.setattr(probe, "CROWD", 400)
    base = WORDS[:60]
    train = [" ".join([*base, f"train{row}"]) for row in range(120)]
    evals = [" ".join([*base, f"eval{row}"]) for row in range(90)] + ["something else entirely", *train[:1]]
    made = judged(helpers.data(train, evals, shingle="w5"))
    assert made.crowded.tolist() == [True] * 90 + [False, True]
    assert made.exact.sum() == 1
    assert (best(helpers.data(train, evals, shingle="w5"))[:90] >= 0.8).all()


def test_a_row_left_out_by_containment_is_named():
    rng = helpers.seeded(10)
    evals = [" ".join(rng.choices(WORDS, k=12)) for _ in range(100)]
    part = " ".join(" ".join(text.split()[:8]) for text in evals)
    made = judged(
        helpers.data(
            [f"{part} {row}" for row in range(MOST + 4)] + ["x"], [*evals, evals[0], "clean text of its own"]
        )
    )
    assert made.crowded.tolist()[-1] is False
    assert made.crowded.sum() > 50
    assert made.crowded[0] == made.crowded[100], "equal eval texts are one"

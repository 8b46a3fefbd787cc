"""Reviews: strata and lots against plain loops, the rate against plain draws and simulated reviews."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.contract import Data
from checks.labels.reviewed import (
    REVIEWED,
    Review,
    reviewed_notes,
    reviewed_rate,
    reviewed_wrong,
    share_wrong,
    stands_for,
)
from checks.labels.strata import CUTS, FLOOR, allot, keys_of, strata
from checks.noise import Noise
from tests import helpers
from tests.bench import review_design

WORDS = helpers.vocabulary(500, seed=11)


def reviewed(*lines: tuple[int | None, bool | None, int | None, int | None, str | None]) -> pl.DataFrame:
    """Reviewed rows without copies."""
    draws = [(*line, None if line[2] is None or line[:2] == (None, None) else 1) for line in lines]
    return pl.DataFrame(draws, schema=REVIEWED, orient="row")


def audit(labels: list[str | None], *lines: tuple) -> Data:
    texts = [" ".join(helpers.seeded(n).choices(WORDS, k=12)) for n in range(len(labels))]
    train = helpers.stored("train", {"text": texts, "label": labels})
    return Data(train=train, reviewed=reviewed(*lines) if lines else None)


def counts(rows, right, wrong, unclear=None, left=None, gone=0, now=None) -> Review:
    arrays = [np.array(one) for one in (rows, right, wrong, unclear or [0] * len(rows), left or wrong)]
    return Review(
        rows=arrays[0],
        right=arrays[1],
        wrong=arrays[2],
        unclear=arrays[3],
        left=arrays[4],
        draws=np.array(arrays[1:4], np.float64).reshape(3, -1),
        judged=int(arrays[1].sum() + arrays[2].sum()),
        now=int(arrays[0].sum()) - gone if now is None else now,
        gone=gone,
    )


# strata and lots


@given(
    st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 2**63)), min_size=1, unique_by=lambda one: one[1])
)
def test_strata_are_the_shares_of_the_sorted_rows(rows):
    score = np.array([one for one, _ in rows], np.float32)
    keys = np.array([key for _, key in rows], np.uint64)
    expected = [0] * len(rows)
    for place, row in enumerate(sorted(range(len(rows)), key=lambda i: rows[i])):
        expected[row] = sum(place >= math.ceil(cut * len(rows)) for cut in CUTS)
    assert strata(score, keys).tolist() == expected


@given(
    st.lists(st.tuples(st.integers(1, 5000), st.floats(0, 1), st.integers(0, 50)), min_size=1, max_size=5),
    st.integers(1, 600),
)
def test_lots_use_the_whole_budget_and_no_more_than_there_is(lines, budget):
    sizes = np.array([size for size, _, _ in lines])
    done = np.minimum(np.array([one for _, _, one in lines]), sizes)
    lots = allot(sizes, np.array([share for _, share, _ in lines]), budget, done)
    assert lots.sum() == min(budget, (sizes - done).sum())
    assert (lots >= 0).all()
    assert (lots <= sizes - done).all()


@given(st.lists(st.tuples(st.integers(10, 5000), st.floats(0, 1)), min_size=1, max_size=5))
def test_the_smallest_sheet_has_a_row_of_every_stratum(lines):
    sizes = np.array([size for size, _ in lines])
    lots = allot(sizes, np.array([share for _, share in lines]), 10, np.zeros_like(sizes))
    assert (lots >= 1).all()


def test_half_lies_equal_and_half_where_the_spread_is():
    sizes, wrong = np.array([300, 700, 2000, 7000]), np.array([0.6, 0.1, 0.03, 0.0])
    spread = [
        size * math.sqrt(max(share, FLOOR) * (1 - max(share, FLOOR)))
        for size, share in zip(sizes, wrong, strict=True)
    ]
    expected = [25 + 100 * one / sum(spread) for one in spread]
    assert np.abs(allot(sizes, wrong, 200, np.zeros(4, np.int64)) - expected).max() < 1


def test_a_second_sheet_fills_what_the_first_left_open():
    sizes, wrong = np.array([300, 700, 2000, 7000]), np.array([0.6, 0.1, 0.03, 0.01])
    first = allot(sizes, wrong, 100, np.zeros(4, np.int64))
    whole = allot(sizes, wrong, 200, np.zeros(4, np.int64))
    assert np.abs(first + allot(sizes, wrong, 100, first) - whole).max() <= 1
    assert allot(sizes, wrong, 100, np.array([100, 0, 0, 0]))[0] == 0


def test_keys_are_those_of_the_content_alone():
    content, copy = np.array([5, 7, 5], np.uint64), np.array([0, 0, 1], np.uint64)
    keys = keys_of(content, copy, 3)
    assert len(set(keys.tolist())) == 3
    assert keys_of(content[::-1], copy[::-1], 3).tolist() == keys[::-1].tolist()
    assert keys_of(content, copy, 4).tolist() != keys.tolist()
    many = keys_of(np.arange(10_000, dtype=np.uint64), np.zeros(10_000, np.uint64), 0)
    assert abs((many < 2**63).mean() - 0.5) < 0.02


# the rate


def test_what_was_reviewed_is_known():
    assert share_wrong(counts([10, 20], [7, 20], [3, 0])) == (0.1, (0.1, 0.1))


def test_nothing_wrong_has_a_rate_of_zero_and_an_interval_above():
    value, (low, high) = share_wrong(counts([5000], [200], [0]))
    assert value == low == 0
    assert 0.005 < high < 0.02


def plain_interval(review: Review, draws: int = 3000) -> tuple[float, float]:
    """The same by plain draws, one row at a time where they are few."""
    rng = helpers.seeded(1)
    lows, highs = [], []
    for _ in range(draws):
        low = high = 0.0
        for rows, right, wrong, unclear, left in zip(
            review.rows, review.right, review.wrong, review.unclear, review.left, strict=True
        ):
            rest = int(rows - right - wrong - unclear)
            few = rng.betavariate(wrong + 0.1, right + unclear + 1 / 3)
            many = rng.betavariate(wrong + unclear + 1 / 3, right + 1 / 3)
            low += left + sum(rng.random() < few for _ in range(rest))
            high += left + unclear + sum(rng.random() < many for _ in range(rest))
        lows.append(low)
        highs.append(high)
    return sorted(lows)[draws // 40] / review.standing, sorted(highs)[-draws // 40] / review.standing


@pytest.mark.parametrize(
    "review",
    [
        counts([30, 100], [5, 20], [5, 1]),
        counts([30, 100], [5, 20], [5, 1], unclear=[2, 3]),
        counts([30, 100], [5, 20], [5, 1], left=[0, 1], gone=5),
    ],
)
def test_the_interval_is_that_of_plain_draws(review):
    _, found = share_wrong(review)
    assert found == pytest.approx(plain_interval(review, 1000), abs=0.02)


def test_unclear_rows_widen_the_interval_on_both_sides_and_leave_the_value():
    without, with_ = counts([1000], [90], [10]), counts([1000], [90], [10], unclear=[20])
    (value, (low, high)), (same, (lower, higher)) = share_wrong(without), share_wrong(with_)
    assert same == pytest.approx(value)
    assert lower < low
    assert higher > high


def test_a_stratum_without_a_verdict_may_have_any_share():
    assert share_wrong(counts([100, 100], [0, 100], [0, 0])) == (0.25, (0, 0.5))
    assert share_wrong(counts([10, 40, 50], [5, 0, 0], [5, 0, 0])) == (0.5, (0.05, 0.95))
    unclear = share_wrong(counts([100, 100], [0, 100], [0, 0], unclear=[20, 0]))
    assert unclear == (0.25, (0, 0.5)), "whoever could not tell has told nothing"
    _, interval = share_wrong(counts([100, 100], [0, 50], [0, 50], now=150))
    assert interval == (50 / 150, 100 / 150), "of the hundred that nobody saw fifty went, right or wrong ones"


def test_strata_without_a_verdict_are_told():
    some = [(row, False, 1, 10, None) for row in range(10)]
    assert reviewed_notes(audit(["a"] * 10, *some)) == ()
    (note,) = reviewed_notes(audit(["a"] * 100, *some, (None, None, 2, 30, None), (None, None, 3, 60, None)))
    assert note.startswith("90 rows lie in strata of which no row was judged")


@given(
    st.lists(
        st.tuples(st.integers(1, 900), st.integers(0, 20), st.integers(0, 20), st.integers(0, 9)), min_size=1
    )
)
def test_the_value_lies_in_the_interval(lines):
    parts = [(rows + a + b + c, a, b, c) for rows, a, b, c in lines]
    rows, right, wrong, unclear = (list(column) for column in zip(*parts, strict=True))
    value, (low, high) = share_wrong(counts(rows, right, wrong, unclear))
    assert 0 <= low <= value <= high <= 1


@pytest.mark.parametrize("model", ["good", "none"])
@pytest.mark.parametrize("rate", [0.01, 0.05, 0.1])
def test_sheets_that_are_filled_in_half_hold_the_truth(model, rate):
    for design, settled in (("half of each", None), ("upper half", 0.3 if model == "none" else None)):
        held, decided, misled, _ = np.mean(list(review_design.trials(design, model, rate, 40)), axis=0)
        assert held >= 0.9
        assert misled <= 0.1, "at a truth of 5 % itself one review in forty may say more"
        assert settled is None or decided <= settled


@pytest.mark.parametrize("design", ["one sheet", "two sheets"])
@pytest.mark.parametrize(
    ("model", "rate", "decided"), [("good", 0.02, 0.8), ("good", 0.1, 1.0), ("none", 0.01, 0.7)]
)
def test_simulated_reviews_hold_the_truth_and_settle_the_question(design, model, rate, decided):
    found = np.mean(list(review_design.trials(design, model, rate, 40)), axis=0)
    assert found[0] >= 0.9
    assert found[1] >= decided
    assert found[2] == 0


# rows of train


def test_without_a_review_there_is_no_rate():
    data = audit(["a", "b"])
    assert reviewed_rate(data) is None
    assert reviewed_wrong(data).is_empty()
    assert reviewed_notes(data) == ()


def test_a_review_in_which_nobody_could_tell_gives_no_rate():
    data = audit(["a", "b"], (0, None, 1, 2, None), (1, None, 1, 2, None))
    assert reviewed_rate(data) is None
    assert "2 of 2 reviewed rows are unclear" in reviewed_notes(data)[0]


def test_wrong_rows_are_shown_with_the_right_label_and_mended_ones_count_no_more():
    data = audit(
        ["a", "b", "a", "c"],
        (0, True, 1, 4, "b"),
        (1, True, 1, 4, "b"),  # mended since
        (2, False, 1, 4, None),
        (3, True, 1, 4, None),
    )
    table = reviewed_wrong(data)
    assert table.select("split", "row", "file", "line", "label", "correct_label").rows() == [
        ("train", 0, "train0.jsonl", 1, "a", "b"),
        ("train", 3, "train0.jsonl", 4, "c", None),
    ]
    found = reviewed_rate(data)
    assert (found.value, found.of, found.interval, found.by) == (0.5, 4, (0.5, 0.5), "4 reviewed rows")
    assert reviewed_notes(data) == ("1 labels that the review found wrong were mended or taken out since.",)


def test_rows_that_were_taken_out_still_tell_of_the_others():
    gone = [(None, True, 1, 60, None)] * 10
    data = audit(["a"] * 50, *gone, *((row, False, 1, 60, None) for row in range(10)))
    found = reviewed_rate(data)
    assert found.of == 50
    assert found.value == pytest.approx(40 * 0.5 / 50)


def test_a_copy_shares_the_verdict_and_is_no_draw():
    data = audit(["a", "a", "b"], (0, True, 1, 3, "b"), (1, True, None, None, "b"))
    assert reviewed_wrong(data)["row"].to_list() == [0, 1]
    assert reviewed_rate(data).by == "1 reviewed rows"


def test_rows_that_came_or_went_since_are_told():
    fewer = audit(["a", "b", None, "b"], (0, False, 1, 2, None), (None, None, 2, 8, None))
    assert (
        "Of 10 labelled rows that the review was drawn from 7 are no longer in train"
        in reviewed_notes(fewer)[0]
    )
    more = audit(["a"] * 50, *((row, False, 1, 20, None) for row in range(20)))
    assert (
        "30 of 50 labelled rows of train are not among those the review was drawn" in reviewed_notes(more)[0]
    )
    rate = reviewed_rate(more)
    assert (rate.value, rate.of, rate.interval) == (0, 50, (0, 0.6))


def test_rows_that_came_may_all_be_right_or_all_wrong():
    before = share_wrong(counts([2000], [190], [10]))
    few, many = (share_wrong(counts([2000], [190], [10], now=now)) for now in (2010, 20_000))
    assert few[0] == many[0] == before[0]
    assert np.abs(np.subtract(few[1], before[1])).max() < 0.006
    assert many[1][0] < 0.01
    assert many[1][1] > 0.9


def test_rows_that_went_may_have_been_right_or_wrong():
    value, (low, high) = share_wrong(counts([1000], [180], [20], now=900))
    assert value == pytest.approx((20 + 700 * 0.1) / 900)
    assert low == pytest.approx(20 / 900), "all the other wrong ones may be gone"
    assert high > 110 / 900
    assert share_wrong(counts([1000], [180], [20], now=200)) == (0.1, (0.1, 0.1))


# copies


@given(st.lists(st.integers(1, 40), min_size=1, max_size=20), st.integers(1, 5000))
def test_draws_stand_for_all_rows_that_nobody_reviewed(copies, rest):
    found = stands_for(np.array(copies), sum(copies) + rest)
    assert found.sum() == pytest.approx(rest)
    weights = dict(zip(copies, found, strict=True))
    inclusion = {k: k / (k + weight) for k, weight in weights.items()}
    t = 1 - (1 - inclusion[min(copies)]) ** (1 / min(copies))
    for k, probability in inclusion.items():
        assert probability == pytest.approx(1 - (1 - t) ** k, rel=1e-6)


def test_without_copies_all_draws_weigh_the_same():
    assert stands_for(np.ones(20, np.int64), 100).tolist() == pytest.approx([4.0] * 20)
    assert stands_for(np.array([3, 4]), 7).tolist() == [0, 0]
    assert stands_for(np.array([], np.int64), 7).tolist() == []


def copied_review(sizes: list[int], wrong: list[bool], budget: int, seed: int) -> Data:
    """A draw in the order of the first copy, row by row, of texts that stand in train `sizes` times."""
    owner = [text for text, size in enumerate(sizes) for _ in range(size)]
    order = list(dict.fromkeys(helpers.seeded(seed).sample(owner, len(owner))))[:budget]
    lines = []
    for text in order:
        rows = [row for row, one in enumerate(owner) if one == text]
        lines += [
            (row, wrong[text], 1, len(owner), None, len(rows) if n == 0 else None)
            for n, row in enumerate(rows)
        ]
    train = helpers.stored("train", {"text": [f"t {text}" for text in owner], "label": ["a"] * len(owner)})
    return Data(train=train, reviewed=pl.DataFrame(lines, schema=REVIEWED, orient="row"))


def test_wrong_copies_are_counted_and_do_not_speak_for_single_rows():
    sizes, wrong = [1] * 300 + [20] * 15, [n >= 297 for n in range(315)]  # all copies and 3 single rows
    truth = 303 / 600
    found = [reviewed_rate(copied_review(sizes, wrong, 90, seed)) for seed in range(20)]
    assert np.mean([one.value for one in found]) == pytest.approx(truth, abs=0.01)
    assert sum(one.interval[0] <= truth <= one.interval[1] for one in found) >= 18
    assert {one.by for one in found} == {"90 reviewed rows"}


def test_the_order_of_the_review_changes_nothing():
    lines = [(n, n % 3 == 0, n % 2, 40, None) for n in range(20)]
    once, again = audit(["a", "b"] * 40, *lines), audit(["a", "b"] * 40, *lines[::-1])
    assert reviewed_rate(once) == reviewed_rate(again)


def test_the_noise_rate_is_that_of_the_review():
    labels = ["a", "b"] * 100
    lines = [(n, n < 8, 1, 200, "c" if n < 8 else None) for n in range(100)]
    result = Noise().run(audit(labels, *lines))
    rate, same = result.measures[:2]
    assert (rate.name, same.name) == ("noise_rate", "reviewed_noise_rate")
    assert rate.value == same.value == pytest.approx(0.08)
    assert (rate.basis, rate.by) == ("measured", "100 reviewed rows")
    assert result.evidence[0].title == "Labels that the review found wrong"
    assert result.evidence[0].table.height == 8


def test_a_review_of_few_rows_gives_way_to_better_evidence():
    judged = [(row, who, "a") for row in range(100) for who in ("ann", "bob")]
    data = audit(["a"] * 99 + ["b"], (0, True, 1, 100, None))
    data = Data(train=data.train, reviewed=data.reviewed, labels=helpers.judgements(judged))
    found = {m.name: m for m in Noise().run(data).measures}
    assert found["noise_rate"].by == "100 items that several labelers judged"
    assert found["reviewed_noise_rate"].by == "1 reviewed rows"

"""Ranges in, ranges out: held against a loop over the standard library's draws, and against exact quantiles."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from checks.measures import Range
from checks.money import draws
from checks.money.draws import DRAWS, drawn, estimate, share_within
from checks.money.models import BREAK_EVEN, MODELS, ROI

BY_NAME = {model.name: model for model in MODELS}
RANGES = {
    "rows-to-label": Range(3_000, 5_000, 9_000), "label": Range(1, 1, 5), "gpu": Range(50, 500, 600),
    "monthly-upkeep": Range(100, 200, 400), "price-per-call-now": Range(0.02, 0.03, 0.03),
    "price-per-call-after": Range(0.001, 0.001, 0.002), "calls-per-year": Range(2e5, 1e6, 2e6),
}  # fmt: skip
MONTHLY = {
    "upfront-hours": Range(40, 60, 80), "hourly-rate": Range(80, 100, 150), "training-runs": Range(5, 27.5, 50),
    "api-savings-per-month": Range(1_000, 1_500, 2_000), "quality-value-per-month": Range(0, 500, 500),
    "ongoing-cost-per-month": Range(300, 500, 1_300),
}  # fmt: skip


def brute(formula, ranges, count=40_000, seed=5):
    """2.5 and 97.5 % of a loop that draws every input anew."""
    rng = random.Random(seed)  # noqa: S311
    found = sorted(
        formula({name: rng.triangular(one.low, one.high, one.expected) for name, one in ranges.items()})
        for _ in range(count)
    )
    return found[int(0.025 * count)], found[int(0.975 * count)]


def roi(x):
    cost = x["rows-to-label"] * x["label"] + x["gpu"] + x["monthly-upkeep"] * 12
    return (x["price-per-call-now"] - x["price-per-call-after"]) * x["calls-per-year"] / cost


def months(x):
    net = x["api-savings-per-month"] + x["quality-value-per-month"] - x["ongoing-cost-per-month"]
    return (x["upfront-hours"] * x["hourly-rate"] + x["training-runs"]) / net if net > 0 else float("inf")


# What lies at a point


def test_points_have_no_interval():
    sure = {name: Range(one.expected, one.expected, one.expected) for name, one in RANGES.items()}
    found = estimate(ROI, sure)
    assert found.value == pytest.approx(29_000 / 7_900)
    assert found.interval is None
    one = estimate(ROI, {**sure, "label": Range(1, 2, 5)})
    assert one.interval[0] < one.value < one.interval[1]


# Against oracles


@pytest.mark.parametrize(("model", "formula", "ranges"), [(ROI, roi, RANGES), (BREAK_EVEN, months, MONTHLY)])
def test_the_interval_is_that_of_a_loop_over_single_draws(model, formula, ranges):
    found = estimate(model, ranges)
    assert found.interval == pytest.approx(brute(formula, ranges), rel=0.02)
    assert found.value == formula({name: one.expected for name, one in ranges.items()})


@pytest.mark.parametrize(
    "of", [Range(1, 2, 5), Range(1, 1, 5), Range(1, 5, 5), Range(0, 0.5, 1e-0), Range(3, 3, 3 + 1e-9)]
)
def test_quantiles_of_one_input_are_those_of_its_triangle(of):
    exact = stats.triang((of.expected - of.low) / (of.high - of.low), of.low, of.high - of.low)
    values = drawn("label", of)
    for level in (0.025, 0.3, 0.5, 0.975):
        assert np.quantile(values, level) == pytest.approx(exact.ppf(level), abs=1e-4 * (of.high - of.low))
    assert values.min() >= of.low
    assert values.max() <= of.high
    assert len(values) == DRAWS


def test_inputs_are_drawn_independently():
    names = list(RANGES)
    table = np.corrcoef([drawn(name, Range(0, 1, 2)) for name in names])
    off = table[~np.eye(len(names), dtype=bool)]
    assert np.abs(off).max() < 5 / DRAWS**0.5


def test_the_interval_holds_95_percent_of_what_comes_true():
    rng = random.Random(9)  # noqa: S311
    low, high = estimate(ROI, RANGES).interval
    inside = 0
    for _ in range(20_000):
        came = {name: rng.triangular(one.low, one.high, one.expected) for name, one in RANGES.items()}
        inside += low <= roi(came) <= high
    assert inside / 20_000 == pytest.approx(0.95, abs=0.006)


def test_the_share_of_draws_within_bounds_is_that_of_the_loop():
    rng = random.Random(3)  # noqa: S311
    came = [
        roi({name: rng.triangular(one.low, one.high, one.expected) for name, one in RANGES.items()})
        for _ in range(20_000)
    ]
    for target in (1.0, 1.5, 3.0):
        expected = sum(value >= target for value in came) / len(came)
        assert share_within(ROI, RANGES, at_least=target) == pytest.approx(expected, abs=0.012)
    assert share_within(ROI, RANGES) == 1
    assert share_within(ROI, {}) is None
    sure = {name: Range(one.expected, one.expected, one.expected) for name, one in RANGES.items()}
    assert share_within(ROI, sure, at_least=3.67) == 1
    assert share_within(ROI, sure, at_most=3.67) == 0


# What must not matter


def test_same_seed_same_numbers_and_the_order_of_inputs_changes_nothing(monkeypatch):
    found = estimate(ROI, RANGES)
    assert estimate(ROI, RANGES) == found
    assert estimate(ROI, dict(reversed(RANGES.items()))) == found
    assert estimate(ROI, {**RANGES, **MONTHLY}) == found, "other inputs"
    monkeypatch.setattr(draws, "SEED", 33)
    other = estimate(ROI, RANGES)
    assert other != found
    assert other.interval == pytest.approx(found.interval, rel=0.01)


AMOUNTS = st.tuples(*[st.floats(0, 1e6)] * 3).map(lambda three: Range(*sorted(three)))


@settings(max_examples=60, deadline=None)
@given(AMOUNTS, st.floats(0, 1e6), st.sampled_from([(0.03, 0.001), (5.0, 0.0)]))
def test_more_calls_never_lower_the_roi(calls, more, prices):
    now, after = (Range(price, price, price) for price in prices)
    base = {**RANGES, "price-per-call-now": now, "price-per-call-after": after}
    moved = Range(calls.low + more, calls.expected + more, calls.high + more)
    less, least = (estimate(ROI, {**base, "calls-per-year": one}) for one in (calls, moved))
    slack = 1 + 1e-9
    assert less.value <= least.value * slack
    for one, other in zip(less.interval, least.interval, strict=True):
        assert one <= other * slack + 1e-12


@settings(max_examples=60, deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(RANGES, AMOUNTS)))
def test_the_interval_holds_the_number(ranges):
    found = estimate(ROI, ranges)
    if found is not None and found.interval is not None:
        assert found.interval[0] <= found.value <= found.interval[1]
        assert np.isfinite([found.value, *found.interval]).all()


# Edges


def test_an_interval_is_open_where_more_than_a_few_draws_never_break_even():
    found = estimate(BREAK_EVEN, {**MONTHLY, "ongoing-cost-per-month": Range(300, 500, 4_000)})
    assert np.isfinite(found.value)
    assert np.isfinite(found.interval[0])
    assert found.interval[1] == np.inf


def test_huge_and_tiny_ranges_stay_finite():
    huge = dict.fromkeys(RANGES, Range(0, 1, 1e15))
    found = estimate(ROI, huge)
    assert np.isfinite([found.value, *found.interval]).all()
    tiny = drawn("label", Range(1e-300, 2e-300, 3e-300))
    assert ((tiny >= 1e-300) & (tiny <= 3e-300)).all()

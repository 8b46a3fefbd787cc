"""What flips the verdict: the closed form against bisection on the ratio itself."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.measures import Range
from checks.money.draws import estimate
from checks.money.models import BREAK_EVEN, ROI, SIGNED
from checks.money.sensitivity import flips
from tests.checks.money.test_models import S0, S0_PARTS, S1, known

NAMES = tuple(S1)


def ratio(model, given, name, at):
    found = estimate(model, {**given, name: Range(at, at, at)})
    return None if found is None else found.value


def bisected(model, given, name, target, least=0.0, most=1e9):
    """Where the ratio crosses the target between `least` and `most`, by halving; None if both ends are on one side."""
    if ratio(model, given, name, least) == pytest.approx(target, rel=1e-12):
        return least

    def side(at):
        found = ratio(model, given, name, at)
        return found is not None and found <= target

    low, high = least, most
    if side(low) == side(high):
        return None
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if side(middle) == side(low) else (low, middle)
    return high


@pytest.mark.parametrize("target", [1.0, 1.5])
@pytest.mark.parametrize("calls", [1_000_000, 100_000])
def test_roi_crosses_where_bisection_says(target, calls):
    given = known(S1, calls_per_year=calls)
    for flip in flips(ROI, given, target):
        expected = bisected(ROI, given, flip.name, target)
        assert flip.at == (None if expected is None else pytest.approx(expected, rel=1e-9)), flip.name
        if flip.at is not None:
            assert ratio(ROI, given, flip.name, flip.at) == pytest.approx(target, rel=1e-9)


def test_break_even_crosses_where_bisection_says():
    base = {
        name: value for name, value in S0.items() if name not in ("upfront-hours", "ongoing-cost-per-month")
    }
    for amounts in (
        known(S0),
        known(base, S0_PARTS),
        known(S0, api_savings_per_month=100),
        known(S0, api_savings_per_month=1_800),
    ):
        for flip in flips(BREAK_EVEN, amounts, 6.0):
            least = -1e9 if flip.name in SIGNED else 0.0
            expected = bisected(BREAK_EVEN, amounts, flip.name, 6.0, least)
            near = None if expected is None else pytest.approx(expected, rel=1e-9, abs=1e-6)
            assert flip.at == near, flip.name


def test_the_worked_example_by_hand():
    found = {flip.name: flip for flip in flips(ROI, known(S1), 1.0)}
    assert found["calls-per-year"].at == pytest.approx(7_900 / 0.029)
    assert found["calls-per-year"].change == pytest.approx(7_900 / 29_000 - 1)
    assert found["label"].at == pytest.approx((29_000 - 2_900) / 5_000)
    assert found["price-per-call-now"].at == pytest.approx(0.0089)
    assert not any(flip.inside for flip in found.values())


def test_the_input_that_has_to_move_least_comes_first():
    found = flips(ROI, known(S1), 1.5)
    assert [flip.name for flip in found[:2]] == ["price-per-call-now", "calls-per-year"]
    changes = [abs(flip.change) for flip in found]
    assert changes == sorted(changes)
    assert {flip.name for flip in found} == set(S1)


def test_whether_it_lies_in_the_inputs_own_range():
    given = {**known(S1), "label": Range(1, 1, 5)}
    flip = next(flip for flip in flips(ROI, given, 1.5) if flip.name == "label")
    assert flip.at == pytest.approx((29_000 / 1.5 - 2_900) / 5_000)
    assert flip.inside
    assert flip.highest == pytest.approx(29_000 / (25_000 + 2_900))
    assert flip.lowest == pytest.approx(29_000 / 7_900)


def test_what_no_value_flips_is_told_last():
    found = flips(ROI, known(S1, calls_per_year=100_000), 1.0)
    never = [flip.name for flip in found if flip.at is None]
    assert "price-per-call-after" in never, "even a free call saves too little"
    assert [flip.name for flip in found][-len(never) :] == sorted(never)
    assert all(flip.change is None and not flip.inside for flip in found if flip.at is None)


def test_without_calls_no_price_flips_anything():
    found = {flip.name: flip.at for flip in flips(ROI, known(S1, calls_per_year=0), 1.0)}
    assert found.pop("calls-per-year") == pytest.approx(7_900 / 0.029)
    assert set(found.values()) == {None}


def test_what_is_missing_flips_nothing():
    assert flips(ROI, known(label=1), 1.0) == ()


@settings(max_examples=100, deadline=None)
@given(st.fixed_dictionaries({name: st.floats(0.001, 1e6) for name in NAMES}), st.sampled_from([1.0, 1.5]))
def test_at_the_flip_the_ratio_is_the_target(amounts, target):
    given_ = known(amounts)
    for flip in flips(ROI, given_, target):
        if flip.at is not None and flip.at > 1e-6:
            assert ratio(ROI, given_, flip.name, flip.at) == pytest.approx(target, rel=1e-4, abs=1e-4)

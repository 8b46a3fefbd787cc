"""Paired right and wrong answers against tests, intervals and powers worked out anew from their definitions."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from checks.intervals import Z95, mcnemar_size
from checks.paired.mcnemar import mid_p, needed, power, score_interval

COUNTS = st.integers(0, 40)


def coin(b: int, c: int) -> float:
    """The mid-p value by adding up the outcomes of a fair coin."""
    tried, fewer = b + c, min(b, c)
    chance = [math.comb(tried, k) / 2**tried for k in range(tried + 1)]
    return min(1.0, 2 * (sum(chance[:fewer]) + chance[fewer] / 2))


def score(b: float, c: float, n: float, gain: float) -> float:
    """(b - c) / n in standard errors away from a gain; of the probabilities that have it, those likeliest by a search."""

    def unlikely(against: float) -> float:
        chances = (against + gain, against, 1 - gain - 2 * against)
        return -sum(
            k * math.log(max(p, 1e-300)) for k, p in zip((b, c, n - b - c), chances, strict=True) if k
        )

    low, high = max(0.0, -gain), (1 - gain) / 2
    found = optimize.minimize_scalar(unlikely, bounds=(low, high), method="bounded", options={"xatol": 1e-12})
    against = min((found.x, low, high), key=unlikely)
    spread = math.sqrt(max(2 * against + gain - gain * gain, 1e-300) / n)
    return ((b - c) / n - gain) / spread


def shown(n: int, gain: float, discordance: float) -> float:
    """The power by adding up all outcomes of n examples."""
    better, worse = (discordance + gain) / 2, (discordance - gain) / 2
    total = 0.0
    for b in range(n + 1):
        for c in range(n + 1 - b):
            if coin(b, c) <= 0.05:
                ways = math.comb(n, b) * math.comb(n - b, c)
                total += ways * better**b * worse**c * (1 - discordance) ** (n - b - c)
    return total


@given(COUNTS, COUNTS)
def test_the_p_value_is_that_of_a_fair_coin(b, c):
    assert mid_p(b, c) == pytest.approx(coin(b, c), abs=1e-12)
    assert mid_p(c, b) == mid_p(b, c)


@pytest.mark.parametrize(
    ("b", "c", "p"), [(0, 0, 1.0), (1, 1, 1.0), (5, 5, 1.0), (0, 5, 0.03125), (6, 1, 0.0703125)]
)
def test_p_values_worked_out_by_hand(b, c, p):
    assert mid_p(b, c) == pytest.approx(p)


@pytest.mark.parametrize(("b", "c", "n"), [(12, 3, 50), (0, 0, 30), (40, 5, 100), (5, 40, 100), (30, 0, 30), (7.5, 2.25, 41.5), (1, 0, 44)])  # fmt: skip
def test_the_ends_of_the_interval_are_the_gains_a_score_test_just_accepts(b, c, n):
    low, high = score_interval(b, c, n)
    assert -1 <= low <= (b - c) / n <= high <= 1
    if low > -1 + 1e-9:
        assert score(b, c, n, low) == pytest.approx(Z95, abs=2e-4)
    if high < 1 - 1e-9:
        assert score(b, c, n, high) == pytest.approx(-Z95, abs=2e-4)


@given(COUNTS, COUNTS, st.integers(0, 200))
def test_models_that_change_places_turn_the_interval_round(b, c, same):
    n = b + c + same
    low, high = score_interval(b, c, n)
    assert score_interval(c, b, n) == pytest.approx((-high, -low), abs=1e-9)


@given(COUNTS, COUNTS, st.integers(1, 200))
def test_more_examples_narrow_the_interval(b, c, same):
    n = b + c + same
    (low, high), (lower, higher) = score_interval(4 * b, 4 * c, 4 * n), score_interval(b, c, n)
    assert lower - 1e-9 <= low <= high <= higher + 1e-9


def test_nothing_is_known_of_no_examples():
    assert score_interval(0, 0, 0) == (-1, 1)
    assert power(0, 0.05, 0.2) == power(10, 0.0, 0.0) == 0


@pytest.mark.parametrize(("n", "gain", "discordance"), [(12, 0.3, 0.5), (25, 0.2, 0.3), (40, 0.05, 0.2), (30, 0.25, 0.25), (18, 0.0, 0.4)])  # fmt: skip
def test_the_power_is_the_chance_of_all_outcomes_that_show_the_gain(n, gain, discordance):
    assert power(n, gain, discordance) == pytest.approx(shown(n, gain, discordance), abs=1e-6)


@pytest.mark.parametrize("discordance", [0.05, 0.1, 0.2, 0.3, 0.4, 1.0])
@pytest.mark.parametrize("gain", [0.02, 0.05, 0.1])
def test_so_many_examples_are_needed_and_hardly_more(gain, discordance):
    n = needed(gain, discordance)
    assert power(n, gain, max(gain, discordance)) >= 0.8
    assert power(round(0.93 * n) - 3, gain, max(gain, discordance)) < 0.8
    usual = mcnemar_size(gain, max(gain, discordance))
    assert n == pytest.approx(usual, rel=0.06 if discordance >= 2 * gain else 0.16), (
        "the formula is rough at its edge"
    )


def test_five_points_need_about_626_examples():
    """The worked figures 312, 626 and 940 are those of the formula, which the exact power keeps to."""
    assert [needed(0.05, share) for share in (0.1, 0.2, 0.3)] == pytest.approx([312, 626, 940], rel=0.03)

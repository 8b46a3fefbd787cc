"""Intervals and sizes against scipy, against the power formula written anew, and against worked figures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from checks.intervals import Z80, Z95, detectable_gain, mcnemar_size, wilson


def power(size: float, gain: float, discordance: float) -> float:
    """Chance that McNemar's test on this many pairs shows the gain (normal approximation, Connor 1987).

    The difference of two correct shares has variance d/n if there is no gain and (d - g^2)/n if there is one.
    """
    reject_from = stats.norm.ppf(0.975) * np.sqrt(discordance / size)
    return float(stats.norm.sf(reject_from, gain, np.sqrt((discordance - gain**2) / size)))


def test_quantiles():
    assert pytest.approx(stats.norm.ppf(0.975), abs=1e-14) == Z95
    assert pytest.approx(stats.norm.ppf(0.8), abs=1e-14) == Z80


@pytest.mark.parametrize("size", [1, 2, 3, 10, 77, 1000, 10**6])
def test_wilson_is_that_of_scipy(size):
    for successes in {0, 1, size // 3, size // 2, size - 1, size}:
        expected = stats.binomtest(successes, size).proportion_ci(0.95, "wilson")
        assert wilson(successes / size, size) == pytest.approx((expected.low, expected.high), abs=1e-12)


@given(st.floats(0, 1), st.floats(0.1, 1e7))
def test_wilson_ends_are_the_shares_that_a_score_test_just_accepts(share, size):
    """The definition: |share - end| is 1.96 standard errors at that end. Sizes need not be whole."""
    for end in wilson(share, size):
        assert 0 <= end <= 1
        assert (share - end) ** 2 == pytest.approx(Z95**2 * end * (1 - end) / size, rel=1e-6, abs=1e-12)


@given(st.floats(0, 1), st.floats(0.5, 1e6))
def test_more_cases_narrow_the_interval(share, size):
    (low, high), (lower, higher) = wilson(share, 4 * size), wilson(share, size)
    assert lower - 1e-12 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= higher + 1e-12


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_the_interval_contains_the_share_to_the_last_bit(share):
    outside = [
        size for size in range(1, 500) if not wilson(share, size)[0] <= share <= wilson(share, size)[1]
    ]
    assert outside == []


@given(st.floats(0, 1), st.floats(0.5, 1e6))
def test_wilson_is_symmetric(share, size):
    low, high = wilson(share, size)
    assert wilson(1 - share, size) == pytest.approx((1 - high, 1 - low), abs=1e-9)


@pytest.mark.parametrize("size", [0, -1])
def test_without_cases_nothing_is_known(size):
    assert wilson(0.3, size) == (0.0, 1.0)


@pytest.mark.parametrize(("discordance", "rows"), [(0.1, 312), (0.2, 626), (0.3, 940)])
def test_five_points_need_so_many_rows(discordance, rows):
    assert round(mcnemar_size(0.05, discordance)) == rows


@pytest.mark.parametrize(
    ("rows", "discordance", "points"), [(100, 0.1, 8.8), (100, 0.3, 15.0), (1000, 0.1, 2.8), (1000, 0.3, 4.9)]
)
def test_so_many_rows_show_so_many_points(rows, discordance, points):
    assert 100 * detectable_gain(rows, discordance) == pytest.approx(points, abs=0.2)


@given(st.floats(0.001, 0.6), st.floats(0, 1))
def test_the_size_gives_eighty_percent_power(gain, more):
    discordance = gain + more * (1 - gain)
    assert power(mcnemar_size(gain, discordance), gain, discordance) == pytest.approx(0.8, abs=1e-9)


def test_the_power_holds_in_simulated_comparisons():
    """Two models on 626 examples, 20 % discordant, one better by 5 points: McNemar's statistic exceeds 1.96."""
    draw = np.random.default_rng(1)
    better, worse = draw.multinomial(626, [0.125, 0.075, 0.8], 20_000).T[:2]
    shown = (better - worse) / np.sqrt(better + worse) > 1.96
    assert shown.mean() == pytest.approx(0.8, abs=0.015)


@given(st.floats(4, 1e6), st.floats(0, 1))
def test_the_detectable_gain_inverts_the_size(size, discordance):
    gain = detectable_gain(size, discordance)
    assert 0 < gain <= 1
    assert mcnemar_size(gain, max(discordance, gain)) <= size
    less = gain - 1e-5
    assert less <= 0 or mcnemar_size(less, max(discordance, less)) > size * (1 - 1e-3)


@given(st.floats(4, 1e6), st.floats(0.01, 0.9))
def test_more_rows_or_less_discordance_show_smaller_gains(size, discordance):
    gain = detectable_gain(size, discordance)
    assert detectable_gain(2 * size, discordance) <= gain
    assert detectable_gain(size, discordance + 0.1) >= gain - 1e-6


@pytest.mark.parametrize("size", [-1, 0, 1, 3, 3.84])
def test_too_few_rows_show_nothing(size):
    assert detectable_gain(size, 0.2) == 1.0


def test_a_few_rows_show_only_a_landslide():
    assert 0.6 < detectable_gain(4, 0.2) <= 1.0
    assert 0.5 < detectable_gain(10, 0.0) < 0.7


def test_a_gain_above_the_discordance_is_impossible():
    with pytest.raises(ValueError, match=r"math domain|nonnegative"):
        mcnemar_size(0.5, 0.1)

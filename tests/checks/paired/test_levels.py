"""Means and shares over near copies."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from checks.intervals import wilson
from checks.paired.levels import effective, is_binary, mean, quality, share

CLUSTERS = st.lists(st.integers(0, 12), min_size=1, max_size=60)


def test_examples_that_are_no_copies_all_count():
    assert effective(np.arange(70)) == pytest.approx(70)
    assert effective(np.array([], np.int64)) == 0


@given(CLUSTERS)
def test_copies_count_as_kish_says(clusters):
    sizes = Counter(clusters).values()
    expected = len(clusters) ** 2 / sum(size * size for size in sizes)
    assert effective(np.array(clusters)) == pytest.approx(expected)
    assert 1 <= round(expected, 9) <= len(set(clusters)) + 1e-9


def test_copies_of_everything_add_nothing():
    """Each example three times, right or wrong together, is as certain as once."""
    right = np.array([1.0] * 30 + [0.0] * 20)
    (once, around), (thrice, wide) = (
        quality(right, np.arange(50)),
        quality(np.repeat(right, 3), np.repeat(np.arange(50), 3)),
    )
    assert (thrice, *wide) == pytest.approx((once, *around))


def test_a_share_has_the_interval_of_wilson():
    assert share(np.array([True] * 3 + [False] * 7), np.arange(10)) == (0.3, wilson(0.3, 10))


def test_a_mean_has_the_interval_of_student():
    values = np.random.default_rng(1).random(40)
    middle, half = mean(values, np.arange(40))
    expected = stats.ttest_1samp(values, 0).confidence_interval()
    assert (middle - half, middle + half) == pytest.approx((expected.low, expected.high))


def test_grades_stay_within_0_and_1():
    values = np.array([1.0] * 9 + [0.5])
    assert quality(values, np.arange(10))[1][1] == 1


def test_grades_that_are_all_the_same_are_not_certain():
    good, (low, high) = quality(np.full(30, 0.7), np.arange(30))
    assert (good, low, high) == pytest.approx((0.7, 0.6, 0.8))


def test_one_example_tells_nothing():
    assert quality(np.array([0.4]), np.zeros(1, np.int64)) == (0.4, (0, 1))
    assert mean(np.array([0.4, 0.6]), np.zeros(2, np.int64))[1] == float("inf")


@pytest.mark.parametrize(("scores", "binary"), [([0, 1, 1], True), ([0, 0.5], False), ([1], True)])
def test_right_and_wrong_are_told_from_grades(scores, binary):
    assert is_binary(np.array(scores, float)) is binary

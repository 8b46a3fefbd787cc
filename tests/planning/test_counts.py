"""How many rows it takes: against brute force, exact distributions and simulation."""

from __future__ import annotations

from math import ceil

import numpy as np
import pytest
from scipy.stats import betabinom

from auditor.planning.counts import examples_for_gain, rows_to_label, rows_to_review
from checks.intervals import mcnemar_size, wilson


def test_what_is_not_short_needs_nothing():
    for short in (0, -5):
        found = rows_to_label(short, usable=90, of=100)
        assert (found.low, found.expected, found.high) == (0, 0, 0)


def test_the_expected_number_is_the_shortfall_over_the_share():
    assert rows_to_label(90, usable=90, of=100).expected == 100
    assert rows_to_label(1917, usable=1483, of=1568).expected == ceil(1917 * 1568 / 1483)
    assert rows_to_label(690, usable=60, of=60).expected == 690
    assert rows_to_label(7, usable=7, of=21).expected == 21, "no row more for the rounding of a third"


def test_nothing_known_is_a_least_number_that_nothing_bounds():
    for usable, of in ((0, 0), (0, 50)):
        found = rows_to_label(200, usable=usable, of=of)
        assert (found.low, found.expected, found.high) == (200, 200, None)


@pytest.mark.parametrize(
    ("short", "usable", "of"), [(300, 90, 100), (690, 60, 60), (1917, 1483, 1568), (50, 400, 1000)]
)
def test_the_ends_against_the_exact_distribution(short, usable, of):
    """As many rows as suffice with 2.5 % and with 97.5 %, counted one by one."""
    found = rows_to_label(short, usable=usable, of=of)
    assert short <= found.low <= found.expected <= found.high

    def chance(rows: float) -> float:
        return float(betabinom(int(rows), usable + 0.5, of - usable + 0.5).sf(short - 1))

    assert 0.94 <= chance(found.high) <= 1.0
    if found.low > short:
        assert chance(found.low) <= 0.06


@pytest.mark.parametrize("share", [0.5, 0.8, 0.95])
def test_the_upper_end_suffices_in_simulations(share):
    """A yield that is itself only known from a sample: the upper end is enough in 97.5 % of the cases."""
    rng, enough, expected = np.random.default_rng(7), 0, 0
    for _ in range(2_000):
        usable = int(rng.binomial(400, share))
        found = rows_to_label(500, usable=usable, of=400)
        enough += rng.binomial(int(found.high), share) >= 500
        expected += rng.binomial(int(found.expected), share) >= 500
    assert 0.965 <= enough / 2_000 <= 0.99
    assert 0.4 <= expected / 2_000 <= 0.6


def test_rows_that_repeat_each_other_raise_the_upper_end_alone():
    plain, repeated = (rows_to_label(500, usable=180, of=200, singular=s) for s in (None, 150))
    assert (plain.low, plain.expected) == (repeated.low, repeated.expected)
    assert repeated.high == rows_to_label(500, usable=150, of=200).high > plain.high
    assert rows_to_label(500, usable=180, of=200, singular=0).high is None, "nothing new is to be expected"


@pytest.mark.parametrize(
    ("rows", "wrong", "limit"), [(1568, 0.026, 0.05), (1568, 0.001, 0.05), (500, 0.2, 0.05), (90, 0.5, 0.01)]
)
def test_rows_to_review_by_trying_every_number(rows, wrong, limit):
    def enough(judged: int) -> bool:
        return judged == rows or (1 - judged / rows) * wilson(wrong, judged)[1] <= limit

    least = next(judged for judged in range(1, rows + 1) if enough(judged))
    assert rows_to_review(rows, wrong=wrong, limit=limit, least=1) == least
    assert rows_to_review(rows, wrong=wrong, limit=limit, least=least + 3) == min(rows, least + 3)


def test_without_rows_there_is_nothing_to_review():
    assert rows_to_review(0, wrong=0.1, limit=0.05, least=200) is None
    assert rows_to_review(60, wrong=0.1, limit=0.05, least=200) == 60


def test_a_review_of_so_many_rows_keeps_the_limit_in_simulations():
    """Random slips, so many rows judged again and mended: the interval of what is left lies within the limit."""
    rng, kept, tries, rows, wrong = np.random.default_rng(11), 0, 400, 1568, 0.02
    judged = rows_to_review(rows, wrong=wrong, limit=0.05, least=1)
    for _ in range(tries):
        labels = rng.random(rows) < wrong
        seen = rng.permutation(rows)[:judged]
        rate = labels[seen].mean()
        kept += (1 - judged / rows) * wilson(float(rate), judged)[1] <= 0.05
    assert kept / tries >= 0.5, "the number is what suffices at the expected rate"


@pytest.mark.parametrize(("discordance", "size"), [(0.1, 312), (0.2, 626), (0.3, 940)])
def test_examples_for_five_points_are_those_of_the_table(discordance, size):
    assert abs(examples_for_gain(5, discordance) - size) <= 1
    assert examples_for_gain(5, discordance) == ceil(mcnemar_size(0.05, discordance))


def test_a_gain_above_the_discordance_needs_its_own():
    assert examples_for_gain(30, 0.2) == ceil(mcnemar_size(0.3, 0.3))

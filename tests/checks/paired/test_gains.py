"""Gains: interval, test, power and numbers of examples."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from checks.paired.gains import Pairs
from checks.paired.mcnemar import mid_p, needed, power, score_interval


def answers(b: int, c: int, both: int = 20, neither: int = 10) -> Pairs:
    """Right and wrong answers: so many right with the second alone, with the first alone, with both, with neither."""
    before = np.array([0.0] * b + [1.0] * c + [1.0] * both + [0.0] * neither)
    after = np.array([1.0] * b + [0.0] * c + [1.0] * both + [0.0] * neither)
    return Pairs(before, after, np.arange(len(before)))


def copied(pairs: Pairs, times: int) -> Pairs:
    return Pairs(*(np.repeat(values, times) for values in (pairs.before, pairs.after, pairs.cluster)))


def signs(sums: list[float]) -> float:
    """The p value over all signs."""
    seen = abs(sum(sums)) - 1e-9
    every = [
        abs(sum(s * x for s, x in zip(flips, sums, strict=True)))
        for flips in itertools.product((1, -1), repeat=len(sums))
    ]
    return float(np.mean(np.array(every) >= seen))


def test_models_that_answer_alike_gain_nothing():
    same = answers(0, 0)
    assert (same.gain, same.p, same.discordance) == (0, 1, 0)
    low, high = same.interval
    assert low < 0 < high
    assert high == pytest.approx(-low)


def test_right_and_wrong():
    pairs = answers(12, 3)
    assert pairs.gain == pytest.approx(9 / 45)
    assert pairs.interval == pytest.approx(score_interval(12, 3, 45))
    assert pairs.p == pytest.approx(mid_p(12, 3))
    assert pairs.discordance == pytest.approx(15 / 45)
    assert pairs.examples_needed(0.05) == needed(0.05, 15 / 45)
    assert pairs.power(0.05) == pytest.approx(power(45, 0.05, 15 / 45))


def test_near_copies_count_once():
    once, thrice = answers(12, 3), copied(answers(12, 3), 3)
    assert thrice.rows == 3 * once.rows
    assert thrice.size == pytest.approx(once.size)
    assert thrice.interval == pytest.approx(once.interval)
    assert thrice.p == pytest.approx(once.p)
    assert thrice.examples_needed(0.05) == once.examples_needed(0.05)
    apart = Pairs(thrice.before, thrice.after, np.arange(thrice.rows))
    assert apart.p < once.p
    assert apart.interval[0] > once.interval[0]


def test_a_cluster_counts_for_the_side_most_of_it_is_on():
    before = np.array([0.0, 0.0, 1.0, 1.0, 0.0, 1.0])
    after = np.array([1.0, 1.0, 0.0, 0.0, 1.0, 1.0])
    assert Pairs(before, after, np.array([0, 0, 0, 1, 1, 2])).p == mid_p(1, 0)


def test_grades():
    rng = np.random.default_rng(3)
    before, after = rng.random(60), rng.random(60)
    pairs = Pairs(before, after, np.arange(60))
    expected = stats.ttest_rel(after, before).confidence_interval()
    assert pairs.interval == pytest.approx((expected.low, expected.high))
    assert pairs.p == pytest.approx(stats.ttest_rel(after, before).pvalue, abs=0.03)
    spread = (after - before).std(ddof=1)
    wanted = stats.norm.ppf(0.975) + stats.norm.ppf(0.8)
    assert pairs.examples_needed(0.05) == math.ceil((wanted * spread / 0.05) ** 2)
    assert pairs.power(0.05) == pytest.approx(stats.norm.sf(stats.norm.ppf(0.975) - 0.05 * 60**0.5 / spread))


@pytest.mark.parametrize("seed", range(4))
def test_the_p_value_of_grades_is_that_of_all_signs(seed):
    rng = np.random.default_rng(seed)
    before, after, cluster = rng.random(14), np.clip(rng.random(14) + 0.2, 0, 1), rng.integers(0, 10, 14)
    sums = [float((after - before)[cluster == one].sum()) for one in np.unique(cluster)]
    assert Pairs(before, after, cluster).p == pytest.approx(signs(sums), abs=0.02)


def test_grades_that_all_differ_alike_are_not_certain():
    pairs = Pairs(np.full(30, 0.25), np.full(30, 0.5), np.arange(30))
    assert pairs.interval == pytest.approx((0.15, 0.35))
    assert (pairs.examples_needed(0.05), pairs.examples_to_settle(0.05), pairs.power(0.05)) == (None, None, 0)
    assert pairs.p < 0.001


def test_one_pair_tells_nothing():
    graded = Pairs(np.array([0.2]), np.array([0.7]), np.zeros(1, np.int64))
    assert graded.interval == (-1, 1)
    low, high = answers(1, 0, 0, 0).interval
    assert low < 0
    assert high == pytest.approx(1)


def test_how_many_examples_would_settle_the_gain():
    """With so many, the interval around a gain of 7 points leaves out 5 in four of five cases."""
    pairs = answers(110, 40, 700, 150)
    count = pairs.examples_to_settle(0.05)
    rng = np.random.default_rng(5)
    draws = rng.multinomial(count, [0.11, 0.04, 0.85], 3000)
    settled = [score_interval(b, c, count)[0] > 0.05 for b, c, _ in draws.tolist()]
    assert np.mean(settled) == pytest.approx(0.8, abs=0.04)
    assert answers(5, 0, 95, 0).examples_to_settle(0.05) is None, "no number tells a gain from itself"

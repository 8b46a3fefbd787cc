"""Paired answers that are right or wrong: the mid-p McNemar test, the score interval of the gain, and the test's power.

Of n examples b are right with the second model alone and c with the first alone; the gain is (b - c) / n. The test asks
whether b and c could be the two sides of a fair coin, and counts half of the probability of what was seen (M. W.
Fagerland, S. Lydersen, P. Laake 2013, "The McNemar test for binary matched-pairs data: mid-p and asymptotic are better
than exact conditional"). The interval holds the gains that a score test does not refuse (T. Tango 1998, "Equivalence test
and confidence interval for the difference in proportions for the paired-sample design").
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from checks.intervals import Z95, mcnemar_size

Floats = NDArray[np.float64]
LEVEL = 0.05
"""Two-sided level of the test."""
POWER = 0.8
"""Chance to show a gain that is there, the usual one; also what the eval set's detectable gain is about."""
_HALVINGS = 60
"""Steps after which an interval between -1 and 1 is known to the last digit."""
_TAIL = 1e-9
"""Probability of numbers of differing examples that the power leaves out."""


def mid_p(b: float, c: float) -> float:
    """Two-sided mid-p value of b examples against c."""
    from scipy import stats

    fewer, tried = min(b, c), b + c
    if not tried:
        return 1.0
    below = stats.binom.cdf(fewer - 1, tried, 0.5) + stats.binom.pmf(fewer, tried, 0.5) / 2
    return float(min(1.0, 2 * below))


def score_interval(b: float, c: float, n: float) -> tuple[float, float]:
    """95 % interval of the gain (b - c) / n; the counts may be effective ones, so fractional."""
    if n <= 0:
        return -1.0, 1.0
    middle = (b - c) / n
    low, high = _edge(b, c, n, -1.0, middle), _edge(b, c, n, 1.0, middle)
    return min(low, middle), max(high, middle)


def _edge(b: float, c: float, n: float, far: float, near: float) -> float:
    """The last gain, on the way from `near` to `far`, that is not refused."""
    for _ in range(_HALVINGS):
        gain = (far + near) / 2
        linear = (2 * n - b + c) * gain - b - c
        against = (np.sqrt(linear * linear + 8 * n * c * gain * (1 - gain)) - linear) / (4 * n)
        variance = n * (2 * against + gain * (1 - gain))
        refused = variance <= 0 or abs(b - c - n * gain) > Z95 * np.sqrt(variance)
        far, near = (gain, near) if refused else (far, gain)
    return (far + near) / 2


def power(n: int, gain: float, discordance: float) -> float:
    """Chance that the mid-p test on n independent examples shows a gain.

    Args:
        n: examples.
        gain: share of examples by which the second model is better.
        discordance: share of examples on which exactly one of the two is right; at least the gain.
    """
    from scipy import stats

    if n <= 0 or discordance <= 0:
        return 0.0
    low, high = stats.binom.ppf([_TAIL, 1 - _TAIL], n, min(discordance, 1.0))
    tried = np.arange(max(low, 1), high + 1)
    if not len(tried):
        return 0.0
    fewest = stats.binom.ppf(LEVEL / 2, tried, 0.5)
    mid = stats.binom.cdf(fewest, tried, 0.5) - stats.binom.pmf(fewest, tried, 0.5) / 2
    most = np.where(
        2 * mid <= LEVEL, fewest, fewest - 1
    )  # of the rarer side, so that the test still shows it
    better = (1 + min(gain / discordance, 1.0)) / 2
    shown = stats.binom.cdf(most, tried, better) + stats.binom.sf(tried - most - 1, tried, better)
    return float(stats.binom.pmf(tried, n, min(discordance, 1.0)) @ shown)


def needed(gain: float, discordance: float) -> int:
    """Fewest independent examples at which the mid-p test shows a gain with 80 % power.

    It begins at the usual formula (R. J. Connor 1987) and goes on until the power is there; which is not quite smooth in n.
    """
    discordance = min(max(discordance, gain), 1.0)
    start = max(1, round(mcnemar_size(gain, discordance)))
    low, high = max(1, start // 2), 2 * start + 20
    while low > 1 and power(low, gain, discordance) >= POWER:
        low //= 2
    while power(high, gain, discordance) < POWER:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(middle, gain, discordance) >= POWER else (middle, high)
    return high

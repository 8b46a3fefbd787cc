"""Tests of whether chance explains what was seen."""

from __future__ import annotations

from math import lgamma, log, log1p

import numpy as np
from numpy.typing import NDArray

FALSE = 0.05
"""Share of the findings that may be due to chance; the usual level."""


def binomial_tail(successes: int, trials: int, chance: float) -> float:
    """Probability of at least this many successes."""
    if successes <= 0 or chance >= 1:
        return 1.0
    if chance <= 0:
        return 0.0
    failures = trials - successes
    choose = lgamma(trials + 1) - lgamma(successes + 1) - lgamma(failures + 1)
    first = choose + successes * log(chance) + failures * log1p(-chance)
    k = np.arange(successes, trials)
    ratios = np.log((trials - k) / (k + 1)) + (log(chance) - log1p(-chance))  # of each term to the one before
    return float(min(1.0, np.exp(first + np.concatenate(([0.0], np.cumsum(ratios)))).sum()))


def binomial_tails(
    successes: NDArray[np.float64], trials: float, chances: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The same of many at once: the tail is an incomplete beta function."""
    from scipy.special import betainc

    some = np.maximum(successes, 1)
    tails: NDArray[np.float64] = np.where(
        successes > 0, betainc(some, trials - some + 1, np.clip(chances, 0, 1)), 1.0
    )
    return tails


def false_discovery(tails: NDArray[np.float64], rate: float) -> NDArray[np.bool_]:
    """Which hypotheses to reject so that at most `rate` of the rejections are false (Benjamini and Hochberg 1995)."""
    order = np.argsort(tails, kind="stable")
    passed = np.flatnonzero(tails[order] <= rate * np.arange(1, len(tails) + 1) / max(len(tails), 1))
    rejected = np.zeros(len(tails), np.bool_)
    if len(passed):
        rejected[order[: passed[-1] + 1]] = True
    return rejected

"""Tests of whether chance explains what was seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

EFFECT = 0.05
"""Smallest difference that is named: one label in twenty, the noise at which training stalls (S1)."""
FALSE = 0.05
"""Share of the findings that may be due to chance; the usual level."""


def binomial_tails(
    successes: NDArray[np.float64], trials: float | NDArray[np.float64], chances: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Probability of at least so many successes, of many binomial variables at once: an incomplete beta function."""
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

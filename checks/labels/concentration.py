"""How many labelers there are in effect."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from checks.contract import Measure
from checks.intervals import Z95


def effective_labelers(counts: NDArray[np.int64]) -> Measure:
    """1 / sum of squared shares of some judgements: a count, not an estimate."""
    shares = counts / counts.sum()
    return Measure(name="effective_labelers", value=float(1 / (shares**2).sum()), kind="score")


def expected_labelers(counts: NDArray[np.int64]) -> tuple[Measure, ...]:
    """The effective number of the process that the judgements are a sample of, with its interval.

    Two judgements drawn at random are by the same labeler in a share of H = sum n(n-1) / (N(N-1)) pairs, the unbiased
    estimate of the sum of squared shares; its variance is Simpson's (1949), which keeps its second order, so that
    equally busy labelers have an interval, too. The effective number is 1/H, its interval that of H turned round.
    Nothing where so few judged twice that there is no upper end.
    """
    number = counts.sum()
    pairs = float((counts * (counts - 1)).sum())
    if pairs == 0:
        return ()
    alike = pairs / float(number * (number - 1))
    shares = counts / number
    second, third = float((shares**2).sum()), float((shares**3).sum())
    variance = (
        2 * (2 * (number - 2) * third + second - (2 * number - 3) * second**2) / (number * (number - 1))
    )
    half = Z95 * sqrt(max(variance, 0.0))
    if alike - half <= 1 / number:
        return ()
    return (
        Measure(
            name="expected_effective_labelers",
            value=1 / alike,
            kind="score",
            interval=(max(1.0, 1 / (alike + half)), 1 / (alike - half)),
            basis="estimated",
            by=f"{number:,} judgements",
        ),
    )

"""How good one run is: means and shares over examples of which some are near copies of each other.

Near copies are right or wrong together, so they are not independent examples: with clusters of sizes m the mean over n
examples is as certain as that of n^2 / sum m^2 independent ones (L. Kish 1965), the effective examples here.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from checks.intervals import wilson

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NONE_SEEN = 3.0
"""What was seen in none of n examples holds for less than 3 / n of all, at 95 % ("rule of three")."""


def effective(clusters: Ints) -> float:
    """How many independent examples these are worth."""
    sizes = np.unique(clusters, return_counts=True)[1].astype(np.float64)
    return float(sizes.sum() ** 2 / (sizes**2).sum()) if len(sizes) else 0.0


def share(hits: NDArray[np.bool_], clusters: Ints) -> tuple[float, tuple[float, float]]:
    """A share and its Wilson interval."""
    value = float(hits.mean())
    return value, wilson(value, effective(clusters))


def mean(values: Floats, clusters: Ints) -> tuple[float, float]:
    """A mean and half the width of its 95 % interval, by Student's t; infinite where one example cannot tell.

    Where all values are the same the interval is that of what was never seen: differences of 1 in 3 / n of the examples.
    """
    from scipy import stats

    size = effective(clusters)
    middle = float(values.mean())
    if size <= 1:
        return middle, float("inf")
    spread = float(values.std(ddof=1))
    if spread <= 1e-12:  # rounding
        return middle, NONE_SEEN / size
    return middle, float(stats.t.ppf(0.975, size - 1)) * spread / sqrt(size)


def quality(scores: Floats, clusters: Ints) -> tuple[float, tuple[float, float]]:
    """Mean score with its interval: Wilson's for right and wrong, Student's t for grades."""
    if is_binary(scores):
        return share(scores > 0, clusters)
    middle, half = mean(scores, clusters)
    return middle, (max(0.0, middle - half), min(1.0, middle + half))


def is_binary(scores: Floats) -> bool:
    """Whether all scores are right or wrong."""
    return bool(((scores == 0) | (scores == 1)).all())

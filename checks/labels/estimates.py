"""Estimates of agreement and how sure they are."""

from __future__ import annotations

from dataclasses import dataclass

from checks.intervals import wilson
from checks.measures import Chart

FEW = 20
"""Units in disagreement below which neither bootstrap nor linearisation knows how rare disagreement is. Simulated
(`tests/bench/alpha_coverage.py`): at 30 units the plain bootstrap holds the true alpha in .42 to .95 of the cases, at 100 in
.80 to .96; made wider as here, in .94 or more."""
ALPHAS = Chart(
    picture="ranges",
    label="label",
    values=("alpha",),
    interval=("low", "high"),
    unit="score",
    measure="alpha",
)
"""A coefficient of each class with its interval."""
LIKE_CHANCE = 2
"""Further units whose difference is taken to be as large as by chance, as in the interval of Agresti and Coull (1998)."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A statistic of agreement with its 95 % interval."""

    value: float
    interval: tuple[float, float]
    by: str = ""
    """How the interval came about, where there are several ways."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """How often judges differ, in the data and by chance."""

    seen: float
    """Share of the pairs of judgements of one unit that differ."""
    chance: float
    """Share of the pairs of judgements of any units that differ."""
    units: float
    """Units compared, or as many as they are worth where judges are spread unequally."""
    differing: int
    """Units whose judges differ."""


def estimate(value: float, interval: tuple[float, float], of: Disagreement, by: str = "") -> Estimate:
    """A coefficient 1 - seen / chance with its interval, which is made wider where few units disagree.

    Resampling what agrees can only agree: where no unit differs its interval is a point. Under `FEW` such units the
    interval also holds what the ends of Wilson's interval of `seen` make of the coefficient, with differences as large,
    relative to those of chance, as they were on average; towards the lower end `LIKE_CHANCE` more are taken to be as
    large as those of chance, since the few that were seen may have been small ones.
    """
    low, high = interval
    if of.differing < FEW:
        least, most = (bound / of.chance for bound in wilson(of.seen, of.units))
        size = (1 - value) * of.chance / of.seen if of.seen > 0 else 1.0
        larger = max(size, (of.differing * size + LIKE_CHANCE) / (of.differing + LIKE_CHANCE))
        low, high = min(low, 1 - most * larger), max(high, 1 - least * size)
    return Estimate(value, (max(-1.0, min(low, value)), min(1.0, max(high, value))), by)

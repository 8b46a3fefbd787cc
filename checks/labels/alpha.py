"""Krippendorff's alpha of votes with missing judgements: nominal, ordinal, interval, and by class.

K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011): alpha = 1 - D_o / D_e, the disagreement seen within
units over that of all labels thrown together. With a unit's m labels weighing 1 / (m - 1), both are sums of squared
distances between pairs, and a sum over the pairs of n numbers x is a matter of two sums over the numbers:
2 (n sum x^2 - (sum x)^2). Interval: x is the number. Ordinal: Krippendorff's distance between two grades is the
difference of their mid-ranks, so x is the mid-rank. Nominal: x is 1 or 0, class by class. Nothing is done by pair.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from checks.intervals import Z95
from checks.labels.estimates import Disagreement, Estimate, estimate
from checks.labels.votes import Floats, Ints, Level, Votes

DRAWS = 1000
"""Bootstrap samples: the usual number for the ends of 95 % intervals (B. Efron, R. Tibshirani 1993, section 13.3)."""
CELLS = 100_000
"""Different count rows times labels up to which the bootstrap is drawn (some tenths of a CPU second); above, units are
so many that the linearised interval is as good."""
SEED = 20_041
"""Of the bootstrap, so that every run draws the same."""


def alpha(votes: Votes, level: Level, values: Floats | None = None) -> float | None:
    """Krippendorff's alpha; None where all labels of the units compared are the same.

    Args:
        votes: of the units compared.
        level: how far apart two labels are.
        values: the number behind each code, in order; ordinal needs only the order of the codes.
    """
    sums = _sums(votes, level, values)
    return sums.alpha if sums.between > 0 else None


def alpha_interval(votes: Votes, level: Level, values: Floats | None = None) -> Estimate | None:
    """Alpha with its 95 % interval over units; None as `alpha`.

    The percentile bootstrap of units (as count rows with multinomial weights), or linearised where there are more
    than `CELLS` of those; wider where few units disagree.
    """
    sums = _sums(votes, level, values)
    if sums.between <= 0:
        return None
    rows, weight = _count_rows(votes)
    if len(rows) * votes.classes <= CELLS:
        interval, by = _bootstrapped(_dense(votes, rows), weight, level, values), "bootstrap"
    else:
        half = Z95 * float(np.sqrt((_influence(votes, sums, level) ** 2).sum()))
        interval, by = (sums.alpha - half, sums.alpha + half), "linearised"
    return estimate(
        sums.alpha,
        interval,
        disagreement(votes),
        f"{level} distance and {by} interval over {votes.units:,} items",
    )


def disagreement(votes: Votes) -> Disagreement:
    """How often the judges of the units compared differ."""
    nominal = _sums(votes, "nominal", None)
    n, m = nominal.labels, votes.per_unit(votes.votes)
    return Disagreement(
        seen=float(nominal.within.sum()) / n,
        chance=nominal.between / n / (n - 1),
        units=float(n**2 / (m**2).sum()),
        differing=int((nominal.within > 0).sum()),
    )


def class_alphas(votes: Votes) -> dict[int, Estimate]:
    """Alpha of each class against the rest, by code, for classes that occur beside others; linearised intervals."""
    judges = votes.per_unit(votes.votes)
    m, v, c = judges[votes.unit], votes.votes.astype(np.float64), votes.code
    n, of_class = float(judges.sum()), votes.per_class(v)
    apart = 2 * v * (m - v) / (m - 1)  # within the unit; 0 in units without the class
    within, between = votes.per_class(apart), 2 * of_class * (n - of_class)
    told = between > 0
    rate = np.divide(n - 1, between, out=np.zeros(votes.classes), where=told)
    share = np.divide(within, between, out=np.zeros(votes.classes), where=told)
    # what one unit adds to alpha, by the product rule; a unit without the class still adds judgements
    elsewhere = 2 * share * rate * of_class - share
    here = elsewhere[c] * m - rate[c] * apart + share[c] * rate[c] * 2 * v * (n - 2 * of_class[c])
    squares = votes.per_class(here**2) + elsewhere**2 * ((judges**2).sum() - votes.per_class(m**2))
    units, differing = votes.per_class(np.ones(len(v))), votes.per_class(apart > 0)
    found = {}
    for code in np.flatnonzero(told).tolist():
        value, half = float(1 - within[code] * rate[code]), Z95 * float(np.sqrt(squares[code]))
        of = Disagreement(
            seen=within[code] / 2 / of_class[code],
            chance=(n - of_class[code]) / (n - 1),
            units=units[code],
            differing=int(differing[code]),
        )
        found[code] = estimate(value, (value - half, value + half), of)
    return found


@dataclass(frozen=True, slots=True)
class _Sums:
    """Squared distances between pairs of labels, and what they were worked out from."""

    within: Floats
    """Of each unit, over m - 1."""
    between: float
    """Of all labels."""
    labels: float
    """How many there are."""
    scores: Floats | None
    """The x behind each code; None for nominal."""

    @property
    def alpha(self) -> float:
        return 1 - (self.labels - 1) * float(self.within.sum()) / self.between


def _scores(count: Floats, level: Level, values: Floats | None) -> Floats:
    """The number behind each code: its mid-rank, or its value about the mean so that large numbers lose nothing."""
    if level == "ordinal":
        ranks = np.cumsum(count, axis=-1) - count / 2
        return np.asarray(ranks - count.sum(-1, keepdims=True) / 2)
    if values is None:
        raise ValueError("interval alpha needs the numbers behind the labels")
    return np.broadcast_to(values - values.mean(), count.shape)


def _sums(votes: Votes, level: Level, values: Floats | None) -> _Sums:
    v, c = votes.votes.astype(np.float64), votes.code
    m, count = votes.per_unit(v), votes.per_class(v)
    n = float(m.sum())
    if np.count_nonzero(count) < 2:
        return _Sums(np.zeros(len(m)), 0.0, n, None)
    if level == "nominal":
        return _Sums((m**2 - votes.per_unit(v**2)) / (m - 1), n**2 - float(count @ count), n, None)
    x = _scores(count, level, values)
    within = 2 * (m * votes.per_unit(v * x[c] ** 2) - votes.per_unit(v * x[c]) ** 2) / (m - 1)
    return _Sums(np.maximum(within, 0), 2 * float(n * (count @ x**2) - (count @ x) ** 2), n, x)


def _influence(votes: Votes, sums: _Sums, level: Level) -> Floats:
    """What each unit adds to alpha: the derivative by its weight, whose squares sum to the variance.

    B. Efron, "The Jackknife, the Bootstrap and Other Resampling Plans" (1982), chapter 6: the infinitesimal jackknife.
    """
    v, c, n, x = votes.votes.astype(np.float64), votes.code, sums.labels, sums.scores
    m, count = votes.per_unit(v), votes.per_class(v)
    share = float(sums.within.sum()) / sums.between
    by_within, by_between = -(n - 1) / sums.between, (n - 1) * share / sums.between
    if x is None:
        between = 2 * (n * m - votes.per_unit(v * count[c]))
        return -m * share + by_within * sums.within + by_between * between
    one, two = votes.per_unit(v * x[c]), votes.per_unit(v * x[c] ** 2)
    first = float(count @ x)
    between = 2 * (m * float(count @ x**2) + n * two - 2 * first * one)
    found = -m * share + by_within * sums.within + by_between * between
    if level == "ordinal":  # a unit also moves the ranks of all grades above its own
        apart = votes.per_class(4 * v * (m[votes.unit] * x[c] - one[votes.unit]) / (m - 1)[votes.unit])
        by_rank = by_within * apart + by_between * 4 * count * (n * x - first)
        found += votes.per_unit(v * (np.cumsum(by_rank[::-1])[::-1] - by_rank / 2)[c])
    return found


def _count_rows(votes: Votes) -> tuple[Ints, Ints]:
    """A unit of each distribution of votes, and how many units have it. A random sum tells distributions apart."""
    random = np.random.default_rng(SEED).integers(0, 2**64, votes.classes, dtype=np.uint64)
    prints = np.add.reduceat(votes.votes.astype(np.uint64) * random[votes.code], votes.starts)
    _, unit, weight = np.unique(prints, return_index=True, return_counts=True)
    return unit.astype(np.int64), weight.astype(np.int64)


def _dense(votes: Votes, units: Ints) -> Floats:
    """Votes of some units by label, as a table."""
    at = np.full(votes.units, -1)
    at[units] = np.arange(len(units))
    kept = at[votes.unit] >= 0
    table = np.zeros((len(units), votes.classes))
    table[at[votes.unit[kept]], votes.code[kept]] = votes.votes[kept]
    return table


def _bootstrapped(table: Floats, weight: Ints, level: Level, values: Floats | None) -> tuple[float, float]:
    """Percentile interval of alpha: count rows drawn as often as units have them."""
    units, m = weight.sum(), table.sum(1)
    times = np.random.default_rng(SEED).multinomial(units, weight / units, DRAWS).astype(np.float64)
    count, n = times @ table, times @ m
    if level == "nominal":
        within = times @ ((m**2 - (table**2).sum(1)) / (m - 1))
        between = n**2 - (count**2).sum(1)
    else:
        x = _scores(count, level, values)
        squares = ((times @ (table * (m / (m - 1))[:, None])) * x**2).sum(1)
        within = 2 * (squares - (times / (m - 1) * (x @ table.T) ** 2).sum(1))
        between = 2 * (n * (count * x**2).sum(1) - (count * x).sum(1) ** 2)
    told = between > 0  # a draw of one label only says nothing
    drawn = 1 - (n[told] - 1) * within[told] / between[told]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)

"""The rate of wrong labels behind repeated judgements of the same thing."""

from __future__ import annotations

from math import sqrt

import numpy as np
import polars as pl

from checks.contract import Measure
from checks.intervals import Z95, wilson
from checks.labels.votes import Floats


def pair_rate(judged: pl.DataFrame, unit: str, classes: int, basis: str) -> Measure | None:
    """The rate of random slips that explains the disagreement between judgements of the same unit.

    It is the rate of single judgements. Assumed are errors that are independent and even over the other classes;
    labelers may differ and classes be unequal. Over 27 simulated settings of such crowds (`tests/bench/crowds.py`) the
    mean error is at most .2 points, and the interval, which counts a unit as one case whatever the number of its
    judges, always held the share that was wrong: it is rather too wide. Errors that labelers share go unseen.
    """
    units = (
        judged.group_by(unit, "label")
        .len("votes")
        .group_by(unit)
        .agg(m=pl.col("votes").sum(), agreeing=(pl.col("votes") * (pl.col("votes") - 1)).sum())
        .filter(pl.col("m") > 1)
    )
    if units.is_empty():
        return None
    m = units["m"].cast(pl.Float64).to_numpy()
    differing = 1 - units["agreeing"].to_numpy() / (m * (m - 1))
    disagreement = float((m * differing).sum() / m.sum())
    low, high = wilson(disagreement, float(m.sum() ** 2 / (m**2).sum()))
    return Measure(
        name="noise_rate",
        value=slip_rate(disagreement, classes),
        kind="share",
        of=int(m.sum()),
        interval=(slip_rate(low, classes), slip_rate(high, classes)),
        basis="measured" if basis == "measured" else "estimated",
    )


def slip_rate(disagreement: float, classes: int) -> float:
    """Rate of random slips at which two judgements disagree this often; at most (K-1)/K."""
    most = (classes - 1) / classes
    return most * (1 - sqrt(max(0.0, 1 - disagreement / most)))


def majority_rate(judged: pl.DataFrame, unit: str, classes: int) -> Measure | None:
    """The rate of wrong labels among the majority labels of units that several judged; None if there are none.

    With slips at rate e, even over the other K - 1 classes, and no class more likely than another beforehand, a label
    with n votes is right with a probability in proportion to ((1 - e)(K - 1) / e)^n (Bayes). The rate is the mean
    probability that the label with the most votes is wrong, over the units of two judgements or more that have
    one such label; e is that of `pair_rate`. The interval follows from that of e, and from the number of units: so many
    wrong labels are a matter of chance, too. Assumes what `pair_rate` does: over the same crowds the mean error is at most
    .4 points and the interval holds the share that is wrong in 98 % of the cases or more. Errors that meet in a frequent
    class make it too low: with 2,000 items of 20 classes and 15 % wrong judgements .2 % for .6 %, held in 55 % of cases.
    """
    single = pair_rate(judged, unit, classes, "measured")
    if single is None or single.interval is None:
        return None
    votes = (
        judged.group_by(unit, "label")
        .len("votes")
        .with_columns(
            m=pl.col("votes").sum().over(unit),
            top=pl.col("votes").max().over(unit),
            labels=pl.len().over(unit),
        )
        .filter((pl.col("m") > 1) & ((pl.col("votes") == pl.col("top")).sum().over(unit) == 1))
    )
    if votes.is_empty():
        return None
    # units that voted alike are alike: few kinds, however many units
    behind = (pl.col("top") - pl.col("votes")).filter(pl.col("votes") < pl.col("top"))
    kinds = (
        votes.group_by(unit)
        .agg(pl.first("top", "labels"), behind=behind.sort())
        .group_by("top", "labels", "behind")
        .len("units")
        .sort("top", "labels", "behind")
    )
    weight = kinds["units"].to_numpy().astype(np.float64)
    units = int(weight.sum())
    value, low, high = (
        float(weight @ _wrong(kinds, rate, classes) / units) for rate in (single.value, *single.interval)
    )
    return Measure(
        name="majority_noise_rate",
        value=value,
        kind="share",
        of=units,
        interval=(max(0.0, low - Z95 * sqrt(low * (1 - low) / units)), wilson(high, units)[1]),
        basis="estimated",
    )


def _wrong(kinds: pl.DataFrame, rate: float, classes: int) -> Floats:
    """Probability that the label with the most votes is wrong, for each kind of vote."""
    slip = rate / ((1 - rate) * (classes - 1))  # odds of one vote against a label
    unseen = (classes - kinds["labels"].cast(pl.Float64).to_numpy()) * slip ** kinds["top"].cast(
        pl.Float64
    ).to_numpy()
    seen = kinds["behind"].list.eval(slip ** pl.element().cast(pl.Float64)).list.sum().to_numpy()
    return np.asarray((seen + unseen) / (1 + seen + unseen))

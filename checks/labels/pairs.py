"""The rate of wrong labels behind repeated judgements of the same thing."""

from __future__ import annotations

from math import sqrt

import polars as pl

from checks.contract import Measure
from checks.intervals import wilson


def pair_rate(judged: pl.DataFrame, unit: str, classes: int, basis: str) -> Measure | None:
    """The rate of random slips that explains the disagreement between judgements of the same unit."""
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

"""What is said of each run beside its quality: format, latency, cost, and how many independent examples it has."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from checks.contract import Data, Measure, Result
from checks.measures import Kind
from checks.paired.levels import effective, mean, share
from checks.paired.trials import RELATED, Run, clusters_of

NAMED = 5
"""Failure types named in a note; the rest is counted."""
EFFORT: Mapping[str, Kind] = {"seconds": "time", "cost": "money"}
"""Columns of amounts, of which the mean is told, and what they are."""


def format_and_effort(run: Run) -> Result:
    """Valid outputs, latency and cost of a run, where they are known."""
    measures = []
    if (known := run.known("valid")).height:
        value, spread = share(known["valid"].to_numpy(), clusters_of(known))
        measures.append(
            Measure(
                name="valid_share",
                group=run.name,
                value=value,
                kind="share",
                of=known.height,
                interval=spread,
            )
        )
    for column, kind in EFFORT.items():
        if (known := run.known(column)).height:
            amounts = known[column].to_numpy()
            value, half = mean(amounts, clusters_of(known))
            told = np.isfinite(half) and np.ptp(amounts) > 0
            around = (max(0.0, value - half), value + half) if told else None
            measures.append(
                Measure(name=f"mean_{column}", group=run.name, value=value, kind=kind, interval=around)
            )
    return Result(tuple(measures))


def unknown_types(counts: pl.DataFrame) -> tuple[str, ...]:
    """A note on the failure types of which no word is known."""
    if not counts.height:
        return ()
    listed = ", ".join(f"{word[:60]!r} ({count:,})" for word, count in counts.head(NAMED).rows())
    more = f" and {counts.height - NAMED:,} more types" if counts.height > NAMED else ""
    return (f"Failure types that are neither behaviour nor facts by their words: {listed}{more}.",)


def independent(data: Data, runs: Mapping[str, Run]) -> tuple[str, ...]:
    """A note on how many independent examples the results are worth."""
    tried = [run for name, run in runs.items() if name not in RELATED]
    if tried and "eval.text" not in data.offers():
        return (
            "Eval has no text in which near copies could be found, so each example counts as independent.",
        )
    worth = [(run, effective(clusters_of(run.known()))) for run in tried]
    return tuple(
        f"{run.name}: {run.known().height:,} results are worth {size:,.0f} independent ones, since near copies are right or wrong together."
        for run, size in worth
        if size < run.known().height - 0.5
    )

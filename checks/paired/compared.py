"""Runs against each other and against the target, in points."""

from __future__ import annotations

from collections.abc import Mapping

from checks.contract import Data, Measure, Range, Result
from checks.paired.gains import Pairs
from checks.paired.levels import quality
from checks.paired.trials import RELATED, Run, clusters_of

TARGET = "target-quality"
"""The question whose answer is the quality to be reached, 0 to 1."""


def points(name: str, pairs: Pairs, *, group: str | None = None, by: str = "") -> Measure:
    """The gain of some pairs as a measure in points."""
    low, high = pairs.interval
    return Measure(
        name=name, group=group, value=100 * pairs.gain, kind="points", interval=(100 * low, 100 * high), by=by
    )


def target_shortfall(data: Data, prompted: list[Run], best: Run | None) -> Result:
    """How far each run without fine-tuning, and the best of them, is from the declared target."""
    target = data.answers.get(TARGET)
    if best is None or not isinstance(target, Range):
        return Result(())
    if not 0 <= target.low <= target.high <= 1:
        return Result(
            (),
            (),
            (f"The target quality must lie in 0 to 1, so nothing is held against {target.expected:g}.",),
        )
    measures = []
    for group, run in ((None, best), *((run.name, run) for run in prompted)):
        known = run.known()
        good, (low, high) = quality(known["score"].to_numpy(), clusters_of(known))
        around = (100 * (target.low - high), 100 * (target.high - low))
        value = 100 * (target.expected - good)
        by = run.name if group is None else ""
        measures.append(
            Measure(
                name="target_shortfall_points",
                group=group,
                value=value,
                kind="points",
                interval=around,
                by=by,
            )
        )
    return Result(tuple(measures))


def related_change(runs: Mapping[str, Run]) -> Result:
    """What fine-tuning did to related tasks."""
    if not all(name in runs for name in RELATED):
        return Result(())
    pairs = runs[RELATED[0]].pairs(runs[RELATED[1]])
    return (
        Result((points("related_change_points", pairs, by=f"{pairs.rows:,} examples"),))
        if pairs.rows
        else Result(())
    )

"""The share of wrong labels from the best evidence there is: a ladder from a review down to a model's range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from checks.contract import Data, Measure
from checks.labels.pairs import pair_rate
from checks.labels.reviewed import review_of, reviewed_rate
from checks.labels.suspicion import Suspicion

ENOUGH = 73
"""Things reviewed or judged twice from which a rate is told by them: with fewer, not even full agreement would show a
rate under 5 % (Wilson: 0 of 73 leaves 5.0 % possible)."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One way to the share of wrong labels."""

    measure: Measure
    enough: bool = True
    """Whether it rests on so much that what lies below it on the ladder need not be asked."""


def review_rate(data: Data) -> Rung | None:
    """By rows that were reviewed."""
    found, review = reviewed_rate(data), data.once(review_of)
    return None if found is None or review is None else Rung(found, review.judged >= ENOUGH)


def overlap_rate(judged: pl.DataFrame | None, classes: int) -> Rung | None:
    """By items that several labelers judged (row, labeler, label; each labeler once an item)."""
    return None if judged is None else _by_pairs(judged, "row", classes, "overlap_noise_rate", "measured")


def repeated_rate(repeated: pl.DataFrame, classes: int) -> Rung | None:
    """By texts that stand in train more than once (row, label, first)."""
    return _by_pairs(repeated, "first", classes, "repeated_noise_rate", "estimated")


def _by_pairs(judged: pl.DataFrame, unit: str, classes: int, name: str, basis: str) -> Rung | None:
    found = pair_rate(judged, unit, classes, basis) if classes > 1 else None
    if found is None:
        return None
    several = judged.group_by(unit).len().filter(pl.col("len") > 1).height
    things = "items that several labelers judged" if basis == "measured" else "texts that are repeated"
    return Rung(replace(found, name=name, by=f"{several:,} {things}"), several >= ENOUGH)


def model_rate(found: Suspicion) -> Rung:
    """By the model: from the lower end of random slips alone to the upper end of slips and confusions together.

    The value is the middle of the two estimates.
    """
    low, high = found.slips.interval[0], max(found.confusions.interval[1], found.slips.interval[1])
    value = (found.slips.rate + max(found.confusions.rate, found.slips.rate)) / 2
    by = "a model that had not seen the rows"
    return Rung(
        Measure(
            name="model_noise_rate", value=value, kind="share", of=found.fitted, interval=(low, high),
            basis="estimated", by=by,
        )
    )  # fmt: skip


def ladder(rungs: Sequence[Rung | None]) -> tuple[Measure, ...]:
    """The `noise_rate`, by the first rung that rests on enough, else by the first there is; then the rungs themselves.

    Where another rung than the model decides, the lower end of the model's range stands by itself besides.
    """
    there = [rung for rung in rungs if rung is not None]
    if not there:
        return ()
    best = next((rung for rung in there if rung.enough), there[0]).measure
    found = [replace(best, name="noise_rate"), *(rung.measure for rung in there)]
    model = found[-1]
    if model.name == "model_noise_rate" and model.interval is not None and best.name != model.name:
        least = replace(
            model, name="least_model_noise_rate", value=model.interval[0], interval=None, basis="measured"
        )
        found.append(least)
    return tuple(found)

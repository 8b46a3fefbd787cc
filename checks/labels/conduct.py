"""How labelers went about it: who deviates, stops looking or speeds, and which judgements to have done again."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checks.contract import Data, Evidence, Measure, Result
from checks.labels.deviation import deviation_result, deviations
from checks.labels.judgements import Judgements, cast_votes, coded, majority_of_others
from checks.labels.pace import BLINK, pace, seconds
from checks.labels.relabel import Doubts, relabel
from checks.labels.stretches import LEAST, Stretches, stretches
from checks.labels.suspects import Scored, scored, suspicious_labelers
from checks.labels.suspicion import Suspicion
from checks.labels.votes import Floats, Ints
from checks.places import brief, place


def conduct(data: Data, judged: pl.DataFrame, suspicion: Suspicion | None) -> Result:
    """Measures, tables and notes of all that tells how labelers work.

    Args:
        data: the audit.
        judged: named judgements of train with `row`, `labeler`, `label` and perhaps `time`, each labeler once an item.
        suspicion: what a model of the texts makes of the labels, where there is one.
    """
    judgements = coded(judged)
    time = _times(judged)
    several = bool((np.bincount(judgements.row) > 1).any())
    model = None if suspicion is None else scored(suspicion, judgements)
    parts = [_pace(judgements, time)] if "time" in judged.columns else []
    if several or model is not None:
        found = deviations(judgements)
        suspect, told = (np.zeros(len(judgements.labelers), np.bool_), Result(()))
        if suspicion is not None and not several:
            suspect, told = suspicious_labelers(suspicion, judgements)
        runs, lazy = _lazy(data, judgements, time, model)
        doubts = Doubts(found.deviating, suspect, lazy, None if model is None else model.wrong)
        first = deviation_result(judgements, found) if several else told
        parts = [first, runs, *parts, relabel(data, judgements, doubts)]
    return merged(*parts)


def merged(*parts: Result) -> Result:
    """Several results as one, in their order."""
    return Result(
        tuple(measure for part in parts for measure in part.measures),
        tuple(table for part in parts for table in part.evidence),
        tuple(note for part in parts for note in part.notes),
    )


def _times(judged: pl.DataFrame) -> Floats | None:
    """Seconds at which each judgement was given; None where no time can be read."""
    if "time" not in judged.columns:
        return None
    found = seconds(judged["time"])
    return found if np.isfinite(found).any() else None


def _expected(judgements: Judgements, model: Scored | None) -> Ints:
    """The label that most others gave to the item; where nobody else did, the model's; -1 where there is none."""
    label = majority_of_others(judgements, cast_votes(judgements))
    if model is not None:
        alone = np.bincount(judgements.row)[judgements.row] == 1
        label = np.where(alone, model.likeliest, label)
    return label


def _lazy(
    data: Data, judgements: Judgements, time: Floats | None, model: Scored | None
) -> tuple[Result, NDArray[np.bool_]]:
    """`lazy_labelers` with their stretches, and which judgements stand in one."""
    lazy = np.zeros(len(judgements), np.bool_)
    expected = _expected(judgements, model)
    known = np.flatnonzero(expected >= 0)
    found = stretches(
        judgements.labeler[known],
        expected[known],
        judgements.label[known],
        None if time is None else time[known],
    )
    if not found.tested:
        why = f"No labeler has {LEAST} judgements of which the label to expect is known, so lazy stretches were not looked for."
        return Result((), (), (why,)), lazy
    measure = Measure(name="lazy_labelers", value=len(found.labeler), of=found.tested)
    if not len(found.labeler):
        return Result((measure,)), lazy
    members = [known[stretch] for stretch in found.members]
    lazy[np.concatenate(members)] = True
    order = "time" if time is not None else "records"
    table = _stretch_table(data, judgements, found, members)
    title = f"Lazy stretches, in the order of {order}"
    return Result((measure,), (Evidence(title, brief(table, "labeler")),)), lazy


def _stretch_table(data: Data, judgements: Judgements, found: Stretches, members: list[Ints]) -> pl.DataFrame:
    """From where to where each stretch goes, the most certain first."""
    firsts, lasts = (
        judgements.row[np.array([stretch[at] for stretch in members], np.int64)] for at in (0, -1)
    )
    table = pl.concat(
        [place(data.train, firsts), place(data.train, lasts, "last_")],
        how="horizontal",
    ).with_columns(
        judgements.labelers.gather(found.labeler).alias("labeler"),
        judgements=pl.Series([len(stretch) for stretch in members]),
        differing=pl.Series(found.inside),
        differing_elsewhere=pl.Series(found.outside),
        p=pl.Series(found.tail),
    )
    return table.select(pl.lit("train").alias("split"), pl.all()).sort("p", "labeler")


def _pace(judgements: Judgements, time: Floats | None) -> Result:
    """`speeding_labelers`, and a table that names them."""
    if time is None:
        return Result((), (), ("No time is a date (ISO 8601) or a number of seconds since 1970.",))
    found = pace(judgements.labeler, time)
    if found is None:
        why = "Times are those of batches or whole minutes, or of fewer than three labelers, so the pace cannot be told."
        return Result((), (), (why,))
    measure = Measure(name="speeding_labelers", value=int(found.speeding.sum()), of=len(found.labeler))
    untimed = len(judgements.labelers) - len(found.labeler)
    few = f"{untimed:,} labelers have too few times, or times of batches, to tell their pace."
    notes = (few,) if untimed else ()
    if not found.speeding.any():
        return Result((measure,), (), notes)
    fast = found.speeding
    table = pl.DataFrame(
        {
            "labeler": judgements.labelers.gather(found.labeler[fast]),
            "judgements": judgements.given[found.labeler[fast]],
            "median_seconds": found.median[fast],
            "usual_seconds": np.full(int(fast.sum()), found.usual),
            f"share_under_{BLINK:g}_s": found.blinks[fast],
        }
    ).sort("median_seconds", "labeler")
    return Result((measure,), (Evidence("Labelers who speed", brief(table, "labeler")),), notes)

"""Eval rows that are no strangers: train has others of their document, conversation or user, or of their time."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checks.contract import GROUPS, Data, Evidence, Measure, Result, Split
from checks.labels.pace import seconds
from checks.measures import Counted
from checks.places import brief, place

NOBODY = (
    "",
    "-",
    "?",
    "none",
    "null",
    "nan",
    "n/a",
    "na",
    "unknown",
    "anonymous",
    "anon",
    "deleted",
    "[deleted]",
)
"""What stands in a column where a row has no group: rows that share it share nothing."""
_FIRST, _LAST = -62135596800.0, 253402300799.0
"""The years 1 and 9999 in seconds since 1970: no other time can be told as a date."""


def shared_groups(data: Data) -> Result:
    """`shared_group_eval_rows` of each kind of group that both splits name, and `same_period_share`."""
    if data.eval is None:
        return Result(())
    measures: list[Measure] = []
    tables: list[pl.DataFrame] = []
    notes: list[str] = []
    for kind in GROUPS:
        sides = [split for split in (data.train, data.eval) if split.holds(kind)]
        if len(sides) == 1:
            other = "eval" if sides[0] is data.train else "train"
            notes.append(
                f"The {sides[0].role} rows name their {kind}, those of {other} do not, so no group can be compared."
            )
        if len(sides) == 2:
            named = _named(data.eval, kind)
            shared = _shared(data.train, named, kind)
            count = int(shared["eval_rows"].sum())
            measures.append(Measure(name="shared_group_eval_rows", group=kind, value=count, of=named.height))
            tables.append(shared)
            if nameless := data.eval.rows - named.height:
                notes.append(f"{nameless:,} of {data.eval.rows:,} eval rows name no {kind}.")
    period, said = _period(data.train, data.eval)
    found = pl.concat(tables) if tables else pl.DataFrame()
    evidence = (_groups(data.train, data.eval, found),) if found.height else ()
    return Result((*measures, *period), evidence, (*notes, *said))


def _named(split: Split, kind: str) -> pl.DataFrame:
    """`row` and `group` of the rows that name one."""
    group = pl.col(kind).str.strip_chars()
    rows = split.frame.select("row", group=group)
    return rows.filter(pl.col("group").is_not_null() & ~_is_nobody()).collect()


def _is_nobody() -> pl.Expr:
    """Whether a group is none."""
    return pl.col("group").str.to_lowercase().is_in(NOBODY)


def _shared(train: Split, evals: pl.DataFrame, kind: str) -> pl.DataFrame:
    """The groups on both sides, those of most eval rows first, with a row of each side."""

    def counted(rows: pl.DataFrame, side: str) -> pl.DataFrame:
        first = pl.col("row").min().cast(pl.Int64).alias(f"{side}_row")
        return rows.group_by("group").agg(pl.len().cast(pl.Int64).alias(f"{side}_rows"), first)

    both = counted(evals, "eval").join(counted(_named(train, kind), "train"), on="group")
    return both.sort("eval_rows", "group", descending=[True, False]).select(
        pl.lit(kind).alias("kind"), pl.all()
    )


def _groups(train: Split, evals: Split, found: pl.DataFrame) -> Evidence:
    ours, theirs = (found[f"{side}_row"].to_numpy() for side in ("eval", "train"))
    table = pl.concat(
        [
            place(evals, ours),
            place(train, theirs, "train_"),
            brief(found.select("kind", "group", "eval_rows", "train_rows"), "group"),
        ],
        how="horizontal",
    )
    table = table.select(pl.lit("eval").alias("split"), pl.all())
    return Evidence(
        "Groups on both sides, with the first row of each side", table, labels=("group",), counted=_COUNTED
    )


_COUNTED = Counted(measures={"": "shared_group_eval_rows"})


def _period(train: Split, evals: Split) -> tuple[tuple[Measure, ...], tuple[str, ...]]:
    """Share of the eval rows that lie within the period of train; nothing where times do not tell."""
    if not (train.holds("time") and evals.holds("time")):
        return (), ()
    ours, theirs = (_times(split) for split in (train, evals))
    if not len(ours) or not len(theirs) or ours.min() == ours.max():
        return (), ("The times of train or eval tell no period, so it is not known whether eval is later.",)
    first, last = float(ours.min()), float(ours.max())
    before, after = int((theirs < first).sum()), int((theirs > last).sum())
    within = len(theirs) - before - after
    start, end = (pl.from_epoch(pl.Series([int(at)]), "s").dt.date().item() for at in (first, last))
    meant = (
        "a model in use meets later rows, and such an eval set does not tell how it does on them"
        if 2 * within > len(theirs)
        else "eval is mostly of another time than train, as what a model in use meets is"
    )
    note = (
        f"{within:,} of {len(theirs):,} eval rows with a time lie within the period of train ({start} to {end}), "
        f"{after:,} after and {before:,} before it: {meant}."
    )
    share = Measure(name="same_period_share", value=within / len(theirs), kind="share", of=len(theirs))
    return (share,), (note,)


def _times(split: Split) -> NDArray[np.float64]:
    """The times that can be told, in seconds since 1970."""
    found = seconds(split.frame.select("time").collect().to_series())
    return found[np.isfinite(found) & (found >= _FIRST) & (found <= _LAST)]

"""Yields: how many usable rows come of the rows that were labelled, in all and by source and labeler."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checks.contract import Basis, Chart, Data, Evidence, Measure, Result
from checks.effective import Effective, effective_train
from checks.faults import FAULTS, train_faults
from checks.intervals import wilson
from checks.labels.believed import believed
from checks.labels.judgements import Judgements, cast_votes, coded, first_of_each
from checks.labels.relabel import how_right
from checks.labels.votes import Floats
from checks.places import brief, told_apart
from checks.sketched import sketch_leaks
from checks.text.clusters import train_clusters
from checks.text.leaks import leaks

MANY = 1_000
"""Sources or labelers above which none is told by itself: nobody chooses between so many."""
_WAITING = "unlabeled_rows", "unanswered_rows", "empty_turns"
"""Faults that rows may have because they are not labelled or answered yet."""
_UNANSWERED = "[AW]$"
"""How the turns of a row end whose answer is blank."""
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Yields:
    """Most of what was paid for is usable.

    `labelled_rows`: rows that somebody labelled, answered (not with a blank) or judged, of all readable ones. `usable_rows`: those left of
    them, as `effective_rows` of the check size counts them, of the labelled ones. `singular_rows`: labelled rows that
    are usable and of which no other row is a copy; their share of the labelled rows is what the next row of the same
    kind brings if new rows repeat old ones as often as these repeat each other (Good 1953), less than the share of
    usable rows, which counts one of each group of copies. `waiting_rows`: different texts that nobody labelled yet, of
    the rows without a label: neither faulty nor leaking, nor a copy of a usable row. `labels_per_row`: judgements for
    each labelled row; 1 where rows name no judgements.

    By source, where rows name one: `source_rows`, usable rows of its labelled ones, where a text that several rows
    hold counts its part in each; `source_wrong_share`, the share of its labels that is wrong, where it can be told;
    `source_usable_share`, the product of the usable and the right share, with Wilson's interval at as many rows as give
    a product of two such shares its variance (delta method). By labeler, where judgements
    name one, the same of the rows they judged: `labeler_rows`, `labeler_wrong_share`, `labeler_usable_share`. What is wrong is told by the
    other judgements of the same items (Dawid and Skene 1979, as in the check agreement), of their judgements of such
    items; where no item has several, by a model that never saw the row (see noise); its intervals take what the model
    says as known, so they are too narrow where labels are hard to tell. Unit: rows; counts are exact but for the recall
    of the near-duplicate search (see duplicates).
    Source: S1 (what labels cost must come back in savings), S4 (quality examples, not rows).
    """

    id: ClassVar[str] = "yields"
    title: ClassVar[str] = "Usable rows of what was labelled"
    needs: ClassVar[frozenset[str]] = frozenset({"train.text"})
    measures: ClassVar[tuple[str, ...]] = (
        "labelled_rows",
        "usable_rows",
        "singular_rows",
        "waiting_rows",
        "labels_per_row",
        "source_rows",
        "source_wrong_share",
        "source_usable_share",
        "labeler_rows",
        "labeler_wrong_share",
        "labeler_usable_share",
    )

    def run(self, data: Data) -> Result:
        """Count what is left of the labelled rows, and what waits."""
        left, labelled = data.once(effective_train), data.once(labelled_rows)
        credit = np.where(labelled, shares(left), 0.0)
        alone = (credit == 1.0) & labelled
        count, rows = int(labelled.sum()), data.train.rows
        judged = _judged(data)
        per_row = 1.0 if judged is None else max(1.0, judged.height / max(count, 1))
        measures = (
            Measure(name="labelled_rows", value=count, of=rows),
            Measure(name="usable_rows", value=round(float(credit.sum())), of=count),
            Measure(name="singular_rows", value=int(alone.sum()), of=count),
            Measure(name="waiting_rows", value=_waiting(data, left, labelled), of=rows - count),
            Measure(name="labels_per_row", value=per_row, kind="score"),
        )
        wrong = _wrong(data, judged)
        groups = (_by_source(data, labelled, credit, wrong), _by_labeler(judged, credit, wrong))
        return Result(
            (*measures, *(measure for group in groups for measure in group.measures)),
            tuple(table for group in groups for table in group.evidence),
            (
                *(wrong.notes if any(group.measures for group in groups) else ()),
                *(note for group in groups for note in group.notes),
            ),
        )


def labelled_rows(data: Data) -> Flags:
    """Rows that somebody labelled, answered or judged; use it as `data.once(labelled_rows)`."""
    stored = data.train.stored
    given = [pl.col("row").is_null()]  # of no row, and as long as the others
    if "label" in stored:
        given.append(pl.col("label").is_not_null())
    if {"response_bytes", "turns"} <= stored:
        given.append(
            pl.col("response").is_not_null() & ~pl.col("turns").fill_null("").str.contains(_UNANSWERED)
        )
    found = data.train.frame.select(pl.any_horizontal(given)).collect().to_series().to_numpy(writable=True)
    judged = _judged(data)
    if judged is not None:
        found[judged["row"].unique().cast(pl.Int64).to_numpy()] = True
    return found


def shares(left: Effective) -> Floats:
    """What each row adds to the effective rows: a text that n usable rows hold adds 1/n for each."""
    good = left.keeper >= 0
    size = np.bincount(left.keeper[good], minlength=len(left.keeper))
    share = np.zeros(len(left.keeper))
    share[good] = 1 / size[left.keeper[good]]
    return share


def unlabelled_rows(data: Data) -> Flags:
    """Rows that nobody labelled and that could be: nothing else is wrong with them; use it with `data.once`."""
    faults, labelled = data.once(train_faults), data.once(labelled_rows)
    names = [one.name for one in FAULTS if one.unusable and one.name not in _WAITING and one.name in faults]
    sound = ~labelled
    if names:
        sound &= ~faults.select(pl.any_horizontal(names)).to_series().to_numpy()
    if "turns" in data.train.stored:
        before = pl.col("turns").fill_null("").str.replace(_UNANSWERED, "")
        sound &= ~data.train.frame.select(before.str.contains("[UAW]")).collect().to_series().to_numpy()
    return sound


def leaking_rows(data: Data) -> Flags:
    """Rows that hold an eval row or its prompt; use it as `data.once(leaking_rows)`."""
    found = data.once(leaks) or data.once(sketch_leaks)
    return np.zeros(data.train.rows, np.bool_) if found is None else found.train


def _waiting(data: Data, left: Effective, labelled: Flags) -> int:
    """Distinct texts of rows without a label that could be labelled."""
    clusters = data.once(train_clusters).keeper
    able = data.once(unlabelled_rows) & ~data.once(leaking_rows)
    taken = np.unique(clusters[labelled & (left.keeper >= 0)])
    return len(np.setdiff1d(clusters[able], taken))


def _judged(data: Data) -> pl.DataFrame | None:
    """Judgements of train that give a label, each labeler once an item; None where rows name no judgements."""
    if data.labels is None or "label" not in (columns := data.labels.collect_schema()):
        return None
    given = data.labels.filter(pl.col("split") == "train").drop_nulls("label").collect()
    if "labeler" not in columns or given["labeler"].null_count() == given.height:
        return given.with_columns(pl.lit(None, pl.String).alias("labeler")) if given.height else None
    unnamed = given.filter(pl.col("labeler").is_null())
    return pl.concat([first_of_each(given), unnamed])


@dataclass(frozen=True, slots=True)
class _Wrong:
    """How probably labels are wrong; NaN where nothing tells."""

    rows: Floats
    """By row: its label."""
    judgements: pl.DataFrame
    """`row`, `labeler`, `wrong` of named judgements."""
    notes: tuple[str, ...]


def _wrong(data: Data, judged: pl.DataFrame | None) -> _Wrong:
    """By the other judgements of the same items, else by a model of the texts."""
    rows = np.full(data.train.rows, np.nan)
    named = None if judged is None else judged.drop_nulls("labeler")
    none = pl.DataFrame(schema={"row": pl.Int64, "labeler": pl.String, "wrong": pl.Float64})
    if named is not None and named.height and named["row"].is_duplicated().any():
        judgements = coded(named)
        return _by_others(data, judgements, rows)
    table = none if named is None else named.select(pl.col("row").cast(pl.Int64), "labeler")
    model = believed(data)
    if model is None:
        why = "No label was judged twice and no model can be believed, so it is not known how many are wrong."
        return _Wrong(rows, table.with_columns(wrong=pl.lit(np.nan)), (why,))
    rows[model.rows] = model.wrong
    return _Wrong(rows, table.with_columns(wrong=pl.Series(rows[table["row"].to_numpy()])), ())


def _by_others(data: Data, judgements: Judgements, rows: Floats) -> _Wrong:
    """How probably each judgement, and the label of each row, is wrong, where several judged it."""
    cast = cast_votes(judgements)
    right, wrong = how_right(judgements, cast)
    wrong = np.where(cast.size[cast.item] > 1, wrong, np.nan)
    table = pl.DataFrame(
        {
            "row": judgements.row,
            "labeler": judgements.labelers.gather(judgements.labeler),
            "wrong": wrong,
        }
    )
    votes = pl.DataFrame(
        {
            "row": np.unique(judgements.row)[cast.votes.unit],
            "label": judgements.labels.gather(cast.votes.code),
            "wrong": np.where(cast.size[cast.votes.unit] > 1, 1 - right, np.nan),
        }
    )
    if "label" in data.train.stored:
        labels = data.train.frame.select(pl.col("row").cast(pl.Int64), "label").collect()
        known = labels.join(votes, on=["row", "label"], how="inner")
        rows[known["row"].to_numpy()] = known["wrong"].to_numpy()
    return _Wrong(rows, table, ())


def _by_source(data: Data, labelled: Flags, credit: Floats, wrong: _Wrong) -> Result:
    """What each source brought."""
    if "source" not in data.train.stored:
        return Result(())
    table = data.train.frame.select(group="source").collect()
    table = table.with_columns(credit=pl.Series(credit), wrong=pl.Series(wrong.rows))
    return _told("source", table.filter(pl.Series(labelled)).drop_nulls("group"))


def _by_labeler(judged: pl.DataFrame | None, credit: Floats, wrong: _Wrong) -> Result:
    """What each labeler brought."""
    if judged is None or wrong.judgements.is_empty():
        return Result(())
    rows = wrong.judgements["row"].to_numpy()
    table = wrong.judgements.select(pl.col("labeler").alias("group"), "wrong")
    return _told("labeler", table.with_columns(credit=pl.Series(credit[rows])))


def _told(kind: str, table: pl.DataFrame) -> Result:
    """The measures of each group, and a table of them, those that yield most first."""
    known = pl.col("wrong").is_not_nan() & pl.col("wrong").is_not_null()
    groups = (
        table.group_by("group")
        .agg(
            labelled=pl.len(),
            usable=pl.col("credit").sum().round(9),  # so that the order of rows changes no digit
            judged=known.sum(),
            wrong_share=pl.col("wrong").filter(known).mean().round(9),
        )
        .sort("group")
    )
    if groups.height > MANY:
        note = f"{groups.height:,} {kind}s are too many to choose between: none was counted by itself."
        return Result((), (), (note,))
    groups = told_apart(brief(groups.rename({"group": "label"}), "label")).rename({"label": "group"})
    measures = list[Measure]()
    shown = list[tuple[float, float, float]]()
    for group, labelled, usable, judged, wrong_share in groups.iter_rows():
        share = usable / labelled * (1 - (wrong_share or 0.0))
        low, high = wilson(share, _worth(usable / labelled, labelled, wrong_share, judged))
        shown.append((share, low, high))
        basis: Basis = "measured" if wrong_share is None else "estimated"
        measures.append(Measure(name=f"{kind}_rows", value=usable, of=labelled, group=group))
        if wrong_share is not None:
            measures.append(
                Measure(name=f"{kind}_wrong_share", value=wrong_share, kind="share", of=judged, group=group,
                        interval=wilson(wrong_share, judged), basis="estimated")
            )  # fmt: skip
        measures.append(
            Measure(name=f"{kind}_usable_share", value=share, kind="share", of=labelled, group=group,
                    interval=(low, high), basis=basis)
        )  # fmt: skip
    if not shown:
        return Result(())
    columns = {name: [row[n] for row in shown] for n, name in enumerate(("usable_share", "low", "high"))}
    found = groups.rename({"group": kind}).with_columns(
        pl.Series(name, values) for name, values in columns.items()
    )
    found = found.sort(["usable_share", kind], descending=[True, False])
    return Result(tuple(measures), (Evidence(f"Usable rows by {kind}", found, chart=_chart(kind)),))


def _chart(kind: str) -> Chart:
    return Chart(
        picture="ranges", label=kind, values=("usable_share",), interval=("low", "high"), unit="share"
    )


def _worth(usable: float, labelled: int, wrong: float | None, judged: int) -> float:
    """Rows that an exact share would rest on if it were as uncertain as the product of the usable and the right share."""
    if wrong is None:
        return labelled
    share = usable * (1 - wrong)
    variance = (1 - wrong) ** 2 * usable * (1 - usable) / labelled + usable**2 * wrong * (1 - wrong) / judged
    return share * (1 - share) / variance if variance > 0 else min(labelled, judged)

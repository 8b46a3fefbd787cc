"""Size: how many rows are left to learn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from checks.contract import Chart, Data, Evidence, Measure, Result
from checks.effective import Effective, effective_train
from checks.labels.classes import distinct_classes, each_label
from checks.places import brief, quoting, told_apart


@dataclass(frozen=True, slots=True)
class Size:
    """The training set holds enough rows that each teach something new.

    `train_rows`: readable records (in multi-annotator data: items). `effective_rows`: distinct usable texts, that is
    `train_rows` minus `unusable_rows` (a fault that makes them worthless, see structure), minus `repeated_rows`
    (folded text equal to that of another usable row), minus `near_rows` (near-duplicates of another text; a good and a
    bad answer of unpaired preferences are none), minus
    `leaking_rows` (texts that hold an eval row or its prompt). Each step counts what the steps before it left. The
    table of steps begins with what was found in the files, unreadable records among it; in multi-annotator data with
    the items that could be read, since an unreadable judgement is no item.
    `classes`: distinct labels, each label of a list by itself; `class_rows`: effective rows of each class (a text that
    stands with two labels, or a list of them, counts in both), unless there are too many to be told one by one (over 10,000). Neither is measured where
    more than half of 50 labelled rows or more have a label of their own: such labels are no classes. Unit: rows.
    Exact but for the recall of the near-duplicate search (see duplicates).
    Source: S1 and S2 state minimums; the waterfall follows from what they call quality examples.
    """

    id: ClassVar[str] = "size"
    title: ClassVar[str] = "Rows that are left to learn from"
    needs: ClassVar[frozenset[str]] = frozenset({"train.line"})
    measures: ClassVar[tuple[str, ...]] = (
        "train_rows",
        "unusable_rows",
        "repeated_rows",
        "near_rows",
        "leaking_rows",
        "effective_rows",
        "classes",
        "class_rows",
    )

    def run(self, data: Data) -> Result:
        """Walk from raw to effective rows."""
        rows = data.train.rows
        measures = [Measure(name="train_rows", value=rows)]
        distinct = data.once(distinct_classes)
        classes = distinct.rows > 0 and not distinct.no_classes
        if classes:
            measures.append(Measure(name="classes", value=distinct.labels))
        if "train.text" not in data.offers():
            note = "The rows have no text, so copies cannot be found and effective rows are not known."
            return Result(tuple(measures), (), (note, *filter(None, [distinct.uncounted])))
        left = data.once(effective_train)
        steps = (
            ("unusable_rows", left.unusable),
            ("repeated_rows", left.exact),
            ("near_rows", left.near),
            ("leaking_rows", left.leaked),
            ("effective_rows", left.rows),
        )
        measures += [Measure(name=name, value=value, of=rows) for name, value in steps]
        evidence = [_waterfall(data, left)]
        if classes:
            counts = _per_class(data, left)
            shown = told_apart(brief(counts, "label"))
            if not distinct.uncounted:
                measures += [
                    Measure(name="class_rows", value=effective, group=label, of=total)
                    for label, total, effective in shown.iter_rows()
                ]
            chart = Chart(picture="bars", label="label", values=("effective",), measure="class_rows")
            evidence.append(Evidence("Rows per class", shown, labels=quoting(counts, "label"), chart=chart))
        return Result(tuple(measures), tuple(evidence), _notes(data))


def _by_item(data: Data) -> bool:
    """Whether rows are items with several judgements, so that records are no rows."""
    return data.train.merged > 0


def _waterfall(data: Data, left: Effective) -> Evidence:
    lost = data.lost("train")
    first = [("found in the files", data.train.rows + lost), ("unreadable", -lost)]
    if _by_item(data):
        first = [("items in the readable judgements", data.train.rows)]
    steps = [
        *first,
        ("unusable", -left.unusable),
        ("exact copies", -left.exact),
        ("near copies", -left.near),
        ("leaking from eval", -left.leaked),
    ]
    table = pl.DataFrame(steps, schema={"step": pl.String, "rows": pl.Int64}, orient="row")
    chart = Chart(picture="waterfall", label="step", values=("rows",), measure="effective_rows")
    return Evidence(
        "From found to effective rows", table.with_columns(left=pl.col("rows").cum_sum()), chart=chart
    )


def _notes(data: Data) -> tuple[str, ...]:
    notes = list(filter(None, [data.once(distinct_classes).uncounted]))
    if data.eval is None and data.sketch is None:
        notes.append("Leaking rows are not deducted: there is no eval file.")
    if _by_item(data) and (lost := data.lost("train")):
        notes.append(
            f"{lost:,} judgements could not be read; they are not among the steps, which begin with readable items."
        )
    return tuple(notes)


def _per_class(data: Data, left: Effective) -> pl.DataFrame:
    """label, rows, effective rows: rarest first. Copies with different labels count once for each."""
    table = each_label(data.train).collect()
    keeper = pl.Series("keeper", np.asarray(left.keeper)).gather(table["row"])
    return (
        table.with_columns(keeper)
        .group_by("label")
        .agg(rows=pl.len(), effective=pl.col("keeper").filter(pl.col("keeper") >= 0).n_unique())
        .sort("effective", "label")
    )

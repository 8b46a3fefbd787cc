"""Aspects: the questions that the labels of a row answer, where there are several."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from checks.contract import FURTHER, LABEL_LIST, Data

CARRIED = 10
"""Rows of train that must carry a label of a list for it to be a question of its own: fewer say nothing about it, a
share of one in ten then has a 95 % interval of 2 to 40 %."""
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True, eq=False)
class Aspect:
    """One question, and what the labels of train answer."""

    name: str | None
    """The user's column or, for a list of labels, the label that a row does or does not carry; None if there is one question."""
    labels: pl.DataFrame
    """`row`, `label`: every row of train, null where it has no answer."""


def aspects(data: Data) -> tuple[Aspect, ...]:
    """The questions that the training labels answer; use it as `data.once(aspects)`.

    The column `label` comes first, then each further column, then each label of lists that at least `CARRIED` rows
    carry, the most frequent first, answered by yes and no; `rare_labels` counts the others.
    """
    split = data.train
    if "label" not in split.stored:
        return ()
    further = sorted(name for name in split.stored if name.startswith(FURTHER))
    table = split.frame.select("row", "label", *further).collect()
    carried = _carried(data)
    common = carried.filter(pl.col("rows") >= CARRIED)["label"].to_list()
    name = (split.label_column or "label") if further or common else None
    found = [Aspect(name, table.select("row", "label"))]
    found += [Aspect(column.removeprefix(FURTHER), table.select("row", label=column)) for column in further]
    if common:
        lists = _lists(data).collect()
        taken = {aspect.name for aspect in found}
        found += [
            Aspect(
                label if label not in taken else f"{name}: {label}", lists.select("row", label=_answer(label))
            )
            for label in common
        ]
    return tuple(found)


def rare_labels(data: Data) -> int:
    """Labels of lists that too few rows carry to be a question of their own; use it as `data.once(rare_labels)`."""
    return _carried(data).filter(pl.col("rows") < CARRIED).height


def _answer(label: str) -> pl.Expr:
    carries = pl.col("labels").list.contains(pl.lit(label))
    return pl.when(carries).then(pl.lit(YES)).when(carries.is_not_null()).then(pl.lit(NO))


def _lists(data: Data) -> pl.LazyFrame:
    """row, labels: lists, also of rows whose file has one label a row."""
    if LABEL_LIST not in data.train.stored:
        return pl.LazyFrame(schema={"row": pl.UInt32, "labels": pl.List(pl.String)})
    alone = pl.when(pl.col("label").is_not_null()).then(pl.concat_list("label"))
    return data.train.frame.select("row", labels=pl.coalesce(LABEL_LIST, alone))


def _carried(data: Data) -> pl.DataFrame:
    """label, rows that carry it: most frequent first."""
    given = _lists(data).select(label=pl.col("labels").explode()).drop_nulls("label")
    return (
        given.group_by("label").agg(rows=pl.len()).sort(["rows", "label"], descending=[True, False]).collect()
    )

"""Judgements: what one labeler said of one item."""

from __future__ import annotations

import polars as pl


def first_of_each(judgements: pl.DataFrame, item: str = "row") -> pl.DataFrame:
    """Judgements whose labeler is known, each labeler once per item: their first. `item` is the column that tells items."""
    return judgements.drop_nulls("labeler").unique([item, "labeler"], keep="first", maintain_order=True)


def majority(judgements: pl.DataFrame, item: str, label: str = "label") -> pl.DataFrame:
    """`item` and the `label` that most labelers gave it, of items where one label is ahead of all others.

    A labeler has one vote on an item, their first label; judgements without a name are one vote each.
    """
    labelled = judgements.drop_nulls(label)
    if "labeler" in labelled.columns:
        unnamed = labelled.filter(pl.col("labeler").is_null())
        labelled = pl.concat([first_of_each(labelled, item), unnamed])
    votes = labelled.group_by(item, label).agg(votes=pl.len())
    most = votes.filter(pl.col("votes") == pl.col("votes").max().over(item))
    return most.filter(pl.len().over(item) == 1).select(item, label)

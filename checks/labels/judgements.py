"""Judgements: what one labeler said of one item."""

from __future__ import annotations

import polars as pl


def first_of_each(judgements: pl.DataFrame, item: str = "row") -> pl.DataFrame:
    """Judgements whose labeler is known, each labeler once per item: their first. `item` is the column that tells items."""
    return judgements.drop_nulls("labeler").unique([item, "labeler"], keep="first", maintain_order=True)

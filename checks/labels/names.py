"""Ids of labelers that may be one person's: alike but for case, space or the spelling of a number."""

from __future__ import annotations

import polars as pl

from checks.contract import Evidence, Measure, Result
from checks.labels.classes import spelled_alike
from checks.places import brief


def labeler_variants(names: pl.DataFrame) -> Result:
    """`labeler_variants` of a frame of distinct `labeler`s with their `judgements`, and a table of those alike."""
    table = alike(names)
    measure = Measure(name="labeler_variants", value=table.height, of=names.height)
    if table.is_empty():
        return Result((measure,))
    table = table.with_columns(pl.format("“{}”", "labeler").alias("labeler"))
    shown = brief(table, "person", "labeler")
    return Result((measure,), (Evidence("Labelers who may be one person", shown),))


def alike(names: pl.DataFrame) -> pl.DataFrame:
    """The labelers whose id is like another's, grouped: `person` and the columns given.

    Ids are alike if they would be as labels (`spelled_alike`), or once white space and invisible characters within them
    and the zeros that a whole number begins with are taken away as well: "7", " 7 ", "7.0" and "07" are alike.
    """
    spelled = pl.Series([spelled_alike(name) for name in names["labeler"]], dtype=pl.String)
    plain = spelled.str.replace_all(r"[\s\p{Cf}]+", "").str.replace(r"^\+?0*(\d+?)(?:\.0*)?$", "$1")
    return (
        names.with_columns(person=plain)
        .filter(pl.len().over("person") > 1)
        .sort("person", "labeler")
        .select("person", pl.all().exclude("person"))
    )

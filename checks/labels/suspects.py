"""The rows and classes that a model of the labels suspects, as evidence."""

from __future__ import annotations

import numpy as np
import polars as pl

from checks.contract import Data, Evidence
from checks.labels.suspicion import Suspicion
from checks.places import brief, place, quote, quoting


def suspected_rows(data: Data, found: Suspicion) -> tuple[Evidence, ...]:
    """Rows that are wrong with a probability above a half, the most suspicious first."""
    chosen = np.flatnonzero(found.wrong > 0.5)
    chosen = chosen[np.lexsort((found.rows[chosen], found.score[chosen]))]
    if not len(chosen):
        return ()
    rows, names = found.rows[chosen], pl.Series(found.classes)
    table = place(data.train, rows).select(
        pl.lit("train").alias("split"),
        pl.all(),
        label=names.gather(pl.Series(found.given[chosen])),
        model_says=names.gather(pl.Series(found.other[chosen])),
        p_wrong=pl.Series(found.wrong[chosen].astype(np.float64)).round(3),
        text=quote(data.train, rows),
    )
    both = ("label", "model_says")
    return (Evidence("Labels that a model doubts", brief(table, *both), ("text",), quoting(table, *both)),)


def confused_classes(found: Suspicion) -> tuple[Evidence, ...]:
    """Pairs of classes by how many rows of the one the model would give to the other."""
    chosen = np.flatnonzero(found.wrong > 0.5)
    names = pl.Series(found.classes)
    sizes = np.bincount(found.given, minlength=len(found.classes))
    pairs = (
        pl.DataFrame({"given": found.given[chosen], "other": found.other[chosen]})
        .group_by("given", "other")
        .len("rows")
        .filter(pl.col("rows") > 1)  # a single row is in the table of rows
        .sort(["rows", "given", "other"], descending=[True, False, False])
    )
    if pairs.is_empty():
        return ()
    table = pairs.select(
        label=names.gather(pairs["given"]),
        model_says=names.gather(pairs["other"]),
        rows=pl.col("rows").cast(pl.Int64),
        of=pl.Series(sizes[pairs["given"].to_numpy()]),
    )
    both = ("label", "model_says")
    return (Evidence("Classes that a model confuses", brief(table, *both), labels=quoting(table, *both)),)

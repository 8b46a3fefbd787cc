"""Rows whose text stands elsewhere, word for word or nearly, with another label."""

from __future__ import annotations

import numpy as np
import polars as pl

from checks.contract import Data, Evidence, Measure, Split
from checks.labels.side import Side
from checks.measures import Counted
from checks.places import brief, place, quote, quoting
from checks.text.clusters import Clusters, train_clusters
from checks.text.join import equal
from checks.text.probe import Probe

Found = tuple[tuple[Measure, ...], tuple[Evidence, ...]]


def copies(found: Clusters, labels: pl.DataFrame, near: float | None = None) -> pl.DataFrame:
    """row, label, first of the labelled rows whose text is repeated; `first` is the first row with the same folded text.

    With `near`, texts of at least that similarity to the one that represents them count as repeated, too.
    """
    first = found.first
    if near is not None:
        alike = found.near & ~found.exact & (found.similarity >= near)
        first = np.where(alike[first], found.keeper[first], first)
    return (
        labels.with_columns(pl.Series("first", first)).drop_nulls("label").filter(pl.len().over("first") > 1)
    )


def contradicted(split: Split, repeated: pl.DataFrame, labelled: int) -> Found:
    """How many rows contradict a copy of theirs, and how many labels of these are wrong at least."""
    wrong = repeated.filter(pl.col("label").n_unique().over("first") > 1)
    votes = pl.col("label").value_counts().struct.field("count")
    certain = wrong.group_by("first").agg(n=pl.len() - votes.max())
    measures = (
        Measure(name="contradicted_rows", value=wrong.height, of=labelled),
        Measure(name="certain_wrong_rows", value=int(certain["n"].sum()), of=labelled),
    )
    if wrong.is_empty():
        return measures, ()
    wrong = wrong.sort("first", "row")
    rows = wrong["row"].cast(pl.Int64).to_numpy()
    text = pl.DataFrame({"text": quote(split, rows)})
    table = pl.concat([place(split, rows), wrong.select("label"), text], how="horizontal")
    table = table.select(pl.lit(split.role).alias("split"), pl.all())
    shown = Evidence(
        "Same text, different labels", brief(table, "label"), ("text",), quoting(table, "label"),
        counted=Counted(measures={"": "contradicted_rows"}),
    )  # fmt: skip
    return measures, (shown,)


def contradicted_across(
    ours: Side, labels: pl.DataFrame, train: Side, taught: pl.DataFrame, probe: Probe
) -> pl.DataFrame:
    """row, label, other_row, other_label of the eval rows whose folded text has another label in train, in row order.

    Args:
        ours: eval.
        labels: row, label of its rows.
        train: train.
        taught: row, label of its rows.
        probe: eval as it is looked up.
    """
    pairs = equal(train.prints, taught["label"].is_not_null().to_numpy(), probe)
    there = pl.DataFrame({"other_row": pairs[:, 0], "text": ours.clusters.first[pairs[:, 1]]})
    there = there.with_columns(other_label=taught["label"].gather(there["other_row"]))
    here = labels.select(pl.col("row").cast(pl.Int64), "label", text=pl.Series(ours.clusters.first))
    found = here.drop_nulls("label").join(there, on="text").filter(pl.col("label") != pl.col("other_label"))
    return found.sort("row", "other_row").unique("row", keep="first", maintain_order=True).drop("text")


def near_contradicted(data: Data, labels: pl.DataFrame, near: float) -> Found:
    """How many texts are labelled otherwise than the near-duplicate that represents them."""
    close = _pairs(data, labels, near)
    measures = (Measure(name="near_contradictions", value=close.height),)
    if close.is_empty():
        return measures, ()
    both = ("label", "other_label")
    title, excerpts = "Near-duplicates with different labels", ("text", "other_text")
    return measures, (Evidence(title, brief(close, *both), excerpts, quoting(close, *both)),)


def _pairs(data: Data, labels: pl.DataFrame, near: float) -> pl.DataFrame:
    """The texts with their representative, most similar first.

    All labels of both texts count, wherever their copies stand; one pair of rows is shown for each.
    """
    found = data.once(train_clusters)
    texts = np.flatnonzero(found.near & ~found.exact & (found.similarity >= near))
    pairs = pl.DataFrame(
        {"text": texts, "other_text": found.keeper[texts], "similarity": found.similarity[texts]}
    )
    given = (
        labels.with_columns(pl.col("row").cast(pl.Int64), text=pl.Series(found.first))
        .drop_nulls("label")
        .unique(["text", "label"], keep="first", maintain_order=True)
    )
    pairs = (
        pairs.join(given, on="text")
        .join(given.rename(lambda name: f"other_{name}"), on="other_text")
        .filter(pl.col("label") != pl.col("other_label"))
        .sort(["similarity", "row", "other_row"], descending=[True, False, False])
        .unique("text", keep="first", maintain_order=True)
    )
    ours, theirs = pairs["row"].to_numpy(), pairs["other_row"].to_numpy()
    return pl.concat(
        [
            place(data.train, ours),
            pairs.select("label", "other_label", "similarity"),
            place(data.train, theirs, "other_"),
            pl.DataFrame({"text": quote(data.train, ours), "other_text": quote(data.train, theirs)}),
        ],
        how="horizontal",
    ).select(pl.lit("train").alias("split"), pl.all())

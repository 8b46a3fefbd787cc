"""Which rows a batch may be drawn from, one for each text, and what became of the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from checks.contract import Data
from checks.faults import train_faults, usable
from checks.labels.classes import distinct_labels
from checks.labels.strata import keys_of
from checks.text.clusters import train_clusters
from checks.yields import labelled_rows, leaking_rows, unlabelled_rows

Purpose = Literal["poc", "labeling"]
Flags = NDArray[np.bool_]
LENGTHS = ("short", "middle", "long")
"""Thirds of the texts by length, where neither labels nor sources tell rows apart."""
_TOLD_BY = ("label", "source", "id", "labeler", "time")
"""Columns besides the text by which rows with one text are told apart, so that their order chooses none of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Rows to draw from; arrays have one entry a row."""

    rows: NDArray[np.int64]
    keys: NDArray[np.uint64]
    """Random numbers that content and seed give: the smallest are drawn."""
    doubtful: Flags
    """Rows that stand for a group of copies whose own first choice was filtered out: rows of two such groups may be near
    copies of each other."""
    stratum: NDArray[np.int64]
    strata: tuple[str, ...]
    """Names, sorted."""
    by: str
    """What the strata are."""
    waterfall: tuple[tuple[str, int], ...]
    """Each step and how many rows it took; the first one is what there was."""
    again: bool
    """All rows have labels already, so they would be judged a second time."""


def candidates(data: Data, *, purpose: Purpose, seed: int) -> Candidates:
    """The rows that a batch is drawn from.

    For a proof of concept all usable rows; for labeling those without a label and, where there is none of these, the
    usable ones once more. Either way free of leaks, and one of each group of copies: that with the smallest key of the
    rows with the text that stands for the group, which is no near copy of any other such text.
    """
    first = data.train.rows + (0 if data.train.merged else data.lost("train"))
    steps = [("found in the files", first), ("unreadable", first - data.train.rows)]
    again = (
        purpose == "labeling"
        and not data.once(unlabelled_rows).any()
        and bool(data.once(labelled_rows).any())
    )
    left = np.ones(data.train.rows, np.bool_)
    for name, keep in _filters(data, purpose, again=again):
        steps.append((name, int((left & ~keep).sum())))
        left &= keep
    clusters = data.once(train_clusters)
    rows = np.flatnonzero(left)
    texts, groups = len(np.unique(clusters.first[rows])), len(np.unique(clusters.keeper[rows]))
    steps += [("exact copies", len(rows) - texts), ("near copies", texts - groups)]
    keys = _keys(data, rows, seed)
    other = clusters.first[rows] != clusters.first[clusters.keeper[rows]]
    order = np.lexsort((rows, keys, other, clusters.keeper[rows]))
    fresh = np.ones(len(order), np.bool_)
    fresh[1:] = np.diff(clusters.keeper[rows][order]) != 0
    chosen = order[fresh]
    rows, keys, other = rows[chosen], keys[chosen], other[chosen]
    by, names = _strata(data, rows)
    known = names.unique().sort()
    return Candidates(
        rows=rows,
        keys=keys,
        doubtful=other,
        stratum=names.cast(pl.Enum(known)).to_physical().cast(pl.Int64).to_numpy(),
        strata=tuple(known.to_list()),
        by=by,
        waterfall=tuple(steps),
        again=again,
    )


def _filters(data: Data, purpose: Purpose, *, again: bool) -> Iterator[tuple[str, Flags]]:
    """Name of each filter and the rows that it leaves."""
    good = usable(data.once(train_faults), data.train.rows).to_numpy()
    if purpose == "labeling" and not again:
        labelled = data.once(labelled_rows)
        yield "labelled already", ~labelled
        yield "faulty", data.once(unlabelled_rows)
        clusters = data.once(train_clusters).keeper
        yield "copies of labelled rows", ~np.isin(clusters, clusters[labelled & good])
    else:
        yield "unusable", good
    yield "leaking from eval", ~data.once(leaking_rows)


def _keys(data: Data, rows: NDArray[np.int64], seed: int) -> NDArray[np.uint64]:
    """A random number for each row, from its content and the seed."""
    columns = ["text", *(name for name in _TOLD_BY if name in data.train.stored)]
    content = np.empty(len(rows), np.uint64)
    for first, batch in data.train.batches(*columns):
        begin, end = np.searchsorted(rows, (first, first + len(batch)))
        here = pa.array(rows[begin:end] - first)
        cells = zip(*(column.take(here).to_pylist() for column in batch.columns), strict=True)
        content[begin:end] = [_digest("\x00".join(map(str, one))) for one in cells]
    return keys_of(content, np.zeros(len(content), np.uint64), seed)


def _digest(text: str) -> int:
    """64 bits of a text."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def _strata(data: Data, rows: NDArray[np.int64]) -> tuple[str, pl.Series]:
    """What tells the strata of some rows, and the name of each row's."""
    for column in ("label", "source"):
        if column in data.train.stored and not (column == "label" and data.once(distinct_labels).no_classes):
            found = data.train.take(pl.Series(rows), column)[column]
            if found.drop_nulls().n_unique() > 0:
                return column, found.fill_null("none").rename("stratum")
    length = data.train.frame.select(pl.col("text").str.len_bytes()).collect().to_series().gather(rows)
    cuts = np.quantile(length.to_numpy(), (1 / 3, 2 / 3), method="inverted_cdf") if len(rows) else np.zeros(2)
    third = np.searchsorted(cuts, length.to_numpy(), side="left")
    return "length", pl.Series("stratum", [LENGTHS[n] for n in third.tolist()], dtype=pl.String)

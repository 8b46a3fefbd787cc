"""Judgements: what one labeler said of one item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

Codes = NDArray[np.int64]


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


@dataclass(frozen=True, slots=True)
class Judgements:
    """Judgements as numbers: entry j says that `labeler[j]` gave `label[j]` to the item in row `row[j]` of its split."""

    row: Codes
    labeler: Codes
    label: Codes
    labelers: pl.Series
    """Names by code, in alphabetical order, so that the order of rows changes no code."""
    labels: pl.Series
    """Labels by code, likewise."""

    def __len__(self) -> int:
        return len(self.row)

    @property
    def given(self) -> Codes:
        """Judgements of each labeler."""
        return np.bincount(self.labeler, minlength=len(self.labelers))

    def of(self, chosen: NDArray[np.bool_] | Codes) -> Judgements:
        """Some of the judgements, by flag or by place, under the same codes."""
        return Judgements(
            self.row[chosen], self.labeler[chosen], self.label[chosen], self.labelers, self.labels
        )


def coded(judged: pl.DataFrame) -> Judgements:
    """Judgements with `row`, `labeler` and `label`, none of them null, in the order given."""
    (labeler, labelers), (label, labels) = (_codes(judged[name]) for name in ("labeler", "label"))
    return Judgements(judged["row"].cast(pl.Int64).to_numpy(), labeler, label, labelers, labels)


def _codes(names: pl.Series) -> tuple[Codes, pl.Series]:
    known = names.unique().sort()
    return names.cast(pl.Enum(known)).to_physical().cast(pl.Int64).to_numpy(), known


@dataclass(frozen=True, slots=True)
class Votes:
    """How many judgements gave each label to each item; a cell is an item with one of the labels it was given.

    Items are numbered in the order of their rows; cells stand item by item, the most frequent label first.
    """

    item: Codes
    """Item of each judgement."""
    cell: Codes
    """Cell of each judgement."""
    label: Codes
    """Label of each cell."""
    count: Codes
    """Judgements in each cell."""
    first: Codes
    """First cell of each item, and the number of cells at the end."""
    size: Codes
    """Judgements of each item."""

    @property
    def kinds(self) -> Codes:
        """Different labels of each item."""
        return np.diff(self.first)

    @property
    def of(self) -> Codes:
        """Item of each cell."""
        return np.repeat(np.arange(len(self.size)), self.kinds)


def votes(judgements: Judgements) -> Votes:
    """The cells of some judgements."""
    rows, item = np.unique(judgements.row, return_inverse=True)
    classes = max(len(judgements.labels), 1)
    keys, cell, count = np.unique(item * classes + judgements.label, return_inverse=True, return_counts=True)
    order = np.lexsort((keys % classes, -count, keys // classes))
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    first = np.concatenate(([0], np.cumsum(np.bincount(keys // classes, minlength=len(rows)))))
    size = np.bincount(item, minlength=len(rows))
    return Votes(item, place[cell], (keys % classes)[order], count[order], first, size)


def sums(of: Codes, amounts: NDArray[Any], groups: int) -> NDArray[np.float64]:
    """The sum of the amounts of each group."""
    return np.bincount(of, amounts, groups).astype(np.float64, copy=False)


def majority_of_others(judgements: Judgements, cast: Votes) -> Codes:
    """The label that more than half of the other labelers of the item gave, for each judgement; -1 where none was."""
    top = cast.first[cast.item]
    second = np.minimum(top + 1, len(cast.count) - 1)
    several = cast.kinds[cast.item] > 1
    own = cast.cell == top  # the label given is the item's most frequent one
    beaten = own & several & (cast.count[second] > cast.count[top] - 1)
    chosen = np.where(beaten, second, top)
    votes_for = cast.count[chosen] - (own & ~beaten)
    return np.where(2 * votes_for > cast.size[cast.item] - 1, cast.label[chosen], -1)

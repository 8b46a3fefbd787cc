"""Judgements: what one labeler said of one item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checks.contract import Data, Role
from checks.labels.votes import Ints, Votes, tally, top


def labels_given(data: Data, role: Role) -> pl.DataFrame | None:
    """row, labeler, label of each judgement of a role that gives a label; None where nobody can be named."""
    if data.labels is None or not {"label", "labeler"} <= set(data.labels.collect_schema()):
        return None
    judged = data.labels.filter(pl.col("split") == role).drop_nulls("label")
    return judged.select("row", "labeler", "label").collect()


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

    row: Ints
    labeler: Ints
    label: Ints
    labelers: pl.Series
    """Names by code, in alphabetical order, so that the order of rows changes no code."""
    labels: pl.Series
    """Labels by code, likewise."""

    def __len__(self) -> int:
        return len(self.row)

    @property
    def given(self) -> Ints:
        """Judgements of each labeler."""
        return np.bincount(self.labeler, minlength=len(self.labelers))

    def of(self, chosen: NDArray[np.bool_] | Ints) -> Judgements:
        """Some of the judgements, by flag or by place, under the same codes."""
        return Judgements(
            self.row[chosen], self.labeler[chosen], self.label[chosen], self.labelers, self.labels
        )


def coded(judged: pl.DataFrame) -> Judgements:
    """Judgements with `row`, `labeler` and `label`, none of them null, in the order given."""
    (labeler, labelers), (label, labels) = (_codes(judged[name]) for name in ("labeler", "label"))
    return Judgements(judged["row"].cast(pl.Int64).to_numpy(), labeler, label, labelers, labels)


def _codes(names: pl.Series) -> tuple[Ints, pl.Series]:
    known = names.unique().sort()
    return names.cast(pl.Enum(known)).to_physical().cast(pl.Int64).to_numpy(), known


@dataclass(frozen=True, slots=True)
class Cast:
    """How judgements fall on items, which are numbered in the order of their rows."""

    votes: Votes
    """Of all items, judged once or more often."""
    item: Ints
    """Item of each judgement."""
    entry: Ints
    """Entry of the votes that each judgement is among."""
    size: Ints
    """Judgements of each item."""
    kinds: Ints
    """Different labels of each item."""
    starts: Ints
    """First entry of each item."""


def cast_votes(judgements: Judgements) -> Cast:
    """The votes of some judgements, and where each stands in them."""
    rows, item = np.unique(judgements.row, return_inverse=True)
    classes = max(len(judgements.labels), 1)
    votes = tally(item, judgements.label, classes, least=1)
    entry = np.searchsorted(votes.unit * classes + votes.code, item * classes + judgements.label)
    size, kinds = np.bincount(item, minlength=len(rows)), np.bincount(votes.unit, minlength=len(rows))
    return Cast(votes, item, entry, size, kinds, votes.starts)


def sums(of: Ints, amounts: NDArray[Any], groups: int) -> NDArray[np.float64]:
    """The sum of the amounts of each group."""
    return np.bincount(of, amounts, groups).astype(np.float64, copy=False)


def majority_of_others(judgements: Judgements, cast: Cast) -> Ints:
    """The label that more than half of the other labelers of the item gave, for each judgement; -1 where none was."""
    count, item = cast.votes.votes, cast.item
    first, most, _ = top(cast.votes, count)
    others = count.copy()
    others[first] = 0
    second, next_most, _ = top(cast.votes, others)
    own = cast.entry == first[item]  # the label given is the item's most frequent one
    beaten = own & (next_most[item] > most[item] - 1)
    chosen = np.where(beaten, second[item], first[item])
    votes_for = count[chosen] - (own & ~beaten)
    return np.where(2 * votes_for > cast.size[item] - 1, cast.votes.code[chosen], -1)

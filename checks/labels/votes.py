"""Who said what of which item, counted: the table behind every statistic of agreement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

Level = Literal["nominal", "ordinal", "interval"]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Number = TypeVar("Number", np.float64, np.int64)
Weights = NDArray[np.float64] | NDArray[np.int64] | NDArray[np.bool_]

GRADES = (5, 11)
"""Fewest and most different whole numbers that are grades: Likert's scale has five, one from 0 to 10 is the longest in
common use. Three or four are as often codes of classes, unless some are below zero."""
WHOLE = 2.0**53
"""Numbers beyond this are rather identifiers: a float does not tell them from their neighbours."""


@dataclass(frozen=True, slots=True)
class Votes:
    """Votes by unit and label, of the units that enough judges labelled.

    Three arrays with one entry for each label that a unit got, sorted by unit and label, so that memory follows the
    judgements and not units times labels: `unit` (from 0), `code` (of the label, from 0) and `votes` (how many judges).
    """

    unit: Ints
    code: Ints
    votes: Ints
    classes: int
    """Labels that codes can stand for."""

    @property
    def units(self) -> int:
        """How many units were compared."""
        return int(self.unit[-1]) + 1 if len(self.unit) else 0

    @property
    def starts(self) -> Ints:
        """The first entry of each unit."""
        return np.flatnonzero(np.diff(self.unit, prepend=-1))

    def per_unit(self, of_entries: Weights) -> Floats:
        """Sums over the entries of each unit."""
        return np.bincount(self.unit, of_entries, self.units).astype(np.float64, copy=False)

    def per_class(self, of_entries: Weights) -> Floats:
        """Sums over the entries of each label."""
        return np.bincount(self.code, of_entries, self.classes).astype(np.float64, copy=False)


def tally(unit: Ints, code: Ints, classes: int, *, least: int = 2) -> Votes:
    """Count judgements, given as whole numbers: which unit and which label.

    Units with fewer than `least` judgements are left out; the others are numbered anew, in order.
    """
    if not len(unit):
        return Votes(unit.astype(np.int64), code.astype(np.int64), np.zeros(0, np.int64), classes)
    key = np.sort(unit.astype(np.int64) * classes + code)
    first = np.flatnonzero(np.diff(key, prepend=-1))
    votes, (units, codes) = np.diff(first, append=len(key)), np.divmod(key[first], classes)
    number = np.cumsum(np.diff(units, prepend=-1) > 0) - 1
    compared = np.bincount(number, votes)[number] >= least
    units = units[compared]
    renumbered = np.cumsum(np.diff(units, prepend=-1) > 0) - 1
    return Votes(renumbered, codes[compared], votes[compared], classes)


def top(votes: Votes, score: NDArray[Number]) -> tuple[Ints, NDArray[Number], Ints]:
    """By unit: the first entry with the highest score, that score, and how many entries have it."""
    if not votes.units:
        return votes.unit, score, votes.unit
    highest = np.maximum.reduceat(score, votes.starts)
    best = np.flatnonzero(score == highest[votes.unit])
    units, first, many = np.unique(votes.unit[best], return_index=True, return_counts=True)
    return best[first], highest[units], many.astype(np.int64)


@dataclass(frozen=True, slots=True)
class Scale:
    """The labels as what they are: names, grades or numbers."""

    level: Level
    labels: pl.Series
    """One label for each code, in order."""
    values: Floats | None
    """The number behind each code; None for names."""
    merged: int = 0
    """Spellings that stand for a number that is also spelled otherwise: "1" and "1.0"."""


def scaled(labels: pl.Series, wanted: Level | None = None) -> tuple[Scale, Ints]:
    """The scale of some labels, and the code of each.

    Labels that all are numbers are compared as such, so that "1" and "1.0" are one label. Their level is ordinal
    where they are whole and as many as `GRADES` says; nominal where they are whole and fewer, which is the stricter
    guess (none is below zero), else interval. Text has no order: nominal. The level that is wanted overrules this, but
    not for text.
    """
    names = labels.unique().sort()
    numbers = names.str.strip_chars().cast(pl.Float64, strict=False)
    if (numbers.is_finite() & (numbers.abs() <= WHOLE)).fill_null(value=False).all():
        # + 0.0 makes one of -0 and 0.
        values, codes = np.unique(numbers.to_numpy() + 0.0, return_inverse=True)
    else:
        values, codes = None, np.arange(len(names))
    table = pl.DataFrame({"label": names, "code": codes.astype(np.int64)})
    of_each = labels.to_frame("label").join(table, on="label", how="left", maintain_order="left")["code"]
    shortest = table.sort("code", pl.col("label").str.len_chars(), "label")
    shown = shortest.unique("code", keep="first", maintain_order=True)["label"]
    level = "nominal" if values is None else wanted or _level(values)
    return Scale(level, shown, values, len(names) - len(shown)), of_each.to_numpy()


def _level(values: Floats) -> Level:
    fewest, most = GRADES
    if len(values) <= 2 or (len(values) < fewest and _whole(values) and values[0] >= 0):
        return "nominal"
    return "ordinal" if len(values) <= most and _whole(values) else "interval"


def _whole(values: Floats) -> bool:
    return bool(np.all(values == np.round(values)))

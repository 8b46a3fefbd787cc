"""Who said what of which item, counted: the table behind every statistic of agreement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

Level = Literal["nominal", "ordinal", "interval"]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

GRADES = 10
"""Most different whole numbers that are still grades: a scale from 1 to 10 is the longest in common use."""
WHOLE = 2.0**53
"""Numbers beyond this are rather identifiers: a float does not tell them from their neighbours."""


@dataclass(frozen=True, slots=True)
class Votes:
    """Votes by unit and label, of the units that two judges or more labelled.

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

    def per_unit(self, of_entries: Floats | Ints) -> Floats:
        """Sums over the entries of each unit."""
        return np.bincount(self.unit, of_entries, self.units)

    def per_class(self, of_entries: Floats | Ints) -> Floats:
        """Sums over the entries of each label."""
        return np.bincount(self.code, of_entries, self.classes)


def tally(unit: Ints, code: Ints, classes: int) -> Votes:
    """Count judgements, given as whole numbers: which unit (in any order, any numbers from 0) and which label."""
    if not len(unit):
        return Votes(unit.astype(np.int64), code.astype(np.int64), np.zeros(0, np.int64), classes)
    key = np.sort(unit.astype(np.int64) * classes + code)
    first = np.flatnonzero(np.diff(key, prepend=-1))
    votes, (units, codes) = np.diff(first, append=len(key)), np.divmod(key[first], classes)
    number = np.cumsum(np.diff(units, prepend=-1) > 0) - 1
    compared = np.bincount(number, votes)[number] > 1
    units = units[compared]
    renumbered = np.cumsum(np.diff(units, prepend=-1) > 0) - 1
    return Votes(renumbered, codes[compared], votes[compared], classes)


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


def scaled(labels: pl.Series, level: Level | None = None) -> tuple[Scale, Ints]:
    """The scale of some labels, and the code of each.

    Labels that all are numbers are compared as such, so that "1" and "1.0" are one label. Their level is ordinal
    where they are whole and at most `GRADES` different ones, else interval; two different labels have no order that
    could matter, and text has none: nominal. A level that is given overrules this.

    Raises:
        ValueError: ordinal or interval is asked for, and not all labels are numbers.
    """
    names = labels.unique().sort()
    numbers = names.str.strip_chars().cast(pl.Float64, strict=False)
    numeric = bool((numbers.is_finite() & (numbers.abs() <= WHOLE)).fill_null(value=False).all())
    if not numeric:
        if level in ("ordinal", "interval"):
            odd = names.filter((numbers.is_finite() & (numbers.abs() <= WHOLE)).fill_null(value=False).not_())
            message = f"level is {level}, but not all labels are numbers: {odd.len():,} are not"
            raise ValueError(message)
        codes = labels.to_frame("label").join(
            names.to_frame("label").with_row_index("code"), on="label", how="left", maintain_order="left"
        )
        return Scale("nominal", names, None), codes["code"].to_numpy().astype(np.int64)
    values, of_name = np.unique(numbers.to_numpy() + 0.0, return_inverse=True)  # + 0.0 makes one of -0 and 0
    table = pl.DataFrame({"label": names, "code": of_name.astype(np.int64)})
    codes = labels.to_frame("label").join(table, on="label", how="left", maintain_order="left")
    shown = table.sort("code", pl.col("label").str.len_chars(), "label").unique(
        "code", keep="first", maintain_order=True
    )
    whole = bool(np.all(values == np.round(values)))
    told: Level = "nominal" if len(values) <= 2 else "ordinal" if whole and len(values) <= GRADES else "interval"
    return Scale(level or told, shown["label"], values, len(names) - len(values)), codes["code"].to_numpy()

"""Which rows of a split hold personal data and secrets, and which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import polars as pl

from checks.contract import FURTHER, Data, Split
from checks.private.find import Found, column_parts, find
from checks.private.kinds import Kind
from checks.private.mask import masked

_LONG = ("text", "rejected")
"""Columns in which nearly every row has a text of its own."""
_SHARED = ("system", "label")
"""Columns in which many rows have the same one."""


@dataclass(frozen=True, slots=True)
class Held:
    """What the rows of all splits hold."""

    places: dict[tuple[str, int, str, str], None] = field(default_factory=dict)
    """(split, row, kind, masked value), each once."""
    values: dict[str, list[bytes]] = field(default_factory=dict)
    """Values by kind, as often as they stand there. Nothing but their number may leave this module's users."""
    examples: dict[str, int] = field(default_factory=dict)
    """Documentation examples by kind, which are nobody's."""

    def add(self, split: str, rows: Iterable[int], one: Found) -> None:
        """Note a value that stands in some rows."""
        name = one.kind.name
        for row in rows:
            if one.example:
                self.examples[name] = self.examples.get(name, 0) + 1
            else:
                self.places[split, row, name, masked(one.kind, one.value)] = None
                self.values.setdefault(name, []).append(same(one.kind, one.value))


def same(kind: Kind, value: bytes) -> bytes:
    """A value without what may be written in several ways: the case of an address, the separators of a number."""
    if kind.secret:
        return value
    return (
        value.lower()
        if b"@" in value or b":" in value or kind.name == "IP address"
        else value.translate(None, b" .-()")
    )


def held(data: Data) -> Held:
    """Look at all texts of all splits; use it as `data.once(held)`."""
    found = Held()
    for split in data.splits:
        for row, one in _long(split):
            found.add(split.role, [row], one)
        for rows, one in _shared(split):
            found.add(split.role, rows, one)
    return found


def _long(split: Split) -> Iterator[tuple[int, Found]]:
    for name in _LONG:
        if name in split.stored:
            for first, batch in split.batches(name):
                for one in find(*column_parts(batch.column(0))):
                    yield first + one.row, one


def _shared(split: Split) -> Iterator[tuple[list[int], Found]]:
    """The same of columns in which each distinct text is looked at once."""
    for name in sorted(split.stored):
        if name in _SHARED or name.startswith(FURTHER):
            texts = split.frame.select(pl.col(name)).unique().drop_nulls().sort(name).collect().to_series()
            for one in find(*column_parts(texts.to_arrow())):
                is_it = pl.col(name) == texts[one.row]
                yield split.frame.filter(is_it).select("row").collect().to_series().to_list(), one

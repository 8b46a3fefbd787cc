"""Cells of evidence in words, the same on a terminal and in every file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Row = Mapping[str, Any]
FILE = "file"
"""Name, or end of the name, of a column that says in which file a row stands."""


def places(row: Row) -> list[str]:
    """Prefixes of the places that a row names: "" of the row itself, "train_" of another it is held against."""
    return [name.removesuffix(FILE) for name in row if name.endswith(FILE)]


def place(row: Row, prefix: str = "") -> str:
    """file:line:column, as editors and linters write it."""
    numbers = (row.get(f"{prefix}line"), None if prefix else row.get("column"))
    return ":".join([str(row[f"{prefix}{FILE}"]), *(str(number) for number in numbers if number is not None)])


def facts(row: Row, excerpts: tuple[str, ...]) -> Iterator[str]:
    """What was found on a row, in words: all but its places, its texts and what to do."""
    told = {"split", "column", "fix", *excerpts}
    told |= {f"{prefix}{name}" for prefix in places(row) for name in ("row", FILE, "line")}
    return (found for name, value in row.items() if name not in told and (found := named(name, value)))


def named(name: str, value: Any) -> str:  # noqa: ANN401  a cell of an evidence table
    """A cell in words: what has a name of one word speaks for itself, flags by their name; others and numbers need it."""
    if value is None or value is False:
        return ""
    if value is True:
        return name.replace("_", " ")
    of_itself = isinstance(value, str) and "_" not in name
    return shown(value) if of_itself else f"{name.replace('_', ' ')} {shown(value)}"


def shown(value: Any) -> str:  # noqa: ANN401  as above
    """A cell by itself; nothing where there is no value."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return "" if value is None else f"{value:,}" if isinstance(value, int) else str(value)

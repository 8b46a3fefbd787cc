"""The shapes of framework files: strict TOML, in which unknown keys are errors that name the place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from auditor.errors import PolicyError
from auditor.tomlfile import check_keys, keys_of, parsed

Leaning = Literal["for", "against", "hold", "none", "unknown"]
"""What a verdict means for fine-tuning: go on, do something else, not yet; `none` chooses or counts without leaning."""
Side = Literal["for", "against"]


class VerdictTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """A verdict in the framework's own words."""

    says: str
    leaning: Leaning = "none"


class ItemTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """One line of a framework: it counts where all of `yes` are answered yes and all of `no` are answered no."""

    yes: str | tuple[str, ...] = ()
    no: str | tuple[str, ...] = ()
    text: str = ""
    """As the source puts it; the text of the question, if empty."""
    group: str = ""
    side: Side = "for"
    """What it speaks for where it counts."""
    weight: str = ""
    """As the source states it."""
    reversed: bool = False
    """The source adds up a yes to the question, although it speaks against; the note says why it is turned round."""
    note: str = ""
    then: str = ""
    """Said behind a verdict that rests on the item where it counts."""
    remedy: str = ""
    """Said behind a verdict that rests on the item where it does not count."""
    warn: str = ""
    """A warning that is given where the item counts."""
    cells: tuple[str, ...] = ()
    """Of a matrix: what each column says to the row."""


class BandTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """A range of a score and its verdict; of several the first that the score lies in, the last has no bound."""

    says: str
    leaning: Leaning = "none"
    at_least: float | None = None
    more_than: float | None = None


class NodeTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """A fork of a tree: if the number of items of a group that count keeps to the bound go on, otherwise the verdict."""

    ask: str
    of: str
    says: str
    leaning: Leaning = "none"
    all: bool = False
    """All items of the group have to count."""
    at_least: float | None = None
    more_than: float | None = None
    at_most: float | None = None
    less_than: float | None = None


class ColumnTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What one column of a matrix stands for."""

    name: str
    leaning: Leaning = "none"


class ChoiceTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What follows from one of several words."""

    value: str
    text: str
    says: str
    leaning: Leaning = "none"
    cells: tuple[str, ...] = ()


class ReferenceTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """A table of the source that is shown as it is."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class FrameworkTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """A framework as written in TOML. Which keys it needs depends on its kind, see `kinds`."""

    title: str
    source: str
    kind: str
    place: int = 1000
    """Frameworks are shown in this order; one of your own comes last."""
    about: str = ""
    include: tuple[str, ...] = ()
    """Frameworks whose items come before its own."""
    replaces: str = ""
    notes: tuple[str, ...] = ()
    item: tuple[ItemTable, ...] = ()
    of: str = ""
    at_least: int | None = None
    plus: str = ""
    minus: str = ""
    met: VerdictTable = VerdictTable("")
    missed: VerdictTable = VerdictTable("")
    band: tuple[BandTable, ...] = ()
    node: tuple[NodeTable, ...] = ()
    end: VerdictTable = VerdictTable("")
    column: tuple[ColumnTable, ...] = ()
    worth: dict[str, float] = {}
    asks: str = ""
    choice: tuple[ChoiceTable, ...] = ()
    columns: tuple[str, ...] = ()
    """Headings of the cells of choices."""
    table: tuple[ReferenceTable, ...] = ()
    question: dict[str, Any] = {}
    """Questions of its own, as in questions.toml."""


_NESTED: Mapping[str, type[msgspec.Struct]] = {
    "item": ItemTable,
    "band": BandTable,
    "node": NodeTable,
    "column": ColumnTable,
    "choice": ChoiceTable,
    "table": ReferenceTable,
    "met": VerdictTable,
    "missed": VerdictTable,
    "end": VerdictTable,
}


def read_shape(content: str, where: str) -> FrameworkTable:
    """The tables of a framework file.

    Raises:
        PolicyError: it is no TOML, has an unknown key, or a value of the wrong type; says where.
    """
    _, found = parsed(content.encode(), where)
    check_keys(found, keys_of(FrameworkTable), where)
    for key, shape in _NESTED.items():
        tables = found.get(key, [])
        for number, table in enumerate(tables if isinstance(tables, list) else [tables], 1):
            check_keys(
                table,
                keys_of(shape),
                f"{where}, {key} {number}" if isinstance(tables, list) else f"{where}, [{key}]",
            )
    try:
        return msgspec.convert(found, FrameworkTable)
    except msgspec.ValidationError as error:
        message = f"{where}: {error}"
        raise PolicyError(message) from None

"""What readers hand on: some records as columns, with their lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple, Protocol

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from auditor.errors import UnreadableError
from auditor.load.formats import Shape
from auditor.load.ledger import Fault, shown
from auditor.load.messages import Message, PlainMessage, PlainTurn, Scalar

Record = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Some readable records. It may be looked at until the next one is asked for."""

    columns: Mapping[str, Any]
    """Role -> one value per record (None where the record has none) in a list or, where the block is plain, a column."""
    lines: NDArray[np.int64]
    record: Callable[[int], Record | Fault]
    """The whole record with this index, with all columns that the user gave it, or what is wrong in one of those that
    were not looked at."""
    named: bool = False
    """Whether each record names its columns, so that later ones may have others."""


class Reader(Protocol):
    """Reads one kind of file."""

    def sample(self) -> Iterator[Record]:
        """Some whole records, from which the format is told. Leaves nothing read that `blocks` would miss."""
        ...

    def blocks(self, shape: Shape) -> Iterator[Block]:
        """All records, once; what cannot be read goes to the ledger."""
        ...


EXACT: Mapping[str, Any] = {
    **dict.fromkeys(("messages", "conversations"), list[Message] | None),
    **dict.fromkeys(("prompt", "response", "chosen", "rejected"), Scalar | Message | list[Message]),
}
"""Roles whose values may be messages, and the type of these."""
_NO_NAME = frozenset('"\\') | frozenset(map(chr, range(32)))
"""Characters that msgspec takes in no name."""
_PLAIN: Mapping[str, Any] = {
    "messages": list[PlainMessage] | None,
    "conversations": list[PlainTurn] | None,
}


class RowTypes(NamedTuple):
    """Typed rows that hold the columns of a shape, by number, and skip all others."""

    plain: type[Struct]
    """Refuses messages that are more than a role and a text, and so is faster."""
    exact: type[Struct]
    roles: tuple[str, ...]

    def columns(self, rows: Sequence[Struct]) -> dict[str, list[Any]]:
        """The rows' values by role."""
        return {role: list(map(attrgetter(f"_{n}"), rows)) for n, role in enumerate(self.roles)}


@cache
def row_types(shape: Shape) -> RowTypes:
    """The row types of a shape."""
    roles, exact = tuple(shape.names), _row_type(shape, EXACT)
    plain = exact if _PLAIN.keys().isdisjoint(roles) else _row_type(shape, {**EXACT, **_PLAIN})
    return RowTypes(plain, exact, roles)


def _row_type(shape: Shape, types: Mapping[str, Any]) -> type[Struct]:
    for _, column in shape.columns:
        if set(column) & _NO_NAME:
            message = (
                f"has the column {shown(column, 40)} with a quote, a backslash or a control character in its name, and "
                "such columns cannot be read; rename it"
            )
            raise UnreadableError(message)
    # A label may be a list.
    own = {*shape.format.needs, *shape.format.takes} - {"label"} | {shape.format.flag}
    kinds = (types.get(role, Scalar if role in own else Any) for role, _ in shape.columns)
    fields = [(f"_{n}", kind, None) for n, kind in enumerate(kinds)]
    return msgspec.defstruct(
        "Row", fields, gc=False, rename={f"_{n}": column for n, (_, column) in enumerate(shape.columns)}
    )

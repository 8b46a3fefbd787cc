"""Blocks of plain JSON Lines as columns, without a Python object per record."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from auditor.load.conversations import Flat, chats, flat_parts, spoken
from auditor.load.formats import Shape
from auditor.load.messages import letter_of
from auditor.load.spans import Spans, Wanted, find_spans, gather

PARTS = {"messages": ("role", "content"), "conversations": ("from", "value")}
"""Role that holds messages -> the two keys of a plain message."""
PATIENCE = 8
"""Blocks that may turn out not to be plain before no more are tried, unless as many were plain."""


class _Plan(NamedTuple):
    """What to look for in the blocks of a file."""

    wanted: Wanted
    flat: tuple[str, ...]
    """Roles of the flat keys."""
    messages: str | None
    """Role of the messages."""
    needs: frozenset[str]


class PlainLines:
    """Tries to read the blocks of one file the fast way; a file that never is plain is soon left alone."""

    def __init__(self, shape: Shape) -> None:
        self._plan = _plan(shape)
        self._credit = PATIENCE

    def columns(self, data: NDArray[np.uint8], rows: int) -> dict[str, Any] | None:
        """The columns of a block of UTF-8 by role, or None: something in it is for the exact reader.

        Args:
            data: whole lines.
            rows: how many there are.
        """
        if self._plan is None or self._credit <= 0:
            return None
        spans = find_spans(data, rows, self._plan.wanted)
        made = None if spans is None else _columns(data, spans, self._plan)
        self._credit += -1 if made is None else 1
        return made


def _plan(shape: Shape) -> _Plan | None:
    """What a shape's columns are read from; None where records are looked at one by one.

    That is where they are routed or flagged, and where messages are no conversation of their own but part of one.
    """
    names = shape.names
    messages = next((role for role in PARTS if role in names), None)
    if "split" in names or shape.format.flag in names or (messages and shape.format.make is not chats):
        return None
    flat = tuple(role for role in names if role != messages)
    keys = tuple(names[role] for role in flat)
    wanted = Wanted(keys) if messages is None else Wanted(keys, names[messages], PARTS[messages])
    return _Plan(wanted, flat, messages, frozenset(shape.format.needs))


def _columns(data: NDArray[np.uint8], spans: Spans, plan: _Plan) -> dict[str, Any] | None:
    """Copies of what was found; None if a record lacks what its format needs."""
    if any((spans.flat.starts[key] < 0).any() for key, role in enumerate(plan.flat) if role in plan.needs):
        return None
    columns: dict[str, Any] = {role: gather(data, spans.flat, key) for key, role in enumerate(plan.flat)}
    if plan.messages is not None:
        if (spans.counts < 0).any():
            return None
        roles = gather(data, spans.parts, 0).dictionary_encode()
        letters = np.array([letter_of(role) for role in roles.dictionary.to_pylist()], np.uint8)
        each = letters[roles.indices.to_numpy()] if len(letters) else np.zeros(0, np.uint8)
        columns[plan.messages] = _messages(data, spans, each)
    return columns


def _messages(data: NDArray[np.uint8], spans: Spans, letters: NDArray[np.uint8]) -> Flat:
    """The messages of a block; what is spoken is gathered with its newlines, so that it is copied once."""
    chosen = spoken(letters)
    record = np.repeat(np.arange(len(spans.counts)), spans.counts)[chosen]
    glued = np.zeros(len(record), np.bool_)
    glued[1:] = record[1:] == record[:-1]
    pieces = gather(data, spans.parts, 1, chosen, glued)
    return flat_parts(spans.counts, letters, pieces, glued, gather(data, spans.parts, 1, ~chosen))

"""Personal data and secrets in many texts at once."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Any, NamedTuple, cast

import numpy as np
import pyarrow as pa

from checks.private.kinds import AFTER, BEFORE, KINDS, PREFIXES, Kind
from checks.private.lists import IBAN_LENGTHS
from checks.private.persons import CALLS, SECURITY
from checks.private.spot import CARD, IBAN, IP4, PHONE, SSN, TOKEN, Tables, begins, ends, spots
from checks.text.kernel import Bytes, Numbers

_TABLES = Tables(begins(PREFIXES), ends((*CALLS, *SECURITY)))
_BY_SPOT = {spot: [kind for kind in KINDS if kind.spot == spot] for spot in {kind.spot for kind in KINDS}}
_ANY_KEY = re.compile(b"|".join(kind.pattern.pattern for kind in _BY_SPOT[TOKEN]))
_RUNS = frozenset([CARD, IP4, PHONE, SSN])
_ORDER = {id(kind): number for number, kind in enumerate(KINDS)}


class Found(NamedTuple):
    """One value in a text."""

    row: int
    """Number of the text."""
    start: int
    stop: int
    """Its bytes in all the texts together."""
    kind: Kind
    value: bytes
    example: bool
    """Documentation shows it; it is nobody's."""


def find(data: Bytes, bounds: Numbers) -> list[Found]:
    """What the texts `data[bounds[i]:bounds[i + 1]]` hold, in order of place; of what overlaps the kind that stands first."""
    seen = spots(data, bounds, _TABLES)
    view = memoryview(cast(Any, data))  # arrays are buffers, though their types do not say so
    found: list[Found] = []
    lows, highs = bounds[seen[:, 3]].tolist(), bounds[seen[:, 3] + 1].tolist()
    for (start, stop, spot, row), low, high in zip(seen.tolist(), lows, highs, strict=True):
        if spot == TOKEN and not _ANY_KEY.match(view, start, high):
            continue
        for kind in _BY_SPOT[spot]:
            found += _matches(view, kind, row, start, stop, low, high)
    return _apart(found)


def _matches(
    view: memoryview, kind: Kind, row: int, start: int, stop: int, low: int, high: int
) -> list[Found]:
    """What one kind finds at one place of a text, which begins at `low` and ends at `high`."""
    if kind.spot in _RUNS:  # runs of numbers may hold several
        matches = list(kind.pattern.finditer(view, start, stop))
    else:
        match = kind.pattern.match(view, start, high)
        matches = [] if match is None else [match]
    found = []
    for match in matches:
        begin, end = match.span()
        value = match[0]
        if kind.spot == IBAN:
            end -= _beyond(value)
            value = value[: end - begin]
        before = bytes(view[max(low, begin - BEFORE) : begin])
        after = bytes(view[end : min(high, end + AFTER)])
        judged = kind.judge(value, before, after)
        if judged != "no":
            found.append(Found(row, begin, end, kind, value, judged == "example"))
    return found


def _beyond(value: bytes) -> int:
    """Bytes of a grouped account number that are words behind it: its country says how long it is."""
    length, seen = IBAN_LENGTHS.get(value[:2], 0), 0
    for place, code in enumerate(value):
        seen += code != 0x20
        if seen == length:
            return len(value) - place - 1
    return 0


def _apart(found: list[Found]) -> list[Found]:
    """In order of place, without what overlaps a kind that stands before it."""
    kept: list[tuple[int, int, Found]] = []
    for one in sorted(found, key=lambda one: (_ORDER[id(one.kind)], one.start, -one.stop)):
        place = bisect_left(kept, one.start, key=_start)
        free = place == len(kept) or kept[place][0] >= one.stop
        if free and (place == 0 or kept[place - 1][1] <= one.start):
            kept.insert(place, (one.start, one.stop, one))
    return [one for _, _, one in kept]


def _start(kept: tuple[int, int, Found]) -> int:
    return kept[0]


def column_parts(column: pa.Array) -> tuple[Bytes, Numbers]:
    """The bytes and bounds of a column of strings; a null is a blank text."""
    if column.type != pa.large_string():
        column = column.cast(pa.large_string())
    _, offsets, data = column.buffers()
    bounds = (
        np.frombuffer(offsets, np.int64, len(column) + 1, 8 * column.offset)
        if offsets
        else np.zeros(1, np.int64)
    )
    return (
        np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(0, np.uint8)
    ), bounds

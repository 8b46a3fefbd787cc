"""The wanted strings of plain JSON Lines as Arrow columns, without a Python object per value.

Whatever is not plain makes the answer None: then the block is for msgspec, which either reads it or says what is wrong
with it. So nothing is accepted that msgspec refuses, and what is accepted has the same values.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from auditor.load.arrays import STRING
from auditor.load.scanner import ABSENT, Area, find_records, mark, unit
from checks.text.kernel import Bytes, Hash, Int, Numbers, byte_at, kernel, lowest_bit, part, store8
from checks.text.vectors import WIDTH, rewrite

U64 = np.uint64
Flags = NDArray[np.bool_]

_MOST = 64  # wanted keys of a record; the kernel has a bit for each
_NEWLINE, _BACKSLASH, _U = b"\n\\u"
_MEANT = np.arange(256, dtype=np.uint8)
"""Letter behind a backslash -> the character that both stand for."""
_MEANT[np.frombuffer(b"bfnrt", np.uint8)] = np.frombuffer(b"\b\f\n\r\t", np.uint8)
_move = rewrite(lambda block: (block, block.is_(_BACKSLASH)))


class Wanted(NamedTuple):
    """The keys whose values are looked for."""

    flat: tuple[str, ...] = ()
    """Keys of the record with a string or null, at most 63."""
    messages: str | None = None
    """The key of the record with a list of messages or null, if there is one."""
    parts: tuple[str, str] = ("role", "content")
    """The two keys that each message has, no others, with strings."""


class Places(NamedTuple):
    """Where the contents of strings are, in bytes from the beginning of the block and without the quotes."""

    starts: NDArray[np.int64]
    """(keys, values): the first byte; -1 where the value is absent or null."""
    ends: NDArray[np.int64]
    """(keys, values): the byte behind the last; -1 where the value is absent or null."""


class Spans(NamedTuple):
    """What is where in a block."""

    flat: Places
    """By flat key and record."""
    counts: Numbers
    """(records,): messages of each; -1 where their list is absent or null."""
    parts: Places
    """By part and message of the block, one record's messages after the other's."""


def find_spans(data: Bytes, rows: int, wanted: Wanted) -> Spans | None:
    """The places of the wanted strings of a block of JSON Lines, or None if it is not plain.

    Args:
        data: whole lines of UTF-8, each with a newline, or a carriage return and a newline, at its end.
        rows: number of the lines.
        wanted: what is looked for.

    None means that somewhere a line is not one JSON object without white space around it; a wanted flat value is
    neither string nor null; the messages are neither null nor a list of objects of exactly the two parts with strings; a
    wanted key comes twice in an object; a key of a record or message has an escape; a value that is skipped is nested
    deeper than `scanner.DEEPEST`; half a pair of surrogates is escaped. Other numbers and words than JSON's, control
    characters in strings and whatever else is no JSON are never plain.
    """
    record = wanted.flat if wanted.messages is None else (*wanted.flat, wanted.messages)
    if not len(data) or data[-1] != _NEWLINE or len(record) > _MOST:
        return None
    data, keys, parts = _readonly(data), _as_json(record), _as_json(wanted.parts)
    flat, shortest = len(wanted.flat) * rows, len(parts)  # of a message: the zeros stand for other characters
    room = 0 if wanted.messages is None else len(data) // shortest + 1
    counts, out = np.full(rows, ABSENT), np.empty((2, flat + 2 * room), np.int64)
    out[:, :flat] = ABSENT
    marks = np.empty(len(data) // 64 + 1, np.uint64)
    mark(data, marks)
    area = Area(data.ctypes.data, data.ctypes.data + len(data) - 1, marks.ctypes.data)
    messages = find_records(area, keys.ctypes.data, len(wanted.flat), parts.ctypes.data, counts, out)
    if messages < 0:
        return None
    of_records = out[:, :flat].reshape(2, len(wanted.flat), rows)
    of_messages = out[:, flat:].reshape(2, 2, room)[:, :, :messages]
    return Spans(Places(*of_records), counts, Places(*of_messages))


def gather(
    data: Bytes,
    places: Places,
    key: int,
    chosen: Flags | slice = slice(None),
    glued: Flags | None = None,
) -> pa.Array:
    """Copies of strings, without their escapes.

    Args:
        data: the block in which `find_spans` found them.
        places: where they are.
        key: row of `places`.
        chosen: a mask over the values of this key, if not all are asked for.
        glued: which of the chosen values get a newline in front.

    Returns:
        A large_string array of the chosen values, null where absent or null.
    """
    starts, ends = places.starts[key, chosen], places.ends[key, chosen]
    glued = np.zeros(len(starts), np.bool_) if glued is None else glued
    # A text is never longer than with its escapes.
    room = int(ends.sum() - starts.sum()) + len(starts) + WIDTH
    bounds, text = np.zeros(len(starts) + 1, np.int64), np.empty(room, np.uint8)
    data = _readonly(data)
    _copy(data, data.ctypes.data, starts, ends, glued, bounds, text)
    present = starts >= 0
    valid = None if present.all() else pa.py_buffer(np.packbits(present, bitorder="little"))
    content = pa.py_buffer(text).slice(0, int(bounds[-1]))
    return pa.Array.from_buffers(STRING, len(starts), [valid, pa.py_buffer(bounds), content])


def _readonly(data: Bytes) -> Bytes:
    """The same bytes in the one form that kernels are compiled for."""
    view = np.ascontiguousarray(data).view()
    view.flags.writeable = False
    return view


@cache
def _as_json(keys: tuple[str, ...]) -> Bytes:
    """The keys as the kernel takes them."""
    return np.frombuffer(b"".join(msgspec.json.encode(key) + b"\0" for key in keys) + b"\0", np.uint8)


@kernel
def _copy(
    data: Bytes, address: Int, starts: Numbers, ends: Numbers, glued: Flags, bounds: Numbers, text: Bytes
) -> None:
    """Write the strings of `data`, which is at `address`, one behind the other, and where each of them ends."""
    out: Int = 0
    for i in range(len(starts)):
        at: Int = starts[i]
        end: Int = ends[i]
        if glued[i]:
            text[out] = _NEWLINE
            out += 1
        while at < end:
            size = min(end - at, WIDTH)
            if at + WIDTH <= len(data):
                marks = _move(data, at, text, out)
                plain = min(np.int64(lowest_bit(marks)), size) if marks != U64(0) else size
            else:  # too near the end of the block for that
                plain = np.int64(0)
                while plain < size and data[at + plain] != _BACKSLASH:
                    text[out + plain] = data[at + plain]
                    plain += 1
            at, out = at + plain, out + plain
            if plain < size:
                used, character, written = _character(address + at + 1)
                store8(text, out, character)
                at, out = at + 1 + used, out + written
        bounds[i + 1] = out


@part
def _character(at: Int) -> tuple[Int, Hash, Int]:
    """The escape behind a backslash: (its bytes, the character in UTF-8, bytes of that)."""
    if byte_at(at) != _U:
        return 1, U64(_MEANT[byte_at(at)]), 1
    code: Int = unit(at + 1)
    size = 5
    if 0xD800 <= code < 0xDC00:
        code, size = 0x10000 + ((code & 0x3FF) << 10) + (unit(at + 7) & 0x3FF), 11
    if code < 0x80:
        return size, U64(code), 1
    written = 2 if code < 0x800 else 3 if code < 0x10000 else 4
    text: Int = np.int64(0)
    for _ in range(written - 1):
        text, code = text << 8 | 0x80 | code & 63, code >> 6
    return size, U64(text << 8 | (0xF00 >> written) & 0xFF | code), written

"""JSON Lines, scanned by kernels that know the whole grammar of JSON, but only the plain shapes of records.

First every quote, backslash and control character is marked by a bit, so that a string costs a step for each mark in it
and each 64 bytes. The parts of the scan take addresses instead of arrays: numba counts references to arrays at every
call, which took half of the time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks.text.kernel import Bytes, Hashes, Int, Numbers, byte_at, kernel, lowest_bit, number_at, part
from checks.text.vectors import WIDTH, Block, Mask, bits_of

U64 = np.uint64
Table = NDArray[np.int64]

ABSENT = -1
DEEPEST = 32
"""Levels of objects and arrays in a value that is skipped; msgspec follows hundreds, but such data is not plain."""

_TAB, _NEWLINE, _RETURN, _SPACE, _QUOTE, _BACKSLASH = b'\t\n\r "\\'
_OPEN, _CLOSE, _OPEN_LIST, _CLOSE_LIST, _COMMA, _COLON = b"{}[],:"
_MINUS, _PLUS, _POINT, _0, _9, _E, _N, _U = b"-+.09enu"
_SMALL = 0x20  # the bit that makes a letter small
_ALL = U64(0xFFFFFFFFFFFFFFFF)
_IS_ESCAPE = np.zeros(256, np.bool_)
_IS_ESCAPE[np.frombuffer(b'"\\/bfnrt', np.uint8)] = True
_WORDS = np.zeros((256, 8), np.uint8)  # by first letter
for _word in (b"true", b"false", b"null"):
    _WORDS[_word[0], : len(_word)] = np.frombuffer(_word, np.uint8)
_HEX = np.full(256, -1, np.int64)
_HEX[np.frombuffer(b"0123456789abcdefABCDEF", np.uint8)] = [*range(16), *range(10, 16)]


class Area(NamedTuple):
    """A block in memory, which somebody keeps alive."""

    first: Int
    """Address of its first byte."""
    last: Int
    """Address of its last byte, a newline."""
    marks: Int
    """Address of its marks."""


def _is_mark(block: Block) -> Mask:
    return block.is_(_QUOTE) | block.is_(_BACKSLASH) | block.below(_SPACE)


_marks_of = bits_of(_is_mark)


@kernel
def mark(data: Bytes, marks: Hashes) -> None:
    """Set the bit of each quote, backslash and control character; there is a number more than whole blocks."""
    for i in range(len(data) // WIDTH):
        marks[i] = _marks_of(data, WIDTH * i)
    marks[len(data) // WIDTH] = 0
    for i in range(len(data) & -WIDTH, len(data)):
        is_mark = data[i] < _SPACE or data[i] == _QUOTE or data[i] == _BACKSLASH
        marks[i // WIDTH] |= U64(is_mark) << U64(i % WIDTH)


# The parts below take the address where something begins and return the one behind it. If it is not there, they return
# the last byte of the block: a newline, at which nothing begins and nothing goes on, so that whatever should follow
# fails too. And since nothing goes on behind a newline, no part reads beyond the block.


@part
def _blank(at: Int) -> Int:
    """Behind white space, if any."""
    while byte_at(at) == _SPACE or byte_at(at) == _TAB or byte_at(at) == _RETURN:
        at += 1
    return at


@part
def _string(area: Area, at: Int) -> tuple[Int, bool]:
    """Behind a string, and whether it has escapes."""
    if byte_at(at) != _QUOTE:
        return area.last, False
    escaped, index = False, at + 1 - area.first
    while True:
        word = index >> 6
        bits = U64(number_at(area.marks, word)) & (_ALL << U64(index & 63))
        while bits == U64(0):  # the newline at the end has a mark
            word += 1
            bits = U64(number_at(area.marks, word))
        at = area.first + (word << 6) + np.int64(lowest_bit(bits))
        if byte_at(at) != _BACKSLASH:
            return (at + 1 if byte_at(at) == _QUOTE else area.last), escaped
        at = at + 2 if _IS_ESCAPE[byte_at(at + 1)] else _units(area, at + 1)
        escaped, index = True, at - area.first


@part
def _units(area: Area, at: Int) -> Int:
    """Behind the rest of an escape of one or two UTF-16 units; `at` is behind the first backslash."""
    if byte_at(at) != _U:
        return area.last
    found, at = unit(at + 1), at + 5
    if found < 0 or 0xDC00 <= found < 0xE000:
        return area.last
    if 0xD800 <= found < 0xDC00:
        if byte_at(at) != _BACKSLASH or byte_at(at + 1) != _U or not 0xDC00 <= unit(at + 2) < 0xE000:
            return area.last
        at += 6
    return at


@part
def unit(at: Int) -> Int:
    """The number of four hexadecimal digits; negative if they are none."""
    found: Int = np.int64(0)
    for i in range(at, at + 4):
        digit = _HEX[byte_at(i)]
        if digit < 0:
            return ABSENT
        found = found << 4 | digit
    return found


@part
def _digits(area: Area, at: Int) -> Int:
    """Behind one or more digits."""
    if not _0 <= byte_at(at) <= _9:
        return area.last
    while _0 <= byte_at(at) <= _9:
        at += 1
    return at


@part
def _number(area: Area, at: Int) -> Int:
    """Behind a number."""
    at += byte_at(at) == _MINUS
    at = at + 1 if byte_at(at) == _0 else _digits(area, at)
    if byte_at(at) == _POINT:
        at = _digits(area, at + 1)
    if byte_at(at) | _SMALL == _E:
        at += 1
        at = _digits(area, at + (byte_at(at) == _PLUS or byte_at(at) == _MINUS))
    return at


@part
def _scalar(area: Area, at: Int) -> Int:
    """Behind a string, a number, true, false or null."""
    first = byte_at(at)
    if first == _QUOTE:
        return _string(area, at)[0]
    if _WORDS[first, 0] == 0:
        return _number(area, at)
    size = 0
    while _WORDS[first, size] != 0:
        if byte_at(at + size) != _WORDS[first, size]:
            return area.last
        size += 1
    return at + size


@part
def _key(area: Area, at: Int) -> tuple[Int, Int, bool]:
    """Where a key is, where its value is, and whether the key has escapes; `at` may be at white space before it."""
    at = _blank(at)
    behind, escaped = _string(area, at)
    colon = _blank(behind)
    return at, _blank(colon + 1) if byte_at(colon) == _COLON else area.last, escaped


@part
def _skip(area: Area, at: Int) -> Int:
    """Behind a value."""
    levels = U64(1)  # behind the first bit one for each object (1) or array (0) that we are in
    while True:
        is_object = byte_at(at) == _OPEN
        if is_object or byte_at(at) == _OPEN_LIST:
            levels = levels << U64(1) | U64(is_object)
            if levels >> U64(DEEPEST + 1) != U64(0):
                return area.last
            at = _blank(at + 1)
            if byte_at(at) != (_CLOSE if is_object else _CLOSE_LIST):
                at = _key(area, at)[1] if is_object else at
                continue
        else:
            at = _scalar(area, at)
        while levels != U64(1):
            at = _blank(at)
            is_object = levels & U64(1) != U64(0)
            if byte_at(at) == _COMMA:
                at = _key(area, at + 1)[1] if is_object else _blank(at + 1)
                break
            if byte_at(at) != (_CLOSE if is_object else _CLOSE_LIST):
                return area.last
            at, levels = at + 1, levels >> U64(1)
        if levels == U64(1):
            return at


@part
def _which(at: Int, keys: Int) -> Int:
    """Which of `keys` is at `at`; -1 if none."""
    key = 0
    while byte_at(keys):
        size = 0
        while byte_at(keys + size) and byte_at(keys + size) == byte_at(at + size):
            size += 1
        if not byte_at(keys + size):
            return key
        while byte_at(keys + size):
            size += 1
        keys, key = keys + size + 1, key + 1
    return ABSENT


@part
def _note(area: Area, out: Table, slot: Int, start: Int, behind: Int) -> None:
    """Write where a string is."""
    out[0, slot], out[1, slot] = start + 1 - area.first, behind - 1 - area.first


@part
def _messages(area: Area, at: Int, parts: Int, out: Table, slot: Int, room: Int) -> tuple[Int, Int]:
    """Behind a list of messages, and the slot of the next message."""
    at = _blank(at + 1) if byte_at(at) == _OPEN_LIST else area.last
    if byte_at(at) == _CLOSE_LIST:
        return at + 1, slot
    while True:
        seen: Int = ABSENT
        separator = _OPEN
        for following in (_COMMA, _CLOSE):
            if byte_at(at) != separator:
                return area.last, slot
            start, value, _ = _key(area, at + 1)
            found = _which(start, parts)
            if found < 0 or found == seen:
                return area.last, slot
            at, _ = _string(area, value)
            _note(area, out, slot + found * room, value, at)
            at = _blank(at)
            seen, separator = found, following
        if byte_at(at) != _CLOSE:
            return area.last, slot
        at, slot = _blank(at + 1), slot + 1
        if byte_at(at) != _COMMA:
            return (at + 1 if byte_at(at) == _CLOSE_LIST else area.last), slot
        at = _blank(at + 1)


@kernel
def find_records(area: Area, keys: Int, flat: Int, parts: Int, counts: Numbers, out: Table) -> Int:
    """Note where the wanted strings of all records are; returns the number of messages, -1 if a line is not plain.

    Args:
        area: whole lines of UTF-8.
        keys: address of the wanted keys of a record as JSON, a 0 behind each, another one behind the last; that of the
            messages, if they are wanted, comes last.
        flat: how many of them are not that of the messages, at most 63.
        parts: address of both keys of a message in the same form.
        counts: (rows,) becomes the number of messages; stays where absent or null.
        out: (2, slots) becomes start and end of each wanted string; stays where absent or null.
            For each flat key there are as many slots as rows, for each part as many as there may be messages.
    """
    rows = len(counts)
    first, room = flat * rows, (out.shape[1] - flat * rows) // 2
    at, slot = area.first, first
    for row in range(rows):
        if at > area.last or byte_at(at) != _OPEN:
            return ABSENT
        seen, behind = U64(0), _blank(at + 1)
        at = behind if byte_at(behind) == _CLOSE else at
        while byte_at(at) != _CLOSE:
            start, at, refused = _key(area, at + 1)
            key = _which(start, keys)
            if key >= 0:
                refused |= seen >> U64(key) & U64(1) != U64(0)
                seen |= U64(1) << U64(key)
            if key < 0 or byte_at(at) == _N:
                at = _skip(area, at)
            elif key < flat:
                value = at
                at, _ = _string(area, at)
                _note(area, out, key * rows + row, value, at)
            else:
                begin = slot
                at, slot = _messages(area, at, parts, out, slot, room)
                counts[row] = slot - begin
            at = _blank(at)
            if refused or (byte_at(at) != _COMMA and byte_at(at) != _CLOSE):
                return ABSENT
        at += 1
        at += byte_at(at) == _RETURN
        if byte_at(at) != _NEWLINE:
            return ABSENT
        at += 1
    return slot - first if at > area.last else ABSENT

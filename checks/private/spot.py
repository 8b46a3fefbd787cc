"""One fast look at all bytes of many texts: where may personal data or a secret begin?

Almost no byte of clean text has to be looked at twice. Every key is a run of at least 15 letters, digits, - and _, and
every number one of at least 7 digits and separators, so each search steps over the text by that much and looks closer
only where it lands inside such a run (as Boyer and Moore 1977 search for words). The rest begins at @, : or -----.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks.text.kernel import Bytes, Int, Numbers, kernel, load8, part

AT, URL, BLOCK, TOKEN, IBAN, IP6, IP4, CARD, SSN, PHONE = range(10)
"""What may begin at a place."""
WORD_RUN, NUMBER_RUN = 15, 7
"""Bytes of the shortest key (an IBAN of Norway) and the shortest number (8.8.8.8)."""
_ROOM = 1 << 14
"""Places that are found at a time."""
_DIGIT, _LETTER, _WORD, _IN_NUMBER, _LOCAL, _HEX = 1, 2, 4, 8, 16, 32
U64 = np.uint64


def _classes() -> Bytes:
    table: Bytes = np.zeros(256, np.uint8)
    digits, letters = b"0123456789", b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    for bit, members in (
        (_DIGIT, digits),
        (_LETTER, letters),
        (_WORD, digits + letters + b"-_"),
        (_IN_NUMBER, digits + b" -.()+"),
        (_LOCAL, digits + letters + b"._%+-'"),
        (_HEX, digits + b"abcdefABCDEF"),
    ):
        table[np.frombuffer(members, np.uint8)] |= bit
    return table


CLASS = _classes()


def begins(prefixes: tuple[bytes, ...]) -> NDArray[np.bool_]:
    """For each pair of bytes whether a key begins with it, counted as the first + 256 times the second."""
    table = np.zeros(1 << 16, np.bool_)
    for prefix in prefixes:
        table[prefix[0] + 256 * prefix[1]] = True
    return table


def ends(words: tuple[bytes, ...]) -> NDArray[np.bool_]:
    """The same of the last two bytes of words in small letters."""
    return begins(tuple(word[-2:] for word in words))


class Tables(NamedTuple):
    """What the searches need to know of the kinds."""

    keys: NDArray[np.bool_]
    """See `begins`: prefixes of keys."""
    words: NDArray[np.bool_]
    """See `ends`: words right before a telephone or social security number."""


def spots(data: Bytes, bounds: Numbers, tables: Tables) -> Numbers:
    """Where something may begin, where it ends at the latest, what it may be, and in which text, one line each.

    Args:
        data: UTF-8 bytes of texts.
        bounds: text i is `data[bounds[i]:bounds[i + 1]]`.
        tables: what the kinds begin with.
    """
    found = [np.zeros((0, 4), np.int64)]
    for look, pairs in ((_signs, tables.keys), (_words, tables.keys), (_numbers, tables.words)):
        row, at = 0, 0
        while row < len(bounds) - 1:
            room = np.empty((_ROOM, 4), np.int64)
            count, row, at = look(data, bounds, row, at, CLASS, pairs, room)
            found.append(room[:count])
    return np.concatenate(found)


@part
def _has(eight: np.uint64, wanted: np.uint64) -> np.uint64:
    """A bit for each of eight bytes that equals the wanted one; a byte above one that does may have it, too."""
    other = eight ^ wanted
    return (other - U64(0x0101010101010101)) & ~other & U64(0x8080808080808080)


@part
def _note(out: Numbers, count: int, start: Int, stop: Int, kind: int, row: Int) -> int:
    out[count, 0], out[count, 1], out[count, 2], out[count, 3] = start, stop, kind, row
    return count + 1


@kernel
def _signs(
    data: Bytes, bounds: Numbers, row: int, at: int, table: Bytes, _starts: NDArray[np.bool_], out: Numbers
) -> tuple[int, int, int]:
    """E-mail addresses and addresses with passwords by their @, blocks by their hyphens, IPv6 addresses by their first :."""
    count = 0
    while row < len(bounds) - 1:
        low, high = bounds[row], bounds[row + 1]
        at = max(at, low)
        while at < high:
            if at + 8 <= high:
                eight = load8(data, at)
                hyphens = _has(eight, U64(0x2D2D2D2D2D2D2D2D)) & U64(
                    0x0000008000000080
                )  # of five one is here
                if not (
                    _has(eight, U64(0x4040404040404040)) | _has(eight, U64(0x3A3A3A3A3A3A3A3A)) | hyphens
                ):
                    at += 8
                    continue
            if count + 8 > len(out):
                return count, row, at
            for place in range(at, min(at + 8, high)):
                begin, kind = -1, AT
                if data[place] == 0x40:
                    begin, kind = _address(data, place, low, high, table)
                elif data[place] == 0x3A:
                    begin, kind = _colon(data, place, low, high, table), IP6
                elif data[place] == 0x2D and (place - at) % 4 == 0:
                    begin, kind = _block(data, place, low, high), BLOCK
                if begin >= 0:
                    count = _note(out, count, begin, place, kind, row)
            at += 8
        row, at = row + 1, 0
    return count, row, 0


@part
def _address(data: Bytes, place: int, low: int, high: int, table: Bytes) -> tuple[int, int]:
    """Where the name before an @ begins, or the address with a password; -1 if there is none."""
    if place + 1 >= high or not table[data[place + 1]] & (_DIGIT | _LETTER):
        return -1, AT
    begin = place
    while begin > low and place - begin < 64 and table[data[begin - 1]] & _LOCAL:
        begin -= 1
    while begin < place and not table[data[begin]] & (_DIGIT | _LETTER):
        begin += 1
    far = place
    while far > low + 3 and place - far < 256 and data[far - 1] > 0x20 and data[far - 1] != 0x2F:
        far -= 1
    if far >= low + 3 and data[far - 1] == 0x2F and data[far - 2] == 0x2F and data[far - 3] == 0x3A:
        far -= 3
        while far > low and place - far < 280 and table[data[far - 1]] & (_DIGIT | _LETTER):
            far -= 1
        return far, URL
    return (begin, AT) if begin < place else (-1, AT)


@part
def _colon(data: Bytes, place: int, low: int, high: int, table: Bytes) -> int:
    """Where four hexadecimal digits before a : begin, the first of them 2 or 3, as in all public addresses; or -1."""
    begin = place - 4
    if begin < low or place + 1 >= high or (data[begin] != 0x32 and data[begin] != 0x33):
        return -1
    for k in range(1, 4):
        if not table[data[begin + k]] & _HEX:
            return -1
    behind = data[place + 1]
    return begin if table[behind] & _HEX or behind == 0x3A else -1


@part
def _block(data: Bytes, place: int, low: int, high: int) -> int:
    """Where five hyphens with BEGIN behind them begin; -1 if they do not."""
    end = place
    while end < high and end - place < 6 and data[end] == 0x2D:
        end += 1
    if end - place > 5 or end < low + 5 or end + 8 > high:
        return -1
    if load8(data, end) & U64(0xFFFFFFFFFFFF) != U64(0x204E49474542):  # "BEGIN "
        return -1
    for k in range(1, 6):
        if data[end - k] != 0x2D:
            return -1
    return end - 5


@kernel
def _words(
    data: Bytes, bounds: Numbers, row: int, at: int, table: Bytes, starts: NDArray[np.bool_], out: Numbers
) -> tuple[int, int, int]:
    """Keys and account numbers: runs of letters, digits, - and _ that hold the begin of one behind no letter or digit."""
    count = 0
    while row < len(bounds) - 1:
        low, high = bounds[row], bounds[row + 1]
        at = max(at, low)
        while at + WORD_RUN <= high:
            last = at + WORD_RUN - 1
            while last >= at and table[data[last]] & _WORD:
                last -= 1
            if last >= at:
                at = last + 1
                continue
            end = at + WORD_RUN
            while end < high and table[data[end]] & _WORD:
                end += 1
            if at >= low + 3 and data[at - 1] == 0x2E and _starts_at(data, at - 3, starts):
                count = _note(out, count, at - 3, end, TOKEN, row)  # its prefix ends in a point
            fresh = True
            for place in range(at, end - WORD_RUN + 1):
                if fresh and count + 4 > len(out):
                    return count, row, place
                if fresh and _starts_at(data, place, starts):
                    count = _note(out, count, place, end, TOKEN, row)
                if fresh and _is_iban(data, place, table):
                    count = _note(out, count, place, end, IBAN, row)
                fresh = not table[data[place]] & (_DIGIT | _LETTER)
            at = end + 1
        row, at = row + 1, 0
    return count, row, 0


@part
def _starts_at(data: Bytes, place: int, starts: NDArray[np.bool_]) -> bool:
    return bool(starts[data[place] + 256 * np.int64(data[place + 1])])


@part
def _is_iban(data: Bytes, place: int, table: Bytes) -> bool:
    """Whether two capitals and two digits stand here."""
    capitals = 0x41 <= data[place] <= 0x5A and 0x41 <= data[place + 1] <= 0x5A
    return bool(capitals and table[data[place + 2]] & table[data[place + 3]] & _DIGIT)


@kernel
def _numbers(
    data: Bytes, bounds: Numbers, row: int, at: int, table: Bytes, words: NDArray[np.bool_], out: Numbers
) -> tuple[int, int, int]:
    """Runs of digits and separators with enough digits for a number, from the sign before the first to the last digit."""
    count = 0
    while row < len(bounds) - 1:
        low, high = bounds[row], bounds[row + 1]
        at = max(at, low)
        while at + NUMBER_RUN <= high:
            last = at + NUMBER_RUN - 1
            while last >= at and table[data[last]] & _IN_NUMBER:
                last -= 1
            if last >= at:
                at = last + 1
                continue
            if count + 5 > len(out):
                return count, row, at
            digits, dots, hyphens, signed, first, final, end = 0, 0, 0, False, -1, at, at
            while end < high and table[data[end]] & _IN_NUMBER:
                if table[data[end]] & _DIGIT:
                    digits += 1
                    first, final = end if first < 0 else first, end + 1
                dots += data[end] == 0x2E
                hyphens += data[end] == 0x2D
                signed |= data[end] == 0x2B
                end += 1
            start = max(at, first - 2)
            if dots >= 3 and digits >= 4:
                count = _note(out, count, start, final, IP4, row)
            if digits >= 13:
                count = _note(out, count, start, final, CARD, row)
            told = digits >= NUMBER_RUN and _behind_word(data, first, low, table, words)
            if digits >= 9 and (hyphens >= 2 or told):
                count = _note(out, count, start, final, SSN, row)
            if digits >= NUMBER_RUN and (signed or told):
                count = _note(out, count, start, final, PHONE, row)
            begin = _grouped_iban(data, first, low, table) if digits >= NUMBER_RUN else -1
            if begin >= 0:
                count = _note(out, count, begin, final, IBAN, row)
            at = end + 1
        row, at = row + 1, 0
    return count, row, 0


@part
def _behind_word(data: Bytes, first: int, low: int, table: Bytes, words: NDArray[np.bool_]) -> bool:
    """Whether a word that ends like one of some stands shortly before the first digit of a number."""
    place = first - 1
    while place > low and first - place < 12 and not table[data[place]] & (_DIGIT | _LETTER):
        place -= 1
    pair = np.int64(data[place - 1] | 0x20) + 256 * np.int64(data[place] | 0x20) if place > low else 0
    return bool(words[pair])


@part
def _grouped_iban(data: Bytes, first: int, low: int, table: Bytes) -> int:
    """Where an account number in groups of four begins whose digits begin here: GB82 WEST 1234 or DE89 3704; or -1."""
    if first >= low + 2 and _is_iban(data, first - 2, table):
        return first - 2
    spaced = first >= low + 10 and data[first - 1] == 0x20 and data[first - 6] == 0x20
    return first - 10 if spaced and _is_iban(data, first - 10, table) else -1

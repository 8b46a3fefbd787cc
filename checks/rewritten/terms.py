"""Terms: what texts are compared by when their wording may have changed, straight from their bytes.

Words lose their endings, numbers count by their value (3, three, 3.0; but not in names such as x2), identifiers are split (`maxRetries`,
`max_retries`), Han, kana, Thai, Lao and Hangul go by pairs of neighbouring characters. Each term is one 64-bit hash;
the lowest bit says whether it is a number.
"""

from __future__ import annotations

import numpy as np

from checks.rewritten.stems import (
    BELONGS,
    CAPITAL,
    DIGIT,
    ENDS,
    LETTERS,
    MEMO,
    OTHER,
    PAIRED,
    SMALL,
    WIDE,
    Reader,
    chain,
    spell,
    word,
)
from checks.text.fold import ALONE, CODE, EXPANDS
from checks.text.grams import PRIME, decode, mix
from checks.text.kernel import Bytes, Codes, Hash, Hashes, Int, Numbers, kernel, load8, part
from checks.text.words import entry_of

U8, U32, U64 = np.uint8, np.uint32, np.uint64
_SMALL_BITS, _ALL = U64(0x2020202020202020), U64(0xFFFFFFFFFFFFFFFF)
_ONE = U64(1)


@part
def is_number(term: Hash) -> bool:
    """Whether a term is a number."""
    return bool(term & _ONE)


@part
def _plain_word(data: Bytes, start: Int, stop: Int, by: Reader, letters: Codes) -> Hash:
    """The term of a word of ASCII letters."""
    size = min(stop - start, LETTERS)
    for i in range(size):
        letters[i] = data[start + i] | U8(0x20)
    return word(letters, size, by)


@part
def _is_digit(byte: np.uint8) -> bool:
    return bool(ord("0") <= byte <= ord("9"))


@part
def _digits(data: Bytes, start: Int, stop: Int) -> bool:
    """Whether three digits stand at `start`, and no fourth one."""
    if start + 3 > stop:
        return False
    for i in range(start, start + 3):
        if not _is_digit(data[i]):
            return False
    return start + 3 == stop or not _is_digit(data[start + 3])


@part
def _number(data: Bytes, start: Int, stop: Int) -> tuple[Hash, Int]:
    """The term of the number at `start` (1,000.50 is 1000.5, 007 is 7), and where it ends."""
    term, place = U64(0), start
    while place < stop - 1 and data[place] == ord("0") and _is_digit(data[place + 1]):
        place += 1
    while place < stop:
        if _is_digit(data[place]):
            term = chain(term, U64(data[place]))
            place += 1
        elif data[place] == ord(",") and _digits(data, place + 1, stop):
            place += 1
        else:
            break
    if place + 1 < stop and data[place] == ord(".") and _is_digit(data[place + 1]):
        end = place + 1
        while end < stop and _is_digit(data[end]):
            end += 1
        last = end
        while data[last - 1] == ord("0"):
            last -= 1
        if last > place + 1:
            for i in range(place, last):
                term = chain(term, U64(data[i]))
        place = end
    return term | _ONE, place


@part
def _any_word(data: Bytes, start: Int, stop: Int, by: Reader, letters: Codes) -> tuple[Hash, Int]:
    """The term of the word at `start`, of any letters, and where it ends; 0 where there is none."""
    count: Int = 0
    while start < stop:
        if by.classes[data[start]] in (OTHER, DIGIT):
            break
        code, after = decode(data, start)
        count, kind = spell(code, by, letters, count)
        if kind == PAIRED:
            break
        start = after
        if kind == ENDS:
            break
    return (word(letters, count, by) if count else U64(0)), start


@part
def _pairs(
    data: Bytes, start: Int, stop: Int, by: Reader, letters: Codes, out: Hashes, count: Int
) -> tuple[Int, Int]:
    """Append the pairs of neighbouring characters of the run at `start`, one alone if it is alone; (new count, its end)."""
    before = U64(0)
    length: Int = 0
    while start < stop and data[start] >= 128:
        code, after = decode(data, start)
        _, kind = spell(code, by, letters, 0)
        if kind == BELONGS and entry_of(code, by.fold) == U32(1):  # a mark between
            start = after
            continue
        if kind != PAIRED:
            break
        entry = entry_of(code, by.fold)
        one = U64(code) if entry & U32(EXPANDS) and not entry & U32(ALONE) else U64(entry & U32(CODE))
        if length:
            out[count] = mix(chain(before, one)) & ~_ONE
            count += 1
        before = chain(U64(0), one)
        start = after
        length += 1
    if length == 1:
        out[count] = mix(before) & ~_ONE
        count += 1
    return count, start


@part
def _slow(data: Bytes, start: Int, stop: Int, end: Int, by: Reader, letters: Codes) -> tuple[Hash, Int]:
    """The term of the word at `start` whose ASCII letters end at `end`, and where it ends: the way for rare words."""
    if end < stop and data[end] >= 128:
        code, _ = decode(data, end)
        _, spelled = spell(code, by, letters, 0)
        if spelled == BELONGS:
            return _any_word(data, start, stop, by, letters)
    return _plain_word(data, start, end, by, letters), end


@part
def _wide(
    data: Bytes, start: Int, stop: Int, by: Reader, letters: Codes, out: Hashes, count: Int
) -> tuple[Int, Int]:
    """Append what begins at `start` with a character beyond ASCII; (new count, its end)."""
    code, _ = decode(data, start)
    _, spelled = spell(code, by, letters, 0)
    if spelled == PAIRED:
        return _pairs(data, start, stop, by, letters, out, count)
    term, end = _any_word(data, start, stop, by, letters)
    if term:
        out[count] = term
        count += 1
    return count, end


@part
def read_terms(data: Bytes, start: Int, stop: Int, by: Reader, letters: Codes, out: Hashes) -> Int:
    """Write the terms of the text `data[start:stop]` in order; returns how many. A text has at most as many as bytes.

    `letters` is room for `LETTERS` letters. ASCII words of up to sixteen letters that were met before are read right here:
    a call that hands tables on takes longer than the word itself.
    """
    count: Int = np.int64(0)
    place: Int = start
    classes, memo = by.classes, by.memo
    while place < stop:
        kind = classes[data[place]]
        if kind == OTHER:
            place += 1
            continue
        if kind == DIGIT:
            named = place > start and (
                classes[data[place - 1]] == SMALL or classes[data[place - 1]] == CAPITAL
            )
            out[count], place = _number(data, place, stop)
            if named:  # x2, number0: part of a name
                out[count] = mix(out[count]) & ~_ONE
            count += 1
            continue
        if kind == WIDE:
            count, place = _wide(data, place, stop, by, letters, out, count)
            continue
        end = place + 1
        humps = False
        if kind == CAPITAL:
            while end < stop and classes[data[end]] == CAPITAL:
                end += 1
            humps = bool(end > place + 1)
            if humps and end < stop and classes[data[end]] == SMALL:
                end -= 1  # the last of several capitals begins the next word: HTTPServer
        if not humps:
            while end < stop and classes[data[end]] == SMALL:
                end += 1
        size = end - place
        if size <= 16 and place + 8 <= len(data) and (end == stop or data[end] < 128):
            key = load8(data, place) | _SMALL_BITS
            if size <= 8:
                key &= _ALL >> U64(64 - 8 * size)
            else:
                key = mix(key + U64(size)) ^ (load8(data, end - 8) | _SMALL_BITS)
            slot = (key * PRIME) >> U64(64 - MEMO)
            if memo[slot, 0] != key:
                memo[slot, 1] = _plain_word(data, place, end, by, letters)
                memo[slot, 0] = key
            out[count], place = memo[slot, 1], end
        else:
            out[count], place = _slow(data, place, stop, end, by, letters)
        count += 1
    return count


@kernel
def terms_of(data: Bytes, starts: Numbers, stops: Numbers, by: Reader) -> tuple[Hashes, Numbers]:
    """The terms of some parts of `data` one behind the other; part i has those from `bounds[i]` to `bounds[i + 1]`."""
    letters, bounds = np.empty(LETTERS, U32), np.zeros(len(starts) + 1, np.int64)
    room: Int = np.int64(1)
    for i in range(len(starts)):
        room += stops[i] - starts[i]
    out = np.empty(room, U64)
    for i in range(len(starts)):
        bounds[i + 1] = bounds[i] + read_terms(data, starts[i], stops[i], by, letters, out[bounds[i] :])
    return out[: bounds[-1]].copy(), bounds

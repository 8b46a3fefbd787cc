"""Folded words straight from Arrow text buffers.

A text is folded into bytes with zeros between the words (`fold_into`), and each word becomes one 64-bit hash
(`hash_words`). ASCII is folded and split 64 bytes at a time, which is why a gigabyte takes about 1.2 CPU seconds.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from checks.text import fold
from checks.text.fold import ALONE, CODE, EXPANDS, LIMIT, FoldTable
from checks.text.grams import PRIME, decode
from checks.text.kernel import Bytes, Hashes, Int, Numbers, kernel, load8, lowest_bit, part, store8
from checks.text.vectors import WIDTH, Block, Mask, bits_of, rewrite

U32, U64 = np.uint32, np.uint64


def _folded(block: Block) -> tuple[Block, Mask]:
    """ASCII letters made small and other bytes than letters and digits made zero; which bytes need a closer look."""
    small = block.with_bits(0x20)
    made = small.where(small.between(ord("a"), ord("z")), block.where(block.between(ord("0"), ord("9")), 0))
    plain = block.between(0x20, 0x7F) | block.between(ord("\t"), ord("\n")) | block.is_(ord("\r"))
    return made, ~plain


_fold_block, _letters = rewrite(_folded), bits_of(lambda block: ~block.is_(0))

EXPANSION = 11
"""A folded text is at most this many times as long as the text (one Arabic ligature of 3 bytes becomes 33)."""
MARGIN = 96
"""Bytes that must follow a folded text, zeros before its words are read: both go on in blocks of 64 bytes."""
_CLOSELY = 8
"""Bytes that are looked at one character at a time where one of them is not plain ASCII."""


@cache
def fold_table() -> FoldTable:
    """The fold table, read once."""
    return fold.load()


@part
def entry_of(code: np.uint32, table: FoldTable) -> np.uint32:
    """The entry of the fold table for a code point; 0 ends a word, 1 is dropped."""
    if code < LIMIT:
        return U32(table.codes[code])
    if code < 0x40000:  # planes 2 and 3 hold nothing but Han
        return U32(code | ALONE)
    return U32(code >> 16 == 0xE)  # plane 14 holds tags and variation selectors


@part
def _put(out: Bytes, end: Int, code: np.uint32) -> Int:
    """Append one entry of the fold table to the folded bytes as UTF-8; a character that stands alone gets zeros around."""
    if code & U32(ALONE):
        out[end] = 0
        end += 1
    plain = code & U32(CODE)
    if plain < 0x80:
        out[end] = plain
        end += 1
    elif plain < 0x800:
        out[end] = 0xC0 | (plain >> 6)
        out[end + 1] = 0x80 | (plain & 63)
        end += 2
    elif plain < 0x10000:
        out[end] = 0xE0 | (plain >> 12)
        out[end + 1] = 0x80 | ((plain >> 6) & 63)
        out[end + 2] = 0x80 | (plain & 63)
        end += 3
    else:
        out[end] = 0xF0 | (plain >> 18)
        out[end + 1] = 0x80 | ((plain >> 12) & 63)
        out[end + 2] = 0x80 | ((plain >> 6) & 63)
        out[end + 3] = 0x80 | (plain & 63)
        end += 4
    if code & U32(ALONE):
        out[end] = 0
        end += 1
    return end


@kernel
def fold_into(data: Bytes, start: Int, stop: Int, table: FoldTable, out: Bytes, end: Int) -> tuple[Int, bool]:
    """Fold UTF-8 `data[start:stop]` into `out` from `end` on; words are separated by zeros.

    Returns (new end, whether control characters other than tab, newline and carriage return were seen). `out` must
    have room for `EXPANSION` times the text and `MARGIN` bytes; what lies beyond the new end is not cleared.
    """
    control = False
    while start < stop:
        if start + WIDTH <= len(data):
            size = min(stop - start, WIDTH)
            odd = _fold_block(data, start, out, end)
            plain = min(np.int64(lowest_bit(odd)), size) if odd != U64(0) else size
            start += plain
            end += plain
            if plain == size:
                continue
        pause = min(start + _CLOSELY, stop)
        while start < pause:
            code, start = decode(data, start)
            control = control or bool(code < 32 and code != 9 and code != 10 and code != 13)
            entry = entry_of(code, table)
            if entry & U32(EXPANDS):
                place = entry & U32(CODE)
                for i in range(table.starts[place], table.starts[place + 1]):
                    end = _put(out, end, table.expansions[i])
            elif entry != U32(1):
                end = _put(out, end, entry)
    return end, control


@kernel
def hash_words(folded: Bytes, start: Int, stop: Int, out: Hashes, count: Int) -> Int:
    """Append the 64-bit hash of each word of `folded[start:stop]` to `out` from `count` on; returns the new count.

    Words of up to eight bytes never collide; longer ones do with probability 2^-64 a pair.
    `folded` must hold `MARGIN` zeros from `stop` on.
    """
    place, carry = start, U64(0)
    word: Int = -1
    while place < stop + 1:
        letters = _letters(folded, place)
        edges = letters ^ ((letters << U64(1)) | carry)
        carry = letters >> U64(WIDTH - 1)
        while edges:
            edge = place + np.int64(lowest_bit(edges))
            edges &= edges - U64(1)
            if word < 0:
                word = edge
                continue
            value = load8(folded, word)
            size = edge - word
            if size <= 8:
                value = (value & (U64(0xFFFFFFFFFFFFFFFF) >> U64(64 - 8 * size))) * PRIME
            else:
                value *= PRIME
                for i in range(word + 8, edge, 8):
                    more = load8(folded, i)
                    if edge - i < 8:
                        more &= U64(0xFFFFFFFFFFFFFFFF) >> U64(64 - 8 * (edge - i))
                    value = ((value ^ (value >> U64(29))) ^ more) * PRIME
            out[count] = value ^ (value >> U64(32))
            count += 1
            word = -1
        place += WIDTH
    return count


@part
def widest(ends: Numbers) -> Int:
    """Bytes of the longest of some texts."""
    size = 0
    for row in range(len(ends) - 1):
        size = max(size, ends[row + 1] - ends[row])
    return size


@part
def buffers(size: Int) -> tuple[Bytes, Hashes, Hashes, Hashes]:
    """(folded, words, grams, scratch) arrays for texts of up to `size` bytes; pages that stay untouched cost nothing."""
    folded = EXPANSION * size + 2 * MARGIN
    return (
        np.empty(folded, np.uint8),
        np.empty(folded, np.uint64),
        np.empty(folded, np.uint64),
        np.empty(folded, np.uint64),
    )


@part
def _clear(folded: Bytes, end: Int) -> None:
    for i in range(end, end + MARGIN, 8):
        store8(folded, i, U64(0))


@kernel
def read_words(
    data: Bytes, start: Int, stop: Int, prompt: Int, table: FoldTable, folded: Bytes, words: Hashes
) -> tuple[Int, Int, Int, bool]:
    """Fold the text `data[start:stop]` and hash its words.

    `prompt` is the size of the prompt at its beginning in bytes, -1 if it has none. Returns (words of the prompt,
    words, folded bytes, whether control characters were seen).
    """
    middle: Int = np.int64(0)  # a literal 0 would compile all that follows a second time
    asked: Int = np.int64(0)
    control = False
    if prompt >= 0:
        end, control = fold_into(data, start, start + prompt, table, folded, middle)
        _clear(folded, end)
        asked = hash_words(folded, middle, end, words, asked)
        start, middle = start + prompt, end
        if start == stop:
            return asked, asked, end, control
    end, more = fold_into(data, start, stop, table, folded, middle)
    _clear(folded, end)
    return asked, hash_words(folded, middle, end, words, asked), end, control or more

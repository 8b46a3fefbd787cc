"""Words as terms: without their endings, as numbers where they mean one; and the tables that reading terms takes."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks.rewritten.lexicon import ENDINGS, VALUES
from checks.text.fold import ALONE, CODE, EXPANDS, FoldTable
from checks.text.grams import PRIME, mix
from checks.text.kernel import Codes, Hash, Int, part
from checks.text.words import entry_of, fold_table

U8, U32, U64 = np.uint8, np.uint32, np.uint64
OTHER, SMALL, CAPITAL, DIGIT, WIDE = range(5)
"""What a byte is: a separator, a letter, a digit, or part of a character beyond ASCII."""
STEM = 7
"""Letters of a word that count, after its ending is gone."""
LETTERS = 48
"""Letters of a word that are read at all; what is longer is no word of a language."""
MEMO = 15
"""The words met last are remembered in 2^15 places: taking endings off takes longer than all else."""
ENDS, BELONGS, PAIRED = range(3)
"""What a character does to the word before it."""
_ONE = U64(1)


class Reader(NamedTuple):
    """What the kernels need to read terms; `memo` is changed by them and decides nothing but speed."""

    classes: NDArray[np.uint8]
    """What each byte is."""
    fold: FoldTable
    endings: NDArray[np.uint32]
    """Letters of each ending, one a row."""
    sizes: NDArray[np.int64]
    words: NDArray[np.uint64]
    """Hashes of words that mean a number, sorted."""
    values: NDArray[np.uint64]
    """The terms of these numbers."""
    memo: NDArray[np.uint64]
    """Letters of a word, its term; shape (places, 2)."""


def chained(codes: str) -> int:
    """The hash of some letters or digits, as `chain` makes it."""
    value = 0
    for code in codes:
        value = (value ^ ord(code)) * int(PRIME) % 2**64
        value ^= value >> 32
    return value


@cache
def reader() -> Reader:
    """The tables of terms, made once."""
    classes = np.zeros(256, U8)
    classes[128:] = WIDE
    for kind, first, last in ((SMALL, "a", "z"), (CAPITAL, "A", "Z"), (DIGIT, "0", "9")):
        classes[ord(first) : ord(last) + 1] = kind
    sizes = np.array([len(ending) for ending in ENDINGS], np.int64)
    endings = np.zeros((len(ENDINGS), sizes.max()), U32)
    for place, ending in enumerate(ENDINGS):
        endings[place, : len(ending)] = [ord(letter) for letter in ending]
    known = sorted((chained(word), chained(value) | 1) for word, value in VALUES.items())
    words, values = np.array(known, U64).T.copy()
    return Reader(classes, fold_table(), endings, sizes, words, values, np.zeros((1 << MEMO, 2), U64))


@part
def chain(value: Hash, code: Hash) -> Hash:
    """Go on with a hash by one letter or digit."""
    value = (value ^ code) * PRIME
    return U64(value ^ (value >> U64(32)))


@part
def _stem(letters: Codes, count: Int, by: Reader) -> Int:
    """How many of the letters stay when the ending is off."""
    if count <= 3:
        return count
    for n in range(len(by.sizes)):
        left = count - by.sizes[n]
        if left < 3:
            continue
        same = True
        for i in range(by.sizes[n]):
            if letters[left + i] != by.endings[n, i]:
                same = False
                break
        if same:
            count = left
            break
    last = letters[count - 1]
    if count > 3 and last == letters[count - 2] and last != ord("s") and last != ord("l"):
        count -= 1
        last = letters[count - 1]
    return count - 1 if last == ord("y") or last == ord("i") or last == ord("e") else count


@part
def word(letters: Codes, count: Int, by: Reader) -> Hash:
    """The term of a word: a number where it means one, else its stem."""
    whole = U64(0)
    digits = True
    for i in range(count):
        digits = digits and bool(ord("0") <= letters[i] <= ord("9"))
        if not (digits and whole == U64(0) and letters[i] == ord("0") and i + 1 < count):  # 007 is 7
            whole = chain(whole, U64(letters[i]))
    if digits:  # of another width than ASCII
        return whole | _ONE
    low, high = np.int64(0), np.int64(len(by.words))
    while low < high:
        middle = (low + high) >> 1
        if by.words[middle] < whole:
            low = middle + 1
        else:
            high = middle
    if low < len(by.words) and by.words[low] == whole:
        return U64(by.values[low])
    term = U64(0)
    for i in range(min(_stem(letters, count, by), STEM)):
        term = chain(term, U64(letters[i]))
    return mix(term) & ~_ONE


@part
def spell(code: np.uint32, by: Reader, letters: Codes, count: Int) -> tuple[Int, Int]:
    """Append the folded letters of a character; returns (new count, whether it `ENDS` a word, `BELONGS` to one or is
    compared `PAIRED`)."""
    if 0xAC00 <= code <= 0xD7A3:  # Hangul, which would fall apart into its letters
        return count, PAIRED
    entry = entry_of(code, by.fold)
    if entry & U32(EXPANDS) and not entry & U32(ALONE):
        kind: Int = ENDS
        place = entry & U32(CODE)
        for i in range(by.fold.starts[place], by.fold.starts[place + 1]):
            one = by.fold.expansions[i]
            if one != 0 and count < LETTERS:
                letters[count] = one & U32(CODE)
                count += 1
                kind = BELONGS
        return count, kind
    if entry & U32(ALONE):
        return count, PAIRED
    if entry == U32(1):
        return count, BELONGS
    if entry == U32(0):
        return count, ENDS
    if count < LETTERS:
        letters[count] = entry
        count += 1
    return count, BELONGS

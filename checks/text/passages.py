"""Which passage of a training text is the one that an eval text resembles, as a slice of its bytes.

A judged pair says how much of an eval text stands in a training row, not where. `align.window` finds the place give or
take a quarter of the eval text; here it is cut to the passage with the fewest edits (words put in, left out or
replaced), so that what stands around it does not count as a difference.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks.text.align import window
from checks.text.fold import ALONE, CODE, EXPANDS, FoldTable
from checks.text.grams import decode
from checks.text.kernel import Bytes, Hashes, Int, Numbers, kernel, part
from checks.text.texts import TextArrays
from checks.text.words import buffers, entry_of, fold_table, read_words, widest

U32 = np.uint32

WHOLE, INSIDE, ASKED = range(3)
"""What is compared: both texts from end to end, the eval text with a passage of the training text, or its prompt alone."""
END = 256
"""Words at either end of an eval text by which the passage is cut; a longer text needs no more, and so costs linear time."""


class Passages(NamedTuple):
    """One entry per pair."""

    start: NDArray[np.int64]
    """Byte of the training text where the passage begins."""
    stop: NDArray[np.int64]
    """The byte behind it."""
    same: NDArray[np.bool_]
    """Whether both sides are the same words once they are folded."""


def passages(
    left: TextArrays, numbers: NDArray[np.int64], right: TextArrays, sides: NDArray[np.int64]
) -> Passages:
    """The passage of a left text for each right text.

    Args:
        left: training texts.
        numbers: for each right text the left text of its pair, ascending.
        right: eval texts.
        sides: for each of them what is compared: `WHOLE`, `INSIDE` or `ASKED`.
    """
    found = _passages(left, numbers, right, sides, fold_table())
    return Passages(found[:, 0], found[:, 1], found[:, 2] > 0)


@part
def _place_words(data: Bytes, start: Int, stop: Int, table: FoldTable, places: Numbers) -> Int:
    """Write where each word of `data[start:stop]` begins and ends into `places[2 * i]` and the entry behind it.

    The words are those of `words.read_words`; returns how many.
    """
    count: Int = 0
    inside = False
    while start < stop:
        code, after = decode(data, start)
        entry = entry_of(code, table)
        many = np.int64(1)
        first = np.int64(entry & U32(CODE))
        expands = entry & U32(EXPANDS) != 0 and entry & U32(ALONE) == 0
        if expands:
            many = np.int64(table.starts[first + 1]) - np.int64(table.starts[first])
            first = np.int64(table.starts[first])
        for i in range(many):
            one = table.expansions[first + i] if expands else entry
            if one == U32(1) and not expands:
                continue
            alone = one & U32(ALONE) != 0
            if one != 0 and (alone or not inside):
                places[2 * count] = start
                count += 1
            if one != 0:
                places[2 * count - 1] = after
            inside = one != 0 and not alone
        start = after
    return count


@kernel
def closest(needle: Hashes, needle_count: Int, hay: Hashes, start: Int, stop: Int) -> tuple[Int, Int]:
    """(start, stop) of the run of `hay[start:stop]` with the smallest edit distance to `needle`.

    P. Sellers, 1980, "The theory and computation of evolutionary distances": a table whose first row is free. Of runs
    with the same distance the one whose length is nearest the needle's counts, then the first.
    """
    cost, origin = np.arange(needle_count + 1), np.full(needle_count + 1, start)
    best, low, high = needle_count + 1, start, start
    for j in range(start, stop):
        diagonal, came = cost[0], origin[0]
        origin[0] = j + 1
        for i in range(1, needle_count + 1):
            replaced = diagonal + (needle[i - 1] != hay[j])
            put_in, left_out = cost[i] + 1, cost[i - 1] + 1
            diagonal, source = cost[i], origin[i]
            if replaced <= put_in and replaced <= left_out:
                cost[i], origin[i] = replaced, came
            elif put_in <= left_out:
                cost[i] = put_in
            else:
                cost[i], origin[i] = left_out, origin[i - 1]
            came = source
        last = origin[needle_count]
        off, best_off = abs(j + 1 - last - needle_count), abs(high - low - needle_count)
        if cost[needle_count] < best or (cost[needle_count] == best and off < best_off):
            best, low, high = cost[needle_count], last, j + 1
    return low, high


@part
def _cut(needle: Hashes, count: Int, hay: Hashes, hay_count: Int) -> tuple[Int, Int]:
    """(start, stop) of the words of `hay` that `needle` resembles."""
    start, stop = window(needle, count, hay, hay_count)
    if stop == 0:  # no five words in common: whatever is alike is short
        stop = hay_count
    if count <= END:
        return closest(needle, count, hay, start, stop)
    reach = END + END // 2 + 2 * (count // 4)
    low, _ = closest(needle[:END], END, hay, start, min(stop, start + reach))
    _, high = closest(needle[count - END : count], END, hay, max(low, stop - reach), stop)
    return low, max(low, high)


@kernel
def _passages(
    left: TextArrays, numbers: Numbers, right: TextArrays, sides: Numbers, table: FoldTable
) -> NDArray[np.int64]:
    """`passages`, each left text read once."""
    folded, hay, _, _ = buffers(max(widest(left.bounds), widest(right.bounds)))
    theirs, needle, _, _ = buffers(widest(right.bounds))
    places = np.empty(2 * len(hay), np.int64)
    out = np.empty((len(numbers), 3), np.int64)
    last: Int = -1
    count: Int = 0
    placed = False
    for n in range(len(numbers)):
        a = numbers[n]
        begin, end = left.bounds[a], left.bounds[a + 1]
        if a != last:
            _, count, _, _ = read_words(left.data, begin, end, left.prompts[a], table, folded, hay)
            last, placed = a, False
        asked, words, _, _ = read_words(
            right.data, right.bounds[n], right.bounds[n + 1], right.prompts[n], table, theirs, needle
        )
        low: Int = 0
        high: Int = count
        out[n, 0], out[n, 1] = 0, end - begin
        if sides[n] != WHOLE:
            words = asked if sides[n] == ASKED else words
            if not placed:
                _place_words(left.data, begin, end, table, places)
                placed = True
            low, high = _cut(needle, words, hay, count)
            if high > low:
                out[n, 0], out[n, 1] = places[2 * low] - begin, places[2 * high - 1] - begin
            else:
                out[n, 1] = 0
        same = high - low == words
        for i in range(words if same else 0):
            same = same and needle[i] == hay[low + i]
        out[n, 2] = same
    return out

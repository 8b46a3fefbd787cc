"""How much of one text stands in order inside another.

Candidates come from n-grams, judgement comes from here. One changed word costs n n-grams, so shares of n-grams punish
honest near copies and templates alike; the longest common subsequence of words does not. Coverage is the share of the
eval words in that subsequence with the best matching window of the training row (the eval length and a quarter of it
on either side).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from checks.text.containment import QUARTER
from checks.text.fold import FoldTable
from checks.text.grams import GRAM, hash_grams
from checks.text.hashtable import place_of, slots_for
from checks.text.kernel import Hash, Hashes, Int, Numbers, kernel, part
from checks.text.prints import SHORT
from checks.text.texts import CHUNK, TextArrays, Texts
from checks.text.wordlists import WordLists
from checks.text.words import buffers, fold_table, read_words, widest

U64 = np.uint64
_ANCHOR = np.int64(GRAM)


def coverages(left: Texts, right: WordLists, pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    """How much of a right text stands in order in a left text.

    Args:
        left: texts to look in.
        right: word hashes of the texts to look for, one entry per row.
        pairs: shape (n, 2), row numbers of a left and a right text.

    Returns:
        Shape (n, 2): coverage of the whole right text, and of its prompt (0 where it has no prompt of its own).
    """
    out = np.empty((len(pairs), 2))
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    for start in range(0, len(order), CHUNK):
        chosen = order[start : start + CHUNK]
        rows, numbers = np.unique(pairs[chosen, 0], return_inverse=True)
        out[chosen] = _coverages(left.pick(rows), numbers, right, pairs[chosen, 1], fold_table())
    return out


@kernel
def common_subsequence(needle: Hashes, needle_count: Int, hay: Hashes, start: Int, stop: Int) -> Int:
    """Length of the longest common subsequence of `needle` and `hay[start:stop]`.

    Bit-parallel (H. Hyyro, 2004, "Bit-parallel LCS-length computation revisited"): one word operation per 64 needle
    words and hay word.
    """
    blocks = (needle_count + 63) // 64
    size = slots_for(needle_count)
    mask = U64(size - 1)
    table, stamps, number = np.empty(size, np.uint64), np.zeros(size, np.uint8), np.empty(size, np.int64)
    where = np.zeros((needle_count, blocks), np.uint64)
    known = 0
    for i in range(needle_count):
        slot = place_of(table, stamps, 1, needle[i], mask)
        if stamps[slot] == 0:
            table[slot], stamps[slot], number[slot] = needle[i], 1, known
            known += 1
        where[number[slot], i >> 6] |= U64(1) << U64(i & 63)
    row = np.full(blocks, U64(0xFFFFFFFFFFFFFFFF))
    for j in range(start, stop):
        slot = place_of(table, stamps, 1, hay[j], mask)
        if stamps[slot] == 0:
            continue
        carry = U64(0)
        for block in range(blocks):
            value = row[block]
            match = value & where[number[slot], block]
            total = value + match
            overflow = U64(total < value)
            total += carry
            overflow |= U64(total < carry)
            row[block] = total | (value - match)
            carry = overflow
    length = 0
    for block in range(blocks):
        width = min(64, needle_count - 64 * block)
        zeros = ~row[block]
        if width < 64:
            zeros &= (U64(1) << U64(width)) - U64(1)
        while zeros:
            zeros &= zeros - U64(1)
            length += 1
    return length


@kernel
def window(needle: Hashes, needle_count: Int, hay: Hashes, hay_count: Int) -> tuple[Int, Int]:
    """(start, stop) of the words of `hay` that best match `needle`; (0, 0) if nothing does.

    Shared 5-grams vote for an offset; votes are counted in strips of a quarter of the needle's length, the
    fullest two neighbours win and the mean of the fuller one is the offset. Texts of nearly one length are compared whole.
    """
    if hay_count <= needle_count + needle_count // 4:
        return 0, hay_count
    if needle_count < _ANCHOR:
        return 0, hay_count if hay_count <= needle_count + needle_count // 2 else 0
    size = slots_for(needle_count)
    mask = U64(size - 1)
    table, stamps, position = np.empty(size, np.uint64), np.zeros(size, np.uint8), np.empty(size, np.int64)
    grams, later = np.empty(max(needle_count, hay_count), np.uint64), np.arange(needle_count)
    for i in range(hash_grams(needle, needle_count, _ANCHOR, grams) - 1, -1, -1):
        slot = place_of(table, stamps, 1, grams[i], mask)
        if stamps[slot]:
            later[i] = position[slot]
        table[slot], stamps[slot], position[slot] = grams[i], 1, i
    slack = max(1, needle_count // 4)
    votes = np.zeros((hay_count + needle_count) // slack + 2, np.int64)
    offsets = np.zeros(len(votes), np.int64)
    for j in range(hash_grams(hay, hay_count, _ANCHOR, grams)):
        slot = place_of(table, stamps, 1, grams[j], mask)
        if stamps[slot]:
            offset = j - position[slot]
            position[slot] = later[position[slot]]
            votes[(offset + needle_count) // slack] += 1
            offsets[(offset + needle_count) // slack] += offset
    best = 0
    for i in range(len(votes) - 1):
        if votes[i] + votes[i + 1] > votes[best] + votes[best + 1]:
            best = i
    if votes[best] + votes[best + 1] == 0:
        return 0, 0
    if votes[best + 1] > votes[best]:
        best += 1
    offset = offsets[best] // votes[best]
    return max(0, offset - slack), min(hay_count, offset + needle_count + slack)


@part
def _shared(grams: Hashes, count: Int, table: Hashes, stamps: NDArray[Any], stamp: Int, mask: Hash) -> Int:
    """How many of the grams stand in the table of the left text."""
    found: Int = 0
    for i in range(count):
        found += np.int64(stamps[place_of(table, stamps, stamp, grams[i], mask)] == stamp)
    return found


@kernel
def _coverages(
    left: TextArrays, numbers: Numbers, right: WordLists, rows: Numbers, table: FoldTable
) -> NDArray[np.float64]:
    """`coverages` of one chunk of pairs sorted by their left text, which is read and indexed once."""
    bounds, asked = right.bounds, right.asked
    folded, words, grams, _ = buffers(widest(left.bounds))
    longest = 0
    for n in range(len(rows)):
        longest = max(longest, bounds[rows[n] + 1] - bounds[rows[n]])
    theirs = np.empty(longest + 1, np.uint64)
    size = slots_for(len(words))
    slots, stamps = np.empty(size, np.uint64), np.zeros(size, np.int32)
    out = np.zeros((len(rows), 2))
    last: Int = -1
    count: Int = 0
    mask = U64(0)
    for n in range(len(rows)):
        a, b = numbers[n], rows[n]
        if a != last:
            _, count, _, _ = read_words(
                left.data, left.bounds[a], left.bounds[a + 1], left.prompts[a], table, folded, words
            )
            last = a
            number = hash_grams(words, count, _ANCHOR, grams)
            mask = U64(slots_for(number) - 1)
            for i in range(number):
                slot = place_of(slots, stamps, n + 1, grams[i], mask)
                slots[slot], stamps[slot] = grams[i], n + 1
            stamp = n + 1
        for side in range(2):
            length = asked[b] if side else bounds[b + 1] - bounds[b]
            if length == 0:
                continue
            needle = right.words[bounds[b] : bounds[b] + length]
            if length >= SHORT or count > length + length // 2:
                number = hash_grams(needle, length, _ANCHOR, theirs)
                if length < _ANCHOR or _shared(theirs, number, slots, stamps, stamp, mask) < QUARTER * number:
                    continue
            start, stop = window(needle, length, words, count)
            out[n, side] = common_subsequence(needle, length, words, start, stop) / length
    return out

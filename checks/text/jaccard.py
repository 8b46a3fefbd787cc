"""Exact Jaccard similarity of the shingles of two texts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from checks.text.fold import FoldTable
from checks.text.grams import hash_characters, hash_grams
from checks.text.hashtable import place_of, slots_for
from checks.text.kernel import Hashes, Int, Numbers, kernel
from checks.text.texts import CHUNK, TextArrays, Texts
from checks.text.words import buffers, fold_table, read_words, widest

U64 = np.uint64


def similarities(
    left: Texts, right: Texts, pairs: NDArray[np.int64], *, word_size: int, short: int
) -> NDArray[np.float64]:
    """Exact Jaccard similarity of the shingles of pairs of rows.

    Args:
        left, right: the texts of two splits, or twice those of one.
        pairs: shape (n, 2), row numbers of a left and a right text.
        word_size: words per shingle; 0 to compare by characters only.
        short: a pair with a side of fewer words than this is compared by five characters.
    """
    out = np.empty(len(pairs))
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    for start in range(0, len(order), CHUNK):
        chosen = order[start : start + CHUNK]
        rows_left, numbers_left = np.unique(pairs[chosen, 0], return_inverse=True)
        rows_right, numbers_right = np.unique(pairs[chosen, 1], return_inverse=True)
        out[chosen] = _similarities(
            left.pick(rows_left),
            right.pick(rows_right),
            numbers_left,
            numbers_right,
            fold_table(),
            word_size,
            short,
        )
    return out


@kernel
def jaccard(left: Hashes, left_count: Int, right: Hashes, right_count: Int) -> float:
    """Exact Jaccard similarity of two sets of 64-bit hashes given with repeats; 0 if both are empty."""
    size = slots_for(left_count + right_count)
    table, stamps = np.empty(size, np.uint64), np.zeros(size, np.uint8)
    mask = U64(size - 1)
    union, both = 0, 0
    for i in range(left_count):
        slot = place_of(table, stamps, 1, left[i], mask)
        if stamps[slot] == 0:
            table[slot], stamps[slot] = left[i], 1
            union += 1
    # A second table marks what was already met on the right: a slot's stamp would cut the probe sequence.
    met = np.zeros(size, np.bool_)
    for i in range(right_count):
        slot = place_of(table, stamps, 1, right[i], mask)
        if stamps[slot] == 0:
            table[slot], stamps[slot] = right[i], 1
            met[slot] = True
            union += 1
        elif not met[slot]:
            met[slot] = True
            both += 1
    return both / union if union else 0.0


@kernel
def _similarities(
    left: TextArrays,
    right: TextArrays,
    numbers_left: Numbers,
    numbers_right: Numbers,
    table: FoldTable,
    word_size: Int,
    short: Int,
) -> NDArray[np.float64]:
    """`similarities` of one chunk of pairs, each left text read once if the pairs are sorted by it."""
    room = max(widest(left.bounds), widest(right.bounds))
    left_folded, left_words, left_grams, scratch = buffers(room)
    right_folded, right_words, right_grams, _ = buffers(room)
    out = np.zeros(len(numbers_left))
    last: Int = -1
    left_count: Int = 0
    left_end: Int = 0
    for n in range(len(out)):
        a, b = numbers_left[n], numbers_right[n]
        if a != last:
            _, left_count, left_end, _ = read_words(
                left.data, left.bounds[a], left.bounds[a + 1], left.prompts[a], table, left_folded, left_words
            )
            last = a
        _, right_count, right_end, _ = read_words(
            right.data,
            right.bounds[b],
            right.bounds[b + 1],
            right.prompts[b],
            table,
            right_folded,
            right_words,
        )
        if word_size == 0 or min(left_count, right_count) < short:
            grams_a = hash_characters(left_folded, 0, left_end, scratch, left_grams)
            grams_b = hash_characters(right_folded, 0, right_end, scratch, right_grams)
        else:
            grams_a = hash_grams(left_words, left_count, word_size, left_grams)
            grams_b = hash_grams(right_words, right_count, word_size, right_grams)
        out[n] = jaccard(left_grams, grams_a, right_grams, grams_b)
    return out

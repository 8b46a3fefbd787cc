"""Phrases: runs of five words that many eval texts share, and so tell nothing about any of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from checks.text.grams import GRAM, hash_grams
from checks.text.kernel import Hash, Hashes, Numbers, kernel

U64 = np.uint64

FREQUENT, FREQUENT_SHARE = 20, 0.002
"""A gram of more than this many distinct eval texts, and this share of them, is a phrase. Tool default: an item of a test
is told apart by what few other items say; 20 bounds the work that one gram of train can cause."""
_AT_ONCE = 1 << 23
"""Grams that are counted at a time, about."""
_GRAM = np.int64(GRAM)


def phrases(words: Hashes, bounds: Numbers, chosen: NDArray[np.bool_]) -> tuple[Hashes, NDArray[np.int64]]:
    """The grams that many of the chosen texts share, sorted, and how many do.

    Args:
        words: word hashes of all texts.
        bounds: text i is `words[bounds[i]:bounds[i + 1]]`.
        chosen: one of each set of equal texts: copies do not make a phrase.
    """
    least = max(FREQUENT, int(FREQUENT_SHARE * np.count_nonzero(chosen)))
    rows = np.flatnonzero(chosen)
    bits = max(0, int(bounds[-1] // _AT_ONCE).bit_length())
    found, counts = [np.zeros(0, U64)], [np.zeros(0, np.int64)]
    for share in range(1 << bits):  # the grams by their leading bits, so that large sets take no more memory
        grams = np.sort(_distinct(words, bounds, rows, U64(share), U64(64 - bits)))
        first = (
            np.flatnonzero(np.concatenate(([True], grams[1:] != grams[:-1])))
            if len(grams)
            else np.zeros(0, np.int64)
        )
        sizes = np.diff(np.append(first, len(grams)))
        found.append(grams[first[sizes > least]])
        counts.append(sizes[sizes > least])
    return np.concatenate(found), np.concatenate(counts)


@kernel
def _distinct(words: Hashes, bounds: Numbers, rows: Numbers, share: Hash, shift: Hash) -> Hashes:
    """The distinct grams of each text, one text after the other, that have these leading bits."""
    longest = np.int64(GRAM)
    for row in rows:
        longest = max(longest, bounds[row + 1] - bounds[row])
    scratch, out = np.empty(longest, U64), np.empty(1024, U64)
    filled = 0
    for row in rows:
        size = bounds[row + 1] - bounds[row]
        if size < GRAM:
            continue
        number = hash_grams(words[bounds[row] : bounds[row + 1]], size, _GRAM, scratch)
        kept = 0
        for i in range(number):
            if shift == U64(64) or scratch[i] >> shift == share:
                scratch[kept] = scratch[i]
                kept += 1
        grams = np.sort(scratch[:kept])
        while filled + kept > len(out):
            more = np.empty(2 * len(out), U64)
            more[:filled] = out[:filled]
            out = more
        for i in range(kept):
            if i == 0 or grams[i] != grams[i - 1]:
                out[filled] = grams[i]
                filled += 1
    return out[:filled]

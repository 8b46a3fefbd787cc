"""Which hashes may stand in several rows: few, so that sorting them is cheap where sorting all is not.

A table has two bits for each value of a hash's leading bits, one for "seen" and one for "seen again", next to each
other: looking at random places of memory is what this costs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from checks.text.kernel import Codes, Hash, Hashes, Int, Numbers, kernel, part

U64 = np.uint64
ROOMY = 4
"""Values a row, at least: of hashes that stand in one row alone one in six still looks as if it stood in several. Of 2, 4,
8 and 16 it takes the least time for a million rows, sorting them included: a larger table leaves the processor's cache."""


def perhaps_repeated(hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The rows, in order, whose hash another row may have too: all that share one, and a few more."""
    bits = _bits(len(hashes))
    out = np.empty(len(hashes), np.int64)
    return out[: _hashes_again(hashes, U64(64 - bits), _table(bits), out)]


def perhaps_shared(
    keys: NDArray[np.uint32], places: NDArray[np.int64], rows: NDArray[np.uint64]
) -> NDArray[np.uint64]:
    """key << 32 | row for those of the `keys` at `places` that another of them may equal; `rows` tells each one's row."""
    bits = _bits(len(places))
    out = np.empty(len(places), U64)
    return out[: _keys_again(keys, places, rows, U64(32 - bits), _table(bits), out)]


def _bits(rows: int) -> int:
    """Leading bits of a hash that are looked at."""
    return min(32, max(10, (rows * ROOMY).bit_length()))


def _table(bits: int) -> NDArray[np.uint64]:
    return np.zeros(1 << (bits - 5), U64)


@part
def _see(table: Hashes, value: Hash) -> None:
    bit = (value & U64(31)) << U64(1)
    word = table[value >> U64(5)]
    table[value >> U64(5)] = word | (U64(1) << bit) | (((word >> bit) & U64(1)) << (bit + U64(1)))


@part
def _seen_again(table: Hashes, value: Hash) -> Int:
    return np.int64((table[value >> U64(5)] >> (((value & U64(31)) << U64(1)) + U64(1))) & U64(1))


@kernel
def _hashes_again(hashes: Hashes, shift: Hash, table: Hashes, out: Numbers) -> Int:
    for i in range(len(hashes)):
        _see(table, hashes[i] >> shift)
    kept: Int = 0
    for i in range(len(hashes)):
        out[kept] = i
        kept += _seen_again(table, hashes[i] >> shift)
    return kept


@kernel
def _keys_again(keys: Codes, places: Numbers, rows: Hashes, shift: Hash, table: Hashes, out: Hashes) -> Int:
    for i in range(len(places)):
        _see(table, U64(keys[places[i]]) >> shift)
    kept: Int = 0
    for i in range(len(places)):
        key = U64(keys[places[i]])
        out[kept] = (key << U64(32)) | rows[i]
        kept += _seen_again(table, key >> shift)
    return kept

"""A small open-addressing hash table for kernels, emptied by raising a stamp instead of clearing memory."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks.text.grams import PRIME
from checks.text.kernel import Bytes, Hash, Hashes, Int, kernel, part

U64 = np.uint64


@part
def slots_for(count: Int) -> Int:
    """Size of a table for up to `count` values: a power of two, at most half full."""
    size = 16
    while size < 2 * count:
        size *= 2
    return size


@part
def place_of(table: Hashes, stamps: NDArray[Any], stamp: Int, value: Hash, mask: Hash) -> Hash:
    """Slot of `value` in an open-addressing table, or the free slot where it belongs (its stamp is then older)."""
    slot = (value * PRIME >> U64(32)) & mask
    while stamps[slot] == stamp and table[slot] != value:
        slot = (slot + U64(1)) & mask
    return slot


class GramSet(NamedTuple):
    """A set of grams that kernels look up."""

    table: Hashes
    stamps: Bytes


@kernel
def gram_set(grams: Hashes) -> GramSet:
    """The set of some grams."""
    size = slots_for(len(grams))
    table, stamps = np.empty(size, U64), np.zeros(size, np.uint8)
    for gram in grams:
        slot = place_of(table, stamps, 1, gram, U64(size - 1))
        table[slot], stamps[slot] = gram, 1
    return GramSet(table, stamps)


@part
def holds(grams: GramSet, gram: Hash) -> bool:
    """Whether a gram is in the set."""
    slot = place_of(grams.table, grams.stamps, 1, gram, U64(len(grams.table) - 1))
    return bool(grams.stamps[slot] != 0)

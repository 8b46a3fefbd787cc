"""A small open-addressing hash table for kernels, emptied by raising a stamp instead of clearing memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from checks.text.grams import PRIME
from checks.text.kernel import Hash, Hashes, Int, part

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

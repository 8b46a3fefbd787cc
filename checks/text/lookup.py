"""From a hash to what goes by it: sorted keys, entered by their leading bits."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks.text.kernel import Hash, Hashes, Int, Numbers, frozen, kernel, part

U64 = np.uint64
_SPARE = 4
"""A bitmap has 16 to 32 bits a key, so that a hash that is no key nearly always ends there, in the processor's cache."""


class Lookup(NamedTuple):
    """Keys that are spread evenly over all 64 bits, and the values of each."""

    keys: NDArray[np.uint64]
    """Distinct and sorted."""
    bounds: NDArray[np.int64]
    """Key i has the values from `bounds[i]` up to `bounds[i + 1]`."""
    values: NDArray[np.int64]
    bitmap: NDArray[np.uint8]
    """One bit for each value of a key's leading bits that occurs."""
    doors: NDArray[np.int32]
    """Number of the first key whose leading bits, four fewer, are these or more."""
    shift: np.uint64
    """Right shift of a key that gives its place in the bitmap."""


def lookup(keys: NDArray[np.uint64], values: NDArray[np.int64]) -> Lookup:
    """A look-up of one value a key, keys in any order and repeated; the values of a key stay in their order."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    fresh = np.ones(len(ordered), np.bool_)
    fresh[1:] = ordered[1:] != ordered[:-1]
    first = np.flatnonzero(fresh)
    distinct = ordered[first]
    bits = max(8, len(distinct).bit_length() + _SPARE)
    shift = U64(64 - bits)
    bitmap = np.zeros(1 << bits, np.bool_)
    bitmap[distinct >> shift] = True
    doors = np.searchsorted(
        distinct >> (shift + U64(_SPARE)), np.arange((1 << (bits - _SPARE)) + 1, dtype=U64)
    )
    made = Lookup(
        distinct, np.append(first, len(keys)), values[order],
        np.packbits(bitmap, bitorder="little"), doors.astype(np.int32), shift,
    )  # fmt: skip
    return frozen(made)


@part
def may_be(key: Hash, known: Lookup) -> Int:
    """1 if a key may be known, 0 if it is none."""
    bit = key >> known.shift
    return np.int64((known.bitmap[bit >> U64(3)] >> np.uint8(bit & U64(7))) & np.uint8(1))


@part
def sift(hashes: Hashes, known: Lookup, out: Hashes) -> Int:
    """Copy the hashes that may be keys to the front of `out`; returns how many. Free of branches, so that waiting for
    memory overlaps: this takes a third of the time of looking each up."""
    kept: Int = np.int64(0)
    for i in range(len(hashes)):
        out[kept] = hashes[i]
        kept += may_be(hashes[i], known)
    return kept


@part
def find(key: Hash, known: Lookup) -> Int:
    """Number of a key, -1 if it is none."""
    if not may_be(key, known):
        return np.int64(-1)
    door = key >> (known.shift + U64(_SPARE))
    low, high = np.int64(known.doors[door]), np.int64(known.doors[door + U64(1)])
    while low < high:
        middle = (low + high) >> 1
        if known.keys[middle] < key:
            low = middle + 1
        else:
            high = middle
    return low if low < len(known.keys) and known.keys[low] == key else np.int64(-1)


@kernel
def find_all(keys: Hashes, known: Lookup) -> Numbers:
    """Number of each key, -1 for those that are none."""
    out, perhaps = np.full(len(keys), -1), np.empty(len(keys), np.int64)
    left: Int = np.int64(0)
    for i in range(len(keys)):  # as in `sift`
        perhaps[left] = i
        left += may_be(keys[i], known)
    for i in perhaps[:left]:
        out[i] = find(keys[i], known)
    return out

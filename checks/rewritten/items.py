"""Some texts as items that others are held against: their terms in order, their weights, and an index of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks.rewritten.frequencies import Weights, weight_of
from checks.text.grams import mix
from checks.text.hashtable import slots_for
from checks.text.kernel import Hash, Hashes, Int, Numbers, kernel, part

U64 = np.uint64
LONGEST = 400
"""Terms at the beginning of either side that are compared in order, which takes the product of both lengths."""


class Items(NamedTuple):
    """Texts as sparse vectors over the terms that they hold."""

    vocabulary: NDArray[np.uint64]
    """Distinct terms, sorted."""
    idf: NDArray[np.float32]
    """How much each of them says."""
    slots: NDArray[np.int64]
    """Hash table from a term to its number, -1 where it is free."""
    terms: NDArray[np.int32]
    """Term numbers of the texts, in order."""
    bounds: NDArray[np.int64]
    """Text i has `terms[bounds[i]:bounds[i + 1]]`."""
    bag: NDArray[np.int32]
    """Distinct term numbers of each text."""
    counts: NDArray[np.float32]
    """How often the text holds each."""
    weights: NDArray[np.float32]
    """(1 + ln count) * idf, each text scaled to length 1."""
    bags: NDArray[np.int64]
    """Text i has the entries from `bags[i]` to `bags[i + 1]`."""
    mass: NDArray[np.float64]
    """Sum of the idf of the terms that are compared in order, the first `LONGEST`."""


class Postings(NamedTuple):
    """For each term the items that are found by it."""

    bounds: NDArray[np.int64]
    items: NDArray[np.int32]
    weights: NDArray[np.float32]


def items_of(terms: NDArray[np.uint64], bounds: NDArray[np.int64], by: Weights) -> Items:
    """Items of some texts, given their terms in order."""
    vocabulary, places = np.unique(terms, return_inverse=True)
    numbers = places.reshape(-1).astype(np.int32)
    idf = _weights(vocabulary, by.idf, by.shift)
    slots = _table(vocabulary)
    bag, counts, weights, bags = _bags(numbers, bounds, idf)
    mass = _masses(numbers, bounds, idf)
    return Items(vocabulary, idf, slots, numbers, bounds, bag, counts, weights, bags, mass)


def postings(items: Items, count: int) -> Postings:
    """The index of the first `count` items by their terms."""
    used = slice(int(items.bags[count]))
    owner = np.repeat(np.arange(count, dtype=np.int32), np.diff(items.bags[: count + 1]))
    order = np.argsort(items.bag[used], kind="stable")
    sizes = np.bincount(items.bag[used], minlength=len(items.vocabulary))
    bounds = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)))
    return Postings(bounds, owner[order], items.weights[order])


@part
def number_of(term: Hash, vocabulary: Hashes, slots: Numbers) -> Int:
    """Number of a term, -1 if no item holds it."""
    mask = U64(len(slots) - 1)
    slot = mix(term) & mask
    while slots[slot] >= 0:
        if vocabulary[slots[slot]] == term:
            return np.int64(slots[slot])
        slot = (slot + U64(1)) & mask
    return np.int64(-1)


@kernel
def _weights(vocabulary: Hashes, idf: NDArray[np.float32], shift: Hash) -> NDArray[np.float32]:
    out = np.empty(len(vocabulary), np.float32)
    for i in range(len(vocabulary)):
        out[i] = weight_of(vocabulary[i], idf, shift)
    return out


@kernel
def _table(vocabulary: Hashes) -> Numbers:
    size = slots_for(2 * len(vocabulary))
    slots, mask = np.full(size, -1, np.int64), U64(size - 1)
    for i in range(len(vocabulary)):
        slot = mix(vocabulary[i]) & mask
        while slots[slot] >= 0:
            slot = (slot + U64(1)) & mask
        slots[slot] = i
    return slots


@kernel
def _bags(
    terms: NDArray[np.int32], bounds: Numbers, idf: NDArray[np.float32]
) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32], Numbers]:
    count = np.zeros(len(idf), np.int32)
    bag, counts, weights = (
        np.empty_like(terms),
        np.empty(len(terms), np.float32),
        np.empty(len(terms), np.float32),
    )
    bags = np.zeros(len(bounds), np.int64)
    fill: Int = np.int64(0)
    for i in range(len(bounds) - 1):
        first = fill
        for n in range(bounds[i], bounds[i + 1]):
            if count[terms[n]] == 0:
                bag[fill] = terms[n]
                fill += 1
            count[terms[n]] += 1
        norm = 0.0
        for n in range(first, fill):
            counts[n] = count[bag[n]]
            count[bag[n]] = 0
            weights[n] = (1 + np.log(counts[n])) * idf[bag[n]]
            norm += weights[n] * weights[n]
        if norm > 0:
            for n in range(first, fill):
                weights[n] /= np.sqrt(norm)
        bags[i + 1] = fill
    return bag[:fill].copy(), counts[:fill].copy(), weights[:fill].copy(), bags


@kernel
def _masses(terms: NDArray[np.int32], bounds: Numbers, idf: NDArray[np.float32]) -> NDArray[np.float64]:
    out = np.zeros(len(bounds) - 1)
    for i in range(len(out)):
        for n in range(bounds[i], min(bounds[i + 1], bounds[i] + LONGEST)):
            out[i] += idf[terms[n]]
    return out

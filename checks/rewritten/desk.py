"""What kernels share that hold one text after the other against items: reading a text as a vector, and looking it up."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks.rewritten.frequencies import weight_of
from checks.rewritten.items import Items, Postings, number_of
from checks.rewritten.spans import Spans
from checks.rewritten.stems import LETTERS, Reader
from checks.rewritten.terms import read_terms
from checks.text.hashtable import place_of, slots_for
from checks.text.kernel import Bytes, Hash, Int, Numbers, part

U32, U64 = np.uint32, np.uint64
PER_TERM = 16
"""Items that a term of a text may point to on average. On 100,000 rows against 10,000 eval rows with a small vocabulary
the full index takes 8 times the time, and flags the same rows but for one in a hundred."""
_LENGTHS = 32


class Desk(NamedTuple):
    """Room for the text at hand, used again for each."""

    letters: NDArray[np.uint32]
    terms: NDArray[np.uint64]
    """Its terms in order."""
    table: NDArray[np.uint64]
    stamps: NDArray[np.int32]
    counts: NDArray[np.int32]
    """A hash table of its distinct terms, and how often each occurs."""
    places: NDArray[np.int64]
    """Where in the table the distinct terms stand, in the order of the text."""
    mine: NDArray[np.float32]
    """Per term of the items: its weight in the text, 0 where it is not there."""
    known: NDArray[np.int64]
    """The terms of the items that the text has."""
    dots: NDArray[np.float32]
    """Per item: what the terms that were looked up carry."""
    touched: NDArray[np.int64]


@part
def desk_for(parts: Spans, terms: Int, items: Int) -> Desk:
    """Room for the longest of some parts of texts, held against so many items with so many terms."""
    longest: Int = np.int64(1)
    for i in range(len(parts.rows)):
        longest = max(longest, parts.stops[i] - parts.starts[i])
    size = slots_for(longest)
    return Desk(
        np.empty(LETTERS, U32),
        np.empty(longest, U64),
        np.empty(size, U64),
        np.zeros(size, np.int32),
        np.zeros(size, np.int32),
        np.empty(longest, np.int64),
        np.zeros(terms, np.float32),
        np.empty(longest, np.int64),
        np.zeros(items, np.float32),
        np.empty(items, np.int64),
    )


@part
def read_text(data: Bytes, start: Int, stop: Int, stamp: Int, by: Reader, desk: Desk) -> tuple[Int, Int]:
    """Read a text and count its terms; returns (terms, distinct ones). Each text has a stamp of its own, not 0."""
    count = read_terms(data, start, stop, by, desk.letters, desk.terms)
    table, stamps, counts = desk.table, desk.stamps, desk.counts
    mask = U64(slots_for(count) - 1)
    many: Int = np.int64(0)
    for n in range(count):
        term = desk.terms[n]
        slot = place_of(table, stamps, stamp, term, mask)
        if stamps[slot] != stamp:
            table[slot], stamps[slot], counts[slot] = term, stamp, 0
            desk.places[many] = slot
            many += 1
        counts[slot] += 1
    return count, many


@part
def weigh(many: Int, items: Items, idf: NDArray[Any], shift: Hash, desk: Desk) -> tuple[Int, float]:
    """Spread the weights of a text's terms over the terms of the items; returns (those of them it has, its length)."""
    table, counts, mine = desk.table, desk.counts, desk.mine
    vocabulary, slots = items.vocabulary, items.slots
    norm = 0.0
    ours: Int = np.int64(0)
    for n in range(many):
        slot = desk.places[n]
        weight = np.float64(weight_of(table[slot], idf, shift))
        if counts[slot] > 1:
            weight *= 1 + np.log(counts[slot])
        norm += weight * weight
        term = number_of(table[slot], vocabulary, slots)
        if term >= 0:
            mine[term] = weight
            desk.known[ours] = term
            ours += 1
    return ours, np.sqrt(norm)


@part
def _limit(known: Numbers, count: Int, bounds: Numbers, allowed: Int) -> Int:
    """Postings must be shorter than this to be looked at: as many of the shortest as are allowed, and one length at least.
    Lengths are told apart by their number of bits."""
    lengths = np.zeros(_LENGTHS, np.int64)
    for n in range(count):
        length = bounds[known[n] + 1] - bounds[known[n]]
        bits: Int = np.int64(0)
        while length >> bits:
            bits += 1
        lengths[bits] += length
    total: Int = np.int64(0)
    last: Int = np.int64(0)
    for bits in range(1, _LENGTHS):
        total += lengths[bits]
        if last > 0 and total > allowed:
            break
        if lengths[bits] > 0:
            last = bits
    return np.int64(1) << last


@part
def nearest(ours: Int, many: Int, index: Postings, present: NDArray[Any], desk: Desk, out: Numbers) -> Int:
    """The items to which the rarest terms of a text point most, as many as `out` has room for; returns how many."""
    bounds, owners, shares = index
    known, mine, dots, touched = desk.known, desk.mine, desk.dots, desk.touched
    limit = _limit(known, ours, bounds, PER_TERM * many)
    reached: Int = np.int64(0)
    for n in range(ours):
        term = known[n]
        if bounds[term + 1] - bounds[term] >= limit:
            continue
        for p in range(bounds[term], bounds[term + 1]):
            item = owners[p]
            if dots[item] == 0:
                touched[reached] = item
                reached += 1
            dots[item] += mine[term] * shares[p]
    found: Int = np.int64(0)
    for n in range(reached):
        item = touched[n]
        if present[item] and (found < len(out) or dots[item] > dots[out[found - 1]]):
            place = found if found < len(out) else found - 1
            while place > 0 and dots[out[place - 1]] < dots[item]:
                out[place] = out[place - 1]
                place -= 1
            out[place] = item
            found = min(found + 1, len(out))
    for n in range(reached):
        dots[touched[n]] = 0
    return found


@part
def dot(items: Items, item: Int, mine: NDArray[Any]) -> float:
    """Product of an item with the text at hand, whose length is not taken off."""
    total = 0.0
    for p in range(items.bags[item], items.bags[item + 1]):
        total += mine[items.bag[p]] * items.weights[p]
    return total


@part
def put_away(ours: Int, desk: Desk) -> None:
    """Make the desk ready for the next text."""
    for n in range(ours):
        desk.mine[desk.known[n]] = 0

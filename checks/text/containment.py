"""Eval texts inside training texts: an inverted index of eval word 5-grams that training rows are streamed past.

An eval row is indexed as a whole and, where it has one, by its prompt; both are called items here. A training row
becomes a candidate for an item if it holds at least a quarter of the item's indexed grams; what is a leak is decided
by `checks.text.align`, never here. Two things keep the cost linear:

- an item of many grams is indexed by a fixed share of them (every 2nd, 4th, ... gram by hash value, never fewer than
  about `PER_ITEM`), so long items cost no more than short ones;
- grams that stand in more than `COMMON` of at most `SAMPLE` training rows are phrases everybody uses: they are left
  out, and an item made of nothing else is counted as not seen by this detector. `COMMON` is no share: in a small
  training set nothing needs to be left out for speed, and a text that stands in 30 of its rows is a leak all the same.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks.text.fold import FoldTable
from checks.text.grams import hash_grams
from checks.text.kernel import Bytes, Hash, Hashes, Int, Numbers, kernel, part
from checks.text.texts import TextArrays
from checks.text.words import buffers, fold_table, read_words, widest

U64 = np.uint64

GRAM = 5
"""Words per gram: 8 finds 93 % of lightly edited leaks, 5 finds 98 % (planted, 1M rows against 10K)."""
_GRAM = np.int64(GRAM)
QUARTER = 0.25
"""Share of an item's grams that makes a training row worth aligning: less means that at most every second word agrees."""
FEW = 3
"""Items of fewer indexed grams become candidates by a single one; others need two, since one phrase is no leak."""
PER_ITEM = 16
"""Of 250 planted light edits in 100K rows 4 grams an item find 249, 8 and more find all; of 125 light paraphrases 8 find
86 %, 16 find 87 %, 32 find 91 % at a quarter more time."""
SAMPLE = 20_000
"""Enough to count a phrase of one row in a hundred 200 times, give or take 14."""
COMMON = 200
"""20, 200 and 1,000 find the same planted leaks; from 1,000 on templates leave eval rows with more candidates than are
judged (50 of 10,000)."""
PER_ROW = 16
"""Most items that one training row is aligned with once each of them has been tried `TRIES` times. Bounds the cost where
one row holds a template of many items; the eval rows concerned are counted (`crowded`), none in the planted corpora."""
TRIES = 4
"""See `PER_ROW`."""


class Index(NamedTuple):
    """The arrays of the inverted index; all are empty where there is no eval text to look for."""

    slots: NDArray[np.uint64]
    """Hash table (open addressing): gram hash, first posting << 24 | number of postings."""
    postings: NDArray[np.int32]
    """Item numbers, grouped by gram, and one 0 behind the last."""
    bitmap: NDArray[np.uint8]
    """One bit for each value of the hash's leading bits that occurs."""
    shift: np.uint64
    """Right shift that turns a hash into a bit number."""
    need: NDArray[np.int32]
    """Hits that make a candidate, per item."""
    kept: NDArray[np.int32]
    """Number of indexed grams per item; 0 means that this detector cannot see the item."""


def empty_index() -> Index:
    """An index that nothing matches."""
    none = np.zeros(0, np.int32)
    return Index(np.zeros((1, 2), U64), none, np.zeros(1, np.uint8), U64(63), none, none)


def entries(
    words: NDArray[np.uint64], bounds: NDArray[np.int64], lengths: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The (gram hash, item number) entries to index, distinct and sorted.

    Args:
        words: word hashes of all items.
        bounds: item i begins at `words[bounds[i]]`.
        lengths: words of each item.
    """
    room = int(np.maximum(lengths - GRAM + 1, 0).sum())
    grams, items = np.empty(room, U64), np.empty(room, np.int64)
    scratch = np.empty(int(lengths.max(initial=GRAM)), U64)
    number = _thinned(words, bounds, lengths, scratch, grams, items)
    order = np.argsort(
        grams[:number], kind="stable"
    )  # entries come by item, and so stay in the order of items
    return grams[order], items[order]


@kernel
def _thinned(
    words: Hashes, bounds: Numbers, lengths: Numbers, scratch: Hashes, grams: Hashes, items: Numbers
) -> Int:
    """The entries item by item; of many grams only a fixed share that leaves at least about `PER_ITEM`."""
    filled: Int = 0
    for item in range(len(lengths)):
        if lengths[item] < GRAM:
            continue
        start = bounds[item]
        number = hash_grams(words[start : start + lengths[item]], lengths[item], _GRAM, scratch)
        row = np.sort(scratch[:number])
        distinct = 1
        for i in range(1, number):
            distinct += row[i] != row[i - 1]
        mask = U64(0)
        while distinct >= 2 * PER_ITEM:
            distinct //= 2
            mask = mask << U64(1) | U64(1)
        for i in range(number):
            if (i == 0 or row[i] != row[i - 1]) and (row[i] >> U64(20)) & mask == 0:
                grams[filled], items[filled] = row[i], item
                filled += 1
    return filled


def build_index(grams: NDArray[np.uint64], items: NDArray[np.int64], count: int) -> Index:
    """Index `count` items from their distinct, sorted (gram hash, item number) entries."""
    if not len(grams):
        return empty_index()._replace(need=np.ones(count, np.int32), kept=np.zeros(count, np.int32))
    kept = np.bincount(items, minlength=count).astype(np.int32)
    need = np.maximum(np.where(kept < FEW, 1, 2), np.ceil(QUARTER * kept)).astype(np.int32)
    first = np.flatnonzero(np.concatenate(([True], grams[1:] != grams[:-1])))
    bits = max(16, int(np.ceil(np.log2(32 * len(first)))))
    bitmap = np.zeros(1 << (bits - 3), np.uint8)
    slots = np.zeros((1 << int(np.ceil(np.log2(1.5 * len(first) + 1))), 2), U64)
    sizes = np.diff(np.concatenate((first, [len(grams)])))
    _fill(slots, bitmap, U64(64 - bits), grams[first], first, sizes)
    return Index(slots, np.append(items, 0).astype(np.int32), bitmap, U64(64 - bits), need, kept)


@kernel
def _fill(slots: Hashes, bitmap: Bytes, shift: Hash, grams: Hashes, first: Numbers, sizes: Numbers) -> None:
    mask = U64(len(slots) - 1)
    for i in range(len(grams)):
        gram = grams[i]
        bit = gram >> shift
        bitmap[bit >> U64(3)] |= np.uint8(1) << np.uint8(bit & U64(7))
        slot = gram & mask
        while slots[slot, 1] != 0:
            slot = (slot + U64(1)) & mask
        slots[slot, 0] = gram
        slots[slot, 1] = (U64(first[i]) << U64(24)) | U64(sizes[i])


@part
def survivors(grams: Hashes, count: Int, index: Index) -> Int:
    """Move the grams that may stand in the index to the front of `grams`; returns how many. Free of branches."""
    kept: Int = 0
    for i in range(count):
        gram = grams[i]
        bit = gram >> index.shift
        grams[kept] = gram
        kept += np.int64((index.bitmap[bit >> U64(3)] >> np.uint8(bit & U64(7))) & np.uint8(1))
    return kept


@part
def hits(
    grams: Hashes,
    count: Int,
    stamp: Int,
    index: Index,
    state: Numbers,
    keys: Hashes,
    places: Hashes,
    out: Numbers,
) -> Int:
    """List in `out` the items of which `grams` hold enough; returns how many those are.

    `state[item]` is (hits needed, stamp << 20 | hits so far); a `stamp` must be new for each text. The look-ups are
    made in two sweeps of independent loads, so that cache misses overlap; `keys` and `places` are room for them.
    """
    slots, mask = index.slots, U64(len(index.slots) - 1)
    for i in range(count):
        slot = grams[i] & mask
        keys[i], places[i] = slots[slot, 0], slots[slot, 1]
    known: Int = 0
    for i in range(count):
        place = places[i]
        if place != 0 and keys[i] != grams[i]:
            slot = (grams[i] + U64(1)) & mask
            while slots[slot, 1] != 0 and slots[slot, 0] != grams[i]:
                slot = (slot + U64(1)) & mask
            place = slots[slot, 1]
        places[known] = place
        known += np.int64(place != 0)
    for i in range(known):
        keys[i] = U64(index.postings[places[i] >> U64(24)])
    number = 0
    for i in range(known):
        first = np.int64(places[i] >> U64(24))
        item = np.int64(keys[i])
        for k in range(first + 1, first + 1 + np.int64(places[i] & U64(0xFFFFFF))):
            so_far = state[item, 1] + 1
            if (so_far - 1) >> 20 != stamp:
                so_far = (stamp << 20) + 1
            if so_far >> 20 == stamp:
                state[item, 1] = so_far
                if so_far & 0xFFFFF == state[item, 0]:
                    out[number] = item
                    number += 1
            item = np.int64(index.postings[k])
    return number


@part
def choose(
    items: Numbers,
    number: Int,
    state: Numbers,
    tried: Numbers,
    left: Numbers,
    row: Int,
    out: NDArray[np.int32],
    filled: Int,
) -> Int:
    """Write the candidate `items` of one row as (row, item) into `out` from `filled` on; returns the new fill.

    Where they are more than `PER_ROW`, those with the largest share of their grams are taken and the rest only while
    they have been tried fewer than `TRIES` times; `left` counts what was left out per item. Nothing is written beyond
    the end of `out`, but the fill still grows.
    """
    bar = 0.0
    if number > PER_ROW:
        best = np.zeros(PER_ROW)
        for k in range(number):
            share, worst = _share(state, items[k]), 0
            for i in range(1, PER_ROW):
                if best[i] < best[worst]:
                    worst = i
            best[worst] = max(best[worst], share)
        bar = best[0]
        for i in range(1, PER_ROW):
            bar = min(bar, best[i])
    taken = 0
    for k in range(number):
        item = items[k]
        if (taken < PER_ROW and _share(state, item) >= bar) or tried[item] < TRIES:
            if filled < len(out):
                out[filled, 0] = row
                out[filled, 1] = item
            filled += 1
            taken += 1
            tried[item] += 1
        else:
            left[item] += 1
    return filled


@part
def _share(state: Numbers, item: Int) -> float:
    share: float = (state[item, 1] & 0xFFFFF) / state[item, 0]
    return share


def common_grams(index: Index, sample: TextArrays) -> NDArray[np.uint64]:
    """Indexed grams that stand in more than `COMMON` of some training texts."""
    found, seen = np.zeros(len(index.slots), np.int64), np.full(len(index.slots), -1)
    _count_rows(sample, fold_table(), index.slots, found, seen)
    common: NDArray[np.uint64] = index.slots[found > COMMON, 0]
    return common


@kernel
def _count_rows(texts: TextArrays, table: FoldTable, slots: Hashes, found: Numbers, seen: Numbers) -> None:
    """For each slot of the table, in how many texts its gram stands."""
    folded, words, grams, _ = buffers(widest(texts.bounds))
    for row in range(len(texts.prompts)):
        start, stop = texts.bounds[row], texts.bounds[row + 1]
        _, count, _, _ = read_words(texts.data, start, stop, texts.prompts[row], table, folded, words)
        if count >= GRAM:
            count_row(grams, hash_grams(words, count, _GRAM, grams), row, slots, found, seen)


@part
def count_row(grams: Hashes, count: Int, row: Int, slots: Hashes, found: Numbers, seen: Numbers) -> None:
    """Count a row once for the slot of each of its grams."""
    mask = U64(len(slots) - 1)
    for i in range(count):
        slot = grams[i] & mask
        while slots[slot, 1] != 0 and slots[slot, 0] != grams[i]:
            slot = (slot + U64(1)) & mask
        if slots[slot, 1] != 0 and seen[slot] != row:
            seen[slot] = row
            found[slot] += 1

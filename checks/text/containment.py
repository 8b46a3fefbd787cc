"""Eval texts inside training texts: an inverted index of eval word 5-grams that training rows are streamed past.

An eval row is indexed as a whole and, where it has one, by its prompt; both are called items here. A training row
becomes a candidate for an item if it holds at least a quarter of the item's indexed grams; what is a leak is decided
by `checks.text.align`, never here. Three things keep the cost linear:

- phrases (`checks.text.phrases`), grams that many eval texts share, are not indexed but only counted in train, and an
  item made of nothing else is counted as not seen by this detector. So a gram of train costs few look-ups;
- an item of many grams is indexed by a fixed share of them (every 2nd, 4th, ... gram by hash value, never fewer than
  about `PER_ITEM`), so long items cost no more than short ones;
- of the training texts that hold enough of an item the `MOST` with the largest share are judged. What is left out is
  counted.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks.text.grams import GRAM, hash_grams
from checks.text.hashtable import GramSet, gram_set, holds
from checks.text.kernel import Bytes, Hash, Hashes, Int, Numbers, fetch, frozen, kernel, part

U64 = np.uint64

_GRAM = np.int64(GRAM)
QUARTER = 0.25
"""Share of an item's grams that makes a training row worth aligning: less means that at most every second word agrees."""
FEW = 3
"""Items of fewer indexed grams become candidates by a single one; others need two, since one phrase is no leak."""
PER_ITEM = 16
"""Of 250 planted light edits in 100K rows 4 grams an item find 249, 8 and more find all; of 125 light paraphrases 8 find
86 %, 16 find 87 %, 32 find 91 % at a quarter more time."""
MOST = 256
"""Training texts judged for an item, those that hold most of it; 32 lose a prompt in 1,000 among 1M rows, 256 cost .3
seconds there. The eval rows that have more are counted."""
_KNOWN, _PHRASE, _NUMBER = U64(1 << 31), U64(1 << 30), U64((1 << 30) - 1)
_TAG = U64(0xFFFFFFFF00000000)
_NONE = np.zeros(0, np.int64)


class Index(NamedTuple):
    """The arrays of the inverted index; all are empty where there is no eval text to look for."""

    slots: NDArray[np.uint64]
    """Hash table (open addressing): the upper half of a gram's hash, and as lower half its first posting or the number of a
    phrase, with the bits `_KNOWN` and `_PHRASE`. The place in the table tells the rest of the hash, nearly: two grams in
    four billion that meet are taken for one, and what is a leak is decided by the words themselves."""
    postings: NDArray[np.int32]
    """Item numbers, grouped by gram; the last of each gram with its bits turned, which makes it negative."""
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
    return frozen(Index(np.zeros(1, U64), none, np.zeros(1, np.uint8), U64(63), none, none))


def entries(
    words: NDArray[np.uint64],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    without: NDArray[np.uint64],
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The (gram hash, item number) entries to index, distinct and sorted.

    Args:
        words: word hashes of all items.
        starts: item i begins at `words[starts[i]]`.
        lengths: words of each item.
        without: grams that are not indexed.
    """
    room = int(np.maximum(lengths - GRAM + 1, 0).sum())
    grams, items = np.empty(room, U64), np.empty(room, np.int64)
    scratch = np.empty(int(lengths.max(initial=GRAM)), U64)
    number = _thinned(words, starts, lengths, gram_set(without), scratch, grams, items)
    # Entries come by item, and so stay in the order of items.
    order = np.argsort(grams[:number], kind="stable")
    return grams[order], items[order]


@kernel
def _thinned(
    words: Hashes,
    starts: Numbers,
    lengths: Numbers,
    without: GramSet,
    scratch: Hashes,
    grams: Hashes,
    items: Numbers,
) -> Int:
    """The entries item by item; of many grams only a fixed share that leaves at least about `PER_ITEM`."""
    filled: Int = 0
    for item in range(len(lengths)):
        if lengths[item] < GRAM:
            continue
        start = starts[item]
        number = hash_grams(words[start : start + lengths[item]], lengths[item], _GRAM, scratch)
        row = np.sort(scratch[:number])
        distinct = 0
        for i in range(number):
            if i > 0 and row[i] == row[i - 1]:
                continue
            if not holds(without, row[i]):
                scratch[distinct] = row[i]
                distinct += 1
        mask, left = U64(0), distinct
        while left >= 2 * PER_ITEM:
            left //= 2
            mask = mask << U64(1) | U64(1)
        for i in range(distinct):
            if (scratch[i] >> U64(20)) & mask == 0:
                grams[filled], items[filled] = scratch[i], item
                filled += 1
    return filled


def build_index(
    grams: NDArray[np.uint64],
    items: NDArray[np.int64],
    count: int,
    phrases: NDArray[np.uint64],
) -> Index:
    """Index `count` items from their distinct, sorted (gram hash, item number) entries, and phrases to count.

    Raises:
        ValueError: there are more entries than the table can number (some 17 million long eval texts).
    """
    if max(len(items), len(phrases)) > int(_NUMBER):
        message = (
            f"an index of eval texts holds {int(_NUMBER):,} of their phrases, and these have {len(items):,}"
        )
        raise ValueError(message)
    if not len(grams) and not len(phrases):
        return frozen(empty_index()._replace(need=np.ones(count, np.int32), kept=np.zeros(count, np.int32)))
    kept = np.bincount(items, minlength=count).astype(np.int32)
    need = np.maximum(np.where(kept < FEW, 1, 2), np.ceil(QUARTER * kept)).astype(np.int32)
    first = np.flatnonzero(np.concatenate(([True], grams[1:] != grams[:-1]))) if len(grams) else _NONE
    number = len(first) + len(phrases)
    bits = max(16, int(np.ceil(np.log2(32 * number))))
    bitmap = np.zeros(1 << (bits - 3), np.uint8)
    slots = np.zeros(1 << int(np.ceil(np.log2(3 * number + 1))), U64)
    postings = items.astype(np.int32)
    postings[np.append(first[1:] - 1, len(items) - 1)[: len(first)]] ^= -1
    _fill(slots, bitmap, U64(64 - bits), grams[first], first.astype(U64))
    _fill(slots, bitmap, U64(64 - bits), phrases, np.arange(len(phrases), dtype=U64) | _PHRASE)
    return frozen(Index(slots, postings, bitmap, U64(64 - bits), need, kept))


@kernel
def _fill(slots: Hashes, bitmap: Bytes, shift: Hash, grams: Hashes, places: Hashes) -> None:
    mask = U64(len(slots) - 1)
    for i in range(len(grams)):
        gram = grams[i]
        bit = gram >> shift
        bitmap[bit >> U64(3)] |= np.uint8(1) << np.uint8(bit & U64(7))
        slot = gram & mask
        while slots[slot] != 0:
            slot = (slot + U64(1)) & mask
        slots[slot] = (gram & _TAG) | _KNOWN | places[i]


@part
def survivors(grams: Hashes, count: Int, index: Index, out: Hashes) -> Int:
    """Write the grams that may stand in the index to `out`; returns how many. Free of branches."""
    kept: Int = 0
    for i in range(count):
        gram = grams[i]
        bit = gram >> index.shift
        out[kept] = gram
        kept += np.int64((index.bitmap[bit >> U64(3)] >> np.uint8(bit & U64(7))) & np.uint8(1))
    for i in range(kept):
        fetch(index.slots, np.int64(out[i] & U64(len(index.slots) - 1)))
    return kept


@part
def look_up(grams: Hashes, count: Int, stamp: Int, index: Index, counted: Numbers, places: Numbers) -> Int:
    """List in `places` the first postings of the `grams` that are indexed, and count the phrases; returns how many.

    `counted[phrase]` is (texts that hold it, stamp of the last); a `stamp` must be new for each text.
    """
    slots, mask = index.slots, U64(len(index.slots) - 1)
    known: Int = 0
    for i in range(count):
        slot = grams[i] & mask
        entry = slots[slot]
        while entry != 0 and (entry ^ grams[i]) & _TAG:
            slot = (slot + U64(1)) & mask
            entry = slots[slot]
        place = np.int64(entry & _NUMBER)
        if entry & _PHRASE:
            counted[place, 0] += np.int64(counted[place, 1] != stamp)
            counted[place, 1] = stamp
        elif entry:
            fetch(index.postings, place)
            places[known] = place
            known += 1
    return known


@part
def hits(places: Numbers, known: Int, stamp: Int, index: Index, state: Numbers, out: Numbers) -> Int:
    """List in `out` the items of which enough grams have their postings at `places`; returns how many those are.

    `state[item]` is stamp << 20 | hits so far.
    """
    number: Int = 0
    for i in range(known):
        place, item = places[i], np.int64(0)
        while item >= 0:
            item = np.int64(index.postings[place])
            which = item ^ (item >> 63)
            so_far = max(state[which], stamp << 20) + 1
            if so_far >> 20 == stamp:
                state[which] = so_far
                if so_far & 0xFFFFF == index.need[which]:
                    out[number] = which
                    number += 1
            place += 1
    return number


def best(
    found: NDArray[np.integer[Any]], texts: NDArray[np.uint64], most: NDArray[np.int64] | int = MOST
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places of the candidates that are among the best of their item, and the items that had more.

    Args:
        found: shape (n, 3), training row, item and hits.
        texts: hash of each candidate's text; of equal texts the first row is taken, and of texts with equally many hits
            those of the lowest hashes.
        most: texts that are taken for an item, or for each item.
    """
    order = np.lexsort((found[:, 0], texts, -found[:, 2], found[:, 1]))
    item, texts = found[order, 1], texts[order]
    fresh = np.ones(len(order), np.bool_)
    fresh[1:] = (texts[1:] != texts[:-1]) | (item[1:] != item[:-1])
    number = np.cumsum(fresh)
    place = number - number[np.searchsorted(item, item)]
    inside = place < (most if isinstance(most, int) else most[item])
    return order[fresh & inside], np.unique(item[~inside]).astype(np.int64)

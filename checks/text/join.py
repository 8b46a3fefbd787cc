"""Training and eval rows that share a MinHash band, or their whole text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from checks.text.containment import best
from checks.text.kernel import Hashes, Int, Numbers, kernel
from checks.text.lookup import Lookup, find, find_all, may_be
from checks.text.prints import Bands, Prints
from checks.text.probe import Probe, of_band

_AT_ONCE = 1 << 22
"""Pairs that are put together at a time."""


def join(
    train: Prints, stays: NDArray[np.bool_], probe: Probe
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Pairs of a training row that `stays` and an eval row that are equal or share a band, sorted and unique, and per
    eval row whether there were more than are judged."""
    crowded = np.zeros(len(probe.first), np.bool_)
    pairs = [equal(train, stays, probe)]
    for ours, theirs in ((train.by_words, probe.by_words), (train.by_characters, probe.by_characters)):
        found, over = _by_bands(ours, train.text[:, 0], stays, theirs, probe.most)
        pairs.append(found)
        crowded[over] = True
    every = np.concatenate(pairs)
    found = _unpacked(np.unique(every[:, 0] << 32 | every[:, 1]))
    kept, over = nearest(found, train.text[:, 0], probe.most)
    crowded[over] = True
    return found[kept], crowded


def nearest(
    pairs: NDArray[np.int64], texts: NDArray[np.uint64], most: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places of the pairs that are judged, sorted, and the eval rows that have more.

    Of an eval row's training texts that share a band with it those of the lowest hashes are taken, `most` of them.
    """
    found = np.column_stack((pairs, np.zeros(len(pairs), np.int64)))
    kept, over = best(found, texts[pairs[:, 0]], most)
    return np.sort(kept), over


def equal(train: Prints, stays: NDArray[np.bool_], probe: Probe) -> NDArray[np.int64]:
    """A pair for each training row and the first eval row with the same 128-bit text hash."""
    known, ours = probe.by_text, np.flatnonzero(stays & ~train.blank)
    number = find_all(train.text[ours, 0], known)
    ours, number = ours[number >= 0], number[number >= 0]
    same = known.values[known.bounds[number]]
    hit = (probe.prints.text[same] == train.text[ours]).all(axis=1)
    return np.stack((ours[hit], same[hit]), axis=1)


def _by_bands(
    train: Bands,
    texts: NDArray[np.uint64],
    stays: NDArray[np.bool_],
    evals: Lookup,
    most: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of rows that share a band, and the eval rows of buckets from which training rows were left out.

    Of a bucket's training rows those of the lowest text hashes are paired with all its eval rows, as many as any of
    these may have.
    """
    room = np.empty((2, len(train.rows)), np.int64)
    found = [np.zeros((2, 0), np.int64)]
    for band, keys in enumerate(train.keys):
        number = _look_up(of_band(band, keys), train.rows, stays, evals, *room)
        found.append(room[:, :number].copy())
    hits, bucket = np.concatenate(found, axis=1)
    if not len(hits):
        return np.zeros((0, 2), np.int64), np.zeros(0, np.int64)
    order = np.lexsort((texts[train.rows[hits]], bucket))
    hits, bucket = hits[order], bucket[order]
    low, many = evals.bounds[bucket], evals.bounds[bucket + 1] - evals.bounds[bucket]
    _, start, which, size = np.unique(bucket, return_index=True, return_inverse=True, return_counts=True)
    bounds = np.stack((low[start], low[start] + many[start]), axis=1).ravel()  # as `reduceat` takes them
    room_in = np.maximum.reduceat(np.append(most[evals.values], 0), bounds)[::2]
    taken = np.arange(len(low)) - start[which] < room_in[which]
    full = np.flatnonzero(size > room_in)
    over = [
        evals.values[first : first + count]
        for first, count in zip(low[start][full], many[start][full], strict=True)
    ]
    hits, low, many = hits[taken], low[taken], many[taken]
    crowded = np.unique(np.concatenate([np.zeros(0, np.int64), *over]))
    return _spread(train.rows[hits], low, many, evals.values), crowded


def _spread(
    rows: NDArray[np.int64], low: NDArray[np.int64], many: NDArray[np.int64], evals: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The distinct pairs of each row with as many of `evals` from its place `low` on, sorted."""
    found, start, ends = np.zeros(0, np.int64), 0, np.cumsum(many)
    # A pair comes back in band after band, so that room for all may be many times the room for the distinct ones.
    while start < len(rows):
        stop = max(start + 1, int(np.searchsorted(ends, (ends[start - 1] if start else 0) + _AT_ONCE)))
        size = many[start:stop]
        left = np.repeat(np.arange(start, stop), size)
        right = low[left] + np.arange(len(left)) - np.repeat(np.cumsum(size) - size, size)
        found = np.union1d(found, rows[left] << 32 | evals[right])
        start = stop
    return _unpacked(found)


def _unpacked(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pairs that were put into one number each, so that sorting them is fast."""
    return np.stack((pairs >> 32, pairs & 0xFFFFFFFF), axis=1)


@kernel
def _look_up(
    keys: Hashes, rows: Numbers, stays: NDArray[np.bool_], known: Lookup, hits: Numbers, found: Numbers
) -> Int:
    """List which keys of rows that stay are known, and their numbers; returns how many."""
    perhaps: Int = np.int64(0)
    for i in range(len(keys)):  # free of branches, see `lookup.sift`
        hits[perhaps] = i
        perhaps += may_be(keys[i], known)
    number: Int = 0
    for n in range(perhaps):
        i = hits[n]
        place = find(keys[i], known)
        if place >= 0 and stays[rows[i]]:
            hits[number], found[number] = i, place
            number += 1
    return number

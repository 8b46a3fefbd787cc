"""Training and eval rows that share a MinHash band, or their whole text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from checks.text.containment import best
from checks.text.kernel import Codes, Int, Numbers, kernel
from checks.text.prints import Bands, Prints
from checks.text.probe import LOW_BITS, Band, Probe


def join(
    train: Prints, stays: NDArray[np.bool_], probe: Probe
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Pairs of a training row that `stays` and an eval row that are equal or share a band, sorted and unique, and per
    eval row whether there were more than are judged."""
    crowded = np.zeros(len(probe.first), np.bool_)
    pairs = [_equal(train, stays, probe)]
    for ours, theirs in ((train.by_words, probe.by_words), (train.by_characters, probe.by_characters)):
        found, over = _by_bands(ours, train.text[:, 0], stays, theirs, probe.most)
        pairs.append(found)
        crowded[over] = True
    found = np.unique(np.concatenate(pairs), axis=0)
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


def _equal(train: Prints, stays: NDArray[np.bool_], probe: Probe) -> NDArray[np.int64]:
    """A pair for each training row and the first eval row with the same 128-bit text hash."""
    rows = np.flatnonzero((probe.first == np.arange(len(probe.first))) & ~probe.prints.blank)
    rows = rows[np.argsort(probe.prints.text[rows, 0], kind="stable")]
    ours = np.flatnonzero(stays & ~train.blank)
    if not len(rows):
        return np.zeros((0, 2), np.int64)
    place = np.searchsorted(probe.prints.text[rows, 0], train.text[ours, 0])
    same = rows[np.minimum(place, len(rows) - 1)]
    hit = (probe.prints.text[same] == train.text[ours]).all(axis=1)
    return np.stack((ours[hit], same[hit]), axis=1)


def _by_bands(
    train: Bands,
    texts: NDArray[np.uint64],
    stays: NDArray[np.bool_],
    evals: tuple[Band, ...],
    most: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of rows that share a band, and the eval rows of buckets from which training rows were left out.

    Of a bucket's training rows those of the lowest text hashes are paired with all its eval rows, as many as any of
    these may have.
    """
    pairs, over = [np.zeros((0, 2), np.int64)], [np.zeros(0, np.int64)]
    room_for = np.empty((2, len(train.rows)), np.int64)
    for ours, band in zip(train.keys, evals, strict=True):
        number = _look_up(ours, train.rows, stays, band, *room_for)
        if not number:
            continue
        rows, hits, key = band.rows, room_for[0, :number], room_for[1, :number]
        low, many = band.bounds[key], band.bounds[key + 1] - band.bounds[key]
        by_key = np.lexsort((texts[train.rows[hits]], low))
        hits, low, many = hits[by_key], low[by_key], many[by_key]
        bucket, start, size = np.unique(low, return_index=True, return_counts=True)
        which = np.repeat(np.arange(len(bucket)), size)
        room = np.maximum.reduceat(np.append(most[rows], 0), bucket_bounds(bucket, many[start]))[::2]
        taken = np.arange(len(low)) - start[which] < room[which]
        full = size > room
        over += [
            rows[first : first + count] for first, count in zip(bucket[full], many[start][full], strict=True)
        ]
        hits, low, many = hits[taken], low[taken], many[taken]
        left = np.repeat(np.arange(len(low)), many)
        right = low[left] + np.arange(len(left)) - np.repeat(np.cumsum(many) - many, many)
        pairs.append(np.stack((train.rows[hits[left]], rows[right]), axis=1))
    return np.unique(np.concatenate(pairs), axis=0), np.unique(np.concatenate(over))


@kernel
def _look_up(
    keys: Codes, rows: Numbers, stays: NDArray[np.bool_], band: Band, hits: Numbers, found: Numbers
) -> Int:
    """List which keys of rows that stay are keys of the band, and their numbers there; returns how many."""
    maybe: Int = 0
    for i in range(len(keys)):  # free of branches
        door = keys[i] >> LOW_BITS
        hits[maybe] = i
        maybe += np.int64((band.maybe[door >> 3] >> np.uint8(door & 7)) & np.uint8(1))
    number: Int = 0
    for k in range(maybe):
        key, row = keys[hits[k]], rows[hits[k]]
        place, last = band.doors[key >> LOW_BITS], band.doors[(key >> LOW_BITS) + 1]
        while place < last and band.keys[place] < key:
            place += 1
        hits[number], found[number] = hits[k], place
        number += np.int64(place < last and band.keys[place] == key and stays[row])
    return number


def bucket_bounds(starts: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Begin and end of each bucket in turn, as `reduceat` takes them."""
    return np.stack((starts, starts + sizes), axis=1).ravel()

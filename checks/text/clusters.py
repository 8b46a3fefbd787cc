"""Duplicates within a split: exact groups, and near-duplicates verified against the row that represents them.

Rows with the same folded text form an exact group; only its first row goes on. Among these, in an order given by
their content hash, a row is kept unless a kept row before it is a near-duplicate of it, which then represents it.
So every row that is left out is verified against a row that stays (no chains), no two rows that stay are found
near-duplicates of each other, and the order of the rows changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from checks.contract import Data
from checks.text.copies import first_rows, in_order
from checks.text.jaccard import similarities
from checks.text.memory import ALIKE, Memory
from checks.text.minhash import agreement
from checks.text.prints import Prints
from checks.text.repeats import perhaps_shared
from checks.text.scan import Scan, promising, scan
from checks.text.texts import Texts, eval_texts, train_texts

Rank = TypeVar("Rank", bound=np.integer[Any])

ROUNDS = 6
"""Rounds before all pairs that are left are compared: trades time alone, the result is the same."""
PATIENCE = 64
"""Rows of one bucket that every later row of it is compared with, so that a bucket costs no more than 64 comparisons a
row; rows of larger ones that were not compared with all are counted (`uncompared`)."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """Which rows of a split repeat another one."""

    first: NDArray[np.int64]
    """For each row the first row with the same folded text."""
    keeper: NDArray[np.int64]
    """For each row the row that represents it; itself if it stays."""
    similarity: NDArray[np.float64]
    """Jaccard similarity with that row: 1 for the rows that stay and for exact copies."""
    exact: NDArray[np.bool_]
    """Rows left out because their folded text is that of an earlier row."""
    near: NDArray[np.bool_]
    """Rows left out because they are near-duplicates of the row that represents them."""
    uncompared: int
    """Rows that stay and were not compared with every row of a crowded bucket: a near-duplicate may be missed."""


def train_clusters(data: Data) -> Clusters:
    """Duplicates within train; use it as `data.once(train_clusters)`."""
    made, known = data.once(scan), data.once(ALIKE.empty)
    found = _clusters(data.once(train_texts), made.train, made, known, data.text.threshold)
    known.keep()
    return found


def eval_clusters(data: Data) -> Clusters | None:
    """Duplicates within eval, None without an eval split; use it as `data.once(eval_clusters)`."""
    made, texts = data.once(scan), data.once(eval_texts)
    if texts is None:
        return None
    return _clusters(texts, made.probe.prints, made, data.once(ALIKE.empty), data.text.threshold)


def _clusters(texts: Texts, prints: Prints, made: Scan, known: Memory, threshold: float) -> Clusters:
    first = first_rows(prints.text, prints.blank)
    exact = first != np.arange(len(first))
    keeper, similarity, uncompared = _near(texts, prints, exact, made, known, threshold)
    near = keeper != np.arange(len(keeper))
    keeper[exact] = keeper[first[exact]]
    similarity[exact] = np.where(near[first[exact]], similarity[first[exact]], 1.0)
    return Clusters(first, keeper, similarity, exact, near, uncompared)


def _near(
    texts: Texts,
    prints: Prints,
    done: NDArray[np.bool_],
    made: Scan,
    known: Memory,
    threshold: float,
) -> tuple[NDArray[np.int64], NDArray[np.float64], int]:
    """Keeper and similarity of each row that is not `done`, and how many rows were not compared with all.

    Works on ranks instead of rows: places in the order of the text hashes, of those rows alone that share a band. A row
    that leads all its buckets (no undecided row before it shares a band) stays for good, the other rows of its buckets
    are compared with it and leave if they are near enough: a few such rounds collapse every large cluster, since random
    ranks decide most rows at once (Blelloch, Fineman, Shun 2012, on greedy independent sets). What is still undecided is
    small; there all pairs are compared.
    """
    bucket, member, row_of = _ranked(prints, *_buckets(prints, done))
    keeper, similarity = np.arange(len(done)), np.ones(len(done))
    gone = np.zeros(len(row_of), np.bool_)
    least = agreement(threshold, made.bits)

    def measured(pairs: NDArray[np.int64]) -> NDArray[np.float64]:
        found, good = np.zeros(len(pairs)), promising(made, prints, prints, pairs, least)
        word_size, short = made.cut.words, made.cut.short
        found[good] = similarities(texts, texts, pairs[good], word_size=word_size, short=short)
        return found

    def near_pairs(pairs: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        rows = row_of[pairs]
        names = prints.text[rows].reshape(-1, 4)
        found = known.judged(names, lambda places: measured(rows[places])[:, None])[:, 0]
        return pairs[found >= threshold], found[found >= threshold]

    def leave(members: NDArray[np.int64], leaders: NDArray[np.int64], found: NDArray[np.float64]) -> None:
        gone[members] = True
        keeper[row_of[members]] = row_of[leaders]
        similarity[row_of[members]] = found

    bucket, member, leader = _shared(bucket, member, gone)
    for _ in range(ROUNDS):
        waiting = np.zeros(len(row_of), np.bool_)
        waiting[member[member != leader]] = True
        ready = ~waiting[leader]
        follows = ready & (member != leader)
        pairs, found = near_pairs(_unique_pairs(leader[follows], member[follows]))
        leave(pairs[::-1, 1], pairs[::-1, 0], found[::-1])  # the leader of lowest rank has the last word
        still = ~ready | follows
        bucket, member, leader = _shared(bucket[still], member[still], gone)
    in_order_of_rank = np.lexsort((member, bucket))
    first, second, missed = _pairs_within(bucket[in_order_of_rank], member[in_order_of_rank])
    pairs, found = near_pairs(_unique_pairs(first, second))
    for i in np.lexsort((pairs[:, 0], pairs[:, 1])).tolist():
        if not gone[pairs[i, 0]] and not gone[pairs[i, 1]]:
            leave(pairs[i : i + 1, 1], pairs[i : i + 1, 0], found[i : i + 1])
    return keeper, similarity, int((~gone[missed]).sum())


def _unique_pairs(first: NDArray[Rank], second: NDArray[Rank]) -> NDArray[np.int64]:
    """Sorted distinct pairs of ranks, shape (n, 2)."""
    packed = np.unique((first.astype(np.uint64) << np.uint64(32)) | second.astype(np.uint64))
    return np.stack((packed >> np.uint64(32), packed & np.uint64(0xFFFFFFFF)), axis=1).astype(np.int64)


def _pairs_within(
    bucket: NDArray[np.integer[Any]], member: NDArray[Rank]
) -> tuple[NDArray[Rank], NDArray[Rank], NDArray[Rank]]:
    """Each of the first `PATIENCE` members of a bucket with every later one, and the members beyond those."""
    start = np.searchsorted(bucket, bucket)
    before = np.minimum(np.arange(len(bucket)) - start, PATIENCE)
    second = np.repeat(np.arange(len(bucket)), before)
    first = np.arange(len(second)) - np.repeat(np.cumsum(before) - before, before) + np.repeat(start, before)
    return member[first], member[second], np.unique(member[np.arange(len(bucket)) - start > PATIENCE])


def _buckets(prints: Prints, done: NDArray[np.bool_]) -> tuple[NDArray[np.int32], NDArray[np.uint32]]:
    """(bucket, row) of the rows that share a band key with another row, by bucket; `done` rows left out."""
    buckets, members, number = [np.zeros(0, np.int32)], [np.zeros(0, np.uint32)], 0
    for view in (prints.by_words, prints.by_characters):
        todo = np.flatnonzero(~done[view.rows])
        rows = view.rows[todo].astype(np.uint64)
        for keys in view.keys:
            packed = np.sort(perhaps_shared(keys, todo, rows))
            same = (packed[1:] >> np.uint64(32)) == (packed[:-1] >> np.uint64(32))
            shared = np.zeros(len(packed), np.bool_)
            shared[1:] |= same
            shared[:-1] |= same
            fresh = np.concatenate(([True], ~same))[shared] if len(packed) else shared
            buckets.append(number + np.cumsum(fresh, dtype=np.int32) - np.int32(1))
            members.append((packed[shared] & np.uint64(0xFFFFFFFF)).astype(np.uint32))
            number += int(fresh.sum())
    return np.concatenate(buckets), np.concatenate(members)


def _ranked(
    prints: Prints, bucket: NDArray[np.int32], member: NDArray[np.uint32]
) -> tuple[NDArray[np.int32], NDArray[np.uint32], NDArray[np.int64]]:
    """The same with ranks, which follow from the texts alone, in place of rows, and the row of each rank."""
    met = np.zeros(len(prints.words), np.bool_)
    met[member] = True
    row_of = in_order(prints.text, np.flatnonzero(met))
    rank = np.empty(len(met), np.uint32)
    rank[row_of] = np.arange(len(row_of), dtype=np.uint32)
    return bucket, rank[member], row_of


def _shared(
    bucket: NDArray[np.int32], member: NDArray[np.uint32], gone: NDArray[np.bool_]
) -> tuple[NDArray[np.int32], NDArray[np.uint32], NDArray[np.uint32]]:
    """The entries of rows that are not `gone` in buckets of several, and the leader (lowest rank) of each bucket."""
    bucket, member = bucket[~gone[member]], member[~gone[member]]
    if not len(bucket):
        return bucket, member, member
    fresh = np.concatenate(([True], bucket[1:] != bucket[:-1]))
    start = np.flatnonzero(fresh)
    sizes = np.diff(np.append(start, len(bucket)))
    shared = np.repeat(sizes, sizes) > 1
    return bucket[shared], member[shared], np.repeat(np.minimum.reduceat(member, start), sizes)[shared]

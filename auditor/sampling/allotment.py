"""How many rows each stratum gives, and which: in proportion, with at least one of each."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from auditor.sampling.candidates import Candidates
from checks.contract import Data, Part, Split
from checks.places import whole
from checks.text.clusters import train_clusters

Counts = NDArray[np.int64]


def allot(sizes: Counts, rows: int) -> Counts:
    """Rows to draw from each stratum: one of each, and the others as proportional as whole numbers can be.

    Of all divisions with at least one row from each stratum and at most all of it, the one with the smallest sum of
    squared counts over sizes, which is what Webster's method of divisors finds row by row (M. L. Balinski and H. P. Young 1982).
    Where there are fewer rows than strata, the largest strata get one each. Ties go to the earlier stratum.
    """
    rows = min(rows, int(sizes.sum()))
    counts = np.zeros(len(sizes), np.int64)
    largest = np.lexsort((np.arange(len(sizes)), -sizes))
    given = largest[: min(rows, int((sizes > 0).sum()))]
    counts[given] = 1
    queue = [(3 / int(sizes[one]), int(one)) for one in given if sizes[one] > 1]
    heapq.heapify(queue)
    for _ in range(rows - int(counts.sum())):
        _, one = heapq.heappop(queue)
        counts[one] += 1
        if counts[one] < sizes[one]:
            heapq.heappush(queue, ((2 * int(counts[one]) + 1) / int(sizes[one]), one))
    return counts


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a batch consists of."""

    rows: NDArray[np.int64]
    """Of train, in the order of their keys."""
    counts: Counts
    """Rows of each stratum."""
    sizes: Counts
    """Rows that each stratum could have given."""


def draw(data: Data, found: Candidates, rows: int) -> Drawn:
    """Draw so many rows, no two of which are near copies of each other."""
    able = np.ones(len(found.rows), np.bool_)
    while True:
        places, counts, sizes = _drawn(found, np.flatnonzero(able), rows)
        copies = _copies(data, found, places)
        if not len(copies):
            return Drawn(found.rows[places], counts, sizes)
        able[copies] = False


def _drawn(found: Candidates, able: NDArray[np.int64], rows: int) -> tuple[NDArray[np.int64], Counts, Counts]:
    """The places of the rows with the smallest keys of each stratum, in the order of the keys."""
    stratum = found.stratum[able]
    sizes = np.bincount(stratum, minlength=len(found.strata))
    counts = allot(sizes, rows)
    order = np.lexsort((found.keys[able], stratum))
    starts = np.searchsorted(stratum[order], np.arange(len(counts)))
    rank = np.arange(len(order)) - starts[stratum[order]]
    chosen = able[order[rank < counts[stratum[order]]]]
    return chosen[np.argsort(found.keys[chosen], kind="stable")], counts, sizes


def _copies(data: Data, found: Candidates, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of the drawn places those that are near copies of another one: only doubtful rows can be."""
    doubtful = found.doubtful[places]
    if not doubtful.any():
        return places[:0]
    texts = whole(data.train, found.rows[places])
    table = pa.table(
        {"line": pa.array(range(len(texts)), pa.int64()), "text": pa.array(texts, pa.large_string())}
    )
    drawn = Data(train=Split(role="train", parts=(Part(file="", table=table),)), text=data.text)
    keeper = drawn.once(train_clusters).keeper
    left = np.flatnonzero(keeper != np.arange(len(keeper)))
    return np.unique(places[np.where(doubtful[left], left, keeper[left])])

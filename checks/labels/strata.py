"""Which rows to have reviewed: strata by suspicion, rows allotted to them, and a draw that the order of rows leaves alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CUTS = (0.03, 0.10, 0.30)
"""Shares of the rows, most suspicious first, at which a stratum ends: wrong labels gather in the first of them where a
model can see them, and the last is large enough to tell of those it cannot see."""
EQUAL = 0.5
"""Part of a review that is spread equally over the strata, as insurance against a guess of the model that is wrong; the
rest goes where it narrows the interval most (J. Neyman 1934: in proportion to size times standard deviation)."""
FLOOR = 0.02
"""Least share of wrong labels that a stratum is taken to have before the review says otherwise, so that none is starved
where the model suspects nothing: labels that people give have at least a few percent of errors."""

Counts = NDArray[np.int64]


def strata(score: NDArray[np.float32], keys: NDArray[np.uint64]) -> Counts:
    """The stratum of each row, 0 the most suspicious (lowest `score`); `keys` of the content decide between equal scores."""
    ends = np.ceil(np.array(CUTS) * len(score)).astype(np.int64)
    found = np.empty(len(score), np.int64)
    found[np.lexsort((keys, score))] = np.searchsorted(ends, np.arange(len(score)), side="right")
    return found


def allot(sizes: Counts, wrong: NDArray[np.float64], budget: int, done: Counts) -> Counts:
    """Rows to draw from each stratum, so that those `done` and these together lie as they should.

    Args:
        sizes: rows of each stratum.
        wrong: share of wrong labels that each is expected to have.
        budget: rows to draw in all; fewer are drawn where fewer are left.
        done: rows of each stratum that are reviewed already.
    """
    shares = np.clip(wrong, FLOOR, 1 - FLOOR)
    spread = sizes * np.sqrt(shares * (1 - shares))
    wanted = EQUAL * (sizes > 0) / max(int((sizes > 0).sum()), 1) + (1 - EQUAL) * spread / max(
        spread.sum(), 1
    )
    return _divide(np.maximum(wanted * (budget + done.sum()) - done, 0), sizes - done, budget)


def _divide(weights: NDArray[np.float64], room: Counts, budget: int) -> Counts:
    """The budget in whole rows in proportion to the weights, nowhere more than there is room for."""
    budget = min(budget, int(room.sum()))
    given = np.zeros(len(weights))
    while budget - given.sum() > 1e-6:  # each round fills a stratum or is the last
        open_ = np.where(given < room, np.maximum(weights, 1e-9), 0)
        given = np.minimum(given + (budget - given.sum()) * open_ / open_.sum(), room)
    whole = np.floor(given + 1e-6).astype(np.int64)
    rest = np.argsort(whole - given, kind="stable")[: budget - int(whole.sum())]
    whole[rest] += 1
    return whole


def keys_of(content: NDArray[np.uint64], copy: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """A random number for each row that its content, the number among its copies and the seed give alone.

    The rows with the smallest numbers of a stratum are a simple random sample of it, and with the next ones a larger one.
    """
    with np.errstate(over="ignore"):
        start = _mixed(np.array([seed], np.uint64))
        return _mixed(content ^ _mixed(copy + start))


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's finalizer (S. Vigna 2015): each bit of the result depends on every bit given."""
    mixed = numbers + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))

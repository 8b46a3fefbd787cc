"""Rows that have the same folded text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

AT_ONCE = 1 << 22
"""Rows that are sorted at a time, about: the work on them takes 60 bytes a row."""


def exact_groups(text: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each row the first row with the same 128-bit text hash, and its rank in the order of the hashes."""
    bits = max(0, (len(text) - 1) // AT_ONCE).bit_length()
    first, rank = np.empty(len(text), np.int64), np.empty(len(text), np.int64)
    done = 0
    for share in range(1 << bits):  # the rows by the leading bits of their hashes
        rows = np.flatnonzero(text[:, 0] >> np.uint64(64 - bits) == share) if bits else np.arange(len(text))
        inner, place = _groups(text[rows])
        first[rows], rank[rows] = rows[inner], done + place
        done += len(rows)
    return first, rank


def _groups(text: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """`exact_groups` of some rows."""
    low = text[:, 0].copy()
    order = np.argsort(low)  # not stable, and so several times as fast
    same = low[order[1:]] == low[order[:-1]]
    tied = np.zeros(len(order), np.bool_)
    tied[1:] |= same
    tied[:-1] |= same
    rows = order[tied]  # runs of equal first halves: sorted all at once, each stays in its place
    rows = rows[np.lexsort((rows, text[rows, 1], low[rows]))]
    order[tied] = rows
    fresh = np.ones(len(rows), np.bool_)
    fresh[1:] = (text[rows[1:]] != text[rows[:-1]]).any(axis=1)
    first, rank = np.arange(len(text)), np.empty(len(text), np.int64)
    first[rows] = rows[np.maximum.accumulate(np.where(fresh, np.arange(len(rows)), 0))]
    rank[order] = np.arange(len(order))
    return first, rank


def first_rows(text: NDArray[np.uint64], blank: NDArray[np.bool_]) -> NDArray[np.int64]:
    """For each row the first row with the same text; blank rows have nothing to compare and are no copies."""
    first, _ = exact_groups(text)
    first[blank] = np.flatnonzero(blank)
    return first

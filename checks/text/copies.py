"""Rows that have the same folded text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from checks.text.repeats import perhaps_repeated

AT_ONCE = 1 << 22
"""Rows that are sorted at a time, about: the work on them takes 60 bytes a row."""


def exact_groups(text: NDArray[np.uint64]) -> NDArray[np.int64]:
    """For each row the first row with the same 128-bit text hash."""
    first = np.arange(len(text))
    perhaps = perhaps_repeated(np.ascontiguousarray(text[:, 0]))
    bits = max(0, (len(perhaps) - 1) // AT_ONCE).bit_length()
    for share in range(1 << bits):  # the rows by the leading bits of their hashes
        here = text[perhaps, 0] >> np.uint64(64 - bits) == share if bits else slice(None)
        rows = in_order(text, perhaps[here])
        fresh = np.ones(len(rows), np.bool_)
        fresh[1:] = (text[rows[1:]] != text[rows[:-1]]).any(axis=1)
        first[rows] = rows[np.maximum.accumulate(np.where(fresh, np.arange(len(rows)), 0))]
    return first


def in_order(text: NDArray[np.uint64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rows in the order of their 128-bit hashes, rows of one hash in the order they stand in."""
    low = text[rows, 0]
    order = np.argsort(low)  # not stable, and so several times as fast
    same = low[order[1:]] == low[order[:-1]]
    tied = np.zeros(len(order), np.bool_)
    tied[1:] |= same
    tied[:-1] |= same
    rows = rows[order]
    again = rows[tied]  # runs of equal first halves: sorted all at once, each stays in its place
    rows[tied] = again[np.lexsort((again, text[again, 1], text[again, 0]))]
    return rows


def first_rows(text: NDArray[np.uint64], blank: NDArray[np.bool_]) -> NDArray[np.int64]:
    """For each row the first row with the same text; blank rows have nothing to compare and are no copies."""
    first = exact_groups(text)
    first[blank] = np.flatnonzero(blank)
    return first

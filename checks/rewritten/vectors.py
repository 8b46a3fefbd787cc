"""Vectors that the user made of the rows, as a second witness beside the words: what they say, and how much that is worth.

Thresholds of cosines do not carry over from one model to the next, so none is used. What counts is the margin of a pair: how
much closer the training row is to its eval row than to any other eval row. How rare such a margin is where no rewrite can
be is read off the decoys, half of the eval rows in which the other half is looked for.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks.contract import Data

NEAREST = 5
"""Training rows that the vectors propose for each eval row."""
ROOM = 1 << 24
"""Numbers held at a time, of cosines and of vectors: 64 MB each."""
_RIVALS = 4
"""Eval rows nearest to a training row among which the nearest of another group is looked for."""
ALONE = 2.7
"""What the vectors by themselves must say more than a score would: a review needs a margin as rare as one in a hundred."""
TAIL = 0.1
"""Share of the decoys, those with the largest margins, that rarer ones are told by: the upper tenth is the usual choice (W. H.
DuMouchel, 1983, Estimating the Stable Index in Order to Measure Tail Thickness: A Critique)."""
MOST = 8.0
"""Nats that vectors can add: about as much as the words of a strong rewrite."""


class Vectors(NamedTuple):
    """One vector a row."""

    train: NDArray[np.floating]
    """Shape (training rows, dimensions); mapped from its file, so that it may be larger than memory."""
    eval: NDArray[np.floating]


class Near(NamedTuple):
    """Pairs of rows that vectors propose."""

    item: NDArray[np.int64]
    """Eval row."""
    row: NDArray[np.int64]
    """Row of the source."""


def vectors(_data: Data) -> Vectors | None:
    """The vectors of an audit, None where the user gave none; `data.supply` puts others in this place."""
    return None


def unit(rows: NDArray[np.floating]) -> NDArray[np.float32]:
    """Vectors scaled to length 1."""
    real = np.asarray(rows, np.float32)
    lengths = np.linalg.norm(real, axis=1, keepdims=True)
    return np.asarray(real / np.where(lengths > 0, lengths, 1), np.float32)


def nearest(source: NDArray[np.floating], rows: NDArray[np.int64], asked: NDArray[np.float32]) -> Near:
    """The rows of a source that are nearest to each asked vector.

    Args:
        source: vectors, read block by block.
        rows: which of them.
        asked: vectors of length 1.
    """
    count = len(asked)
    best = np.full((count, NEAREST), -2, np.float32)
    place = np.full((count, NEAREST), -1, np.int64)
    step = max(1, ROOM // max(count, source.shape[1]))
    for begin in range(0, len(rows), step):
        some = rows[begin : begin + step]
        cosines = asked @ unit(source[some]).T
        keep = min(NEAREST, len(some))
        top = np.argpartition(-cosines, keep - 1, axis=1)[:, :keep]
        best = np.concatenate((best, np.take_along_axis(cosines, top, axis=1)), axis=1)
        place = np.concatenate((place, some[top]), axis=1)
        order = np.lexsort((place, -best), axis=1)[:, :NEAREST]
        best, place = np.take_along_axis(best, order, axis=1), np.take_along_axis(place, order, axis=1)
    item, column = np.nonzero(place >= 0)
    return Near(item.astype(np.int64), place[item, column])


def margins(
    source: NDArray[np.floating],
    rows: NDArray[np.int64],
    items: NDArray[np.int64],
    rivals: NDArray[np.float32],
    groups: NDArray[np.int64],
) -> NDArray[np.float64]:
    """How much closer each row of a source is to its eval row than to any eval row of another group.

    Args:
        source: vectors.
        rows: the row of each pair.
        items: the eval row of each pair, by its place among `rivals`.
        rivals: the eval vectors, of length 1.
        groups: per eval vector: the same for rows that repeat each other.
    """
    out = np.empty(len(rows))
    wanted, number = np.unique(rows, return_inverse=True)
    order = np.argsort(number.reshape(-1), kind="stable")
    step = max(1, ROOM // max(rivals.shape))
    for begin in range(0, len(wanted), step):
        low, high = np.searchsorted(number.reshape(-1)[order], (begin, begin + step))
        chosen = order[low:high]
        cosines = unit(source[wanted[begin : begin + step]]) @ rivals.T
        keep = min(_RIVALS, len(rivals))
        top = np.argpartition(-cosines, keep - 1, axis=1)[:, :keep]
        at = number.reshape(-1)[chosen] - begin
        others = np.take_along_axis(cosines, top, axis=1)[at]
        stranger = groups[top[at]] != groups[items[chosen]][:, None]
        nearest_other = np.where(stranger, others, others.min(axis=1, keepdims=True)).max(axis=1)
        out[chosen] = cosines[at, items[chosen]] - nearest_other
    return out


def surprise(margin: NDArray[np.float64], decoys: NDArray[np.float64], *, pool: float) -> NDArray[np.float64]:
    """How much a margin speaks for a rewrite, in nats: -ln of how often chance has as large a one, less 1, which is what that
    comes to on average where there is no rewrite; from 0 to `MOST`: a model that knows no better speaks against nothing.

    Args:
        margin: of some pairs.
        decoys: the largest margin of each row where no rewrite can be. Their tenth with the largest ones is taken for the
            begin of an exponential tail, so that rarer margins than they show can be told (peaks over a threshold: J. Pickands,
            1975, Statistical inference using extreme order statistics).
        pool: rows that a pair was chosen from, for each decoy: so many more chances there are.
    """
    edge = float(np.quantile(decoys, 1 - TAIL))
    scale = max(float((decoys[decoys >= edge] - edge).mean()), 1e-9)
    ordered = np.sort(decoys)
    share = (len(ordered) - np.searchsorted(ordered, margin, side="left") + 1) / (len(ordered) + 1)
    rare = np.where(margin > edge, -np.log(TAIL) + (margin - edge) / scale, -np.log(np.minimum(share, 1)))
    return np.asarray(np.clip(rare - 1 - np.log(max(pool, 1)), 0, MOST))

"""What vectors say, put into the lanes of the search: more pairs, and a term of their score."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks.rewritten.evalside import Side
from checks.rewritten.features import Features, Pairs, features
from checks.rewritten.frequencies import Weights
from checks.rewritten.lanes import LOWEST, Lane
from checks.rewritten.spans import WHOLE
from checks.rewritten.vectors import ALONE, MOST, Vectors, margins, nearest, surprise, unit
from checks.text.texts import CHUNK, Texts

REACH = MOST
"""Score below the lowest one from which vectors can still lift a pair."""


class _Rivals(NamedTuple):
    """Eval rows that a row may be closer to than to the one it is paired with."""

    vectors: NDArray[np.float32]
    """Of length 1."""
    groups: NDArray[np.int64]
    """The same for rows that repeat each other."""
    place: NDArray[np.int64]
    """Per eval row: its place among these."""


def fused(found: Vectors, side: Side, by: Weights, real: Lane, fake: Lane) -> tuple[Lane, Lane] | None:
    """Both lanes with what the vectors say; None without decoys, by which that is judged.

    Args:
        found: the vectors.
        side: the eval items.
        by: how much terms say.
        real: train.
        fake: the decoys.
    """
    held, hidden = np.flatnonzero(side.asked & ~side.decoys), np.flatnonzero(side.decoys)
    if not len(held) or not len(hidden):
        return None
    whole = np.flatnonzero(side.kinds == WHOLE)
    every = _Rivals(unit(found.eval), side.sought.groups[whole], np.arange(len(whole)))
    rivals = ~side.decoys
    others = _Rivals(every.vectors[rivals], every.groups[rivals], np.cumsum(rivals) - 1)
    near = nearest(found.eval, hidden, every.vectors[held])
    best = np.full(len(held), -2.0)
    np.maximum.at(best, near.item, _margins(found.eval, near.row, held[near.item], others))
    fake = _with_rows(fake, side, by, whole[held[near.item]], near.row)
    asked = np.flatnonzero(side.asked)
    near = nearest(found.train, np.arange(len(found.train)), every.vectors[asked])
    real = _with_rows(real, side, by, whole[asked[near.item]], near.row)
    pool = len(found.train) / len(hidden)
    return (
        _judged(real, side, found.train, every, lambda margin: surprise(margin, best, pool=pool)),
        _judged(fake, side, found.eval, others, lambda margin: surprise(margin, best, pool=1)),
    )


def _margins(
    source: NDArray[np.floating], rows: NDArray[np.int64], evals: NDArray[np.int64], rivals: _Rivals
) -> NDArray[np.float64]:
    """The margins of pairs of a row of the source and an eval row."""
    return margins(source, rows, rivals.place[evals], rivals.vectors, rivals.groups)


def _judged(
    one: Lane,
    side: Side,
    source: NDArray[np.floating],
    rivals: _Rivals,
    says: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> Lane:
    """A lane with the term of the vectors, for the pairs that it can matter for."""
    extra, alone = np.zeros(len(one.base)), one.alone.copy()
    some = np.flatnonzero((one.scores() >= LOWEST - REACH) | np.isfinite(alone))
    extra[some] = says(_margins(source, one.pairs.row[some], side.rows[one.pairs.item[some]], rivals))
    alone[some] = extra[some] - ALONE
    return one._replace(extra=extra, alone=alone)


def _with_rows(one: Lane, side: Side, by: Weights, items: NDArray[np.int64], rows: NDArray[np.int64]) -> Lane:
    """A lane with further pairs of eval items and whole rows; those that words proposed stay as they are.

    How close such a row is to other eval rows by its words nobody looked at, so that their words show no margin.
    """
    wide = len(one.source) + 1
    known = side.rows[one.pairs.item] * wide + one.pairs.row
    fresh = ~np.isin(side.rows[items] * wide + rows, known)
    items, rows = items[fresh], rows[fresh]
    none, start = np.zeros(len(items)), np.zeros(len(items), np.int64)
    pairs = Pairs(items, rows, start, _sizes(one.source, rows), none)
    found = features(side.sought.items, by, one.source, pairs, LOWEST - REACH)
    pairs = pairs._replace(other=np.full(len(items), np.nan))
    joined = Pairs(*(np.concatenate(both) for both in zip(one.pairs, pairs, strict=True)))
    all_found = Features(*(np.concatenate(both) for both in zip(one.features, found, strict=True)))
    alone = np.concatenate((one.alone, np.zeros(len(items))))
    extra = np.concatenate((one.extra, none))
    return Lane(one.source, joined, all_found, np.concatenate((one.base, found.base(by.rows))), extra, alone)


def _sizes(source: Texts, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Bytes of the prompt of each row, or of all its text where it has none."""
    out = np.zeros(len(rows), np.int64)
    for begin in range(0, len(rows), CHUNK):
        texts = source.pick(rows[begin : begin + CHUNK])
        whole = np.diff(texts.bounds)
        out[begin : begin + CHUNK] = np.where(texts.prompts > 0, texts.prompts, whole)
    return out

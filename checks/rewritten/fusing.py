"""What vectors say, put into the lanes of the search: more pairs, and a term of their score."""

from __future__ import annotations

from collections.abc import Callable

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


def fused(found: Vectors, side: Side, by: Weights, real: Lane, fake: Lane) -> tuple[Lane, Lane]:
    """Both lanes with what the vectors say.

    Args:
        found: the vectors.
        side: the eval items.
        by: how much terms say.
        real: train.
        fake: the decoys, by which margins are judged.
    """
    evals, whole = unit(found.eval), np.flatnonzero(side.kinds == WHOLE)
    groups = side.sought.groups[whole]
    asked, held = np.flatnonzero(side.asked), np.flatnonzero(side.asked & ~side.decoys)
    rivals = np.flatnonzero(~side.decoys)
    hidden = np.flatnonzero(side.decoys)
    if not len(held) or not len(hidden):
        return real, fake
    place = np.full(len(groups), -1, np.int64)
    place[rivals] = np.arange(len(rivals))
    near = nearest(found.eval, hidden, evals[held])
    shown = margins(found.eval, near.row, place[held[near.item]], evals[rivals], groups[rivals])
    best = np.full(len(held), -2.0)
    np.maximum.at(best, near.item, shown)
    fake = _with_rows(fake, side, by, whole[held[near.item]], near.row)
    near = nearest(found.train, np.arange(len(found.train)), evals[asked])
    real = _with_rows(real, side, by, whole[asked[near.item]], near.row)
    return (
        _judged(
            real,
            side,
            found.train,
            np.arange(len(groups)),
            evals,
            groups,
            lambda margin: surprise(margin, best, pool=len(found.train) / len(hidden)),
        ),
        _judged(
            fake,
            side,
            found.eval,
            place,
            evals[rivals],
            groups[rivals],
            lambda margin: surprise(margin, best, pool=1),
        ),
    )


def _judged(
    one: Lane,
    side: Side,
    source: NDArray[np.floating],
    place: NDArray[np.int64],
    rivals: NDArray[np.float32],
    groups: NDArray[np.int64],
    says: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> Lane:
    """A lane with the term of the vectors, for the pairs that it can matter for."""
    extra, alone = np.zeros(len(one.base)), one.alone.copy()
    some = np.flatnonzero((one.scores() >= LOWEST - REACH) | np.isfinite(alone))
    items = place[side.rows[one.pairs.item[some]]]
    extra[some] = says(margins(source, one.pairs.row[some], items, rivals, groups))
    alone[some] = extra[some] - ALONE
    return one._replace(extra=extra, alone=alone)


def _with_rows(one: Lane, side: Side, by: Weights, items: NDArray[np.int64], rows: NDArray[np.int64]) -> Lane:
    """A lane with further pairs of eval items and whole rows; those that words proposed stay as they are.

    How close such a row is to other eval rows by its words nobody looked at; its margin by words counts as none.
    """
    wide = len(one.source) + 1
    known = side.rows[one.pairs.item] * wide + one.pairs.row
    fresh = ~np.isin(side.rows[items] * wide + rows, known)
    items, rows = items[fresh], rows[fresh]
    none, start = np.zeros(len(items)), np.zeros(len(items), np.int64)
    pairs = Pairs(items, rows, start, _sizes(one.source, rows), none)
    found = features(side.sought.items, by, one.source, pairs, LOWEST - REACH)
    pairs = pairs._replace(other=found.cosine)
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

"""How close a suspected training text is to its nearest neighbour among all other training texts.

Train is streamed past the suspected texts once more. A text that is itself close to the same eval item does not count:
several rewrites of one item must not hide each other.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks.rewritten.desk import Desk, desk_for, dot, nearest, put_away, read_text, weigh
from checks.rewritten.frequencies import Weights
from checks.rewritten.items import Items, Postings, items_of, postings
from checks.rewritten.spans import Spans
from checks.rewritten.stems import Reader, reader
from checks.text.kernel import Hash, Int, kernel, part
from checks.text.texts import TextArrays

CLOSE = 0.6
"""Of the cosine between an eval item and its suspect: a training text that is as close to the item is another copy of it."""
NEAREST = 16
"""Suspects that a training text is compared with in full."""


class Suspects(NamedTuple):
    """Suspected texts, and the eval items that they may be rewrites of."""

    items: Items
    """The suspects, and behind them the eval items."""
    postings: Postings
    """Of the suspects alone."""
    rows: NDArray[np.int64]
    """Training row of each suspect; -1 where it stands in none."""
    pairs: NDArray[np.int64]
    """Suspect i has the pairs from `pairs[i]` to `pairs[i + 1]`."""
    sources: NDArray[np.int64]
    """Per pair: place of its eval item among `items`."""
    cosines: NDArray[np.float64]
    """Per pair: how close the two are."""


def suspects(
    terms: tuple[NDArray[np.uint64], NDArray[np.int64]],
    sources: tuple[NDArray[np.uint64], NDArray[np.int64]],
    by: Weights,
    *,
    rows: NDArray[np.int64],
    pairs: NDArray[np.int64],
    source_of: NDArray[np.int64],
    cosines: NDArray[np.float64],
) -> Suspects:
    """Make ready what train is streamed past.

    Args:
        terms: of the suspects, and where those of each begin.
        sources: of the eval items, likewise.
        by: how much terms say.
        rows: training row of each suspect, -1 for none.
        pairs: where the pairs of each suspect begin.
        source_of: per pair, number of its eval item.
        cosines: per pair.
    """
    count = len(terms[1]) - 1
    joined = np.concatenate((terms[1], sources[1][1:] + terms[1][-1]))
    items = items_of(np.concatenate((terms[0], sources[0])), joined, by)
    return Suspects(items, postings(items, count), rows, pairs, source_of + count, cosines)


def look_round(
    found: Suspects, by: Weights, batch: TextArrays, first: int, parts: Spans, chosen: NDArray[np.bool_],
    back: NDArray[np.float64],
) -> None:  # fmt: skip
    """Raise `back`, the largest cosine of each pair's suspect to another text, by the `chosen` parts of a batch."""
    _look_round(found, by.idf, by.shift, batch, first, parts, chosen, reader(), back)


@part
def _raise(found: Suspects, item: Int, length: float, desk: Desk, back: NDArray[Any]) -> None:
    """Raise what is known of a suspect's pairs by the text at hand."""
    items = found.items
    cosine = dot(items, item, desk.mine) / length
    for p in range(found.pairs[item], found.pairs[item + 1]):
        if cosine > back[p] and dot(items, found.sources[p], desk.mine) / length < CLOSE * found.cosines[p]:
            back[p] = cosine


@kernel
def _look_round(
    found: Suspects,
    idf: NDArray[np.float32],
    shift: Hash,
    texts: TextArrays,
    before: Int,
    parts: Spans,
    chosen: NDArray[np.bool_],
    by: Reader,
    back: NDArray[np.float64],
) -> None:
    items, rows = found.items, found.rows
    desk = desk_for(parts, len(items.vocabulary), len(rows))
    present, near = np.ones(len(rows), np.bool_), np.empty(NEAREST, np.int64)
    for i in range(len(parts.rows)):
        if not chosen[i]:
            continue
        _, many = read_text(texts.data, parts.starts[i], parts.stops[i], i + 1, by, desk)
        ours, length = weigh(many, items, idf, shift, desk)
        if ours > 0:
            count = nearest(ours, many, found.postings, present, desk, near)
            for n in range(count):
                if rows[near[n]] != before + parts.rows[i]:
                    _raise(found, near[n], length, desk, back)
        put_away(ours, desk)

"""Which training texts may be rewrites of which eval items: train streamed past an index of the items' terms.

A training text is looked up by its rarest terms alone, so many that they point to no more than `PER_TERM` items for each
of its terms; the `NEAREST` items by what these terms carry are then compared with it in full. A rewrite keeps the rare
terms of its source, and counts only if no other eval item is as close to it, so what is left out is no loss: on GSM8K, as
on a million rows, it finds what the full index finds. For each item the `BEST` texts by cosine are kept.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks.rewritten.desk import Desk, desk_for, dot, nearest, put_away, read_text, weigh
from checks.rewritten.frequencies import Weights
from checks.rewritten.items import Items, Postings
from checks.rewritten.spans import Spans
from checks.rewritten.stems import Reader, reader
from checks.text.kernel import Hash, Int, Numbers, kernel, part
from checks.text.texts import TextArrays

NEAREST = 8
"""Items that a text is compared with in full."""
BEST = 10
"""Training texts kept for an item, all of different wordings."""
LEAST = np.float32(0.15)
"""Cosine of a text that is kept: of 648 rewrites of GSM8K the least has .21."""


class Sought(NamedTuple):
    """What is looked for."""

    items: Items
    postings: Postings
    groups: NDArray[np.int64]
    """Per item: the eval row it stands for, the same for rows that repeat each other."""
    asked: NDArray[np.bool_]
    """Items that are looked for; the others only tell how close a text is to another eval item."""
    present: NDArray[np.bool_]
    """Items that count at all."""


class Proposals(NamedTuple):
    """For each item the best texts, best first; shape (items, `BEST`)."""

    cosine: NDArray[np.float32]
    row: NDArray[np.int64]
    """-1 where there are fewer."""
    start: NDArray[np.int64]
    """Byte of the row's text where the part begins."""
    size: NDArray[np.int64]
    other: NDArray[np.float32]
    """The text's largest cosine to an item of another group."""


def no_proposals(items: int) -> Proposals:
    """Nothing yet."""
    shape = (items, BEST)
    whole, real = np.int64, np.float32
    return Proposals(
        np.zeros(shape, real), np.full(shape, -1, whole), np.zeros(shape, whole), np.zeros(shape, whole),
        np.zeros(shape, real),
    )  # fmt: skip


def propose(
    sought: Sought,
    by: Weights,
    batch: TextArrays,
    first: int,
    parts: Spans,
    chosen: NDArray[np.bool_],
    best: Proposals,
) -> None:
    """Enter the `chosen` parts of a batch that begins at row `first`."""
    _propose(sought, by.idf, by.shift, batch, first, parts, chosen, reader(), best)


@part
def _enter(
    best: Proposals, item: Int, cosine: np.float32, other: np.float32, row: Int, start: Int, size: Int
) -> None:
    """Put a text among the best of an item."""
    place = BEST - 1
    while place > 0 and best.cosine[item, place - 1] < cosine:
        best.cosine[item, place] = best.cosine[item, place - 1]
        best.row[item, place] = best.row[item, place - 1]
        best.start[item, place] = best.start[item, place - 1]
        best.size[item, place] = best.size[item, place - 1]
        best.other[item, place] = best.other[item, place - 1]
        place -= 1
    best.cosine[item, place], best.other[item, place] = cosine, other
    best.row[item, place], best.start[item, place], best.size[item, place] = row, start, size


@part
def _close(
    near: Numbers, found: Int, length: float, sought: Sought, desk: Desk, cosines: NDArray[Any]
) -> tuple[np.float32, np.float32, Int]:
    """Cosines of the text at hand to the items nearby: the largest, the largest to another group, and whose the first is."""
    first, second = np.float32(0), np.float32(0)
    closest: Int = np.int64(-1)
    for n in range(found):
        item = near[n]
        cosine = np.float32(dot(sought.items, item, desk.mine) / length)
        cosines[n] = cosine
        if cosine > first:
            if sought.groups[item] != closest:
                second = first
            first, closest = cosine, sought.groups[item]
        elif cosine > second and sought.groups[item] != closest:
            second = cosine
    return first, second, closest


@kernel
def _propose(
    sought: Sought,
    idf: NDArray[np.float32],
    shift: Hash,
    texts: TextArrays,
    before: Int,
    parts: Spans,
    chosen: NDArray[np.bool_],
    by: Reader,
    best: Proposals,
) -> None:
    items, groups = sought.items, sought.groups
    desk = desk_for(parts, len(items.vocabulary), len(groups))
    near, cosines = np.empty(NEAREST, np.int64), np.empty(NEAREST, np.float32)
    for i in range(len(parts.rows)):
        if not chosen[i]:
            continue
        start, stop, row = parts.starts[i], parts.stops[i], parts.rows[i]
        _, many = read_text(texts.data, start, stop, i + 1, by, desk)
        ours, length = weigh(many, items, idf, shift, desk)
        if ours > 0:
            found = nearest(ours, many, sought.postings, sought.present, desk, near)
            first, second, closest = _close(near, found, length, sought, desk, cosines)
            for n in range(found):
                item, cosine = near[n], cosines[n]
                if sought.asked[item] and cosine >= LEAST and cosine > best.cosine[item, BEST - 1]:
                    other = second if groups[item] == closest else first
                    _enter(best, item, cosine, other, before + row, start - texts.bounds[row], stop - start)
        put_away(ours, desk)

"""A lane of the search: a source of texts (train, or the decoys), its pairs with eval items, and what is measured of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks.rewritten import scoring
from checks.rewritten.background import Suspects, look_round, suspects
from checks.rewritten.evalside import Side
from checks.rewritten.features import Features, Pairs, features
from checks.rewritten.frequencies import Weights
from checks.rewritten.items import Items
from checks.rewritten.proposals import Proposals, Sought, no_proposals, propose
from checks.rewritten.spans import spans
from checks.rewritten.stems import reader
from checks.rewritten.terms import terms_of
from checks.text.texts import CHUNK, Texts

LOWEST = scoring.REVIEW - scoring.STRONG
"""Score below which nothing is looked at, whatever else speaks for it."""


class Lane(NamedTuple):
    """Pairs of eval items with the texts of one source."""

    source: Texts
    pairs: Pairs
    features: Features
    base: NDArray[np.float64]
    """Their scores without the margin."""
    extra: NDArray[np.float64]
    """What vectors add to them."""
    alone: NDArray[np.float64]
    """What vectors say without the words."""

    def take(self, places: NDArray[np.int64] | NDArray[np.bool_]) -> Lane:
        """Some of the pairs."""
        return Lane(
            self.source, self.pairs.take(places), self.features.take(places), self.base[places],
            self.extra[places], self.alone[places],
        )  # fmt: skip

    def scores(self, back: NDArray[np.float64] | float = 0.0) -> NDArray[np.float64]:
        """Their scores, given how close each text is to its nearest neighbour in train."""
        cosine = self.features.cosine
        other = np.where(np.isnan(self.pairs.other), cosine, self.pairs.other)  # not known: no margin
        margin = cosine - np.maximum(other, back)
        return np.maximum(self.base + scoring.MARGIN * margin + self.extra, self.alone)


def lane(
    sought: Sought,
    by: Weights,
    source: Texts,
    chosen: Sequence[NDArray[np.bool_]],
    *,
    paragraphs: bool,
    tick: Callable[[int], None],
) -> Lane:
    """Stream a source past the items and measure the pairs that may matter.

    Args:
        sought: what is looked for.
        by: how much terms say.
        source: where.
        chosen: for each batch of it, which of its spans.
        paragraphs: whether its long prompts are cut.
        tick: called with the rows done.
    """
    best = no_proposals(len(sought.groups))
    for (first, batch), some in zip(source, chosen, strict=True):
        propose(sought, by, batch, first, spans(batch, paragraphs=paragraphs), some, best)
        tick(first + len(batch.prompts))
    pairs = _pairs(best)
    found = features(sought.items, by, source, pairs, LOWEST)
    count = len(pairs.item)
    return Lane(source, pairs, found, found.base(by.rows), np.zeros(count), np.full(count, -np.inf))


def _pairs(best: Proposals) -> Pairs:
    item, place = np.nonzero(best.row >= 0)
    return Pairs(
        item.astype(np.int64), best.row[item, place], best.start[item, place], best.size[item, place],
        best.other[item, place].astype(np.float64),
    )  # fmt: skip


def backgrounds(
    side: Side,
    by: Weights,
    lanes: Sequence[Lane],
    train: Texts,
    chosen: Sequence[NDArray[np.bool_]],
    tick: Callable[[int], None],
) -> list[NDArray[np.float64]]:
    """How close the text of each pair is to its nearest neighbour in train that is no copy of the same eval item.

    All lanes are looked at in one pass over train; the first one is train itself, whose texts do not meet themselves.
    """
    sizes = [len(one.pairs.item) for one in lanes]
    ends = np.cumsum(sizes)
    back = np.zeros(int(ends[-1]))
    if len(back):
        found, order = _suspects(side, by, lanes)
        raised = np.zeros(len(back))
        for (first, batch), some in zip(train, chosen, strict=True):
            look_round(found, by, batch, first, spans(batch, paragraphs=True), some, raised)
            tick(first + len(batch.prompts))
        back[order] = raised
    return np.split(back, ends[:-1])


def _suspects(side: Side, by: Weights, lanes: Sequence[Lane]) -> tuple[Suspects, NDArray[np.int64]]:
    """The suspects of all lanes, and the pairs in the order in which they have them."""
    number = np.repeat(np.arange(len(lanes)), [len(one.pairs.item) for one in lanes])
    places = np.stack(
        (number, *(np.concatenate([one.pairs[n] for one in lanes]) for n in (1, 2, 3))), axis=1
    )  # the row, where the part begins and its size
    units, unit = np.unique(places, axis=0, return_inverse=True)
    order = np.argsort(unit.reshape(-1), kind="stable")
    bounds = np.searchsorted(unit.reshape(-1)[order], np.arange(len(units) + 1))
    item = np.concatenate([one.pairs.item for one in lanes])[order]
    sources, source_of = np.unique(item, return_inverse=True)
    cosine = np.concatenate([one.features.cosine for one in lanes])[order]
    parts = [_terms(one.source, units[units[:, 0] == n, 1:]) for n, one in enumerate(lanes)]
    found = suspects(
        _joined(parts),
        _item_terms(side.sought.items, sources),
        by,
        rows=np.where(units[:, 0] == 0, units[:, 1], -1),
        pairs=bounds,
        source_of=source_of.reshape(-1),
        cosines=cosine,
    )
    return found, order


def _terms(source: Texts, units: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The terms of parts of texts, given as (row, begin, size)."""
    found = [(np.zeros(0, np.uint64), np.zeros(1, np.int64))]
    for begin in range(0, len(units), CHUNK):
        some = units[begin : begin + CHUNK]
        texts = source.pick(some[:, 0])
        starts = texts.bounds[:-1] + some[:, 1]
        found.append(terms_of(texts.data, starts, starts + some[:, 2], reader()))
    return _joined(found)


def _joined(
    parts: Sequence[tuple[NDArray[np.uint64], NDArray[np.int64]]],
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    sizes = [np.diff(bounds) for _, bounds in parts]
    return np.concatenate([terms for terms, _ in parts]), np.concatenate(
        ([0], np.cumsum(np.concatenate(sizes)))
    )


def _item_terms(items: Items, chosen: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The terms of some items."""
    runs = [items.terms[items.bounds[item] : items.bounds[item + 1]] for item in chosen.tolist()]
    bounds = np.concatenate(([0], np.cumsum([len(run) for run in runs]))).astype(np.int64)
    return items.vocabulary[np.concatenate(runs)], bounds

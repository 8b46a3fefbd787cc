"""What an item and a training text have in common, measured for the pairs that are worth it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks.rewritten import scoring
from checks.rewritten.desk import Desk, desk_for, dot, put_away, read_text, weigh
from checks.rewritten.frequencies import Weights, weight_of
from checks.rewritten.items import LONGEST, Items, number_of
from checks.rewritten.spans import Spans
from checks.rewritten.stems import Reader, reader
from checks.rewritten.terms import is_number
from checks.text.kernel import Bytes, Hash, Int, Numbers, kernel, part
from checks.text.texts import CHUNK, Texts


class Pairs(NamedTuple):
    """Items and parts of training texts, one entry per pair."""

    item: NDArray[np.int64]
    row: NDArray[np.int64]
    """Training row."""
    start: NDArray[np.int64]
    """Byte of its text where the part begins."""
    size: NDArray[np.int64]
    """Bytes of the part."""
    other: NDArray[np.float64]
    """Largest cosine of the part to another eval row; NaN where nobody looked."""

    def take(self, places: NDArray[np.int64] | NDArray[np.bool_]) -> Pairs:
        """Some of the pairs."""
        return Pairs(
            self.item[places], self.row[places], self.start[places], self.size[places], self.other[places]
        )


class Features(NamedTuple):
    """What is measured of each pair."""

    cosine: NDArray[np.float64]
    order: NDArray[np.float64]
    """Idf-weighted longest common subsequence over the idf mass of the lighter text. An upper bound of it where even that
    leaves the score below what was asked for."""
    dice: NDArray[np.float64]
    """Numbers in common, as multisets; 0 where there are none."""
    ours: NDArray[np.float64]
    """Numbers of the item."""
    theirs: NDArray[np.float64]
    """Numbers of the training text."""
    shared: NDArray[np.float64]
    """Nats of the distinct terms that both hold."""

    def take(self, places: NDArray[np.int64] | NDArray[np.bool_]) -> Features:
        """Those of some of the pairs."""
        return Features(*(values[places] for values in self))

    def base(self, rows: int) -> NDArray[np.float64]:
        """The score of each pair without its margin."""
        return scoring.base(self.order, self.dice, self.ours + self.theirs, self.shared, rows)


def features(items: Items, by: Weights, train: Texts, pairs: Pairs, least: float) -> Features:
    """Measure pairs.

    Args:
        items: the eval side.
        by: how much terms say.
        train: the texts that the pairs name.
        pairs: what is measured.
        least: score that matters; the order of terms is only looked at where it can be reached.
    """
    out = np.zeros((len(pairs.item), 6))
    order = np.lexsort((pairs.item, pairs.start, pairs.row))
    scale = scoring.FITTED / np.log(max(by.rows, 3))
    for begin in range(0, len(order), CHUNK):
        chosen = order[begin : begin + CHUNK]
        some = pairs.take(chosen)
        rows, number = np.unique(some.row, return_inverse=True)
        texts = train.pick(rows)
        starts = texts.bounds[number.reshape(-1)] + some.start
        out[chosen] = _measure(
            texts.data, starts, starts + some.size, some.item, some.other, items, by.idf, by.shift, reader(),
            least, scale,
        )  # fmt: skip
    return Features(*out.T.copy())


@part
def in_order(
    a: NDArray[np.int32], b: NDArray[np.int32], idf: NDArray[np.float32], room: NDArray[np.float64]
) -> float:
    """The heaviest common subsequence of two runs of term numbers (negative ones match nothing); `room` has an entry more
    than `b` has terms."""
    for y in range(len(b) + 1):
        room[y] = 0
    for x in range(len(a)):
        weight = np.float64(idf[a[x]])
        diagonal = 0.0
        for y in range(len(b)):
            above = room[y + 1]
            best = max(above, room[y])
            if b[y] == a[x]:
                best = max(best, diagonal + weight)
            diagonal = above
            room[y + 1] = best
    return float(room[len(b)])


class _Text(NamedTuple):
    """The training text at hand, in the terms of the items."""

    counts: NDArray[np.float32]
    """How often it holds each."""
    numbers: NDArray[np.int32]
    """Its terms in order, -1 for those that no item has."""


@part
def _read(
    data: Bytes,
    start: Int,
    stop: Int,
    stamp: Int,
    by: Reader,
    idf: NDArray[Any],
    shift: Hash,
    items: Items,
    desk: Desk,
    text: _Text,
) -> tuple[Int, Int, float, float, float]:
    """Read a text: (terms that are compared in order, terms of the items, length, weight of those in order, numbers)."""
    count, many = read_text(data, start, stop, stamp, by, desk)
    ours, length = weigh(many, items, idf, shift, desk)
    mass, figures = 0.0, 0.0
    for n in range(many):
        slot = desk.places[n]
        if is_number(desk.table[slot]):
            figures += desk.counts[slot]
        term = number_of(desk.table[slot], items.vocabulary, items.slots)
        if term >= 0:
            text.counts[term] = desk.counts[slot]
    count = min(count, LONGEST)
    for n in range(count):
        text.numbers[n] = number_of(desk.terms[n], items.vocabulary, items.slots)
        mass += np.float64(weight_of(desk.terms[n], idf, shift))
    return count, ours, length, mass, figures


@part
def _common(items: Items, item: Int, counts: NDArray[Any]) -> tuple[float, float, float, float]:
    """What an item and the text at hand share: (nats of distinct terms, of all terms, numbers in common, the item's)."""
    shared, common, match, figures = 0.0, 0.0, 0.0, 0.0
    for p in range(items.bags[item], items.bags[item + 1]):
        term = items.bag[p]
        both = min(counts[term], items.counts[p])
        number = is_number(items.vocabulary[term])
        if number:
            figures += items.counts[p]
        if both > 0:
            shared += items.idf[term]
            common += both * items.idf[term]
            if number:
                match += both
    return shared, common, match, figures


@part
def _without_order(
    cosine: float, other: float, dice: float, figures: float, shared: float, scale: float
) -> float:
    """The score of a pair but for the order of its terms, see `scoring`."""
    agreement = (dice - 0.5) * min(1.0, figures / scoring.FULL) if figures >= 2 else 0.0
    score = scoring.NUMBERS * agreement + scoring.SHARED * np.log1p(shared * scale) + scoring.BIAS
    if figures >= scoring.MANY and dice >= scoring.KEPT:
        score += scoring.KEEPS
    return float(score + scoring.MARGIN * (cosine - other))


@kernel
def _measure(
    data: Bytes,
    starts: Numbers,
    stops: Numbers,
    item_of: Numbers,
    others: NDArray[np.float64],
    items: Items,
    idf: NDArray[np.float32],
    shift: Hash,
    by: Reader,
    least: float,
    scale: float,
) -> NDArray[np.float64]:
    """`features` of one chunk of pairs sorted by their text, which is read once."""
    desk = desk_for(Spans(item_of, starts, stops, np.zeros(0, np.uint8)), len(items.vocabulary), 1)
    text = _Text(np.zeros(len(items.vocabulary), np.float32), np.empty(LONGEST, np.int32))
    room, out = np.empty(LONGEST + 1, np.float64), np.zeros((len(starts), 6))
    count: Int = np.int64(0)
    ours: Int = np.int64(0)
    length, mass, theirs = 1.0, 0.0, 0.0
    for i in range(len(starts)):
        if i == 0 or starts[i] != starts[i - 1] or stops[i] != stops[i - 1]:
            for n in range(ours):
                text.counts[desk.known[n]] = 0
            put_away(ours, desk)
            count, ours, length, mass, theirs = _read(
                data, starts[i], stops[i], i + 1, by, idf, shift, items, desk, text
            )
        item = item_of[i]
        shared, common, match, mine = _common(items, item, text.counts)
        cosine = dot(items, item, desk.mine) / length
        dice = 2 * match / (mine + theirs) if mine + theirs > 0 else 0.0
        lighter = max(min(mass, items.mass[item]), 1e-6)
        order = min(1.0, common / lighter)
        rest = _without_order(cosine, others[i], dice, mine + theirs, shared, scale)
        if rest + scoring.ORDER * order >= least:
            first = items.bounds[item]
            run = items.terms[first : min(items.bounds[item + 1], first + LONGEST)]
            order = min(1.0, in_order(run, text.numbers[:count], items.idf, room) / lighter)
        out[i, 0], out[i, 1], out[i, 2] = cosine, order, dice
        out[i, 3], out[i, 4], out[i, 5] = mine, theirs, shared
    return out

"""The eval side of the search: its items, which of them are looked for, and the half of it that serves as decoys."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks.contract import Data
from checks.places import Places
from checks.rewritten.frequencies import Weights
from checks.rewritten.items import items_of, postings
from checks.rewritten.proposals import Sought
from checks.rewritten.spans import WHOLE, spans
from checks.rewritten.stems import reader
from checks.rewritten.terms import terms_of
from checks.text.clusters import eval_clusters
from checks.text.scan import scan
from checks.text.texts import Texts

TERMS = 4
"""Terms of an item, at least: with fewer there is no wording that could be kept."""


class Side(NamedTuple):
    """The eval items."""

    sought: Sought
    rows: NDArray[np.int64]
    """Eval row of each item."""
    kinds: NDArray[np.uint8]
    """Which part of the row it is, see `spans.KINDS`."""
    places: Places
    """Where in the row it is."""
    asked: NDArray[np.bool_]
    """Eval rows that are looked for."""
    decoys: NDArray[np.bool_]
    """Eval rows that serve as decoys, about half; rows that repeat each other lie in one half."""


def eval_side(data: Data, evals: Texts, by: Weights, clean: NDArray[np.bool_]) -> Side:
    """Make the eval side ready.

    Args:
        data: the audit.
        evals: its eval texts.
        by: how much terms say.
        clean: eval rows that are no leak, which are looked for if they have enough words.
    """
    rows, kinds, places, terms, sizes = [], [], [], [np.zeros(0, np.uint64)], [np.zeros(1, np.int64)]
    for first, batch in evals:
        parts = spans(batch, paragraphs=False)
        found, bounds = terms_of(batch.data, parts.starts, parts.stops, reader())
        rows.append(parts.rows + first)
        kinds.append(parts.kinds)
        places.append((parts.starts - batch.bounds[parts.rows], parts.stops - parts.starts))
        terms.append(found)
        sizes.append(np.diff(bounds))
    bounds = np.cumsum(np.concatenate(sizes))
    items = items_of(np.concatenate(terms), bounds, by)
    row, kind = np.concatenate(rows), np.concatenate(kinds)
    enough = np.diff(items.bags) >= TERMS
    groups = _groups(data)
    whole = kind == WHOLE
    able = np.zeros(len(evals), np.bool_)
    able[row[whole & enough]] = True
    asked = clean & able
    sought = Sought(
        items, postings(items, len(row)), groups[row], asked[row] & enough, np.ones(len(row), np.bool_)
    )
    names = data.once(scan).probe.prints.text[:, 0][groups]
    place = Places(*(np.concatenate(each) for each in zip(*places, strict=True)))
    return Side(sought, row, kind, place, asked, (names >> np.uint64(7)) & np.uint64(1) == 1)


def among_decoys(side: Side) -> Sought:
    """The items of the other half, which are looked for among the decoys."""
    other = ~side.decoys[side.rows]
    return side.sought._replace(asked=side.sought.asked & other, present=other)


def _groups(data: Data) -> NDArray[np.int64]:
    """For each eval row the first row that repeats it, near copies and equal prompts included."""
    copies, prints = data.once(eval_clusters), data.once(scan).probe.prints
    keeper = np.arange(len(prints.words)) if copies is None else copies.keeper
    names = np.where(prints.prompt[keeper] != 0, prints.prompt[keeper], prints.text[keeper, 0])
    _, first, group = np.unique(names, return_index=True, return_inverse=True)
    same: NDArray[np.int64] = first[group.reshape(-1)].astype(np.int64)
    return same

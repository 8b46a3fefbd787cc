"""Where the rows of a sketch stand in training texts: one pass over train, every pair judged by its hashes alone.

Candidates are the rows of which a training row holds a quarter of the indexed phrases (of the whole or of the prompt)
and, where one side is short, those that share a band of summary values. Equal texts and equal prompts are found by
their hashes. What is a leak is decided in `checks.sketched`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from checks.contract import Data
from checks.text.clusters import train_clusters
from checks.text.lookup import Lookup, lookup
from checks.text.scan import scan
from checks.text.sketch import Hashing, Rows, hashing
from checks.text.sketchpass import Found, Index, State, count_phrases, match
from checks.text.summaries import band_keys
from checks.text.texts import Texts, train_texts

Flags = NDArray[np.bool_]

QUARTER = 0.25
"""Share of the phrases of a row, or of its prompt, from which a training row is looked at."""
PER_ROW = 16
"""Phrases that a row, or its prompt, is searched by at least; all of them are compared once it is found."""
FEW = 3
"""Rows of fewer indexed phrases become candidates by a single one; others need two, since one phrase is no leak."""
SAMPLE, COMMON = 20_000, 200
"""Phrases of more than so many of the sampled training rows are what everybody says, and not searched by."""
ROOM = 1 << 14
"""Pairs that there is room for at first."""
CROWD = 1_000
"""Phrases of more than so many eval rows are not searched by either: bounds the cost of templates on both sides."""


@dataclass(frozen=True, slots=True)
class Sketched:
    """Judged pairs of a training row and a row of the sketch; of equal texts the first stands for all."""

    first: NDArray[np.int64]
    """Per eval row: the first row with the same text."""
    train: NDArray[np.int64]
    eval: NDArray[np.int64]
    jaccard: NDArray[np.float64]
    coverage: NDArray[np.float64]
    prompt_coverage: NDArray[np.float64]
    exact: NDArray[np.bool_]
    """Equal folded texts."""
    prompt: NDArray[np.int64]
    """Per eval row: number of its prompt, -1 where it has none of its own."""
    asked: NDArray[np.int64]
    """Per training row: number of its prompt among those of the sketch, -1 if it is none; of equal rows only the first."""
    searched: NDArray[np.bool_]
    """Per eval row: some of its phrases are searched by."""
    crowded: NDArray[np.bool_]
    sampled: int
    common: int
    """Phrases that more than `COMMON` of the `sampled` training rows share, or more than `CROWD` eval rows."""


def sketched(data: Data) -> Sketched | None:
    """Compare train with the sketch, None without one; use it as `data.once(sketched)`."""
    if data.sketch is None:
        return None
    rows, made = data.sketch.rows, hashing(data.sketch.key)
    train, stays = data.once(train_texts), ~data.once(train_clusters).exact
    first = _first(rows.text)
    # By content: the order of rows must not decide which are sampled.
    names = data.once(scan).train.text[:, 0]
    index, sampled, common = _index(rows, first, train, names, stays, made)
    count = len(rows.words)
    state = State(
        hits=np.full((count, 4), -1, np.int64),
        met=np.full(len(rows.short), -1, np.int64),
        prompt=np.full(len(train), -1, np.int64),
        crowded=np.zeros(count, np.bool_),
    )
    found = _pass(train, stays, made, index, rows, state)
    own = (rows.asked > 0) & (rows.asked < rows.words)
    return Sketched(
        first=first,
        train=found.pairs[:, 0],
        eval=found.pairs[:, 1],
        jaccard=found.scores[:, 0],
        coverage=found.scores[:, 1],
        prompt_coverage=found.scores[:, 2],
        exact=found.scores[:, 3] > 0,
        prompt=np.where(own, np.searchsorted(index.prompts.keys, rows.prompt), -1),
        asked=state.prompt,
        searched=index.need[first].max(axis=1) > 0,
        crowded=state.crowded[first],
        sampled=sampled,
        common=common,
    )


def _first(text: NDArray[np.uint64]) -> NDArray[np.int64]:
    """For each row the first one with the same hash; rows of which nothing can be seen are not each other's copies."""
    if not len(text):
        return np.zeros(0, np.int64)
    _, first, back = np.unique(text, axis=0, return_index=True, return_inverse=True)
    blank = ~text.any(axis=1)
    return np.where(blank, np.arange(len(text)), first[back.reshape(-1)])


def _index(
    rows: Rows,
    first: NDArray[np.int64],
    train: Texts,
    names: NDArray[np.uint64],
    stays: Flags,
    made: Hashing,
) -> tuple[Index, int, int]:
    count = len(rows.words)
    distinct = (first == np.arange(count)) & rows.text.any(axis=1)
    phrases = _searched_by(rows, distinct)
    picked = np.flatnonzero(stays)
    picked = np.sort(picked[np.argsort(names[picked], kind="stable")[:SAMPLE]])
    counts = np.zeros(len(phrases.keys), np.int64)
    count_phrases(train.pick(picked), made, phrases, counts, np.full(len(counts), -1))
    many = (counts > COMMON) | (np.diff(phrases.bounds) > CROWD)
    left = ~np.repeat(many, np.diff(phrases.bounds))
    keys = np.repeat(phrases.keys, np.diff(phrases.bounds))[left]
    values = phrases.values[left]
    kept = [np.bincount(values[values & side > 0] >> 2, minlength=count) for side in (1, 2)]
    need = np.stack(
        [np.maximum(np.where(k < FEW, 1, 2), np.ceil(QUARTER * k)) * (k > 0) for k in kept], axis=1
    )
    who = np.flatnonzero(distinct)
    summed = np.flatnonzero(distinct[rows.short])
    bands = band_keys(rows.summary[summed])
    own = (rows.asked > 0) & (rows.asked < rows.words)
    return (
        Index(
            lookup(rows.text[who, 0], who),
            lookup(rows.prompt[own], np.flatnonzero(own)),
            lookup(keys, values),
            lookup(bands.reshape(-1), np.repeat(summed, bands.shape[1])),
            need.astype(np.int64),
        ),
        len(picked),
        int(many.sum()),
    )


def _searched_by(rows: Rows, distinct: Flags) -> Lookup:
    """The phrases that rows and their prompts are searched by: of many every second, fourth ... by hash value."""
    count = len(rows.words)
    owner = np.repeat(np.arange(count), np.diff(rows.bounds))
    sides = np.zeros(len(owner), np.int64)
    for side, part in ((1, np.ones(len(owner), np.bool_)), (2, rows.asked_for)):
        many = np.bincount(owner[part], minlength=count)
        bits = np.log2(np.maximum(many // PER_ROW, 1)).astype(np.uint64)
        sides[part & (rows.phrases & ((np.uint64(1) << bits[owner]) - np.uint64(1)) == 0)] |= side
    mine = np.flatnonzero((sides > 0) & distinct[owner])
    return lookup(rows.phrases[mine], 4 * owner[mine] + sides[mine])


def _pass(train: Texts, stays: Flags, made: Hashing, index: Index, rows: Rows, state: State) -> Found:
    """All pairs worth keeping."""
    room, kept = Found(np.empty((ROOM, 2), np.int64), np.empty((ROOM, 4))), list[Found]()
    for first, batch in train:
        number = match(batch, first, stays, made, index, rows, state, room)
        if number > len(room.pairs):  # rare: not all found room, so once more with enough of it
            room = Found(np.empty((2 * number, 2), np.int64), np.empty((2 * number, 4)))
            state.hits[:], state.met[:] = -1, -1
            number = match(batch, first, stays, made, index, rows, state, room)
        kept.append(Found(room.pairs[:number].copy(), room.scores[:number].copy()))
    return Found(
        np.concatenate([np.empty((0, 2), np.int64), *(found.pairs for found in kept)]),
        np.concatenate([np.empty((0, 4)), *(found.scores for found in kept)]),
    )

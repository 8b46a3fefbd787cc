"""The kernels that stream training texts past a sketch."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks.text.kernel import Hash, Hashes, Int, Numbers, kernel, part
from checks.text.lookup import Lookup, find, sift
from checks.text.prints import SHORT
from checks.text.runs import coverage
from checks.text.sketch import (
    GRAM,
    SUMMED,
    Hashing,
    Rows,
    hash_phrases,
    hash_pieces,
    hash_whole,
)
from checks.text.summaries import BANDS, SIZE, VALUES, band_key, similarity, summarise
from checks.text.texts import TextArrays
from checks.text.words import buffers, read_words, widest

U64 = np.uint64

ALIKE = 0.6
"""Coverage or similarity from which a pair is kept."""
TURNS = 64
"""Rows of one band that a training row is compared with; the others are counted as crowded."""


class Index(NamedTuple):
    """A sketch made ready for the pass; of rows with the same text it knows the first."""

    texts: Lookup
    """Rows by the first half of the hash of their text."""
    prompts: Lookup
    phrases: Lookup
    """4 * row + 1 where the row is searched by it + 2 where its prompt is, by phrase."""
    bands: Lookup
    """Places among the short rows, by band."""
    need: NDArray[np.int64]
    """Shape (rows, 2): hits of phrases of the whole, and of the prompt, that make a candidate; never where 0 are known."""


class State(NamedTuple):
    """Running counts, changed by the kernel."""

    hits: NDArray[np.int64]
    """Per eval row: training row at hand, hits of the whole, hits of the prompt, training row it was judged for."""
    met: NDArray[np.int64]
    """Per short row: training row it was compared with last."""
    prompt: NDArray[np.int64]
    """Per training row: number of its prompt among those of the sketch, -1 if it is none."""
    crowded: NDArray[np.bool_]
    """Per eval row: it was left out of a comparison for want of turns."""


class Found(NamedTuple):
    """Pairs, with room for more."""

    pairs: NDArray[np.int64]
    """Training row, eval row."""
    scores: NDArray[np.float64]
    """Jaccard similarity, share of the phrases of the whole, share of those of the prompt."""


@kernel
def match(
    texts: TextArrays,
    first: Int,
    stays: NDArray[np.bool_],
    made: Hashing,
    index: Index,
    rows: Rows,
    state: State,
    found: Found,
) -> Int:
    """Compare one batch of training texts with the sketch; returns how many pairs are worth keeping.

    A result above the room of `found` means that pairs were lost and the batch must be done again.
    """
    folded, words, grams, scratch = buffers(widest(texts.bounds))
    small, signature = np.empty(len(grams) + 4, np.uint32), np.empty(VALUES, np.uint32)
    items, summary = np.empty(2 * len(rows.words), np.int64), np.empty(SIZE, U64)
    number: Int = np.int64(0)
    for i in range(len(texts.prompts)):
        row = first + i
        if not stays[row]:
            continue
        start, stop = texts.bounds[i], texts.bounds[i + 1]
        asked, count, end, _ = read_words(
            texts.data, start, stop, texts.prompts[i], made.table, folded, words
        )
        one, two, prompt = hash_whole(texts.data, start, stop, words, asked, count, made)
        number = _by_text(one, two, prompt, row, index, rows, state, found, number)
        if count >= GRAM:
            size = hash_phrases(words, count, made.keys, grams)
            number = _by_phrases(grams[:size], scratch, count, row, index, rows, state, items, found, number)
        if 0 < count < SUMMED:
            size = hash_pieces(folded, end, made.keys, scratch, grams)
            summary[:] = 0
            summarise(grams, size, made.factors, made.offsets, small, signature, summary)
            number = _by_summary(summary, count, row, index, rows, state, found, number)
    return number


@part
def _put(found: Found, number: Int, row: Int, item: Int, scores: tuple[float, float, float, float]) -> Int:
    if number < len(found.pairs):
        found.pairs[number, 0], found.pairs[number, 1] = row, item
        for k in range(4):
            found.scores[number, k] = scores[k]
    return number + 1


@part
def _by_text(
    one: Hash,
    two: Hash,
    prompt: Hash,
    row: Int,
    index: Index,
    rows: Rows,
    state: State,
    found: Found,
    number: Int,
) -> Int:
    """Rows with the same text; the same prompt is noted."""
    if prompt != U64(0):
        state.prompt[row] = find(prompt, index.prompts)
    place = find(one, index.texts)
    if place >= 0:
        for k in range(index.texts.bounds[place], index.texts.bounds[place + 1]):
            item = index.texts.values[k]
            if rows.text[item, 1] == two:
                number = _put(found, number, row, item, (1.0, 1.0, 0.0, 1.0))
    return number


@part
def _by_phrases(
    grams: Hashes,
    scratch: Hashes,
    count: Int,
    row: Int,
    index: Index,
    rows: Rows,
    state: State,
    items: Numbers,
    found: Found,
    number: Int,
) -> Int:
    """Rows that share phrases: found by the index, measured by all of their phrases."""
    likely = scratch[: sift(grams, index.phrases, scratch)]
    candidates = _candidates(likely, row, index, state.hits, items)
    if candidates == 0:
        return number
    order = np.argsort(grams)
    hay, distinct = grams[order], 1
    for i in range(1, len(hay)):
        distinct += hay[i] != hay[i - 1]
    places = np.empty(len(grams), np.int64)
    for k in range(candidates):
        item = items[k]
        if state.hits[item, 3] == row:
            continue
        state.hits[item, 3] = row
        start, stop = rows.bounds[item], rows.bounds[item + 1]
        both = _placed(rows.phrases[start:stop], hay, order, places)
        jaccard = 0.0
        if count >= SHORT and rows.words[item] >= SHORT:
            jaccard = both / (stop - start + distinct - both)
        everything = np.ones(stop - start, np.bool_)
        share = coverage(places, everything, rows.words[item])
        asked = coverage(places, rows.asked_for[start:stop], rows.asked[item])
        if max(share, asked, jaccard) >= ALIKE:
            number = _put(found, number, row, item, (jaccard, share, asked, 0.0))
    return number


@part
def _placed(phrases: Hashes, hay: Hashes, order: Numbers, places: Numbers) -> Int:
    """Write for each phrase of the training row which one of the eval row it is, -1 if none; returns how many it has."""
    places[:] = -1
    both: Int = np.int64(0)
    for k in range(len(phrases)):
        place = np.searchsorted(hay, phrases[k])
        both += np.int64(place < len(hay) and hay[place] == phrases[k])
        while place < len(hay) and hay[place] == phrases[k]:
            places[order[place]] = k
            place += 1
    return both


@part
def _candidates(grams: Hashes, row: Int, index: Index, hits: Numbers, items: Numbers) -> Int:
    """List in `items` the rows of which the training row holds enough phrases, some of them twice; returns how many."""
    known, number = index.phrases, 0
    for i in range(len(grams)):
        place = find(grams[i], known)
        if place < 0:
            continue
        for k in range(known.bounds[place], known.bounds[place + 1]):
            item, sides = known.values[k] >> 2, known.values[k] & 3
            if hits[item, 0] != row:
                hits[item, 0], hits[item, 1], hits[item, 2] = row, 0, 0
            for side in range(2):
                if sides >> side & 1:
                    hits[item, 1 + side] += 1
                    if hits[item, 1 + side] == index.need[item, side]:
                        items[number] = item
                        number += 1
    return number


@part
def _by_summary(
    summary: Hashes,
    count: Int,
    row: Int,
    index: Index,
    rows: Rows,
    state: State,
    found: Found,
    number: Int,
) -> Int:
    """Short rows that share a band, where one side is so short that phrases tell little."""
    known = index.bands
    for band in range(BANDS):
        place = find(band_key(summary, band), known)
        if place < 0:
            continue
        start, stop = known.bounds[place], known.bounds[place + 1]
        for k in range(start, stop):
            short = known.values[k]
            item = rows.short[short]
            if state.met[short] == row or min(count, rows.words[item]) >= SHORT:
                continue
            if k - start >= TURNS:
                state.crowded[item] = True
                continue
            state.met[short] = row
            jaccard = similarity(summary, rows.summary[short])
            if jaccard >= ALIKE:
                number = _put(found, number, row, item, (jaccard, 0.0, 0.0, 0.0))
    return number


@kernel
def count_phrases(texts: TextArrays, made: Hashing, phrases: Lookup, counts: Numbers, seen: Numbers) -> None:
    """In how many of some texts each phrase of the look-up stands."""
    folded, words, grams, _ = buffers(widest(texts.bounds))
    for row in range(len(texts.prompts)):
        start, stop = texts.bounds[row], texts.bounds[row + 1]
        _, count, _, _ = read_words(texts.data, start, stop, texts.prompts[row], made.table, folded, words)
        if count < GRAM:
            continue
        for i in range(hash_phrases(words, count, made.keys, grams)):
            place = find(grams[i], phrases)
            if place >= 0 and seen[place] != row:
                seen[place] = row
                counts[place] += 1

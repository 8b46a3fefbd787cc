"""The eval side, made ready for training texts to be held against it: fingerprints, words and the index of 5-grams."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from checks.contract import Data, Split, TextSettings
from checks.text.containment import Index, build_index, empty_index, entries
from checks.text.copies import first_rows
from checks.text.lookup import Lookup, lookup
from checks.text.phrases import phrases
from checks.text.prints import Bands, Fingerprinter, Prints, joined
from checks.text.texts import Texts
from checks.text.wordlists import WordLists, word_lists

VERSION = 1
"""Of what a walk yields; kept walks of other versions are not looked at."""
PROMPT = 8
"""Words that a prompt must have to be looked for inside training texts; shorter ones are common speech."""
CROWD = 1 << 16
"""Pairs of one band bucket up to which all are judged: half a second of comparing."""
LEAST, LARGEST = 16, 1 << 12
"""Training texts of one bucket that an eval text is compared with, at least and at most. Tool defaults: they bound the time
alone, what is left out is counted (`crowded_eval_rows`)."""


def of_band(band: int, keys: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Keys of a band as those of `by_bands`."""
    return keys.astype(np.uint64) << np.uint64(32) | np.uint64(band)


def by_bands(bands: Bands, stays: NDArray[np.bool_]) -> Lookup:
    """The rows that stay by their band keys."""
    chosen = np.flatnonzero(stays[bands.rows])
    keys = [of_band(band, ours[chosen]) for band, ours in enumerate(bands.keys)]
    return lookup(np.concatenate(keys), np.tile(bands.rows[chosen], len(keys)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What training texts are held against; without eval texts all of it is empty."""

    settings: TextSettings
    texts: Texts
    prints: Prints
    first: NDArray[np.int64]
    """For each eval row the first one with the same text; only these are looked for."""
    by_text: Lookup
    """The first half of a text's hash -> the first eval row with that text; blank rows are left out."""
    lists: WordLists
    index: Index
    """Items 0 to rows-1 are the texts, rows to 2 rows-1 their prompts."""
    phrases: NDArray[np.uint64]
    """Hashes of the 5-grams that many eval texts share."""
    phrase_rows: NDArray[np.int64]
    """How many distinct eval texts share each of them."""
    by_words: Lookup
    by_characters: Lookup
    """Eval rows by the keys of their bands; of equal texts the first alone."""
    most: NDArray[np.int64]
    """Training texts that share a band with this eval text and are compared with it, at most. It depends on the eval set
    alone, so that parts of train can be walked one by one: `CROWD` divided by the eval texts of its largest bucket."""

    def key(self) -> str:
        """A hash of all that a walk depends on besides the training texts."""
        lists = self.lists
        content = (lists.words, lists.bounds, lists.asked, self.prints.text, self.prints.prompt)
        found = hashlib.sha256(repr((VERSION, self.settings)).encode())
        for array in content:
            found.update(np.ascontiguousarray(array).data)
        return found.hexdigest()

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Per eval row, whether containment can see its text: some of its 5-grams are indexed."""
        seen: NDArray[np.bool_] = self.index.kept[: len(self.first)][self.first] > 0
        return seen


def probe(data: Data) -> Probe:
    """The eval side of an audit; use it as `data.once(probe)`."""
    return prepare(data.eval, data.text)


def prepare(evals: Split | None, settings: TextSettings) -> Probe:
    """Make the eval texts ready, if there are any."""
    texts = Texts(evals or Split(role="eval", parts=()))
    batches = [batch for _, batch in texts]
    made = Fingerprinter(settings, empty_index(), 0)
    prints = joined([made.none(), *(made.see(batch)[0] for batch in batches)])
    rows = len(prints.words)
    lists = word_lists(batches, texts=rows, room=int(prints.words.sum()))
    first = first_rows(prints.text, prints.blank)
    alone = first == np.arange(rows)
    grams, counts = phrases(lists.words, lists.bounds, alone)
    prompts = np.where((lists.asked >= PROMPT) & alone, lists.asked, 0)
    sizes = np.where(alone, np.diff(lists.bounds), 0)
    starts, lengths = np.tile(lists.bounds[:-1], 2), np.concatenate((sizes, prompts))
    index = build_index(*entries(lists.words, starts, lengths, grams), 2 * rows, grams)
    named = np.flatnonzero(alone & ~prints.blank)
    largest = np.ones(rows, np.int64)
    for bands in (prints.by_words, prints.by_characters):
        _fullest(bands, alone, largest)
    return Probe(
        settings=settings,
        texts=texts,
        prints=prints,
        first=first,
        by_text=lookup(prints.text[named, 0], named),
        lists=lists,
        index=index,
        phrases=grams,
        phrase_rows=counts,
        by_words=by_bands(prints.by_words, alone),
        by_characters=by_bands(prints.by_characters, alone),
        most=np.clip(CROWD // largest, LEAST, LARGEST),
    )


def _fullest(bands: Bands, stays: NDArray[np.bool_], out: NDArray[np.int64]) -> None:
    """Raise `out` to the number of rows that stay in the largest bucket of each row."""
    chosen = np.flatnonzero(stays[bands.rows])
    for keys in bands.keys:
        _, bucket, sizes = np.unique(keys[chosen], return_inverse=True, return_counts=True)
        rows = bands.rows[chosen]
        out[rows] = np.maximum(out[rows], sizes[bucket])

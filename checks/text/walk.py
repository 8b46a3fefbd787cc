"""One walk over some training texts: their fingerprints, and every pair with an eval text that is worth judging, judged.

A walk knows nothing of other walks, so that train can be walked in parts: one after the other as it is read, by several
processes, or kept from an earlier audit. What bounds the work (so many candidates for an eval text) follows from the
texts alone, so that the best of the best of all parts are the best of the whole, whatever the parts and their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks.text.align import coverages
from checks.text.containment import best
from checks.text.copies import first_rows
from checks.text.jaccard import similarities
from checks.text.join import join
from checks.text.prints import Fingerprinter, Prints, joined
from checks.text.probe import Probe
from checks.text.texts import TextArrays, Texts

ALIKE = 0.6
"""Coverage from which a pair that only shares 5-grams is worth a Jaccard similarity too."""
_FULL = 1 << 20
"""Candidates that are held before all but the best are dropped."""


class Pairs(NamedTuple):
    """Judged pairs of a training and an eval row; copies of one text appear once."""

    train: NDArray[np.int64]
    eval: NDArray[np.int64]
    close: NDArray[np.bool_]
    """They share a MinHash band or are equal; the others share 5-grams alone."""
    hits: NDArray[np.int32]
    """Shape (pairs, 2): indexed grams of the eval text and of its prompt that the training text holds; 0 for too few."""
    jaccard: NDArray[np.float64]
    """0 where neither bands nor coverage suggest any."""
    coverage: NDArray[np.float64]
    """Shape (pairs, 2): of the eval text and of its prompt."""

    def take(self, places: NDArray[Any]) -> Pairs:
        """Some of the pairs."""
        train, evals, close, hits, jaccard, coverage = (values[places] for values in self)
        return Pairs(train, evals, close, hits, jaccard, coverage)


def together(parts: Sequence[Pairs], firsts: Sequence[int]) -> Pairs:
    """The pairs of several parts, of which each begins at a row of the whole."""
    return Pairs(
        np.concatenate([part.train + first for part, first in zip(parts, firsts, strict=True)]),
        np.concatenate([part.eval for part in parts]),
        np.concatenate([part.close for part in parts]),
        np.concatenate([part.hits for part in parts]),
        np.concatenate([part.jaccard for part in parts]),
        np.concatenate([part.coverage for part in parts]),
    )


class Walk(NamedTuple):
    """What the walk over a part of train yields; rows are numbered from 0."""

    prints: Prints
    pairs: Pairs
    crowded: NDArray[np.bool_]
    """Per eval row, whether it had more candidates than were judged."""
    phrase_rows: NDArray[np.int64]
    """Rows that hold each phrase of the probe."""


class Walker:
    """Walks over the batches of a part of train."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._fingerprinter = Fingerprinter(probe.settings, probe.index, len(probe.phrases))
        self._prints = [self._fingerprinter.none()]
        self._found = [np.zeros((0, 3), np.int32)]
        self._texts = [np.zeros(0, np.uint64)]
        self._over = np.zeros(len(probe.index.need), np.bool_)
        self._row = self._held = 0

    def see(self, batch: TextArrays) -> None:
        """Fingerprint the next texts and hold them against the index."""
        prints, found = self._fingerprinter.see(batch)
        self._prints.append(prints)
        self._texts.append(prints.text[found[:, 0], 0])
        found[:, 0] += np.int32(self._row)
        self._found.append(found)
        self._row += len(batch.prompts)
        self._held += len(found)
        if self._held > _FULL:
            self._drop()

    def _drop(self) -> None:
        """Keep the best candidates alone."""
        found, texts = np.concatenate(self._found), np.concatenate(self._texts)
        chosen, over = best(found, texts)
        self._over[over] = True
        self._found, self._texts = [found[chosen]], [texts[chosen]]
        self._held = 0

    def done(self, texts: Texts) -> Walk:
        """Judge the candidates among the texts that were seen."""
        probe, prints = self._probe, joined(self._prints)
        self._drop()
        rows, first = len(probe.first), first_rows(prints.text, prints.blank)
        close, crowded = join(prints, first == np.arange(len(first)), probe)
        item = self._found[0][:, 1].astype(np.int64)
        held = np.stack((first[self._found[0][:, 0]], item % max(rows, 1)), axis=1)
        every = np.concatenate((close, held))
        pairs, place = np.unique(every, axis=0, return_inverse=True)
        is_close, hits = np.zeros(len(pairs), np.bool_), np.zeros((len(pairs), 2), np.int32)
        is_close[place[: len(close)]] = True
        hits[place[len(close) :], item // max(rows, 1)] = self._found[0][:, 2]
        coverage = coverages(texts, probe.lists, pairs)
        jaccard = np.zeros(len(pairs))
        alike = np.flatnonzero(is_close | (coverage[:, 0] >= ALIKE))
        jaccard[alike] = self._jaccard(texts, pairs[alike])
        crowded[np.flatnonzero(self._over) % max(rows, 1)] = True
        judged = Pairs(pairs[:, 0], pairs[:, 1], is_close, hits, jaccard, coverage)
        return Walk(prints, judged, crowded, self._fingerprinter.phrase_rows)

    def _jaccard(self, texts: Texts, pairs: NDArray[np.int64]) -> NDArray[np.float64]:
        cut = self._fingerprinter.cut
        return similarities(texts, self._probe.texts, pairs, word_size=cut.words, short=cut.short)

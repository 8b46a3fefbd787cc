"""How rare each term is: one pass over train that counts the texts which hold it, each wording once."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks.rewritten.spans import WHOLE, Spans, spans
from checks.rewritten.stems import LETTERS, Reader, reader
from checks.rewritten.terms import read_terms
from checks.text.grams import PRIME, mix
from checks.text.hashtable import place_of, slots_for
from checks.text.kernel import Codes, Hash, Hashes, Int, kernel, part
from checks.text.texts import TextArrays, Texts

U32, U64 = np.uint32, np.uint64
_A_ROW = 16
"""Counters a row: two rare terms then share one in about one case of ten, which makes both look a little less rare."""
_FEWEST, _MOST = 20, 23
"""Counters are 2^20 to 2^23, at most 64 MB with their weights."""


_LEAST = np.float32(1e-3)
"""What a term says at least, though all texts hold it: a weight of 0 would look like a term that is not there."""


class Weights(NamedTuple):
    """How much each term says."""

    idf: NDArray[np.float32]
    """ln((rows + 1) / (rows with the term + .5)) by the leading bits of the term."""
    shift: np.uint64
    """Right shift of a term that gives its place."""
    rows: int
    """Distinct wordings that were counted, of train and eval."""


class Counted(NamedTuple):
    """What the first pass over train yields."""

    weights: Weights
    fresh: list[NDArray[np.bool_]]
    """For each batch, which of its spans nobody had before: copies are compared once."""
    distinct: int
    """Different wordings of whole prompts in train."""


def counted(train: Texts, evals: Texts) -> Counted:
    """Count the terms of both sides."""
    counter = _Counter(len(train) + len(evals))
    fresh = [counter.see(batch) for _, batch in train]
    distinct = counter.rows
    for _, batch in evals:
        counter.see(batch)
    return Counted(counter.weights(), fresh, distinct)


class _Counter:
    """Counts batch by batch; the order of rows changes no count."""

    def __init__(self, rows: int) -> None:
        bits = min(_MOST, max(_FEWEST, (_A_ROW * max(rows, 1)).bit_length()))
        self._counts, self._shift = np.zeros(1 << bits, U32), U64(64 - bits)
        self._seen, self._filled = np.zeros(1 << 10, U64), 0
        self.rows = 0

    def see(self, batch: TextArrays) -> NDArray[np.bool_]:
        """Count the terms of a batch; which of its spans have a wording that is new."""
        parts = spans(batch, paragraphs=True)
        wanted = int(slots_for(self._filled + len(parts.rows)))
        if wanted > len(self._seen):
            self._seen = _moved(self._seen, wanted)
        fresh = np.zeros(len(parts.rows), np.bool_)
        wholes = _count(batch, parts, reader(), self._seen, self._counts, self._shift, fresh)
        self._filled += int(fresh.sum())
        self.rows += int(wholes)
        return fresh

    def weights(self) -> Weights:
        """The weights that follow from the counts."""
        idf = np.log((self.rows + 1) / (self._counts + 0.5), dtype=np.float32)
        return Weights(np.maximum(idf, _LEAST, out=idf), self._shift, self.rows)


@part
def weight_of(term: Hash, idf: NDArray[Any], shift: Hash) -> np.float32:
    """How much a term says, in nats."""
    return idf[mix(term) >> shift]  # type: ignore[no-any-return]


@part
def _remember(seen: Hashes, name: Hash) -> bool:
    """Put a name that is not 0 into the table; whether it is new."""
    mask = U64(len(seen) - 1)
    slot = (name * PRIME >> U64(32)) & mask
    while seen[slot] != U64(0):
        if seen[slot] == name:
            return False
        slot = (slot + U64(1)) & mask
    seen[slot] = name
    return True


@kernel
def _moved(seen: Hashes, size: Int) -> Hashes:
    """The same names in a table of another size."""
    out = np.zeros(size, U64)
    for name in seen:
        if name != U64(0):
            _remember(out, name)
    return out


@kernel
def _count(
    texts: TextArrays,
    parts: Spans,
    by: Reader,
    seen: Hashes,
    counts: Codes,
    shift: Hash,
    fresh: NDArray[np.bool_],
) -> Int:
    longest: Int = np.int64(1)
    for i in range(len(parts.rows)):
        longest = max(longest, parts.stops[i] - parts.starts[i])
    letters, terms = np.empty(LETTERS, U32), np.empty(longest, U64)
    size = slots_for(longest)
    table, stamps = np.empty(size, U64), np.zeros(size, np.int32)
    rows: Int = 0
    for i in range(len(parts.rows)):
        count = read_terms(texts.data, parts.starts[i], parts.stops[i], by, letters, terms)
        if count == 0:
            continue
        name = U64(count)
        for n in range(count):
            name = mix(name ^ terms[n]) + U64(n)
        if not _remember(seen, name | U64(1)):
            continue
        fresh[i] = True
        if parts.kinds[i] != WHOLE:
            continue
        rows += 1
        mask = U64(slots_for(count) - 1)
        for n in range(count):
            slot = place_of(table, stamps, i + 1, terms[n], mask)
            if stamps[slot] != i + 1:
                table[slot], stamps[slot] = terms[n], i + 1
                counts[mix(terms[n]) >> shift] += U32(1)
    return rows

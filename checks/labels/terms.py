"""Texts as weighted terms (TF-IDF), from Arrow text buffers to sparse rows in two passes.

A term is a hash that falls into one of 2^22 buckets; two terms of one bucket count as the same, which with the 200,000
terms of a large corpus happens to one in twenty. So neither pass needs a table of strings.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from checks.text.fold import FoldTable
from checks.text.grams import decode, hash_grams, mix
from checks.text.kernel import Bytes, Hashes, Int, Numbers, kernel, part
from checks.text.texts import TextArrays
from checks.text.words import buffers, fold_table, read_words, widest

Kind = Literal["words", "characters"]
"""`words`: single words and pairs of neighbours. `characters`: runs of four within a word with a blank on either side."""

U64 = np.uint64
Values = TypeVar("Values", NDArray[np.int32], NDArray[np.float32])
BITS = 22
RARE = 2
"""Texts that a term must stand in to count: what stands in one alone says nothing of the others."""
_RUN = np.int64(4)


class Vocabulary(NamedTuple):
    """The terms that a set of texts shares."""

    kind: Kind
    ids: NDArray[np.int32]
    """Bucket -> number of the term; -1 where no term, or a rare one, falls into it."""
    least: int
    """Texts that each term stands in at least."""
    rarity: NDArray[np.float32]
    """Weight of each term: 1 + ln((1 + texts) / (1 + texts that hold it))."""


class Terms(NamedTuple):
    """Texts as sparse rows: the terms of text i are `ids[starts[i]:starts[i + 1]]`, their weights have length 1 together."""

    starts: NDArray[np.int64]
    ids: NDArray[np.int32]
    weights: NDArray[np.float32]


def vocabulary(texts: TextArrays, kind: Kind, most: int = 1 << BITS, *, least: int = RARE) -> Vocabulary:
    """The terms that stand in at least `least` of the texts; where these are more than `most`, in so many more of them."""
    held, last = np.zeros(1 << BITS, np.int32), np.full(1 << BITS, -1, np.int32)
    _count(texts.data, texts.bounds, fold_table(), kind == "words", held, last)
    if np.count_nonzero(held >= least) > most:
        least = int(np.partition(held, -most)[-most])
        if np.count_nonzero(held >= least) > most:  # of equally frequent terms all stay or none
            least += 1
    kept = np.flatnonzero(held >= least)
    ids = np.full(1 << BITS, -1, np.int32)
    ids[kept] = np.arange(len(kept), dtype=np.int32)
    rarity = 1 + np.log((1 + len(texts.prompts)) / (1 + held[kept]))
    return Vocabulary(kind, ids, least, rarity.astype(np.float32))


def weigh(texts: TextArrays, known: Vocabulary) -> Terms:
    """The texts as weighted terms: (1 + ln count) x rarity, scaled to length 1 (sublinear TF-IDF)."""
    starts = np.zeros(len(texts.prompts) + 1, np.int64)
    place = np.full(len(known.rarity) + 1, -1, np.int64)
    words = known.kind == "words"
    ids, weights = _weigh(
        texts.data, texts.bounds, fold_table(), words, known.ids, known.rarity, place, starts
    )
    return Terms(starts, ids, weights)


@part
def _word_terms(words: Hashes, count: Int, out: Hashes) -> Int:
    for i in range(count):
        out[i] = mix(words[i])
    if count < 2:
        return count
    return count + hash_grams(words, count, 2, out[count:])


@part
def _character_terms(folded: Bytes, end: Int, scratch: Hashes, out: Hashes) -> Int:
    """Runs of four characters of " word ", or all of it where it is shorter."""
    count: Int = np.int64(0)
    i: Int = np.int64(0)
    while i < end:
        if folded[i] == 0:
            i += 1
            continue
        scratch[0] = U64(32)
        size: Int = np.int64(1)
        while i < end and folded[i] != 0:
            code, i = decode(folded, i)
            scratch[size] = U64(code)
            size += 1
        scratch[size] = U64(32)
        count += hash_grams(scratch, size + 1, _RUN, out[count:])
    return count


@part
def _terms(
    data: Bytes,
    start: Int,
    stop: Int,
    table: FoldTable,
    by_word: bool,
    folded: Bytes,
    one: Hashes,
    two: Hashes,
) -> Int:
    _, words, end, _ = read_words(data, start, stop, -1, table, folded, one)
    if by_word:
        return _word_terms(one, words, two)
    return _character_terms(folded, end, one, two)


@kernel
def _count(
    data: Bytes,
    bounds: Numbers,
    table: FoldTable,
    by_word: bool,
    held: NDArray[np.int32],
    last: NDArray[np.int32],
) -> None:
    """Count in how many texts each bucket occurs."""
    folded, one, two, _ = buffers(widest(bounds) + 4)
    for row in range(len(bounds) - 1):
        count = _terms(data, bounds[row], bounds[row + 1], table, by_word, folded, one, two)
        for i in range(count):
            bucket = two[i] >> U64(64 - BITS)
            if last[bucket] != row:
                last[bucket] = row
                held[bucket] += 1


@kernel
def _weigh(
    data: Bytes, bounds: Numbers, table: FoldTable, by_word: bool, known: NDArray[np.int32],
    rarity: NDArray[np.float32], place: Numbers, starts: Numbers,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:  # fmt: skip
    """Fill `starts`, return `ids` and `weights`; `place` remembers where a term of the row at hand stands.

    The arrays grow with what is found: a text could hold eleven terms for each of its bytes, and hardly holds one.
    """
    ids, weights = np.empty(bounds[-1] - bounds[0], np.int32), np.empty(bounds[-1] - bounds[0], np.float32)
    folded, one, two, _ = buffers(widest(bounds) + 4)
    end: Int = np.int64(0)
    for row in range(len(bounds) - 1):
        first = end
        count = _terms(data, bounds[row], bounds[row + 1], table, by_word, folded, one, two)
        if end + count > len(ids):
            ids, weights = _longer(ids, end, end + count), _longer(weights, end, end + count)
        for i in range(count):
            term = known[two[i] >> U64(64 - BITS)]
            if term < 0:
                continue
            if place[term] < first:
                place[term] = end
                ids[end] = term
                weights[end] = np.float32(0)
                end += 1
            weights[place[term]] += np.float32(1)
        length = np.float32(0)
        for i in range(first, end):
            weights[i] = (np.float32(1) + np.log(weights[i])) * rarity[ids[i]]
            length += weights[i] * weights[i]
        if length > 0:
            scale = np.float32(1) / np.sqrt(length)
            for i in range(first, end):
                weights[i] *= scale
        starts[row + 1] = end
    return ids[:end].copy(), weights[:end].copy()


@part
def _longer(values: Values, used: Int, least: Int) -> Values:
    """A copy with room for twice as much, and for `least` at least."""
    longer = np.empty(max(2 * len(values), least), values.dtype)
    longer[:used] = values[:used]
    return longer

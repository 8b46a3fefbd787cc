"""Eval texts as keyed hashes, enough to find them in training texts and no text.

Per row: its size in words, a hash of the whole, a hash of the prompt, the set of the hashes of its five-word phrases
in the order of these hashes, and for a short row a summary of 512 bits. Runs of five characters, by which short rows
are compared where the text is at hand, are left out on purpose: there are so few of them (70 million of letters, digits
and spaces) that whoever has the key could list them all and read the text off the set. The summary holds four bits of
each MinHash value instead, from which no run can be told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks.text import minhash
from checks.text.fold import FoldTable
from checks.text.grams import hash_characters, hash_grams, hash_text, hash_visible
from checks.text.kernel import Bytes, Hash, Hashes, Int, kernel, part
from checks.text.keyed import PHRASE, PIECE, PROMPT, TEXT, TEXT_TOO, keyed, subkeys
from checks.text.summaries import SIZE, VALUES, summarise
from checks.text.texts import TextArrays, Texts
from checks.text.words import EXPANSION, buffers, fold_table, read_words, widest

U64 = np.uint64

GRAM = 5
"""Words of a phrase."""
SUMMED = 52
"""Rows of fewer words carry a summary: at Jaccard .6 a partner of a text that is short (`SHORT`) has fewer."""
_GRAM = np.int64(GRAM)


class Rows(NamedTuple):
    """Hashed rows, as they are saved."""

    words: NDArray[np.int32]
    asked: NDArray[np.int32]
    """Words of the prompt; -1 where a row has none."""
    text: NDArray[np.uint64]
    """Hash of the folded text, shape (rows, 2); 0 where nothing of it can be seen."""
    prompt: NDArray[np.uint64]
    """Hash of the folded prompt; 0 where there is none with a word in it."""
    bounds: NDArray[np.int64]
    """Row i has the phrases from `bounds[i]` up to `bounds[i + 1]`."""
    phrases: NDArray[np.uint64]
    """Hashes of phrases, sorted in each row and each once."""
    asked_for: NDArray[np.bool_]
    """Whether a phrase stands in the prompt."""
    short: NDArray[np.int64]
    """The rows that carry a summary, ascending."""
    summary: NDArray[np.uint64]
    """Shape (short rows, 8)."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """An eval set that can be compared with and not be read."""

    name: str
    """Of its file."""
    key: bytes
    rows: Rows


class Hashing(NamedTuple):
    """What the kernels hash with."""

    table: FoldTable
    keys: NDArray[np.uint64]
    factors: NDArray[np.uint32]
    offsets: NDArray[np.uint32]


def hashing(key: bytes) -> Hashing:
    """Everything that hashes depend on."""
    return Hashing(fold_table(), subkeys(key), *minhash.permutations(VALUES))


def make_rows(texts: Texts, key: bytes) -> Rows:
    """The rows of a sketch, from the texts in their order."""
    made = hashing(key)
    parts = [_hashed(_NONE, made), *(_hashed(batch, made) for batch in _slices(texts))]
    firsts = np.cumsum([0, *(len(part.words) for part in parts)])
    fills = np.cumsum([0, *(len(part.phrases) for part in parts)])
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in Rows._fields}
    bounds = [part.bounds[1:] + fill for part, fill in zip(parts, fills, strict=False)]
    short = [part.short + first for part, first in zip(parts, firsts, strict=False)]
    return Rows(**joined)._replace(
        bounds=np.concatenate((np.zeros(1, np.int64), *bounds)), short=np.concatenate(short)
    )


_SLICE = 1_024
"""Texts hashed at a time: bounds the room for their phrases."""
_NONE = TextArrays(np.zeros(0, np.uint8), np.zeros(1, np.int64), np.zeros(0, np.int64))
_NONE.data.flags.writeable = False


def _slices(texts: Texts) -> Iterator[TextArrays]:
    for _, batch in texts:
        for first in range(0, len(batch.prompts), _SLICE):
            last = first + _SLICE
            yield TextArrays(batch.data, batch.bounds[first : last + 1], batch.prompts[first:last])


def _hashed(texts: TextArrays, made: Hashing) -> Rows:
    count = len(texts.prompts)
    room = int(texts.bounds[-1] - texts.bounds[0]) * EXPANSION
    rows = Rows(
        words=np.empty(count, np.int32),
        asked=np.empty(count, np.int32),
        text=np.empty((count, 2), U64),
        prompt=np.empty(count, U64),
        bounds=np.zeros(count + 1, np.int64),
        phrases=np.empty(room, U64),
        asked_for=np.empty(room, np.bool_),
        short=np.empty(count, np.int64),
        summary=np.zeros((count, SIZE), U64),
    )
    short = _hash_rows(texts, made, rows)
    fill = rows.bounds[-1]
    return rows._replace(
        phrases=rows.phrases[:fill],
        asked_for=rows.asked_for[:fill],
        short=rows.short[:short],
        summary=rows.summary[:short],
    )


@kernel
def _hash_rows(texts: TextArrays, made: Hashing, rows: Rows) -> Int:
    """Fill `rows` from a batch of texts; returns how many carry a summary."""
    folded, words, grams, scratch = buffers(widest(texts.bounds))
    small, signature = np.empty(len(grams) + 4, np.uint32), np.empty(VALUES, np.uint32)
    short: Int = 0
    for row in range(len(texts.prompts)):
        start, stop = texts.bounds[row], texts.bounds[row + 1]
        asked, count, end, _ = read_words(
            texts.data, start, stop, texts.prompts[row], made.table, folded, words
        )
        rows.words[row] = count
        rows.asked[row] = asked if texts.prompts[row] >= 0 else -1
        rows.text[row, 0], rows.text[row, 1], rows.prompt[row] = hash_whole(
            texts.data, start, stop, words, asked, count, made
        )
        fill = rows.bounds[row]
        if count >= GRAM:
            hash_phrases(words, count, made.keys, grams)
            fill = _keep(grams, count - GRAM + 1, asked if asked < count else 0, rows, fill)
        rows.bounds[row + 1] = fill
        if 0 < count < SUMMED:
            number = hash_pieces(folded, end, made.keys, scratch, grams)
            summarise(grams, number, made.factors, made.offsets, small, signature, rows.summary[short])
            rows.short[short] = row
            short += 1
    return short


@part
def hash_whole(
    data: Bytes, start: Int, stop: Int, words: Hashes, asked: Int, count: Int, made: Hashing
) -> tuple[Hash, Hash, Hash]:
    """Keyed hash of a text (two numbers, of what can be seen where it has no word) and of its prompt."""
    zero = np.int64(0)
    one, two = hash_text(words, zero, asked, U64(0), U64(0))
    prompt = keyed(made.keys, PROMPT, one, two) if asked > 0 else U64(0)
    if count > 0:
        one, two = hash_text(words, asked, count, one, two)
    else:
        one, two = hash_visible(data, start, stop, made.table.codes)
        if one == U64(0) and two == U64(0):
            return U64(0), U64(0), prompt
    return keyed(made.keys, TEXT, one, two), keyed(made.keys, TEXT_TOO, one, two), prompt


@part
def hash_phrases(words: Hashes, count: Int, keys: Hashes, out: Hashes) -> Int:
    """Keyed hashes of the phrases of a text, in its order; returns how many."""
    number = hash_grams(words, count, _GRAM, out)
    for i in range(number):
        out[i] = keyed(keys, PHRASE, out[i], U64(0))
    return number


@part
def hash_pieces(folded: Bytes, end: Int, keys: Hashes, scratch: Hashes, out: Hashes) -> Int:
    """Keyed hashes of the runs of five characters of a folded text; returns how many."""
    number = hash_characters(folded, np.int64(0), end, scratch, out)
    for i in range(number):
        out[i] = keyed(keys, PIECE, out[i], U64(0))
    return number


@part
def _keep(grams: Hashes, number: Int, asked: Int, rows: Rows, fill: Int) -> Int:
    """Append the phrases of a row, sorted, each once; returns the new fill."""
    questions, everything = np.sort(grams[: max(0, asked - GRAM + 1)]), np.sort(grams[:number])
    place = 0
    for i in range(number):
        gram = everything[i]
        if i > 0 and gram == everything[i - 1]:
            continue
        while place < len(questions) and questions[place] < gram:
            place += 1
        rows.phrases[fill] = gram
        rows.asked_for[fill] = place < len(questions) and questions[place] == gram
        fill += 1
    return fill

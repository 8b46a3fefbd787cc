"""Fingerprints of texts: sizes, hashes and MinHash bands, made batch by batch in one walk over the texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks.contract import TextSettings
from checks.text import minhash
from checks.text.containment import Index, hits, look_up, survivors
from checks.text.fold import FoldTable
from checks.text.grams import GRAM, hash_characters, hash_grams, hash_text, hash_visible
from checks.text.kernel import Codes, Hashes, Int, Numbers, frozen, kernel, part
from checks.text.minhash import Banding, band_keys, one_bits, sign
from checks.text.texts import TextArrays
from checks.text.words import buffers, fold_table, read_words, widest

U64 = np.uint64
_GRAM = np.int64(GRAM)
SHORT = 30
"""Fewer words than this are compared by characters: at Jaccard .8 one changed word needs 49 words of 5-grams."""
EVERY = 1 << 40


class Shingling(NamedTuple):
    """How the texts of an audit are cut into shingles."""

    words: int
    """Words per shingle; 0: characters only."""
    words_from: int
    """Texts of at least this many words get word bands."""
    characters_below: int
    """Texts of fewer words than this get character bands."""
    short: int
    """A pair with a side of fewer words than this is compared by characters."""


def shingling(settings: TextSettings) -> Shingling:
    """The shingling of `settings`.

    In `auto`, texts a little longer than short ones carry character bands as well, so that the two kinds meet. A short
    text is not looked for among longer ones than these; only texts that repeat themselves could be alike there.
    """
    nearly_short = int(np.ceil(SHORT / settings.threshold)) + 2
    return {
        "auto": Shingling(5, SHORT, nearly_short, SHORT),
        "w5": Shingling(5, 1, 0, 0),
        "w3": Shingling(3, 1, 0, 0),
        "c5": Shingling(0, EVERY, EVERY, 0),
    }[settings.shingle]


class Columns:
    """The band keys of several runs of rows, put together one band at a time: all of them may not fit into memory."""

    def __init__(self, parts: Sequence[NDArray[np.uint32] | Columns]) -> None:
        self._parts = parts

    def __len__(self) -> int:
        return len(self._parts[0])

    def __getitem__(self, band: int) -> NDArray[np.uint32]:
        return frozen((np.concatenate([part[band] for part in self._parts]),))[0]

    def __iter__(self) -> Iterator[NDArray[np.uint32]]:
        return (self[band] for band in range(len(self)))


class Bands(NamedTuple):
    """MinHash fingerprints of the rows that are compared by one kind of shingle."""

    rows: NDArray[np.int64]
    keys: Any
    """Band keys (uint32) by band and row: an array, or `Columns` where several runs of rows were put together."""
    bits: NDArray[np.uint64]
    """One bit of each signature value, shape (rows, 2)."""


class Prints(NamedTuple):
    """Fingerprints of the rows of a split, in row order."""

    words: NDArray[np.int32]
    """Words of the text."""
    asked: NDArray[np.int32]
    """Words of its prompt; -1 where there is none."""
    text: NDArray[np.uint64]
    """128-bit hash of the folded text, shape (rows, 2); of the visible bytes where it holds no word, 0 if it is blank."""
    prompt: NDArray[np.uint64]
    """64-bit hash of the folded prompt; 0 where there is none or it holds no word."""
    control: NDArray[np.bool_]
    """Whether the text holds control characters."""
    by_words: Bands
    by_characters: Bands

    @property
    def blank(self) -> NDArray[np.bool_]:
        """Rows whose text shows nothing, so that no detector can compare them."""
        blank: NDArray[np.bool_] = (self.words == 0) & ~self.text.any(axis=1)
        return blank


def joined(parts: Sequence[Prints], join: Callable[[Sequence[Any]], Any] = np.concatenate) -> Prints:
    """Fingerprints of several runs of rows, at least one, as those of one; `join` puts their arrays together."""
    firsts = np.cumsum([0, *(len(part.words) for part in parts)])[:-1].tolist()

    def together(each: Sequence[Bands]) -> Bands:
        rows = [one.rows + first for one, first in zip(each, firsts, strict=True)]
        return Bands(join(rows), Columns([one.keys for one in each]), join([one.bits for one in each]))

    return Prints(
        words=join([part.words for part in parts]),
        asked=join([part.asked for part in parts]),
        text=join([part.text for part in parts]),
        prompt=join([part.prompt for part in parts]),
        control=join([part.control for part in parts]),
        by_words=together([part.by_words for part in parts]),
        by_characters=together([part.by_characters for part in parts]),
    )


class _Hashing(NamedTuple):
    factors: NDArray[np.uint32]
    offsets: NDArray[np.uint32]
    band_rows: int


class _Counters(NamedTuple):
    """Running counts, changed by the kernel."""

    fills: Numbers
    """Rows in the bands by words and by characters."""
    state: Numbers
    """Per item of the index: stamp and hits of the row at hand (see `containment.hits`)."""
    phrases: Numbers
    """Per phrase of the index: texts that hold it, stamp of the last of them."""


class Fingerprinter:
    """Fingerprints batches of texts as they come, and holds each text against an index of eval texts."""

    def __init__(self, settings: TextSettings, index: Index, phrases: int) -> None:
        self.cut = shingling(settings)
        self.banding = minhash.banding(settings.threshold, settings.recall, settings.permutations)
        self._hashing = _Hashing(*minhash.permutations(settings.permutations), self.banding.rows)
        self._index = index
        state = np.zeros(len(index.need), np.int64)
        self._counters = _Counters(np.zeros(2, np.int64), state, np.zeros((phrases, 2), np.int64))
        self._room = np.empty((1 << 12, 3), np.int32)
        self._row = 0

    @property
    def phrase_rows(self) -> Numbers:
        """Texts that hold each phrase of the index."""
        counted: Numbers = self._counters.phrases[:, 0]
        return counted

    def none(self) -> Prints:
        """The fingerprints of no rows."""
        return _empty(0, self.cut, self.banding)

    def see(self, batch: TextArrays) -> tuple[Prints, NDArray[np.int32]]:
        """Fingerprints of one batch and its candidates: row of the batch, item of the index, hits."""
        rows = len(batch.prompts)
        before = self._counters.phrases[:, 0].copy()
        while True:
            made = _empty(rows, self.cut, self.banding)
            self._counters.fills[:] = 0
            number = _fingerprint(
                batch, self._row, fold_table(), self._hashing, self._index, self.cut, made, self._counters,
                self._room,
            )  # fmt: skip
            self._row += rows
            if number <= len(self._room):
                break
            # Rare: once more with enough room, and new stamps.
            self._room = np.empty((2 * number, 3), np.int32)
            self._counters.phrases[:, 0] = before
        by_words, by_characters = self._counters.fills.tolist()
        made = made._replace(
            by_words=_used(made.by_words, by_words), by_characters=_used(made.by_characters, by_characters)
        )
        return made, self._room[:number].copy()


def _empty(rows: int, cut: Shingling, banding: Banding) -> Prints:
    return Prints(
        words=np.empty(rows, np.int32),
        asked=np.empty(rows, np.int32),
        text=np.empty((rows, 2), U64),
        prompt=np.empty(rows, U64),
        control=np.empty(rows, np.bool_),
        by_words=_room(banding, rows if cut.words else 0),
        by_characters=_room(banding, rows if cut.characters_below else 0),
    )


def _room(banding: Banding, rows: int) -> Bands:
    return Bands(
        np.empty(rows, np.int64), np.empty((banding.bands, rows), np.uint32), np.empty((rows, 2), U64)
    )


def _used(bands: Bands, fill: int) -> Bands:
    return Bands(bands.rows[:fill], bands.keys[:, :fill], bands.bits[:fill])


@part
def _add(
    bands: Bands,
    fill: Int,
    row: Int,
    grams: Hashes,
    count: Int,
    hashing: _Hashing,
    scratch: Codes,
    signature: Codes,
) -> None:
    """Append the MinHash fingerprint of a row."""
    sign(grams, count, hashing.factors, hashing.offsets, scratch, signature)
    bands.rows[fill] = row
    band_keys(signature, hashing.band_rows, bands.keys, fill)
    bands.bits[fill, 0], bands.bits[fill, 1] = one_bits(signature)


@part
def _name(prints: Prints, row: Int, words: Hashes, asked: Int, count: Int) -> None:
    """Write the hashes of a row's prompt and text."""
    one, two = hash_text(words, np.int64(0), asked, U64(0), U64(0))
    prints.prompt[row] = one
    prints.text[row, 0], prints.text[row, 1] = hash_text(words, asked, count, one, two)


@kernel
def _fingerprint(
    texts: TextArrays,
    before: Int,
    table: FoldTable,
    hashing: _Hashing,
    index: Index,
    cut: Shingling,
    prints: Prints,
    counters: _Counters,
    found: NDArray[np.int32],
) -> Int:
    """Fingerprint one batch of texts; returns how many candidates there are.

    A result above `len(found)` means that candidates were lost for want of room. `before` is the number of texts seen
    so far, from which stamps follow.
    """
    folded, words, grams, scratch = buffers(widest(texts.bounds))
    small, signature = np.empty(len(grams) + 4, np.uint32), np.empty(len(hashing.factors), np.uint32)
    left, places = np.empty(len(words), U64), np.empty(len(words), np.int64)
    items = np.empty(len(counters.state), np.int64)
    zero = np.int64(0)
    number: Int = zero
    for row in range(len(texts.prompts)):
        start, stop = texts.bounds[row], texts.bounds[row + 1]
        asked, count, end, control = read_words(
            texts.data, start, stop, texts.prompts[row], table, folded, words
        )
        prints.words[row], prints.control[row] = count, control
        prints.asked[row] = asked if texts.prompts[row] >= 0 else -1
        indexed = count >= GRAM and len(index.slots) > 1
        if indexed:  # what memory is asked for here is there when it is needed below
            size = hash_grams(words, count, _GRAM, grams)
            known = survivors(grams, size, index, left)
        _name(prints, row, words, asked, count)
        if count == 0:
            prints.text[row, 0], prints.text[row, 1] = hash_visible(texts.data, start, stop, table.codes)
            continue
        if indexed:
            known = look_up(left, known, before + row + 1, index, counters.phrases, places)
        if count >= cut.words_from:
            if cut.words != GRAM or not indexed:
                size = hash_grams(words, count, cut.words, grams)
            _add(prints.by_words, counters.fills[0], row, grams, size, hashing, small, signature)
            counters.fills[0] += 1
        if count < cut.characters_below:
            size = hash_characters(folded, zero, end, scratch, grams)
            _add(prints.by_characters, counters.fills[1], row, grams, size, hashing, small, signature)
            counters.fills[1] += 1
        if indexed and known > 0:
            size = hits(places, known, before + row + 1, index, counters.state, items)
            number = _list(items[:size], row, counters.state, found, number)
    return number


@part
def _list(items: Numbers, row: Int, state: Numbers, found: NDArray[np.int32], number: Int) -> Int:
    """Append the candidates of one row, as many as there is room for; returns how many there would be."""
    for item in items:
        if number < len(found):
            found[number, 0], found[number, 1] = row, item
            found[number, 2] = state[item] & 0xFFFFF
        number += 1
    return number

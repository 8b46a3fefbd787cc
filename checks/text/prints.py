"""Fingerprints of texts: sizes, hashes and MinHash bands, made in one pass over a split."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks.contract import Data, TextSettings
from checks.text import minhash
from checks.text.containment import GRAM, Index, choose, hits, survivors
from checks.text.fold import FoldTable
from checks.text.grams import hash_characters, hash_grams, hash_text, hash_visible
from checks.text.kernel import Codes, Hashes, Int, kernel, part
from checks.text.minhash import Banding, band_keys, one_bits, sign
from checks.text.texts import TextArrays, Texts
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


class Bands(NamedTuple):
    """MinHash fingerprints of the rows that are compared by one kind of shingle."""

    rows: NDArray[np.int64]
    keys: NDArray[np.uint32]
    """Band keys, shape (bands, rows)."""
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


class _Hashing(NamedTuple):
    factors: NDArray[np.uint32]
    offsets: NDArray[np.uint32]
    band_rows: int


class _Counters(NamedTuple):
    """Running counts of a split, changed by the kernel."""

    fills: NDArray[np.int64]
    """Rows in the bands by words and by characters."""
    state: NDArray[np.int64]
    """Per item of the index: hits needed, stamp and hits of the row at hand (see `containment.hits`)."""
    tried: NDArray[np.int64]
    left: NDArray[np.int64]


def fingerprint(
    data: Data, texts: Texts, index: Index, cut: Shingling, banding: Banding
) -> tuple[Prints, NDArray[np.int32], NDArray[np.int64]]:
    """Fingerprints of all texts, (row, item) candidates of the index, and per item how many were left out."""
    rows, items = len(texts), len(index.need)
    hashing = _Hashing(*minhash.permutations(data.text.permutations), banding.rows)
    prints = Prints(
        words=np.empty(rows, np.int32),
        asked=np.empty(rows, np.int32),
        text=np.empty((rows, 2), U64),
        prompt=np.empty(rows, U64),
        control=np.empty(rows, np.bool_),
        by_words=_room(banding, rows if cut.words else 0),
        by_characters=_room(banding, rows if cut.characters_below else 0),
    )
    state = np.stack((index.need.astype(np.int64), np.zeros(items, np.int64)), axis=1)
    counters = _Counters(np.zeros(2, np.int64), state, np.zeros(items, np.int64), np.zeros(items, np.int64))
    found, pairs = [np.empty((0, 2), np.int32)], np.empty((1 << 16, 2), np.int32)
    for first, batch in texts:
        before = counters.fills.copy(), counters.tried.copy(), counters.left.copy()
        number = _scan_batch(batch, first, fold_table(), hashing, index, cut, prints, counters, pairs)
        if number > len(pairs):  # rare: not all candidates found room, so once more with enough of it
            pairs = np.empty((2 * number, 2), np.int32)
            counters.fills[:], counters.tried[:], counters.left[:] = before
            counters.state[:, 1] = 0
            number = _scan_batch(batch, first, fold_table(), hashing, index, cut, prints, counters, pairs)
        found.append(pairs[:number].copy())
        data.tick("comparing", first + len(batch.prompts), rows)
    by_words, by_characters = counters.fills.tolist()
    done = prints._replace(
        by_words=_used(prints.by_words, by_words), by_characters=_used(prints.by_characters, by_characters)
    )
    return done, np.concatenate(found), counters.left


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


@kernel
def _scan_batch(
    texts: TextArrays,
    first: Int,
    table: FoldTable,
    hashing: _Hashing,
    index: Index,
    cut: Shingling,
    prints: Prints,
    counters: _Counters,
    pairs: NDArray[np.int32],
) -> Int:
    """Fingerprint one batch of texts into the arrays of the split; returns how many candidate pairs there are.

    A result above `len(pairs)` means that pairs were lost for want of room and the batch must be scanned again with
    the counters as they were.
    """
    folded, words, grams, scratch = buffers(widest(texts.bounds))
    small, signature = np.empty(len(grams) + 4, np.uint32), np.empty(len(hashing.factors), np.uint32)
    keys, places = np.empty(len(words), U64), np.empty(len(words), U64)
    items = np.empty(len(counters.state), np.int64)
    zero = np.int64(0)
    number: Int = zero
    for i in range(len(texts.prompts)):
        row, start, stop = first + i, texts.bounds[i], texts.bounds[i + 1]
        asked, count, end, control = read_words(
            texts.data, start, stop, texts.prompts[i], table, folded, words
        )
        prints.words[row], prints.control[row] = count, control
        prints.asked[row] = asked if texts.prompts[i] >= 0 else -1
        one, two = hash_text(words, zero, asked, U64(0), U64(0))
        prints.prompt[row] = one
        if count == 0:
            prints.text[row, 0], prints.text[row, 1] = hash_visible(texts.data, start, stop, table.codes)
            continue
        prints.text[row, 0], prints.text[row, 1] = hash_text(words, asked, count, one, two)
        if count < cut.characters_below:
            found = hash_characters(folded, zero, end, scratch, grams)
            _add(prints.by_characters, counters.fills[1], row, grams, found, hashing, small, signature)
            counters.fills[1] += 1
        if count >= cut.words_from:
            found = hash_grams(words, count, cut.words, grams)
            _add(prints.by_words, counters.fills[0], row, grams, found, hashing, small, signature)
            counters.fills[0] += 1
        if count < GRAM or len(items) == 0:
            continue
        if count < cut.words_from or cut.words != GRAM:
            hash_grams(words, count, _GRAM, grams)
        found = survivors(grams, count - GRAM + 1, index)
        found = hits(grams, found, row + 1, index, counters.state, keys, places, items)
        number = choose(items, found, counters.state, counters.tried, counters.left, row, pairs, number)
    return number

"""The word hashes of whole sets of texts, for what is small enough to hold: the eval side, and samples of train."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks.text.fold import FoldTable
from checks.text.kernel import Hashes, Int, Numbers, frozen, kernel
from checks.text.texts import TextArrays
from checks.text.words import buffers, fold_table, read_words, widest


class WordLists(NamedTuple):
    """The word hashes of some texts."""

    words: NDArray[np.uint64]
    bounds: NDArray[np.int64]
    """Text i has the words `words[bounds[i]:bounds[i + 1]]`."""
    asked: NDArray[np.int64]
    """Words of its prompt, which come first; 0 where it has none or nothing else."""


def word_lists(batches: Iterable[TextArrays], *, texts: int, room: int) -> WordLists:
    """The word hashes of all texts of the batches, of which there are `texts` with at most `room` words."""
    words, bounds, asked = np.empty(room, np.uint64), np.zeros(texts + 1, np.int64), np.zeros(texts, np.int64)
    first = 0
    for batch in batches:
        _append(batch, first, fold_table(), words, bounds, asked)
        first += len(batch.prompts)
    return frozen(WordLists(words[: bounds[-1]], bounds, asked))


@kernel
def _append(
    texts: TextArrays, first: Int, table: FoldTable, out: Hashes, bounds: Numbers, asked: Numbers
) -> None:
    folded, words, _, _ = buffers(widest(texts.bounds))
    for row in range(len(texts.prompts)):
        start, stop = texts.bounds[row], texts.bounds[row + 1]
        prompt, count, _, _ = read_words(texts.data, start, stop, texts.prompts[row], table, folded, words)
        fill = bounds[first + row]
        for i in range(count):
            out[fill + i] = words[i]
        bounds[first + row + 1] = fill + count
        asked[first + row] = prompt if prompt < count else 0

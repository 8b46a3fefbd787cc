"""Templates: phrases that many rows of both sides share. Texts that share nothing else are not leaked into each other.

A phrase is a run of five words that many distinct eval texts share (`checks.text.phrases`); where as large a share of
the training rows has it too, both sides were made with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from checks.contract import Data
from checks.text.fold import FoldTable
from checks.text.grams import GRAM, hash_grams, hash_text
from checks.text.hashtable import GramSet, gram_set, holds
from checks.text.kernel import Hashes, Int, Numbers, kernel
from checks.text.phrases import FREQUENT, FREQUENT_SHARE
from checks.text.scan import scan
from checks.text.texts import CHUNK, TextArrays, Texts
from checks.text.wordlists import WordLists
from checks.text.words import EXPANSION, MARGIN, buffers, fold_into, fold_table, read_words, widest

U64 = np.uint64
_GRAM = np.int64(GRAM)


@dataclass(frozen=True, slots=True)
class Templates:
    """The 5-grams that are frequent on both sides, sorted by hash."""

    grams: NDArray[np.uint64]
    eval_rows: NDArray[np.int64]
    """Distinct eval texts that hold each."""
    train_rows: NDArray[np.int64]
    """Training rows that hold it."""


def templates(data: Data) -> Templates:
    """What both sides were made with; use it as `data.once(templates)`."""
    made = data.once(scan)
    shared = made.phrase_rows > max(FREQUENT, FREQUENT_SHARE * data.train.rows)
    return Templates(made.probe.phrases[shared], made.probe.phrase_rows[shared], made.phrase_rows[shared])


def only_templates(
    train: Texts, lists: WordLists, pairs: NDArray[np.int64], known: Templates
) -> NDArray[np.bool_]:
    """Which pairs share 5-grams, and none but those of templates.

    Args:
        train: training texts.
        lists: words of the eval texts.
        pairs: shape (n, 2), training and eval rows.
        known: the templates.
    """
    out = np.zeros(len(pairs), np.bool_)
    if not len(known.grams):
        return out
    order, held = np.lexsort((pairs[:, 1], pairs[:, 0])), gram_set(known.grams)
    for start in range(0, len(order), CHUNK):
        chosen = order[start : start + CHUNK]
        rows, numbers = np.unique(pairs[chosen, 0], return_inverse=True)
        out[chosen] = _only(train.pick(rows), numbers, lists, pairs[chosen, 1], held, fold_table())
    return out


def template_prompts(lists: WordLists, known: Templates) -> NDArray[np.bool_]:
    """Per eval row, whether its prompt of five words or more is made of templates alone."""
    return _prompts(lists, gram_set(known.grams))


@dataclass(frozen=True, slots=True)
class Wording:
    """A stretch of words between others, made of templates."""

    text: str
    """Its folded words."""
    eval_rows: int
    """Distinct eval texts in which it stands as a whole and no word longer."""
    train_rows: int
    """Training rows that hold all its 5-grams, at most."""


def wordings(
    lists: WordLists, first: NDArray[np.int64], evals: Texts, known: Templates
) -> tuple[Wording, ...]:
    """The templates in words, those of most eval texts first.

    Args:
        lists: words of the eval texts.
        first: for each eval row the first one with its text.
        evals: the eval texts.
        known: the templates.
    """
    rows = np.flatnonzero(first == np.arange(len(first)))
    runs, hashes = _runs(lists, rows, gram_set(known.grams), known.grams, known.train_rows)
    _, place, counts = np.unique(hashes, return_index=True, return_counts=True)
    found = []
    for at, count in zip(place.tolist(), counts.tolist(), strict=True):
        row, start, size, least = runs[at].tolist()
        words = _words(evals.pick(np.array([row])))
        found.append(Wording(" ".join(words[start : start + size]), count, least))
    return tuple(sorted(found, key=lambda one: (-one.eval_rows, -one.train_rows, one.text)))


def _words(text: TextArrays) -> list[str]:
    """The folded words of one text."""
    folded = np.empty(EXPANSION * len(text.data) + MARGIN, np.uint8)
    end, _ = fold_into(text.data, 0, len(text.data), fold_table(), folded, 0)
    return [word.decode() for word in folded[:end].tobytes().split(b"\0") if word]


@kernel
def _only(
    left: TextArrays, numbers: Numbers, right: WordLists, rows: Numbers, known: GramSet, table: FoldTable
) -> NDArray[np.bool_]:
    """`only_templates` of one chunk of pairs sorted by their training text, which is read once."""
    folded, words, grams, _ = buffers(widest(left.bounds))
    longest = 0
    for row in rows:
        longest = max(longest, right.bounds[row + 1] - right.bounds[row])
    theirs, out = np.empty(longest + 1, U64), np.zeros(len(rows), np.bool_)
    last: Int = -1
    number: Int = 0
    for n in range(len(rows)):
        a, start = numbers[n], right.bounds[rows[n]]
        if a != last:
            _, count, _, _ = read_words(
                left.data, left.bounds[a], left.bounds[a + 1], left.prompts[a], table, folded, words
            )
            number = hash_grams(words, count, _GRAM, grams) if count >= GRAM else 0
            last = a
        size = right.bounds[rows[n] + 1] - start
        found = hash_grams(right.words[start : start + size], size, _GRAM, theirs) if size >= GRAM else 0
        needle = gram_set(theirs[:found])
        both = False
        for i in range(number):
            if holds(needle, grams[i]):
                both = holds(known, grams[i])
                if not both:
                    break
        out[n] = both
    return out


@kernel
def _prompts(lists: WordLists, known: GramSet) -> NDArray[np.bool_]:
    out, longest = np.zeros(len(lists.asked), np.bool_), 0
    for row in range(len(out)):
        longest = max(longest, lists.asked[row])
    grams = np.empty(longest + 1, U64)
    for row in range(len(out)):
        size, start = lists.asked[row], lists.bounds[row]
        if size < GRAM:
            continue
        out[row] = True
        for i in range(hash_grams(lists.words[start : start + size], size, _GRAM, grams)):
            if not holds(known, grams[i]):
                out[row] = False
                break
    return out


@kernel
def _runs(
    lists: WordLists, rows: Numbers, known: GramSet, grams: Hashes, counts: Numbers
) -> tuple[NDArray[np.int64], Hashes]:
    """(row, first word, words, least training rows) of each stretch of templates, and a hash of its words."""
    total, longest = 0, 0
    for row in rows:
        size = lists.bounds[row + 1] - lists.bounds[row]
        total, longest = total + size // GRAM, max(longest, size)
    out, hashes = np.empty((total, 4), np.int64), np.empty(total, U64)
    scratch, filled = np.empty(longest + 1, U64), 0
    for row in rows:
        start = lists.bounds[row]
        size = lists.bounds[row + 1] - start
        number = hash_grams(lists.words[start : start + size], size, _GRAM, scratch) if size >= GRAM else 0
        begin, least = -1, np.int64(0)
        for i in range(number + 1):
            if i < number and holds(known, scratch[i]):
                count = counts[np.searchsorted(grams, scratch[i])]
                least = count if begin < 0 else min(least, count)
                begin = i if begin < 0 else begin
            elif begin >= 0:
                stop = i - 1 + GRAM
                one, two = hash_text(lists.words, start + begin, start + stop, U64(0), U64(0))
                out[filled, 0], out[filled, 1], out[filled, 2], out[filled, 3] = (
                    row,
                    begin,
                    stop - begin,
                    least,
                )
                hashes[filled] = one ^ two
                filled, begin = filled + 1, -1
    return out[:filled], hashes[:filled]

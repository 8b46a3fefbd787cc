"""The one pass over every text of an audit: fingerprints of both splits, and where eval texts may stand in train."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from checks.contract import Data
from checks.text import containment, minhash
from checks.text.containment import Index
from checks.text.minhash import Banding
from checks.text.prints import Prints, Shingling, fingerprint, shingling
from checks.text.texts import TextArrays, Texts, eval_texts, train_texts
from checks.text.wordlists import WordLists, word_lists

PROMPT = 8
"""Words that a prompt must have to be looked for inside training texts; shorter ones are common speech."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What the pass over all texts yields."""

    cut: Shingling
    banding: Banding
    bits: int
    """Signature bits kept per row."""
    train: Prints
    eval: Prints | None
    lists: WordLists | None
    """The words of the eval texts."""
    candidates: NDArray[np.int32]
    """(training row, eval row) pairs that share many 5-grams of the eval row or its prompt; unique, sorted."""
    seen: NDArray[np.bool_]
    """Per eval row, whether containment could see its text: some of its 5-grams are indexed."""
    left: NDArray[np.int64]
    """Per eval row, candidates that were left out because training rows had too many of them."""
    sampled: int
    """Training rows in which common phrases were counted."""
    common: int
    """5-grams that were not indexed because more than `containment.COMMON` of these rows share them."""


def scan(data: Data) -> Scan:
    """Fingerprint every text of `data` and stream train past an index of eval; use it as `data.once(scan)`."""
    cut, bits = shingling(data.text), min(128, data.text.permutations)
    banding = minhash.banding(data.text.threshold, data.text.recall, data.text.permutations)
    train, evals = data.once(train_texts), data.once(eval_texts)
    if evals is None:
        prints, pairs, left = fingerprint(data, train, containment.empty_index(), cut, banding)
        return Scan(
            cut=cut, banding=banding, bits=bits, train=prints, eval=None, lists=None, candidates=pairs,
            seen=np.zeros(0, np.bool_), left=left, sampled=0, common=0,
        )  # fmt: skip
    eval_prints, _, _ = fingerprint(data, evals, containment.empty_index(), cut, banding)
    batches = (batch for _, batch in evals)
    lists = word_lists(batches, texts=len(evals), room=int(eval_prints.words.sum()))
    index, sampled, common = _index(lists, train)
    prints, pairs, left = fingerprint(data, train, index, cut, banding)
    rows = len(evals)
    pairs[:, 1] %= max(rows, 1)  # item numbers: first the whole texts, then the prompts
    pairs = np.unique(pairs, axis=0)
    return Scan(
        cut=cut,
        banding=banding,
        bits=bits,
        train=prints,
        eval=eval_prints,
        lists=lists,
        candidates=pairs,
        seen=index.kept[:rows] > 0,
        left=left[:rows] + left[rows:],
        sampled=sampled,
        common=common,
    )


def promising(
    made: Scan, left: Prints, right: Prints, pairs: NDArray[np.int64], least: int
) -> NDArray[np.bool_]:
    """Which pairs of rows agree in at least `least` signature bits, of the kind of shingle they are compared by."""
    few = np.minimum(left.words[pairs[:, 0]], right.words[pairs[:, 1]]) < made.cut.short
    by_characters = few if made.cut.words else np.ones(len(pairs), np.bool_)
    good = np.zeros(len(pairs), np.bool_)
    for chosen, ours, theirs in (
        (~by_characters, left.by_words, right.by_words),
        (by_characters, left.by_characters, right.by_characters),
    ):
        one = ours.bits[np.searchsorted(ours.rows, pairs[chosen, 0])]
        two = theirs.bits[np.searchsorted(theirs.rows, pairs[chosen, 1])]
        good[chosen] = made.bits - np.bitwise_count(one ^ two).sum(axis=1, dtype=np.int64) >= least
    return good


def _sample(train: Texts) -> TextArrays:
    """Distinct texts of evenly spaced training rows: copies of one text do not make its phrases common."""
    rows = np.unique(np.linspace(0, len(train) - 1, min(len(train), containment.SAMPLE)).astype(np.int64))
    picked = train.pick(rows)
    data, bounds = picked.data.data, picked.bounds.tolist()
    first: dict[bytes, int] = {}  # by hash: copies of the texts would cost more than the rest of this
    for i in range(len(rows)):
        first.setdefault(blake2b(data[bounds[i] : bounds[i + 1]], digest_size=16).digest(), i)
    return picked if len(first) == len(rows) else train.pick(rows[list(first.values())])


def _index(lists: WordLists, train: Texts) -> tuple[Index, int, int]:
    """Index the 5-grams of the eval texts (items 0..n-1) and of their prompts (items n..2n-1), common ones left out.

    Also says in how many training rows phrases were counted, and how many were left out.
    """
    rows = len(lists.asked)
    prompts = np.where(lists.asked >= PROMPT, lists.asked, 0)
    starts, lengths = np.tile(lists.bounds[:-1], 2), np.concatenate((np.diff(lists.bounds), prompts))
    grams, items = containment.entries(lists.words, starts, lengths)
    index = containment.build_index(grams, items, 2 * rows)
    sample = _sample(train)
    common = containment.common_grams(index, sample)
    if len(common):
        rare = ~np.isin(grams, common)
        index = containment.build_index(grams[rare], items[rare], 2 * rows)
    return index, len(sample.prompts), len(common)

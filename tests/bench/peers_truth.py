"""What a comparison of tools is held against: every pair of texts that is near, by an exact join."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests import oracle
from tests.bench.exact_join import joined

Pair = tuple[int, int]


@dataclass(frozen=True)
class Truth:
    """The first rows of a corpus."""

    rows: int
    pairs: frozenset[Pair]
    """All whose sets of word 5-grams have a Jaccard similarity of at least .8, lower row first."""
    planted: frozenset[Pair]
    """Near copies that the corpus was made with, of these."""

    def within(self, rows: int) -> Truth:
        """What is true of fewer rows."""
        kept = [frozenset(pair for pair in pairs if pair[1] < rows) for pairs in (self.pairs, self.planted)]
        return Truth(min(rows, self.rows), *kept)


@dataclass(frozen=True)
class Score:
    """How well a tool did."""

    planted: int
    """Planted pairs of which it would leave a row out."""
    pairs: int
    """Pairs of all of which it would leave a row out."""
    false: int
    """Pairs that it reports and that are not near, or rows that it leaves out though they have no near one."""


def score(found: Mapping[str, Sequence], truth: Truth) -> Score:
    """Hold pairs and rows, as `peers_tools.Found` has them, against the truth."""
    pairs = {(min(pair), max(pair)) for pair in found["pairs"]}
    out = {row for row, _ in found["pairs"]} | set(found["rows"])
    near = {row for pair in truth.pairs for row in pair}
    return Score(
        planted=sum(a in out or b in out for a, b in truth.planted),
        pairs=sum(a in out or b in out for a, b in truth.pairs),
        false=len(pairs - truth.pairs) + len(set(found["rows"]) - near),
    )


def truth_of(words: Sequence[Sequence[str]], planted: Sequence[Pair]) -> Truth:
    """Join the texts, given by their folded words, with themselves.

    5-grams stand for themselves by 64-bit hashes: at ten million of them, two differ and look alike once in 370,000 runs.
    """
    hashes = [np.array([hash(one) for one in oracle.shingles(text, "w5")], np.int64) for text in words]
    _, numbers = np.unique(np.concatenate(hashes), return_inverse=True)
    sets = [np.sort(one) for one in np.split(numbers, np.cumsum([len(one) for one in hashes])[:-1])]
    pairs = frozenset((min(a, b), max(a, b)) for a, b in joined(sets))
    return Truth(len(words), pairs, frozenset(planted) & pairs)


def planted_pairs(path: Path) -> list[Pair]:
    """Near copies within train, lower row first, of a truth file as `tests/bench/corpus.py` writes it."""
    with path.open("rb") as lines:
        relations = map(json.loads, lines)
        return [
            (min(one["a"], one["b"]), max(one["a"], one["b"]))
            for one in relations
            if (one["rel"], one["kind"]) == ("dup", "near")
        ]

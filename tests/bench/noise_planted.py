"""Labels with planted mistakes, for the benchmarks of label noise: read or made up, thinned out, mislabelled, audited."""

from __future__ import annotations

import csv
import gzip
import json
import sys
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

Slip = Literal["uniform", "pair"]
"""`uniform`: to any other class alike. `pair`: to the class whose words are most like those of the true one."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Texts and the number of the class of each."""

    texts: list[str]
    labels: NDArray[np.int64]

    @property
    def classes(self) -> int:
        """Classes, numbered from 0."""
        return int(self.labels.max()) + 1


def read(path: Path) -> Labelled:
    """A CSV file whose first two columns are text and label, or JSON (.gz) of lists of [text, label], by split."""
    if ".json" in path.suffixes:
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rb") as file:
            splits = json.load(file)
        pairs = [pair for name, rows in splits.items() if "oos" not in name for pair in rows]
    else:
        with path.open(encoding="utf-8", newline="") as file:
            pairs = [row[:2] for row in csv.reader(file)][1:]
    names = {name: number for number, name in enumerate(sorted({label for _, label in pairs}))}
    return Labelled([text for text, _ in pairs], np.array([names[label] for _, label in pairs]))


def made_up(rows: int, classes: int, *, own: float = 0.4, hard: float = 0.1, seed: int = 0) -> Labelled:
    """Texts of 8 to 39 words by Zipf's law; a word is typical of the class with chance `own`, in a `hard` text none is."""
    from tests import helpers

    draw = np.random.default_rng(seed)
    words = np.array(helpers.vocabulary(30_000, seed=seed), dtype=object)
    zipf = np.cumsum(1 / np.arange(1, len(words) + 1))
    zipf /= zipf[-1]
    labels, lengths = draw.integers(0, classes, rows), draw.integers(8, 40, rows)
    total = int(lengths.sum())
    common, typical = (np.searchsorted(zipf, draw.random(total)) for _ in range(2))
    typical = (typical % 1500 * classes + np.repeat(labels, lengths)) % len(words)
    chosen = (draw.random(total) < own) & ~np.repeat(draw.random(rows) < hard, lengths)
    drawn = words[np.where(chosen, typical, common)]
    ends = np.concatenate(([0], np.cumsum(lengths)))
    return Labelled([" ".join(drawn[a:b]) for a, b in pairwise(ends.tolist())], labels)


def thinned(whole: Labelled, rows: int, classes: int, seed: int) -> Labelled:
    """Some rows of some classes, drawn at random."""
    draw = np.random.default_rng([seed, rows, classes])
    kept = draw.permutation(whole.classes)[:classes]
    here = draw.permutation(np.flatnonzero(np.isin(whole.labels, kept)))[:rows]
    _, labels = np.unique(whole.labels[here], return_inverse=True)
    return Labelled([whole.texts[row] for row in here.tolist()], labels)


def most_alike(given: Labelled) -> NDArray[np.int64]:
    """For each class the other one whose words are most alike (cosine of summed TF-IDF)."""
    words = [sorted(set(text.lower().split())) for text in given.texts]
    names = {word: number for number, word in enumerate(sorted(set(chain.from_iterable(words))))}
    rows = np.repeat(given.labels, [len(one) for one in words])
    columns = np.array([names[word] for word in chain.from_iterable(words)])
    table = np.zeros((given.classes, len(names)))
    np.add.at(table, (rows, columns), 1)
    table *= np.log(len(words) / np.bincount(columns))
    table /= np.linalg.norm(table, axis=1, keepdims=True) + 1e-12
    alike = table @ table.T
    np.fill_diagonal(alike, -1)
    return alike.argmax(axis=1)


def mislabelled(
    given: Labelled, rate: float, slip: Slip, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Labels of which a share is wrong, and which ones."""
    draw = np.random.default_rng([seed, 77])
    wrong = np.zeros(len(given.labels), np.bool_)
    wrong[draw.permutation(len(wrong))[: round(rate * len(wrong))]] = True
    if slip == "uniform":
        others = (given.labels + draw.integers(1, given.classes, len(wrong))) % given.classes
    else:
        others = most_alike(given)[given.labels]
    return np.where(wrong, others, given.labels), wrong


def audited(texts: list[str], labels: NDArray[np.int64]):
    """The data as an audit takes it."""
    from checks.contract import Data
    from tests import helpers

    columns = {"text": texts, "label": [f"c{label:04d}" for label in labels.tolist()]}
    return Data(train=helpers.stored("train", columns))


def average_precision(wrong: NDArray[np.bool_], score: NDArray[np.floating]) -> float:
    """Mean precision at each wrong label, the lowest scores first."""
    hit = wrong[np.argsort(score, kind="stable")]
    return float((np.cumsum(hit) / np.arange(1, len(hit) + 1))[hit].mean()) if hit.any() else float("nan")

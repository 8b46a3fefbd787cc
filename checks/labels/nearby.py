"""Rows of another class that are like a row, to hold beside it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from checks.contract import Data
from checks.labels.centroids import centroids, likeness
from checks.labels.classifier import WEIGHTS
from checks.labels.suspicion import CELLS
from checks.labels.terms import vocabulary, weigh
from checks.text.clusters import train_clusters
from checks.text.texts import train_texts

CANDIDATES = 1_000
"""Rows of a class that are looked at, so that a large class costs no more than a small one."""

Rows = NDArray[np.int64]


def nearest(data: Data, asked: Rows, candidates: Rows, *, most: int) -> tuple[Rows, bool]:
    """The candidates that are most like each row that is asked about, by the cosine of their character runs.

    These are the runs and weights that the model goes by (`checks.labels.terms`), so what it takes for alike stands here:
    each candidate is a class of a single text. A candidate with the very text that is asked about is none.

    Args:
        data: train has the rows.
        asked: rows.
        candidates: rows; of two that are equally alike the first one goes before.
        most: candidates for each row, at least 1.

    Returns:
        Candidates, one line for each row asked about, the most alike first, -1 where no more have anything in common with
        it; and whether runs that stand in few of the candidates were left out, as there are too many to be kept.
    """
    found = np.full((len(asked), most), -1, np.int64)
    count = len(candidates)
    if not count:
        return found, False
    texts, first = data.once(train_texts), data.once(train_clusters).first
    arrays = texts.pick(candidates)
    known = vocabulary(arrays, "characters", WEIGHTS // count, least=1)
    sums, squares = centroids(
        weigh(arrays, known), np.arange(count, dtype=np.int32), count, len(known.rarity)
    )
    step = max(1, CELLS // count)
    for start in range(0, len(asked), step):
        rows = asked[start : start + step]
        alike = likeness(weigh(texts.pick(rows), known), sums, squares)
        alike[first[rows][:, None] == first[candidates]] = 0
        best = np.argsort(-alike, axis=1, kind="stable")[:, :most]
        common = np.take_along_axis(alike, best, axis=1) > 0
        found[start : start + step, : best.shape[1]] = np.where(common, candidates[best], -1)
    return found, known.least > 1

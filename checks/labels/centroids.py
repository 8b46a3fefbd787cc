"""How well each label fits its text: likeness to the other texts of the class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from checks.labels.margins import Scores
from checks.labels.terms import Terms
from checks.text.kernel import Numbers, kernel

F32 = np.float32


def centroids(
    terms: Terms, labels: NDArray[np.int32], classes: int, size: int
) -> tuple[Scores, NDArray[np.float64]]:
    """Sum of the texts of each class, shape (size, classes), and its squared length."""
    sums = np.zeros((size, classes), F32)
    _add(terms.starts, terms.ids, terms.weights, labels, sums)
    return sums, np.einsum("tk,tk->k", sums, sums, dtype=np.float64)


def likeness(
    terms: Terms, sums: Scores, squares: NDArray[np.float64], labels: NDArray[np.int32] | None = None
) -> Scores:
    """Cosine of each text with each class; with `labels`, the text itself is taken out of its own class (exactly)."""
    found = np.zeros((len(terms.starts) - 1, sums.shape[1]), F32)
    _sum(terms.starts, terms.ids, terms.weights, sums, found)
    rows = np.arange(len(found))
    own = np.zeros(0) if labels is None else found[rows, labels].astype(np.float64)
    found /= np.sqrt(np.maximum(squares, 1e-9)).astype(F32)
    if labels is None:
        return found
    itself = (np.diff(terms.starts) > 0).astype(np.float64)  # squared length of a text: 0 without known terms
    left = squares[labels] - 2 * own + itself
    alone = left < 0.5  # no weight is negative: a single text left has length 1 already, less is rounding
    found[rows, labels] = np.where(alone, 0, (own - itself) / np.sqrt(np.maximum(left, 0.5)))
    if alone.any():  # nothing is left of the class: as alike as texts and classes are on the whole
        found[rows[alone], labels[alone]] = np.median(found)
    return found


@kernel
def _add(
    starts: Numbers,
    ids: NDArray[np.int32],
    values: NDArray[np.float32],
    labels: NDArray[np.int32],
    sums: Scores,
) -> None:
    for row in range(len(labels)):
        for t in range(starts[row], starts[row + 1]):
            sums[ids[t], labels[row]] += values[t]


@kernel
def _sum(
    starts: Numbers, ids: NDArray[np.int32], values: NDArray[np.float32], sums: Scores, out: Scores
) -> None:
    classes = sums.shape[1]
    for row in range(len(starts) - 1):
        for t in range(starts[row], starts[row + 1]):
            value, term = values[t], ids[t]
            for k in range(classes):
                out[row, k] += value * sums[term, k]

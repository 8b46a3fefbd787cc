"""How well each label fits its text: linear support vector machines, one for each class against the rest.

All classes are trained in one sweep by dual coordinate descent (Hsieh et al. 2008, the method of LIBLINEAR) with
squared hinge loss: the weights of a term for all classes lie side by side, so one visit of a text serves every class.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from checks.labels.terms import Terms
from checks.text.kernel import Int, Numbers, kernel

F32, U64 = np.float32, np.uint64
PENALTY = 0.5
"""C of LIBLINEAR: noisy labels want more regularisation than its default of 1."""
SWEEPS = 5
"""Passes over the texts; on banking77 and CLINC150 with planted noise the ranking does not change from the fourth on."""
FOLDS = 5

Scores = NDArray[np.float32]
"""Shape (texts, classes)."""


def out_of_fold(
    terms: Terms, labels: NDArray[np.int32], folds: NDArray[np.int8], classes: int, size: int
) -> Scores:
    """Score of every class for each text, by a model that has not seen the text's fold.

    Args:
        terms: the texts.
        labels: class of each text, 0 to classes - 1.
        folds: fold of each text, 0 to FOLDS - 1.
        classes: number of classes.
        size: number of terms in the vocabulary.
    """
    scores = np.zeros((len(labels), classes), F32)
    for fold in range(FOLDS):
        held = np.flatnonzero(folds == fold)
        if len(held):
            weights = train(terms, labels, np.flatnonzero(folds != fold), classes, size)
            _score(terms.starts, terms.ids, terms.weights, held, weights, scores)
    return scores


def train(
    terms: Terms, labels: NDArray[np.int32], rows: NDArray[np.int64], classes: int, size: int
) -> Scores:
    """Weights of every term for every class, shape (size + 1, classes); the last row is the bias."""
    weights = np.zeros((size + 1, classes), F32)
    duals = np.zeros((len(rows), classes), F32)
    _descend(
        terms.starts, terms.ids, terms.weights, labels, rows, F32(1 / (2 * PENALTY)), SWEEPS, weights, duals
    )
    return weights


def score(terms: Terms, weights: Scores) -> Scores:
    """Score of every class for each text."""
    rows = np.arange(len(terms.starts) - 1)
    scores = np.zeros((len(rows), weights.shape[1]), F32)
    _score(terms.starts, terms.ids, terms.weights, rows, weights, scores)
    return scores


@kernel
def _descend(
    starts: Numbers, ids: NDArray[np.int32], values: NDArray[np.float32], labels: NDArray[np.int32], rows: Numbers,
    ridge: np.float32, sweeps: Int, weights: Scores, duals: Scores,
) -> None:  # fmt: skip
    """Dual coordinate descent; visits the texts in an order that a fixed linear congruential generator shuffles."""
    classes, bias = weights.shape[1], weights.shape[0] - 1
    margin = np.empty(classes, F32)
    order = np.arange(len(rows))
    state = U64(1)
    for _ in range(sweeps):
        for i in range(len(rows) - 1, 0, -1):
            state = state * U64(6364136223846793005) + U64(1442695040888963407)
            other = np.int64((state >> U64(33)) % U64(i + 1))
            order[i], order[other] = order[other], order[i]
        for place in order:
            row = rows[place]
            first, last = starts[row], starts[row + 1]
            for k in range(classes):
                margin[k] = weights[bias, k]
            norm = F32(1) + ridge
            for t in range(first, last):
                value, term = values[t], ids[t]
                norm += value * value
                for k in range(classes):
                    margin[k] += value * weights[term, k]
            step = F32(1) / norm
            moved = False
            for k in range(classes):
                sign = F32(1) if labels[row] == k else F32(-1)
                old = duals[place, k]
                new = max(F32(0), old - (sign * margin[k] - F32(1) + ridge * old) * step)
                duals[place, k] = new
                margin[k] = (new - old) * sign
                moved |= new != old
            if moved:
                for k in range(classes):
                    weights[bias, k] += margin[k]
                for t in range(first, last):
                    value, term = values[t], ids[t]
                    for k in range(classes):
                        weights[term, k] += value * margin[k]


@kernel
def _score(
    starts: Numbers,
    ids: NDArray[np.int32],
    values: NDArray[np.float32],
    rows: Numbers,
    weights: Scores,
    out: Scores,
) -> None:
    classes, bias = weights.shape[1], weights.shape[0] - 1
    for row in rows:
        for k in range(classes):
            out[row, k] = weights[bias, k]
        for t in range(starts[row], starts[row + 1]):
            value, term = values[t], ids[t]
            for k in range(classes):
                out[row, k] += value * weights[term, k]

"""The rate of wrong labels behind a model's scores, and its interval.

A label g is seen with probability (1 - e) p_g + e_u (1 - p_g) / (K - 1) + e_c c_g, where p is the softmax of
a S1 + b S2 (two kinds of scores, K classes), e_u the rate of slips that fall on any other class alike, e_c the rate of
confusions of like classes (c_g: the chance to be confused with g, by how alike the model finds the classes), and
e = e_u + e_c. The model is uncertain about hard texts and slips are not, which is what tells them apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from checks.intervals import Z95
from checks.labels.margins import Scores
from checks.text.kernel import kernel, part

F32 = np.float32
Vector = NDArray[np.float64]
"""log a, log b, logit e, logit of the share of e that is confusion."""
Matrix = NDArray[np.float64]

NO_CONFUSION = -40.0
"""Logit of a share of confusion of none."""
LEAST, MOST = -12.0, 1.4
"""Bounds of logit e: 6 in a million, and 80 %."""
_LOWEST, _HIGHEST = np.array([-6.0, -6.0, LEAST, NO_CONFUSION]), np.array([6.0, 6.0, MOST, 8.0])
COARSE = 1000
"""Rows on which the first guesses are tried."""
ENOUGH = 1e-4
"""Gain in log-likelihood below which the fit has arrived; an interval is as wide as a loss of 1.92."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What the rate is estimated from: scores of some rows, each kind divided by its standard deviation."""

    first: Scores
    second: Scores
    labels: NDArray[np.int32]
    likeness: Scores
    """Transposed: [g, k] is the chance that a text of class k, if it is confused, is labelled g."""


@dataclass(frozen=True, slots=True)
class Fit:
    """The most likely parameters, and the 95 % profile-likelihood interval of the rate."""

    at: Vector
    rate: float
    interval: tuple[float, float]


def fit(seen: Observed, *, confusion: bool, start: Vector | None = None) -> Fit:
    """The rate of wrong labels: of random slips alone, or of slips and confusions together.

    Args:
        seen: what it is estimated from.
        confusion: whether labels may be confused with like ones besides.
        start: parameters to begin at.
    """
    free = np.array([True, True, True, confusion])
    if start is None:
        few = Observed(seen.first[:COARSE], seen.second[:COARSE], seen.labels[:COARSE], seen.likeness)
        guesses = [np.array([0.5, 0.5, logit(rate), logit(0.5)]) for rate in (0.01, 0.1, 0.4)]
        guesses = [np.where(free, guess, [0, 0, 0, NO_CONFUSION]) for guess in guesses]
        start = min((descend(few, guess, free) for guess in guesses), key=lambda found: found[1])[0]
    at, least, products = descend(seen, start, free)
    spread = np.linalg.pinv(products[np.ix_(free, free)])[2, 2]
    wide = Z95 * float(np.sqrt(max(spread, 1e-4)))
    ends = [_end(seen, at, least, wide, free, side) for side in (-1, 1)]
    return Fit(at, sigmoid(at[2]), (ends[0], ends[1]))


def confusable(seen: Scores, labels: NDArray[np.int32]) -> Scores:
    """`Observed.likeness` from the probabilities `seen` (texts, classes): what else the texts of a class look like."""
    classes = seen.shape[1]
    alike = np.zeros((classes, classes))
    np.add.at(alike, labels, seen)
    np.fill_diagonal(alike, 0)
    alike /= alike.sum(axis=1, keepdims=True) + 1e-12
    turned: Scores = np.ascontiguousarray(alike.T, F32)
    return turned


def probabilities(first: Scores, second: Scores, at: Vector) -> Scores:
    """Softmax of a S1 + b S2."""
    logits = F32(np.exp(at[0])) * first + F32(np.exp(at[1])) * second
    logits -= logits.max(axis=1, keepdims=True)
    seen: Scores = np.exp(logits, out=logits)
    seen /= seen.sum(axis=1, keepdims=True)
    return seen


def posterior(seen: Scores, labels: NDArray[np.int32], likeness: Scores, at: Vector) -> NDArray[np.float32]:
    """Probability that each label is wrong, given the probabilities `seen` and the parameters."""
    rate, share = sigmoid(at[2]), sigmoid(at[3])
    own = seen[np.arange(len(labels)), labels].astype(np.float64)
    confused = np.einsum("ik,ik->i", seen, likeness[labels]).astype(np.float64)
    wrong = rate * ((1 - share) * (1 - own) / (seen.shape[1] - 1) + share * confused)
    found: NDArray[np.float32] = (wrong / (wrong + (1 - rate) * own + 1e-300)).astype(F32)
    return found


def sigmoid(x: float) -> float:
    """1 / (1 + exp(-x))."""
    return float(1 / (1 + np.exp(-x)))


def logit(share: float) -> float:
    """Inverse of `sigmoid`."""
    return float(np.log(share / (1 - share)))


def likelihood(seen: Observed, at: Vector) -> tuple[float, Vector, Matrix]:
    """Negative log-likelihood, its gradient, and the sum of the outer products of each row's gradient.

    These products stand for the second derivatives, which they approach near the best fit (Berndt et al. 1974).
    """
    gradient, products = np.zeros(4), np.zeros((4, 4))
    value = _likelihood(seen.first, seen.second, seen.labels, seen.likeness, at, gradient, products)
    return float(value), gradient, products


def descend(seen: Observed, start: Vector, free: NDArray[np.bool_]) -> tuple[Vector, float, Matrix]:
    """Most likely values of the `free` parameters, the negative log-likelihood and the products there.

    Newton's method, damped where a step does not help (Levenberg), kept within the bounds of a rate.
    """
    at, damping = start.copy(), 0.0
    value, gradient, products = likelihood(seen, at)
    for _ in range(60):
        curves, axes = np.linalg.eigh(products[np.ix_(free, free)])
        pull = np.maximum(curves, 1e-3) + damping * max(float(curves[-1]), 1.0)
        moved = at.copy()
        moved[free] -= np.clip(axes @ ((axes.T @ gradient[free]) / pull), -1.5, 1.5)
        moved = np.clip(moved, _LOWEST, _HIGHEST)
        found = likelihood(seen, moved)
        gain = value - found[0]
        if gain < 0:
            damping = max(4 * damping, 0.01)
            if damping > 1e4:
                break
            continue
        at, damping = moved, damping / 8
        value, gradient, products = found
        if gain < ENOUGH:
            break
    return at, value, products


def _end(
    seen: Observed, best: Vector, least: float, wide: float, free: NDArray[np.bool_], side: int
) -> float:
    """Where the profile likelihood has fallen by half the chi-squared quantile, on one side of the best rate.

    Follows the signed root of the likelihood ratio, which is nearly linear in the logit of the rate where the rate is
    well known, and flat near a rate of 0; so every other step of the search halves what is left.
    """
    others = free & np.array([True, True, False, True])
    stop = LEAST if side < 0 else MOST
    inside, outside, low, high = best[2], stop, 0.0, np.inf
    trial, place = best, best[2] + side * min(max(wide, 0.1), 1.5)
    for turn in range(40):
        place = max(place, stop) if side < 0 else min(place, stop)
        trial, value = _profile(seen, (trial, best), place, others)
        root = float(np.sqrt(max(2 * (value - least), 0.0)))
        if abs(root - Z95) < 0.02 or (root > Z95 and abs(place - inside) < 1e-3):
            break
        if root > Z95:
            outside, high = place, root
        elif place == stop:
            return 0.0 if side < 0 else sigmoid(stop)
        else:
            inside, low = place, root
        if high == np.inf:
            place = best[2] + (place - best[2]) * min(Z95 / max(root, 0.2), 3)
        else:
            place = inside + (outside - inside) * (0.5 if turn % 2 else (Z95 - low) / (high - low))
    return sigmoid(place)


def _profile(
    seen: Observed, starts: tuple[Vector, Vector], place: float, others: NDArray[np.bool_]
) -> tuple[Vector, float]:
    """The most likely other parameters for a logit of the rate: the better of what two beginnings lead to."""
    found = []
    for start in starts:
        begun = start.copy()
        begun[2] = place
        found.append(descend(seen, begun, others)[:2])
    return min(found, key=lambda one: one[1])


@part
def _exp(x: np.float32) -> np.float32:
    """exp of a number from -30 to 0 within 1 in 50,000, in steps that run for eight classes at once."""
    t = max(x, F32(-30)) * F32(1 / 256)
    half, third = t * F32(0.5), t * t * F32(1 / 12)
    power = (F32(1) + third + half) / (F32(1) + third - half)
    for _ in range(8):
        power *= power
    return power


@kernel
def _likelihood(
    first: Scores, second: Scores, labels: NDArray[np.int32], likeness: Scores, at: Vector, gradient: Vector,
    products: Matrix,
) -> float:  # fmt: skip
    rows, classes = first.shape
    a, b = np.exp(at[0]), np.exp(at[1])
    rate, share = 1 / (1 + np.exp(-at[2])), 1 / (1 + np.exp(-at[3]))
    slips, confusion = rate * (1 - share), rate * share
    total, fa, fb = 0.0, F32(a), F32(b)
    chance, slope = np.empty(classes, F32), np.empty(4)
    for i in range(rows):
        label = labels[i]
        top = F32(-1e30)
        for k in range(classes):
            chance[k] = fa * first[i, k] + fb * second[i, k]
            top = max(top, chance[k])
        for k in range(classes):
            chance[k] = _exp(chance[k] - top)
        mass, one, two, alike, alike_one, alike_two = F32(0), F32(0), F32(0), F32(0), F32(0), F32(0)
        for k in range(classes):
            mass += chance[k]
            one += chance[k] * first[i, k]
            two += chance[k] * second[i, k]
        if share > 1e-9:
            for k in range(classes):
                near = chance[k] * likeness[label, k]
                alike += near
                alike_one += near * first[i, k]
                alike_two += near * second[i, k]
        own, mean_one, mean_two, like = chance[label] / mass, one / mass, two / mass, alike / mass
        random = (1 - own) / (classes - 1)
        seen = (1 - rate) * own + slips * random + confusion * like + 1e-30
        total -= np.log(seen)
        of_own = ((1 - rate) - slips / (classes - 1)) * own
        slope[0] = of_own * (first[i, label] - mean_one) + confusion * (alike_one / mass - like * mean_one)
        slope[1] = of_own * (second[i, label] - mean_two) + confusion * (alike_two / mass - like * mean_two)
        slope[0] *= -a / seen
        slope[1] *= -b / seen
        slope[2] = rate * (1 - rate) * (own - (1 - share) * random - share * like) / seen
        slope[3] = rate * share * (1 - share) * (random - like) / seen
        for j in range(4):
            gradient[j] += slope[j]
            for k in range(4):
                products[j, k] += slope[j] * slope[k]
    return total

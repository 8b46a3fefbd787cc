"""From what two texts share to a score, a tier and a kind."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

ORDER, MARGIN, NUMBERS, SHARED, BIAS = 4.25, 8.5, 5.4, 3.25, -15.6
"""Weights of a logistic regression on half of the rewrites of GSM8K (LLM-decontaminator's) against its nearest training
rows, rounded; the other half, GSM-Plus, HumanEval in other languages and reworded short questions were held out."""
FITTED = 9.15
"""ln(rows) of the pool they were fitted on: keeps the shared wording steady as the pool grows."""
REVIEW, STRONG = 0.9, 2.9
"""Scores from which a pair is worth a look, and from which little else explains it: of GSM8K's clean eval rows .8 % and .3 %
reach them, of its rewrites 93 % and 80 %."""
KEPT = 0.8
"""Share of the numbers on both sides (Dice) from which they count as kept: LLM rewrites keep .96 on average."""
KEEPS, MANY = 0.9, 4
"""What it adds that numbers are kept, where both sides together have so many. With it 94 % of GSM8K's rewrites are found at
.9 % of the others flagged, without it 92 % (8 random halves); of its clean rows, nearly all of whose look-alikes have other
numbers, and of Banking77's hardly one more is flagged."""
FULL = 6
"""Numbers on both sides together from which their agreement counts fully."""

REWRITE, TEMPLATE = range(2)
KINDS = ("suspected rewrite", "template copy")
"""A template copy has numbers on both sides, and other ones."""


def base(
    order: NDArray[Any], dice: NDArray[Any], numbers: NDArray[Any], shared: NDArray[Any], rows: int
) -> NDArray[np.float64]:
    """The score without its margin.

    Args:
        order: share of the rare wording that both texts have in the same order.
        dice: agreement of the numbers as multisets, 0 to 1.
        numbers: numbers on both sides.
        shared: nats of the distinct terms that both hold.
        rows: wordings among which terms are rare.
    """
    agreement = np.where(numbers >= 2, (dice - 0.5) * np.minimum(1.0, numbers / FULL), 0.0)
    keeps = np.where((numbers >= MANY) & (dice >= KEPT), KEEPS, 0.0)
    mass = np.log1p(shared * FITTED / np.log(max(rows, 3)))
    return np.asarray(ORDER * order + NUMBERS * agreement + keeps + SHARED * mass + BIAS)


def kinds(dice: NDArray[Any], ours: NDArray[Any], theirs: NDArray[Any]) -> NDArray[np.int64]:
    """`REWRITE` or `TEMPLATE` by what became of the numbers (`ours` and `theirs`: how many each side has)."""
    return np.where((ours > 0) & (theirs > 0) & (dice < KEPT), TEMPLATE, REWRITE)

"""How likely each judgement is wrong, from who else said what of the item and how reliable they are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from checks.labels.judgements import Judgements, Votes

BORROWED = 5.0
"""Judgements at the average reliability that are added to those of each labeler, so that few do not make a certainty."""
ROUNDS = 50
"""Steps of the EM algorithm at most; it is stopped when no reliability moves by `SETTLED` any more."""
SETTLED = 1e-4


def wrong_judgements(judgements: Judgements, cast: Votes) -> NDArray[np.float64]:
    """Probability that each judgement is wrong, under the model of Dawid and Skene (1979) with one rate per labeler.

    A labeler is right at a rate of their own and gives each wrong label alike; classes are as frequent as the labels
    were. The rates and the probabilities of the items' labels follow from each other (EM), beginning with the votes.
    Of an item judged once it is the labeler's own rate that counts.
    """
    classes, people = len(judgements.labels), len(judgements.labelers)
    if classes < 2:
        return np.zeros(len(judgements))
    of, given = cast.of, np.maximum(judgements.given, 1)
    prior = np.bincount(judgements.label, minlength=classes) / max(len(judgements), 1)
    known = np.bincount(of, prior[cast.label], len(cast.size))
    share = cast.count / cast.size[of]
    rate = np.ones(people)
    for _ in range(ROUNDS):
        hits = np.bincount(judgements.labeler, share[cast.cell], people)
        mean = hits.sum() / len(judgements)
        before, rate = rate, np.clip((hits + BORROWED * mean) / (given + BORROWED), 0.01, 0.99)
        weight = np.log(rate * (classes - 1) / (1 - rate))
        score = np.bincount(cast.cell, weight[judgements.labeler], len(of)) + np.log(prior[cast.label])
        highest = np.maximum(np.maximum.reduceat(score, cast.first[:-1]), 0)
        mass = np.exp(score - highest[of])
        unseen = np.maximum(1 - known, 0) * np.exp(-highest)
        share = mass / (np.bincount(of, mass, len(cast.size)) + unseen)[of]
        if np.abs(rate - before).max() < SETTLED:
            break
    wrong: NDArray[np.float64] = 1 - share[cast.cell]
    return wrong

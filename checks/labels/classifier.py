"""A model of classes: what it learned from some texts, and its scores for texts that it has not seen.

Two kinds of scores: margins of linear classifiers on words and pairs of words, and likeness of the character runs to
each class.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from checks.labels.centroids import centroids, likeness
from checks.labels.margins import Scores, out_of_fold, score, train
from checks.labels.terms import RARE, Vocabulary, vocabulary, weigh
from checks.text.texts import TextArrays

WEIGHTS = 1 << 25
"""Weights kept of each kind, terms times classes: 128 MB; rarer terms are left out beyond."""


@dataclass(frozen=True, slots=True, eq=False)
class Classifier:
    """What was learned."""

    by_word: Vocabulary
    by_run: Vocabulary
    weights: Scores
    """Of the words for each class; no rows where nobody asks about texts beyond those learned from."""
    sums: Scores
    squares: NDArray[np.float64]
    scales: tuple[float, float]
    """What the scores of each kind are divided by: their standard deviation on texts that the model had not seen."""

    @property
    def pruned(self) -> bool:
        """Whether terms were left out because there are too many for the classes."""
        return max(self.by_word.least, self.by_run.least) > RARE

    def scores(self, texts: TextArrays) -> tuple[Scores, Scores]:
        """Both kinds of scores of texts that the model did not learn from, shape (texts, classes)."""
        first = score(weigh(texts, self.by_word), self.weights)
        second = likeness(weigh(texts, self.by_run), self.sums, self.squares)
        first /= np.float32(self.scales[0])
        second /= np.float32(self.scales[1])
        return first, second


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What is learned from: texts with their labels, and how they are held out."""

    texts: TextArrays
    labels: NDArray[np.int32]
    folds: NDArray[np.int8]
    random: int
    """The first so many were drawn without regard to their class."""
    classes: int


def learn(lesson: Lesson, *, whole: bool) -> tuple[Classifier, Scores, Scores]:
    """The model, and both kinds of scores of the texts themselves, each by a model that has not seen it.

    Args:
        lesson: what to learn from.
        whole: whether to learn from all texts at once as well, so that further ones can be scored.
    """
    texts, labels, classes = lesson.texts, lesson.labels, lesson.classes
    most = WEIGHTS // classes
    by_word, by_run = vocabulary(texts, "words", most), vocabulary(texts, "characters", most)
    terms, size = weigh(texts, by_word), len(by_word.rarity)
    first = out_of_fold(terms, labels, lesson.folds, classes, size)
    weights = np.zeros((0, classes), np.float32)
    if whole:
        weights = train(terms, labels, np.arange(len(labels)), classes, size)
    terms = weigh(texts, by_run)
    sums, squares = centroids(terms, labels, classes, len(by_run.rarity))
    second = likeness(terms, sums, squares, labels)
    scales = [max(float(one[: lesson.random].std()), 1e-9) for one in (first, second)]
    for one, scale in zip((first, second), scales, strict=True):
        one /= np.float32(scale)
    return Classifier(by_word, by_run, weights, sums, squares, (scales[0], scales[1])), first, second

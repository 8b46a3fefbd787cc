"""Crowds of labelers whose truth is known, for tests and benchmarks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Who labels what: each labeler about `each` items, `judges` of them on every item.

    Labelers get topics of their own (`topics`: assignment confounded with the true class), items differ in how hard
    they are (mean error 1/8). Of labeler `bad` a share `bias` of the labels is the class rarest among their items, a
    share `slips` is any class.
    """

    labelers: int = 30
    each: int = 250
    judges: int = 3
    classes: int = 4
    topics: bool = True
    bias: float = 0.0
    slips: float = 0.0


@dataclass(frozen=True, slots=True)
class Labelled:
    """Judgements of a crowd (`row`, `labeler`, `label`), the true label of each, and who is bad."""

    frame: pl.DataFrame
    truth: NDArray[np.str_]
    bad: str


def labelled(crowd: Crowd, seed: int) -> Labelled:
    """Judgements of a crowd."""
    rng = np.random.default_rng(seed)
    people, classes, judges = crowd.labelers, crowd.classes, crowd.judges
    items = people * crowd.each // judges
    truth = rng.integers(0, classes, items)
    liking = np.full((classes, people), 1 / people)
    if crowd.topics:
        liking = rng.dirichlet(np.full(people, 0.3), classes) * 0.8 + 0.2 / people
    lots = np.log(liking[truth]) - np.log(-np.log(rng.random((items, people))))
    who = np.argsort(-lots, axis=1)[:, :judges]
    bad = int(np.abs(np.bincount(who.ravel(), minlength=people) - crowd.each).argmin())
    wrong = rng.random((items, judges)) < rng.beta(2, 14, items)[:, None]
    other = (
        truth[:, None]
        + 1
        + (rng.random((items, judges)) < 0.3) * rng.integers(0, classes - 1, (items, judges))
    )
    label = np.where(wrong, other % classes, truth[:, None])
    own = who == bad
    rarest = int(np.bincount(truth[own.any(axis=1)], minlength=classes).argmin())
    label = np.where(own & (rng.random(own.shape) < crowd.bias), rarest, label)
    label = np.where(own & (rng.random(own.shape) < crowd.slips), rng.integers(0, classes, own.shape), label)
    frame = pl.DataFrame(
        {
            "row": np.repeat(np.arange(items), judges),
            "labeler": [f"labeler {n:03}" for n in who.ravel().tolist()],
            "label": [f"class {n:02}" for n in label.ravel().tolist()],
        }
    )
    return Labelled(frame, np.array([f"class {n:02}" for n in np.repeat(truth, judges)]), f"labeler {bad:03}")


@dataclass(frozen=True, slots=True)
class Model:
    """A stand-in for what a model of the texts makes of the labels."""

    rows: NDArray[np.int64]
    wrong: NDArray[np.float32]
    score: NDArray[np.float32]
    other: NDArray[np.int32]
    classes: tuple[str, ...]


def stream(
    rng: np.random.Generator, size: int, *, classes: int = 4, stay: float = 0.95, lazy: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Expected and given labels of one labeler's judgements, sorted by topic.

    Errors are 5 to 25 %, by class; a `lazy` stretch has one and the same label, whatever the item.
    """
    truth = np.empty(size, np.int64)
    new, stays = rng.integers(0, classes, size), rng.random(size) < stay
    for place in range(size):
        truth[place] = truth[place - 1] if place and stays[place] else new[place]
    errors = np.linspace(0.05, 0.25, classes)[truth]
    expected = np.where(rng.random(size) < 1 - errors, truth, rng.integers(0, classes, size))
    label = np.where(rng.random(size) < 0.93, truth, rng.integers(0, classes, size))
    if lazy:
        start = rng.integers(0, size - lazy)
        label[start : start + lazy] = rng.integers(classes)
    return expected, label

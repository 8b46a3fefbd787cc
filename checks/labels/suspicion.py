"""Which labels are suspicious, and what share of them is wrong, by a model of each class that never saw the row.

Two kinds of scores are brought together (`checks.labels.classifier`): margins of linear classifiers, trained on the other
four fifths of the texts, and likeness to the class without the text itself. Rows that nothing was learned from, those of
eval, are scored by what the training rows taught.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checks.contract import Data
from checks.labels.classifier import Classifier, Lesson, learn
from checks.labels.margins import FOLDS, Scores
from checks.labels.side import Side, train_side
from checks.labels.slips import Fit, Observed, confusable, fit, posterior, probabilities

TRUSTED = 0.7
"""Share of labels that the model must say itself to be believed; below, what it does not know looks like wrong labels."""
SKILLED = 0.2
"""Share that the model must get right of what always saying the most frequent class gets wrong. Below, on made-up texts of
two classes, intervals missed the true rate (8 % of the labels wrong, told as under 1 %)."""
LEAST_ROWS = 50
"""Distinct labelled texts from which a model says anything: ten for each fold."""
MOST_CLASSES = 1000
"""Classes above which the weights of all terms for all classes would not fit into the memory of a laptop."""
SAMPLE = 20_000
"""Rows the model learns from; what comes after them adds little (banking77 has 10,000 for 77 classes)."""
WORDS, FEWEST = 4_000_000, 5000
"""Words in the texts the model learns from, at most, but at least so many rows: long texts say more each."""
PER_CLASS = 20
"""Rows that a class has in the sample if the data holds so many."""
CELLS = 4_000_000
"""Scores worked on at a time, texts times classes: 16 MB of each kind."""
CHUNK = 16_384
"""Texts worked on at a time, at most."""
FITTED = 1_000_000
"""Scores from which the rate is fitted, texts times classes, in at least 2,000 texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """What the model says of each label; arrays have one entry a row, in the order of `rows`."""

    rows: NDArray[np.int64]
    """Rows that were looked at, ascending."""
    score: NDArray[np.float32]
    """Log odds of the label against the best other class, minus half its log odds to be wrong: low is suspicious.

    The first part ranks slips best, the second confusions of like classes."""
    wrong: NDArray[np.float32]
    """Probability that the label is wrong, slips and confusions together."""
    given: NDArray[np.int32]
    """Class of the label."""
    other: NDArray[np.int32]
    """Class that the model would rather say, if not the one given."""
    classes: tuple[str, ...]
    """Names of the classes, sorted."""
    accuracy: float
    """Share of labels that the model says itself, on texts it has not seen."""
    frequent: float
    """Share of the most frequent label among these."""
    seen: int
    """Distinct texts behind the accuracy."""
    fitted: int
    """Distinct texts behind the rates."""
    slips: Fit
    """Rate of random slips."""
    confusions: Fit
    """Rate of slips and confusions of like classes together."""
    learned: int
    """Distinct texts the model learned from."""
    distinct: int
    """Distinct texts with a label."""
    alone: int
    """Classes of a single text, which are left out."""
    pruned: bool
    """Whether terms were left out because there are too many for the classes."""
    classifier: Classifier | None = None
    """What was learned, where somebody asked to keep it."""

    @property
    def skill(self) -> float:
        """What the model gets right of what always saying the most frequent label gets wrong; 0 or less if nothing."""
        return (self.accuracy - self.frequent) / max(1 - self.frequent, 1e-9)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why no model can be fitted."""

    why: str


@dataclass(frozen=True, slots=True, eq=False)
class _Sample:
    """Distinct labelled texts in an order that the text alone gives."""

    rows: NDArray[np.int64]
    labels: NDArray[np.int32]
    names: tuple[str, ...]
    """Of the classes."""
    learned: int
    """The first so many are learned from."""
    random: int
    """The first so many of these were drawn without regard to their class."""
    same: NDArray[np.int64]
    """For each the place of the first one with the same text."""
    every: NDArray[np.int64]
    """All labelled rows, ascending."""
    copies: NDArray[np.int64]
    """For each of these the place of its text and label."""

    @property
    def classes(self) -> int:
        return len(self.names)


def suspicions(data: Data) -> Suspicion | None:
    """What the model says of the labels of train, None where there is none; use it as `data.once(suspicions)`."""
    found = data.once(examined)
    return found if isinstance(found, Suspicion) else None


def examined(data: Data) -> Suspicion | Unknown:
    """`suspicions`, or why there is none; use it as `data.once(examined)`. Keeps the model where eval has labels."""
    labels = data.train.frame.select("row", "label").collect()
    asked_of = data.eval is not None and data.eval.holds("label")
    return examine(train_side(data), labels, keep=asked_of)


def examine(side: Side, labels: pl.DataFrame, *, keep: bool = False) -> Suspicion | Unknown:
    """What a model that learns from some labels (`row`, `label`, null where there is none) says of them.

    Args:
        side: the rows.
        labels: of all of them.
        keep: whether what was learned is asked of other rows later.
    """
    if "text" not in side.split.stored:
        return Unknown("the data has no texts")
    judged = labels.drop_nulls("label")
    if (classes := judged["label"].n_unique()) < 2:
        return Unknown("there is only one class" if classes else "no row is labelled")
    judged = _seen(side, judged)
    texts = judged.group_by("label").agg(pl.col("text").n_unique())
    judged = judged.join(texts.filter(pl.col("text") > 1), on="label", how="semi", maintain_order="left")
    names = judged["label"].unique().sort()
    if len(names) < 2:
        return Unknown("fewer than two classes have more than one text")
    if len(names) > MOST_CLASSES:
        return Unknown(
            f"{len(names):,} classes are too many for a model of each; up to {MOST_CLASSES:,} are looked at"
        )
    sample = _sample(side, judged, names)
    if isinstance(sample, Unknown):
        return sample
    learned, labels_of = sample.learned, sample.labels[: sample.learned]
    lesson = Lesson(
        side.texts.pick(sample.rows[:learned]), labels_of, _folds(sample), sample.random, sample.classes
    )
    known, first, second = learn(lesson, whole=keep or learned < len(sample.rows))
    found = _examine(side, sample, known, first, second)
    alone = int((texts["text"] == 1).sum())
    return replace(found, alone=alone, classifier=known if keep else None)


def examine_unseen(side: Side, labels: pl.DataFrame, by: Suspicion) -> Suspicion | Unknown:
    """What the model behind `by`, which learned from other rows, says of some labels; those it does not know are left out."""
    names = pl.Series(by.classes, dtype=pl.String)
    judged = _seen(side, labels.drop_nulls("label").filter(pl.col("label").is_in(names.implode())))
    sample = _sample(side, judged, names)
    if isinstance(sample, Unknown) or by.classifier is None:
        return sample if isinstance(sample, Unknown) else Unknown("what was learned was not kept")
    first, second = by.classifier.scores(side.texts.pick(sample.rows[: sample.learned]))
    return replace(
        _examine(side, sample, by.classifier, first, second), learned=by.learned, distinct=by.distinct
    )


def _seen(side: Side, judged: pl.DataFrame) -> pl.DataFrame:
    """row, label, text (first row with the same one) of the labelled rows that show a text."""
    judged = judged.select(pl.col("row").cast(pl.Int64), "label").with_columns(
        text=side.clusters.first[judged["row"]], blank=side.prints.blank[judged["row"]]
    )
    return judged.filter(~pl.col("blank"))


def _sample(side: Side, judged: pl.DataFrame, names: pl.Series) -> _Sample | Unknown:
    """Distinct (text, label) pairs, those to learn from first, and for each row the place of its pair among them."""
    codes = judged["label"].cast(pl.Enum(names)).to_physical().to_numpy().astype(np.int32)
    rows, first, hashes = judged["row"].to_numpy(), judged["text"].to_numpy(), side.prints.text[:, 0]
    order = np.lexsort((rows, codes, first, hashes[rows]))
    fresh = np.ones(len(order), np.bool_)
    fresh[1:] = (first[order][1:] != first[order][:-1]) | (codes[order][1:] != codes[order][:-1])
    copies = np.empty(len(order), np.int64)
    copies[order] = np.cumsum(fresh) - 1
    distinct = order[fresh]
    if len(distinct) < LEAST_ROWS:
        return Unknown(
            f"{len(distinct):,} distinct labelled texts are too few for a model; it takes {LEAST_ROWS}"
        )
    labels = codes[distinct]
    words = np.cumsum(side.prints.words[rows[distinct[:SAMPLE]]], dtype=np.int64)
    random = min(len(words), max(FEWEST, int(np.searchsorted(words, WORDS, side="right"))))
    by_class = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[by_class], np.arange(len(names)))
    rank = np.empty(len(labels), np.int64)
    rank[by_class] = np.arange(len(labels)) - starts[labels[by_class]]
    learned = (np.arange(len(labels)) < random) | (rank < PER_CLASS)
    moved = np.argsort(~learned, kind="stable")
    place = np.empty_like(moved)
    place[moved] = np.arange(len(moved))
    distinct = distinct[moved]
    _, where, inverse = np.unique(first[distinct], return_index=True, return_inverse=True)
    return _Sample(
        rows[distinct], labels[moved], tuple(names.to_list()), int(learned.sum()), random, where[inverse],
        rows, place[copies],
    )  # fmt: skip


def _folds(sample: _Sample) -> NDArray[np.int8]:
    """Folds that spread every class evenly and keep rows with the same text together."""
    labels = sample.labels[: sample.learned]
    by_class = np.argsort(labels, kind="stable")
    folds = np.empty(len(labels), np.int8)
    folds[by_class] = np.arange(len(labels)) % FOLDS
    return folds[sample.same[: sample.learned]]


def _examine(side: Side, sample: _Sample, known: Classifier, first: Scores, second: Scores) -> Suspicion:
    """What the model says, given its scores of the first texts of the sample, as many as would be learned from."""
    classes, learned = sample.classes, sample.learned
    labels = sample.labels[:learned]
    fitted = min(sample.random, max(2000, FITTED // classes))
    slips, confusions, alike = _rates(first[:fitted], second[:fitted], labels[:fitted])
    step = min(CHUNK, CELLS // classes)
    chunks = [slice(start, min(start + step, learned)) for start in range(0, learned, step)]
    parts = [opinions(first[at], second[at], labels[at], alike, confusions) for at in chunks]
    said = np.concatenate([best for *_, best in parts])[: sample.random]
    accuracy = float((said == labels[: sample.random]).mean())
    frequent = float(np.bincount(labels[: sample.random]).max() / sample.random)
    for start in range(learned, len(sample.rows), step):
        chunk = slice(start, start + step)
        one, two = known.scores(side.texts.pick(sample.rows[chunk]))
        parts.append(opinions(one, two, sample.labels[chunk], alike, confusions))
    scores, wrong, other, _ = (np.concatenate(columns)[sample.copies] for columns in zip(*parts, strict=True))
    return Suspicion(
        rows=sample.every, score=scores, wrong=wrong, given=sample.labels[sample.copies], other=other,
        classes=sample.names, accuracy=accuracy, frequent=frequent, seen=sample.random, fitted=fitted, slips=slips,
        confusions=confusions, learned=learned, distinct=len(sample.rows), alone=0, pruned=known.pruned,
    )  # fmt: skip


def _rates(first: Scores, second: Scores, labels: NDArray[np.int32]) -> tuple[Fit, Fit, Scores]:
    """Rates of slips, and of slips and confusions; and which class is confused with which."""
    classes = first.shape[1]
    nothing = np.zeros((classes, classes), np.float32)
    slips = fit(Observed(first, second, labels, nothing), confusion=False)
    at = slips.at
    for _ in range(2):
        alike = confusable(probabilities(first, second, at), labels)
        start = np.array([at[0], at[1], max(at[2], -3.5), 0.0])
        confusions = fit(Observed(first, second, labels, alike), confusion=True, start=start)
        at = confusions.at
    return slips, confusions, alike


def opinions(
    first: Scores, second: Scores, labels: NDArray[np.int32], alike: Scores, rates: Fit
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int32], NDArray[np.int32]]:
    """Score, probability to be wrong, best other class and best class of each label."""
    seen = probabilities(first, second, rates.at)
    wrong = posterior(seen, labels, alike, rates.at)
    best = seen.argmax(axis=1).astype(np.int32)
    rows = np.arange(len(labels))
    logits = np.float32(np.exp(rates.at[0])) * first + np.float32(np.exp(rates.at[1])) * second
    own = logits[rows, labels].copy()
    logits[rows, labels] = -np.inf
    other = logits.argmax(axis=1).astype(np.int32)
    odds = np.log(np.maximum(wrong, 1e-12)) - np.log(np.maximum(1 - wrong, 1e-12))
    return own - logits[rows, other] - odds / 2, wrong, other, best

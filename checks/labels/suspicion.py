"""Which labels are suspicious, and what share of them is wrong, by a model of each class that never saw the row.

Two kinds of scores are brought together: margins of linear classifiers on words and pairs of words, trained on the other
four fifths of the texts, and likeness of the character runs to the class without the text itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checks.contract import Data
from checks.labels.centroids import centroids, likeness
from checks.labels.margins import FOLDS, Scores, out_of_fold, score, train
from checks.labels.slips import Fit, Observed, confusable, fit, posterior, probabilities
from checks.labels.terms import RARE, vocabulary, weigh
from checks.text.clusters import train_clusters
from checks.text.scan import scan
from checks.text.texts import Texts, train_texts

TRUSTED = 0.7
"""Share of labels that the model must say itself to be believed; below, what it does not know looks like wrong labels."""
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
WEIGHTS = 1 << 25
"""Weights kept of each kind, terms times classes: 128 MB; rarer terms are left out beyond."""
FITTED = 1_000_000
"""Scores from which the rate is fitted, texts times classes, in at least 2,000 texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """What the model says of each label; arrays have one entry a row, in the order of `rows`."""

    rows: NDArray[np.int64]
    """Training rows that were looked at, ascending."""
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

    @property
    def skill(self) -> float:
        """What the model gets right of what always saying the most frequent label gets wrong; 0 or less if nothing."""
        return (self.accuracy - self.frequent) / max(1 - self.frequent, 1e-9)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why no model can be fitted."""

    why: str


@dataclass(frozen=True, slots=True)
class _Sample:
    """Distinct labelled texts in an order that the text alone gives."""

    rows: NDArray[np.int64]
    labels: NDArray[np.int32]
    classes: int
    learned: int
    """The first so many are learned from."""
    random: int
    """The first so many of these were drawn without regard to their class."""
    same: NDArray[np.int64]
    """For each the place of the first one with the same text."""


def suspicions(data: Data) -> Suspicion | None:
    """What the model says of the labels of train, None where there is none; use it as `data.once(suspicions)`."""
    found = data.once(examined)
    return found if isinstance(found, Suspicion) else None


def examined(data: Data) -> Suspicion | Unknown:
    """`suspicions`, or why there is none; use it as `data.once(examined)`."""
    return examine(data, data.train.frame.select("row", "label").collect())


def examine(data: Data, labels: pl.DataFrame) -> Suspicion | Unknown:
    """What the model says of some labels of train (`row`, `label`, null where there is none)."""
    if "text" not in data.train.stored:
        return Unknown("the data has no texts")
    judged = labels.drop_nulls("label")
    if (classes := judged["label"].n_unique()) < 2:
        return Unknown("there is only one class" if classes else "no row is labelled")
    clusters = data.once(train_clusters)
    judged = judged.select(pl.col("row").cast(pl.Int64), "label").with_columns(
        text=clusters.first[judged["row"]], blank=data.once(scan).train.blank[judged["row"]]
    )
    judged = judged.filter(~pl.col("blank"))
    texts = judged.group_by("label").agg(pl.col("text").n_unique())
    judged = judged.join(texts.filter(pl.col("text") > 1), on="label", how="semi", maintain_order="left")
    names = judged["label"].unique().sort()
    if len(names) < 2:
        return Unknown("fewer than two classes have more than one text")
    if len(names) > MOST_CLASSES:
        return Unknown(
            f"{len(names):,} classes are too many for a model of each; up to {MOST_CLASSES:,} are looked at"
        )
    codes = judged["label"].cast(pl.Enum(names)).to_physical().to_numpy().astype(np.int32)
    rows = judged["row"].to_numpy()
    sample, copies = _sample(data, rows, codes, len(names))
    if len(sample.rows) < LEAST_ROWS:
        return Unknown(
            f"{len(sample.rows):,} distinct labelled texts are too few for a model; it takes {LEAST_ROWS}"
        )
    found = _examine(data.once(train_texts), sample, rows, copies, tuple(names.to_list()))
    return replace(found, alone=int((texts["text"] == 1).sum()))


def _sample(
    data: Data, rows: NDArray[np.int64], codes: NDArray[np.int32], classes: int
) -> tuple[_Sample, NDArray[np.int64]]:
    """Distinct (text, label) pairs, those to learn from first, and for each row the place of its pair among them."""
    first, hashes = data.once(train_clusters).first[rows], data.once(scan).train.text[:, 0]
    order = np.lexsort((rows, codes, first, hashes[rows]))
    fresh = np.ones(len(order), np.bool_)
    fresh[1:] = (first[order][1:] != first[order][:-1]) | (codes[order][1:] != codes[order][:-1])
    copies = np.empty(len(order), np.int64)
    copies[order] = np.cumsum(fresh) - 1
    distinct = order[fresh]
    labels = codes[distinct]
    words = np.cumsum(data.once(scan).train.words[rows[distinct[:SAMPLE]]], dtype=np.int64)
    random = min(len(words), max(FEWEST, int(np.searchsorted(words, WORDS, side="right"))))
    by_class = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[by_class], np.arange(classes))
    rank = np.empty(len(labels), np.int64)
    rank[by_class] = np.arange(len(labels)) - starts[labels[by_class]]
    learned = (np.arange(len(labels)) < random) | (rank < PER_CLASS)
    moved = np.argsort(~learned, kind="stable")
    place = np.empty_like(moved)
    place[moved] = np.arange(len(moved))
    distinct = distinct[moved]
    texts = first[distinct]
    _, where, inverse = np.unique(texts, return_index=True, return_inverse=True)
    sample = _Sample(rows[distinct], labels[moved], classes, int(learned.sum()), random, where[inverse])
    return sample, place[copies]


def _folds(sample: _Sample) -> NDArray[np.int8]:
    """Folds that spread every class evenly and keep rows with the same text together."""
    labels = sample.labels[: sample.learned]
    by_class = np.argsort(labels, kind="stable")
    folds = np.empty(len(labels), np.int8)
    folds[by_class] = np.arange(len(labels)) % FOLDS
    return folds[sample.same[: sample.learned]]


def _examine(
    texts: Texts, sample: _Sample, rows: NDArray[np.int64], copies: NDArray[np.int64], names: tuple[str, ...]
) -> Suspicion:
    classes, learned = sample.classes, sample.learned
    labels = sample.labels[:learned]
    arrays, most = texts.pick(sample.rows[:learned]), WEIGHTS // classes
    by_word, by_run = vocabulary(arrays, "words", most), vocabulary(arrays, "characters", most)
    terms, size = weigh(arrays, by_word), len(by_word.rarity)
    first = out_of_fold(terms, labels, _folds(sample), classes, size)
    later = range(learned, len(sample.rows), min(CHUNK, CELLS // classes))
    weights = (
        train(terms, labels, np.arange(learned), classes, size)
        if later
        else np.zeros((0, classes), np.float32)
    )
    terms = weigh(arrays, by_run)
    sums, squares = centroids(terms, labels, classes, len(by_run.rarity))
    second = likeness(terms, sums, squares, labels)
    del arrays, terms
    scales = [max(float(one[: sample.random].std()), 1e-9) for one in (first, second)]
    for one, scale in zip((first, second), scales, strict=True):
        one /= np.float32(scale)
    fitted = min(sample.random, max(2000, FITTED // classes))
    slips, confusions, alike = _rates(first[:fitted], second[:fitted], labels[:fitted])
    chunks = [slice(start, min(start + later.step, learned)) for start in range(0, learned, later.step)]
    parts = [opinions(first[at], second[at], labels[at], alike, confusions) for at in chunks]
    said = np.concatenate([best for *_, best in parts])[: sample.random]
    accuracy = float((said == labels[: sample.random]).mean())
    frequent = float(np.bincount(labels[: sample.random]).max() / sample.random)
    for start in later:
        chunk = slice(start, start + later.step)
        arrays = texts.pick(sample.rows[chunk])
        one = score(weigh(arrays, by_word), weights) / np.float32(scales[0])
        two = likeness(weigh(arrays, by_run), sums, squares) / np.float32(scales[1])
        parts.append(opinions(one, two, sample.labels[chunk], alike, confusions))
    scores, wrong, other, _ = (np.concatenate(columns)[copies] for columns in zip(*parts, strict=True))
    return Suspicion(
        rows=rows, score=scores, wrong=wrong, given=sample.labels[copies], other=other, classes=names,
        accuracy=accuracy, frequent=frequent, seen=sample.random, fitted=fitted, slips=slips, confusions=confusions, learned=learned,
        distinct=len(sample.rows), alone=0, pruned=max(by_word.least, by_run.least) > RARE,
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

"""Linear classifiers against the same optimum found another way, and folds against what they must not see."""

import numpy as np
import pytest

from checks.labels import margins
from checks.labels.margins import FOLDS, PENALTY, out_of_fold, score, train
from checks.labels.terms import Terms, vocabulary, weigh
from checks.text.texts import Texts
from tests import helpers


def sparse(table: np.ndarray) -> Terms:
    """Rows of a table as terms."""
    rows, ids = np.nonzero(table)
    starts = np.searchsorted(rows, np.arange(len(table) + 1))
    return Terms(starts, ids.astype(np.int32), table[rows, ids].astype(np.float32))


def drawn(seed: int, *, rows: int, size: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Sparse rows of length 1 and labels that have something to do with them."""
    draw = np.random.default_rng(seed)
    table = draw.random((rows, size)) * (draw.random((rows, size)) < 0.3)
    labels = (table @ draw.normal(size=(size, classes)) + draw.normal(size=classes)).argmax(axis=1)
    labels = np.where(draw.random(rows) < 0.1, draw.integers(0, classes, rows), labels)
    table /= np.linalg.norm(table, axis=1, keepdims=True) + 1e-12
    return table.astype(np.float32).astype(np.float64), labels.astype(np.int32)


def biased(table: np.ndarray) -> np.ndarray:
    return np.concatenate((table, np.ones((len(table), 1))), axis=1)


def loss(weights: np.ndarray, table: np.ndarray, signs: np.ndarray) -> float:
    """w'w / 2 + C sum max(0, 1 - s w'x)^2 of one class."""
    slack = np.maximum(0, 1 - signs * (table @ weights))
    return float(weights @ weights / 2 + PENALTY * slack @ slack)


def best(table: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """The weights of the least loss: Newton's method on the texts within the margin, in double precision."""
    weights = np.zeros(table.shape[1])
    for _ in range(200):
        slack = 1 - signs * (table @ weights)
        inside = slack > 0
        pull = weights - 2 * PENALTY * (signs * np.maximum(0, slack)) @ table
        if np.linalg.norm(pull) < 1e-10:
            break
        curve = np.eye(len(weights)) + 2 * PENALTY * table[inside].T @ table[inside]
        step, size = np.linalg.solve(curve, pull), 1.0
        while loss(weights - size * step, table, signs) > loss(weights, table, signs) and size > 1e-9:
            size /= 2
        weights = weights - size * step
    return weights


def optimum(table: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    return np.stack([best(biased(table), np.where(labels == k, 1.0, -1.0)) for k in range(classes)], axis=1)


def questions(rows: int, classes: int) -> tuple[Terms, np.ndarray, int]:
    """Real questions of a few intents as terms, their classes, and the number of terms."""
    labels = np.array(helpers.column("banking77/train.csv", "category"))
    here = np.flatnonzero(np.isin(labels, np.unique(labels)[:classes]))[::1]
    here = np.random.default_rng(0).permutation(here)[:rows]
    picked = Texts(helpers.split("train", helpers.column("banking77/train.csv", "text"))).pick(here)
    known = vocabulary(picked, "words")
    _, codes = np.unique(labels[here], return_inverse=True)
    return weigh(picked, known), codes.astype(np.int32), len(known.rarity)


@pytest.mark.parametrize(("rows", "size", "classes"), [(60, 12, 3), (40, 80, 2), (200, 30, 7), (12, 3, 12)])
def test_many_sweeps_arrive_at_the_optimum(monkeypatch, rows, size, classes):
    monkeypatch.setattr(margins, "SWEEPS", 3000)
    table, labels = drawn(rows, rows=rows, size=size, classes=classes)
    found = train(sparse(table), labels, np.arange(rows), classes, size)
    assert found == pytest.approx(optimum(table, labels, classes), abs=2e-4)
    assert score(sparse(table), found) == pytest.approx(biased(table) @ found, abs=1e-5)


def test_the_sweeps_come_close_on_real_questions(monkeypatch):
    """The classes named are the same for 99.5 %, the scores within three hundredths of their spread."""
    terms, labels, size = questions(600, 6)
    rows = np.arange(len(labels))
    few = score(terms, train(terms, labels, rows, 6, size))
    monkeypatch.setattr(margins, "SWEEPS", 500)
    many = score(terms, train(terms, labels, rows, 6, size))
    assert np.mean(few.argmax(axis=1) == many.argmax(axis=1)) >= 0.995
    assert np.sqrt(np.mean((few - many) ** 2)) < 0.03 * many.std()


def test_a_part_of_the_rows_is_as_if_there_were_no_others():
    table, labels = drawn(1, rows=90, size=15, classes=3)
    chosen = np.arange(0, 90, 2)
    part = train(sparse(table), labels, chosen, 3, 15)
    alone = train(sparse(table[chosen]), labels[chosen], np.arange(45), 3, 15)
    assert np.array_equal(part, alone)


def test_scores_of_a_fold_never_saw_it():
    """Other labels, or other texts, in a fold change nothing of its scores but what its own texts say."""
    table, labels = drawn(2, rows=150, size=25, classes=4)
    folds = (np.arange(150) % FOLDS).astype(np.int8)
    before = out_of_fold(sparse(table), labels, folds, 4, 25)
    for fold in range(FOLDS):
        held = folds == fold
        other = np.where(held, (labels + 1) % 4, labels).astype(np.int32)
        after = out_of_fold(sparse(table), other, folds, 4, 25)
        assert np.array_equal(before[held], after[held])
        assert not np.array_equal(before[~held], after[~held])
        weights = train(sparse(table), labels, np.flatnonzero(~held), 4, 25)
        assert np.array_equal(before[held], score(sparse(table), weights)[held])


def test_a_class_that_is_only_in_one_fold_is_never_named_there():
    table, labels = drawn(3, rows=100, size=20, classes=3)
    folds = (np.arange(100) % FOLDS).astype(np.int8)
    labels[folds == 0] = 2
    labels[(folds != 0) & (labels == 2)] = 0
    scores = out_of_fold(sparse(table), labels, folds, 3, 20)
    assert scores[folds == 0].argmax(axis=1).max() < 2
    assert scores[folds == 0, 2].max() < -0.9


def test_texts_without_terms_get_the_bias():
    table, labels = drawn(4, rows=50, size=10, classes=3)
    table[:5] = 0
    weights = train(sparse(table), labels, np.arange(50), 3, 10)
    assert np.array_equal(score(sparse(table), weights)[:5], np.repeat(weights[-1:], 5, axis=0))


def test_no_terms_at_all_leave_how_frequent_the_classes_are():
    labels = np.array([0] * 30 + [1] * 10 + [2] * 5, np.int32)
    weights = train(sparse(np.zeros((45, 0))), labels, np.arange(45), 3, 0)
    assert weights.shape == (1, 3)
    assert weights[0, 0] > weights[0, 1] > weights[0, 2]
    assert out_of_fold(
        sparse(np.zeros((45, 0))), labels, (np.arange(45) % 5).astype(np.int8), 3, 0
    ).shape == (45, 3)


def test_an_empty_fold_costs_nothing():
    table, labels = drawn(5, rows=40, size=10, classes=2)
    folds = (np.arange(40) % 2).astype(np.int8)
    assert np.isfinite(out_of_fold(sparse(table), labels, folds, 2, 10)).all()


def test_it_is_the_same_each_time():
    table, labels = drawn(6, rows=80, size=20, classes=3)
    runs = [train(sparse(table), labels, np.arange(80), 3, 20) for _ in range(2)]
    assert np.array_equal(*runs)

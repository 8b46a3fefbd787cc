"""Likeness to a class without the text itself, against taking the row away."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.labels.centroids import centroids, likeness
from checks.labels.terms import Terms


def sparse(table: np.ndarray) -> Terms:
    rows, ids = np.nonzero(table)
    starts = np.searchsorted(rows, np.arange(len(table) + 1))
    return Terms(starts, ids.astype(np.int32), table[rows, ids].astype(np.float32))


def drawn(seed: int, rows: int, size: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    table = draw.random((rows, size)) * (draw.random((rows, size)) < 0.3)
    table /= np.linalg.norm(table, axis=1, keepdims=True) + 1e-12
    return table, draw.integers(0, classes, rows).astype(np.int32)


def cosine(row: np.ndarray, others: np.ndarray) -> float:
    centre = others.sum(axis=0)
    length = np.linalg.norm(row) * np.linalg.norm(centre)
    return float(row @ centre / length) if length > 0 else 0.0


def without_itself(table: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """The row is taken away; NaN where nothing is left of its class."""
    found = np.zeros((len(table), classes))
    for i, row in enumerate(table):
        for k in range(classes):
            others = table[(labels == k) & (np.arange(len(table)) != i)]
            found[i, k] = np.nan if k == labels[i] and not others.any() else cosine(row, others)
    return found


def both(table: np.ndarray, labels: np.ndarray, classes: int) -> tuple[np.ndarray, np.ndarray]:
    sums, squares = centroids(sparse(table), labels, classes, table.shape[1])
    return likeness(sparse(table), sums, squares, labels), likeness(sparse(table), sums, squares)


@pytest.mark.parametrize(("rows", "size", "classes"), [(40, 10, 3), (30, 200, 2), (25, 8, 25), (300, 20, 5)])
def test_as_if_the_row_were_not_there(rows, size, classes):
    table, labels = drawn(rows, rows, size, classes)
    found, seen = both(table, labels, classes)
    wanted = without_itself(table, labels, classes)
    known = ~np.isnan(wanted)
    assert found[known] == pytest.approx(wanted[known], abs=2e-5)
    assert seen == pytest.approx(
        np.array([[cosine(row, table[labels == k]) for k in range(classes)] for row in table]), abs=2e-5
    )


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.lists(st.sampled_from([0, 0, 1, 2]), min_size=4, max_size=4), st.integers(0, 3)),
        max_size=12,
    )
)
def test_any_small_table(rows):
    table = np.array([row for row, _ in rows], float).reshape(-1, 4)
    table /= np.linalg.norm(table, axis=1, keepdims=True) + 1e-12
    labels = np.array([label for _, label in rows], np.int32)
    found, _ = both(table, labels, 4)
    wanted = without_itself(table, labels, 4)
    known = ~np.isnan(wanted)
    assert found[known] == pytest.approx(wanted[known], abs=1e-4)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("size", [60, 20_000])
@pytest.mark.parametrize("seed", range(6))
def test_a_class_of_one_is_as_likely_as_classes_are_on_the_whole(seed, size):
    """However its own weights are rounded: the squared length of a long text is off by some millionths."""
    table, labels = drawn(seed, 30, size, 3)
    labels[labels == 2] = 1
    labels[0] = 2
    found, _ = both(table, labels, 3)
    others = np.delete(found.ravel(), 2)
    assert np.quantile(others, 0.3) <= found[0, 2] <= np.quantile(others, 0.7)


def test_texts_without_terms_are_like_nothing():
    table, labels = drawn(1, 30, 10, 3)
    table[:4] = 0
    labels[:4] = [0, 1, 2, 2]
    found, seen = both(table, labels, 3)
    assert not found[:4].any()
    assert not seen[:4].any()


def test_a_class_of_texts_without_terms():
    table, labels = drawn(2, 30, 10, 2)
    table[:3], labels[:3] = 0, 2
    found, seen = both(table, labels, 3)
    assert np.isfinite(found).all()
    assert not seen[:, 2].any()


def test_a_large_class_keeps_its_precision():
    table, labels = drawn(3, 20_000, 5, 2)
    found, seen = both(table, labels, 2)
    assert np.abs(found - seen).max() < 1e-3, "one of ten thousand changes little"

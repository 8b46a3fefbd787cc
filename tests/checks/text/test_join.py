"""The join of bands: every pair that shares a key, and a linear share of them where a bucket is crowded."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.text import join as module
from checks.text.prints import Bands
from checks.text.probe import CROWD, LARGEST, LEAST, by_bands


def bands(keys: list[list[int]], first: int = 0) -> Bands:
    """Bands of rows numbered from `first`, one list of keys for each row."""
    number = len(keys)
    turned = np.array(keys, np.uint32).T if keys else np.zeros((2, 0), np.uint32)
    return Bands(
        np.arange(first, first + number), np.ascontiguousarray(turned), np.zeros((number, 2), np.uint64)
    )


def joined(
    train: list[list[int]], evals: list[list[int]], most: int = LARGEST
) -> tuple[set[tuple[int, int]], list[int]]:
    texts = np.random.default_rng(1).permutation(len(train)).astype(np.uint64)
    pairs, crowded = module._by_bands(
        bands(train), texts, np.ones(len(train), np.bool_),
        by_bands(bands(evals), np.ones(len(evals), np.bool_)), np.full(len(evals), most),
    )  # fmt: skip
    listed = list(map(tuple, pairs.tolist()))
    assert len(listed) == len(set(listed))
    return set(listed), crowded.tolist()


KEYS = st.lists(
    st.lists(
        st.integers(0, 3) | st.sampled_from([2**14 - 1, 2**14, 2**17, 2**32 - 1]), min_size=2, max_size=2
    ),
    max_size=12,
)


@given(KEYS, KEYS)
def test_rows_are_joined_that_share_a_band(train, evals):
    pairs, crowded = joined(train, evals)
    expected = {
        (a, b) for a, b in product(range(len(train)), range(len(evals)))
        if any(one == two for one, two in zip(train[a], evals[b], strict=True))
    }  # fmt: skip
    assert pairs == expected
    assert crowded == []


def test_pairs_that_share_many_bands_are_listed_once(monkeypatch):
    monkeypatch.setattr(module, "_AT_ONCE", 7)
    pairs, _ = joined([[5, 6]] * 9, [[5, 6]] * 4)
    assert pairs == set(product(range(9), range(4)))


def test_only_rows_that_stay_are_joined():
    ours, theirs = bands([[1, 2]] * 4, first=10), bands([[1, 5]] * 3, first=3)
    train_stays, eval_stays = np.zeros(14, np.bool_), np.zeros(6, np.bool_)
    train_stays[[11, 13]], eval_stays[[3]] = True, True
    pairs, _ = module._by_bands(
        ours, np.zeros(14, np.uint64), train_stays, by_bands(theirs, eval_stays), np.full(6, LARGEST)
    )
    assert pairs.tolist() == [[11, 3], [13, 3]]


@given(KEYS, KEYS, st.integers(1, 3))
def test_of_a_full_bucket_the_rows_of_the_lowest_text_hashes_are_joined(train, evals, most):
    texts = np.random.default_rng(1).permutation(len(train))
    expected, over = set(), set()
    for band, b in product(range(2), range(len(evals))):
        bucket = sorted(
            (a for a in range(len(train)) if train[a][band] == evals[b][band]), key=lambda a: texts[a]
        )
        expected |= {(a, b) for a in bucket[:most]}
        over |= {b} if len(bucket) > most else set()
    pairs, crowded = joined(train, evals, most)
    assert pairs == expected
    assert set(crowded) == over


@pytest.mark.parametrize(
    ("sizes", "most"), [([1], LARGEST), ([16, 1], LARGEST), ([100], 655), ([9000], LEAST)]
)
def test_how_many_are_compared_follows_from_the_eval_side(sizes, most):
    """So that a bucket of many eval texts costs no more than 65,536 comparisons, or 16 for each of them."""
    assert int(np.clip(CROWD // max(sizes), LEAST, LARGEST)) == most

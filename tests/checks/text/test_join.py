"""The join of bands: every pair that shares a key, and a linear share of them where a bucket is crowded."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.text.overlap import CROWD, TURNS, join
from checks.text.prints import Bands


def bands(keys: list[list[int]], first: int = 0) -> Bands:
    """Bands of rows numbered from `first`, one list of keys for each row."""
    number = len(keys)
    turned = np.array(keys, np.uint32).T if keys else np.zeros((2, 0), np.uint32)
    return Bands(
        np.arange(first, first + number), np.ascontiguousarray(turned), np.zeros((number, 2), np.uint64)
    )


def joined(train: list[list[int]], evals: list[list[int]]) -> tuple[set[tuple[int, int]], list[int]]:
    pairs, crowded = join(
        bands(train), np.ones(len(train), np.bool_), bands(evals), np.ones(len(evals), np.bool_)
    )
    listed = list(map(tuple, pairs.tolist()))
    assert len(listed) == len(set(listed))
    return set(listed), crowded.tolist()


KEYS = st.lists(
    st.lists(st.integers(0, 3) | st.sampled_from([1 << 12, 2**32 - 1]), min_size=2, max_size=2), max_size=12
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


def test_only_rows_that_stay_are_joined():
    ours, theirs = bands([[1, 2]] * 4, first=10), bands([[1, 5]] * 3, first=3)
    train_stays, eval_stays = np.zeros(14, np.bool_), np.zeros(6, np.bool_)
    train_stays[[11, 13]], eval_stays[[3]] = True, True
    pairs, _ = join(ours, train_stays, theirs, eval_stays)
    assert pairs.tolist() == [[11, 3], [13, 3]]


@pytest.mark.parametrize(
    ("train", "evals"), [(256, 256), (257, 256), (5000, 14), (5000, 100), (60, 3000), (1, 66_000)]
)
def test_a_crowded_bucket_stays_linear_and_is_told(train, evals):
    """Up to 65,536 pairs all are judged; above, 16 of the other side for each row, in turn, and the eval rows are named."""
    pairs, crowded = joined(
        [[7, row] for row in range(train)], [[7, (1 << 31) + row] for row in range(evals)]
    )
    assert (crowded == list(range(evals))) == (train * evals > CROWD)
    if train * evals <= CROWD:
        assert len(pairs) == train * evals
        return
    assert len(pairs) <= TURNS * (train + evals)
    ours, theirs = (
        np.bincount([a for a, _ in pairs], minlength=train),
        np.bincount([b for _, b in pairs], minlength=evals),
    )
    assert ours.min() >= min(TURNS, evals)
    assert theirs.min() >= min(TURNS, train)

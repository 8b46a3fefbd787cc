"""The effective number of labelers and its interval, against pairs and against its coverage."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.labels.concentration import effective_labelers, expected_labelers


@given(st.lists(st.integers(1, 8), min_size=1, max_size=6))
def test_the_estimate_against_all_pairs(counts):
    names = [name for name, count in enumerate(counts) for _ in range(count)]
    pairs = [one == other for one, other in combinations(names, 2)]
    for measure in expected_labelers(np.array(counts)):
        assert measure.value == pytest.approx(len(pairs) / sum(pairs))
        low, high = measure.interval
        assert 1 <= low <= measure.value <= high


@pytest.mark.parametrize("shares", [[0.5, 0.2, 0.15, 0.1, 0.05], [0.8, 0.2], [0.9, 0.1], [1 / 3] * 3])
@pytest.mark.parametrize("judgements", [100, 1000])
def test_the_interval_covers(shares, judgements):
    rng = np.random.default_rng(0)
    truth, held = effective_labelers(np.array(shares)).value, 0
    for _ in range(400):
        counts = rng.multinomial(judgements, shares)
        low, high = expected_labelers(counts[counts > 0])[0].interval
        held += low <= truth <= high
    assert held / 400 >= 0.9


@pytest.mark.parametrize("counts", [[1], [1, 1, 1], [2, 1], [1] * 50])
def test_too_few_to_have_an_upper_end(counts):
    assert expected_labelers(np.array(counts)) == ()


def test_one_labeler_is_one():
    (measure,) = expected_labelers(np.array([90]))
    assert (measure.value, measure.interval) == (1, (1, 1))

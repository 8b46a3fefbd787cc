"""Lazy stretches: clean streams, sorted by topic or not, stay unnamed; planted ones are found where they are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from checks.labels.stretches import LEAST, WINDOW, stretches
from tests.crowds import stream


def crowd(seed: int, *, labelers: int = 10, size: int = 300, lazy: int = 0, **how):
    """Streams of labelers, of whom the second has a lazy stretch."""
    rng = np.random.default_rng(seed)
    made = [stream(rng, size, lazy=lazy if one == 1 else 0, **how) for one in range(labelers)]
    who = np.repeat(np.arange(labelers), size)
    return who, np.concatenate([one[0] for one in made]), np.concatenate([one[1] for one in made])


def least_bound(expected: list[int], differs: list[bool]) -> float:
    """The tail of one labeler's worst window, window by window."""
    common = {label for label in expected if expected.count(label) >= LEAST}
    strata = [label if label in common else -1 for label in expected]
    rate = {
        label: np.mean([bad for bad, at in zip(differs, strata, strict=True) if at == label])
        for label in set(strata)
    }
    tails = [1.0]
    for start in range(len(expected) - WINDOW + 1):
        mean = round(sum(rate[label] for label in strata[start : start + WINDOW]), 9)
        count = sum(differs[start : start + WINDOW])
        if count >= mean + 1:
            tails.append(stats.binom.sf(count - 1, WINDOW, mean / WINDOW))
    return min(1.0, min(tails) * (len(expected) - WINDOW + 1))


@pytest.mark.parametrize("seed", range(4))
def test_the_tail_against_a_loop(seed):
    who, expected, label = crowd(seed, labelers=2, size=90, lazy=30)
    found = stretches(who, expected, label)
    bound = least_bound(expected[90:].tolist(), (label != expected)[90:].tolist())
    if 1 in found.labeler:
        assert found.tail[found.labeler == 1] == pytest.approx(bound)
    else:
        assert bound > 0.001


def test_the_bound_is_above_what_shuffling_finds():
    rng = np.random.default_rng(3)
    differs = rng.random(200) < 0.15
    differs[60:85] = rng.random(25) < 0.6
    found = stretches(np.zeros(200, np.int64), np.zeros(200, np.int64), differs.astype(np.int64))
    window = np.ones(WINDOW)
    worst = np.convolve(differs, window, "valid").max()
    hits = sum(np.convolve(rng.permutation(differs), window, "valid").max() >= worst for _ in range(2000))
    assert found.labeler.tolist() == [0]
    assert found.tail[0] >= hits / 2000
    assert found.tail[0] < 0.05


@pytest.mark.parametrize("stay", [0.0, 0.95])
def test_clean_streams_name_nobody(stay):
    assert sum(len(stretches(*crowd(seed, stay=stay)).labeler) for seed in range(20)) <= 1


def test_a_planted_stretch_is_found_where_it_is():
    rng = np.random.default_rng(0)
    differs = rng.random(400) < 0.1
    differs[250:290] = rng.random(40) < 0.7
    expected = rng.integers(0, 4, 400)
    found = stretches(np.zeros(400, np.int64), expected, expected + differs)
    assert found.labeler.tolist() == [0]
    (members,) = found.members
    assert 235 <= members[0] <= 260
    assert 280 <= members[-1] <= 305
    assert found.inside[0] > 0.5 > 0.2 > found.outside[0]


def test_forty_lazy_judgements_are_mostly_found():
    found = [stretches(*crowd(seed, lazy=40, stay=0.0)).labeler.tolist() for seed in range(20)]
    assert sum(1 in names for names in found) >= 17
    assert sum(bool(set(names) - {1}) for names in found) <= 1


def test_time_orders_where_there_is_one():
    rng = np.random.default_rng(1)
    time = np.arange(300.0)
    differs = (rng.random(300) < 0.08).astype(np.int64)
    differs[100:140] = 1
    order = rng.permutation(300)
    zeros = np.zeros(300, np.int64)
    found = stretches(zeros, zeros, differs[order], time[order])
    assert (differs[order][found.members[0]]).mean() > 0.9
    assert (np.diff(time[order][found.members[0]]) == 1).all()
    assert len(stretches(zeros, zeros, differs[order]).labeler) == 0


def test_who_is_bad_throughout_has_no_stretch():
    rng = np.random.default_rng(2)
    assert (
        len(stretches(np.zeros(500, np.int64), rng.integers(0, 3, 500), rng.random(500) < 0.5).labeler) == 0
    )


@settings(max_examples=30)
@given(st.integers(0, 60), st.booleans())
def test_edges(size, differs):
    zeros = np.zeros(size, np.int64)
    found = stretches(zeros, zeros, np.full(size, int(differs)))
    assert found.tested == (size >= LEAST)
    assert len(found.labeler) == 0, "all alike is no stretch"

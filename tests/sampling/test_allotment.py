"""Allotment and assignment: against every division there is, and recounted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations, pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import DataError
from auditor.sampling.allotment import allot
from auditor.sampling.assignment import apart, assign, overlap_of


def divisions(sizes: list[int], rows: int) -> Iterator[tuple[int, ...]]:
    """Every division with at least one row from each stratum."""
    return (one for one in product(*(range(1, size + 1) for size in sizes)) if sum(one) == rows)


def cost(counts: tuple[int, ...], sizes: list[int]) -> float:
    return sum(count * count / size for count, size in zip(counts, sizes, strict=True))


@given(st.lists(st.integers(1, 6), min_size=1, max_size=4), st.data())
def test_allotment_is_the_most_proportional_of_all_divisions(sizes, data):
    rows = data.draw(st.integers(len(sizes), sum(sizes)))
    found = tuple(allot(np.array(sizes), rows).tolist())
    assert found in set(divisions(sizes, rows))
    assert cost(found, sizes) == pytest.approx(min(cost(one, sizes) for one in divisions(sizes, rows)))


@given(st.lists(st.integers(0, 300), min_size=1, max_size=30), st.integers(1, 400))
def test_allotment_keeps_to_what_there_is(sizes, rows):
    found, have = allot(np.array(sizes), rows), np.array(sizes)
    assert found.sum() == min(rows, have.sum())
    assert (found <= have).all()
    if rows >= (have > 0).sum():
        assert (found >= np.minimum(have, 1)).all()


def test_allotment_by_hand():
    assert allot(np.array([800, 150, 50]), 100).tolist() == [80, 15, 5]
    assert allot(np.array([997, 1, 2]), 100).tolist() == [98, 1, 1], "one of each"
    assert allot(np.array([5, 9, 7]), 2).tolist() == [0, 1, 1], "too few for one of each: the largest"
    assert allot(np.array([4, 4]), 3).tolist() == [2, 1], "a tie goes to the earlier one"
    assert allot(np.array([3, 2]), 99).tolist() == [3, 2]
    assert allot(np.array([0, 0]), 9).tolist() == [0, 0]


@given(st.integers(0, 40), st.integers(1, 7), st.data())
def test_assignment_recounted(items, labelers, data):
    overlap = data.draw(st.integers(0, items)) if labelers > 1 else 0
    found = assign(items, overlap, labelers)
    assert len(found) == items
    assert sum(len(one) == 2 for one in found) == overlap
    assert all(len(set(one)) == len(one) for one in found), "two different labelers"
    loads = Counter(who for one in found for who in one)
    counts = [loads[who] for who in range(labelers)]
    assert sum(counts) == items + overlap
    assert max(counts) - min(counts) <= 1
    meetings = Counter(one for one in found if len(one) == 2)
    pairs = [meetings[pair] for pair in combinations(range(labelers), 2)]
    assert not pairs or max(pairs) - min(pairs) <= 1
    alone = [sum(who in one for one in found if len(one) == 2) for who in range(labelers)]
    assert max(alone) - min(alone) <= 1, "nobody is compared more than others"


def test_items_that_two_judge_are_spread():
    found = assign(100, 10, 4)
    places = [place for place, one in enumerate(found) if len(one) == 2]
    assert {later - earlier for earlier, later in pairwise(places)} == {10}


@given(st.integers(1, 30), st.integers(1, 5), st.data())
def test_nobody_judges_again_what_they_judged_if_it_can_be_helped(items, labelers, data):
    overlap = data.draw(st.integers(0, items)) if labelers > 1 else 0
    known = [frozenset(data.draw(st.sets(st.integers(0, labelers - 1), max_size=1))) for _ in range(items)]
    before = assign(items, overlap, labelers)
    after, met = apart(before, known)
    assert met == sum(not one.isdisjoint(of) for one, of in zip(known, after, strict=True))
    assert met <= sum(not one.isdisjoint(of) for one, of in zip(known, before, strict=True))
    assert Counter(who for one in after for who in one) == Counter(who for one in before for who in one)
    assert [len(set(one)) for one in after] == [len(one) for one in before]


def test_a_second_opinion_is_somebody_elses():
    known = [frozenset({item % 3}) for item in range(60)]
    after, met = apart(assign(60, 10, 3), known)
    assert met == 0
    assert all(known[item].isdisjoint(one) for item, one in enumerate(after))
    assert apart([(0,), (0,)], [frozenset({0}), frozenset()]) == ([(0,), (0,)], 1), "nobody else is there"


def test_one_labeler_cannot_be_two():
    assert assign(3, 0, 1) == [(0,), (0,), (0,)]
    with pytest.raises(DataError, match="only one is named"):
        assign(3, 1, 1)


@pytest.mark.parametrize(
    ("text", "items"),
    [(None, 0), ("0", 0), ("200", 200), ("900", 500), ("0.1", 50), ("10%", 50), ("1.0", 500), (" 5 % ", 25)],
)
def test_overlap_is_a_number_or_a_share(text, items):
    assert overlap_of(text, 500) == items


@pytest.mark.parametrize("text", ["-1", "1.5", "120%", "ten", "", "nan", "-0.1", "inf%"])
def test_another_overlap_is_refused(text):
    with pytest.raises(DataError, match=r"write 200, 0\.1 or 10%"):
        overlap_of(text, 500)

"""Differences of word lists: they turn one into the other, and no shorter ones do."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.text import differences as module
from checks.text.differences import differences
from tests import helpers

LISTS = st.lists(st.sampled_from("abcd"), max_size=25)


def rebuilt(a: list[str], b: list[str]) -> list[str]:
    """`a` with each span replaced by what stands there in `b`: must be `b`."""
    out: list[str] = []
    place = 0
    for start, stop, begin, end in differences(a, b):
        out += a[place:start]
        assert len(out) == begin
        out += b[begin:end]
        place = stop
    return out + a[place:]


def cost(a: list[str], b: list[str]) -> int:
    return sum(max(span.stop - span.start, span.end - span.begin) for span in differences(a, b))


def distance(a: list[str], b: list[str]) -> int:
    """The textbook table."""
    above = list(range(len(b) + 1))
    for i, one in enumerate(a, 1):
        row = [i]
        for j, other in enumerate(b, 1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (one != other)))
        above = row
    return above[-1]


def test_equal_lists_do_not_differ():
    for size in (0, 1, 5, 5_000):
        words = [f"w{n % 37}" for n in range(size)]
        assert differences(words, list(words)) == []


@given(LISTS, LISTS)
def test_short_lists_have_the_shortest_edits(a, b):
    assert rebuilt(a, b) == b
    assert cost(a, b) <= distance(a, b)  # a span of two words for one costs two, as their edits do


@given(LISTS, LISTS)
def test_spans_never_touch(a, b):
    found = differences(a, b)
    for one, other in pairwise(found):
        assert one.stop < other.start
        assert one.end < other.begin


@pytest.mark.parametrize("words", [2, 50, 5_000])
@pytest.mark.parametrize("long", [20, 100])
def test_long_lists_are_cut_where_both_are_the_same(words, long, monkeypatch):
    monkeypatch.setattr(module, "LONG", long)
    monkeypatch.setattr(module, "HOPELESS", 10**9)
    known = helpers.vocabulary(words, seed=5)
    rng = helpers.seeded(words)
    a = rng.choices(known, k=900)
    b = helpers.edited(rng, a, known, 30)
    assert rebuilt(a, b) == b
    assert cost(a, b) <= (60 if words > 2 else 120), "30 edits"


def test_what_has_nothing_in_common_is_one_span(monkeypatch):
    monkeypatch.setattr(module, "LONG", 10)
    monkeypatch.setattr(module, "HOPELESS", 100)
    a, b = [f"a{n}" for n in range(50)], [f"b{n}" for n in range(70)]
    assert differences(["x", *a, "y"], ["x", *b, "y"]) == [(1, 51, 1, 71)]


def test_very_long_lists_take_linear_time_and_memory():
    rng = random.Random(3)  # noqa: S311
    a = [str(rng.randrange(5_000)) for _ in range(150_000)]
    b = [*a[:50_000], "new", *a[50_001:]]
    assert differences(a, b) == [(50_000, 50_001, 50_000, 50_001)]

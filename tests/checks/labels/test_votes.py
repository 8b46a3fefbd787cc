"""Votes and scales: which labels are numbers, how far apart they are, and that no judgement is lost."""

from collections import Counter

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.labels.votes import scaled, tally


@pytest.mark.parametrize(
    ("labels", "level"),
    [
        pytest.param(["x", "y", "z"], "nominal", id="text"),
        pytest.param(["0", "1"], "nominal", id="two numbers"),
        pytest.param(["-3", "-2", "+1", "0"], "ordinal", id="signs"),
        pytest.param([str(n) for n in range(1, 11)], "ordinal", id="one to ten"),
        pytest.param([str(n) for n in range(1, 6)], "ordinal", id="five grades"),
        pytest.param(["1", "2", "3"], "nominal", id="codes"),
        pytest.param(["0", "1", "2", "3"], "nominal", id="four codes"),
        pytest.param([str(n) for n in range(11)], "ordinal", id="nought to ten"),
        pytest.param([str(n) for n in range(12)], "interval", id="twelve"),
        pytest.param(["0.5", "1", "2"], "interval", id="fractions"),
        pytest.param(["1", "2", "three"], "nominal", id="mixed"),
        pytest.param(["1", "2", "nan"], "nominal", id="not a number"),
        pytest.param(["1", "2", "inf"], "nominal", id="infinite"),
        pytest.param(["1", "2", "3" * 20], "nominal", id="identifiers"),
        pytest.param(["größe", "我", "👩"], "nominal", id="unicode"),
    ],
)
def test_the_level_of_labels(labels, level):
    scale, _ = scaled(pl.Series(labels))
    assert scale.level == level
    assert (scale.values is None) == any(
        not label.strip("+-").replace(".", "").isdigit() or len(label) > 15 for label in labels
    )


def test_numbers_that_are_spelled_differently_are_one_label():
    scale, code = scaled(pl.Series(["1", "1.0", " 2", "2", "-0", "0", "1"]))
    assert scale.labels.to_list() == ["0", "1", "2"]
    assert code.tolist() == [1, 1, 2, 2, 0, 0, 1]
    assert scale.merged == 3


def test_the_same_spellings_beside_text_are_different_labels():
    scale, code = scaled(pl.Series(["1", "1.0", "x"]))
    assert (scale.labels.to_list(), code.tolist(), scale.merged) == (["1", "1.0", "x"], [0, 1, 2], 0)


def test_the_level_that_is_wanted_overrules_but_not_for_text():
    assert scaled(pl.Series(["1", "2", "3"]), "nominal")[0].level == "nominal"
    assert scaled(pl.Series(["x", "y"]), "interval")[0].level == "nominal"


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), max_size=40), st.integers(1, 3))
def test_votes_against_a_counter(rows, least):
    votes = tally(
        np.array([u for u, _ in rows], np.int64), np.array([c for _, c in rows], np.int64), 4, least=least
    )
    many = Counter(unit for unit, _ in rows)
    kept = [unit for unit in sorted(many) if many[unit] >= least]
    found = [
        (kept[u], c, n)
        for u, c, n in zip(*(a.tolist() for a in (votes.unit, votes.code, votes.votes)), strict=True)
    ]
    assert found == [(u, c, n) for (u, c), n in sorted(Counter(rows).items()) if u in kept]
    assert votes.units == len(kept)
    assert votes.unit[votes.starts].tolist() == list(range(len(kept)))

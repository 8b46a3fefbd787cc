"""Lengths: every row is in one bin, the one that a loop would put it in."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from checks.text.lengths import BINS, length_table


def bins(sizes, limit=0):
    (made,) = length_table(
        {role: pl.Series(values, dtype=pl.Float64) for role, values in sizes.items()}, limit
    )
    return made


@pytest.mark.parametrize("longest", [1, 7, 30, 99, 100, 101, 480, 5_000, 123_456])
def test_rows_are_counted_where_a_loop_counts_them(longest):
    rng = np.random.default_rng(longest)
    sizes = {"train": rng.uniform(0, longest, 500), "eval": rng.exponential(longest / 3, 200)}
    table = bins(sizes).table
    edges = table["tokens"].to_list()
    for role, values in sizes.items():
        counted = [0] * len(edges)
        for value in values:
            counted[max(i for i, edge in enumerate(edges) if edge <= value)] += 1
        assert table[role].to_list() == counted
    assert len(edges) <= BINS + 2
    assert len(set(np.diff(edges))) == 1


def test_one_giant_does_not_squeeze_the_others():
    table = bins({"train": [*range(1, 200), 10**6]}).table
    assert table.height > BINS / 2
    assert table["train"][-1] == 1 + sum(value >= table["tokens"][-1] for value in range(1, 200))


def test_a_limit_is_pointed_out_and_none_is_not():
    assert bins({"train": [10, 20]}, 4096).chart.at == 4096
    assert bins({"train": [10, 20]}, 4096).chart.at_says == "limit of 4,096 tokens"
    assert bins({"train": [10, 20]}).chart.at is None


def test_edges():
    assert length_table({"train": pl.Series([], dtype=pl.Float64)}, 0) == ()
    assert length_table({"train": pl.Series([None, float("nan")], dtype=pl.Float64)}, 0) == ()
    assert bins({"train": [0.0] * 5}).table.rows() == [(0, 5)]
    assert bins({"train": [None, 3.0]}).table["train"].sum() == 1

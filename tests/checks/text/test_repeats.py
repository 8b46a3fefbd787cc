"""Hashes that may stand in several rows, against counting them."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.text.repeats import perhaps_repeated, perhaps_shared


def test_no_hash_at_all():
    assert perhaps_repeated(np.zeros(0, np.uint64)).tolist() == []
    none = np.zeros(0, np.int64)
    assert perhaps_shared(np.zeros(3, np.uint32), none, none.astype(np.uint64)).tolist() == []


@pytest.mark.parametrize("rows", [1, 100, 5000, 100_000])
def test_of_hashes_that_stand_in_one_row_few_look_repeated(rows):
    rng = np.random.default_rng(rows)
    assert len(perhaps_repeated(rng.integers(0, 2**64, rows, np.uint64))) <= 0.25 * rows
    keys, all_rows = rng.permutation(2**20)[:rows].astype(np.uint32) << 12, np.arange(rows)
    assert len(perhaps_shared(keys, all_rows, all_rows.astype(np.uint64))) <= 0.25 * rows


HASHES = st.lists(st.integers(0, 5) | st.integers(0, 2**64 - 1), max_size=40)


@given(HASHES)
def test_every_hash_of_several_rows_is_among_them(hashes):
    found = perhaps_repeated(np.array(hashes, np.uint64)).tolist()
    assert found == sorted(set(found))
    often = Counter(hashes)
    assert {row for row, value in enumerate(hashes) if often[value] > 1} <= set(found)


@given(HASHES, st.data())
def test_every_key_of_several_rows_is_among_them(hashes, data):
    keys = [value >> 32 if value > 5 else value << 29 for value in hashes]
    places = data.draw(st.lists(st.integers(0, max(len(keys) - 1, 0)), unique=True, max_size=len(keys)))
    rows = [7 * place + 1 for place in places]
    found = perhaps_shared(
        np.array(keys, np.uint32), np.array(places, np.int64), np.array(rows, np.uint64)
    ).tolist()
    often = Counter(keys[place] for place in places)
    every = [keys[place] << 32 | row for place, row in zip(places, rows, strict=True)]
    assert [one for one in every if one in found] == found, "in their order, each once"
    assert {one for one in every if often[one >> 32] > 1} <= set(found)

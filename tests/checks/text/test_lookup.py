"""Look-ups by hash, held against a dictionary."""

from __future__ import annotations

import numpy as np
import pytest

from checks.text.kernel import kernel
from checks.text.lookup import find, find_all, lookup
from tests import helpers


@kernel
def places(keys, known):
    out = np.empty(len(keys), np.int64)
    for i in range(len(keys)):
        out[i] = find(keys[i], known)
    return out


def held(keys: list[int]) -> None:
    rng = helpers.seeded(len(keys))
    known = lookup(np.array(keys, np.uint64), np.arange(len(keys)))
    wanted = dict[int, list[int]]()
    for value, key in enumerate(keys):
        wanted.setdefault(key, []).append(value)
    asked = [*wanted, *(rng.getrandbits(64) for _ in range(500)), 0, 1, (1 << 64) - 1]
    for key, place in zip(asked, places(np.array(asked, np.uint64), known).tolist(), strict=True):
        values = known.values[known.bounds[place] : known.bounds[place + 1]].tolist() if place >= 0 else []
        assert values == wanted.get(key, []), key


@pytest.mark.parametrize("size", [0, 1, 2, 15, 16, 17, 300, 5000])
def test_every_key_gives_its_values_and_others_give_none(size):
    rng = helpers.seeded(size)
    keys = [rng.getrandbits(64) for _ in range(size)]
    held(keys + keys[: size // 3])


def test_keys_that_are_not_spread_are_found_too():
    held([1, 2, 3, (1 << 64) - 1, (1 << 64) - 2, 0])
    held([(7 << 60) + n for n in range(4000)])


@pytest.mark.parametrize("keys", [[], [0], [2**64 - 1], [0, 5, 2**63, 2**64 - 1]])
def test_all_keys_at_once(keys):
    known = lookup(np.array(keys, np.uint64), np.arange(len(keys)))
    asked = [0, 1, 5, 2**63, 2**64 - 1]
    expected = [keys.index(key) if key in keys else -1 for key in asked]
    assert find_all(np.array(asked, np.uint64), known).tolist() == expected

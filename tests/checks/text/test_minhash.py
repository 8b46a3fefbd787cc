"""MinHash: signatures equal to datasketch's, bands chosen by recall."""

import math

import datasketch
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.text import minhash
from checks.text.grams import hash_grams
from checks.text.minhash import Banding, agreement, band_keys, banding, one_bits, permutations, sign
from tests import helpers

GRAMS = st.lists(st.integers(0, 2**64 - 1), max_size=40)


def signature(grams: list[int], count: int = 128) -> np.ndarray:
    factors, offsets = permutations(count)
    out = np.full(count, 7, np.uint32)
    sign(np.array(grams, np.uint64), len(grams), factors, offsets, np.full(len(grams) + 3, 7, np.uint32), out)
    return out


def reference(grams: list[int], count: int = 128) -> list[int]:
    sketch = datasketch.MinHash(num_perm=count, seed=1, hashfunc=lambda value: value)
    for gram in grams:
        sketch.update(gram & 0xFFFFFFFF)
    return sketch.digest().tolist()


def keys(values: np.ndarray, rows: int) -> list[int]:
    out = np.zeros((len(values) // rows, 1), np.uint32)
    band_keys(values, rows, out, 0)
    return out[:, 0].tolist()


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 5, 7, 8, 9, 63, 64, 65, 1000])
@pytest.mark.parametrize("count", [1, 16, 100, 128, 256])
def test_signatures_are_bit_identical_to_datasketch(size, count):
    rng = helpers.seeded(size)
    grams = [rng.getrandbits(64) for _ in range(size)]
    assert signature(grams, count).tolist() == reference(grams, count)


@given(GRAMS)
def test_any_signature_is_bit_identical_to_datasketch(grams):
    assert signature(grams).tolist() == reference(grams)


def test_signatures_of_text_grams_are_bit_identical_to_datasketch():
    rng = helpers.seeded(2)
    words = np.array([rng.getrandbits(64) for _ in range(300)], np.uint64)
    grams = np.zeros(300, np.uint64)
    found = grams[: hash_grams(words, len(words), 5, grams)].tolist()
    assert signature(found).tolist() == reference(found)


@given(GRAMS.filter(bool), st.randoms(use_true_random=False))
def test_order_and_repeats_of_grams_change_nothing(grams, rng):
    more = grams + rng.choices(grams, k=5)
    rng.shuffle(more)
    assert (signature(more) == signature(grams)).all()


@pytest.mark.parametrize(
    ("threshold", "expected"), [(0.8, Banding(25, 5)), (0.7, Banding(32, 4)), (0.6, Banding(42, 3))]
)
def test_bands_are_chosen_by_recall(threshold, expected):
    assert banding(threshold, 0.999, 128) == expected
    assert expected.recall(threshold) >= 0.999
    assert Banding(128 // (expected.rows + 1), expected.rows + 1).recall(threshold) < 0.999


@given(st.floats(0.3, 0.99), st.floats(0.5, 0.9999), st.integers(16, 256))
def test_a_banding_fits_and_finds_what_it_promises(threshold, recall, count):
    if Banding(count, 1).recall(threshold) < recall:
        with pytest.raises(ValueError, match=str(count)):
            banding(threshold, recall, count)
        return
    chosen = banding(threshold, recall, count)
    assert chosen.bands * chosen.rows <= count
    assert chosen.recall(threshold) >= recall
    assert all(
        Banding(count // rows, rows).recall(threshold) < recall for rows in range(chosen.rows + 1, count + 1)
    )


def test_recall_that_cannot_be_had_is_refused():
    with pytest.raises(ValueError, match="4 permutations cannot find"):
        banding(0.5, 0.999, 4)


def test_datasketch_itself_would_choose_bands_that_miss_most_pairs():
    """The measurement behind `banding`: why datasketch's choice is not used."""
    chosen = datasketch.MinHashLSH(threshold=0.8, num_perm=128)
    assert Banding(chosen.b, chosen.r).recall(0.8) < 0.5


def test_shares_of_equal_values_estimate_the_similarity():
    """Mean over 200 pairs of sets of Jaccard similarity .8, within four standard errors."""
    rng = helpers.seeded(5)
    agreeing = []
    for _ in range(200):
        shared = [rng.getrandbits(64) for _ in range(80)]
        one, two = ([*shared, *(rng.getrandbits(64) for _ in range(10))] for _ in range(2))
        agreeing.append(float((signature(one) == signature(two)).mean()))
    assert abs(sum(agreeing) / 200 - 0.8) < 4 * math.sqrt(0.8 * 0.2 / 128 / 200)


@pytest.mark.parametrize("rows", [1, 3, 4, 5, 128])
def test_band_keys_differ_exactly_in_the_bands_that_differ(rows):
    rng = np.random.default_rng(1)
    values = rng.integers(0, 2**32, 128, np.uint32)
    for place in range(128):
        changed = values.copy()
        changed[place] ^= np.uint32(1) << np.uint32(place % 32)
        different = [one != two for one, two in zip(keys(values, rows), keys(changed, rows), strict=True)]
        assert different == [place // rows == band for band in range(128 // rows)]


def test_the_same_values_in_another_band_give_another_key():
    assert len(set(keys(np.zeros(128, np.uint32), 5))) == 25


@pytest.mark.parametrize("count", [1, 63, 64, 65, 100, 128, 200])
def test_bits_follow_from_single_values(count):
    """Each value gives one bit, which depends on that value alone; beyond 128 none is kept."""
    rng = np.random.default_rng(2)
    one, two = rng.integers(0, 2**32, (2, count), np.uint32)

    def bits(values: np.ndarray) -> int:
        low, high = one_bits(values)
        return int(low) | int(high) << 64

    for place in range(count):
        mixed = one.copy()
        mixed[place] = two[place]
        assert bits(mixed) ^ bits(one) in (0, 1 << place)
        if place >= 128:
            assert bits(mixed) == bits(one)
    assert bits(one) < 1 << min(count, 128)


@pytest.mark.parametrize("size", [4, 8, 40, 200])
def test_bits_lose_no_more_pairs_at_the_threshold_than_stated(size):
    """Sets of any size: 1,000 pairs of similarity .8 or a little more, none of which may fail by its bits."""
    rng = helpers.seeded(size)
    least, lost = agreement(0.8, 128), 0
    for _ in range(1000):
        one = [rng.getrandbits(64) for _ in range(size)]
        two = [*one, *(rng.getrandbits(64) for _ in range(size // 4))]
        (a, b), (c, d) = one_bits(signature(one)), one_bits(signature(two))
        lost += 128 - (int(a) ^ int(c)).bit_count() - (int(b) ^ int(d)).bit_count() < least
    assert lost == 0


@pytest.mark.parametrize("threshold", [0.5, 0.6, 0.7, 0.8, 0.9])
def test_the_bits_asked_for_lie_far_below_the_mean(threshold):
    chance = (1 + threshold) / 2
    lost = sum(
        math.comb(128, agreed) * chance**agreed * (1 - chance) ** (128 - agreed)
        for agreed in range(agreement(threshold, 128))
    )
    assert lost < 1e-5
    assert agreement(threshold, 128) > 64, "chance agreement must not pass"
    assert minhash.agreement(threshold, 64) < agreement(threshold, 128)

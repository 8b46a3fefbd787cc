"""MinHash signatures, bit-identical to datasketch 2.0 (scheme `affine32`, seed 1), and how they are banded.

Each permutation is h -> a * h + b mod 2^32 with odd a, applied to the 32 low bits of a gram hash after one pass of
the MurmurHash3 finalizer; a signature keeps the smallest value of each. Two rows become candidates if all rows of
one band agree. Two texts of Jaccard similarity s agree in a signature value with probability s, so b bands of r rows
find them with probability 1 - (1 - s^r)^b.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from checks.text.grams import PRIME, mix
from checks.text.kernel import Codes, Hash, Hashes, Int, kernel, part

U32, U64 = np.uint32, np.uint64
_SPREAD = U32(0x9E3779B1)
SEED = 1
"""datasketch's default seed; signatures of other seeds cannot be compared."""


@dataclass(frozen=True, slots=True)
class Banding:
    """How a signature is cut: `bands` bands of `rows` values."""

    bands: int
    rows: int

    def recall(self, similarity: float) -> float:
        """Probability that two texts of this Jaccard similarity share a band."""
        return float(1 - (1 - similarity**self.rows) ** self.bands)


def banding(threshold: float, recall: float, permutations: int) -> Banding:
    """The most selective banding that still finds `recall` of the pairs at `threshold`.

    datasketch's own choice balances false candidates against misses and finds 40 % of the pairs at .8; here every
    candidate is verified, so false ones only cost time.

    Raises:
        ValueError: no banding of so few permutations reaches the recall.
    """
    for rows in range(permutations, 0, -1):
        choice = Banding(permutations // rows, rows)
        if choice.recall(threshold) >= recall:
            return choice
    message = f"{permutations} permutations cannot find {recall:.2%} of the pairs at similarity {threshold}"
    raise ValueError(message)


def permutations(count: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Factors and offsets of the first `count` permutations, drawn exactly as datasketch draws them."""
    source = np.random.RandomState(SEED)
    factors = source.randint(0, 1 << 31, count, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return factors, source.randint(0, 1 << 32, count, dtype=np.uint32)


@part
def scramble(value: np.uint32) -> np.uint32:
    """The MurmurHash3 finalizer on a uint32, datasketch's first step with every element."""
    value ^= value >> U32(16)
    value = U32(value * U32(0x85EBCA6B))
    value ^= value >> U32(13)
    value = U32(value * U32(0xC2B2AE35))
    return value ^ (value >> U32(16))


@kernel
def sign(grams: Hashes, count: Int, factors: Codes, offsets: Codes, scratch: Codes, out: Codes) -> None:
    """MinHash signature of `count` gram hashes into `out` (uint32, one per permutation).

    `scratch` (uint32) must hold `count + 3` entries.
    """
    for i in range(count):
        scratch[i] = scramble(U32(grams[i]))
    for i in range(count, count + (-count) % 4):  # repeats do not change a minimum
        scratch[i] = scratch[0]
    for k in range(len(out)):
        out[k] = U32(0xFFFFFFFF)
    for i in range(0, count, 4):
        one, two, three, four = scratch[i], scratch[i + 1], scratch[i + 2], scratch[i + 3]
        for k in range(len(out)):
            a, b = factors[k], offsets[k]
            low = min(min(U32(a * one + b), U32(a * two + b)), min(U32(a * three + b), U32(a * four + b)))
            out[k] = min(out[k], low)


@kernel
def band_keys(signature: Codes, rows: Int, out: Codes, place: Int) -> None:
    """One uint32 key per band of `rows` signature values into `out[:, place]`."""
    for band in range(len(out)):
        key = U64(band)
        for k in range(band * rows, (band + 1) * rows):
            key = (key ^ U64(signature[k])) * PRIME
        out[band, place] = U32(mix(key) >> U64(32))


@part
def one_bits(signature: Codes) -> tuple[Hash, Hash]:
    """One bit of each of the first 128 signature values, as two uint64 (b-bit minwise hashing, Li and Konig 2010).

    The values are spread first: every factor of the permutations is odd, so the lowest bits of two values tell the
    same about an element and would not be independent.
    """
    low, high = U64(0), U64(0)
    for k in range(min(64, len(signature))):
        low |= U64(U32(signature[k] * _SPREAD) >> U32(31)) << U64(k)
    for k in range(64, min(128, len(signature))):
        high |= U64(U32(signature[k] * _SPREAD) >> U32(31)) << U64(k - 64)
    return low, high


def agreement(threshold: float, permutations: int) -> int:
    """Bits of two rows' `one_bits` that must agree for a pair to be worth an exact comparison.

    Bits agree with probability (1 + s) / 2 at similarity s; five standard deviations below the mean at the threshold
    lose fewer than 1 pair in 100,000 there and drop nearly all chance candidates.
    """
    bits, chance = min(permutations, 128), (1 + threshold) / 2
    return int(bits * chance - 5 * (bits * chance * (1 - chance)) ** 0.5)

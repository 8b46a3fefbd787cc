"""Summaries of short texts: how alike two are can be estimated from them, what they say cannot be read off them."""

from __future__ import annotations

import numpy as np

from checks.text.grams import PRIME, mix
from checks.text.kernel import Codes, Hash, Hashes, Int, kernel, part
from checks.text.minhash import sign

U32, U64 = np.uint32, np.uint64

VALUES, BITS = 128, 4
"""MinHash values of a summary, and the bits kept of each: a similarity of .8 is estimated to .037, and that a chance match
of four bits is one in sixteen is taken out."""
SIZE = VALUES * BITS // 64
"""Numbers of 64 bits that hold a summary."""
BAND, BANDS = 5, VALUES // 5
"""Values of a band of a summary, and bands: of the pairs at a similarity of .8 they find all but one in 50,000, of those
at .6 92 %, and of unrelated ones 1 in 40,000."""
_CHANCE = 1 / 16
"""How often four bits agree by chance."""
_LOW = U64(0x1111111111111111)


@part
def summarise(
    pieces: Hashes, number: Int, factors: Codes, offsets: Codes, small: Codes, signature: Codes, out: Hashes
) -> None:
    """Four bits of each MinHash value of the pieces into `out`."""
    sign(pieces, number, factors, offsets, small, signature)
    for i in range(VALUES):
        # Every factor is odd, so the low bits of two values are not independent: the high ones of a product are.
        value = U64(U32(signature[i] * U32(0x9E3779B1)) >> U32(28))
        out[i >> 4] |= value << U64(4 * (i & 15))


@part
def band_key(summary: Hashes, band: Int) -> Hash:
    """The values of a band as one number that is spread over 64 bits."""
    key = U64(band + 1)
    for i in range(band * BAND, (band + 1) * BAND):
        key = key << U64(4) | (summary[i >> 4] >> U64(4 * (i & 15))) & U64(15)
    return mix(key * PRIME)


@part
def similarity(left: Hashes, right: Hashes) -> float:
    """Jaccard similarity as estimated from two summaries."""
    equal = 0
    for i in range(SIZE):
        other = left[i] ^ right[i]
        other |= other >> U64(2)
        other = ~(other | other >> U64(1)) & _LOW
        while other:
            other &= other - U64(1)
            equal += 1
    return max(0.0, (equal / VALUES - _CHANCE) / (1 - _CHANCE))


@kernel
def band_keys(summaries: Hashes) -> Hashes:
    """Keys of all bands, shape (summaries, bands)."""
    keys = np.empty((len(summaries), BANDS), np.uint64)
    for i in range(len(summaries)):
        for band in range(BANDS):
            keys[i, band] = band_key(summaries[i], band)
    return keys

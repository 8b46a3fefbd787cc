"""A fast keyed hash of large contents, for names in the cache.

Each 4 KB are condensed to 128 bits by NH (J. Black, S. Halevi, H. Krawczyk, T. Krovetz, P. Rogaway 1999, UMAC: fast
and secure message authentication), and these by SHA-256. Whoever does not know the secret of the cache finds two
blocks that look alike with a chance of 2^-64 a try, so that a file cannot be made to pass for another one; and it costs
a tenth of SHA-256 alone.
"""

from __future__ import annotations

import hashlib

import numpy as np

from checks.text.kernel import Bytes, Hash, Hashes, Int, high_product, kernel, load8, part

U64 = np.uint64
BLOCK = 4096


class Condenser:
    """The hash of contents that come piece by piece."""

    def __init__(self, secret: bytes) -> None:
        self._key = np.frombuffer(hashlib.shake_256(secret).digest(BLOCK), np.uint64)
        self._hash, self._size = hashlib.sha256(), 0

    def update(self, data: memoryview) -> None:
        """Take the next bytes; but for the last ones a multiple of `BLOCK`."""
        whole = np.frombuffer(data, np.uint8)
        out = np.empty(2 * -(-len(whole) // BLOCK), np.uint64)
        rest = np.zeros(BLOCK, np.uint8)
        if len(whole) % BLOCK:
            rest[: len(whole) % BLOCK] = whole[-(len(whole) % BLOCK) :]
        condense(whole, rest, self._key, out)
        self._hash.update(out.data)
        self._size += len(whole)

    def digest(self) -> str:
        """The hash of all that came."""
        done = self._hash.copy()
        done.update(self._size.to_bytes(8, "little"))
        return done.hexdigest()


@kernel
def condense(data: Bytes, rest: Bytes, key: Hashes, out: Hashes) -> None:
    """NH of each block of `data` into two numbers of `out`; `rest` is its last one, filled up with zeros."""
    blocks = len(data) // BLOCK
    for block in range(blocks):
        out[2 * block], out[2 * block + 1] = _condensed(data, block * BLOCK, key)
    if 2 * blocks < len(out):
        out[2 * blocks], out[2 * blocks + 1] = _condensed(rest, 0, key)


@part
def _condensed(data: Bytes, start: Int, key: Hashes) -> tuple[Hash, Hash]:
    low, high = U64(0), U64(0)
    for i in range(0, len(key), 2):
        one = load8(data, start + 8 * i) + key[i]
        two = load8(data, start + 8 * i + 8) + key[i + 1]
        more = one * two
        low += more
        high += high_product(one, two) + U64(low < more)
    return low, high

"""Keyed hashes: SipHash-2-4 as its authors publish it, under a subkey for each purpose."""

from __future__ import annotations

import numpy as np
import pytest

from checks.text.kernel import kernel
from checks.text.keyed import PHRASE, PROMPT, TEXT, keyed, subkeys
from tests import helpers

MASK = (1 << 64) - 1
PUBLISHED = {8: 0x93F5F5799A932462, 15: 0xA129CA6149BE45E5, 16: 0x3F2ACC7F57C29BDB}
"""Of the bytes 0, 1, 2 ... under the key of the bytes 0 to 15: the reference code, and appendix A of the paper (15)."""


def siphash(key: bytes, message: bytes) -> int:
    """SipHash-2-4 by the book."""
    low, high = int.from_bytes(key[:8], "little"), int.from_bytes(key[8:], "little")
    v = [
        low ^ 0x736F6D6570736575,
        high ^ 0x646F72616E646F6D,
        low ^ 0x6C7967656E657261,
        high ^ 0x7465646279746573,
    ]

    def turned(value: int, bits: int) -> int:
        return (value << bits | value >> (64 - bits)) & MASK

    def rounds(number: int) -> None:
        for _ in range(number):
            v[0], v[2] = (v[0] + v[1]) & MASK, (v[2] + v[3]) & MASK
            v[1], v[3] = turned(v[1], 13) ^ v[0], turned(v[3], 16) ^ v[2]
            v[0] = turned(v[0], 32)
            v[2], v[0] = (v[2] + v[1]) & MASK, (v[0] + v[3]) & MASK
            v[1], v[3] = turned(v[1], 17) ^ v[2], turned(v[3], 21) ^ v[0]
            v[2] = turned(v[2], 32)

    padded = message + bytes(7 - len(message) % 8) + bytes([len(message) % 256])
    for start in range(0, len(padded), 8):
        block = int.from_bytes(padded[start : start + 8], "little")
        v[3] ^= block
        rounds(2)
        v[0] ^= block
    v[2] ^= 0xFF
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


@kernel
def hashed(keys, purpose, first, second):
    return keyed(keys, purpose, first, second)


@pytest.mark.parametrize(("size", "expected"), PUBLISHED.items())
def test_the_oracle_gives_the_published_values(size, expected):
    assert siphash(bytes(range(16)), bytes(range(size))) == expected


def test_the_kernel_is_siphash_of_sixteen_bytes():
    rng = helpers.seeded(1)
    cases = [(bytes(range(16)), bytes(range(16)))] + [
        (rng.randbytes(16), rng.randbytes(16)) for _ in range(200)
    ]
    for key, message in cases:
        keys = np.frombuffer(key, "<u8").reshape(1, 2).astype(np.uint64)
        first, second = np.frombuffer(message, "<u8").astype(np.uint64)
        assert int(hashed(keys, 0, first, second)) == siphash(key, message)


def test_every_key_and_every_purpose_has_subkeys_of_its_own():
    found = {tuple(pair) for key in (b"a" * 16, b"b" * 16, bytes(16)) for pair in subkeys(key).tolist()}
    assert len(found) == 3 * 5
    assert (subkeys(b"a" * 16) == subkeys(b"a" * 16)).all()
    keys = subkeys(b"a" * 16)
    values = {int(hashed(keys, purpose, np.uint64(7), np.uint64(0))) for purpose in (TEXT, PROMPT, PHRASE)}
    assert len(values) == 3

"""Keyed hashes: equal for equal words under one key, and telling nothing to whoever lacks it.

The hashes of `checks.text.grams` are public: whoever reads one can try words until they give it. Here each goes through
SipHash-2-4 (Aumasson and Bernstein 2012), a pseudo-random function of a 128-bit key, under a subkey of its own for each
purpose, so that the hash of a prompt cannot be compared with that of a phrase.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks.text.kernel import Hash, Hashes, part

U64 = np.uint64

KEY = 16
"""Bytes of a key."""
TEXT, TEXT_TOO, PROMPT, PHRASE, PIECE = range(5)
"""Purposes, each with a subkey: both halves of a text's hash, prompts, five words, five characters."""
_PURPOSES = (b"text", b"text-too", b"prompt", b"phrase", b"piece")
_LENGTH = U64(16 << 56)


class Round(NamedTuple):
    """The state of SipHash."""

    a: Hash
    b: Hash
    c: Hash
    d: Hash


def subkeys(key: bytes) -> NDArray[np.uint64]:
    """One 128-bit subkey a purpose, shape (purposes, 2), by keyed BLAKE2b."""
    found = [hashlib.blake2b(key=key, person=purpose, digest_size=16).digest() for purpose in _PURPOSES]
    return np.frombuffer(b"".join(found), "<u8").reshape(-1, 2).astype(U64)


@part
def _turned(value: Hash, bits: int) -> Hash:
    return (value << U64(bits)) | (value >> U64(64 - bits))


@part
def _round(s: Round) -> Round:
    a, b, c, d = s.a + s.b, _turned(s.b, 13), s.c + s.d, _turned(s.d, 16)
    b ^= a
    d ^= c
    a = _turned(a, 32) + d
    c += b
    d = _turned(d, 21) ^ a
    b = _turned(b, 17) ^ c
    return Round(a, b, _turned(c, 32), d)


@part
def _absorbed(s: Round, block: Hash) -> Round:
    s = _round(_round(Round(s.a, s.b, s.c, s.d ^ block)))
    return Round(s.a ^ block, s.b, s.c, s.d)


@part
def keyed(keys: Hashes, purpose: int, first: Hash, second: Hash) -> Hash:
    """SipHash-2-4 of the sixteen bytes `first`, `second` (little-endian) under the subkey of a purpose."""
    low, high = keys[purpose, 0], keys[purpose, 1]
    s = Round(
        low ^ U64(0x736F6D6570736575),
        high ^ U64(0x646F72616E646F6D),
        low ^ U64(0x6C7967656E657261),
        high ^ U64(0x7465646279746573),
    )
    s = _absorbed(_absorbed(_absorbed(s, first), second), _LENGTH)
    s = _round(_round(_round(_round(Round(s.a, s.b, s.c ^ U64(0xFF), s.d)))))
    return s.a ^ s.b ^ s.c ^ s.d

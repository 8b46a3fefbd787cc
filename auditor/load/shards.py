"""Large files of lines as shards: runs of whole lines whose borders follow from the content around them.

A shard has the same bytes, and so the same place in the store, wherever it stands in a file: lines that are added,
changed or taken out cost the shards they stand in, and one or two more behind them until borders coincide again
(Muthitacharoen, Chen, Mazieres 2001, A low-bandwidth network file system).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from auditor.load.condense import Condenser
from auditor.load.streams import CHUNK
from checks.text.grams import PRIME, mix
from checks.text.kernel import Bytes, Hash, Int, kernel, load8, lowest_bit

U64 = np.uint64
SMALLEST = 16 << 20
"""Bytes of a shard, at least; it is at most twice as long unless a line is longer. A changed row costs a shard of 24 MB
on average: a quarter of a CPU second."""
_NEWLINES, _ONES, _HIGH = U64(0x0A0A0A0A0A0A0A0A), U64(0x0101010101010101), U64(0x8080808080808080)


class Shard(NamedTuple):
    """A run of whole lines of a file."""

    offset: int
    size: int
    key: str
    """Hash of its content under the secret of the cache."""


class Range:
    """Some bytes of a file, read once and in order."""

    def __init__(self, file: int, offset: int, size: int) -> None:
        self._file, self._at, self._end = file, offset, offset + size

    def readinto(self, view: memoryview) -> int:
        """Fill (a part of) `view`; 0 at the end."""
        count = os.preadv(self._file, [view[: max(0, self._end - self._at)]], self._at)
        self._at += count
        return count


def shard_key(source: Range, secret: bytes) -> str:
    """The key that a shard of this content has."""
    view, own = _view(), Condenser(secret)
    while count := source.readinto(view):
        own.update(view[:count])
    return own.digest()


def _view() -> memoryview:
    return memoryview(bytearray(min(CHUNK, SMALLEST)))


class Cut:
    """The shards of a file, cut as they are asked for, and its hash once all of them were."""

    def __init__(self, file: int, size: int, secret: bytes) -> None:
        self._file, self._size, self._secret = file, size, secret
        self._hash = hashlib.sha256()
        self.position = 0
        """Bytes that have been cut."""

    def __iter__(self) -> Iterator[Shard]:
        view = _view()
        while self.position < self._size:
            start, own = self.position, Condenser(self._secret)
            source = Range(self._file, start, self._border(start, view) - start)
            while count := source.readinto(view):
                own.update(view[:count])
                self._hash.update(view[:count])
                self.position += count
            if self.position == start:  # the file was cut short meanwhile
                return
            yield Shard(start, self.position - start, own.digest())

    def digest(self) -> str:
        """SHA-256 of what was cut."""
        return self._hash.hexdigest()

    def _border(self, start: int, view: memoryview) -> int:
        """Where the shard that begins at `start` ends: behind the line of the lowest hash that is far enough."""
        look = start + SMALLEST
        while self._size - look > SMALLEST:
            lowest, border = U64(0xFFFFFFFFFFFFFFFF), -1
            for place in range(look, look + SMALLEST, len(view)):
                count = os.preadv(self._file, [view], place)
                found, at = _lowest(np.frombuffer(view[:count], np.uint8))
                if at >= 0 and found < lowest:
                    lowest, border = found, place + int(at)
            if border >= 0:
                return border
            look += SMALLEST
        return self._size


@kernel
def _lowest(data: Bytes) -> tuple[Hash, Int]:
    """The lowest hash of a line that begins and ends in `data`, and the place behind it; -1 if there is none."""
    lowest, border = U64(0xFFFFFFFFFFFFFFFF), np.int64(-1)
    at: Int = np.int64(0)
    value, first = U64(0), True
    while at + 8 <= len(data):
        block = load8(data, at)
        ends = block ^ _NEWLINES
        ends = (ends - _ONES) & ~ends & _HIGH
        if ends == U64(0):
            value = (value ^ block) * PRIME
            value ^= value >> U64(32)
            at += 8
            continue
        size = np.int64(lowest_bit(ends) >> U64(3))
        value = mix(value ^ (block & ((U64(1) << U64(8 * size)) - U64(1))))
        at += size + 1
        if not first and value < lowest:
            lowest, border = value, at
        value, first = U64(0), False
    return lowest, border

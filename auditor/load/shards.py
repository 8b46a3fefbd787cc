"""Large files of lines as shards: runs of whole lines whose borders follow from the content around them.

A shard has the same bytes, and so the same place in the store, wherever it stands in a file: lines that are added,
changed or taken out cost the shards they stand in, and one or two more behind them until borders coincide again
(Muthitacharoen, Chen, Mazieres 2001, A low-bandwidth network file system). Looking for borders takes as long as reading;
what begins like a shard that is known is first held against that one.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from auditor.load.condense import BLOCK, Condenser
from auditor.load.streams import CHUNK
from checks.text.grams import PRIME, mix
from checks.text.kernel import Bytes, Hash, Int, kernel, load8, lowest_bit

U64 = np.uint64
SMALLEST = 8 << 20
"""Bytes of a shard, at least; it is at most twice as long unless a line is longer. A changed row costs a shard of 12 MB
on average: an eighth of a CPU second. Shards half as long would double what a file costs of which nothing changed."""
BEGINNING = 16
"""Hexadecimal digits that tell how a shard begins: what begins otherwise and has the same is looked at in vain."""
_NEWLINES, _ONES, _HIGH = U64(0x0A0A0A0A0A0A0A0A), U64(0x0101010101010101), U64(0x8080808080808080)


class Shard(NamedTuple):
    """A run of whole lines of a file."""

    offset: int
    size: int
    key: str
    """Hash of its content under the secret of the cache."""
    beginning: str
    """Hash of its first bytes."""


class Known(NamedTuple):
    """What is known about shards of earlier audits; it saves time and changes no result."""

    sizes: Mapping[str, Sequence[int]] = {}
    """Bytes of the shards that begin so."""
    holds: Callable[[Shard], bool] = lambda _shard: False
    """Whether a shard is one of them."""


NOTHING = Known()


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

    def __init__(self, file: int, size: int, secret: bytes, known: Known = NOTHING) -> None:
        self._file, self._size, self._secret, self._known = file, size, secret, known
        self._hash, self._hashed, self._view = hashlib.sha256(), 0, _view()
        self.position = 0
        """Bytes that have been cut."""

    def __iter__(self) -> Iterator[Shard]:
        while self.position < self._size:
            beginning = self._beginning()
            shard = self._again(beginning) or self._shard(self._border(self.position), beginning)
            if not shard.size:  # the file was cut short meanwhile
                return
            self.position += shard.size
            yield shard

    def _beginning(self) -> str:
        own = Condenser(self._secret)
        own.update(memoryview(os.pread(self._file, BLOCK, self.position)))
        return own.digest()[:BEGINNING]

    def _again(self, beginning: str) -> Shard | None:
        """The next shard, if it is one that is known."""
        for size in sorted(self._known.sizes.get(beginning, ()), reverse=True):
            stop = self.position + size
            if size < SMALLEST or stop > self._size:  # ever shorter rests must not become shards
                continue
            if stop < self._size and os.pread(self._file, 1, stop - 1) != b"\n":
                continue
            shard = self._shard(stop, beginning)
            if self._known.holds(shard):
                return shard
        return None

    def _shard(self, stop: int, beginning: str) -> Shard:
        """What stands between here and `stop`; each byte goes once to the hash of the file."""
        place, own = self.position, Condenser(self._secret)
        source = Range(self._file, place, stop - place)
        while count := source.readinto(self._view):
            own.update(self._view[:count])
            if place + count > self._hashed:
                self._hash.update(self._view[max(0, self._hashed - place) : count])
                self._hashed = place + count
            place += count
        return Shard(self.position, place - self.position, own.digest(), beginning)

    def digest(self) -> str:
        """SHA-256 of what was cut."""
        return self._hash.hexdigest()

    def _border(self, start: int) -> int:
        """Where the shard that begins at `start` ends: behind the line of the lowest hash that is far enough."""
        look = start + SMALLEST
        while self._size - look > SMALLEST:
            lowest, border = U64(0xFFFFFFFFFFFFFFFF), -1
            for place in range(look, look + SMALLEST, len(self._view)):
                count = os.preadv(self._file, [self._view], place)
                found, at = _lowest(np.frombuffer(self._view[:count], np.uint8))
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

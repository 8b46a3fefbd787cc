"""One input as a stream of bytes: hashed as it is on disk, decompressed, brought to UTF-8, its beginning known."""

from __future__ import annotations

import bz2
import codecs
import gzip
import hashlib
import io
import lzma
import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

import pyarrow as pa

from auditor.load.ledger import Fault, Ledger
from auditor.load.stamps import stamp

CHUNK = 4 << 20
"""Bytes of one read. Of 0.5, 1, 2, 4 and 8 MB it reads a gigabyte in the fewest CPU seconds, a quarter fewer than 1 MB:
smaller blocks repeat what is done once for a block, larger ones leave the processor's cache."""
HEAD = 4 << 20
"""Bytes looked at before the format of a file is decided."""
WINDOWS, WINDOW = 32, 64 << 10
"""Later places of a large file that are looked at as well, and bytes of each."""

RawFile = io.FileIO | io.BufferedReader

_MAGIC = 16
"""Bytes that tell a compression."""
_STEP = 4096
"""Bytes asked of the zstd reader, which forgets the answer to a request that runs into the end of a torn archive."""
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark begins this one
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Tap:
    """A file from which every byte is read once, in order, and hashed on the way."""

    closed = False

    def __init__(self, raw: RawFile) -> None:
        self._raw = raw
        self._hash = hashlib.sha256()
        self._ahead = b""
        self.position = 0
        beginning = b""
        while len(beginning) < _MAGIC and (data := self.read(_MAGIC - len(beginning))):
            beginning += data
        self.beginning = self._ahead = beginning

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; nothing at the end."""
        if self._ahead:
            data, self._ahead = self._ahead[:size], self._ahead[size:]
            return data
        data = self._raw.read(size) or b""
        self._hash.update(data)
        self.position += len(data)
        return data

    def readinto(self, view: memoryview) -> int:
        """Fill (a part of) `view`; 0 at the end."""
        if self._ahead:
            data = self.read(len(view))
            view[: len(data)] = data
            return len(data)
        count = self._raw.readinto(view) or 0
        self._hash.update(view[:count])
        self.position += count
        return count

    def pieces(self) -> Iterator[bytes]:
        """What comes next, as it comes."""
        while data := self.read(CHUNK):
            yield data

    def digest(self) -> str:
        """SHA-256 of the whole file, reading what nobody has read yet."""
        for _ in self.pieces():
            pass
        return self._hash.hexdigest()

    def close(self) -> None:
        """For those who wrap the tap; whoever opened the file closes it."""


def _zstd(tap: Tap) -> Iterator[bytes]:
    archive = pa.CompressedInputStream(pa.PythonFile(tap, mode="r"), "zstd")
    while data := archive.read(_STEP):
        yield data


def _gzip(tap: Tap) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=cast("BinaryIO", tap)) as archive:  # it needs `read` alone
        while data := archive.read1(CHUNK):
            yield data


def _bzip2(tap: Tap) -> Iterator[bytes]:
    with bz2.BZ2File(cast("BinaryIO", tap)) as archive:
        while data := archive.read1(CHUNK):
            yield data


def _xz(tap: Tap) -> Iterator[bytes]:
    with lzma.LZMAFile(cast("BinaryIO", tap)) as archive:
        while data := archive.read1(CHUNK):
            yield data


class Codec(NamedTuple):
    """A compression, told by the first bytes of a file."""

    name: str
    magic: bytes
    open: Callable[[Tap], Iterator[bytes]]


CODECS = (
    Codec("gzip", b"\x1f\x8b", _gzip),
    Codec("bzip2", b"BZh", _bzip2),
    Codec("xz", b"\xfd7zXZ\0", _xz),
    Codec("zstd", b"\x28\xb5\x2f\xfd", _zstd),
)
_ARCHIVE_ERRORS = (EOFError, OSError, zlib.error, lzma.LZMAError)


class Stream:
    """The text of one input as UTF-8 bytes.

    `head` is its beginning, which `readinto` gives once more. A torn or damaged archive ends the stream early and
    stands in the ledger.
    """

    def __init__(self, path: Path | None, ledger: Ledger) -> None:
        self._ledger = ledger
        self._path = path
        self._file = cast("RawFile", sys.stdin.buffer) if path is None else path.open("rb", buffering=0)
        status = os.fstat(self.fileno()) if path else None
        self.stamp = stamp(status) if status and stat.S_ISREG(status.st_mode) else None
        self.size = self.stamp.size if self.stamp else 0
        self.delivered = 0
        self._tap = Tap(self._file)
        codec = next((codec for codec in CODECS if self._tap.beginning.startswith(codec.magic)), None)
        if codec:
            ledger.state(codec.name)
        self._pieces = self._guarded(codec.open(self._tap)) if codec else None
        self.head = _gather(self._tap.pieces() if self._pieces is None else self._pieces)
        self.plain = not self._decode() and self.direct
        """Whether the file on disk is what is given, from its first byte on."""
        self.whole = len(self.head) < HEAD
        """Whether the head is all there is."""
        self._held = memoryview(self.head)

    def fileno(self) -> int:
        """Of the open file, for those who read it by place."""
        return self._file.fileno()

    @property
    def direct(self) -> bool:
        """Whether the bytes are given as they stand on disk."""
        return self._pieces is None

    @property
    def position(self) -> int:
        """Bytes of the file on disk that have been read."""
        return self._tap.position

    def readinto(self, view: memoryview) -> int:
        """Fill (a part of) `view` with what comes next; 0 at the end."""
        if not self._held and self._pieces is not None:
            self._held = memoryview(next(self._pieces, b""))
        if self._held:
            count = min(len(view), len(self._held))
            view[:count] = self._held[:count]
            self._held = self._held[count:]
        else:
            count = self._tap.readinto(view) if self._pieces is None else 0
        self.delivered += count
        return count

    def look_on(self, end: bytes, limit: int) -> None:
        """Make the head longer, before anything is read, until it holds `end`, the file ends or the limit is met."""
        head = bytearray(self.head)
        for piece in self._tap.pieces() if self._pieces is None else self._pieces:
            head += piece
            if end in piece or len(head) >= limit:
                break
        else:
            self.whole = True
        self.head = bytes(head)
        self._held = memoryview(self.head)

    def windows(self) -> Iterator[bytes]:
        """Pieces from evenly spaced places behind the head; none where only reading on could reach them."""
        if self.stamp is None or not self.direct or self.size <= HEAD + WINDOWS * WINDOW:
            return
        gap = (self.size - HEAD) // WINDOWS
        for place in range(HEAD + gap - WINDOW, self.size, gap):
            yield os.pread(self._file.fileno(), WINDOW, place)

    def random_access(self) -> pa.NativeFile:
        """The content for readers that jump about in it: mapped where it stands on disk, else held in memory."""
        if self._path is not None and self.stamp is not None and self.direct:
            return pa.memory_map(str(self._path))
        content, view = bytearray(), memoryview(bytearray(CHUNK))
        while count := self.readinto(view):
            content += view[:count]
        return pa.BufferReader(content)

    def digest(self) -> str:
        """SHA-256 of the file on disk; reads it to its end."""
        return self._tap.digest()

    def changed(self) -> bool:
        """Whether somebody has written to the file since it was opened."""
        return self.stamp is not None and stamp(os.fstat(self._file.fileno())) != self.stamp

    def close(self) -> None:
        """Let the file go."""
        if self._file is not sys.stdin.buffer:
            self._file.close()

    def _guarded(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Pieces of an archive up to its end or its first fault."""
        try:
            yield from pieces
        except _ARCHIVE_ERRORS as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # the disk, not the archive
            torn = isinstance(error, EOFError) or "runcated" in str(error)
            code = "truncated-archive" if torn else "bad-archive"
            self._ledger.add(Fault(code, f"{error}, after {self.position:,} bytes of the archive"))

    def _decode(self) -> bool:
        """Take a byte order mark away, and bring UTF-16 and UTF-32 to UTF-8; whether there was a mark."""
        mark, encoding = next(
            (known for known in _BOMS if self.head.startswith(known[0])), (b"", _unmarked(self.head))
        )
        self.head = self.head[len(mark) :]
        if encoding == "utf-8":
            self._ledger.add(Fault("bom", "begins with a UTF-8 byte order mark"), 1)
        elif encoding:
            self._ledger.state(f"read as {encoding}")
            self._ledger.add(Fault("utf-16", f"is {encoding}"), 1)
            later = self._tap.pieces() if self._pieces is None else self._pieces
            self._pieces = _transcoded(chain([self.head], later), encoding)
            self.head = _gather(self._pieces)
        return bool(mark)


def _gather(pieces: Iterator[bytes]) -> bytes:
    """The first `HEAD` bytes of some pieces, or somewhat more."""
    head = bytearray()
    while len(head) < HEAD and (piece := next(pieces, b"")):
        head += piece
    return bytes(head)


def _unmarked(head: bytes) -> str:
    """UTF-16 without byte order mark: every other byte of the first two characters is NUL."""
    empty = "".join("x" if byte else "0" for byte in head[:4])
    return {"x0x0": "utf-16-le", "0x0x": "utf-16-be"}.get(empty, "")


def _transcoded(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """UTF-8 for text in another Unicode encoding; what is no text becomes bytes that are no UTF-8 either."""
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
    for piece in pieces:
        if text := decoder.decode(piece):
            yield text.encode("utf-8", "surrogatepass")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:  # half a character at the end
        yield b"\xff"

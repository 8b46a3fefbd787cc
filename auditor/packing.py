"""Content compressed as the ending of a file name says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePath


def packed(name: str, content: bytes) -> bytes:
    """What a file of that name holds: the same bytes for the same content; as it is where the name promises nothing."""
    pack = PACKERS.get(PurePath(name.lower()).suffix)
    return content if pack is None else pack(content)


def _gzip(content: bytes) -> bytes:
    import gzip

    return gzip.compress(content, mtime=0)


def _bzip2(content: bytes) -> bytes:
    import bz2

    return bz2.compress(content)


def _xz(content: bytes) -> bytes:
    import lzma

    return lzma.compress(content)


def _zstd(content: bytes) -> bytes:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return bytes(sink.getvalue())


PACKERS: Mapping[str, Callable[[bytes], bytes]] = {".gz": _gzip, ".bz2": _bzip2, ".xz": _xz, ".zst": _zstd}
"""Ending -> how its content is made."""

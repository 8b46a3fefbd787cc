"""Values shown without being told: a first letter and an ending, the last two digits, the published prefix of a key."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl
import pyarrow as pa

from checks.private.find import Found, column_parts, find
from checks.private.kinds import Kind
from checks.text.kernel import Bytes, Numbers

HIDDEN = b"*"


def masked(kind: Kind, value: bytes) -> str:
    """A value in short, of which its owner can tell which one it is."""
    head, tail = _shown(kind, value)
    return (head + HIDDEN * 3 + tail).decode("ascii", "replace")


def _shown(kind: Kind, value: bytes) -> tuple[bytes, bytes]:
    """What may be shown of a value, at both ends."""
    if kind.name == "e-mail address":
        host, dot, ending = value.rpartition(b".")
        return host[:1], dot + ending
    if "://" in (text := value[:40].decode("ascii", "replace")):
        return text.partition("://")[0].encode("ascii", "replace") + b"://", b""
    return value[: kind.head], value[len(value) - kind.tail :]


def hidden(data: Bytes, bounds: Numbers) -> Bytes:
    """The same bytes with every value masked, each byte by one, so that places stay what they are."""
    found = [one for one in find(data, bounds) if not one.example]
    if not found:
        return data
    out = data.copy()
    for one in found:
        out[one.start : one.stop] = np.frombuffer(_padded(one), np.uint8)
    out.flags.writeable = False
    return out


def _padded(one: Found) -> bytes:
    head, tail = _shown(one.kind, one.value)
    return head + HIDDEN * (len(one.value) - len(head) - len(tail)) + tail


def hide(texts: pl.Series) -> pl.Series:
    """A column of strings with every value in it masked."""
    data, bounds = column_parts(texts.to_arrow())
    shown = hidden(data, bounds)
    if shown is data:
        return texts
    buffers = [None, pa.py_buffer(np.ascontiguousarray(bounds)), pa.py_buffer(shown)]
    made = pl.Series(texts.name, pa.Array.from_buffers(pa.large_string(), len(texts), buffers))
    return made.zip_with(texts.is_not_null(), texts)


def hide_bytes(text: bytes) -> bytes:
    """A piece of UTF-8, or of what should be some, with every value in it masked, each byte by one."""
    data = np.frombuffer(text, np.uint8)
    return hidden(data, np.array([0, len(text)], np.int64)).tobytes()


def hide_all(texts: Iterable[str]) -> list[str]:
    """Some texts with every value in them masked."""
    return hide(pl.Series("text", list(texts), dtype=pl.String)).to_list()

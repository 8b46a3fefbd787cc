"""Sketch files: an eval set as keyed hashes, to be given to people who may not see it.

Layout: a line that says what it is, four bytes with the size of the header, the header (JSON), the arrays of
`checks.text.sketch.Rows` one behind the other (little-endian), and the SHA-256 of all that. Nothing in it is executed
or trusted: sizes, orders and ranges are checked before the kernels see an array.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import cache
from math import prod
from pathlib import Path
from typing import Any, cast

import msgspec
import numpy as np
import pyarrow as pa
from msgspec import Struct
from numpy.typing import NDArray

from auditor.errors import DataError
from checks.contract import Part, Split
from checks.text.keyed import KEY
from checks.text.sketch import GRAM, SUMMED, Rows, Sketch, make_rows
from checks.text.summaries import SIZE
from checks.text.texts import Texts

MAGIC = b"auditor-sketch 1\n"
LEAST_SECRET = 16
"""Bytes that a key file must have: shorter ones can be guessed, and who guesses the key can test the rest."""
_SEAL = 32
_HEADER = 1 << 16
_MANY = 1 << 31
_SAMPLE = (
    "The quick brown fox jumps over the lazy dog, and then it runs home to tell its friends all about it at once: "
    * 3,
    "Größe, STRASSE; ﬁne ½ ℃ naïve İstanbul ǅ 我们昨天在北京吃了烤鸭 ภาษาไทย हिन्दी العَرَبِيَّةُ",
    "…",
)
"""Texts by whose hashes it is told whether two installations hash alike."""


class Header(Struct, frozen=True, forbid_unknown_fields=True):
    """What stands before the arrays."""

    scheme: str
    """Of the installation that hashed, see `scheme`."""
    key: str
    """In hexadecimal digits; empty where it is made from a secret of a file of its own."""
    salt: str
    """Goes into the key with that secret, so that two sketches under one secret cannot be compared."""
    proof: str
    """By which a key is told to be the right one."""
    rows: int
    phrases: int
    short: int


_LAYOUT = {
    "words": ("<i4", "rows", 1), "asked": ("<i4", "rows", 1), "text": ("<u8", "rows", 2), "prompt": ("<u8", "rows", 1),
    "sizes": ("<i4", "rows", 1), "phrases": ("<u8", "phrases", 1), "asked_for": ("<u1", "phrases", 1),
    "short": ("<i8", "short", 1), "summary": ("<u8", "short", SIZE),
}  # fmt: skip
"""Array -> type, which number of the header it is as long as, and numbers an entry."""


@cache
def scheme() -> str:
    """Tells how this installation folds and hashes: the hash of the sketch of some texts."""
    table = pa.table(
        {"text": pa.array(_SAMPLE, pa.large_string()), "line": pa.array(range(len(_SAMPLE)), pa.int64())}
    )
    rows = make_rows(Texts(Split(role="eval", parts=(Part(file="", table=table),))), bytes(KEY))
    found = hashlib.sha256(b"".join(array.tobytes() for array in rows))
    return found.hexdigest()[:32]


def read_secret(path: Path) -> bytes:
    """The secret of a key file, without the end of its last line.

    Raises:
        DataError: it cannot be read, or is so short that it could be guessed.
    """
    try:
        secret = path.read_bytes().rstrip(b"\r\n")
    except OSError as error:
        message = f"the key file {path} cannot be read: {error.strerror or error}"
        raise DataError(message) from None
    if len(secret) < LEAST_SECRET:
        message = (
            f"the key file {path} holds {len(secret)} bytes; it must hold at least {LEAST_SECRET} that nobody can guess: "
            f"head -c 32 /dev/urandom > {path.name}"
        )
        raise DataError(message)
    return secret


def pack(texts: Texts, secret: bytes | None) -> bytes:
    """The content of the sketch file of some eval texts.

    Args:
        texts: the eval texts, in their order.
        secret: what the key is made from; None for a random key that stands in the file.
    """
    salt = secrets.token_bytes(KEY)
    key = secrets.token_bytes(KEY) if secret is None else _derived(secret, salt)
    rows = make_rows(texts, key)
    header = Header(
        scheme=scheme(), key=key.hex() if secret is None else "", salt=salt.hex(), proof=_proof(key).hex(),
        rows=len(rows.words), phrases=len(rows.phrases), short=len(rows.short),
    )  # fmt: skip
    head = msgspec.json.encode(header)
    arrays = {**rows._asdict(), "sizes": np.diff(rows.bounds)}
    body = b"".join(arrays[name].astype(kind).tobytes() for name, (kind, _, _) in _LAYOUT.items())
    content = MAGIC + len(head).to_bytes(4, "little") + head + body
    return content + hashlib.sha256(content).digest()


def read_sketch(content: bytes, name: str, secret: bytes | None) -> Sketch:
    """The sketch of a file.

    Args:
        content: of the file.
        name: how the user calls it.
        secret: of the key file, None if there is none.

    Raises:
        DataError: it is damaged, was made by an installation that hashes otherwise, or the key is not its own; says what
            to do.
    """
    if not content.startswith(MAGIC):
        message = f"{name} is a sketch of another version of auditor; sketch the eval set again with this one"
        raise DataError(message)
    view = memoryview(content)
    header, start = _header(view, name)
    if header.scheme != scheme():
        message = f"{name} was made by an auditor that hashes otherwise; sketch the eval set again with this version"
        raise DataError(message)
    key = _key(header, name, secret)
    rows = _rows(view[start:-_SEAL], header)
    if rows is None or not _sound(rows):
        raise _damaged(name)
    return Sketch(name, key, rows)


def _damaged(name: str) -> DataError:
    return DataError(f"{name} is a damaged sketch: it was cut or changed; fetch it again")


def _header(content: memoryview, name: str) -> tuple[Header, int]:
    """The header of a whole file, and where the arrays begin."""
    start = len(MAGIC) + 4
    size = int.from_bytes(content[len(MAGIC) : start], "little")
    sealed = hashlib.sha256(content[:-_SEAL]).digest()
    if (
        size > _HEADER
        or len(content) < start + size + _SEAL
        or not hmac.compare_digest(sealed, content[-_SEAL:])
    ):
        raise _damaged(name)
    try:
        header = msgspec.json.decode(content[start : start + size], type=Header)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        raise _damaged(name) from None
    if not (0 < header.rows < _MANY and 0 <= header.phrases < _MANY and 0 <= header.short <= header.rows):
        raise _damaged(name)
    return header, start + size


def _key(header: Header, name: str, secret: bytes | None) -> bytes:
    if header.key and secret is not None:
        message = (
            f"{name} carries its own key, so the key file is not that of this sketch; leave out --key-file"
        )
        raise DataError(message)
    if not header.key and secret is None:
        message = f"{name} was made with a key file; name it with --key-file"
        raise DataError(message)
    try:
        key = bytes.fromhex(header.key) if secret is None else _derived(secret, bytes.fromhex(header.salt))
        proof = bytes.fromhex(header.proof)
    except ValueError:
        raise _damaged(name) from None
    if len(key) != KEY:
        raise _damaged(name)
    if not hmac.compare_digest(_proof(key), proof):
        message = f"the key is not the one that {name} was made with; ask whoever made it for its key file"
        raise DataError(message)
    return key


def _derived(secret: bytes, salt: bytes) -> bytes:
    return hashlib.blake2b(secret, salt=salt, person=b"sketch", digest_size=KEY).digest()


def _proof(key: bytes) -> bytes:
    return hashlib.blake2b(key=key, person=b"proof", digest_size=KEY).digest()


def _rows(body: memoryview, header: Header) -> Rows | None:
    """The arrays, copied out of the file; None if it is not exactly as long as they are."""
    found: dict[str, NDArray[np.generic]] = {}
    start = 0
    for name, (kind, of, width) in _LAYOUT.items():
        shape = (getattr(header, of), width) if width > 1 else (getattr(header, of),)
        stop = start + prod(shape) * np.dtype(kind).itemsize
        if stop > len(body):
            return None
        array = np.frombuffer(body[start:stop], kind).reshape(shape)
        found[name], start = array.astype(array.dtype.newbyteorder("=")), stop
    sizes = found.pop("sizes").astype(np.int64)
    if start != len(body) or (sizes < 0).any() or (found["asked_for"] > np.uint8(1)).any():
        return None
    found["bounds"] = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
    found["asked_for"] = found["asked_for"].astype(np.bool_)
    return Rows(**cast(Any, found))  # the layout has the types of the fields


def _sound(rows: Rows) -> bool:
    """Whether the numbers are such as hashing gives: in their ranges and orders, which the kernels rely on."""
    count, phrases = len(rows.words), len(rows.phrases)
    if rows.bounds[-1] != phrases or (rows.words < 0).any() or (rows.asked < -1).any():
        return False
    rising = rows.phrases[1:] > rows.phrases[:-1]
    edges = rows.bounds[1:-1]
    rising[edges[(edges > 0) & (edges < phrases)] - 1] = True
    short = rows.short
    return bool(
        (rows.asked <= rows.words).all()
        and (np.diff(rows.bounds) <= np.maximum(rows.words - GRAM + 1, 0)).all()
        and rising.all()
        and (np.diff(short) > 0).all()
        and (not len(short) or (short[0] >= 0 and short[-1] < count))
        and ((rows.words[short] > 0) & (rows.words[short] < SUMMED)).all()
    )

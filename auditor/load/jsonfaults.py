"""What is wrong with a piece of JSON: a decoder's exception becomes a fault with a stable code and a place."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from auditor.load.ledger import Fault, shown

ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""All that msgspec raises on any input; ValidationError is a DecodeError."""

CUT_OFF = "ends before the record does"
"""What is said of text that could go on."""

_BYTE = re.compile(r"\(byte (\d+)\)$")
_PATH = re.compile(r" - at `(.+)`$")
_MISSING = re.compile(r"Object missing required field `(.+?)`")
_NOT_JSON = re.compile(rb"-?(?:NaN|Infinity)\b")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_BESIDE = 500
"""Bytes around a place that are looked at to mask personal data and secrets before some of them are shown."""
_PADDING = b" " * 8
"""msgspec calls text cut off if fewer than 6 bytes follow a lone surrogate; spaces make it look closer."""


def parse(raw: bytes | memoryview) -> Any:  # noqa: ANN401  JSON is any value
    """One JSON value, or the fault that keeps it from being one; never an exception."""
    if fault := not_utf8(raw):
        return fault
    try:
        return msgspec.json.decode(raw)
    except ERRORS as error:
        return fault_of(error, raw)


def not_utf8(raw: bytes | memoryview) -> Fault | None:
    """The fault of text that is not UTF-8; msgspec does not look at what it skips."""
    try:
        str(raw, "utf-8")
    except UnicodeDecodeError as error:
        byte = bytes(raw[error.start : error.start + 1])
        return Fault(
            "not-utf8",
            f"byte 0x{byte.hex().upper()} is not UTF-8, {_near(raw, error.start)}",
            error.start + 1,
        )
    return None


def fault_of(error: Exception, raw: bytes | memoryview) -> Fault:
    """Say what an exception of the decoder means for this piece of JSON."""
    if isinstance(error, RecursionError):
        return Fault("too-deep", "nested more deeply than the reader can follow")
    if isinstance(error, msgspec.ValidationError):
        return _type_fault(str(error))
    if fault := not_utf8(raw):
        return fault
    if b"\0" in bytes(raw):
        place = bytes(raw).index(b"\0")
        return Fault("nul-byte", f"NUL byte, {_near(raw, place)}", place + 1)
    return _syntax_fault(str(error), bytes(raw))


def _type_fault(message: str) -> Fault:
    path = _PATH.search(message)
    what, place = (message[: path.start()], path[1]) if path else (message, "$")
    what = what[0].lower() + what[1:]
    if not path and what.startswith("expected `object`"):
        return Fault("not-an-object", what, None, place)
    if "out of range" in what:
        return Fault("bad-json", f"{what} at {shown(place)}", None, place)
    if missing := _MISSING.match(message):
        return Fault("missing-field", f"no `{missing[1]}`", None, f"{place}.{missing[1]}")
    return Fault("wrong-type", f"{what} at {shown(place)}", None, place)


def _syntax_fault(message: str, raw: bytes) -> Fault:
    place = _BYTE.search(message)
    at = int(place[1]) if place else len(raw)
    if "surrogate" in message:
        return _lone_surrogate(raw, at)
    if not place:
        return _cut_off(raw)
    if found := _NOT_JSON.match(raw, max(at - 1, 0)) or _NOT_JSON.match(raw, at):
        return Fault("nan-literal", f"{found[0].decode()} is not JSON", found.start() + 1)
    if "trailing characters" in message:  # the decoder has taken the first of them
        at -= 1
    what = message.removeprefix("JSON is malformed: ").removesuffix(place[0]).strip()
    return Fault("bad-json", f"{what}, {_near(raw, at)}", at + 1)


def _cut_off(raw: bytes) -> Fault:
    """Text that ends too early for the decoder: really, or because a surrogate has too little behind it."""
    try:
        msgspec.json.decode(raw + _PADDING)
    except msgspec.DecodeError as error:
        if "surrogate" in str(error) and raw.endswith((b'"', b"}", b"]")):
            return _lone_surrogate(raw, len(raw))
    except (UnicodeDecodeError, RecursionError):  # then it is cut off all the same
        pass
    return Fault("bad-json", f"{CUT_OFF}, {_near(raw, len(raw))}")


def _lone_surrogate(raw: bytes, before: int) -> Fault:
    """The decoder stops behind the escape it cannot pair; the place to show is the escape itself."""
    at = max((found.start() for found in _SURROGATE.finditer(raw, 0, before)), default=before)
    return Fault("lone-surrogate", f"half of a \\u pair, {_near(raw, at)}", at + 1)


def _near(raw: bytes | memoryview, at: int) -> str:
    """The text around a byte, for the eye to find it."""
    from checks.private.mask import hide_bytes  # only where something is wrong

    start = max(at - 24, 0)
    low = max(start - _BESIDE, 0)  # half a key is not known as one
    beside = hide_bytes(bytes(raw[low : at + 16 + _BESIDE]))
    piece = beside[start - low : at + 16 - low].decode("utf-8", "replace").lstrip("\ufffd" if start else "")
    return f"near {shown(piece, 48)!s}" if piece.strip() else "at the beginning"

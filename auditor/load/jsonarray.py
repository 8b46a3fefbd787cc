"""A JSON array of records, or JSON documents one after the other, streamed element by element."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from auditor.load.blocks import Block, Record, row_types
from auditor.load.detect import LOOKED_AT
from auditor.load.formats import Shape
from auditor.load.jsonfaults import CUT_OFF, parse
from auditor.load.jsonlines import decode_block, decode_one, is_utf8
from auditor.load.ledger import Fault, Ledger
from auditor.load.outline import Outline, documents, elements
from auditor.load.streams import CHUNK, Stream

_NEWLINE, _COMMA, _END_OF_ARRAY = b"\n,]"
_SPACE = b" \t\r\n"
_PASSABLE = frozenset({"nan-literal", "lone-surrogate", "not-utf8", "too-deep"})
"""Syntax faults after which the next element can still be told: the brackets and quotes around them match."""
_TYPES = frozenset({"wrong-type", "missing-field", "not-an-object"})
"""Faults of well-formed JSON."""


class _Piece(NamedTuple):
    """A part of the file with some complete elements in it."""

    text: memoryview
    spans: Outline
    ended: bool
    """The file ends here; the last span may be cut off."""


class _Found(NamedTuple):
    """The records of a piece."""

    records: list[Struct]
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]
    fault: tuple[int, Fault] | None = None
    """Where the element stands that ends the reading, and what is wrong with it."""


class JsonElements:
    """A file that is one JSON array, or several JSON documents; neither needs to end where lines end."""

    def __init__(self, stream: Stream, ledger: Ledger, *, array: bool) -> None:
        self._stream = stream
        self._ledger = ledger
        self._split = elements if array else documents
        self._array = array
        self._line = 1
        self._column = 1
        self._seen = 0

    def sample(self) -> Iterator[Record]:
        """Records from the beginning of the file."""
        head = self._stream.head
        text = head[head.index(b"[") + 1 :] if self._array else head
        spans = self._split(np.frombuffer(text, np.uint8))
        if self._stream.whole and spans.closed is None:
            spans = _with_rest(spans, len(text))
        pairs = zip(spans.starts.tolist(), spans.ends.tolist(), strict=True)
        parsed = (parse(text[start:end].strip(_SPACE)) for start, end in pairs)
        yield from islice((record for record in parsed if isinstance(record, dict)), LOOKED_AT)

    def blocks(self, shape: Shape) -> Iterator[Block]:
        """All records up to the first fault in the syntax."""
        types = row_types(shape)
        decoders = [msgspec.json.Decoder(type_) for type_ in dict.fromkeys((types.plain, types.exact))]
        for piece in self._pieces():
            found = _decode_all(piece, decoders) or self._decode_each(piece, decoders[-1])
            self._seen += len(found.records)
            if found.records:
                yield Block(
                    columns=types.columns(found.records),
                    lines=self._line + _newlines_before(piece.text, found.begins),
                    record=partial(_whole_record, piece.text, found),
                    named=True,
                )
            if found.fault:
                self._give_up(piece.text, *found.fault)
                return
            if (closed := piece.spans.closed) is not None:
                if piece.text[closed] == _END_OF_ARRAY:
                    self._check_rest(piece.text, closed + 1)
                else:
                    self._give_up(piece.text, closed, Fault("bad-json", "a } closes what nothing opened", 1))
                return
            if piece.ended and self._array:
                self._ledger.add(Fault("open-array", "the array is not closed at the end of the file"))
            self._advance(piece.text, _used(piece.spans))
            del found, piece  # their memory is for the next ones to use

    def raw(self) -> Iterator[tuple[int, bytes]]:
        """Line and bytes of each element as it stands in the file; to be read instead of `blocks`."""
        for piece in self._pieces():
            found = [
                (start + len(text) - len(text.lstrip(_SPACE)), text.strip(_SPACE))
                for start, end in zip(piece.spans.starts.tolist(), piece.spans.ends.tolist(), strict=True)
                if (text := bytes(piece.text[start:end])).strip(_SPACE)
            ]
            places = np.array([place for place, _ in found], np.int64)
            lines = self._line + _newlines_before(piece.text, places)
            yield from zip(lines.tolist(), (text for _, text in found), strict=True)
            self._advance(piece.text, _used(piece.spans))

    def _pieces(self) -> Iterator[_Piece]:
        """The file in parts of about `CHUNK` bytes; an element longer than that makes the memory grow."""
        buffer = bytearray(CHUNK)
        view = memoryview(buffer)
        end, ended = self._fill(view, 0)
        begin = 0
        if self._array:
            begin = buffer.index(b"[") + 1
            self._advance(view, begin)
        while True:
            spans = self._split(np.frombuffer(view[begin:end], np.uint8))
            if ended and spans.closed is None:
                spans = _with_rest(spans, end - begin)
            stuck = not len(spans.ends) and not ended
            if stuck and begin == 0 and _broken(view[:end]):
                spans, ended = _with_rest(spans, end), True
            if len(spans.ends) or ended:
                yield _Piece(view[begin:end], spans, ended)
            if ended or spans.closed is not None:
                return
            begin += _used(spans)
            left = bytes(view[begin:end])
            if stuck and begin == 0:
                buffer = bytearray(2 * len(buffer))
            elif len(buffer) > CHUNK and len(left) < CHUNK // 2:
                buffer = bytearray(CHUNK)
            view = memoryview(buffer)
            view[: len(left)] = left
            begin = 0
            end, ended = self._fill(view, len(left))

    def _fill(self, view: memoryview, end: int) -> tuple[int, bool]:
        """Read on behind `end`: the new end, and whether the file ends there."""
        while end < len(view):
            count = self._stream.readinto(view[end:])
            if not count:
                return end, True
            end += count
        return end, False

    def _decode_each(self, piece: _Piece, decoder: Any) -> _Found:  # noqa: ANN401  generic in msgspec's stubs
        """One element at a time: the exact way, for pieces with something unusual in them."""
        records: list[Struct] = []
        places: list[tuple[int, int]] = []
        fault: tuple[int, Fault] | None = None
        for start, end in zip(piece.spans.starts.tolist(), piece.spans.ends.tolist(), strict=True):
            raw = bytes(piece.text[start:end])
            begin = start + len(raw) - len(raw.lstrip(_SPACE))
            if begin == end and end in (piece.spans.closed, len(piece.text)):
                if self._array and self._seen + len(records):
                    what = "a comma with no record behind it"
                    self._note(piece.text, max(start - 1, 0), Fault("trailing-comma", what, 1))
                continue
            found = decode_one(piece.text[begin:end], decoder)
            if not isinstance(found, Fault):
                records.append(found)
                places.append((begin, end))
            elif found.code in _TYPES or found.code in _PASSABLE:
                self._note(piece.text, begin, found)
            else:
                fault = begin, found
                break
        begins, ends = np.array(places, np.int64).reshape(-1, 2).T
        return _Found(records, begins, ends, fault)

    def _note(self, text: memoryview, begin: int, fault: Fault) -> None:
        """Put a fault of the element at `begin` into the ledger, with its line and column in the file."""
        line, column = self._place(text, begin + (fault.column or 1) - 1)
        self._ledger.add(replace(fault, column=None if fault.column is None else column), line)

    def _give_up(self, text: memoryview, begin: int, fault: Fault) -> None:
        """Note the fault that ends the reading and, unless the file ends in that record, how much is not read."""
        self._note(text, begin, fault)
        behind = self._drain()
        left = len(text) - begin + behind
        rest = bytes(text[begin + 1 :])
        if behind or b"{" in rest or rest.partition(b"}")[2].strip(_SPACE + b"]"):
            what = f"{left:,} bytes from the broken record to the end of the file"
            self._ledger.add(Fault("not-read", what), self._place(text, begin)[0])

    def _check_rest(self, text: memoryview, begin: int) -> None:
        """Nothing but white space may follow the array."""
        rest = bytes(text[begin:])
        begin += len(rest) - len(rest.lstrip(_SPACE))
        left = len(text) - begin
        if left or (left := self._drain(space=False)):
            line, column = self._place(text, begin)
            self._ledger.add(
                Fault("not-read", f"{left + self._drain():,} bytes behind the array", column), line
            )

    def _drain(self, *, space: bool = True) -> int:
        """Read to the end of the file: how many bytes there were, white space counted or not."""
        view = memoryview(bytearray(CHUNK))
        left = 0
        while count := self._stream.readinto(view):
            left += count if space else len(bytes(view[:count]).strip(_SPACE))
        return left

    def _place(self, text: memoryview, at: int) -> tuple[int, int]:
        """Line and column in the file of a byte of the current piece."""
        before = bytes(text[:at])
        newlines = before.count(b"\n")
        column = at - before.rfind(b"\n") if newlines else self._column + at
        return self._line + newlines, column

    def _advance(self, text: memoryview, used: int) -> None:
        self._line, self._column = self._place(text, used)


def _decode_all(piece: _Piece, decoders: list[Any]) -> _Found | None:
    """All elements of a piece at once; None if one of them needs a closer look.

    The decoder takes records that stand on lines of their own, so the commas become newlines for its time. As each
    element holds one outermost bracket, and as many records are found as there are elements, they are the same.
    """
    spans = piece.spans
    if not spans.containers or (piece.ended and spans.closed is None):
        return None
    region = piece.text[: int(spans.ends[-1])]
    if not is_utf8(region):
        return None
    text = np.frombuffer(piece.text, np.uint8)
    text[spans.commas] = _NEWLINE
    try:
        records = decode_block(region, len(spans.ends), decoders)
    finally:
        text[spans.commas] = _COMMA
    return None if records is None else _Found(records, spans.opened, spans.ends)


def _newlines_before(text: memoryview, places: NDArray[np.int64]) -> NDArray[np.int64]:
    newlines = np.flatnonzero(np.frombuffer(text, np.uint8) == _NEWLINE)
    return np.searchsorted(newlines, places)


def _used(spans: Outline) -> int:
    """Bytes up to the first element that is not complete."""
    if not len(spans.ends):
        return 0
    return int(spans.ends[-1]) + (1 if len(spans.commas) else 0)


def _with_rest(spans: Outline, size: int) -> Outline:
    """The spans and what stands behind them, which may be one more element."""
    used = _used(spans)
    return spans._replace(starts=np.append(spans.starts, used), ends=np.append(spans.ends, size))


def _broken(text: memoryview) -> bool:
    """Whether an element that has not ended yet is wrong already, as behind a quote that is never closed."""
    fault = parse(bytes(text).lstrip(_SPACE))
    return isinstance(fault, Fault) and not fault.what.startswith(CUT_OFF) and fault.code not in _PASSABLE


def _whole_record(text: memoryview, found: _Found, index: int) -> Record | Fault:
    record: Record | Fault = parse(text[found.begins[index] : found.ends[index]])
    return record

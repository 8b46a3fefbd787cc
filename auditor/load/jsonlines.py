"""JSON Lines, read in blocks: fast where every line is one record, line by line and exactly where it is not."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Any, NamedTuple, Protocol

import msgspec
import numpy as np
import pyarrow as pa
from msgspec import Struct
from numpy.typing import NDArray

from auditor.load.blocks import Block, Record, RowTypes, row_types
from auditor.load.detect import LOOKED_AT
from auditor.load.formats import Shape
from auditor.load.jsonfaults import ERRORS, fault_of, not_utf8, parse
from auditor.load.ledger import Fault, Ledger
from auditor.load.streams import CHUNK, Stream

_NEWLINE, _RETURN, _OPEN, _CLOSE = b"\n\r{}"
CRLF = "CRLF line ends"
BLANK = "blank lines"


class Bytes(Protocol):
    """Where blocks come from: a stream, or a range of a file."""

    def readinto(self, view: memoryview) -> int:
        """Fill (a part of) `view`; 0 at the end."""
        ...


class Lines(NamedTuple):
    """The readable records of one block of whole lines."""

    records: list[Struct]
    lines: NDArray[np.int64]
    starts: NDArray[np.int64]
    """Where each record's line begins in `data`, and where it ends."""
    ends: NDArray[np.int64]
    data: memoryview


class JsonLines:
    """A file of one JSON object a line."""

    def __init__(self, stream: Stream, ledger: Ledger) -> None:
        self._stream = stream
        self._ledger = ledger

    def sample(self) -> Iterator[Record]:
        """Records from the beginning of the file and, where they can be reached, from all over it."""
        head = self._stream.head.split(b"\n")
        yield from islice(_objects(head, last=self._stream.whole), LOOKED_AT)
        for window in self._stream.windows():
            yield from _objects(window.split(b"\n")[1:], last=False)

    def blocks(self, shape: Shape) -> Iterator[Block]:
        """All records by block."""
        types = row_types(shape)
        for found in read_lines(self._stream, types, self._ledger):
            yield Block(
                columns=types.columns(found.records), lines=found.lines, record=partial(_whole_record, found)
            )
            del found  # its memory is for the next block to use


def _objects(lines: list[bytes], *, last: bool) -> Iterator[Record]:
    """The lines that are records; the last one only if it is known to be whole."""
    for line in lines if last else lines[:-1]:
        if line[:1] in (b"{", b" ", b"\t") and isinstance(found := parse(line), dict):
            yield found


def _whole_record(found: Lines, index: int) -> Record | Fault:
    record: Record | Fault = parse(found.data[found.starts[index] : found.ends[index]])
    return record


def read_lines(source: Bytes, types: RowTypes, ledger: Ledger, *, first_line: int = 1) -> Iterator[Lines]:
    """Decode every line of a source that begins at a line; lines that are no such record go to the ledger.

    Each block may be looked at until the next one is asked for: its memory is used again.
    """
    decoders = [msgspec.json.Decoder(type_) for type_ in dict.fromkeys((types.plain, types.exact))]
    for data in whole_lines(source):
        view = np.frombuffer(data, np.uint8)
        ends = np.flatnonzero(view == _NEWLINE)
        starts = np.concatenate((np.zeros(1, np.int64), ends[:-1] + 1))
        if view[ends[0] - 1] == _RETURN:
            ledger.state(CRLF)
            ends = ends - (view[ends - 1] == _RETURN)
        records = None
        if (view[starts] == _OPEN).all() and (view[ends - 1] == _CLOSE).all() and is_utf8(data):
            records = _decode_block(data, len(ends), decoders)
        if records is not None:
            lines = np.arange(first_line, first_line + len(records))
            yield Lines(records, lines, starts, ends, data)
        else:
            yield _decode_lines(data, starts, ends, decoders[-1], ledger, first_line)
        first_line += len(ends)


def whole_lines(source: Bytes) -> Iterator[memoryview]:
    """Blocks of about `CHUNK` bytes that end with a newline, in memory that is used again for the next block.

    A line longer than a block makes the memory grow until it fits. A missing last newline is added.
    """
    buffer, kept = bytearray(CHUNK + 1), 0
    view = memoryview(buffer)
    while count := source.readinto(view[kept : min(kept + CHUNK, len(buffer) - 1)]):
        end = kept + count
        cut = buffer.rfind(b"\n", kept, end) + 1
        if cut:
            yield view[:cut]
        kept = end - cut
        if kept == len(buffer) - 1:
            buffer, view = _moved(view[cut:end], 2 * len(buffer))
        elif cut and len(buffer) > CHUNK + 1 and kept < CHUNK:
            buffer, view = _moved(view[cut:end], CHUNK + 1)
        else:
            view[:kept] = view[cut:end]
    if kept:
        buffer[kept] = _NEWLINE
        yield view[: kept + 1]


def _moved(data: memoryview, size: int) -> tuple[bytearray, memoryview]:
    """New memory of `size` bytes that begins with `data`."""
    buffer = bytearray(size)
    buffer[: len(data)] = data
    return buffer, memoryview(buffer)


def is_utf8(data: memoryview) -> bool:
    """Whether all of it is UTF-8; Arrow's check is 20 times as fast as making a Python string."""
    bounds = pa.py_buffer(np.array([0, len(data)], np.int64))
    try:
        pa.Array.from_buffers(pa.large_string(), 1, [None, bounds, pa.py_buffer(data)]).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _decode_block(data: memoryview, count: int, decoders: list[Any]) -> list[Struct] | None:
    """All records of a block whose lines all begin with { and end with }; None if they are not one a line.

    In such a block no record can reach over a line end ("}" newline "{" is no JSON), so as many records as lines
    means one a line. Once a message needed the exact decoder, the plain one is dropped for the rest of the file.
    """
    for decoder in decoders:
        try:
            records: list[Struct] = decoder.decode_lines(data)
        except ERRORS:
            continue
        if decoder is not decoders[0]:
            del decoders[0]
        return records if len(records) == count else None
    return None


def _decode_lines(
    data: memoryview, starts: NDArray[np.int64], ends: NDArray[np.int64], decoder: Any,  # noqa: ANN401  generic in msgspec's stubs
    ledger: Ledger, first_line: int,
) -> Lines:  # fmt: skip
    """One line at a time: the exact way, for blocks with something unusual in them."""
    records: list[Struct] = []
    kept: list[int] = []
    blank = 0
    for index, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        line = data[start:end]
        if not bytes(line[:64]).strip() and not bytes(line).strip():
            blank += 1
            continue
        found = decode_one(line, decoder)
        if isinstance(found, Fault):
            ledger.add(found, first_line + index)
        else:
            records.append(found)
            kept.append(index)
    if blank:
        ledger.state(BLANK, blank)
    chosen = np.array(kept, np.int64)
    return Lines(records, chosen + first_line, starts[chosen], ends[chosen], data)


def decode_one(raw: memoryview, decoder: Any) -> Struct | Fault:  # noqa: ANN401  as above
    """One record, or what is wrong with it."""
    try:
        record: Struct = decoder.decode(raw)
    except ERRORS as error:
        return fault_of(error, raw)
    return not_utf8(raw) or record

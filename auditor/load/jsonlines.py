"""JSON Lines, read in blocks: fast where every line is one record, line by line and exactly where it is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
from auditor.load.plainlines import PlainLines
from auditor.load.streams import CHUNK, Stream

_NEWLINE, _RETURN, _OPEN, _CLOSE = b"\n\r{}"
_NO_PLACES = np.zeros(0, np.int64)
CRLF = "CRLF line ends"
BLANK = "blank lines"


class Bytes(Protocol):
    """Where blocks come from: a stream, or a range of a file."""

    def readinto(self, view: memoryview) -> int:
        """Fill (a part of) `view`; 0 at the end."""
        ...


class Lines(NamedTuple):
    """The readable records of one block of whole lines."""

    columns: Mapping[str, Any]
    """Role -> values."""
    lines: NDArray[np.int64]
    starts: NDArray[np.int64]
    """Where each record's line begins in `data`, and where it ends; empty for plain blocks, which nobody looks into."""
    ends: NDArray[np.int64]
    data: memoryview
    whole: int
    """Lines of the block, the unreadable ones included."""


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
        yield from LineBlocks(self._stream, shape, self._ledger)


class LineBlocks:
    """The records of a source that begins at a line, by block."""

    def __init__(self, source: Bytes, shape: Shape, ledger: Ledger) -> None:
        self._source, self._shape, self._ledger = source, shape, ledger
        self.lines = 0
        """Lines that were read."""

    def __iter__(self) -> Iterator[Block]:
        for found in read_lines(self._source, self._shape, self._ledger):
            self.lines += found.whole
            yield Block(
                columns=found.columns, lines=found.lines, record=partial(_whole_record, found), named=True
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


def read_lines(source: Bytes, shape: Shape, ledger: Ledger, *, first_line: int = 1) -> Iterator[Lines]:
    """Decode every line of a source that begins at a line; lines that are no such record go to the ledger.

    Each block may be looked at until the next one is asked for: its memory is used again.
    """
    plain, types = PlainLines(shape), row_types(shape)
    decoders = [msgspec.json.Decoder(type_) for type_ in dict.fromkeys((types.plain, types.exact))]
    for data in whole_lines(source):
        view = np.frombuffer(data, np.uint8)
        is_end = view == _NEWLINE
        rows = int(np.count_nonzero(is_end))
        if view[max(int(np.argmax(is_end)) - 1, 0)] == _RETURN:
            ledger.state(CRLF)
        text = is_utf8(data)
        columns = plain.columns(view, rows) if text else None
        if columns is not None:
            yield Lines(columns, np.arange(first_line, first_line + rows), _NO_PLACES, _NO_PLACES, data, rows)
        else:
            yield _decoded(data, np.flatnonzero(is_end), text, types, decoders, ledger, first_line)
        first_line += rows
        del columns  # its memory is for the next block to use


def _decoded(
    data: memoryview, ends: NDArray[np.int64], text: bool, types: RowTypes, decoders: list[Any], ledger: Ledger,
    first_line: int,
) -> Lines:  # fmt: skip
    """The records of a block that is not plain: all at once if each line is one, else line by line."""
    view = np.frombuffer(data, np.uint8)
    starts = np.concatenate((np.zeros(1, np.int64), ends[:-1] + 1))
    ends = ends - (view[ends - 1] == _RETURN)
    records, kept = None, np.arange(len(ends))
    if text and (view[starts] == _OPEN).all() and (view[ends - 1] == _CLOSE).all():
        records = decode_block(data, len(ends), decoders)
    if records is None:
        records, kept = _decode_lines(data, starts, ends, decoders[-1], ledger, first_line)
    return Lines(types.columns(records), kept + first_line, starts[kept], ends[kept], data, len(ends))


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


def decode_block(data: memoryview, count: int, decoders: list[Any]) -> list[Struct] | None:
    """All records of a block in which no record can reach over a line end; None if they are not `count`.

    That is so where all lines begin with { and end with }: "}" newline "{" is no JSON. Once a message needed the exact decoder, the plain one is dropped for the rest of the file.
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
) -> tuple[list[Struct], NDArray[np.int64]]:  # fmt: skip
    """One line at a time: the exact way, for blocks with something unusual in them; records and their places."""
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
    return records, np.array(kept, np.int64)


def decode_one(raw: memoryview, decoder: Any) -> Struct | Fault:  # noqa: ANN401  as above
    """One record, or what is wrong with it."""
    try:
        record: Struct = decoder.decode(raw)
    except ERRORS as error:
        return fault_of(error, raw)
    return not_utf8(raw) or record

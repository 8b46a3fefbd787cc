"""A result file's content before its format is known: records, one JSON document, or an archive."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from auditor.errors import DataError, UnreadableError
from auditor.load.blocks import Record
from auditor.load.formats import FORMATS, Shape
from auditor.load.jsonfaults import ERRORS, fault_of, parse
from auditor.load.kinds import open_reader
from auditor.load.ledger import CODES, Fault, Ledger, shown
from auditor.load.streams import CHUNK, Stream

LARGEST = 1 << 30
"""Bytes of a result file, unpacked, that are taken: a log of 100,000 examples of 10 KB each. A small archive can hold
without end."""
ZIP = b"PK\x03\x04"
_NO_COLUMNS = Shape(FORMATS[-1], ())
_SPACE = b" \t\r\n"

Numbered = Iterator[tuple[int, Record]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What stands in a file; exactly one of the three is there."""

    name: str
    records: Callable[[], Numbered] | None = None
    """Line and record of a file of records."""
    document: Mapping[str, msgspec.Raw] = field(default_factory=dict)
    """Key -> JSON text of a file that is one JSON object."""
    archive: zipfile.ZipFile | None = None
    sha256: str = ""

    @property
    def first(self) -> Record:
        """The first record; empty if there is none."""
        return next((record for _, record in self.records()), {}) if self.records else {}


def open_content(path: str) -> Content:
    """The content of a result file.

    Raises:
        DataError: it cannot be read, or some record of it cannot.
    """
    ledger = Ledger()
    try:
        stream = Stream(Path(path), ledger)
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror or error}"
        raise DataError(message) from None
    try:
        content = _content(path, stream, ledger)
        return replace(content, sha256=stream.digest())
    except UnreadableError as error:
        message = f"{path} {error}"
        raise DataError(message) from None
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror or error}"
        raise DataError(message) from None
    finally:
        stream.close()


def _content(path: str, stream: Stream, ledger: Ledger) -> Content:
    begin = stream.head.lstrip(_SPACE)[:1]
    if stream.whole and not begin:
        _check(path, ledger)
        message = f"{path} is empty; a result file has one record for each example"
        raise DataError(message)
    if stream.head.startswith(ZIP) or begin in (b"{", b"["):
        data = _whole(path, stream)
        _check(path, ledger)
        kind = _archive if data.startswith(ZIP) else _array if begin == b"[" else _json
        return kind(path, data)
    reader = open_reader(stream, path, ledger)
    found = [
        (int(block.lines[index]), _sound(path, int(block.lines[index]), block.record(index)))
        for block in reader.blocks(_NO_COLUMNS)
        for index in range(len(block.lines))
    ]
    _check(path, ledger)
    return Content(name=path, records=lambda: iter(found))


def _whole(path: str, stream: Stream) -> bytes:
    data, view = bytearray(), memoryview(bytearray(CHUNK))
    while count := stream.readinto(view):
        data += view[:count]
        if len(data) > LARGEST:
            message = f"{path} holds more than {LARGEST >> 30} GB; write the scores alone, a record for each example"
            raise DataError(message)
    return bytes(data)


def _check(path: str, ledger: Ledger) -> None:
    """A record that is lost would be missing among the scores, so it ends the reading."""
    lost = next((found for found in ledger.findings if CODES[found.code].lost), None)
    if lost is not None:
        place = "" if lost.line is None else f", line {lost.line:,}"
        message = f"{path}{place}: {lost.what}; {CODES[lost.code].fix}"
        raise DataError(message)


def _sound(path: str, line: int, found: Any, what: str = "line") -> Record:  # noqa: ANN401  JSON is any value
    """A record.

    Raises:
        DataError: it is none.
    """
    fault = found
    if not isinstance(found, Fault | dict):
        fault = Fault("not-an-object", f"no object but {shown(str(found), 40)}")
    if isinstance(fault, Fault):
        message = f"{path}, {what} {line:,}: {fault.what}; {CODES[fault.code].fix}"
        raise DataError(message)
    return fault  # type: ignore[no-any-return]  # it is a dict here


def _json(path: str, data: bytes) -> Content:
    """JSON Lines, or one object that is a document."""
    first = [line for _, line in islice(_lines(data), 2)]
    if len(first) > 1 and (isinstance(parse(first[0]), dict) or _looks_lined(data)):
        return Content(name=path, records=partial(_lined, path, data))
    try:
        return Content(name=path, document=msgspec.json.decode(data, type=dict[str, msgspec.Raw]))
    except ERRORS as error:
        raise DataError(_placed(path, data, fault_of(error, data))) from None


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Line number and line of all lines that are not blank."""
    start, number = 0, 0
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        number += 1
        if line := data[start:end].strip(_SPACE):
            yield number, line
        start = end + 1


def _looks_lined(data: bytes) -> bool:
    """Whether most lines are objects of their own, though the first one is torn."""
    ends = [line.startswith(b"{") and line.endswith(b"}") for _, line in _lines(data)]
    return 2 * sum(ends) > len(ends)


def _lined(path: str, data: bytes) -> Numbered:
    for number, line in _lines(data):
        yield number, _sound(path, number, parse(line))


def _array(path: str, data: bytes) -> Content:
    try:
        parts = msgspec.json.decode(data, type=list[msgspec.Raw])
    except ERRORS as error:
        raise DataError(_placed(path, data, fault_of(error, data))) from None
    return Content(name=path, records=partial(numbered, path, parts))


def numbered(path: str, parts: list[msgspec.Raw]) -> Numbered:
    """The objects of a JSON array, by their number from 1."""
    for number, part in enumerate(parts, 1):
        yield number, _sound(path, number, parse(memoryview(part)), "record")


def _placed(path: str, data: bytes, fault: Fault) -> str:
    """A fault of a whole file, with the line it stands in."""
    line = 0 if fault.column is None else data.count(b"\n", 0, fault.column - 1) + 1
    return f"{path}{f', line {line:,}' if line else ''}: {fault.what}; {CODES[fault.code].fix}"


def _archive(path: str, data: bytes) -> Content:
    try:
        return Content(name=path, archive=zipfile.ZipFile(io.BytesIO(data)))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        message = f"{path} is a damaged archive ({shown(str(error))}); copy or write it again"
        raise DataError(message) from None

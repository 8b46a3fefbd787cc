"""What kind of file an input is, told by its content and not by its name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from auditor.errors import UnreadableError
from auditor.load.blocks import Reader
from auditor.load.delimited import Delimited
from auditor.load.jsonarray import JsonElements
from auditor.load.jsonfaults import parse
from auditor.load.jsonlines import JsonLines
from auditor.load.ledger import Fault, Ledger, shown
from auditor.load.parquet import MAGIC, ParquetRows
from auditor.load.sources import ending_of
from auditor.load.streams import Stream

_PAGE = "is a web page, not data; an error or login page is often saved in place of a file"
_REFUSED: Mapping[bytes, str] = {
    **dict.fromkeys((b"<!DOCTYPE", b"<!doctype", b"<html"), _PAGE),
    b"version https://git-lfs.github.com/spec/": (
        "is a Git LFS pointer, not the data; fetch the data with `git lfs pull`"
    ),
    b"PK\x03\x04": "is a workbook (.xlsx) or zip archive; save the sheet as CSV, or unpack the archive",
    b"\xd0\xcf\x11\xe0": "is an old workbook (.xls); save the sheet as CSV",
    b"SQLite format 3\0": "is a SQLite database; export the table as CSV",
    b"ARROW1\0\0": "is an Arrow file; write it as Parquet",
    b"\x93NUMPY": "is a NumPy array; write it as CSV or Parquet",
    b"%PDF": "is a PDF document; put its text into JSON Lines",
    b"\x80\x04\x95": "is a Python pickle, which is never loaded; write it as JSON Lines or Parquet",
    b"ORC": "is an ORC file; write it as Parquet",
    b"Obj\x01": "is an Avro file; write it as Parquet",
}
"""First bytes -> what the file is and what to do instead."""
LONGEST = 512 << 20
"""Bytes within which the first line of a file without line ends is looked for."""
_JSON_BEGIN = re.compile(rb'\s*(?:\{\s*["}]|\[\s*[\[{\]"])')
_LINED, _CELLS = (".jsonl", ".ndjson"), (".csv", ".tsv")
_DELIMITER = re.compile(rb"[,;\t|]")
_SPACE = b" \t\r\n"
_LINES = 1_000
"""Lines looked at to tell JSON Lines from documents that span lines."""


def open_reader(stream: Stream, name: str, ledger: Ledger) -> Reader:
    """The reader for what the stream holds.

    Raises:
        UnreadableError: nobody can read records from it.
    """
    head = stream.head
    for magic, what in _REFUSED.items():
        if head.startswith(magic):
            raise UnreadableError(what)
    if head.startswith(MAGIC):
        return ParquetRows(stream, ledger)
    ending = ending_of(name)
    begin = head.lstrip(_SPACE)[:1]
    if begin in (b"{", b"[") and (ending not in _CELLS or _JSON_BEGIN.match(head)):
        return _json(stream, ending, ledger, array=begin == b"[")
    if ending not in _CELLS and _is_lines(head, begin, ending):
        return JsonLines(stream, ledger)
    return Delimited(stream, ledger)


def _json(stream: Stream, ending: str, ledger: Ledger, *, array: bool) -> Reader:
    if not array and b"\n" not in stream.head:
        stream.look_on(b"\n", LONGEST)
    if _is_lines(stream.head, b"[" if array else b"{", ending):
        return JsonLines(stream, ledger)
    if array:
        if ending in _LINED:
            ledger.add(Fault("array-in-jsonl", "holds one JSON array, not JSON Lines"), 1)
        ledger.state("JSON array")
        return JsonElements(stream, ledger, array=True)
    reader = JsonElements(stream, ledger, array=False)
    if not stream.whole and next(reader.sample(), None) is None:
        message = "is one large JSON object, not a list of records; write one JSON object a line"
        raise UnreadableError(message)
    ledger.state("JSON documents")
    return reader


def _is_lines(head: bytes, begin: bytes, ending: str) -> bool:
    """Whether records end where lines end: the first line is one, or most lines look like one.

    A document that spans lines has few lines that open and close a bracket. A list in the first line is the whole
    file if nothing of the kind follows it. A file that begins like no JSON is one if its name says so and its first
    line is no header of a table.
    """
    lines = [line for line in map(bytes.strip, head.lstrip().split(b"\n", _LINES)[:_LINES]) if line]
    objects = sum(line.startswith(b"{") and line.endswith(b"}") for line in lines)
    if 2 * objects > len(lines) > 1 or (ending in _LINED and 2 * objects == len(lines)):
        return True
    if begin in (b"{", b"["):
        needed = 2 if begin == b"[" else 1
        return len(lines) >= needed and not any(isinstance(parse(line), Fault) for line in lines[:needed])
    is_table = _DELIMITER.search(lines[0]) and isinstance(parse(lines[0]), Fault)
    return ending in (*_LINED, ".json") and not is_table


def nested(record: Mapping[str, Any]) -> str | None:
    """What to tell somebody whose file is a single object with the records somewhere inside it."""
    inner = {key: value for key, value in record.items() if isinstance(value, list | dict)}
    if not inner:
        return None
    keys = ", ".join(
        f"{shown(key, 40)} ({type(value).__name__} of {len(value):,})" for key, value in inner.items()
    )
    lists = [
        key
        for key, value in inner.items()
        if isinstance(value, list) and value and isinstance(value[0], dict)
    ]
    key = lists[0] if lists else next(iter(inner))
    return (
        f"is one JSON object, not a list of records. It holds: {keys}. Write the records of one of them as JSON "
        f"Lines, for example jq -c '.{shown(key, 40)}[]' FILE > records.jsonl"
    )

"""The user's own records of some rows, byte for byte as they stand in the files."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl
import pyarrow.parquet as pq
from numpy.typing import NDArray

from auditor.errors import DataError, UnreadableError
from auditor.load.delimited import Delimited
from auditor.load.jsonarray import JsonElements
from auditor.load.jsonlines import JsonLines, whole_lines
from auditor.load.kinds import open_reader
from auditor.load.ledger import Ledger
from auditor.load.parquet import ParquetRows
from auditor.load.sources import ending_of
from auditor.load.streams import Stream
from checks.contract import Split
from checks.places import place

Kind = Literal["json", "cells"]
_ENDINGS: Mapping[Kind, tuple[str, ...]] = {"json": (".jsonl", ".ndjson", ".json"), "cells": (".csv", ".tsv")}
_PARSED = (
    "JSON arrays that span lines, and Parquet, were written anew as one record a line, with the same values."
)


def array_of(records: Iterator[bytes]) -> bytes:
    """One JSON array of records that are JSON, each on lines of its own."""
    return b"[\n" + b",\n".join(records) + b"\n]\n"


def _items(table: pl.DataFrame) -> Iterator[bytes]:
    return (json.dumps(row, ensure_ascii=False).encode() for row in table.iter_rows(named=True))


def _lines(table: pl.DataFrame) -> bytes:
    return b"".join(one + b"\n" for one in _items(table))


ITEMS: Mapping[str, Callable[[pl.DataFrame], bytes]] = {
    ".csv": lambda table: table.write_csv().encode(),
    ".json": lambda table: array_of(_items(table)),
    ".jsonl": _lines,
    ".ndjson": _lines,
}
"""How items that several records are about are written, by the ending of the file."""


def items(table: pl.DataFrame, to: Path) -> Records:
    """Items, of each its text and label, as the content of one file.

    Raises:
        DataError: the ending of the file tells no form.
    """
    write = ITEMS.get(ending_of(to.name))
    if write is None:
        *others, last = ITEMS
        message = f"{to} does not tell a form for items that several records are about; let it end in {', '.join(others)} or {last}"
        raise DataError(message)
    return Records(
        write(table),
        (
            "Several records are about each item, so its text and the label that most labelers gave were written.",
        ),
    )


@dataclass(frozen=True, slots=True)
class Records:
    """Some records as a file."""

    content: bytes
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """The wanted records of one file."""

    kind: Kind
    header: bytes = b""
    by_line: Mapping[int, list[bytes]]
    parsed: bool = False
    """They are not the bytes of the file."""


def records(split: Split, rows: NDArray[np.int64], paths: Mapping[str, Path], to: Path) -> Records:
    """The records of some rows in the order given, as the content of one file.

    Args:
        split: where the rows stand.
        rows: their numbers.
        paths: file of each name that the split knows.
        to: where they are to be written; its ending must fit them.

    Raises:
        DataError: the records cannot be found again or do not fit into one file.
    """
    table = place(split, rows)
    found = {
        name: _read(paths, name, frozenset(table.filter(pl.col("file") == name)["line"].to_list()))
        for name in table["file"].unique(maintain_order=True)
    }
    kinds = {one.kind for one in found.values()}
    headers = {one.header.strip(b"\r\n") for one in found.values() if one.kind == "cells"}
    if len(kinds) > 1 or len(headers) > 1:
        what = "records of CSV and of JSON files" if len(kinds) > 1 else "CSV files with different headers"
        message = f"{what} cannot stand in one file; sample {', '.join(found)} one by one"
        raise DataError(message)
    kind: Kind = next(iter(kinds), "json")
    if ending_of(to.name) not in _ENDINGS[kind]:
        message = f"the records stay as they are, so {to} must end in {' or '.join(_ENDINGS[kind])}"
        raise DataError(message)
    lines = [
        _one(split, found[name], name, row, line)
        for row, name, line in table.select("row", "file", "line").iter_rows()
    ]
    notes = (_PARSED,) if any(one.parsed for one in found.values()) else ()
    if ending_of(to.name) == ".json":
        return Records(array_of(line.strip() for line in lines), notes)
    header = next((one.header for one in found.values()), b"")
    content = b"".join(
        line if line.endswith((b"\n", b"\r")) else line + b"\n" for line in (header, *lines) if line
    )
    return Records(content, notes)


def _one(split: Split, found: _Found, name: str, row: int, line: int) -> bytes:
    """The record of a row: of several that begin on its line, the one at the same place among them."""
    here = found.by_line.get(line, [])
    if len(here) == 1:
        return here[0]
    rows = (
        split.frame.filter(pl.col("file") == name, pl.col("line") == line)
        .select("row")
        .collect()["row"]
        .to_list()
    )
    if len(rows) != len(here):
        message = f"{name}:{line}: {len(here):,} records begin on that line and {len(rows):,} of them can be used; write one record a line, so that they can be told apart"
        raise DataError(message)
    return here[rows.index(row)]


def _read(paths: Mapping[str, Path], name: str, lines: frozenset[int]) -> _Found:
    if name not in paths:
        message = f"{name} can be read once only, so its records cannot be found again; save it as a file"
        raise DataError(message)
    ledger = Ledger()
    try:
        stream = Stream(paths[name], ledger)
        try:
            return _of(open_reader(stream, name, ledger), stream, lines)
        finally:
            stream.close()
    except (OSError, UnreadableError) as error:
        message = f"{name} cannot be read again: {error}"
        raise DataError(message) from None


def _of(reader: object, stream: Stream, lines: frozenset[int]) -> _Found:
    match reader:
        case JsonLines():
            return _Found(kind="json", by_line=_kept(_lines_of(stream), lines))
        case Delimited():
            pairs = reader.raw()
            _, header = next(pairs, (1, b""))
            return _Found(kind="cells", header=header, by_line=_kept(pairs, lines))
        case JsonElements():
            raw = _kept(reader.raw(), lines)
            parsed = any(b"\n" in one or b"\r" in one for here in raw.values() for one in here)
            return _Found(
                kind="json",
                by_line={at: [*map(_on_one_line, here)] for at, here in raw.items()},
                parsed=parsed,
            )
        case ParquetRows():
            return _Found(kind="json", by_line=_kept(_parquet(stream, lines), lines), parsed=True)
        case _:
            raise TypeError(type(reader).__name__)


def _kept(pairs: Iterator[tuple[int, bytes]], lines: frozenset[int]) -> dict[int, list[bytes]]:
    found = defaultdict[int, list[bytes]](list)
    for line, raw in pairs:
        if line in lines:
            found[line].append(raw)
    return found


def _lines_of(stream: Stream) -> Iterator[tuple[int, bytes]]:
    first = 1
    for block in whole_lines(stream):
        lines = bytes(block).removesuffix(b"\n").split(b"\n")
        yield from enumerate(lines, first)
        first += len(lines)


def _on_one_line(raw: bytes) -> bytes:
    if b"\n" not in raw and b"\r" not in raw:
        return raw
    return json.dumps(json.loads(raw), ensure_ascii=False).encode()


def _parquet(stream: Stream, lines: frozenset[int]) -> Iterator[tuple[int, bytes]]:
    first = 1
    for batch in pq.ParquetFile(stream.random_access()).iter_batches(use_threads=False):
        wanted = [line for line in range(first, first + batch.num_rows) if line in lines]
        for line, record in zip(
            wanted, batch.take([line - first for line in wanted]).to_pylist() if wanted else [], strict=True
        ):
            yield line, json.dumps(record, ensure_ascii=False, default=_plain).encode()
        first += batch.num_rows


def _plain(value: Any) -> str:  # noqa: ANN401  whatever Parquet holds
    """What JSON has no form for."""
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    message = f"a column holds {type(value).__name__} values, which JSON cannot hold; leave the column out of the file"
    raise DataError(message)

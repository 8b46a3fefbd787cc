"""Parquet files, read by pyarrow in batches of about the size of other blocks."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from auditor.errors import UnreadableError
from auditor.load.blocks import EXACT, Block, Record
from auditor.load.detect import LOOKED_AT
from auditor.load.formats import NAMES, Shape
from auditor.load.jsonfaults import fault_of, not_utf8
from auditor.load.ledger import Fault, Ledger, shown
from auditor.load.messages import PlainMessage, PlainTurn
from auditor.load.streams import Stream

MAGIC = b"PAR1"
GROUPS = 8
"""Row groups that the format is told from."""
BLOCK = 4 << 20
"""Bytes of one batch, about; they are Arrow data, which take less room than the records of other readers."""
ROWS = 1 << 14
"""Rows of one batch, at most."""

_STRINGS = (pa.string(), pa.large_string())
_PLAIN = (PlainMessage, PlainTurn)
_ERRORS = (pa.ArrowException, OSError, ValueError, KeyError)
"""What pyarrow raises on damaged files."""


class ParquetRows:
    """A Parquet file; the line of a record is its row number."""

    def __init__(self, stream: Stream, ledger: Ledger) -> None:
        self._ledger = ledger
        ledger.state("line is the row number")
        try:
            self._file = pq.ParquetFile(stream.random_access())
            self._columns: list[str] = self._file.schema_arrow.names
        except _ERRORS as error:
            message = f"is no sound Parquet file ({shown(str(error))}); write it anew"
            raise UnreadableError(message) from None

    def sample(self) -> Iterator[Record]:
        """The first records of some row groups."""
        groups = self._file.num_row_groups
        for group in sorted(
            {round(i * (groups - 1) / max(GROUPS - 1, 1)) for i in range(GROUPS)} if groups else ()
        ):
            try:
                batches = self._file.iter_batches(LOOKED_AT // GROUPS, row_groups=[group], use_threads=False)
                yield from _records(next(batches, pa.RecordBatch.from_pylist([])))
            except _ERRORS:  # `blocks` says so when it gets there
                return

    def blocks(self, shape: Shape) -> Iterator[Block]:
        """All rows up to the first damage."""
        first = 1
        batches = self._file.iter_batches(self._batch_rows(), columns=self._wanted(shape), use_threads=False)
        while True:
            try:
                batch = next(batches, None)
                if batch is None:
                    return
                batch.validate(full=True)
            except _ERRORS as error:
                rows = self._file.metadata.num_rows - first + 1
                self._ledger.add(
                    Fault("bad-parquet", f"{shown(str(error))}; {rows:,} rows not read"), first, rows
                )
                return
            yield self._block(batch, shape, first)
            first += batch.num_rows

    def _batch_rows(self) -> int:
        """Rows of one batch, so that it has about `BLOCK` bytes."""
        about = self._file.metadata
        size = sum(about.row_group(group).total_byte_size for group in range(about.num_row_groups))
        fitting: int = BLOCK * about.num_rows // max(size, 1)
        return max(min(fitting, ROWS), 64)

    def _wanted(self, shape: Shape) -> list[str]:
        """Columns that some format could use; others, such as embeddings, are not even read.

        All of them if there is no format: then what counts is which of them is damaged.
        """
        if not shape.columns:
            return self._columns
        known = {name for names in NAMES.values() for name in names} | set(shape.names.values())
        return [column for column in self._columns if column in known or column.lower() in known]

    def _block(self, batch: pa.RecordBatch, shape: Shape, first: int) -> Block:
        lines = np.arange(first, first + batch.num_rows)
        columns: dict[str, list[Any]] = {}
        bad: dict[int, Fault] = {}
        for role, column in shape.columns:
            columns[role], faults = _values(batch.column(column), role, column)
            bad |= faults
        for index, fault in sorted(bad.items()):
            self._ledger.add(fault, first + index)
        good = (
            [index for index in range(batch.num_rows) if index not in bad] if bad else range(batch.num_rows)
        )
        if bad:
            columns = {role: [values[i] for i in good] for role, values in columns.items()}
            lines = lines[list(good)]
        return Block(columns=columns, lines=lines, record=partial(_record, batch, good))


def _record(batch: pa.RecordBatch, good: Sequence[int], index: int) -> Record:
    return next(_records(batch.slice(good[index], 1)))


def _records(batch: pa.RecordBatch) -> Iterator[Record]:
    """Rows as other readers give them: older writers store strings as bytes."""
    for row in batch.to_pylist():
        yield {
            column: value.decode(errors="replace") if isinstance(value, bytes) else value
            for column, value in row.items()
        }


def _values(column: pa.Array, role: str, name: str) -> tuple[list[Any], dict[int, Fault]]:
    """A column as Python values, and what is wrong with some of them."""
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        return _decoded(column)
    if not pa.types.is_nested(column.type):
        if column.type in _STRINGS:
            return column.to_numpy(zero_copy_only=False).tolist(), {}  # 8 times as fast as to_pylist
        return column.to_pylist(), {}
    if role not in EXACT:
        return column.to_pylist(), {}
    plain = _plain_messages(column)
    return (plain, {}) if plain is not None else _messages(column.to_pylist(), role, name)


def _decoded(column: pa.Array) -> tuple[list[Any], dict[int, Fault]]:
    """Bytes that should be text, as older writers store strings."""
    values: list[str | None] = []
    faults: dict[int, Fault] = {}
    for index, value in enumerate(column.to_pylist()):
        fault = None if value is None else not_utf8(value)
        if fault:
            faults[index] = fault
        values.append(None if value is None or fault else value.decode())
    return values, faults


def _plain_messages(column: pa.Array) -> list[list[Any]] | None:
    """Lists of messages that are a role and a text and nothing else; None if they are more than that."""
    if column.null_count or not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)):
        return None
    flat = column.flatten()
    names = frozenset(field.name for field in flat.type) if pa.types.is_struct(flat.type) else None
    known = next((plain for plain in _PLAIN if names == frozenset(plain.__struct_encode_fields__)), None)
    if known is None:
        return None
    fields = [flat.field(name) for name in known.__struct_encode_fields__]
    if flat.null_count or any(field.null_count or field.type not in _STRINGS for field in fields):
        return None
    messages = list(map(known, *(field.to_numpy(zero_copy_only=False).tolist() for field in fields)))
    bounds = np.cumsum(np.concatenate(([0], pc.list_value_length(column).to_numpy()))).tolist()
    return [messages[start:stop] for start, stop in itertools.pairwise(bounds)]


def _messages(values: list[Any], role: str, name: str) -> tuple[list[Any], dict[int, Fault]]:
    """Messages of any shape, each checked on its own."""
    faults: dict[int, Fault] = {}
    found: list[Any] = []
    for index, value in enumerate(values):
        try:
            found.append(msgspec.convert(value, EXACT[role]))
        except msgspec.ValidationError as error:
            fault = fault_of(error, b"")
            path = f"$.{name}{(fault.path or '$').removeprefix('$')}"
            faults[index] = replace(fault, path=path)
            found.append(None)
    return found, faults

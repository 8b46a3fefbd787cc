"""Writes canonical rows into one Arrow file, which polars scans and kernels map."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa

from auditor.load.arrays import SHARED, STRING
from auditor.load.private import create_private
from auditor.load.store import StoredFile, open_table, stored_file
from checks.contract import GROUPS, LABEL_LIST

TYPES: Mapping[str, pa.DataType] = {
    "row": pa.uint32(),
    "line": pa.int64(),
    "text": STRING,
    "prompt_bytes": pa.int32(),
    "response_bytes": pa.int32(),
    "system": SHARED,
    "rejected": STRING,
    "label": STRING,
    LABEL_LIST: pa.large_list(STRING),
    "labeler": STRING,
    "source": STRING,
    "time": STRING,
    "id": STRING,
    **dict.fromkeys(GROUPS, STRING),
    "turns": STRING,
    "item": STRING,
}
"""Columns of a stored file, in their order; a file has those that its format can offer."""
BATCH = 1 << 16
"""Rows of one record batch, at most."""
_BUFFER = 4 << 20
"""Bytes of one write; the page cache takes large pieces at a third of the cost of small ones."""
See = Callable[[pa.RecordBatch], None]
"""Looks at rows as they are written, while they are in the processor's cache."""


def type_of(name: str) -> pa.DataType:
    """The type of a stored column; those of further labels are named as the user named them."""
    return TYPES.get(name, STRING)


class RowWriter:
    """One Arrow file in the making. The columns are those of the rows; null where a part of the rows lacks one."""

    def __init__(self, path: Path, see: See | None = None) -> None:
        self._path, self._see = path, see
        self._names: tuple[str, ...] = ()
        self._file: pa.NativeFile | None = None
        self._writer: pa.RecordBatchFileWriter | None = None
        self._schema = pa.schema([])
        self.rows = 0

    def write(self, rows: Mapping[str, pa.Array]) -> None:
        """Append some rows."""
        if not rows.keys() <= set(self._names):
            self._widen({*self._names, *rows})
        count = len(next(iter(rows.values())))
        arrays = [rows[name] if name in rows else pa.nulls(count, type_of(name)) for name in self._names]
        batch = pa.RecordBatch.from_arrays(arrays, schema=self._schema)
        for first in range(0, count, BATCH):
            piece = batch.slice(first, BATCH) if count > BATCH else batch
            self._write(piece)
            if self._see is not None:
                self._see(piece)
        self.rows += count

    def close(self) -> StoredFile:
        """Complete the file."""
        self._finish()
        return stored_file(self._path, self.rows)

    def abandon(self) -> None:
        """Let the file go as it is."""
        with contextlib.suppress(OSError):  # no room on the disk: the error that brought us here says so
            self._finish()

    def _finish(self) -> None:
        writer, file = self._writer, self._file
        self._writer = self._file = None
        if writer is not None and file is not None:
            try:
                writer.close()
            finally:
                file.close()

    def _write(self, batch: pa.RecordBatch) -> None:
        if self._writer is not None:
            self._writer.write_batch(batch)

    def _widen(self, names: set[str]) -> None:
        """Start the file, or start it anew with more columns: Arrow files have one schema."""
        self._finish()
        old = open_table(self._path) if self.rows else None
        self._path.unlink(missing_ok=True)  # what is mapped stays
        create_private(self._path)
        further = sorted(names - TYPES.keys())
        self._names = (*(name for name in TYPES if name in names), *further)
        self._schema = pa.schema([(name, type_of(name)) for name in self._names])
        self._file = pa.BufferedOutputStream(pa.OSFile(str(self._path), "wb"), _BUFFER)
        self._writer = pa.ipc.new_file(self._file, self._schema)
        for batch in old.to_batches() if old is not None else ():
            columns = {name: batch.column(name) for name in batch.schema.names}
            added = [columns.get(name, pa.nulls(len(batch), type_of(name))) for name in self._names]
            self._write(pa.RecordBatch.from_arrays(added, schema=self._schema))

"""Blocks of records as the Arrow files of a store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from auditor.load.blocks import Block
from auditor.load.convert import Conversion
from auditor.load.judgements import stacked
from auditor.load.store import StoredFile
from auditor.load.writer import RowWriter, See
from checks.contract import ROLES

JUDGED = "-labels"
"""Behind the role in the name of a stored file: the judgements of its rows."""


def write_rows(
    folder: Path,
    blocks: Iterable[Block],
    conversion: Conversion,
    *,
    tick: Callable[[], None] = lambda: None,
    see: See | None = None,
) -> dict[str, StoredFile]:
    """Write the rows of some blocks into a folder, a file for each role and its judgements.

    Args:
        folder: where the files are made.
        blocks: the records.
        conversion: how they become rows.
        tick: called after every block.
        see: called with every batch of training rows.
    """
    names = [f"{role}{judged}" for role in ROLES for judged in ("", JUDGED)]
    writers = {name: RowWriter(folder / f"{name}.arrow", see if name == "train" else None) for name in names}
    try:
        for block in blocks:
            _write(block, conversion, writers)
            tick()
            del block  # while its memory is in the processor's cache, for the next one to use
        return {name: writer.close() for name, writer in writers.items() if writer.rows}
    finally:
        for writer in writers.values():
            writer.abandon()


def _write(block: Block, conversion: Conversion, writers: Mapping[str, RowWriter]) -> None:
    for role, rows in conversion.rows(block):
        judged, items = stacked(rows, writers[role].rows)
        if judged:
            writers[role + JUDGED].write(judged)
        writers[role].write(items)

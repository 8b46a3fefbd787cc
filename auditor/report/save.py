"""A report and its evidence as files in a folder."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from auditor.errors import DataError
from auditor.report.build import SavedTable
from auditor.report.model import Report
from auditor.report.record import record

NAME = "report.json"
RECORD = "decision.md"
EVIDENCE = "evidence"
_MARK = "auditor"
"""Key in the metadata of evidence files, by which a later run knows what it may replace."""


def check_folder(folder: Path) -> None:
    """Refuse a folder that cannot take a report, before the long work of making one.

    Raises:
        DataError: it cannot be written, or holds a report.json of somebody else.
    """
    for path in (folder, *folder.parents, folder / EVIDENCE):
        if path.exists() and not path.is_dir():
            message = f"cannot write the report to {folder}: {path} is a file; name another folder"
            raise DataError(message)
    report, decision = folder / NAME, folder / RECORD
    if report.exists() and not _is_report(report):
        raise DataError(_taken(report))
    if decision.exists() and not report.exists():
        raise DataError(_taken(decision))


def save(report: Report, tables: Sequence[SavedTable], folder: Path) -> None:
    """Write report.json, of a decision its record, and the evidence tables; what an earlier report left there is replaced, nothing else.

    Where a report.json stands all of its evidence stands, too: it goes first and comes last.

    Raises:
        DataError: the folder cannot be written, or a file that is not ours is in the way.
    """
    check_folder(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".auditor-", dir=folder) as name:
            draft = Path(name)
            (draft / EVIDENCE).mkdir()
            for saved in tables:
                saved.table.write_parquet(draft / saved.file, metadata={_MARK: EVIDENCE})
            (draft / NAME).write_bytes(report.to_json())
            if report.answers:
                (draft / RECORD).write_text(record(report), "utf-8")
            ours = list(_evidence_in(folder))
            for saved in tables:
                if (folder / saved.file).exists() and folder / saved.file not in ours:
                    raise DataError(_taken(folder / saved.file))
            for stale in (folder / NAME, folder / RECORD):
                stale.unlink(missing_ok=True)
            for stale in ours:
                stale.unlink(missing_ok=True)
            (folder / EVIDENCE).mkdir(exist_ok=True)
            for file in (*(saved.file for saved in tables), *([RECORD] if report.answers else []), NAME):
                (draft / file).replace(folder / file)
    except (OSError, pl.exceptions.PolarsError) as error:
        said = error.strerror if isinstance(error, OSError) else None
        message = f"cannot write the report to {folder}: {said or error}"
        raise DataError(message) from None


def _taken(path: Path) -> str:
    return f"{path} was not written by auditor, so it is left alone; name another folder or move the file"


class _Seen(msgspec.Struct):
    """What every report.json has, whatever its schema."""

    schema: int
    verdict: str
    outcomes: dict[str, Any]


def _is_report(path: Path) -> bool:
    try:
        msgspec.json.decode(path.read_bytes(), type=_Seen)
    except (OSError, msgspec.MsgspecError):
        return False
    return True


def _evidence_in(folder: Path) -> Iterator[Path]:
    """The evidence files of the report that is there already."""
    for path in sorted((folder / EVIDENCE).glob("*.parquet")):
        try:
            metadata = pq.read_metadata(path).metadata or {}
        except (OSError, pa.ArrowException):  # not Parquet, so not ours
            continue
        if _MARK.encode() in metadata:
            yield path

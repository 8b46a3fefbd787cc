"""A report and its evidence as files in a folder."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from auditor.errors import DataError
from auditor.report.build import SavedTable
from auditor.report.card import placed
from auditor.report.formats import CARD, FORMATS, JSON, Format, Masks, written
from auditor.report.model import Report
from auditor.report.record import record

NAME = "report.json"
RECORD = "decision.md"
EVIDENCE = "evidence"
_MARK = "auditor"
"""Key in the metadata of evidence files, by which a later run knows what it may replace."""


def check_folder(folder: Path, formats: Sequence[Format] = ()) -> None:
    """Refuse a folder that cannot take a report in these formats, before the long work of making one.

    Raises:
        DataError: it cannot be written, or holds a file of somebody else where ours would be.
    """
    for path in (folder, *folder.parents, folder / EVIDENCE):
        if path.exists() and not path.is_dir():
            message = f"cannot write the report to {folder}: {path} is a file; name another folder"
            raise DataError(message)
    report, decision = folder / NAME, folder / RECORD
    if report.exists() and not JSON.marks(report):
        raise DataError(_taken(report))
    if decision.exists() and not report.exists():
        raise DataError(_taken(decision))
    for one in formats:
        path = folder / one.file
        own = one is CARD and _placed("", path) is not None
        if one is not JSON and path.exists() and not one.marks(path) and not own:
            raise DataError(_taken(path))


def save(
    report: Report,
    tables: Sequence[SavedTable],
    folder: Path,
    *,
    formats: Sequence[Format] = (),
    redact: bool = False,
) -> tuple[Path, ...]:
    """Write report.json, of a decision its record, and the evidence tables; what an earlier report left there is replaced, nothing else.

    Where a report.json stands all of its evidence stands, too: it goes first and comes last.

    Args:
        report: what to save.
        tables: the evidence.
        folder: where to.
        formats: further files to render the report to.
        redact: leave the user's text out of these, too, where they show it by themselves.

    Returns:
        Files that an earlier report was rendered to and this one is not: they are gone.

    Raises:
        DataError: the folder cannot be written, or a file that is not ours is in the way.
    """
    check_folder(folder, formats)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".auditor-", dir=folder) as name:
            draft = Path(name)
            for saved in tables:
                (draft / saved.file).parent.mkdir(exist_ok=True)
                saved.table.write_parquet(draft / saved.file, metadata={_MARK: EVIDENCE})
            (draft / NAME).write_bytes(report.to_json())
            masks = {saved.file: saved.masks for saved in tables}
            told = _told(report, formats, folder, redact=redact, masks=masks)
            for file, text in told.items():
                (draft / file).write_text(text, "utf-8")
            if (folder / CARD.file).exists() and CARD.file in told:
                shutil.copymode(folder / CARD.file, draft / CARD.file)
            pages = [*_pages_in(folder)]
            record_there = [folder / RECORD] if (folder / RECORD).exists() else []
            ours = [*_evidence_in(folder), *pages]
            for saved in tables:
                if (folder / saved.file).exists() and folder / saved.file not in ours:
                    raise DataError(_taken(folder / saved.file))
            for stale in (folder / NAME, folder / RECORD):
                stale.unlink(missing_ok=True)
            for stale in ours:
                stale.unlink(missing_ok=True)
            (folder / EVIDENCE).mkdir(exist_ok=True)
            for file in (*(saved.file for saved in tables), *told, NAME):
                (draft / file).replace(folder / file)
            return tuple(path for path in (*record_there, *pages) if path.name not in told)
    except (OSError, pl.exceptions.PolarsError) as error:
        said = error.strerror if isinstance(error, OSError) else None
        message = f"cannot write the report to {folder}: {said or error}"
        raise DataError(message) from None


def _told(
    report: Report, formats: Sequence[Format], folder: Path, *, redact: bool, masks: Masks
) -> dict[str, str]:
    """What each file beside report.json is to hold: the record of a decision, the formats, a card with what is the user's."""
    told = {RECORD: record(report)} if report.answers else {}
    told |= {one.file: written(report, one, redact=redact, masks=masks) for one in formats if one is not JSON}
    if CARD.file in told and (card := _placed(told[CARD.file], folder / CARD.file)) is not None:
        told[CARD.file] = card
    return told


def _taken(path: Path) -> str:
    return f"{path} was not written by auditor, so it is left alone; name another folder or move the file"


def _placed(section: str, path: Path) -> str | None:
    """The user's own card with the section in its place; None where there is no card, no place, or the section alone."""
    try:
        return None if CARD.marks(path) else placed(section, path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        return None


def _pages_in(folder: Path) -> Iterator[Path]:
    """What the report that is there already was rendered to."""
    for one in FORMATS:
        if one is not JSON and one.marks(folder / one.file):
            yield folder / one.file


def _evidence_in(folder: Path) -> Iterator[Path]:
    """The evidence files of the report that is there already."""
    for path in sorted((folder / EVIDENCE).glob("*.parquet")):
        try:
            metadata = pq.read_metadata(path).metadata or {}
        except (OSError, pa.ArrowException):  # not Parquet, so not ours
            continue
        if _MARK.encode() in metadata:
            yield path

"""A report and its evidence as files in a folder."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from auditor.errors import DataError
from auditor.report.build import SavedTable
from auditor.report.model import Report

NAME = "report.json"


def save(report: Report, tables: Sequence[SavedTable], folder: Path) -> None:
    """Write report.json and the evidence tables; what an earlier report left there is replaced, nothing else.

    Raises:
        DataError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".auditor-", dir=folder) as name:
            draft = Path(name)
            (draft / "evidence").mkdir()
            for saved in tables:
                saved.table.write_parquet(draft / saved.file)
            (draft / NAME).write_bytes(report.to_json())
            for stale in _evidence_of(folder):
                stale.unlink(missing_ok=True)
            (folder / "evidence").mkdir(exist_ok=True)
            for file in (*(saved.file for saved in tables), NAME):
                (draft / file).replace(folder / file)
    except OSError as error:
        message = f"cannot write the report to {folder}: {error.strerror or error}"
        raise DataError(message) from None


def _evidence_of(folder: Path) -> list[Path]:
    """The evidence files of the report that is there already."""
    try:
        old = Report.from_json((folder / NAME).read_bytes())
    except (OSError, msgspec.MsgspecError):  # none, or not one of ours
        return []
    names = [found.file for outcome in old.outcomes.values() for found in outcome.evidence if found.file]
    inside = (folder / "evidence").resolve()
    return [path for name in names if (path := (folder / name).resolve()).parent == inside]

"""A review sheet as a new file."""

from __future__ import annotations

from pathlib import Path

from auditor.newfile import write_new
from auditor.review.formats import Format
from auditor.review.sheet import Sheet


def targets(path: Path, format_: Format) -> tuple[Path, ...]:
    """The files that a sheet is written to: itself, and what stands beside it."""
    return (path,) if format_.beside is None else (path, path.with_name(path.stem + format_.beside[0]))


def save_sheet(sheet: Sheet, path: Path, format_: Format, *, force: bool) -> tuple[Path, ...]:
    """Write a sheet and what stands beside it; returns the files.

    Raises:
        DataError: a file cannot be written, or has come into being meanwhile.
    """
    contents = [format_.write(sheet)] + ([format_.beside[1](sheet)] if format_.beside else [])
    files = targets(path, format_)
    for target, content in zip(files, contents, strict=True):
        write_new(target, content, force=force)
    return files

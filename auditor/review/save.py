"""What people fill in as new files."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from auditor.newfile import write_new
from auditor.review.writing import Format, targets

T = TypeVar("T")


def save_sheet(sheet: T, path: Path, format_: Format[T], *, force: bool) -> tuple[Path, ...]:
    """Write a sheet and what stands beside it; returns the files.

    Raises:
        DataError: a file cannot be written, or has come into being meanwhile.
    """
    contents = [format_.write(sheet)] + ([format_.beside[1](sheet)] if format_.beside else [])
    files = targets(path, format_)
    for target, content in zip(files, contents, strict=True):
        write_new(target, content, force=force)
    return files

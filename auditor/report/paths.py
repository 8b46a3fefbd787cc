"""Paths of the user's files in what is published: folders outside of that of the audit are nobody's business."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditor.report.model import Report


def is_below(path: str) -> bool:
    """Whether a path lies in the folder that the audit ran in."""
    parts = PurePosixPath(path)
    return not parts.is_absolute() and ".." not in parts.parts


def public(path: str) -> str:
    """The path below that folder; of a file elsewhere the name alone."""
    parts = PurePosixPath(path)
    return str(parts) if is_below(path) else parts.name


def without_folders(text: str, report: Report) -> str:
    """A text that may name files of the report, in which those that lie elsewhere have no folders."""
    for path in sorted({one.path for one in report.inputs if not is_below(one.path)}, key=len, reverse=True):
        text = text.replace(path, public(path))
    return text

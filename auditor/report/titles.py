"""Titles of tables without what they count, the same in every report."""

from __future__ import annotations

import re

_COUNTS = re.compile(r"\s*\([^)]*\)|\s*(?<![\w-])\d(?:[\d,.]*\d)?(?![\w-])")
"""What stands in brackets, and numbers that are words of their own."""


def without_counts(title: str) -> str:
    """The title by which tables of several reports are compared."""
    return _COUNTS.sub("", title).strip()

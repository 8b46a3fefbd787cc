"""What tells that a file on disk has not changed."""

from __future__ import annotations

import os
import time
from typing import NamedTuple

RACY = 2_000_000_000
"""Nanoseconds within which two changes of a file may carry the same time, on the coarsest file systems in use."""


class Stamp(NamedTuple):
    """What tells that a file on disk has not changed."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    @property
    def racy(self) -> bool:
        """Whether the file was changed so lately that it may change again without getting a new time."""
        return time.time_ns() - self.mtime_ns < RACY


def stamp(status: os.stat_result) -> Stamp:
    """The stamp of a file."""
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)

"""What may happen to a file while nobody looks."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path


def cut(path: Path) -> None:
    """Lose the second half."""
    os.truncate(path, path.stat().st_size // 2)


def emptied(path: Path) -> None:
    """Lose everything, as a file does whose name reached the disk before a power failure and whose content did not."""
    path.write_bytes(b"")


def flipped(path: Path, at: float = 0.5) -> None:
    """Flip one bit."""
    content = bytearray(path.read_bytes())
    content[int(at * (len(content) - 1))] ^= 1
    path.write_bytes(content)


def flipped_behind(path: Path) -> None:
    """Flip one bit and put the time of the last change back.

    The time of the last change of the file's entry, which nothing can put back, gives it away without --verify-cache.
    """
    before = path.stat()
    flipped(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def longer(path: Path) -> None:
    """Grow by what another process appends."""
    path.write_bytes(path.read_bytes() + b"\n{}\n")


HARMS: dict[str, Callable[[Path], None]] = {
    "cut": cut, "emptied": emptied, "gone": os.remove, "longer": longer, "bit": flipped,
    "first bit": partial(flipped, at=0), "last bit": partial(flipped, at=1), "bit and time": flipped_behind,
}  # fmt: skip

"""How files are read and compared; nothing of it changes a finding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Tick = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a command has at its disposal."""

    cache: Path
    """Folder of the canonical store."""
    verify: bool = False
    """Hash unchanged files again instead of trusting their size and times."""
    memory: int | None = None
    """Bytes to keep to, with larger arrays in files; None: half of the machine's memory."""
    processes: int | None = None
    """That read large files; None: as many as it is worth."""
    tick: Tick = lambda _what, _done, _of: None
    """Called with (what is being done, done, of) during long work; `of` is 0 where nobody knows."""
    say: Callable[[str], None] = lambda _line: None
    """Called with what the user should know before the long work."""

"""Files that their owner alone can read."""

from __future__ import annotations

import os
from pathlib import Path


def write_private(path: Path, data: bytes) -> None:
    """Write a new file."""
    create_private(path)
    path.write_bytes(data)


def create_private(path: Path) -> None:
    """Make an empty file with mode 0600, whatever the umask adds or takes."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    path.chmod(0o600)

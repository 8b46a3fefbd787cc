"""Files that their owner alone can read, and contents that tell whether they are whole."""

from __future__ import annotations

import hashlib
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


def sealed(content: bytes) -> bytes:
    """The content below a line that tells whether it is whole."""
    return hashlib.sha256(content).hexdigest().encode() + b"\n" + content


def unsealed(found: bytes) -> bytes | None:
    """The content of `sealed`; None if it is torn or was changed."""
    content = found.partition(b"\n")[2]
    return content if found == sealed(content) else None

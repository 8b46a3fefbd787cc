"""Contents that tell whether they are whole."""

from __future__ import annotations

import hashlib


def with_checksum(content: bytes) -> bytes:
    """The content below a line that tells whether it is whole."""
    return hashlib.sha256(content).hexdigest().encode() + b"\n" + content


def checked(found: bytes) -> bytes | None:
    """The content that was given to `with_checksum`; None if it is torn or was changed."""
    content = found.partition(b"\n")[2]
    return content if found == with_checksum(content) else None

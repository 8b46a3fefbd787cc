"""Machine code on disk is run as it is found, so whatever is not what was written there is taken away first."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path

_SEAL = "seal"


def cleaned(folder: Path) -> None:
    """Take away files of machine code that are not what `seal` saw; they are compiled anew."""
    try:
        known = json.loads((folder / _SEAL).read_bytes())
    except (OSError, ValueError):
        known = {}
    for path, found in _sums(folder).items():
        if not isinstance(known, dict) or known.get(path) != found:
            with contextlib.suppress(OSError):
                (folder / path).unlink()


def seal(folder: Path) -> None:
    """Write down what the machine code in a folder is, as far as it can be written."""
    content = json.dumps(_sums(folder), sort_keys=True).encode()
    place, draft = folder / _SEAL, folder / f"{_SEAL}-{os.getpid()}"
    with contextlib.suppress(OSError):
        if not place.is_file() or place.read_bytes() != content:
            draft.write_bytes(content)
            draft.replace(place)


def _sums(folder: Path) -> dict[str, str]:
    found = {}
    for path in sorted(folder.rglob("*.nb[ci]")):
        with contextlib.suppress(OSError):  # another process may take it away
            found[str(path.relative_to(folder))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found

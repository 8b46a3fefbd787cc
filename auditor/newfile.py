"""New files that a command writes for the user: whole or not at all, and never over an input."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from auditor.errors import DataError


def check_new(target: Path, inputs: Iterable[Path], *, force: bool) -> None:
    """Refuse a file that must not be written, before the long work.

    Raises:
        DataError: it is there already, is an input, or its folder cannot take it.
    """
    if any(target.exists() and given.exists() and target.samefile(given) for given in inputs):
        message = f"{target} is one of the inputs, which are never changed; name another file with --to"
        raise DataError(message)
    if target.is_dir():
        message = f"{target} is a folder; name a file with --to"
        raise DataError(message)
    if target.exists() and not force:
        raise DataError(_taken(target))
    if not target.parent.is_dir():
        message = f"the folder {target.parent} does not exist; make it first"
        raise DataError(message)


def write_new(target: Path, content: bytes, *, force: bool) -> None:
    """Write a file, readable by its owner alone; an existing one is replaced only by `force`.

    Raises:
        DataError: it cannot be written, or has come into being meanwhile.
    """
    try:
        _write(target, content, force=force)
    except FileExistsError:
        raise DataError(_taken(target)) from None
    except OSError as error:
        message = f"cannot write {target}: {error.strerror or error}"
        raise DataError(message) from None


def _taken(target: Path) -> str:
    return f"{target} is there already; name another file, or --force to replace it"


def _write(target: Path, content: bytes, *, force: bool) -> None:
    handle, name = tempfile.mkstemp(prefix=".auditor-", dir=target.parent)  # with mode 0600: private data
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        if force:
            draft.replace(target)
        else:
            _place(draft, target, content)
    finally:
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()


def _place(draft: Path, target: Path, content: bytes) -> None:
    """Give the draft its name, and unlike a rename fail where a file has come into being meanwhile."""
    try:
        os.link(draft, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links, as of memory sticks and shares
        with open(target, "xb", opener=_private) as file:
            try:
                file.write(content)
                file.flush()
            except OSError:
                target.unlink()
                raise


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)

"""A review sheet as a new file."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from auditor.errors import DataError
from auditor.review.formats import Format
from auditor.review.sheet import Sheet


def targets(path: Path, format_: Format) -> tuple[Path, ...]:
    """The files that a sheet is written to: itself, and what stands beside it."""
    return (path,) if format_.beside is None else (path, path.with_name(path.stem + format_.beside[0]))


def check_target(path: Path, format_: Format, inputs: tuple[Path, ...], *, force: bool) -> None:
    """Refuse a file that must not be written, before the long work of drawing a sheet.

    Raises:
        DataError: it is there already, is an input, or its folder cannot take it.
    """
    for target in targets(path, format_):
        if any(target.exists() and given.exists() and target.samefile(given) for given in inputs):
            message = f"{target} is one of the inputs, which are never changed; name another file with --to"
            raise DataError(message)
        if target.is_dir():
            message = f"{target} is a folder; name a file with --to"
            raise DataError(message)
        if target.exists() and not force:
            message = f"{target} is there already, perhaps with verdicts; name another file, or --force to replace it"
            raise DataError(message)
    if not path.parent.is_dir():
        message = f"the folder {path.parent} does not exist; make it first"
        raise DataError(message)


def save_sheet(sheet: Sheet, path: Path, format_: Format, *, force: bool) -> tuple[Path, ...]:
    """Write a sheet, readable by its owner alone, and what stands beside it; returns the files.

    Raises:
        DataError: a file cannot be written, or has come into being meanwhile.
    """
    contents = [format_.write(sheet)] + ([format_.beside[1](sheet)] if format_.beside else [])
    files = targets(path, format_)
    for target, content in zip(files, contents, strict=True):
        try:
            write_whole(target, content, force=force)
        except FileExistsError:
            message = f"{target} is there already; name another file, or --force to replace it"
            raise DataError(message) from None
        except OSError as error:
            message = f"cannot write {target}: {error.strerror or error}"
            raise DataError(message) from None
    return files


def write_whole(target: Path, content: bytes, *, force: bool) -> None:
    """Write a file whole or not at all; an existing one is replaced only by `force`."""
    handle, name = tempfile.mkstemp(
        prefix=".auditor-", dir=target.parent
    )  # with mode 0600: it quotes private data
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

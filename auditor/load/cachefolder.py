"""The cache folder: where it lies, what it holds, and that nothing is taken from it while it is looked at."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from auditor.errors import DataError

FOLDERS = ("stores", "known", "building", "results")
"""What it holds; the layout is that of `auditor.load.store`."""


def default_cache() -> Path:
    """The user's cache folder for auditor; AUDITOR_CACHE_DIR says another."""
    if own := os.environ.get("AUDITOR_CACHE_DIR"):
        return Path(own)
    if os.uname().sysname == "Darwin":
        return Path.home() / "Library" / "Caches" / "auditor"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "auditor"


def usage(cache: Path) -> int:
    """Bytes that stored rows take."""
    return sum(_size(path) for folder in FOLDERS for path in (cache / folder).rglob("*"))


def clear(cache: Path) -> int:
    """Delete all stored rows; returns the bytes freed.

    Raises:
        DataError: an audit is reading them.
    """
    freed = usage(cache)
    if not any((cache / folder).exists() for folder in FOLDERS):
        return 0
    try:
        with _locked(cache, fcntl.LOCK_EX | fcntl.LOCK_NB):
            for folder in FOLDERS:
                shutil.rmtree(cache / folder, ignore_errors=True)
    except BlockingIOError:
        message = f"an audit is reading the rows in {cache}; try again when it is done"
        raise DataError(message) from None
    return freed - usage(cache)


@contextlib.contextmanager
def in_use(cache: Path) -> Iterator[None]:
    """Keep `clear` from taking rows away while they are looked at."""
    with explained(cache):
        make_folder(cache)
    with _locked(cache, fcntl.LOCK_SH):
        yield


@contextlib.contextmanager
def _locked(cache: Path, how: int) -> Iterator[None]:
    """Hold a lock on the folder itself, so that no file needs to lie in it; without one where there are no locks."""
    folder = os.open(cache, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, how)
        except OSError as error:
            if error.errno not in (errno.ENOLCK, errno.ENOTSUP):
                raise
        yield
    finally:
        os.close(folder)


def make_folder(folder: Path) -> None:
    """A folder that its owner alone can look into."""
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size if path.is_file() else 0
    except OSError:  # gone in the meantime
        return 0


@contextlib.contextmanager
def explained(cache: Path) -> Iterator[None]:
    """Turn a full or read-only disk into advice; errors of the input files carry their own."""
    try:
        yield
    except OSError as error:
        if error.errno not in (
            errno.ENOSPC,
            errno.EDQUOT,
            errno.EFBIG,
            errno.EACCES,
            errno.EPERM,
            errno.EROFS,
            errno.ENOENT,
            errno.ENOTDIR,
            errno.EEXIST,
        ):
            raise
        message = (
            f"the cache folder {cache} cannot be written ({error.strerror}); set AUDITOR_CACHE_DIR to a folder with "
            "room, or use --no-cache, which needs room in the temporary folder"
        )
        raise DataError(message) from error

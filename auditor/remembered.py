"""Reports of earlier audits, for an audit of which nothing has changed: files, settings, policy, code, libraries.

Whatever the report depends on goes into its name in the cache, files by what tells that they have not changed. So
there is nothing to invalidate, and nothing heavy to load for the answer.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import time
import tomllib
from importlib.metadata import PackageNotFoundError, entry_points, version
from pathlib import Path

import msgspec

from auditor.load.cachefolder import make_folder
from auditor.load.sources import find_sources
from auditor.report.model import Report
from auditor.settings import Settings
from auditor.version import __version__

FOLDER = "results"
MOST = 100
"""Reports that are kept; the oldest go first."""
_RACY = 2_000_000_000
"""Nanoseconds within which two changes of a file may carry the same time, on the coarsest file systems in use."""
_LIBRARIES = ("numpy", "polars", "pyarrow", "numba", "scipy", "rapidfuzz", "msgspec")
_ROOT = Path(__file__).parent.parent


def name_of(settings: Settings, *, redact: bool) -> str | None:
    """The name of the report of such an audit; None where it may change though nothing seems to.

    That is so with standard input, with plug-ins, and with files that were changed a moment ago.
    """
    if "-" in settings.train + settings.eval or any(entry_points(group="auditor.checks")):
        return None
    sources, notes = find_sources(settings.train, settings.eval)
    files = [source.path for source in sources if source.path is not None]
    files += [Path(name) for name in (*settings.reviewed, settings.key_file) if name]
    files += [path for path in (settings.file, *_policy_files(settings.policy)) if path is not None]
    try:
        stamps = [_stamp(path) for path in files]
    except OSError:
        return None
    if any(time.time_ns() - changed < _RACY for _, changed, *_ in stamps):
        return None
    names = [(source.role, source.name) for source in sources]
    parts = (
        __version__,
        sys.version,
        str(Path.cwd()),
        settings,
        redact,
        names,
        notes,
        stamps,
        _code(),
        _versions(),
    )
    return hashlib.sha256(msgspec.json.encode(parts, enc_hook=str, order="deterministic")).hexdigest()


def recall(cache: Path, name: str) -> Report | None:
    """The report of that name; None if there is none or it is damaged."""
    try:
        seal, _, content = (cache / FOLDER / name).read_bytes().partition(b"\n")
        if seal != _seal(content):
            return None
        return msgspec.json.decode(content, type=Report)
    except (OSError, msgspec.MsgspecError):
        return None


def remember(cache: Path, name: str, report: Report) -> None:
    """Keep a report, as far as it can be kept, unless it tells of something that went wrong."""
    if report.failed_inputs or report.broken:
        return
    content = msgspec.json.encode(report)
    folder = cache / FOLDER
    draft = folder / f"{name}.{os.getpid()}"
    with contextlib.suppress(OSError):  # the report is shown all the same
        make_folder(folder)
        try:
            with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:  # noqa: PTH123
                file.write(_seal(content) + b"\n" + content)
            draft.replace(folder / name)
        finally:
            draft.unlink(missing_ok=True)
        kept = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        for path in kept[:-MOST]:
            path.unlink(missing_ok=True)


def _seal(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


def _policy_files(name: str | None) -> list[Path]:
    """The files behind a policy that is no shipped one; those are part of our code."""
    found, path = list[Path](), Path(name or "")
    while name and path.is_file() and path not in found:  # one may extend itself, which is told later
        found.append(path)
        try:
            name = tomllib.loads(path.read_text("utf-8")).get("extends")
        except (ValueError, OSError):
            break
        path = Path(os.path.normpath(path.parent / str(name or "")))
    return found


def _stamp(path: Path) -> tuple[str, int, int, int, int]:
    status = path.stat()
    return str(path.resolve()), status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino


def _code() -> list[tuple[str, int, int]]:
    """Our own files, which change between releases where the project is developed."""
    found = []
    for package in ("auditor", "checks"):
        for folder, folders, names in os.walk(_ROOT / package):
            folders[:] = sorted(one for one in folders if one != "__pycache__")
            for name in sorted(names):
                status = os.stat(os.path.join(folder, name))  # noqa: PTH116, PTH118  hundreds of them
                found.append((name, status.st_size, status.st_mtime_ns))
    return found


def _versions() -> list[str]:
    found = []
    for name in _LIBRARIES:
        try:
            found.append(version(name))
        except PackageNotFoundError:
            found.append("")
    return found

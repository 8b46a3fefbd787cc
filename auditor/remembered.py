"""Reports of earlier audits, for an audit of which nothing has changed: files, settings, policy, code, libraries.

Whatever the report depends on goes into its name in the cache, files by what tells that they have not changed. So
there is nothing to invalidate, and nothing heavy to load for the answer.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import msgspec

from auditor.libraries import versions
from auditor.load.cachefolder import make_folder
from auditor.load.checksums import checked, with_checksum
from auditor.load.private import write_private
from auditor.load.sources import find_sources
from auditor.load.stamps import stamp
from auditor.report.fingerprintkey import key_name
from auditor.report.model import Report
from auditor.settings import ANSWERS, Settings
from auditor.tables import FOLDER as POLICIES
from auditor.tables import policy_file
from auditor.version import __version__

FOLDER = "results"
MOST = 100
"""Reports that are kept; the oldest go first. Tool default: a report takes up to some megabytes."""
_ROOT = Path(__file__).parent.parent


def name_of(settings: Settings, *, redact: bool) -> str | None:
    """The name of the report of such an audit; None where it may change though nothing seems to.

    That is so with standard input, with plug-ins, and with files that were changed a moment ago. A file whose name is no
    text has none either.
    """
    if "-" in settings.train + settings.eval or any(entry_points(group="auditor.checks")):
        return None
    sources, notes = find_sources(settings.train, settings.eval)
    files = [source.path for source in sources if source.path is not None]
    files += [Path(name) for name in (*settings.reviewed, *settings.vectors, settings.key_file) if name]
    files += [path for path in (settings.file, *_policy_files(settings.policy)) if path is not None]
    files += [path for path in [Path(ANSWERS)] if path.is_file()]  # it may hold the prices of the plan
    try:
        stamps = [(str(path.resolve()), stamp(path.stat())) for path in files]
    except OSError:
        return None
    if any(changed.racy for _, changed in stamps):
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
        versions(),
        key_name(),
    )
    try:
        told = msgspec.json.encode(parts, enc_hook=str, order="deterministic")
    except UnicodeEncodeError:
        return None
    return hashlib.sha256(told).hexdigest()


def recall(cache: Path, name: str) -> Report | None:
    """The report of that name; None if there is none or it is damaged."""
    try:
        content = checked((cache / FOLDER / name).read_bytes())
        return None if content is None else Report.from_json(content)
    except (OSError, msgspec.MsgspecError):
        return None


def remember(cache: Path, name: str, report: Report) -> None:
    """Keep a report, as far as it can be kept, unless it tells of something that went wrong."""
    if report.failed_inputs or report.broken:
        return
    folder = cache / FOLDER
    draft = folder / f"{name}.{os.getpid()}"
    with contextlib.suppress(OSError):  # the report is shown all the same
        make_folder(folder)
        try:
            write_private(draft, with_checksum(msgspec.json.encode(report)))
            draft.replace(folder / name)
        finally:
            draft.unlink(missing_ok=True)
        kept = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        for path in kept[:-MOST]:
            path.unlink(missing_ok=True)


def _policy_files(name: str | None) -> list[Path]:
    """The files behind a policy, up to a shipped one: that is part of our code."""
    found, path = list[Path](), policy_file(name or "base", Path())
    while path.parent != POLICIES and path.is_file() and path not in found:  # a circle is told later
        found.append(path)
        try:
            table = tomllib.loads(path.read_text("utf-8"))
        except (ValueError, OSError):
            break
        path = Path(os.path.normpath(policy_file(str(table.get("extends", "base")), path.parent)))
    return found


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

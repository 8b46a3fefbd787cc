"""What the user named on the command line, as single files in a fixed order."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from auditor.errors import DataError
from checks.measures import Role

STDIN = "<stdin>"
RECORDS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet")
"""Endings by which a folder is searched; what a file holds is told by its content."""
ARCHIVES = ("", ".gz", ".bz2", ".xz", ".zst")
_ENDINGS = tuple(records + archive for records in RECORDS for archive in ARCHIVES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One input file; `path` None is standard input."""

    role: Role
    name: str
    """As the user wrote it, or the folder or pattern they wrote filled in."""
    path: Path | None


def ending_of(name: str) -> str:
    """The ending of a file name in small letters, that of an archive left out."""
    path = PurePath(name.lower())
    return PurePath(path.stem).suffix if path.suffix in ARCHIVES else path.suffix


def find_sources(
    train: tuple[str, ...], evals: tuple[str, ...]
) -> tuple[tuple[Source, ...], tuple[str, ...]]:
    """The files behind the arguments, and notes about arguments that name a file twice.

    Raises:
        DataError: an argument names nothing, or a file stands in both roles.
    """
    found: dict[tuple[object, ...], Source] = {}
    notes: list[str] = []
    roles: tuple[tuple[Role, tuple[str, ...]], ...] = (("train", train), ("eval", evals))
    for role, arguments in roles:
        for source in (source for argument in arguments for source in _expand(argument, role, notes)):
            key = _identity(source)
            first = found.setdefault(key, source)
            if first is source:
                continue
            if first.path is None:
                message = "standard input (-) is named twice, but can be read only once"
                raise DataError(message)
            if first.role != role:
                message = (
                    f"{source.name} is named as train and as eval data"
                    f"{_alias(first, source)}; take it out of one of them (a file with a `split` column serves "
                    "both when named as train alone)"
                )
                raise DataError(message)
            notes.append(
                f"{source.name} is named twice as {role} data{_alias(first, source)}; it is read once."
            )
    return tuple(found.values()), tuple(notes)


def _alias(first: Source, second: Source) -> str:
    return "" if first.name == second.name else f" (it is the same file as {first.name})"


def _identity(source: Source) -> tuple[object, ...]:
    """Equal for two names of one file: links, other spellings."""
    if source.path is None:
        return (STDIN,)
    status = source.path.stat()
    return (status.st_dev, status.st_ino)


def _expand(argument: str, role: Role, notes: list[str]) -> Iterator[Source]:
    if argument == "-":
        yield Source(role=role, name=STDIN, path=None)
        return
    names = [argument] if os.path.lexists(argument) else _matches(argument)
    if not names:
        raise DataError(_nothing(argument))
    for name in names:
        path = Path(name)
        if path.is_dir():
            yield from _folder(path, role, notes)
        elif path.exists():
            yield Source(role=role, name=_spelled(name), path=path)
        else:
            message = f"{_spelled(name)} is a link to a file that does not exist"
            raise DataError(message)


def _matches(pattern: str) -> list[str]:
    """The files behind a pattern, spelled as the pattern spells them (pathlib would drop a leading ./)."""
    return sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207  see above


def _folder(folder: Path, role: Role, notes: list[str]) -> Iterator[Source]:
    reports = [path.parent for path in folder.rglob("report.json") if (path.parent / "evidence").is_dir()]
    notes += [f"The audit report in {report} is not read as {role} data." for report in reports]
    ours = {path for report in reports for path in (report / "report.json", report / "evidence")}
    inside = sorted(
        path
        for path in folder.rglob("*")
        if path.name.lower().endswith(_ENDINGS)
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and ours.isdisjoint((path, path.parent))
    )
    if not inside:
        message = (
            f"the folder {folder} holds no file ending in {', '.join(RECORDS)} "
            f"(or one of these and {', '.join(ARCHIVES[1:])})"
        )
        raise DataError(message)
    for path in inside:
        yield Source(role=role, name=_spelled(str(path)), path=path)


def _spelled(path: str) -> str:
    """A path as text: bytes of it that are not UTF-8 as escapes, which every output can take."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _nothing(argument: str) -> str:
    if "://" in argument:
        return f"{argument} is no local file; download it first"
    if glob.has_magic(argument):
        return f"the pattern {argument!r} matches no file"
    near = _neighbours(Path(argument))
    return f"{argument} does not exist{near}"


def _neighbours(path: Path) -> str:
    """A hint at the file that was probably meant."""
    from auditor.errors import suggest

    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return f"; nor does the folder {path.parent}" if not path.parent.exists() else ""
    hint = suggest(path.name, names)
    return hint if hint.startswith("; did you mean") else ""

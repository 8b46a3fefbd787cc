"""Paths of the user's files in what is published: folders outside of that of the audit are nobody's business."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import msgspec

from auditor.report.cells import FILE

if TYPE_CHECKING:
    from auditor.report.model import Report


def is_below(path: str) -> bool:
    """Whether a path lies in the folder that the audit ran in."""
    parts = PurePosixPath(path)
    return not parts.is_absolute() and ".." not in parts.parts


def public(path: str) -> str:
    """The path below that folder; of a file elsewhere the name alone."""
    parts = PurePosixPath(path)
    return str(parts) if is_below(path) else parts.name


def published(report: Report) -> tuple[Report, frozenset[str]]:
    """The report in which files that lie elsewhere have no folders, wherever it names them.

    Returns:
        The report, and the names of these files; no two files have the same one.
    """
    from auditor.report.model import Report

    paths = dict.fromkeys(path for path in _paths(report) if PurePosixPath(path).name not in ("", ".."))
    names = _names(paths)
    outside = {path: name for path, name in names.items() if not is_below(path)}
    if all(path == name for path, name in names.items()):
        return report, frozenset()
    any_of = re.compile("|".join(map(re.escape, sorted(outside, key=len, reverse=True))) or r"(?!)")

    def without(value: Any) -> Any:  # noqa: ANN401  any part of a report
        if isinstance(value, str):
            return names.get(value) or any_of.sub(lambda found: outside[found[0]], value)
        if isinstance(value, dict):
            return {without(name): without(one) for name, one in value.items()}
        return [without(one) for one in value] if isinstance(value, (list, tuple)) else value

    return msgspec.convert(without(msgspec.to_builtins(report)), Report), frozenset(outside.values())


def _paths(report: Report) -> Iterator[str]:
    """Whatever may be one: files that were read, files that rows stand in, and what the settings name elsewhere."""
    yield from (one.path for one in report.inputs)
    for outcome in report.outcomes.values():
        for evidence in outcome.evidence:
            columns = [name for name in (evidence.head[0] if evidence.head else ()) if name.endswith(FILE)]
            yield from (row[name] for row in evidence.head for name in columns if isinstance(row[name], str))
    yield from (text for text in _texts(report.settings) if not is_below(text))


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401  any setting
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list, tuple)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def _names(paths: Iterable[str]) -> dict[str, str]:
    """Path -> its public name; of files elsewhere with the same one the later ones are numbered."""
    names = {path: public(path) for path in paths if is_below(path)}
    taken = set(names.values())
    for path in paths:
        if is_below(path):
            continue
        name, number = public(path), 1
        stem, dot, ending = name.partition(".")
        while name in taken:
            number += 1
            name = f"{stem}-{number}{dot}{ending}"
        taken.add(name)
        names[path] = name
    return names

"""How many rows a task needs: the table of the source articles, and how a stance picks one number from it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median
from typing import Literal

import msgspec

from auditor.errors import PolicyError, suggest

Column = Literal["minimum", "recommended", "good"]
STANCES = ("strict", "balanced", "lenient")
ANY = "any"

_FILE = Path(__file__).with_name("policies") / "tasks.toml"


class TaskRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one source says of one task, in rows."""

    source: str
    minimum: int
    task: str = ANY
    recommended: int | None = None
    good: int | None = None
    classes: int | None = None
    """Number of classes the figures are stated for; then each class counts its share."""
    note: str = ""

    def rows(self, column: Column, classes: int) -> float | None:
        """The figure of a column, scaled to the number of classes where the source states it per class."""
        value: int | None = getattr(self, column)
        if value is None or self.classes is None or classes == 0:
            return value
        return value * classes / self.classes


class TaskTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole table."""

    sources: dict[str, str]
    """Name of a source -> its title."""
    rows: tuple[TaskRow, ...]
    eval: tuple[TaskRow, ...]

    @property
    def tasks(self) -> tuple[str, ...]:
        """Known tasks, in the order of the table."""
        return tuple(dict.fromkeys(row.task for row in self.rows if row.task != ANY))


@dataclass(frozen=True, slots=True)
class Resolved:
    """A number of rows, and how it came about."""

    value: float
    how: str


@cache
def task_table() -> TaskTable:
    """The table that ships with the package."""
    return msgspec.convert(tomllib.loads(_FILE.read_text("utf-8")), TaskTable)


def sources_in(text: str) -> dict[str, str]:
    """Short name and title of the sources that a text names; S0-S4 names them all."""
    known = task_table().sources
    words = set(re.findall(r"\w+", text))
    for first, last in re.findall(r"(\w+)-(\w+)", text):
        if first in known and last in known:
            words |= {name for name in known if first <= name <= last}
    return {name: title for name, title in known.items() if name in words}


def check_task(task: str | None) -> None:
    """Raise PolicyError for a task that the table does not have."""
    known = task_table().tasks
    if task is not None and task not in known:
        message = f"there is no task {task!r}{suggest(task, known, 'tasks are')}"
        raise PolicyError(message)


def check_stance(stance: str) -> None:
    """Raise PolicyError for a stance that is neither strict, balanced, lenient nor a source."""
    known = (*STANCES, *task_table().sources)
    if stance not in known:
        message = f"there is no stance {stance!r}{suggest(stance, known, 'choose one of')}"
        raise PolicyError(message)


def rows_for(task: str | None) -> tuple[TaskRow, ...]:
    """The rows that decide for a task, or the rows of task `any` where none is known."""
    return tuple(row for row in task_table().rows if row.task == (task or ANY))


def task_rows(task: str | None, stance: str) -> tuple[tuple[TaskRow, ...], tuple[TaskRow, ...]]:
    """The rows that a stance decides by, and the others that are worth showing."""
    rows = rows_for(task)
    by = tuple(row for row in rows if stance in STANCES or row.source == stance)
    return by, (*(row for row in rows if row not in by), *(rows_for(ANY) if task else ()))


def resolve(
    rows: tuple[TaskRow, ...], column: Column, *, stance: str, classes: int, what: str
) -> Resolved | None:
    """One number from what the sources say, None if none of them says anything.

    Raises:
        PolicyError: the stance is a source that says nothing about this.
    """
    stated = [(row.source, value) for row in rows if (value := row.rows(column, classes)) is not None]
    if not stated:
        return None
    shown = ", ".join(f"{source} {value:,.0f}" for source, value in stated)
    if stance in STANCES:
        values = [value for _, value in stated]
        picked = {"strict": max(values), "balanced": median(values), "lenient": min(values)}[stance]
        return Resolved(float(picked), f"{stance} {column} of {what}: {shown}")
    named = [value for source, value in stated if source == stance]
    if named:
        return Resolved(float(named[0]), f"{column} of {what} after {stance}; all: {shown}")
    if column != "minimum":
        return None
    message = f"source {stance} says nothing about {what}; {', '.join(source for source, _ in stated)} do"
    raise PolicyError(message)

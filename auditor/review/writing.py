"""Tables as files that people fill in: CSV and JSONL, and the imports of labeling tools."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar
from xml.sax.saxutils import quoteattr

import polars as pl

from auditor.errors import DataError, suggest
from auditor.load.sources import ending_of

T = TypeVar("T")
FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")  # noqa: RUF001  the wide ones begin a formula, too, in Japanese spreadsheets
"""How a cell begins that a spreadsheet would compute (OWASP, CSV injection), or that was kept from it."""
CHOICES = 100
"""Classes above which a label is typed rather than chosen from a list."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_BY_ENDING = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Format(Generic[T]):
    """One way to write something."""

    name: str
    write: Callable[[T], bytes]
    beside: tuple[str, Callable[[T], bytes]] | None = None
    """Ending and content of a second file that is needed with it."""


def format_of(path: Path, name: str | None, formats: Sequence[Format[T]]) -> Format[T]:
    """The format that is named, else that of the file's ending.

    Raises:
        DataError: the ending tells no format.
    """
    names = [known.name for known in formats]
    wanted = name or _BY_ENDING.get(ending_of(path.name))
    if wanted is None:
        message = (
            f"the ending of {path} does not tell a format; call it .csv or .jsonl, or say --format, "
            f"one of {', '.join(names)}"
        )
        raise DataError(message)
    found = next((known for known in formats if known.name == wanted), None)
    if found is None:
        message = f"there is no sheet format {wanted!r}{suggest(wanted, names)}"
        raise DataError(message)
    return found


def targets(path: Path, format_: Format[T]) -> tuple[Path, ...]:
    """The files that are written: the one that was named, and what stands beside it."""
    return (path,) if format_.beside is None else (path, path.with_name(path.stem + format_.beside[0]))


def safe(cell: str) -> str:
    """A cell that a spreadsheet shows and does not compute; `unsafe` undoes it."""
    return f"'{cell}" if FORMULA.match(cell) else cell


def unsafe(cell: str) -> str:
    """What stood in a cell before `safe`."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


def visible(text: str) -> str:
    """The text with line ends as newlines and characters that control a device as a replacement mark."""
    return _CONTROL.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def rows_of(table: pl.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table, what controls a device made visible."""
    return [
        {name: visible(value) if isinstance(value, str) else value for name, value in row.items()}
        for row in table.iter_rows(named=True)
    ]


def csv_of(table: pl.DataFrame) -> bytes:
    """A spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(table.columns)
    for row in rows_of(table):
        writer.writerow(safe(value) if isinstance(value, str) else value for value in row.values())
    return b"\xef\xbb\xbf" + out.getvalue().encode()  # without the mark Excel takes it for a local encoding


def jsonl_of(table: pl.DataFrame) -> bytes:
    """One record a line."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows_of(table)).encode()


def tasks_of(table: pl.DataFrame, *, empty: Collection[str]) -> bytes:
    """Tasks of Label Studio's basic JSON format, the same from 1.0 on, without the columns that are to be filled in."""
    tasks = [
        {"data": {name: value for name, value in row.items() if name not in empty}} for row in rows_of(table)
    ]
    return json.dumps(tasks, ensure_ascii=False, indent=1).encode()


def choices_of(name: str, classes: Sequence[str], *, more: str = "") -> list[str]:
    """Lines of a Label Studio interface that ask for one of some classes; for a text where they are too many, or none."""
    asked = f'name="{name}" toName="text"{more}'
    if not 1 <= len(classes) <= CHOICES:
        return [f'  <TextArea {asked} maxSubmissions="1"/>']
    shown = [f"    <Choice value={quoteattr(visible(one))}/>" for one in classes]
    return [f'  <Choices {asked} choice="single">', *shown, "  </Choices>"]


def records_of(table: pl.DataFrame, *, shown: Sequence[str], asked: Collection[str], key: str) -> bytes:
    """Records as `Dataset.records.from_json` of Argilla 2 reads them.

    They carry no suggestions, which the form would fill in before anybody has judged.
    """
    records = [
        {
            "id": row[key],
            "fields": {name: row[name] for name in shown},
            "metadata": {
                name: value
                for name, value in row.items()
                if name not in (*shown, *asked, key) and value is not None
            },
            "suggestions": {},
            "responses": {},
            "vectors": {},
        }
        for row in rows_of(table)
    ]
    return json.dumps(records, ensure_ascii=False, indent=1).encode()


def question_of(name: str, classes: Sequence[str], *, required: bool) -> str:
    """The question of an Argilla data set for one of some classes; for a text where they are too many, or none."""
    named = [visible(one) for one in classes]
    if 2 <= len(named) <= CHOICES:
        return f"rg.LabelQuestion(name={name!r}, labels={named!r}, required={required})"
    return f"rg.TextQuestion(name={name!r}, required={required})"

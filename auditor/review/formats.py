"""Review sheets as files: ONE table of the formats they are written in."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from auditor.errors import DataError, suggest
from auditor.load.sources import ending_of
from auditor.review.sheet import Sheet

VERDICTS = ("right", "wrong", "unclear")
FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")  # noqa: RUF001  the wide ones begin a formula, too, in Japanese spreadsheets
"""How a cell begins that a spreadsheet would compute (OWASP, CSV injection), or that was kept from it."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_CHOICES = 100
"""Classes above which a right label is typed rather than chosen from a list."""


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a sheet."""

    name: str
    write: Callable[[Sheet], bytes]
    beside: tuple[str, Callable[[Sheet], bytes]] | None = None
    """Ending and content of a second file that is needed with it."""


def safe(cell: str) -> str:
    """A cell that a spreadsheet shows and does not compute; `unsafe` undoes it."""
    return f"'{cell}" if FORMULA.match(cell) else cell


def unsafe(cell: str) -> str:
    """What stood in a cell before `safe`."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


def visible(text: str) -> str:
    """The text with line ends as newlines and characters that control a device as a replacement mark."""
    return _CONTROL.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def _rows(sheet: Sheet) -> list[dict[str, Any]]:
    return [
        {name: visible(value) if isinstance(value, str) else value for name, value in row.items()}
        for row in sheet.table.iter_rows(named=True)
    ]


def _csv(sheet: Sheet) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(sheet.table.columns)
    for row in _rows(sheet):
        writer.writerow(safe(value) if isinstance(value, str) else value for value in row.values())
    return b"\xef\xbb\xbf" + out.getvalue().encode()  # without the mark Excel takes it for a local encoding


def _jsonl(sheet: Sheet) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in _rows(sheet)).encode()


def _label_studio(sheet: Sheet) -> bytes:
    """Tasks of Label Studio's basic JSON format, the same from 1.0 on."""
    empty = ("verdict", "correct_label")
    tasks = [
        {"data": {name: value for name, value in row.items() if name not in empty}} for row in _rows(sheet)
    ]
    return json.dumps(tasks, ensure_ascii=False, indent=1).encode()


def _label_studio_config(sheet: Sheet) -> bytes:
    """The labeling interface: text and label, a verdict, and a right label if the one given is wrong."""
    wrong = 'toName="text" visibleWhen="choice-selected" whenTagName="verdict" whenChoiceValue="wrong"'
    classes = [f"    <Choice value={quoteattr(visible(name))}/>" for name in sheet.classes]
    right = [f'  <Choices name="correct_label" {wrong} choice="single">', *classes, "  </Choices>"]
    if len(classes) > _CHOICES:
        right = [f'  <TextArea name="correct_label" {wrong} maxSubmissions="1"/>']
    lines = [
        "<View>",
        '  <Header value="Text"/>',
        '  <Text name="text" value="$text"/>',
        '  <Header value="Label"/>',
        '  <Text name="label" value="$label"/>',
        '  <Choices name="verdict" toName="text" choice="single" showInline="true" required="true">',
        *(f'    <Choice value="{verdict}"/>' for verdict in VERDICTS),
        "  </Choices>",
        *right,
        '  <Header value="Why this row"/>',
        '  <Text name="why" value="$why"/>',
        '  <Text name="nearest" value="$nearest"/>',
        "</View>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _argilla(sheet: Sheet) -> bytes:
    """Records as `Dataset.records.from_json` of Argilla 2 reads them.

    They carry no suggestions, which the form would fill in before anybody has judged.
    """
    shown, asked = ("text", "label", "why", "nearest"), ("id", "verdict", "correct_label")
    records = [
        {
            "id": row["id"],
            "fields": {name: row[name] for name in shown},
            "metadata": {
                name: value
                for name, value in row.items()
                if name not in (*shown, *asked) and value is not None
            },
            "suggestions": {},
            "responses": {},
            "vectors": {},
        }
        for row in _rows(sheet)
    ]
    return json.dumps(records, ensure_ascii=False, indent=1).encode()


def _argilla_settings(sheet: Sheet) -> bytes:
    """A script that makes the data set of Argilla 2 for the records."""
    classes = [visible(name) for name in sheet.classes]
    right = (
        f"rg.LabelQuestion(name='correct_label', labels={classes!r}, required=False)"
        if 2 <= len(classes) <= _CHOICES
        else "rg.TextQuestion(name='correct_label', required=False)"
    )
    lines = [
        '"""Makes the data set `label-review`; then `dataset.records.from_json(path)` and, when it is judged, `to_json`."""',
        "import argilla as rg",
        "",
        "settings = rg.Settings(",
        "    fields=[rg.TextField(name=name) for name in ('text', 'label')]",
        "    + [rg.TextField(name=name, required=False) for name in ('why', 'nearest')],",
        f"    questions=[rg.LabelQuestion(name='verdict', labels={list(VERDICTS)!r}),",
        f"               {right}],",
        "    metadata=[rg.TermsMetadataProperty(name=name) for name in ('file', 'draw')]",
        "    + [rg.IntegerMetadataProperty(name=name) for name in ('line', 'stratum', 'stratum_rows')]",
        "    + [rg.FloatMetadataProperty(name='suspicion')],",
        ")",
        "dataset = rg.Dataset(name='label-review', settings=settings)",
    ]
    return ("\n".join(lines) + "\n").encode()


FORMATS = (
    Format("csv", _csv),
    Format("jsonl", _jsonl),
    Format("label-studio", _label_studio, (".config.xml", _label_studio_config)),
    Format("argilla", _argilla, (".settings.py", _argilla_settings)),
)
FORMAT_NAMES = tuple(known.name for known in FORMATS)
_BY_ENDING = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}


def format_of(path: Path, name: str | None) -> Format:
    """The format that is named, else that of the file's ending.

    Raises:
        DataError: the ending tells no format.
    """
    wanted = name or _BY_ENDING.get(ending_of(path.name))
    if wanted is None:
        message = (
            f"the ending of {path} does not tell a format; call it .csv or .jsonl, or say --format, "
            f"one of {', '.join(FORMAT_NAMES)}"
        )
        raise DataError(message)
    found = next((known for known in FORMATS if known.name == wanted), None)
    if found is None:
        message = f"there is no sheet format {wanted!r}{suggest(wanted, FORMAT_NAMES)}"
        raise DataError(message)
    return found

"""Filled review sheets as they come back: from a spreadsheet, a script, Label Studio or Argilla."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.errors import DataError, suggest
from auditor.review.formats import unsafe
from auditor.review.identity import label_mark

WORDS: Mapping[str, bool | None] = {
    **dict.fromkeys(("right", "correct", "ok", "okay", "r", "✓", "✔"), False),
    **dict.fromkeys(("wrong", "incorrect", "false label", "w", "x", "✗", "✘"), True),
    **dict.fromkeys(("unclear", "unsure", "ambiguous", "u", "?"), None),
}
"""What may stand as a verdict -> whether the label is wrong, None if that cannot be told. Yes and no are not among
them: they answer another question, and nobody knows which."""
_NEEDED = ("id", "stratum", "stratum_rows")
_COUNTED = ("stratum", "stratum_rows")

Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One judgement of a row, or the row alone where nobody filled it in."""

    place: str
    """File and line."""
    id: str
    filled: bool
    wrong: bool | None
    label: str | None
    """The right label, if the one given is wrong and the reviewer says."""
    stratum: int
    stratum_rows: int
    draw: str


def read_filled(path: Path) -> list[Verdict]:
    """The verdicts of a sheet, in its order; what kind of file it is, its content tells.

    Raises:
        DataError: it cannot be read, is no review sheet, holds a verdict nobody can understand, or none at all.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror or error}"
        raise DataError(message) from None
    found = [_verdict(f"{path}:{place}", cells) for place, cells in _records(path, _decoded(content))]
    if not any(verdict.filled for verdict in found):
        message = (
            f"{path}: nothing is filled in; write right, wrong or unclear into the column verdict (a part of the rows "
            "will do, from the top)"
        )
        raise DataError(message)
    return found


def _decoded(content: bytes) -> str:
    """The text of a file in the encodings that spreadsheets save in."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _records(path: Path, text: str) -> Iterator[tuple[str, Cells]]:
    start = text.lstrip()[:1]
    try:
        if start == "[":
            yield from _nested("record ", enumerate(json.loads(text), 1))
        elif start == "{":
            lines = ((n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip())
            yield from _nested("", ((n, json.loads(line)) for n, line in lines))
        else:
            yield from _table(text)
    except (ValueError, csv.Error, RecursionError) as error:
        message = f"{path} cannot be read as a review sheet: {error}"
        raise DataError(message) from None


def _table(text: str) -> Iterator[tuple[str, Cells]]:
    """A table whose delimiter is the one that cuts its first line into the most cells."""
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restkey="", restval="")
    for row in reader:
        cells = {name.strip().lower(): unsafe(value) for name, value in row.items() if name}
        if any(cells.values()):
            yield str(reader.line_num), cells


def _nested(what: str, records: Iterable[tuple[int, Any]]) -> Iterator[tuple[str, Cells]]:
    """Records as objects of cells, tasks of Label Studio, or records of Argilla."""
    for number, record in records:
        if not isinstance(record, dict):
            message = f"{what}{number} is no object"
            raise ValueError(message)
        if isinstance(record.get("data"), dict):
            yield from ((f"{what}{number}", cells) for cells in _task(record))
        elif isinstance(record.get("fields"), dict):
            yield from ((f"{what}{number}", cells) for cells in _argilla(record))
        else:
            yield f"{what}{number}", _flat(record)


def _task(task: dict[str, Any]) -> Iterator[Cells]:
    """One for each annotation that was not skipped, or the empty row."""
    data = _flat(task["data"])
    judged = [one for one in task.get("annotations") or [] if not one.get("was_cancelled")]
    for one in judged:
        yield data | {
            part["from_name"]: _said(part["value"]) for part in one["result"] if "from_name" in part
        }
    if not judged:
        yield data


def _argilla(record: dict[str, Any]) -> Iterator[Cells]:
    """One for each person that answered, or the empty row."""
    row = _flat(record["fields"] | (record.get("metadata") or {}) | {"id": record.get("id")})
    answers: dict[str, dict[str, str]] = {}
    for question, said in (record.get("responses") or {}).items():
        for one in said or []:
            answers.setdefault(str(one.get("user_id")), {})[question] = _said(one.get("value"))
    yield from [row | told for told in answers.values()] or [row]


def _flat(record: Mapping[str, Any]) -> dict[str, str]:
    return {name: _said(value) for name, value in record.items()}


def _said(value: Any) -> str:  # noqa: ANN401  any value of a record
    """A value as a cell: choices and typed texts of Label Studio by the first of them."""
    if isinstance(value, dict):
        value = value.get("choices") or value.get("text") or ""
    if isinstance(value, list):
        value = value[0] if value else ""
    return "" if value is None else str(value)


def _verdict(place: str, cells: Cells) -> Verdict:
    """What a row says.

    Raises:
        DataError: with the place and what to do.
    """
    for name in _NEEDED:
        if not cells.get(name, "").strip():
            message = f"{place}: the column {name} is missing or empty; a sheet must keep the columns it was written with"
            raise DataError(message)
    mark = cells["id"].strip().rpartition("-")[2]
    label = cells.get("correct_label", "").strip()
    wrong, filled = _judged(place, cells.get("verdict", "").strip())
    if label:
        differs = mark not in (label_mark(label), label_mark(cells["correct_label"])) and label != cells.get(
            "label", ""
        )
        if filled and wrong is not None and wrong != differs:
            said = (
                "right, but the correct label is another one"
                if differs
                else "wrong, but the correct label is it"
            )
            message = f"{place}: the verdict says that the label is {said}; mend one of the two"
            raise DataError(message)
        wrong, filled = (wrong, True) if filled and wrong is None else (differs, True)
    counts = [_count(place, name, cells[name]) for name in _COUNTED]
    return Verdict(
        place=place,
        id=cells["id"].strip(),
        filled=filled,
        wrong=wrong,
        label=label if label and wrong else None,
        stratum=counts[0],
        stratum_rows=counts[1],
        draw=cells.get("draw", ""),
    )


def _judged(place: str, word: str) -> tuple[bool | None, bool]:
    """Whether the label is wrong, and whether anything is said."""
    known = word.lower().rstrip(".!")
    if known not in WORDS and word:
        hint = suggest(known, [name for name in WORDS if len(name) > 1], "verdicts are")
        message = f"{place}: there is no verdict {word[:60]!r}{hint}"
        raise DataError(message)
    return WORDS.get(known), bool(word)


def _count(place: str, name: str, cell: str) -> int:
    try:
        return int(float(cell))
    except ValueError:
        message = f"{place}: the column {name} holds {cell[:60]!r} in place of a number; a sheet must keep its columns"
        raise DataError(message) from None

"""Filled review sheets as they come back: from a spreadsheet, a script, Label Studio or Argilla."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.errors import DataError, suggest
from auditor.review.identity import label_mark
from auditor.review.writing import unsafe

WORDS: Mapping[str, bool | None] = {
    **dict.fromkeys(("right", "correct", "ok", "okay", "r", "✓", "✔"), False),
    **dict.fromkeys(("wrong", "incorrect", "false label", "w", "✗", "✘"), True),
    **dict.fromkeys(("unclear", "unsure", "ambiguous", "u", "?"), None),
}
"""What may stand as a verdict -> whether the label is wrong, None if that cannot be told. Yes and no are not among
them: they answer another question, and nobody knows which."""
_NEEDED = ("id", "stratum", "stratum_rows")
_MOST: Mapping[str, int] = {"stratum": 100, "stratum_rows": 2**32}
"""Far more strata than are drawn from, and as many rows as training data can have."""

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
            f"{path}: nothing is filled in; write right, wrong or unclear into the column verdict (the first rows of each "
            "stratum will do)"
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
        place, where = f"{what}{number}", f"{what or 'line '}{number}"
        if not isinstance(record, dict):
            message = f"{where} is no object"
            raise ValueError(message)
        if isinstance(record.get("data"), dict):
            yield from ((place, cells) for cells in _task(where, record))
        elif isinstance(record.get("fields"), dict):
            yield from ((place, cells) for cells in _argilla(where, record))
        else:
            yield place, _flat(record)


def _task(where: str, task: dict[str, Any]) -> Iterator[Cells]:
    """One for each annotation that was not skipped, or the empty row."""
    data = _flat(task["data"])
    annotations = _objects(where, "annotations", task.get("annotations"))
    judged = [one for one in annotations if not one.get("was_cancelled")]
    for one in judged:
        if "result" not in one:
            raise _malformed(where, "an annotation", "without result")
        parts = [part for part in _objects(where, "result", one["result"]) if "from_name" in part]
        if not all(isinstance(part["from_name"], str) and "value" in part for part in parts):
            raise _malformed(where, "a part of result", "without value, or its from_name no text")
        yield data | {part["from_name"]: _said(part["value"]) for part in parts}
    if not judged:
        yield data


def _argilla(where: str, record: dict[str, Any]) -> Iterator[Cells]:
    """One for each person that answered, or the empty row."""
    metadata, responses = record.get("metadata") or {}, record.get("responses") or {}
    for name, found in (("metadata", metadata), ("responses", responses)):
        if not isinstance(found, dict):
            raise _malformed(where, name, "no object")
    row = _flat(record["fields"] | metadata | {"id": record.get("id")})
    answers: dict[str, dict[str, str]] = {}
    for question, said in responses.items():
        for one in _objects(where, f"responses of {question[:60]!r}", said):
            answers.setdefault(str(one.get("user_id")), {})[question] = _said(one.get("value"))
    yield from [row | told for told in answers.values()] or [row]


def _objects(where: str, name: str, found: object) -> list[dict[str, Any]]:
    """A list of objects; none where nothing stands.

    Raises:
        ValueError: it is something else.
    """
    if found is None and name != "result":
        return []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise _malformed(where, name, "no list of objects")
    return found


def _malformed(where: str, name: str, fault: str) -> ValueError:
    return ValueError(f"{where}: {name} is {fault}; export the records from the labeling tool again, as JSON")


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
    for name in ("id", "correct_label", "draw"):
        if not _is_text(cells.get(name, "")):
            message = f"{place}: the column {name} holds half a character (a lone surrogate); write it anew"
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
    counts = [_count(place, name, cells[name]) for name in _MOST]
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


def _is_text(cell: str) -> bool:
    try:
        cell.encode()
    except UnicodeEncodeError:
        return False
    return True


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
        number = float(cell)
    except ValueError:
        number = math.nan
    if not (1 <= number <= _MOST[name] and number.is_integer()):
        message = (
            f"{place}: the column {name} holds {cell[:60]!r} in place of a whole number from 1 to {_MOST[name]:,}; a sheet "
            "must keep its columns as they were written"
        )
        raise DataError(message)
    return int(number)


def check_sizes(lines: Iterable[Verdict]) -> None:
    """Raise DataError where strata of the same draw have two sizes, or more rows on the sheets than they have in all."""
    first: dict[tuple[str, int], Verdict] = {}
    ids: dict[tuple[str, int], set[str]] = {}
    for one in lines:
        key = (one.draw, one.stratum)
        known = first.setdefault(key, one)
        if known.stratum_rows != one.stratum_rows:
            message = (
                f"{one.place}: stratum {one.stratum} has {one.stratum_rows:,} stratum_rows and {known.stratum_rows:,} at "
                f"{known.place}; a sheet must keep its columns as they were written"
            )
            raise DataError(message)
        ids.setdefault(key, set()).add(one.id)
        if len(ids[key]) > one.stratum_rows:
            message = (
                f"{one.place}: stratum {one.stratum} has {one.stratum_rows:,} stratum_rows, but more rows of it are on the "
                "sheet; a sheet must keep its columns as they were written"
            )
            raise DataError(message)

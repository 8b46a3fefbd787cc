"""readiness.toml: what people declare about a project, with who says so, since when, and what shows it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

from auditor.errors import PolicyError, suggest
from auditor.prices import MOST
from auditor.questions import Given, Question, Value
from auditor.settings import ANSWERS
from auditor.tomlfile import check_keys, read_toml
from checks.measures import Range
from checks.schemas import RUNS

FILE = ANSWERS
_KEYS = ("answer", "by", "on", "proof")
_TABLES = ("answer", "prices", "results", "frameworks")
_SCHEMA = "output-schema"
_OPEN = "unknown"
_WORDS = {"yes": True, "no": False}


class RunFile(NamedTuple):
    """Where the results of a run are."""

    file: str
    """As seen from the working directory."""
    metric: str | None = None
    """The score that counts, where the file has several."""
    model: str | None = None
    """The model or prompt whose results count, where the file has several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """All that a readiness.toml says."""

    given: Mapping[str, Given] = field(default_factory=dict)
    prices: Mapping[str, Any] = field(default_factory=dict)
    """The user's own prices, as written."""
    results: Mapping[str, RunFile] = field(default_factory=dict)
    """By run, one of `RUNS`."""
    output_schema: str | None = None
    """A JSON Schema that outputs must keep to."""


def read_answers(path: Path, questions: Mapping[str, Question]) -> Answers:
    """Read a readiness.toml.

    Raises:
        PolicyError: it cannot be read, or says something that no question asks; says where and how to mend it.
    """
    content, found = _read(path)
    check_keys(found, _TABLES, path.name)
    answers = _table(found.get("answer", {}), f"{path.name}: [answer]")
    given = {}
    for name, table in answers.items():
        where = f"{path.name}{_line(content, name)}, [answer.{name}]"
        if name not in questions:
            near = suggest(name, questions)
            every = "; auditor explain questions lists them, and a framework's own need --framework"
            message = f"{where}: there is no question {name!r}{near if 'did you mean' in near else every}"
            raise PolicyError(message)
        one = _given(questions[name], _table(table, where), where)
        if one is not None:
            given[name] = one
    results = _table(found.get("results", {}), f"{path.name}: [results]")
    check_keys(results, (*RUNS, _SCHEMA), f"{path.name}, [results]")
    schema = results.get(_SCHEMA)
    return Answers(
        given=given,
        prices=_table(found.get("prices", {}), f"{path.name}: [prices]"),
        results={run: _run(path, run, one) for run, one in results.items() if run != _SCHEMA},
        output_schema=None if schema is None else _beside(path, schema, f"{path.name}, [results]: {_SCHEMA}"),
    )


def own_frameworks(path: Path) -> tuple[str, ...]:
    """Files with frameworks of the user's own, which may ask questions of their own.

    Raises:
        PolicyError: the readiness.toml cannot be read.
    """
    found = _read(path)[1].get("frameworks", [])
    files = found if isinstance(found, list) else [found]
    return tuple(_beside(path, file, f"{path.name}: frameworks") for file in files)


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    return read_toml(path, "; auditor init writes one")


def _given(question: Question, table: Mapping[str, Any], where: str) -> Given | None:
    """One answer; None while it is open."""
    check_keys(table, _KEYS, where)
    said = table.get("answer", _OPEN)
    on = table.get("on", "")
    on = on.isoformat() if isinstance(on, date) else on
    told = {"by": table.get("by", ""), "on": on, "proof": table.get("proof", "")}
    for name, text in told.items():
        if not isinstance(text, str):
            message = f"{where}: {name} must be a text in quotes, not {text!r}"
            raise PolicyError(message)
    _check_day(on, where)
    if isinstance(said, str) and said.lower() == _OPEN:
        return None
    return Given(value=value_of(question, said, where), **told)


def _check_day(on: str, where: str) -> None:
    try:
        date.fromisoformat(on or "2000-01-01")
    except ValueError:
        message = f"{where}: on = {on!r} is no day; write it like 2026-11-21"
        raise PolicyError(message) from None


def value_of(question: Question, said: object, where: str) -> Value:
    """An answer from its parsed TOML.

    Raises:
        PolicyError: the question does not allow it; begins with `where`.
    """
    match question.kind:
        case "yes-no":
            if isinstance(said, bool):
                return said
            if isinstance(said, str) and said.lower() in _WORDS:
                return _WORDS[said.lower()]
            message = f'{where}: answer is {said!r}; write "yes", "no" or "unknown"'
            raise PolicyError(message)
        case "number":
            return _number(question, said, where)
        case _:
            return _choices(question, said, where)


def _number(question: Question, said: object, where: str) -> Range:
    """A number, or a list of two or three: lowest, (expected,) highest."""
    listed: list[Any] = said if isinstance(said, list) else [said]
    numbers = all(
        isinstance(one, int | float) and not isinstance(one, bool) and isfinite(one) for one in listed
    )
    if not numbers or not 1 <= len(listed) <= 3:
        message = f"{where}: answer is {said!r}; write a number, or [lowest, expected, highest] where it is not known exactly"
        raise PolicyError(message)
    if max(map(abs, listed)) > MOST:
        message = (
            f"{where}: {max(listed, key=abs):.3g} is more than the {MOST:,.0f} that can be reckoned with"
        )
        raise PolicyError(message)
    for one in listed:
        if (question.least is not None and one < question.least) or (
            question.most is not None and one > question.most
        ):
            least = "" if question.least is None else f" at least {question.least:,.15g}"
            most = "" if question.most is None else f" at most {question.most:,.15g}"
            message = f"{where}: {one:,.15g} cannot be; it must be{' and'.join(filter(None, (least, most)))}"
            raise PolicyError(message)
    low, high = float(listed[0]), float(listed[-1])
    middle = float(listed[1]) if len(listed) == 3 else (low + high) / 2
    try:
        return Range(low, middle, high)
    except ValueError as error:
        message = f"{where}: {error}"
        raise PolicyError(message) from None


def _choices(question: Question, said: object, where: str) -> tuple[str, ...]:
    listed = [said] if isinstance(said, str) else said
    if not isinstance(listed, list) or not listed:
        message = f"{where}: answer is {said!r}; choose of {', '.join(question.choices)}"
        raise PolicyError(message)
    for one in listed:
        if one not in question.choices:
            message = (
                f"{where}: there is no choice {one!r}{suggest(str(one), question.choices, 'choices are')}"
            )
            raise PolicyError(message)
    if len(listed) > 1 and question.kind == "choice":
        message = f"{where}: only one choice is asked for, and {len(listed)} are given"
        raise PolicyError(message)
    return tuple(dict.fromkeys(listed))


def _table(found: object, where: str) -> Mapping[str, Any]:
    if not isinstance(found, Mapping):
        message = f"{where} must be a table, not {found!r}"
        raise PolicyError(message)
    return found


def _run(path: Path, run: str, written: object) -> RunFile:
    """A result file: its path, or a table with the metric and the model that count."""
    where = f"{path.name}, [results]: {run}"
    table: Mapping[str, Any] = written if isinstance(written, Mapping) else {"file": written}
    check_keys(table, RunFile._fields, where)
    for name in ("metric", "model"):
        if not isinstance(table.get(name, ""), str):
            message = f"{where}: {name} must be a name in quotes, not {table[name]!r}"
            raise PolicyError(message)
    return RunFile(_beside(path, table.get("file"), where), table.get("metric"), table.get("model"))


def _beside(path: Path, file: object, where: str) -> str:
    """A path as seen from the working directory: it is written as seen from the file."""
    if not isinstance(file, str) or not file:
        message = f"{where} must be a path in quotes, not {file!r}"
        raise PolicyError(message)
    return str(path.parent / file)


def _line(content: str, name: str) -> str:
    """`:12` where the table of a question begins; nothing if it is written in another way."""
    header = re.search(
        rf'^[ \t]*\[[ \t]*answer[ \t]*\.[ \t]*["\']?{re.escape(name)}["\']?[ \t]*\]', content, re.M
    )
    return "" if header is None else f":{content.count(chr(10), 0, header.start()) + 1}"


def quoted(text: str) -> str:
    """A TOML string of one line."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

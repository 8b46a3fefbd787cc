"""Writing readiness.toml: a form with every question, and answers put into it without touching anything else."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap

from auditor.answers import quoted
from auditor.errors import PolicyError
from auditor.questions import Given, Question, Value
from checks.measures import Range
from checks.schemas import RUNS

_HEAD = """\
# What people know about this project and no file can tell. `auditor decide` reads it.
# Leave an answer "unknown" until somebody knows: unknown never counts as a yes.
# by = who says so, on = since when (2026-11-21), proof = a link to what shows it.
# What is measured decides instead of what is written here; a difference is reported.
"""
_WIDTH = 96


def form(questions: Mapping[str, Question], frameworks: Sequence[str] = ()) -> str:
    """A readiness.toml in which every question is open, and which names the user's own frameworks."""
    named = ", ".join(map(quoted, frameworks))
    parts = [_HEAD, *([f"frameworks = [{named}]\n"] if named else [])]
    for group in dict.fromkeys(question.group for question in questions.values()):
        parts.append(f"\n# ---- {group}\n")
        parts += [_asked(name, one) for name, one in questions.items() if one.group == group]
    parts.append(
        "\n# ---- Result files: one record per example of the eval set, see auditor decide --help\n[results]\n"
    )
    parts += [f'# {run} = "results/{run}.jsonl"\n' for run in RUNS]
    parts.append('\n# ---- Your own prices; auditor explain prices lists all\n[prices]\n# currency = "USD"\n')
    return "".join(parts)


def _asked(name: str, question: Question) -> str:
    lines = [f"# {line}" for line in wrap(f"{question.text} ({', '.join(question.sources)})", _WIDTH)]
    lines += [f"# {line}" for line in wrap(question.help, _WIDTH)]
    lines.append(f"# {_how(question)}")
    fields = ['answer = "unknown"', 'by = ""', 'on = ""', 'proof = ""']
    return "\n" + "\n".join([*lines, f"[answer.{name}]", *fields]) + "\n"


def _how(question: Question) -> str:
    """How it is answered."""
    if question.measured:
        names = " or ".join(dict.fromkeys(f"{one.check}.{one.measure}" for one in question.measured))
        return f'Measured ({names}); answer "yes" or "no" only while it cannot be.'
    match question.kind:
        case "yes-no":
            return 'Answer "yes", "no" or "unknown".'
        case "number":
            unit = f" ({question.unit})" if question.unit else ""
            return f"Answer a number{unit}, or [lowest, expected, highest]."
        case "choice":
            return f"Answer one of: {', '.join(question.choices)}."
        case _:
            return f"Answer one or several, as a list, of: {', '.join(question.choices)}."


def filled_in(content: str, given: Mapping[str, Given]) -> str:
    """The content of a readiness.toml with more answers; every other line stays as it is.

    Raises:
        PolicyError: it is written in a way in which no answer can be put safely.
    """
    for name, one in given.items():
        content = _with(content, name, dict(_written(one)))
    try:
        found = tomllib.loads(content).get("answer", {})
    except tomllib.TOMLDecodeError as error:
        message = f"the answers cannot be put into the file, which is not as auditor init writes it: {error}"
        raise PolicyError(message) from None
    for name, one in given.items():
        table = found.get(name)
        if table is None or any(
            table.get(key) != tomllib.loads(f"x = {value}")["x"] for key, value in _written(one)
        ):
            message = f"the answer to {name} cannot be put into the file; write it there by hand: {dict(_written(one))}"
            raise PolicyError(message)
    return content


def _written(given: Given) -> Iterator[tuple[str, str]]:
    """Keys and values in TOML."""
    yield "answer", _toml(given.value)
    yield from ((name, quoted(getattr(given, name))) for name in ("by", "on", "proof"))


def _toml(value: Value) -> str:
    match value:
        case bool():
            return '"yes"' if value else '"no"'
        case Range(low=low, expected=expected, high=high):
            numbers = (expected,) if low == high else (low, expected, high)
            shown = [repr(int(one)) if one.is_integer() else repr(one) for one in numbers]
            return shown[0] if len(shown) == 1 else f"[{', '.join(shown)}]"
        case _:
            return f"[{', '.join(map(quoted, value))}]" if len(value) > 1 else quoted(value[0])


def _with(content: str, name: str, values: Mapping[str, str]) -> str:
    """The content with the values of one table replaced, or with a new table at its end."""
    header = re.search(rf"^\[answer\.{re.escape(name)}\][ \t]*$", content, re.MULTILINE)
    if header is None:
        lines = "\n".join(f"{key} = {value}" for key, value in values.items())
        return f"{content.rstrip()}\n\n[answer.{name}]\n{lines}\n"
    following = re.search(r"^\[", content[header.end() :], re.MULTILINE)
    end = len(content) if following is None else header.end() + following.start()
    body = content[header.end() : end]
    for key, value in reversed(tuple(values.items())):
        line = f"{key} = {value}"
        body, count = re.subn(rf"^{key}[ \t]*=.*$", _verbatim(line), body, count=1, flags=re.MULTILINE)
        if not count:
            body = f"\n{line}{body}"
    return content[: header.end()] + body + content[end:]


def _verbatim(text: str) -> str:
    """A replacement in which nothing is read as a reference to a group."""
    return text.replace("\\", r"\\")

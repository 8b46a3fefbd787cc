"""Asking in the terminal what is still open in readiness.toml."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import click

from auditor.answering import filled_in, form
from auditor.answers import read_answers, value_of
from auditor.errors import PolicyError
from auditor.newfile import check_new, write_new
from auditor.questions import Given, Question, shipped_questions
from auditor.report.plain import plain
from auditor.wording import WIDTH


def ask_open(path: Path) -> Path:
    """Ask the questions that are open in a file, made first if it is not there, and write each answer at once.

    Questions that result files or data answer are left out: what can be measured is not asked.

    Raises:
        PolicyError: the file says what cannot be meant, or cannot take an answer.
    """
    questions = shipped_questions()
    if not path.exists():
        check_new(path, (), force=False)
        write_new(path, form(questions).encode(), force=False)
    answered = read_answers(path, questions).given
    still = {name: one for name, one in questions.items() if name not in answered and not one.measured}
    _say(
        f"{len(still)} questions are open. Enter skips one, q ends; each answer is written into {path} at once.",
        "",
    )
    who = click.prompt("Who answers", default=_name(), err=True) if still else ""
    for number, (name, question) in enumerate(still.items(), 1):
        given, further = _ask(name, question, f"[{number}/{len(still)}]", who)
        if given:
            write_new(path, filled_in(path.read_text("utf-8"), given).encode(), force=True)
        if not further:
            break
    return path


def _ask(name: str, question: Question, place: str, who: str) -> tuple[Mapping[str, Given], bool]:
    """An answer by the question's id, nothing if it is skipped; and whether to go on asking."""
    _say(f"{place} {question.text}", "")
    if question.help:
        _say(question.help)
    for number, choice in enumerate(question.choices, 1):
        click.echo(f"    {number} {plain(choice)}", err=True)
    while True:
        said = _typed(_hint(question))
        if said is None or not said:
            return {}, said is not None
        try:
            value = value_of(question, _meant(question, said), name)
        except (PolicyError, ValueError) as error:
            _say(str(error))
            continue
        proof = _typed("link to what shows it")
        today = datetime.now().astimezone().date().isoformat()
        return {name: Given(value=value, by=who, on=today, proof=proof or "")}, proof is not None


def _typed(hint: str) -> str | None:
    """What was typed; None for q, and where nothing more will be."""
    try:
        said = str(click.prompt(f"    {hint}", default="", show_default=False, err=True)).strip()
    except click.Abort as ended:
        if not isinstance(ended.__context__, EOFError):
            raise
        click.echo(err=True)
        return None
    return None if said in ("q", "quit") else said


def _say(text: str, indent: str = "    ") -> None:
    lines = click.wrap_text(plain(text), WIDTH, indent, indent or "    ")
    click.echo(lines if indent else f"\n{lines}", err=True)


def _hint(question: Question) -> str:
    match question.kind:
        case "yes-no":
            return "yes/no"
        case "number":
            return f"number{f', {question.unit}' if question.unit else ''} (or lowest, expected, highest)"
        case "choice":
            return "its number"
        case _:
            return "their numbers, with commas"


def _meant(question: Question, said: str) -> object:
    """What was typed, as readiness.toml would say it."""
    parts = [part.strip() for part in said.split(",") if part.strip()]
    match question.kind:
        case "yes-no":
            return {"y": "yes", "n": "no"}.get(said.lower(), said.lower())
        case "number":
            return [float(part.replace("_", "")) for part in parts]
        case _:
            return [
                question.choices[int(part) - 1]
                if part.isdecimal() and 0 < int(part) <= len(question.choices)
                else part
                for part in parts
            ]


def _name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number that has no name
        return ""

"""Questions that a decision rests on, and how each stands: measured where a file tells, declared where only people know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

from auditor.errors import PolicyError
from auditor.gates import Bound, Limit, Outcome, position
from auditor.tomlfile import check_keys, keys_of, parsed
from auditor.wording import amount, bounds
from checks.contract import Measure, Result
from checks.measures import Basis, Range

Kind = Literal["yes-no", "number", "choice", "choices"]
State = Literal["yes", "no", "unknown"]
Value = bool | Range | tuple[str, ...]
"""Of a yes-no question, of a number, and of a choice, which is one word or several."""

QUESTIONS = "questions"
"""Limits on a check of this name are held against how questions stand: 1 for yes, 0 for no."""
_FILE = Path(__file__).parent / "frameworks" / "questions.toml"


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """A measure that answers a question: yes where it keeps to the bounds."""

    check: str
    measure: str
    group: str | None = None
    at_least: float | None = None
    at_most: float | None = None
    least_of: int = 1
    """Denominator from which the measure decides; one of fewer is taken as not measured."""
    no_needs: str | None = None
    """Group of the same measure without which it says yes alone: what that group might reach is not known."""


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """A question as written in TOML."""

    text: str
    kind: Kind
    sources: tuple[str, ...]
    group: str = "Other questions"
    """Heading under which it is asked."""
    help: str = ""
    """What counts as a yes, or what number is meant."""
    unit: str = ""
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()
    measured: tuple[Evidence, ...] = ()
    """What decides instead of anybody's word; of several the first that was measured."""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    question: dict[str, Question]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What somebody declared."""

    value: Value
    by: str = ""
    on: str = ""
    """Day, as 2026-11-21."""
    proof: str = ""
    """Link to what shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a question stands."""

    question: Question
    state: State
    """Of a question for a number or a choice `yes` once there is an answer."""
    value: Value | None = None
    basis: Basis | None = None
    """None where nobody knows."""
    why: str = ""
    """What the state rests on, in words."""
    contradicted: str = ""
    """What was declared, where a measurement says otherwise."""


def read_questions(content: str, where: str) -> dict[str, Question]:
    """The questions of a TOML file.

    Raises:
        PolicyError: it is no such file; says where and how to mend it.
    """
    _, found = parsed(content.encode(), where)
    return convert_questions(found.get("question", {}), where)


def convert_questions(found: Mapping[str, Any], where: str) -> dict[str, Question]:
    """Questions from the parsed tables `[question.ID]`.

    Raises:
        PolicyError: a key is unknown, or a question lacks what its kind needs.
    """
    for name, table in found.items():
        check_keys(table, keys_of(Question), f"{where}, [question.{name}]")
    try:
        questions = msgspec.convert({"question": found}, _File).question
    except msgspec.ValidationError as error:
        message = f"{where}: {error}"
        raise PolicyError(message) from None
    for name, question in questions.items():
        _check(question, f"{where}, [question.{name}]")
    return questions


def _check(question: Question, where: str) -> None:
    if bool(question.choices) != question.kind.startswith("choice"):
        message = f"{where}: a question of kind {question.kind!r} has {'no' if question.choices else 'to list its'} choices"
        raise PolicyError(message)
    if question.measured and question.kind != "yes-no":
        message = f"{where}: only a yes-no question is answered by a measure"
        raise PolicyError(message)
    for one in question.measured:
        if one.at_least is None and one.at_most is None:
            message = f"{where}: {one.check}.{one.measure} has neither at-least nor at-most"
            raise PolicyError(message)


@cache
def shipped_questions() -> Mapping[str, Question]:
    """The questions that come with the project."""
    return read_questions(_FILE.read_text("utf-8"), _FILE.name)


def standings(
    questions: Mapping[str, Question], given: Mapping[str, Given], outcomes: Mapping[str, Outcome]
) -> dict[str, Standing]:
    """How every question stands, given what was declared and what was measured."""
    return {name: _standing(one, given.get(name), outcomes) for name, one in questions.items()}


def _standing(question: Question, given: Given | None, outcomes: Mapping[str, Outcome]) -> Standing:
    """Measured beats declared, also where the measurement cannot decide: what can be measured is never asked."""
    for evidence in question.measured:
        for measure in _measures(evidence, outcomes):
            state, why = _judged(evidence, measure, outcomes)
            declared = None if given is None else words(given.value)
            against = (
                f"declared {declared}{_who(given)}; measured: {why}" if declared not in (None, state) else ""
            )
            value = {"yes": True, "no": False}.get(state)
            return Standing(
                question=question,
                state=state,
                value=value,
                basis=measure.basis,
                why=why,
                contradicted=against,
            )
    if given is None:
        return Standing(question=question, state="unknown", why=_open(question, outcomes))
    state = "no" if given.value is False else "yes"
    why = f"{words(given.value)}{_who(given)}"
    return Standing(question=question, state=state, value=given.value, basis="declared", why=why)


def _measures(evidence: Evidence, outcomes: Mapping[str, Outcome]) -> list[Measure]:
    """The measure that a question asks for, if it was measured."""
    outcome = outcomes.get(evidence.check)
    if not isinstance(outcome, Result):
        return []
    wanted = (evidence.measure, evidence.group)
    enough = [one for one in outcome.measures if one.of is None or one.of >= evidence.least_of]
    return [one for one in enough if (one.name, one.group) == wanted]


def _judged(evidence: Evidence, measure: Measure, outcomes: Mapping[str, Outcome]) -> tuple[State, str]:
    limit = Limit(
        check=evidence.check, measure=evidence.measure, cite="",
        at_least=None if evidence.at_least is None else Bound(value=evidence.at_least),
        at_most=None if evidence.at_most is None else Bound(value=evidence.at_most),
    )  # fmt: skip
    where = position(limit, measure)
    named = f"{evidence.check}.{evidence.measure}" + (f" of {evidence.group}" if evidence.group else "")
    why = f"{named} is {amount(measure)}; wanted {bounds(evidence.at_least, evidence.at_most, measure.kind)}"
    states: Mapping[str, State] = {"inside": "yes", "outside": "no", "astride": "unknown"}
    other = evidence.no_needs
    if (
        where == "outside"
        and other
        and not _measures(msgspec.structs.replace(evidence, group=other), outcomes)
    ):
        return "unknown", f"{why}; but {other} has no results, and may reach it"
    return states[where], why + (", which this many examples cannot decide" if where == "astride" else "")


def _open(question: Question, outcomes: Mapping[str, Outcome]) -> str:
    """Why nobody knows."""
    if not question.measured:
        return "nobody answered it"
    names = " or ".join(dict.fromkeys(f"{one.check}.{one.measure}" for one in question.measured))
    return f"nobody answered it, and {names} was not measured"


def _who(given: Given | None) -> str:
    if given is None:
        return ""
    told = (f" by {given.by}" if given.by else ", nobody says who", f" on {given.on}" if given.on else "")
    return "".join(told)


def words(value: Value) -> str:
    """An answer as people write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value)
    if value.low == value.high:
        return f"{value.expected:,.15g}"
    return f"{value.expected:,.15g} ({value.low:,.15g} to {value.high:,.15g})"

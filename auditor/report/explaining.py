"""What is behind a name that a report uses: the text of `auditor explain`."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from auditor.errors import PolicyError, suggest
from auditor.frameworks.description import describe, describe_all
from auditor.frameworks.loading import Framework, Library, load_frameworks
from auditor.policy import load_policy
from auditor.questions import Question
from auditor.registry import discover
from auditor.report.documentation import document, document_gate, document_prices
from auditor.tasks import task_table
from auditor.wording import WIDTH, bounds

_wrap = partial(textwrap.wrap, width=WIDTH, break_on_hyphens=False)  # names are looked up as they stand


def explained(name: str) -> str:
    """The text behind a check, a gate, a question, a framework, a list of these, or a measure; the first of that name.

    Raises:
        PolicyError: nothing has that name.
    """
    checks, broken = discover()
    if name in broken:
        message = f"check {name!r} failed to load: {broken[name].why}"
        raise PolicyError(message)
    policy, library = load_policy(None), load_frameworks()
    frameworks = {one.id: one for one in library.frameworks}
    check, _, measure = name.partition(".")  # as reports name measures
    name = measure if check in checks and measure in checks[check].measures else name
    owners = [check for check in checks.values() if name in check.measures]
    both = [
        *([_question(name, library.questions[name], frameworks)] if name in library.questions else []),
        *([describe(frameworks[name], library.questions)] if name in frameworks else []),
    ]
    for texts in (
        [document(checks[name], policy)] if name in checks else [],
        [document_gate(name, policy)] if name in policy.gates else [],
        both,
        [_LISTS[name](library)] if name in _LISTS else [],
        [_source(name, library)] if name in task_table().sources else [],
        [document(check, policy) for check in owners],
    ):
        if texts:
            return "\n".join(texts)
    measures = (measure for check in checks.values() for measure in check.measures)
    known = [
        *task_table().sources,
        *checks,
        *policy.gates,
        *_LISTS,
        *frameworks,
        *library.questions,
        *measures,
    ]
    near = suggest(name, known)
    every = f"; checks are {', '.join(checks)}; gates are {', '.join(policy.gates)}; {', '.join(_LISTS)} list the rest"
    message = f"there is no check, gate or measure {name!r}{near if 'did you mean' in near else every}"
    raise PolicyError(message)


def _question(name: str, question: Question, frameworks: Mapping[str, Framework]) -> str:
    return "\n".join(_of_question(name, question, frameworks)) + "\n"


def _of_question(name: str, question: Question, frameworks: Mapping[str, Framework]) -> Iterator[str]:
    yield from _wrap(f"{name}: {question.text} ({', '.join(question.sources)})")
    yield from ("", *_wrap(question.help)) if question.help else ()
    if question.choices:
        yield from ("", *_wrap(f"Choices: {', '.join(question.choices)}."))
    if question.measured:
        yield from ("", "Measured, whatever anybody declares; the first that was measured decides")
        for one in question.measured:
            of = f" of {one.group}" if one.group else ""
            yield f"  {one.check}.{one.measure}{of}: {bounds(one.at_least, one.at_most, 'score')}"
    asking = [one for one in frameworks.values() if name in one.questions]
    if asking:
        yield from ("", "Asked by", *(line for one in asking for line in _titled(one, indent=2)))


def _titled(framework: Framework, *, indent: int = 0) -> list[str]:
    text = f"{framework.id:<14} {framework.table.title} ({framework.table.source})"
    return _wrap(text, initial_indent=" " * indent, subsequent_indent=" " * (indent + 15))


def _questions(library: Library) -> str:
    """All questions, and which of them are measured."""
    lines: list[str] = []
    for group in dict.fromkeys(one.group for one in library.questions.values()):
        lines += ["", group]
        for name, one in library.questions.items():
            if one.group == group:
                told = f"{one.text}{' (measured where it can be)' if one.measured else ''}"
                lines += _wrap(f"{name}: {told}", initial_indent="  ", subsequent_indent="    ")
    return "\n".join(lines[1:]) + "\n"


def _sources(_library: Library) -> str:
    """Short names that reports cite, with what they stand for."""
    return "".join(f"{name}  {title}\n" for name, title in task_table().sources.items())


def _source(name: str, library: Library) -> str:
    """Title of a source, and what was taken from it."""
    table = task_table()
    ours = [one for one in library.frameworks if name in re.findall(r"\w+", one.table.source)]
    asked = ", ".join(one for one, question in library.questions.items() if name in question.sources)
    rows = [row for row in table.rows if row.source == name]
    lines = _wrap(f"{name}: {table.sources[name]}")
    if rows:
        lines += ["", "Rows that it asks for (minimum, recommended, good)"]
        lines += [f"  {row.task:<22} " + ", ".join(f"{count:,}" for count in (row.minimum, row.recommended, row.good) if count)
                  for row in rows]  # fmt: skip
    if ours:
        lines += ["", "Frameworks", *(line for one in ours for line in _titled(one, indent=2))]
    if asked:
        lines += ["", "Questions", *_wrap(asked, initial_indent="  ", subsequent_indent="  ")]
    return "\n".join(lines) + "\n"


def _prices(_library: Library) -> str:
    return document_prices()


_LISTS: Mapping[str, Callable[[Library], str]] = {
    "questions": _questions,
    "frameworks": describe_all,
    "prices": _prices,
    "sources": _sources,
}

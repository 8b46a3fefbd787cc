"""What a framework asks and how it concludes, for `auditor explain`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

from auditor.frameworks.kinds import KINDS
from auditor.frameworks.loading import Framework, Library
from auditor.frameworks.rules import Item
from auditor.frameworks.shapes import FrameworkTable
from auditor.questions import Question
from auditor.tasks import sources_in
from auditor.wording import WIDTH

_OWN = """
title = "Legal review"
source = "our counsel, 2026-10"
kind = "all"
[met]
says = "cleared"
leaning = "for"
[missed]
says = "not cleared"
leaning = "hold"
[[item]]
yes = "licences"
remedy = "ask counsel for the licences"
[question.licences]
text = "Are the licences of all texts known?"
kind = "yes-no"
sources = ["our counsel"]
"""
"""A whole framework; a test loads it."""


def describe(framework: Framework, questions: Mapping[str, Question]) -> str:
    """Everything there is to know about a framework."""
    table = framework.table
    lines = [f"{framework.id}: {table.title}", "", *textwrap.wrap(table.about, WIDTH), ""]
    lines += [f"Kind: {table.kind}", *_wrapped(KINDS[table.kind].means), ""]
    lines += ["Items" if framework.items else "Choices"]
    for item in framework.items:
        lines += _wrapped(_item(item))
        lines += [line for name in item.wanted for line in _asked(name, questions)]
    for choice in table.choice:
        lines += _wrapped(f"{choice.text}: {choice.says}")
    verdicts = framework.space.verdicts if framework.space else ()
    if verdicts:
        lines += [
            "",
            "Verdicts",
            *(line for one in verdicts for line in _wrapped(f"{one.says} ({one.leaning})")),
        ]
    if table.notes:
        lines += ["", "Notes", *(line for note in table.notes for line in _wrapped(note))]
    for reference in table.table:
        lines += ["", *textwrap.wrap(reference.title, WIDTH)]
        lines += [line for row in reference.rows for line in _wrapped(" | ".join(row))]
    titles = sources_in(table.source)
    lines += [
        "",
        "Source",
        *_wrapped(table.source),
        *(f"    {name}  {title}" for name, title in titles.items()),
    ]
    return "\n".join(lines) + "\n"


def _item(item: Item) -> str:
    table = item.table
    added = [
        table.group,
        table.weight,
        "reversed" if table.reversed else "",
        *table.cells,
    ]
    told = ", ".join(filter(None, added))
    return f"{table.text or ' and '.join(item.wanted)}{f' ({told})' if told else ''}"


def _asked(name: str, questions: Mapping[str, Question]) -> Iterator[str]:
    """The question of an item, and what is measured in its place."""
    question = questions.get(name)
    decided = dict.fromkeys(
        f"{one.check}.{one.measure}{f' of {one.group}' if one.group else ''}"
        for one in (question.measured if question else ())
    )
    by = f", measured by {', '.join(decided)}" if decided else ", declared" if question else ", a gate"
    yield from textwrap.wrap(f"{name}{by}", WIDTH, initial_indent=" " * 4, subsequent_indent=" " * 6)


def describe_all(library: Library) -> str:
    """The frameworks there are, and how to write one."""
    lines = ["frameworks: What the sources say on fine-tuning, each by a rule of its own", ""]
    lines += [
        f"  {framework.id:<14} {framework.table.source.split(',')[0]:<4} {framework.table.title}"
        for framework in library.frameworks
    ]
    told = (
        'One of your own is a TOML file, named by --framework, or in readiness.toml by frameworks = ["legal.toml"]. An item counts '
        'where every question under yes is answered yes and every one under no is answered no; include = ["four"] '
        'takes over the items of another framework, replaces = "four" takes its place.'
    )
    lines += [
        "",
        *textwrap.wrap(told, WIDTH),
        *textwrap.indent(_OWN, "  ").rstrip().splitlines(),
        "",
        "Kinds",
    ]
    for name, kind in KINDS.items():
        lines += _wrapped(f"{name}: {kind.means} Needs {', '.join(kind.needs)}.")
    shown = set(FrameworkTable.__struct_fields__) & {
        "notes",
        "about",
        "table",
        "include",
        "replaces",
        "question",
    }
    lines += ["", "Any kind may have", *_wrapped(", ".join(sorted(shown)))]
    return "\n".join(lines) + "\n"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ")

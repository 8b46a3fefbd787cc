"""What a check's docstring, settings and limits say, for `auditor explain`, `auditor checks` and the README."""

from __future__ import annotations

import dataclasses
import inspect
import textwrap
from typing import Any, cast

from auditor.policy import Policy
from auditor.tables import LimitTable
from checks.contract import Check

WIDTH = 79


def claim(check: type[Check]) -> str:
    """The first line of the docstring: what the check claims."""
    return (inspect.getdoc(check) or "").partition("\n")[0]


def document(check: type[Check], policy: Policy) -> str:
    """Everything there is to know about a check."""
    lines = [f"{check.id}: {check.title}", "", *_paragraphs(inspect.getdoc(check) or ""), ""]
    lines += ["Measures", *_wrapped(", ".join(check.measures)), ""]
    lines += ["Needs", *_wrapped(", ".join(sorted(check.needs))), ""]
    settings = [(field.name, field.default) for field in dataclasses.fields(cast(Any, check))]
    if settings:
        lines += [f"Settings, under [check.{check.id}] in auditor.toml"]
        lines += [f"  {name} = {default!r}" for name, default in settings] + [""]
    limits = [
        (gate, limit)
        for gate, table in policy.gates.items()
        for limit in table.limit
        if limit.check == check.id
    ]
    if limits:
        lines += [f"Limits of the policy {policy.name!r}"]
        for gate, limit in limits:
            lines += _wrapped(f"{gate}: {limit.measure} {_bound(limit)}, else {limit.level}. {limit.cite}")
    return "\n".join(lines).rstrip() + "\n"


def _bound(limit: LimitTable) -> str:
    parts = [f"at least {limit.at_least}"] if limit.at_least is not None else []
    parts += [f"at most {limit.at_most}"] if limit.at_most is not None else []
    return " and ".join(parts)


def _paragraphs(text: str) -> list[str]:
    lines: list[str] = []
    for paragraph in text.split("\n\n"):
        lines += [*textwrap.wrap(" ".join(paragraph.split()), WIDTH), ""]
    return lines[:-1]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ")

"""What a check's docstring, settings and limits say, for `auditor explain`, `auditor checks` and the README."""

from __future__ import annotations

import dataclasses
import inspect
import textwrap
from collections.abc import Callable, Sequence
from typing import Any, cast

from auditor.policy import Policy
from auditor.prices import price_table
from auditor.tables import LimitTable, is_percentage
from auditor.tasks import TaskRow, sources_in, task_table
from auditor.wording import WIDTH
from checks.contract import Check


def claim(check: type[Check]) -> str:
    """The first line of the docstring: what the check claims."""
    return (inspect.getdoc(check) or "").partition("\n")[0]


def document(check: type[Check], policy: Policy) -> str:
    """Everything there is to know about a check."""
    limits = [
        (gate, limit)
        for gate, table in policy.gates.items()
        for limit in table.limit
        if limit.check == check.id
    ]
    bounds = {bound for _, limit in limits for bound in (limit.at_least, limit.at_most)}
    lines = [f"{check.id}: {check.title}", "", *_paragraphs(inspect.getdoc(check) or ""), ""]
    lines += ["Measures", *_wrapped(", ".join(check.measures)), ""]
    lines += ["Needs", *_wrapped(", ".join(sorted(check.needs))), ""]
    settings = [(field.name, field.default) for field in dataclasses.fields(cast(Any, check))]
    if settings:
        lines += [f"Settings, under [check.{check.id}] in auditor.toml"]
        lines += [f"  {name} = {default!r}" for name, default in settings] + [""]
    if limits:
        lines += [f"Limits of the policy {policy.name!r}"]
        for gate, limit in limits:
            lines += _wrapped(f"{gate}: {limit.measure} {_bound(limit)}, else {limit.level}. {limit.cite}")
        lines += [""]
    else:
        lines += [f"The policy {policy.name!r} sets no limit on it; a policy of yours may.", ""]
    for title, rows, named in _TABLES:
        if bounds & named:
            lines += [f"{title}; the stance ({policy.stance}) picks one number", *_table(rows()), ""]
    text = "\n".join(lines)
    titles = [f"  {name}  {title}" for name, title in sources_in(text).items()]
    return "\n".join((text, *(["Sources", *titles] if titles else []))).rstrip() + "\n"


_TABLES: tuple[tuple[str, Callable[[], tuple[TaskRow, ...]], set[str]], ...] = (
    ("Rows that the sources ask for", lambda: task_table().rows, {"minimum", "recommended", "per-class"}),
    ("Eval rows that the sources ask for", lambda: task_table().eval, {"eval-minimum", "eval-recommended"}),
)


def document_gate(gate_id: str, policy: Policy) -> str:
    """A gate's question and its limits, each with the check that measures it."""
    gate = policy.gates[gate_id]
    lines = [f"{gate_id}: {gate.question}", "", f"Limits of the policy {policy.name!r}"]
    for limit in gate.limit:
        tasks = f" (task {', '.join(limit.tasks)})" if limit.tasks else ""
        lines += _wrapped(f"{limit.measure} {_bound(limit)}, else {limit.level}{tasks}. {limit.cite}")
    checks = dict.fromkeys(limit.check for limit in gate.limit)
    lines += ["", "What is measured", *(f"  auditor explain {check}" for check in checks)]
    return "\n".join(lines) + "\n"


def document_prices() -> str:
    """The price table, with what may stand in its place."""
    lines = [*_paragraphs(_PRICES), "", f"  {'price':<28} {'low':>9} {'expected':>9} {'high':>9}  source"]
    for name, price in price_table().items():
        low, expected, high = (f"{one:,.9g}" for one in (price.range.low, price.expected, price.range.high))
        source, _, why = price.source.partition(": ")
        lines.append(
            f"  {name:<28} {low:>9} {expected:>9} {high:>9}  {source.removesuffix(' default')}, {price.date}"
        )
        unit = f"{price.currency} for {price.unit}" if price.currency else price.unit
        what = "; ".join(filter(None, (unit, "an example" * price.example, why, price.note)))
        lines += textwrap.wrap(what, WIDTH, initial_indent=" " * 4, subsequent_indent=" " * 4)
    titles = sources_in(" ".join(price.source for price in price_table().values()))
    lines += ["", "Sources", *(f"  {name}  {title}" for name, title in titles.items())]
    return "\n".join(lines) + "\n"


_PRICES = """prices: What things cost where nobody says otherwise

Your own stand in [prices] of readiness.toml: label = 2, label = [1, 2, 5], or label = {low = 1, expected = 2, high = 5};
label-by-source = {crowd = 1, experts = 5} for labels that cost otherwise by source or labeler; currency = "EUR" with
rate = 0.9 (euros that make one dollar), unless every price is your own. An example is used only where you state it."""


def _table(rows: Sequence[TaskRow]) -> list[str]:
    """What each source says, a line for each task and source."""
    lines = [f"  {'task':<21} {'source':<6} {'minimum':>8} {'recommended':>12} {'good':>10}"]
    for row in rows:
        numbers = [f"{value:,}" if value else "" for value in (row.minimum, row.recommended, row.good)]
        scaled = f"  for {row.classes} classes" if row.classes else ""
        line = f"  {row.task:<21} {row.source:<6} {numbers[0]:>8} {numbers[1]:>12} {numbers[2]:>10}{scaled}"
        lines += [
            line.rstrip(),
            *textwrap.wrap(row.note, WIDTH, initial_indent=" " * 4, subsequent_indent=" " * 4),
        ]
    return lines


def _bound(limit: LimitTable) -> str:
    parts = [f"at least {_number(limit.at_least)}"] if limit.at_least is not None else []
    parts += [f"at most {_number(limit.at_most)}"] if limit.at_most is not None else []
    return " and ".join(parts)


def _number(bound: float | str) -> str:
    if not isinstance(bound, str):
        return f"{bound:,.12g}"
    return bound if is_percentage(bound) else f"{bound!r} below"


def _paragraphs(text: str) -> list[str]:
    lines: list[str] = []
    for paragraph in text.split("\n\n"):
        lines += [*textwrap.wrap(" ".join(paragraph.split()), WIDTH), ""]
    return lines[:-1]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ")

"""The begin of the page: the verdict in one sentence, the numbers behind it, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from auditor.planning.model import Amount
from auditor.planning.model import Step as PlannedStep
from auditor.report.findings import failing_rulings
from auditor.report.gates import ORDER
from auditor.report.html.words import short_source, spaced
from auditor.report.model import GateModel, MeasureModel, Report, RulingModel, VerdictName
from auditor.report.terminal import DECIDED, WORDS
from auditor.wording import bounds, number

STATES: Mapping[VerdictName, tuple[str, str]] = {
    "BLOCK": ("is shut", "are shut"),
    "UNKNOWN": ("cannot be told", "cannot be told"),
    "WARN": ("warns", "warn"),
}
"""Verdict of gates -> how a sentence speaks of one and of several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A gate at a glance."""

    anchor: str
    id: str
    question: str
    verdict: VerdictName
    value: str
    """The number that decides, with its unit; empty where there is none."""
    name: str
    """What it counts."""
    of: str
    """Among how many."""
    wanted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something to do."""

    what: str
    needs: tuple[str, ...]
    """How many of what, money, days; each with its range."""
    why: tuple[str, ...]
    how: str
    """The command for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """An amount of money that the report names."""

    name: str
    amount: str
    range: str
    """95 %; empty where it is exact."""
    basis: str


def word(report: Report) -> str:
    """The verdict in a word or two."""
    return (DECIDED if report.answers else WORDS)[report.verdict]


def sentence(report: Report) -> str:
    """Why: which gates are shut, cannot be told or warn, and what could not be read."""
    required = [gate for gate in report.gates if gate.required]
    parts: list[str] = []
    for verdict, (one, several) in STATES.items():
        names = [gate.id for gate in required if gate.verdict == verdict]
        if names:
            of = "" if parts else f" of {len(required)} required gates"
            parts.append(f"{len(names)}{of} {one if len(names) == 1 else several}: {_listed(names)}.")
    if not parts:
        parts = [f"All {len(required)} required gates are open."]
    if report.failed_inputs:
        parts.append(f"Not read: {_listed([one.path for one in report.failed_inputs])}.")
    if report.broken:
        parts.append(f"Broke down: {_listed(list(report.broken))}.")
    return " ".join(parts)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def deciding(gate: GateModel) -> RulingModel | None:
    """The ruling that says most about a gate: the worst, of equal ones the first that could shut it and has a number."""
    ranked = sorted(
        gate.rulings,
        key=lambda one: (-ORDER[one.verdict], one.value is None, one.limit.level == "warn"),
    )
    return ranked[0] if ranked else None


def card(report: Report, gate: GateModel, anchor: str) -> Card:
    """A gate with the number that decides it."""
    ruling = deciding(gate)
    value = name = of = wanted = ""
    if ruling is not None and ruling.value is not None:
        value, name, of, wanted = _number(report, ruling)
    elif ruling is not None:
        name = ruling.why
    return Card(
        anchor=anchor, id=gate.id, question=gate.question, verdict=gate.verdict,
        value=value, name=name, of=of, wanted=wanted,
    )  # fmt: skip


def _number(report: Report, ruling: RulingModel) -> tuple[str, str, str, str]:
    """Value, what it counts, among how many and what was wanted; of a question its answer, and what was asked."""
    outcome = report.outcomes.get(ruling.check)
    found = [
        one
        for one in (outcome.measures if outcome else ())
        if one.name == ruling.measure and one.group == ruling.group
    ]
    kind = found[0].kind if found else "answer"
    wanted = bounds(ruling.limit.at_least, ruling.limit.at_most, kind)
    asked = {one.id: one.text for one in report.answers} if kind == "answer" else {}
    name = asked.get(ruling.measure, spaced(ruling.measure))
    if ruling.group is not None:
        name += f" of {ruling.group}"
    of = f"of {found[0].of:,}" if found and found[0].of is not None and kind == "count" else ""
    currency = found[0].currency if found else ""
    return (
        number(ruling.value or 0, kind, currency),
        name,
        of,
        f"wanted {wanted} ({short_source(ruling.cite)})",
    )


def steps(report: Report) -> tuple[Step, ...]:
    """The plan in its order, between what limits ask for that no step is about: first those that shut a gate.

    Without a plan only what limits ask for.
    """
    if report.todo is None:
        return tuple(_mended(failing_rulings(report)))
    planned = tuple(_planned(step, report.todo.currency) for step in report.todo.steps)
    covered = {(one.measure, one.fix) for one in report.todo.besides}
    others = [one for one in failing_rulings(report) if (one.measure, one.fix) in covered]
    first = [one for one in others if one.verdict == "BLOCK"]
    return (*_mended(first), *planned, *_mended([one for one in others if one not in first]))


def _planned(step: PlannedStep, currency: str) -> Step:
    needs = []
    if step.count is not None and step.count.expected:
        needs.append(f"{_amount(step.count)} {step.unit}")
    if step.money is not None and step.money.expected:
        needs.append(f"{_amount(step.money)} {currency}")
    if step.days is not None and step.days.expected:
        needs.append(f"{step.days.expected:,.1f} labeler-days")
    return Step(what=step.what, needs=tuple(needs), why=(step.why, step.cite), how=step.how)


def _amount(amount: Amount) -> str:
    """A number, and between what it lies if it is not known exactly."""
    if amount.low == amount.expected == amount.high:
        return f"{amount.expected:,.0f}"
    if amount.high is not None:
        return f"{amount.expected:,.0f} ({amount.low:,.0f} to {amount.high:,.0f})"
    least = f"{amount.low:,.0f} or more"
    return least if amount.low == amount.expected else f"{amount.expected:,.0f} ({least})"


def _mended(rulings: list[RulingModel]) -> Iterator[Step]:
    """What limits that were not kept ask for, the worst first; the same is said once."""
    found: dict[str, list[RulingModel]] = {}
    for ruling in rulings:
        if ruling.fix:
            found.setdefault(ruling.fix, []).append(ruling)
    for fix, alike in found.items():
        whys = (f"{spaced(one.measure)}: {one.why}" if one.value is not None else one.why for one in alike)
        yield Step(what=fix, needs=(), why=tuple(dict.fromkeys(whys)), how="")


def sums(report: Report) -> Iterator[Sum]:
    """Every amount of money that was reckoned."""
    for outcome in report.outcomes.values():
        for one in outcome.measures:
            if one.kind == "money":
                by = f"{one.basis}, by {one.by}" if one.by else one.basis
                yield Sum(name=spaced(one.name), amount=_money(one, one.value), range=_between(one), basis=by)


def _money(one: MeasureModel, value: float | None) -> str:
    return "open" if value is None else number(value, one.kind, one.currency)


def _between(one: MeasureModel) -> str:
    if one.interval is None:
        return ""
    low, high = (_money(one, end) for end in one.interval)
    return f"{low} to {high}"

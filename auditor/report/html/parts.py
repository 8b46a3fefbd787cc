"""The middle of the page: each gate with its limits, and what the checks behind it measured and show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from auditor.report.gates import ORDER
from auditor.report.html.charts import Figure, figure
from auditor.report.html.evidence import Exhibit, exhibit, is_placed, room
from auditor.report.html.words import spaced
from auditor.report.model import EvidenceModel, OutcomeModel, Report, RulingModel, VerdictName
from auditor.report.sections import amount_of

MEASURES = 250
"""Measures of a check that are listed; there are more where each of many classes has its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit and what became of it."""

    verdict: VerdictName
    name: str
    why: str
    cite: str
    resolved: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A measure in words."""

    name: str
    group: str
    amount: str
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A table of evidence, with its picture if it has one."""

    key: str
    """Name that is given once on the page."""
    figure: Figure | None
    exhibit: Exhibit


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a check found."""

    id: str
    title: str
    missing: str
    """Why there is no result; empty where there is one."""
    numbers: tuple[Number, ...]
    unlisted: int
    """Measures beyond those."""
    notes: tuple[str, ...]
    shown: tuple[Shown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A gate, or what no gate asks for."""

    anchor: str
    id: str
    question: str
    verdict: VerdictName | None
    reason: str
    failing: tuple[Limit, ...]
    kept: tuple[Limit, ...]
    findings: tuple[Findings, ...]
    elsewhere: tuple[str, ...]
    """Checks whose findings stand under an earlier gate."""


def parts(report: Report, anchors: Mapping[str, str]) -> Iterator[Part]:
    """Every gate that is required, then those that are not, then checks that no gate asks for."""
    inline = _rooms(report)
    left = dict(report.outcomes)
    for gate in sorted(report.gates, key=lambda one: not one.required):
        checks = list(dict.fromkeys(ruling.check for ruling in gate.rulings))
        here = [name for name in checks if name in left]
        ranked = sorted(gate.rulings, key=lambda one: -ORDER[one.verdict])
        yield Part(
            anchor=anchors[gate.id],
            id=gate.id,
            question=gate.question,
            verdict=gate.verdict,
            reason="" if gate.required else f"not required {gate.reason}".strip(),
            failing=tuple(map(_limit, (one for one in ranked if one.verdict != "PASS"))),
            kept=tuple(map(_limit, (one for one in ranked if one.verdict == "PASS"))),
            findings=tuple(_findings(report, name, left.pop(name), inline) for name in here),
            elsewhere=tuple(
                report.outcomes[name].title for name in checks if name in report.outcomes and name not in here
            ),
        )
    if left:
        yield Part(
            anchor="besides", id="besides", question="Measured besides", verdict=None, reason="", failing=(), kept=(),
            findings=tuple(_findings(report, name, found, inline) for name, found in left.items()), elsewhere=(),
        )  # fmt: skip


def _rooms(report: Report) -> dict[tuple[str, int], int]:
    """How many rows of each table of the user's rows stand on the page: those behind the worst rulings first."""
    worst: dict[str, int] = {}
    for gate in report.gates:
        for ruling in gate.rulings if gate.required else ():
            worst[ruling.check] = max(worst.get(ruling.check, 0), ORDER[ruling.verdict])
    tables = [
        (check, number, evidence)
        for check in sorted(report.outcomes, key=lambda name: -worst.get(name, -1))
        for number, evidence in enumerate(report.outcomes[check].evidence)
        if is_placed(evidence)
    ]
    tables.sort(key=lambda found: (-worst.get(found[0], -1), -len(found[2].excerpts)))
    given = room([(evidence, worst.get(check, 0) > 0) for check, _, evidence in tables])
    return {(check, number): rows for (check, number, _), rows in zip(tables, given, strict=True)}


def _limit(ruling: RulingModel) -> Limit:
    return Limit(
        verdict=ruling.verdict,
        name=spaced(ruling.measure),
        why=ruling.why,
        cite=ruling.cite,
        resolved=ruling.limit.resolved_from or "",
        fix=ruling.fix,
    )


def _findings(
    report: Report, check: str, found: OutcomeModel, inline: Mapping[tuple[str, int], int]
) -> Findings:
    missing = f"{found.not_run.kind}: {found.not_run.why}" if found.not_run else ""
    return Findings(
        id=check,
        title=found.title,
        missing=missing,
        numbers=tuple(_numbers(found)),
        unlisted=max(0, len(found.measures) - MEASURES),
        notes=found.notes,
        shown=tuple(_shown(report, check, found.evidence, inline)),
    )


def _numbers(found: OutcomeModel) -> Iterator[Number]:
    for one in found.measures[:MEASURES]:
        yield Number(name=spaced(one.name), group=one.group or "", amount=amount_of(one), basis=one.basis)


def _shown(
    report: Report, check: str, tables: Sequence[EvidenceModel], inline: Mapping[tuple[str, int], int]
) -> Iterator[Shown]:
    """Pictures first, then the user's rows, then other tables."""
    made = [
        Shown(
            key=f"{check}-{number}",
            figure=figure(report, check, evidence),
            exhibit=exhibit(evidence, inline.get((check, number), 0)),
        )
        for number, evidence in enumerate(tables)
        if evidence.head
    ]
    yield from sorted(made, key=lambda one: (one.figure is None, one.exhibit.listing is None))

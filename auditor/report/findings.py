"""What a report tells that has to be looked at: limits that were not kept, the checks behind them, and the rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Literal

from auditor.report.cells import FILE, Row, facts, places
from auditor.report.gates import ORDER
from auditor.report.model import EvidenceModel, Report, RulingModel
from auditor.report.titles import without_counts

Level = Literal["error", "warning"]
LEVELS: dict[str, Level] = {"BLOCK": "error", "UNKNOWN": "error", "WARN": "warning"}
"""Verdict -> how tools call it: what shuts a gate is an error, and what is unknown never passes."""
_NO_LINES = {"line is the row number", "gzip", "bzip2", "xz", "zstd"}
"""Facts of inputs whose lines no viewer can open."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the user's files."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A row of evidence, with all others that are about the same other row."""

    check: str
    title: str
    """Of the table, without what it counts."""
    spots: tuple[Spot, ...]
    """Where the rows stand, in the order of the table."""
    others: tuple[Spot, ...]
    """What they were held against."""
    facts: str
    """What was measured on the first row."""
    texts: tuple[str, ...]
    """What the first row says, and what it was held against."""
    fingerprint: str
    """The least of those of the rows; empty in reports that have none."""
    cut: bool = False
    """The table has more rows than the report holds, so there may be more of these."""


def lineless(report: Report) -> frozenset[str]:
    """Files whose lines no viewer can open: of Parquet they are row numbers, and others are compressed."""
    return frozenset(one.path for one in report.inputs if _NO_LINES & set(one.facts))


def failing_rulings(report: Report) -> list[RulingModel]:
    """Limits of required gates that were not kept, the worst first."""
    rulings = [ruling for gate in report.gates if gate.required for ruling in gate.rulings]
    return sorted(
        (ruling for ruling in rulings if ruling.verdict != "PASS"), key=lambda one: -ORDER[one.verdict]
    )


def failing_checks(report: Report) -> list[str]:
    """Checks behind these limits, those behind the worst verdicts first."""
    return list(dict.fromkeys(ruling.check for ruling in failing_rulings(report)))


def telling_tables(report: Report) -> list[EvidenceModel]:
    """Tables to show: rows behind limits that were not kept, whether their gate is required or not, before all else of failing checks."""
    failing = failing_checks(report)
    missed: dict[str, set[str]] = {check: set() for check in failing}
    for gate in report.gates:
        for one in gate.rulings:
            if one.verdict != "PASS" and one.value is not None:
                missed.setdefault(one.check, set()).add(one.measure)
    tables = [
        (check, one)
        for check in missed
        if check in report.outcomes
        for one in report.outcomes[check].evidence
        if one.head
    ]
    behind = [_is_behind(one, missed[check]) for check, one in tables]
    first = [one for (_, one), rows in zip(tables, behind, strict=True) if rows]
    return first + [
        one for (check, one), rows in zip(tables, behind, strict=True) if not rows and check in failing
    ]


def _is_behind(table: EvidenceModel, missed: AbstractSet[str]) -> bool:
    """Whether a table lists rows that one of these measures counts."""
    if not spots_of(table.head[0]):
        return False
    return bool(missed) if table.counted is None else not missed.isdisjoint(table.counted.measures.values())


def further_tables(report: Report, shown: Sequence[EvidenceModel]) -> Iterator[str]:
    """The names of all tables but those that are shown, a line for each check."""
    for check, outcome in report.outcomes.items():
        tables = [
            f"“{found.title}” ({found.rows:,} row{'s' * (found.rows != 1)})"
            for found in outcome.evidence
            if found.head and not any(found is one for one in shown)
        ]
        if tables:
            yield f"{check}: {', '.join(tables)}"


def findings(report: Report, rulings: Sequence[RulingModel]) -> Iterator[tuple[RulingModel, Finding]]:
    """The rows behind limits that were not kept, each with the worst limit on what counts it.

    Args:
        report: where the rows are.
        rulings: the limits, the worst first.
    """
    worst: dict[tuple[str, str], RulingModel] = {}
    for ruling in rulings:
        worst.setdefault((ruling.check, ruling.measure), ruling)
        worst.setdefault((ruling.check, ""), ruling)
    for check in dict.fromkeys(ruling.check for ruling in rulings):
        for evidence in report.outcomes[check].evidence if check in report.outcomes else ():
            yield from _findings(check, evidence, worst)


def _findings(
    check: str, evidence: EvidenceModel, worst: Mapping[tuple[str, str], RulingModel]
) -> Iterator[tuple[RulingModel, Finding]]:
    """Those of a table; pairs with the same other row are one."""
    groups: dict[object, tuple[RulingModel, Finding]] = {}
    for number, row in enumerate(evidence.head if evidence.head and places(evidence.head[0]) else ()):
        measure = _measure_of(row, evidence)
        ruling = None if measure is None else worst.get((check, measure))
        found = None if ruling is None else _finding(check, evidence, row, number)
        if ruling is None or found is None:
            continue
        key = (found.others, ruling.measure) if found.others else number
        groups[key] = (ruling, _joined(groups[key][1], found) if key in groups else found)
    yield from groups.values()


def _measure_of(row: Row, evidence: EvidenceModel) -> str | None:
    """The measure that counts a row; "" where nobody says, None where the row is not at fault."""
    counted = evidence.counted
    if counted is None:
        return ""
    return counted.measures.get(str(row.get(counted.by)) if counted.by else "")


def _finding(check: str, evidence: EvidenceModel, row: Row, number: int) -> Finding | None:
    """A row by itself; None for what is about no file."""
    spots = spots_of(row)
    if not spots:
        return None
    return Finding(
        check=check,
        title=name_of(evidence),
        spots=(spots[0],),
        others=tuple(spots[1:]),
        facts=", ".join(facts(row, evidence.excerpts)),
        texts=tuple(str(row[name]) for name in evidence.excerpts if row.get(name)),
        fingerprint=evidence.fingerprints[number] if number < len(evidence.fingerprints) else "",
        cut=evidence.rows > len(evidence.head),
    )


def _joined(first: Finding, other: Finding) -> Finding:
    return replace(
        first,
        spots=(*first.spots, *other.spots),
        fingerprint=min(first.fingerprint, other.fingerprint),
    )


def name_of(evidence: EvidenceModel) -> str:
    """The title of a table without what it counts, the same in every report."""
    return without_counts(evidence.title)


def named(tables: Iterable[EvidenceModel]) -> Iterator[tuple[str, EvidenceModel]]:
    """The tables of a check with their names, of which equal ones are numbered."""
    taken = set[str]()
    for one in tables:
        name, number = name_of(one), 1
        while name in taken:
            number += 1
            name = f"{name_of(one)} ({number})"
        taken.add(name)
        yield name, one


def spots_of(row: Row) -> list[Spot]:
    """The places that a row names: its own first."""
    return [spot for prefix in places(row) if (spot := _spot(row, prefix)) is not None]


def _spot(row: Row, prefix: str) -> Spot | None:
    """The place that a row names in the columns with this prefix."""
    file, line, column = row[f"{prefix}{FILE}"], row.get(f"{prefix}line"), row.get("column")
    if not isinstance(file, str):
        return None
    numbers = (
        one if isinstance(one, int) and one > 0 else None for one in (line, None if prefix else column)
    )
    return Spot(file, *numbers)

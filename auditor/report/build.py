"""Outcomes and decisions -> report. Knows measures, evidence and rulings, but no check."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import polars as pl

from auditor.gates import Bound, Decision, NotRun, Outcome, Ruling, Verdict, lacking, number_of, position
from auditor.report.fingerprints import Fingerprints
from auditor.report.model import (
    BROKEN,
    HEAD,
    EvidenceModel,
    GateModel,
    LimitModel,
    MeasureModel,
    NotRunModel,
    OutcomeModel,
    RulingModel,
    TaskRowModel,
    VerdictName,
)
from auditor.report.redaction import evidence_file, masked_cells
from auditor.tasks import TaskRow, sources_in
from checks.contract import Evidence, Measure

NOTHING = "add data that this can be measured on: there is none here"
"""What to do about a limit on a number of nothing, whose own advice speaks of rows that are listed."""


@dataclass(frozen=True, slots=True)
class SavedTable:
    """A whole evidence table and the name of the file it is saved in."""

    file: str
    table: pl.DataFrame
    masks: tuple[dict[str, Any], ...] = ()
    """Of a table whose texts are left out: its first rows with these masked, for outputs that show what differs."""


def whole_verdict(
    decisions: Sequence[Decision], outcomes: Mapping[str, Outcome], *, unread: bool = False
) -> VerdictName:
    """The worst verdict among the required gates.

    It cannot be told without any, if a check broke down, or if an input is `unread`: nobody knows what that one holds.
    """
    worst = max((found.verdict for found in decisions if found.gate.required), default=Verdict.UNKNOWN)
    broken = any(isinstance(found, NotRun) and found.kind in BROKEN for found in outcomes.values())
    return _name(max(worst, Verdict.UNKNOWN) if broken or unread else worst)


def _name(verdict: Verdict) -> VerdictName:
    return cast(VerdictName, verdict.name)


def gate_model(decision: Decision) -> GateModel:
    """A gate as the report shows it."""
    gate = decision.gate
    return GateModel(
        id=gate.id,
        question=gate.question,
        verdict=_name(decision.verdict),
        required=gate.required,
        reason=gate.reason,
        rulings=tuple(_ruling(found) for found in decision.rulings),
    )


def _ruling(ruling: Ruling) -> RulingModel:
    limit, measure = ruling.limit, ruling.measure
    sources = [
        bound.resolved_from for bound in (limit.at_least, limit.at_most) if bound and bound.resolved_from
    ]
    short = _finite(lacking(limit, measure)) if measure is not None else None
    empty = measure is not None and measure.of == 0 and position(limit, measure) == "inside"
    fix = NOTHING if empty else limit.fix
    told = ruling.verdict is Verdict.PASS or measure is None  # what was not measured says so and how to
    return RulingModel(
        check=limit.check,
        measure=limit.measure,
        group=measure.group if measure else None,
        value=_finite(measure.value) if measure else None,
        limit=LimitModel(
            at_least=_bound(limit.at_least, measure),
            at_most=_bound(limit.at_most, measure),
            level=limit.level,
            resolved_from="; ".join(sources) or None,
        ),
        verdict=_name(ruling.verdict),
        why=ruling.why,
        cite=limit.cite,
        fix=""
        if told or ("{lacking}" in fix and not short)
        else fix.replace("{lacking}", f"{math.ceil(short or 0):,}"),
    )


def _bound(bound: Bound | None, measure: Measure | None) -> float | None:
    """The number that was demanded; a percentage of a measure that is not there has none."""
    if bound is None or measure is None:
        return None if bound is None or bound.of_measure else bound.value
    return _finite(number_of(bound, measure))


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def outcome_models(
    outcomes: Mapping[str, Outcome],
    titles: Mapping[str, str],
    prints: Fingerprints,
    *,
    redact: bool,
    save: bool,
) -> tuple[dict[str, OutcomeModel], tuple[SavedTable, ...]]:
    """Outcomes as the report shows them, and their whole evidence tables for saving.

    Args:
        outcomes: what each check found, by id.
        titles: title of each check, by id.
        prints: makes the fingerprints of what was found.
        redact: leave out the excerpts of the user's text.
        save: the tables will be saved, so name their files.
    """
    models: dict[str, OutcomeModel] = {}
    tables: list[SavedTable] = []
    for check_id, outcome in outcomes.items():
        title = titles.get(check_id, check_id)
        if isinstance(outcome, NotRun):
            models[check_id] = OutcomeModel(title=title, not_run=NotRunModel(outcome.kind, outcome.why))
            continue
        evidence = []
        for number, found in enumerate(outcome.evidence, 1):
            table = _redacted(found) if redact else found.table
            saved = SavedTable(evidence_file(check_id, number), table, _masks(found) if redact else ())
            evidence.append(
                _evidence(
                    found,
                    table,
                    saved.file if save else None,
                    prints.of(check_id, found.title, found.table.head(HEAD)),
                )
            )
            tables.append(saved)
        models[check_id] = OutcomeModel(
            title=title,
            measures=tuple(_measure(found) for found in outcome.measures),
            evidence=tuple(evidence),
            notes=outcome.notes,
        )
    return models, tuple(tables)


def _redacted(evidence: Evidence) -> pl.DataFrame:
    return evidence.table.with_columns(pl.lit(None, pl.String).alias(name) for name in _quoting(evidence))


def _masks(evidence: Evidence) -> tuple[dict[str, Any], ...]:
    """The first rows with their texts masked; none where nothing quotes any."""
    names = _quoting(evidence)
    rows = evidence.table.head(HEAD).to_dicts() if names else []
    return tuple(masked_cells(row, names) for row in rows)


def _quoting(evidence: Evidence) -> list[str]:
    """Columns that quote the user's text."""
    return [name for name in (*evidence.excerpts, *evidence.labels) if name in evidence.table.columns]


def _evidence(
    evidence: Evidence, table: pl.DataFrame, file: str | None, fingerprints: tuple[str, ...]
) -> EvidenceModel:
    head: list[dict[str, Any]] = table.head(HEAD).to_dicts()
    return EvidenceModel(
        title=evidence.title,
        rows=table.height,
        file=file,
        excerpts=evidence.excerpts,
        head=tuple(head),
        labels=evidence.labels,
        chart=evidence.chart,
        fingerprints=fingerprints,
        counted=evidence.counted,
    )


def _measure(measure: Measure) -> MeasureModel:
    return MeasureModel(
        name=measure.name,
        group=measure.group,
        value=_finite(measure.value),
        kind=measure.kind,
        of=measure.of,
        interval=None
        if measure.interval is None
        else (_finite(measure.interval[0]), _finite(measure.interval[1])),
        basis=measure.basis,
        by=measure.by,
        currency=measure.currency,
    )


def cited(gates: Sequence[GateModel], tasks: Sequence[TaskRowModel]) -> dict[str, str]:
    """Short name and title of the sources that the report speaks of."""
    rulings = [ruling for gate in gates for ruling in gate.rulings]
    said = [f"{ruling.cite} {ruling.limit.resolved_from}" for ruling in rulings]
    return sources_in(" ".join((*said, *(row.source for row in tasks))))


def task_models(
    judged: Sequence[TaskRow], others: Sequence[TaskRow], classes: int
) -> tuple[TaskRowModel, ...]:
    """What every source says that applies, those that decide first."""

    def model(row: TaskRow, *, decides: bool) -> TaskRowModel:
        return TaskRowModel(
            task=row.task,
            source=row.source,
            minimum=row.rows("minimum", classes) or 0,
            recommended=row.rows("recommended", classes),
            good=row.rows("good", classes),
            judged=decides,
            note=row.note,
        )

    return (
        *(model(row, decides=True) for row in judged),
        *(model(row, decides=False) for row in others),
    )

"""One plan from files to steps: audit, count, reckon."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from msgspec import structs

from auditor.auditing import CLASSES, Audited, audit_files, policy_of
from auditor.errors import suggest
from auditor.load.work import Work
from auditor.planning.headline import headline
from auditor.planning.model import SCHEMA, Amount, Besides, Plan, Read, Step, Todo, Unknown, UsedPrice
from auditor.planning.pricing import prices_of
from auditor.planning.situation import LABEL, PER_DAY, Situation, wrong_share
from auditor.planning.steps import REVIEW, steps
from auditor.planning.suppliers import suppliers
from auditor.planning.targets import UNLABELLED, targets
from auditor.policy import Policy, gates_for
from auditor.prices import Prices
from auditor.remembered import name_of, recall, remember
from auditor.report.model import Report
from auditor.settings import Settings
from auditor.tables import Stage
from auditor.tasks import sources_in
from checks.measures import Range

COVERED = {
    ("size", "effective_rows"), ("size", "class_rows"), ("leakage", "leaked_eval_rows"), ("noise", "noise_rate"),
    ("noise", "contradicted_rows"), ("noise", "certain_wrong_rows"), ("labelers", "labelers"), ("labelers", "top_labeler_share"),
    ("labelers", "overlap_items"), ("labelers", "overlap_share"), ("eval_set", "effective_eval_rows"),
    ("eval_set", "detectable_gain_points"),
}  # fmt: skip
"""Check and measure of the limits that steps are about."""


def plan_files(settings: Settings, prices: Prices, work: Work) -> tuple[Plan, bool]:
    """Plan for the files that the settings name, and whether some could not be read.

    An audit of them of which nothing has changed since is remembered.

    Raises:
        PolicyError: a setting, policy or price is wrong.
        DataError: the files cannot be audited at all.
    """
    report = _audited(settings, work)
    return plan_of(report, settings, prices), bool(report.failed_inputs)


def audit_planned(settings: Settings, work: Work, *, redact: bool = False, save: bool = False) -> Audited:
    """Audit files, and plan what to do next at the prices of the readiness.toml here, else of the table; see `audit_files`.

    Raises:
        PolicyError: also a price is wrong.
    """
    prices = prices_of(None, Path())
    done = audit_files(settings, work, redact=redact, save=save)
    todo = todo_of(done.report, settings, prices)
    return replace(done, report=structs.replace(done.report, todo=todo))


def _audited(settings: Settings, work: Work) -> Report:
    name = name_of(settings, redact=False)
    report = recall(work.cache, name) if name and not work.verify else None
    if report is None:
        report = audit_planned(settings, work).report
        if name and name == name_of(settings, redact=False):
            remember(work.cache, name, report)
    return report


def plan_of(report: Report, settings: Settings, prices: Prices) -> Plan:
    """Plan by a report of an audit with these settings."""
    policy = policy_of(settings)
    at = _situation(report, settings, policy, prices)
    wanted = tuple(targets(at))
    todo = steps(at, wanted)
    besides = tuple(_besides(report))
    said = " ".join((*(one.cite for one in wanted), *(f"{one.cite} {one.why}" for one in todo)))
    return Plan(
        schema=SCHEMA,
        headline=headline(at, wanted, todo),
        inputs=tuple(
            Read(role=one.role, path=one.path, sha256=one.sha256, rows=one.rows) for one in report.inputs
        ),
        task=report.task,
        stage=report.stage,
        policy=policy.name,
        stance=policy.stance,
        currency=prices.currency,
        targets=wanted,
        steps=todo,
        suppliers=suppliers(at),
        unknown=tuple(_unknown(at, todo)),
        besides=besides,
        prices=tuple(_prices(prices)),
        sources=sources_in(said),
        notes=tuple(_notes(at)),
    )


def todo_of(report: Report, settings: Settings, prices: Prices) -> Todo:
    """What a report keeps of the plan."""
    made = plan_of(report, settings, prices)
    return Todo(
        headline=made.headline,
        currency=made.currency,
        steps=made.steps,
        besides=made.besides,
        unknown=made.unknown,
        prices=made.prices,
    )


def rows_to_label(report: Report, settings: Settings, prices: Prices) -> Range | None:
    """Rows to label to have as many usable ones as is recommended; None where that cannot be told."""
    at = _situation(report, settings, policy_of(settings), prices)
    found = next((one.label for one in targets(at) if (one.level, one.group) == ("recommended", None)), None)
    if found is None or found.high is None:
        return None
    return Range(found.low, found.expected, found.high)


def _situation(report: Report, settings: Settings, policy: Policy, prices: Prices) -> Situation:
    """What the plan rests on."""
    stage: Stage = "before-labeling" if report.stage == "before-labeling" else "before-training"
    check, name = CLASSES
    at = Situation(report=report, gates=(), stance=policy.stance, prices=prices)
    gates = gates_for(
        policy, task=report.task, stage=stage, require=settings.require, classes=at.count(check, name)
    )
    return replace(at, gates=gates)


def _prices(prices: Prices) -> Iterator[UsedPrice]:
    for name in (LABEL, PER_DAY):
        value = prices.values[name]
        yield UsedPrice(
            name=name,
            value=Amount(low=value.low, expected=value.expected, high=value.high),
            origin=prices.origin(name),
        )
    for source, value in prices.label_by_source.items():
        own = Amount(low=value.low, expected=value.expected, high=value.high)
        yield UsedPrice(name=f"{LABEL} of {source}", value=own, origin="your price")


def _besides(report: Report) -> Iterator[Besides]:
    """Limits of required gates that are not kept and that no step is about."""
    for gate in report.gates:
        for one in gate.rulings if gate.required else ():
            if one.verdict != "PASS" and one.value is not None and (one.check, one.measure) not in COVERED:
                yield Besides(
                    gate=gate.id, measure=one.measure, verdict=one.verdict, why=one.why, fix=one.fix
                )


def _unknown(at: Situation, todo: tuple[Step, ...]) -> Iterator[Unknown]:
    """What cannot be told, with what would settle it."""
    task, labelled = at.report.task, at.count("yields", "labelled_rows")
    for one in at.report.failed_inputs:
        yield Unknown(what=f"what {one.path} holds: {one.error}", settle="mend it, then plan again")
    if task is None:
        yield Unknown(
            what="how many rows the task needs: none is named, so the numbers are those for any task",
            settle="--task, e.g. classification, style, domain-chat",
        )
    if at.measure("size", "effective_rows") is None:
        yield Unknown(what=f"how many rows are usable: {at.why_not('size')}", settle="--map COLUMN=text")
    if not labelled and task not in UNLABELLED:
        yield Unknown(
            what="what labeling yields: nothing is labelled yet, so copies are known and wrong labels are not",
            settle="label a first batch with two labelers on part of it: auditor sample ... --purpose labeling",
        )
    elif labelled and task not in UNLABELLED and wrong_share(at) is None:
        yield Unknown(
            what="how many labels are wrong, so no row is deducted for that",
            settle=f"have {min(REVIEW, labelled):,} rows judged by a second person; of classes, auditor review writes the sheet",
        )
    if labelled and at.measure("labelers", "labelers") is None:
        yield Unknown(
            what="how many labelers there are, and on how many items two of them meet",
            settle="name their column with --map COLUMN=labeler",
        )
    if at.measure("leakage", "leaked_eval_rows") is None:
        yield Unknown(
            what=f"whether eval leaks: {at.why_not('leakage')}", settle="auditor audit TRAIN --eval FILE"
        )
    if at.measure("eval_set", "effective_eval_rows") is None and not any(
        one.unit == "eval rows" for one in todo
    ):
        yield Unknown(
            what=f"what eval can show: {at.why_not('eval_set')}", settle="name the eval file and its columns"
        )


def _notes(at: Situation) -> Iterator[str]:
    yield (
        "Ranges hold 95 % of the cases if new rows are like those so far, and independent of each other; the upper end "
        "also holds if new rows repeat old ones as often as these repeat each other."
    )
    yield "What it costs to find rows that are not there yet is in no price."
    if at.report.task not in UNLABELLED and at.labels_per_row > 1:
        yield f"Each row is taken to be judged {at.labels_per_row:.3g} times, as the rows so far."
    yield from _unknown_names(at)
    if at.report.outcomes.get("leakage") is None or at.measure("leakage", "leaked_eval_rows") is None:
        yield "There was no eval set to compare with, so rows that leak are not deducted."


def _unknown_names(at: Situation) -> Iterator[str]:
    """Prices of a source or labeler that the yields do not know, so that a slip is not taken for a price that is used."""
    known = {one.group or "" for by in ("source", "labeler") for one in at.measures("yields", f"{by}_rows")}
    for name in at.prices.label_by_source:
        if name not in known:
            hint = suggest(name, known) if known else ""
            yield f"The price of {name!r} in label-by-source is not used: no source or labeler that is counted has that name{hint}"

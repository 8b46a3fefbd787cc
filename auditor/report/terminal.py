"""The report on a terminal: the verdict first, then why, then what to do. Readable at 80 columns without colour."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from auditor.report.deciding import decision_parts
from auditor.report.evidence import evidence_table
from auditor.report.findings import failing_checks, further_tables, telling_tables
from auditor.report.gates import STYLES, gate_part
from auditor.report.model import EvidenceModel, GateModel, Input, Report, TaskRowModel
from auditor.report.plain import plain
from checks.measures import ROLES

WORDS = {
    "PASS": "Ready",
    "WARN": "Ready, with warnings",
    "UNKNOWN": "Cannot be told yet",
    "BLOCK": "Not ready",
}
DECIDED = {
    **WORDS,
    "PASS": "Fine-tuning is on the table",
    "WARN": "Fine-tuning is on the table, with warnings",
    "BLOCK": "Hold",
}
"""The same of a decision; S1: all gates open puts it on the table, any that is shut means holding."""
GROUPS = {"BLOCK": "shut:", "UNKNOWN": "cannot be told:", "WARN": "warns:"}
"""Verdict of a gate -> how the first line speaks of it."""
PATH = 36
"""Characters of a path shown in the table of inputs."""


def show(report: Report, *, quiet: bool, saved: Path | None) -> None:
    """Print the report to stdout; `quiet` prints the verdict alone."""
    console = Console(
        file=sys.stdout, highlight=False, soft_wrap=False, width=None if sys.stdout.isatty() else 80
    )
    with console.capture() as printed:
        console.print(headline(report) if quiet else Group(*_parts(report, saved)))
    sys.stdout.write("".join(line.rstrip() + "\n" for line in printed.get().splitlines()))


def _parts(report: Report, saved: Path | None) -> Iterable[RenderableType]:
    yield headline(report)
    yield _inputs(report)
    kinds = {
        (check, one.name): one.kind for check, found in report.outcomes.items() for one in found.measures
    }
    for gate in report.gates:
        if gate.required:
            yield gate_part(gate, kinds)
    yield from _not_required(report)
    yield from decision_parts(report)
    if report.tasks:
        yield _task_table(report)
    yield from _evidence(report)
    yield from _further(report, saved)
    yield from _remarks(report)
    yield from _sources(report)
    yield _next(report, saved)


def headline(report: Report) -> Text:
    """The verdict, and the gates behind it: those that are shut, then those that cannot be told or warn."""
    required = [gate for gate in report.gates if gate.required]
    groups = {word: [gate.id for gate in required if gate.verdict == name] for name, word in GROUPS.items()}
    groups["not read:"] = [found.path for found in report.failed_inputs]
    groups["broke down:"] = list(report.broken)
    told = [f"{word} {plain(', '.join(names))}" for word, names in groups.items() if names]
    why = "; ".join(told) or f"all {len(required)} required gates are open"
    head = (
        (report.verdict, STYLES[report.verdict]),
        "  ",
        ((DECIDED if report.answers else WORDS)[report.verdict], "bold"),
        ". ",
    )
    return Text.assemble(*head, why[0].upper() + why[1:], ".")


def _inputs(report: Report) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    for can_wrap in (False, False, True):
        table.add_column(no_wrap=not can_wrap)
    for found in report.inputs:
        state = Text("cannot be read", "red") if found.error else Text(_content(found))
        if found.facts and not found.error:
            state.append(f" ({plain(', '.join(found.facts))})", "dim")
        table.add_row(found.role, Text(_end_of(plain(found.path))), state)
    for role, name in zip(ROLES, report.settings.get("vectors") or (), strict=False):
        table.add_row("vectors", Text(_end_of(plain(name))), Text(f"of {role}"))
    policy, stance = report.settings.get("policy"), report.settings.get("stance")
    ruled = f"{report.stage}, {report.task or 'no task named'}, policy {policy} ({stance})"
    errors = [Text(plain(found.error), "red") for found in report.failed_inputs if found.error]
    return Padding(Group(table, *errors, Text(f"ruled as {plain(ruled)}")), (1, 0, 0, 2))


def _content(found: Input) -> str:
    return f"{found.rows:,} records, {found.format}" if found.format else "empty"


def _end_of(path: str) -> str:
    """A path whose end, which tells most, fits beside what is said of the file."""
    return path if len(path) <= PATH else "…" + path[1 - PATH :]


def _not_required(report: Report) -> Iterable[RenderableType]:
    others = [gate for gate in report.gates if not gate.required]
    if others:
        line = Text("Not required: ", "dim")
        for gate in others:
            line.append(f"{plain(gate.id)} ")
            line.append(gate.verdict, STYLES[gate.verdict])
            line.append(f" {plain(', '.join(_missed(gate)))}" if _missed(gate) else "")
            line.append(f" ({plain(gate.reason)})  " if gate.reason else "  ")
        yield Padding(line, (1, 0, 0, 0))


def _missed(gate: GateModel) -> list[str]:
    """The measures that a gate warns of, or is shut by."""
    return list(
        dict.fromkeys(
            one.measure for one in gate.rulings
            if one.verdict == gate.verdict and one.verdict in ("WARN", "BLOCK") and one.value is not None
        )
    )  # fmt: skip


def _task_table(report: Report) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, title_justify="left", title_style="bold")
    table.title = "Rows that the sources ask for"
    for name in ("task", "source", "minimum", "recommended", "good", ""):
        table.add_column(name, justify="right" if name in {"minimum", "recommended", "good"} else "left")
    for row in report.tasks:
        table.add_row(
            Text(plain(row.task)),
            Text(plain(row.source)),
            f"{row.minimum:,.0f}",
            _rows(row.recommended),
            _rows(row.good),
            _used(row),
            style="" if row.judged else "dim",
        )
    return Padding(table, (1, 0, 0, 0))


def _rows(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _used(row: TaskRowModel) -> str:
    return "decides" if row.judged else "shown only"


def _evidence(report: Report) -> Iterable[RenderableType]:
    """The worst rows behind limits that were not kept."""
    for evidence in _shown(report):
        yield Padding(evidence_table(evidence), (1, 0, 0, 0))


def _shown(report: Report) -> list[EvidenceModel]:
    return [one for one in telling_tables(report) if not _is_picture(one)]


def _is_picture(evidence: EvidenceModel) -> bool:
    """Whether a table says little in numbers: the first of many bins or points."""
    return evidence.chart is not None and evidence.chart.picture in ("histogram", "curve")


def _further(report: Report, saved: Path | None) -> Iterable[RenderableType]:
    """The names of all other tables, which notes may speak of, and where they are."""
    lines = [*further_tables(report, _shown(report))]
    if lines:
        where = "--out DIR keeps them, --format json prints their first rows"
        if saved is not None:
            where = f"{saved}/evidence/ holds them"
        head = Text.assemble(("Further tables", "bold"), f": {plain(where)}")
        yield Padding(Group(head, bullets(lines)), (1, 0, 0, 0))


def _remarks(report: Report) -> Iterable[RenderableType]:
    ruled = {ruling.check for gate in report.gates for ruling in gate.rulings}  # these say so themselves
    lines = [*report.notes]
    for check, outcome in report.outcomes.items():
        if outcome.not_run is not None and (check in report.broken or check not in ruled):
            lines.append(f"{check} {outcome.not_run.kind}: {outcome.not_run.why}")
        lines += [f"{check}: {note}" for note in outcome.notes]
    if lines:
        yield Padding(Group(Text("Notes", "bold"), bullets(lines)), (1, 0, 0, 0))


def bullets(lines: Iterable[str]) -> RenderableType:
    """A list, each entry of which stands behind its dash."""
    table = Table.grid(padding=(0, 1))
    for line in lines:
        table.add_row("  -", Text(plain(line)))
    return table


def _sources(report: Report) -> Iterable[RenderableType]:
    """What the short names of sources in this report stand for."""
    if report.sources:
        lines = [
            Padding(Text(f"{name}  {plain(title)}"), (0, 0, 0, 2)) for name, title in report.sources.items()
        ]
        yield Padding(Group(Text("Sources", "bold"), *lines), (1, 0, 0, 0))


def _next(report: Report, saved: Path | None) -> RenderableType:
    """The next commands, and what each is for."""
    told = [
        (f"auditor explain {check}", "what was measured, how, and by which source")
        for check in failing_checks(report)[:1]
    ]
    if report.answers:
        told += [
            ("auditor decide --ask", "answer what is open"),
            ("auditor plan", "what to label next, and what it costs"),
        ]
    if saved is None:
        told.append(
            (
                f"auditor {'decide' if report.answers else 'audit'} ... --out DIR",
                "keep the report and all evidence",
            )
        )
    else:
        told.append(
            (f"auditor report {plain(shlex.quote(str(saved)))} --format html", "one page to send to others")
        )
    table = Table.grid(padding=(0, 2))
    for command, what in told:
        table.add_row(Text("  " + command), Text(what))
    lines: list[RenderableType] = [Text("Next", "bold"), table]
    if saved is not None:
        folder = plain(str(saved))
        record = f"{folder}/decision.md, " if report.answers else ""
        lines.append(Text(f"  {record}{folder}/report.json and {folder}/evidence/ hold all of this"))
    return Padding(Group(*lines), (1, 0, 0, 0))

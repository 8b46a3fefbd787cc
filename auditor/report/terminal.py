"""The report on a terminal: the verdict first, then why, then what to do. Readable at 80 columns without colour."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from auditor.report.differences import word_differences
from auditor.report.model import EvidenceModel, GateModel, OutcomeModel, Report, RulingModel, TaskRowModel
from auditor.report.plain import plain

STYLES = {"PASS": "green", "WARN": "yellow", "UNKNOWN": "magenta", "BLOCK": "bold red"}
WORDS = {
    "PASS": "Ready",
    "WARN": "Ready, with warnings",
    "UNKNOWN": "Cannot be told yet",
    "BLOCK": "Not ready",
}
ROWS = 3
"""Evidence rows shown per table; the rest is in the saved report."""


def show(report: Report, *, quiet: bool, saved: Path | None) -> None:
    """Print the report to stdout; `quiet` prints the verdict alone."""
    console = Console(
        file=sys.stdout, highlight=False, soft_wrap=False, width=None if sys.stdout.isatty() else 80
    )
    if quiet:
        console.print(_headline(report))
        return
    console.print(Group(*_parts(report, saved)))


def _parts(report: Report, saved: Path | None) -> Iterable[RenderableType]:
    yield _headline(report)
    yield _inputs(report)
    for gate in report.gates:
        if gate.required:
            yield _gate(gate)
    yield from _not_required(report)
    if report.tasks:
        yield _task_table(report)
    yield from _evidence(report)
    yield from _remarks(report)
    yield _next(report, saved)


def _headline(report: Report) -> Text:
    shut = [gate.id for gate in report.gates if gate.required and gate.verdict == report.verdict]
    required = sum(gate.required for gate in report.gates)
    match report.verdict:
        case "PASS":
            why = f"all {required} required gates are open"
        case "WARN":
            why = f"{len(shut)} of {required} required gates warn: {', '.join(shut)}"
        case "UNKNOWN":
            why = f"{len(shut)} of {required} required gates cannot be told: {', '.join(shut)}"
        case "BLOCK":
            why = f"{len(shut)} of {required} required gates are shut: {', '.join(shut)}"
    return Text.assemble(
        (report.verdict, STYLES[report.verdict]), "  ", (WORDS[report.verdict], "bold"), ": ", why, "."
    )


def _inputs(report: Report) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    for found in report.inputs:
        state = (
            Text(plain(found.error), "red") if found.error else Text(f"{found.rows:,} rows, {found.format}")
        )
        if found.facts:
            state.append(f" ({', '.join(found.facts)})", "dim")
        table.add_row(found.role, plain(found.path), state)
    policy, stance = report.settings.get("policy"), report.settings.get("stance")
    ruled = f"{report.stage}, {report.task or 'no task named'}, policy {policy} ({stance})"
    table.add_row("as", Text(ruled), "")
    return Padding(table, (1, 0, 0, 2))


def _gate(gate: GateModel) -> RenderableType:
    head = Text.assemble(
        (gate.verdict.ljust(8), STYLES[gate.verdict]), (gate.id, "bold"), f"  {gate.question}"
    )
    if gate.reason:
        head.append(f"  [{gate.reason}]", "dim")
    table = Table.grid(padding=(0, 1))
    table.add_column(width=9)
    table.add_column()
    shown = [ruling for ruling in gate.rulings if ruling.verdict != "PASS"]
    for ruling in shown or _main(gate.rulings):
        table.add_row(Text("  " + ruling.verdict, STYLES[ruling.verdict]), _ruling(ruling))
    passed = len(gate.rulings) - len(shown)
    if shown and passed:
        table.add_row("", Text(f"{passed} other limit{'s' * (passed > 1)} kept", "dim"))
    return Padding(Group(head, table), (1, 0, 0, 0))


def _main(rulings: tuple[RulingModel, ...]) -> list[RulingModel]:
    """Of a gate that is open: the limits that could have shut it."""
    return [ruling for ruling in rulings if ruling.limit.level == "block"] or list(rulings[:1])


def _ruling(ruling: RulingModel) -> Text:
    text = Text.assemble((ruling.measure, "bold"), " ", plain(ruling.why))
    if ruling.verdict != "PASS":
        source = ruling.limit.resolved_from or ruling.cite
        text.append(f"\n{plain(source)}", "dim")
        if ruling.fix:
            text.append(f"\n-> {plain(ruling.fix)}", "italic")
    return text


def _not_required(report: Report) -> Iterable[RenderableType]:
    others = [gate for gate in report.gates if not gate.required]
    if others:
        line = Text("Not required: ", "dim")
        for gate in others:
            line.append(f"{gate.id} ")
            line.append(gate.verdict, STYLES[gate.verdict])
            line.append(f" ({gate.reason})  " if gate.reason else "  ")
        yield Padding(line, (1, 0, 0, 0))


def _task_table(report: Report) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, title_justify="left", title_style="bold")
    table.title = "Rows that the sources ask for"
    for name in ("task", "source", "minimum", "recommended", "good", ""):
        table.add_column(name, justify="right" if name in {"minimum", "recommended", "good"} else "left")
    for row in report.tasks:
        table.add_row(
            row.task,
            row.source,
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
    """The worst rows of the checks behind rulings that did not pass."""
    failing = [
        ruling.check
        for gate in report.gates
        if gate.required
        for ruling in gate.rulings
        if ruling.verdict != "PASS"
    ]
    for check in dict.fromkeys(failing):
        outcome = report.outcomes.get(check, OutcomeModel(title=check))
        for evidence in outcome.evidence:
            if evidence.head:
                yield Padding(_table(evidence), (1, 0, 0, 0))


def _table(evidence: EvidenceModel) -> RenderableType:
    shown = evidence.head[:ROWS] if "file" in evidence.head[0] else evidence.head[: 2 * ROWS]
    more = f" ({evidence.rows:,} rows, the first {len(shown)})" if evidence.rows > len(shown) else ""
    head = Text.assemble((evidence.title, "bold"), (more, "dim"))
    rows = [_row(row, evidence.excerpts) for row in shown]
    return Group(head, *rows)


def _row(row: Mapping[str, Any], excerpts: tuple[str, ...]) -> RenderableType:
    """Where the row stands, what was measured on it, and its excerpts with the words that differ in brackets."""
    places = [name.removesuffix("file") for name in row if name.endswith("file")]
    shown = {"split", "file", "line", *excerpts}
    shown |= {f"{prefix}{name}" for prefix in places for name in ("row", "file", "line")}
    values = [
        f"{name} {_value(value)}" for name, value in row.items() if name not in shown and value is not None
    ]
    where = " ~ ".join(_place(row, prefix) for prefix in places)
    line = Text("  ").append(plain(where), "cyan" if where else "")
    line.append(("  " if where else "") + plain(", ".join(values)))
    quoted = [str(row[name]) for name in excerpts if row.get(name)]
    if len(quoted) == 2:
        left, right = word_differences(*quoted)
        return Group(line, _words(left), _words(right))
    return Group(line, *(_words([(quoted[0], False)]) for _ in quoted[:1]))


def _place(row: Mapping[str, Any], prefix: str) -> str:
    line = row.get(f"{prefix}line")
    return f"{row[f'{prefix}file']}:{line}" if line is not None else str(row[f"{prefix}file"])


def _value(value: Any) -> str:  # noqa: ANN401  a cell of an evidence table
    return (
        f"{value:.3g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
    )


def _words(words: list[tuple[str, bool]]) -> RenderableType:
    text, different = Text(), False
    for i, (word, differs) in enumerate(words):
        ends = not differs or i + 1 == len(words) or not words[i + 1][1]
        text.append(" " if i else "")
        text.append(
            ("[" if differs and not different else "") + plain(word) + ("]" if differs and ends else ""),
            "bold" if differs else "dim",
        )
        different = differs and not ends
    text.truncate(300, overflow="ellipsis")
    return Padding(text, (0, 0, 0, 4))


def _remarks(report: Report) -> Iterable[RenderableType]:
    lines = [*report.notes]
    for check, outcome in report.outcomes.items():
        if outcome.not_run is not None and outcome.not_run.kind != "not applicable":
            lines.append(f"{check} {outcome.not_run.kind}: {outcome.not_run.why}")
        lines += [f"{check}: {note}" for note in outcome.notes]
    if lines:
        body = [Padding(Text("- " + plain(line)), (0, 0, 0, 2)) for line in lines]
        yield Padding(Group(Text("Notes", "bold"), *body), (1, 0, 0, 0))


def _next(report: Report, saved: Path | None) -> RenderableType:
    checks = dict.fromkeys(
        ruling.check
        for gate in report.gates
        if gate.required
        for ruling in gate.rulings
        if ruling.verdict != "PASS"
    )
    lines = [
        f"auditor explain {check}".ljust(28) + "what was measured, how, and by which source"
        for check in list(checks)[:1]
    ]
    if saved is None:
        lines.append("auditor audit ... --out DIR".ljust(28) + "keep the report and all evidence")
    else:
        lines.append(f"{saved}/report.json and {saved}/evidence/ hold all of this")
    return Padding(Group(Text("Next", "bold"), *(Text("  " + line) for line in lines)), (1, 0, 0, 0))

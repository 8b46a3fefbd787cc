"""The decision record as Markdown: what was decided, on what, said by whom, and what would change it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from auditor.frameworks.evaluation import Evaluation, ItemModel
from auditor.report.deciding import change_of, verdict_of
from auditor.report.model import GateModel, MeasureModel, Report
from auditor.report.plain import markdown
from auditor.report.terminal import headline
from auditor.wording import amount
from checks.measures import Measure


def record(report: Report) -> str:
    """The whole record. The same report gives the same text."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"# Decision: {markdown(headline(report).plain)}"
    yield from _table("Inputs", ("role", "file", "records", "sha256"), (
        (one.role, one.path, f"{one.rows:,}", one.sha256 or one.error or "") for one in report.inputs
    ))  # fmt: skip
    for gate in report.gates:
        if gate.required:
            yield from _gate(gate)
    yield from _table("Declared, but measured otherwise", ("question", "what stands against what"), (
        (one.text, one.contradicted) for one in report.answers if one.contradicted
    ))  # fmt: skip
    yield from _table("Frameworks", ("framework", "source", "verdict", "speaks", "open"), (
        (one.title, one.source, verdict_of(one), one.leaning, str(len(one.unknown))) for one in report.frameworks
    ))  # fmt: skip
    for one in report.frameworks:
        yield from _framework(one)
    for matter in report.disagreements:
        yield from _table(f"Sources disagree: {matter.topic}", ("source", "says", "follows", "here"), (
            (side.source, side.says, side.follows, side.here) for side in matter.sides
        ))  # fmt: skip
        yield from ("", f"{markdown(matter.tool)}") if matter.tool else ()
    yield from _table("Answers", ("question", "answer", "rests on", "who", "when", "proof"), (
        (f"{one.id}: {one.text}", one.answer or "unknown", one.basis or "", one.by, one.on, one.proof)
        for one in report.answers
    ))  # fmt: skip
    yield from _table("Measurements", ("measure", "group", "value", "basis"), _measures(report))
    yield from _bullets("Notes", report.notes)
    yield from _bullets("Sources", (f"{name}: {title}" for name, title in report.sources.items()))
    yield from _bullets("Made with", (f"{name} {version}" for name, version in report.versions.items()))


def _gate(gate: GateModel) -> Iterator[str]:
    title = f"{gate.verdict}: {gate.id}. {gate.question}"
    yield from _table(title, ("", "measure", "why", "source", "to do"), (
        (one.verdict, f"{one.check}.{one.measure}", one.why, one.cite, one.fix) for one in gate.rulings
    ))  # fmt: skip


def _framework(one: Evaluation) -> Iterator[str]:
    yield from _table(
        f"{one.title} ({one.source})", ("item", "counts", *one.columns, "because"), map(_item, one.items)
    )
    yield from ("", f"Verdict: **{markdown(verdict_of(one))}**")
    if len(one.possible) > 1:
        yield from ("", "Still possible: " + "; ".join(markdown(verdict.says) for verdict in one.possible))
    for line in (*(f"Would change with: {change_of(flip)}" for flip in one.flips), *one.warnings, *one.notes):
        yield f"- {markdown(line)}" if line else ""


def _item(item: ItemModel) -> Sequence[str]:
    because = "; ".join(
        f"{answer.question} {answer.state}: {answer.why}"
        + (f" ({answer.contradicted})" if answer.contradicted else "")
        for answer in item.answers
    )
    turned = " (counts reversed)" if item.reversed else ""
    return (
        f"{item.text}{turned}",
        {"yes": item.counts, "no": "no", "unknown": "unknown"}[item.holds],
        *item.cells,
        because,
    )


def _measures(report: Report) -> Iterator[Sequence[str]]:
    for check, outcome in report.outcomes.items():
        for one in outcome.measures:
            yield f"{check}.{one.name}", one.group or "", _amount(one), one.basis
        if outcome.not_run is not None:
            yield check, "", f"{outcome.not_run.kind}: {outcome.not_run.why}", ""


def _amount(model: MeasureModel) -> str:
    if model.value is None:
        return "no number"
    low, high = model.interval or (None, None)
    ends = None if low is None or high is None else (float(low), float(high))
    return amount(
        Measure(name=model.name, value=model.value, kind=model.kind, of=model.of, interval=ends, by=model.by)
    )


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    body = [f"| {' | '.join(markdown(cell) for cell in row)} |" for row in rows]
    if body:
        yield from (
            "",
            f"## {markdown(title)}",
            "",
            f"| {' | '.join(columns)} |",
            f"|{'---|' * len(columns)}",
            *body,
        )


def _bullets(title: str, lines: Iterable[str]) -> Iterator[str]:
    body = [f"- {markdown(line)}" for line in lines]
    if body:
        yield from ("", f"## {title}", "", *body)

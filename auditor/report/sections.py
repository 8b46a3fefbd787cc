"""The parts of a report as Markdown: each a heading with a table or a list, most telling first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from auditor.frameworks.evaluation import Evaluation, ItemModel
from auditor.report.deciding import change_of, verdict_of
from auditor.report.model import GateModel, MeasureModel, Report, VerdictName
from auditor.report.plain import markdown
from auditor.wording import amount
from checks.measures import Measure


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the lines of Markdown below it."""

    title: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The whole section; it begins and ends with a line break."""
        return "\n".join(("", f"## {markdown(self.title)}", "", *self.lines, ""))


def inputs(report: Report) -> Iterator[Section]:
    """The files, with what identifies them."""
    yield from table("Inputs", ("role", "file", "records", "sha256"), (
        (one.role, one.path, f"{one.rows:,}", one.sha256 or one.error or "") for one in report.inputs
    ))  # fmt: skip


def gates(report: Report, *verdicts: VerdictName) -> Iterator[Section]:
    """A section for each required gate, or for those of them with one of these verdicts."""
    for gate in report.gates:
        if gate.required and (not verdicts or gate.verdict in verdicts):
            yield from _gate(gate)


def decision(report: Report) -> Iterator[Section]:
    """What a decision adds: contradictions, frameworks, disagreements, answers."""
    yield from table("Declared, but measured otherwise", ("question", "what stands against what"), (
        (one.text, one.contradicted) for one in report.answers if one.contradicted
    ))  # fmt: skip
    yield from table("Frameworks", ("framework", "source", "verdict", "speaks", "open"), (
        (one.title, one.source, verdict_of(one), one.leaning, str(len(one.unknown))) for one in report.frameworks
    ))  # fmt: skip
    for one in report.frameworks:
        yield from _framework(one)
    for matter in report.disagreements:
        for found in table(f"Sources disagree: {matter.topic}", ("source", "says", "follows", "here"), (
            (side.source, side.says, side.follows, side.here) for side in matter.sides
        )):  # fmt: skip
            after = ("", markdown(matter.tool)) if matter.tool else ()
            yield Section(found.title, (*found.lines, *after))
    yield from table("Answers", ("question", "answer", "rests on", "who", "when", "proof"), (
        (f"{one.id}: {one.text}", one.answer or "unknown", one.basis or "", one.by, one.on, one.proof)
        for one in report.answers
    ))  # fmt: skip


def measured(report: Report) -> Iterator[Section]:
    """Every measure."""
    yield from table("Measurements", ("measure", "group", "value", "basis"), _measures(report))


def remarks(report: Report) -> Iterator[Section]:
    """Notes, and what names and numbers stand for."""
    told = (f"{check}: {note}" for check, outcome in report.outcomes.items() for note in outcome.notes)
    yield from bullets("Notes", (*report.notes, *told))
    yield from bullets("Sources", (f"{name}: {title}" for name, title in report.sources.items()))
    yield from bullets("Made with", (f"{name} {version}" for name, version in report.versions.items()))


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[Section]:
    """A table of texts, which are escaped; nothing where it would be empty."""
    body = [f"| {' | '.join(markdown(cell) for cell in row)} |" for row in rows]
    if body:
        yield Section(title, (f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}", *body))


def bullets(title: str, lines: Iterable[str]) -> Iterator[Section]:
    """A list of texts, which are escaped; nothing where it would be empty."""
    body = tuple(f"- {markdown(line)}" for line in lines)
    if body:
        yield Section(title, body)


def _gate(gate: GateModel) -> Iterator[Section]:
    title = f"{gate.verdict}: {gate.id}. {gate.question}"
    yield from table(title, ("", "measure", "why", "source", "to do"), (
        (one.verdict, f"{one.check}.{one.measure}", one.why, one.cite, one.fix) for one in gate.rulings
    ))  # fmt: skip


def _framework(one: Evaluation) -> Iterator[Section]:
    title = f"{one.title} ({one.source})"
    items = [*table(title, ("item", "counts", *one.columns, "because"), map(_item, one.items))]
    lines = [*(items[0].lines if items else ()), "", f"Verdict: **{markdown(verdict_of(one))}**"]
    if len(one.possible) > 1:
        lines += ["", "Still possible: " + "; ".join(markdown(verdict.says) for verdict in one.possible)]
    told = (*(f"Would change with: {change_of(flip)}" for flip in one.flips), *one.warnings, *one.notes)
    yield Section(title, (*lines, *(["", *(f"- {markdown(line)}" for line in told if line)] if told else ())))


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
            yield f"{check}.{one.name}", one.group or "", amount_of(one), one.basis
        if outcome.not_run is not None:
            yield check, "", f"{outcome.not_run.kind}: {outcome.not_run.why}", ""


def amount_of(model: MeasureModel) -> str:
    """A measure of a report in words."""
    if model.value is None:
        return "no number"
    low, high = model.interval or (None, None)
    ends = None if low is None or high is None else (float(low), float(high))
    return amount(
        Measure(
            name=model.name, value=model.value, kind=model.kind, of=model.of, interval=ends, by=model.by,
            currency=model.currency,
        )
    )  # fmt: skip

"""What a decision adds: every framework side by side, what contradicts, what is open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from auditor.frameworks.evaluation import Evaluation, ItemModel
from auditor.frameworks.shapes import Leaning
from auditor.report.deciding import change_of, verdict_of
from auditor.report.model import AnswerModel, Report

LEANINGS: tuple[tuple[Leaning, str], ...] = (
    ("for", "For"),
    ("hold", "Wait"),
    ("against", "Against"),
    ("unknown", "Open"),
)
"""Columns of the matrix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of a framework."""

    text: str
    counts: str
    cells: tuple[str, ...]
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Framework:
    """A framework: its line in the matrix and what is behind it."""

    title: str
    source: str
    leaning: Leaning
    verdict: str
    open: int
    columns: tuple[str, ...]
    items: tuple[Item, ...]
    told: tuple[str, ...]
    """What is still possible, what would change the verdict, warnings, notes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The part of the page that an audit does not have."""

    leanings: tuple[tuple[Leaning, str], ...]
    counts: tuple[int, ...]
    """Frameworks of each leaning."""
    frameworks: tuple[Framework, ...]
    contradicted: tuple[AnswerModel, ...]
    open: tuple[tuple[AnswerModel, int], ...]
    """Questions nobody answered, and how many frameworks wait for each; most first."""
    answered: tuple[AnswerModel, ...]


def decision(report: Report) -> Decision | None:
    """The frameworks and answers; None for an audit."""
    if not report.answers:
        return None
    waiting = Counter(name for one in report.frameworks for name in one.unknown)
    left = [(answer, waiting[answer.id]) for answer in report.answers if answer.state == "unknown"]
    return Decision(
        leanings=LEANINGS,
        counts=tuple(sum(one.leaning == name for one in report.frameworks) for name, _ in LEANINGS),
        frameworks=tuple(map(_framework, report.frameworks)),
        contradicted=tuple(answer for answer in report.answers if answer.contradicted),
        open=tuple(sorted(left, key=lambda pair: -pair[1])),
        answered=tuple(answer for answer in report.answers if answer.state != "unknown"),
    )


def _framework(one: Evaluation) -> Framework:
    return Framework(
        title=one.title,
        source=one.source,
        leaning=one.leaning,
        verdict=verdict_of(one),
        open=len(one.unknown),
        columns=one.columns,
        items=tuple(map(_item, one.items)),
        told=tuple(_told(one)),
    )


def _told(one: Evaluation) -> Iterator[str]:
    if len(one.possible) > 1:
        yield "Still possible: " + "; ".join(verdict.says for verdict in one.possible)
    for flip in one.flips:
        yield f"Would change to {change_of(flip)}"
    yield from (*one.warnings, *(note for note in one.notes if note))


def _item(item: ItemModel) -> Item:
    because = "; ".join(
        f"{answer.question} {answer.state}: {answer.why}"
        + (f" ({answer.contradicted})" if answer.contradicted else "")
        for answer in item.answers
    )
    turned = " (counts reversed)" if item.reversed else ""
    counts = {"yes": item.counts, "no": "no", "unknown": "open"}[item.holds]
    return Item(text=f"{item.text}{turned}", counts=counts, cells=item.cells, because=because)

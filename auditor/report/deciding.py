"""What a decision adds to the report on a terminal: contradictions, every framework side by side, what is still open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from auditor.frameworks.evaluation import Evaluation, FlipModel
from auditor.report.model import Report
from auditor.report.plain import plain

LEANINGS = {"for": "green", "against": "red", "hold": "yellow", "unknown": "magenta", "none": ""}
SETS = 1
"""Sets of answers that are shown for a framework; the record has more."""
ASKED = 12
"""Open questions that are listed, those on which most verdicts hang first."""


def decision_parts(report: Report) -> Iterator[RenderableType]:
    """The parts of a decision that no audit has; nothing for an audit."""
    if not report.answers:
        return
    yield from _section("Declared, but measured otherwise", _contradictions(report))
    yield _frameworks(report)
    yield from _section("The fewest answers that would change what is settled", _changes(report))
    yield from _section("Warnings", _warnings(report))
    yield from _section("Where the sources disagree", _disagreements(report))
    yield from _section(_open_title(report), _open(report))


def _section(title: str, lines: Iterable[Text]) -> Iterator[RenderableType]:
    body = [Padding(line, (0, 0, 0, 2)) for line in lines]
    if body:
        yield Padding(Group(Text(title, "bold"), *body), (1, 0, 0, 0))


def _contradictions(report: Report) -> Iterator[Text]:
    for answer in report.answers:
        if answer.contradicted:
            yield Text.assemble((plain(answer.text), "bold"), f"\n{plain(answer.contradicted)}")


def _frameworks(report: Report) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, title_justify="left", title_style="bold")
    table.title = "What each framework says"
    table.add_column("framework", max_width=22)
    table.add_column("source", no_wrap=True)
    table.add_column("open", justify="right")
    table.add_column("verdict")
    for one in report.frameworks:
        source = one.source.partition(",")[0]
        style = LEANINGS[one.leaning]
        table.add_row(
            Text(plain(one.title)),
            Text(plain(source)),
            str(len(one.unknown)),
            Text(plain(verdict_of(one)), style),
        )
    return Padding(table, (1, 0, 0, 0))


def verdict_of(one: Evaluation) -> str:
    """The verdict with its scores; while it is open only how many are still possible."""
    if len(one.possible) > 1:
        return f"{one.verdict}: {len(one.possible)} verdicts are still possible"
    scores = "; ".join(
        f"{score.name} {score.value:.3g}" + (f" of {score.of}" if score.of else "") for score in one.scores
    )
    return f"{one.verdict} ({scores})" if scores else one.verdict


def _changes(report: Report) -> Iterator[Text]:
    for one in report.frameworks:
        for flip in one.flips[:SETS] if len(one.possible) == 1 else ():
            yield Text.assemble((f"{plain(one.title)}: ", "bold"), plain(change_of(flip)))


def change_of(flip: FlipModel) -> str:
    """What would bring another verdict, in words."""
    told = " and ".join(f"{change.question} = {change.to}" for change in flip.sets[0])
    more = f" (one of {flip.in_all:,} sets of {flip.size})" if flip.in_all > 1 else ""
    return f"“{flip.verdict.says}” with {told}{more}"


def _warnings(report: Report) -> Iterator[Text]:
    for text in dict.fromkeys(warning for one in report.frameworks for warning in one.warnings):
        yield Text("- " + plain(text))


def _disagreements(report: Report) -> Iterator[Text]:
    for one in report.disagreements:
        if one.here != "disagree":
            continue
        sides = "\n".join(
            f"{side.source}: {side.says}" + (f"{_stop(side.says)} Here: {side.here}" if side.here else "")
            for side in one.sides
        )
        yield Text.assemble((plain(one.topic), "bold"), *(f"\n{plain(line)}" for line in sides.splitlines()))
    others = sum(one.here != "disagree" for one in report.disagreements)
    if others:
        yield Text(
            f"{others} further matters make no difference here, or cannot be told yet: --format md lists them",
            "dim",
        )


def _stop(said: str) -> str:
    """What ends a sentence that nothing ends yet."""
    return "" if said.endswith((".", "?", "!")) else "."


def _open_title(report: Report) -> str:
    left = sum(answer.state == "unknown" for answer in report.answers)
    return f"Open: {left} of {len(report.answers)} questions" + (
        f", of which {ASKED} matter most" if left > ASKED else ""
    )


def _open(report: Report) -> Iterator[Text]:
    """Open questions by the number of frameworks that wait for them."""
    waiting = Counter(name for one in report.frameworks for name in one.unknown)
    texts = {answer.id: answer.text for answer in report.answers if answer.state == "unknown"}
    for name, _ in sorted(((name, waiting[name]) for name in texts), key=lambda pair: -pair[1])[:ASKED]:
        yield Text.assemble((plain(name), "bold"), f"  {plain(texts[name])}")

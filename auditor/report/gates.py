"""A gate on a terminal: its question, its verdict, and the limits that shut it with what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from auditor.report.model import GateModel, RulingModel
from auditor.report.plain import plain
from auditor.wording import bounds
from checks.measures import Kind

STYLES = {"PASS": "green", "WARN": "yellow", "UNKNOWN": "magenta", "BLOCK": "bold red"}
Kinds = Mapping[tuple[str, str], Kind]
"""Check and measure -> what kind of number it is."""
ORDER = {verdict: rank for rank, verdict in enumerate(STYLES)}


def gate_part(gate: GateModel, kinds: Kinds) -> RenderableType:
    """Question and verdict, then what shut it: the worst limit of each measure in full, its others on a line."""
    asked = Text.assemble((plain(gate.id), "bold"), f"  {plain(gate.question)}")
    if gate.reason:
        asked.append(f"  [{plain(gate.reason)}]", "dim")
    head = Table.grid(padding=(0, 1))
    head.add_column(width=7)
    head.add_row(Text(gate.verdict, STYLES[gate.verdict]), asked)
    table = Table.grid(padding=(0, 1))
    table.add_column(width=9)
    table.add_column()
    failing = sorted(
        (ruling for ruling in gate.rulings if ruling.verdict != "PASS"), key=lambda r: -ORDER[r.verdict]
    )
    for rulings in alike(failing or _main(gate.rulings)):
        first = rulings[0]
        table.add_row(Text("  " + first.verdict, STYLES[first.verdict]), _ruling(rulings, kinds))
    passed = len(gate.rulings) - len(failing)
    if failing and passed:
        table.add_row("", Text(f"{passed} other limit{'s' * (passed > 1)} kept", "dim"))
    return Padding(Group(head, table), (1, 0, 0, 0))


def alike(rulings: Iterable[RulingModel]) -> list[list[RulingModel]]:
    """Rulings that are told together: on the same measure, or without a number for the same reason."""
    groups: dict[tuple[str, str], list[RulingModel]] = {}
    for ruling in rulings:
        same = (ruling.check, ruling.measure) if ruling.value is not None else ("", ruling.why)
        groups.setdefault(same, []).append(ruling)
    return list(groups.values())


def _main(rulings: tuple[RulingModel, ...]) -> list[RulingModel]:
    """Of a gate that is open: the limits that could have shut it."""
    return [ruling for ruling in rulings if ruling.limit.level != "warn"] or list(rulings[:1])


def _ruling(rulings: list[RulingModel], kinds: Kinds) -> Text:
    first, *others = rulings
    names = ", ".join(dict.fromkeys(ruling.measure for ruling in rulings))
    why = first.why.removeprefix(f"{names} ")
    text = Text.assemble(
        (names, "bold"), " " if first.value is not None or why != first.why else ": ", plain(why)
    )
    if first.verdict == "PASS":
        return text
    text.append(f"\n{plain(_source(first))}", "dim")
    if first.fix:
        text.append(f"\n-> {plain(first.fix)}", "italic")
    for other in others if first.value is not None else ():
        if not _weaker(other, first):
            wanted = bounds(other.limit.at_least, other.limit.at_most, kinds[other.check, other.measure])
            text.append(f"\nalso {other.verdict}: wanted {wanted}, {plain(_source(other))}", "dim")
    return text


def _weaker(ruling: RulingModel, than: RulingModel) -> bool:
    """Whether whoever meets the other limit meets this one, too."""
    least, most = ruling.limit.at_least, ruling.limit.at_most
    more, less = than.limit.at_least, than.limit.at_most
    return (least is None or (more is not None and least <= more)) and (
        most is None or (less is not None and most >= less)
    )


def _source(ruling: RulingModel) -> str:
    """Where the number is from and, if it was worked out, how."""
    return ": ".join(said for said in (ruling.cite, ruling.limit.resolved_from) if said)

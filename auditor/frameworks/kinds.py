"""The kinds of rules a framework can have, each turned into clauses. A new kind is one function and one line of KINDS."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from auditor.errors import PolicyError, suggest
from auditor.frameworks.rules import Clause, Condition, Item, Tally, Verdict
from auditor.frameworks.shapes import BandTable, FrameworkTable, NodeTable, VerdictTable


@dataclass(frozen=True, slots=True)
class Source:
    """A framework while it is read."""

    table: FrameworkTable
    items: tuple[Item, ...]
    where: str

    def members(self, group: str) -> dict[int, float]:
        """The items of a group, each counting one; all of them where no group is named.

        Raises:
            PolicyError: no item is of that group.
        """
        groups = {item.table.group for item in self.items}
        if group and group not in groups:
            message = (
                f"{self.where}: no item is of group {group!r}{suggest(group, groups - {''}, 'groups are')}"
            )
            raise PolicyError(message)
        return {
            number: 1.0 for number, item in enumerate(self.items) if item.table.group == group or not group
        }


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of framework needs to be written down, and what it becomes."""

    needs: tuple[str, ...]
    allows: tuple[str, ...]
    clauses: Callable[[Source], tuple[Clause, ...]]
    tallies: Callable[[Source], tuple[Tally, ...]]
    means: str
    """The rule in a sentence, for `auditor explain`."""


def _verdict(table: VerdictTable | BandTable | NodeTable) -> Verdict:
    return Verdict(table.says, table.leaning)


def _threshold(source: Source, wanted: int) -> tuple[Clause, ...]:
    condition = Condition(weights=source.members(source.table.of), at_least=wanted)
    return Clause(_verdict(source.table.met), (condition,)), Clause(_verdict(source.table.missed))


def _all(source: Source) -> tuple[Clause, ...]:
    return _threshold(source, len(source.members(source.table.of)))


def _at_least(source: Source) -> tuple[Clause, ...]:
    wanted, most = source.table.at_least or 0, len(source.members(source.table.of))
    if not 1 <= wanted <= most:
        message = (
            f"{source.where}: at-least is {wanted}; there are {most} items, so it must lie in 1 to {most}"
        )
        raise PolicyError(message)
    return _threshold(source, wanted)


def _any(source: Source) -> tuple[Clause, ...]:
    return _threshold(source, 1)


def _counted(source: Source) -> tuple[Tally, ...]:
    return (Tally(name=source.table.of or "items", weights=source.members(source.table.of)),)


def _margin(source: Source) -> dict[int, float]:
    """What the items of one group add and those of the other take away."""
    plus, minus = source.members(source.table.plus), source.members(source.table.minus)
    return plus | dict.fromkeys(minus, -1.0)


def _bands(source: Source, divisor: float) -> tuple[Clause, ...]:
    if source.table.plus == source.table.minus:
        message = f"{source.where}: plus and minus are the same group, {source.table.plus!r}"
        raise PolicyError(message)
    *bounded, last = source.table.band
    if any(band.at_least is None and band.more_than is None for band in bounded) or (
        last.at_least is not None or last.more_than is not None
    ):
        message = (
            f"{source.where}: every band but the last needs at-least or more-than, and the last has neither"
        )
        raise PolicyError(message)
    margin = _margin(source)
    tested = (
        Clause(
            _verdict(band),
            (Condition(weights=margin, divisor=divisor, at_least=band.at_least, more_than=band.more_than),),
        )
        for band in bounded
    )
    return (*tested, Clause(_verdict(last)))


def _score(source: Source) -> tuple[Clause, ...]:
    return _bands(source, len(_margin(source)))


def _difference(source: Source) -> tuple[Clause, ...]:
    return _bands(source, 1)


def _sides(source: Source) -> tuple[Tally, ...]:
    return tuple(
        Tally(name=group, weights=source.members(group)) for group in (source.table.plus, source.table.minus)
    )


def _scored(source: Source) -> tuple[Tally, ...]:
    margin = _margin(source)
    return (*_sides(source), Tally(name="score", weights=margin, divisor=len(margin)))


def _subtracted(source: Source) -> tuple[Tally, ...]:
    return (*_sides(source), Tally(name="difference", weights=_margin(source)))


def _tree(source: Source) -> tuple[Clause, ...]:
    """Every path that leaves the tree; the verdict of a node is reached where all nodes before it hold and it does not."""
    passed: list[Condition] = []
    clauses: list[Clause] = []
    for number, node in enumerate(source.table.node, 1):
        members = source.members(node.of)
        bounds = (node.at_least, node.more_than, node.at_most, node.less_than)
        if node.all == any(bound is not None for bound in bounds):
            message = f"{source.where}, node {number}: write all = true, or a bound such as at-least"
            raise PolicyError(message)
        condition = Condition(
            weights=members, at_least=len(members) if node.all else node.at_least, more_than=node.more_than,
            at_most=node.at_most, less_than=node.less_than,
        )  # fmt: skip
        clauses += [Clause(_verdict(node), (*passed, one)) for one in _opposites(condition)]
        passed.append(condition)
    return (*clauses, Clause(_verdict(source.table.end)))


def _opposites(condition: Condition) -> tuple[Condition, ...]:
    """Conditions of which one holds exactly where the given one does not."""
    return tuple(
        Condition(weights=condition.weights, divisor=condition.divisor, **{key: bound})
        for key, bound in (
            ("less_than", condition.at_least),
            ("at_most", condition.more_than),
            ("more_than", condition.at_most),
            ("at_least", condition.less_than),
        )
        if bound is not None
    )


def _forks(source: Source) -> tuple[Tally, ...]:
    groups = dict.fromkeys(node.of for node in source.table.node)
    return tuple(Tally(name=group or "items", weights=source.members(group)) for group in groups)


def _matrix(source: Source) -> tuple[Clause, ...]:
    """The columns with the highest sum of what the rows that apply say; several where they share it."""
    sums = [_column(source, number) for number in range(len(source.table.column))]
    clauses = []
    for size in range(1, len(sums) + 1):
        for leading in combinations(range(len(sums)), size):
            first = leading[0]
            conditions = [
                Condition(
                    weights={row: sums[first][row] - sums[other][row] for row in sums[first]},
                    **({"at_least": 0, "at_most": 0} if other in leading else {"more_than": 0}),
                )
                for other in range(len(sums))
                if other != first
            ]
            clauses.append(Clause(_leaders(source, leading), tuple(conditions)))
    return (*clauses[:-1], Clause(clauses[-1].verdict))


def _leaders(source: Source, leading: Sequence[int]) -> Verdict:
    columns = [source.table.column[number] for number in leading]
    leanings = {column.leaning for column in columns}
    return Verdict(
        " and ".join(column.name for column in columns), leanings.pop() if len(leanings) == 1 else "hold"
    )


def _column(source: Source, column: int) -> dict[int, float]:
    """What each row adds to a column.

    Raises:
        PolicyError: a row has too few cells, or a word that is worth nothing.
    """
    worth, width = source.table.worth, len(source.table.column)
    for number, item in enumerate(source.items, 1):
        if len(item.table.cells) != width:
            message = f"{source.where}, item {number}: needs {width} cells, one for each column"
            raise PolicyError(message)
        if unknown := [cell for cell in item.table.cells if cell not in worth]:
            message = f"{source.where}, item {number}: cell {unknown[0]!r} is not in [worth]{suggest(unknown[0], worth)}"
            raise PolicyError(message)
    return {number: worth[item.table.cells[column]] for number, item in enumerate(source.items)}


def _columns(source: Source) -> tuple[Tally, ...]:
    return tuple(
        Tally(name=column.name, weights=_column(source, number))
        for number, column in enumerate(source.table.column)
    )


def _nothing(_source: Source) -> tuple[()]:
    return ()


KINDS: Mapping[str, Kind] = {
    "all": Kind(
        ("met", "missed"), ("of",), _all, _counted,
        "Met where every item counts (with `of` every one of that group).",
    ),
    "at-least": Kind(
        ("met", "missed", "at-least"), ("of",), _at_least, _counted, "Met where so many items count."
    ),
    "any": Kind(("met", "missed"), ("of",), _any, _counted, "Met where one item counts."),
    "score": Kind(
        ("plus", "minus", "band"), (), _score, _scored,
        "Items of the group `plus` that count, less those of `minus`, divided by the items of both; the first band "
        "the score lies in decides.",
    ),
    "difference": Kind(
        ("plus", "minus", "band"), (), _difference, _subtracted,
        "Items of the group `plus` that count, less those of `minus`; the first band the difference lies in decides.",
    ),
    "tree": Kind(
        ("node", "end"), (), _tree, _forks,
        "Nodes in order: the first whose group does not keep to its bound decides, `end` where all do.",
    ),
    "matrix": Kind(
        ("column", "worth"), (), _matrix, _columns,
        "Items are rows: each that counts adds to every column what its cell is worth; the highest sum decides.",
    ),
    "choice": Kind(
        ("asks", "choice"), ("columns",), _nothing, _nothing, "What follows from the words that a question was answered by."
    ),
}  # fmt: skip
COMMON = (
    "title",
    "source",
    "kind",
    "place",
    "about",
    "include",
    "replaces",
    "notes",
    "table",
    "question",
    "item",
)
"""Keys that every kind may have."""

"""Evidence as the page shows it: the user's rows with their places and texts, other tables as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os.path import commonprefix

from auditor.report.cells import FILE, Row, facts, place, places, shown
from auditor.report.html.diffs import Run, merged
from auditor.report.html.words import is_number, spaced
from auditor.report.model import EvidenceModel

INLINE = 1_000
"""Rows of the user's data on the page; more make it slow to open, and nobody reads them there."""
FIRST = 20
"""Rows that every table gets, if it has them, before the more important ones get theirs."""
QUIET = 100
"""Rows at most of a table that no limit was missed for."""
TABLE = 150
"""Rows shown of a table about something else, such as classes or labelers."""
FEW = 12
"""Different words of a column that is worth a filter, at most."""
FILTERS = 3
LONG = 16
"""Characters of a folder that is named once for all rows."""


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column."""

    name: str
    number: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table as it stands."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What a text says, under its name."""

    name: str
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One row of the user's data, or two beside each other."""

    places: tuple[str, ...]
    facts: tuple[str, ...]
    """What was found, in words."""
    quotes: tuple[Quote, ...]
    fix: str
    keys: str
    """For each filter the number of the word it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A column by whose words the rows can be chosen, and how often each occurs."""

    name: str
    words: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Rows of the user's data."""

    items: tuple[Item, ...]
    filters: tuple[Filter, ...]
    sides: tuple[str, str] | None
    """What the words of pairs stand in that only one of both has; None where no such words are marked."""
    folder: str
    """Where all files are, if that would be long to repeat; left out of their places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """One table of evidence: of the user's rows, or of something else."""

    title: str
    rows: int
    inline: int
    """Rows that are on the page."""
    file: str | None
    listing: Listing | None
    grid: Grid | None


def is_placed(evidence: EvidenceModel) -> bool:
    """Whether its rows are places in the user's files."""
    return bool(evidence.head) and FILE in evidence.head[0]


def room(tables: Sequence[tuple[EvidenceModel, bool]]) -> list[int]:
    """How many rows of each table stand on the page, given in the order of their importance, and whether it is urgent."""
    fair = min(FIRST, INLINE // max(len(tables), 1))
    first = [min(fair, len(one.head)) for one, _ in tables]
    left = INLINE - sum(first)
    given = []
    for (one, urgent), least in zip(tables, first, strict=True):
        more = min((len(one.head) if urgent else min(QUIET, len(one.head))) - least, left)
        left -= more
        given.append(least + more)
    return given


def exhibit(evidence: EvidenceModel, inline: int) -> Exhibit:
    """A table as the page shows it, with at most so many rows of the user's data."""
    placed = is_placed(evidence)
    head = evidence.head[: inline if placed else TABLE]
    return Exhibit(
        title=evidence.title,
        rows=evidence.rows,
        inline=len(head),
        file=evidence.file,
        listing=_listing(head, evidence.excerpts) if placed else None,
        grid=None if placed else grid(head),
    )


def grid(rows: Sequence[Row]) -> Grid:
    """Rows with the same columns; numbers are told by what stands in them."""
    names = list(rows[0]) if rows else []
    numbers = [any(is_number(row[name]) for row in rows) for name in names]
    return Grid(
        columns=tuple(Column(spaced(name), number) for name, number in zip(names, numbers, strict=True)),
        rows=tuple(tuple(shown(row[name]) for name in names) for row in rows),
    )


def _listing(rows: Sequence[Row], excerpts: tuple[str, ...]) -> Listing:
    filters = tuple(_filters(rows, excerpts))
    numbers = [{word: str(i) for i, (word, _) in enumerate(one.words)} for one in filters]
    sides, folder = _sides(rows, excerpts), _folder(rows)
    made = []
    for row in rows:
        keys = " ".join(known[shown(row[one.name])] for one, known in zip(filters, numbers, strict=True))
        made.append(_item(row, excerpts, sides, keys=keys, folder=folder))
    marked = any(run.side != "both" for item in made for quote in item.quotes for run in quote.runs)
    return Listing(items=tuple(made), filters=filters, sides=sides if marked else None, folder=folder)


def _folder(rows: Sequence[Row]) -> str:
    """The folder that all places have in common, with its stroke, if it is long."""
    files = [str(row[f"{prefix}{FILE}"]) for row in rows for prefix in places(row) if row[f"{prefix}{FILE}"]]
    folder, stroke, _ = commonprefix(files).rpartition("/")  # noqa: RUF071  by characters, then cut at a stroke
    return folder + stroke if len(folder) >= LONG else ""


def _filters(rows: Sequence[Row], excerpts: tuple[str, ...]) -> Iterator[Filter]:
    """The first columns of few words that occur several times."""
    found = 0
    for name in rows[0] if rows else ():
        if name in excerpts or name.endswith(FILE) or name == "fix":
            continue
        values = [row[name] for row in rows]
        if not all(value is None or isinstance(value, str | bool) for value in values):
            continue
        counts: dict[str, int] = {}
        for value in map(shown, values):
            counts[value] = counts.get(value, 0) + 1
        if 1 < len(counts) <= min(FEW, len(rows) - 1) and found < FILTERS:
            found += 1
            yield Filter(name=name, words=tuple(counts.items()))


def _sides(rows: Sequence[Row], excerpts: tuple[str, ...]) -> tuple[str, str] | None:
    """Names of the two texts of pairs: the split of the row and the prefix of the columns of the other."""
    if len(excerpts) != 2 or not any(row.get(name) for row in rows for name in excerpts):
        return None
    own = {str(row["split"]) for row in rows if row.get("split")}
    first = own.pop() if len(own) == 1 else ""
    other = next((p for p in places(rows[0]) if p and any(name.startswith(p) for name in excerpts)), "")
    one, two = (spaced(name) for name in excerpts)
    second = spaced(other.removesuffix("_"))
    return (f"{first} row" if first and other else one, f"{second} row" if other else two)


def _item(
    row: Row, excerpts: tuple[str, ...], sides: tuple[str, str] | None, *, keys: str, folder: str
) -> Item:
    return Item(
        places=tuple(place(row, prefix)[len(folder) :] for prefix in places(row) if row[f"{prefix}{FILE}"]),
        facts=tuple(facts(row, excerpts)),
        quotes=tuple(_quotes(row, excerpts, sides)),
        fix=str(row.get("fix") or ""),
        keys=keys,
    )


def _quotes(row: Row, excerpts: tuple[str, ...], sides: tuple[str, str] | None) -> Iterator[Quote]:
    """One text, two as one with what differs marked, or two that have little in common below each other."""
    texts = [(name, str(row[name])) for name in excerpts if row.get(name)]
    if sides is not None and len(texts) == 2:
        one, two = texts[0][1], texts[1][1]
        if one == two:
            yield Quote(name="both", runs=(Run("both", one),))
            return
        if (runs := merged(one, two)) is not None:
            yield Quote(name="", runs=runs)
            return
        for side, (_, text) in zip(sides, texts, strict=True):
            yield Quote(name=side, runs=(Run("both", text),))
        return
    for name, text in texts:
        yield Quote(name=spaced(name) if len(excerpts) > 1 else "", runs=(Run("both", text),))

"""Evidence on a terminal: tables as tables, rows by their place with what was measured and what they say."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from auditor.report.cells import Row, facts, place, places, shown
from auditor.report.differences import word_differences
from auditor.report.model import EvidenceModel
from auditor.report.plain import plain

ROWS = 3
"""Rows of the user's data shown per table; the rest is in the saved report."""
LINES = 6
"""Lines shown of tables about something else, such as classes or labelers."""
ROOM = 78
"""Characters beside the indent of a table on a narrow terminal."""
WIDTH = 150
"""Characters shown of an excerpt: two lines of a narrow terminal."""
BEFORE = 8
"""Words shown before the first one that differs."""

Words = list[tuple[str, bool]]


def evidence_table(evidence: EvidenceModel) -> RenderableType:
    """The first rows under their title, which says how many there are."""
    placed = "file" in evidence.head[0]
    rows = evidence.head[: ROWS if placed else LINES]
    more = f" ({evidence.rows:,} rows, the first {len(rows)})" if evidence.rows > len(rows) else ""
    head = Text.assemble((plain(evidence.title), "bold"), (more, "dim"))
    if placed:
        return Group(head, *(_row(row, evidence.excerpts) for row in rows))
    return Group(head, _grid(rows))


def _grid(rows: Sequence[Row]) -> RenderableType:
    """A table of the first columns that fit without a number being cut; the others are named below."""
    names, width = list[str](), 0
    for name in rows[0]:
        width += _narrowest([name, *(shown(row[name]) for row in rows)])
        if names and width > ROOM:
            break
        names.append(name)
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for name in names:
        table.add_column(Text(plain(name)), justify="left" if isinstance(rows[0][name], str) else "right")
    for row in rows:
        table.add_row(*(Text(plain(shown(row[name]))) for name in names))
    left = ", ".join(list(rows[0])[len(names) :])
    more = [Text(f"and for each of them {plain(left)}", "dim")] if left else []
    return Padding(Group(table, *more), (0, 0, 0, 2))


def _narrowest(cells: Sequence[str]) -> int:
    """Characters that a column takes at least: its longest word, and the space behind it."""
    return 2 + max(len(word) for cell in cells for word in plain(cell).split() or [""])


def _row(row: Row, excerpts: tuple[str, ...]) -> RenderableType:
    """Where the row stands, what was found on it, what its texts say, and what to do about it."""
    where = " ~ ".join(place(row, prefix) for prefix in places(row))
    line = Padding(
        Text(plain(where), "cyan").append("  " + plain(", ".join(facts(row, excerpts))), "default"),
        (0, 0, 0, 2),
    )
    fix = [Padding(Text(f"-> {plain(row['fix'])}", "italic"), (0, 0, 0, 4))] if row.get("fix") else []
    return Group(line, *_quoted([str(row[name]) for name in excerpts if row.get(name)]), *fix)


def _quoted(texts: list[str]) -> list[RenderableType]:
    """One excerpt, or two with the words that differ in brackets; equal ones are shown once."""
    if len(texts) < 2 or texts[0] == texts[1]:
        same = " (both)" if len(texts) > 1 else ""
        return [_words([(word, False) for word in text.split()], same) for text in texts[:1]]
    return [_words(words) for words in _window(*word_differences(*texts))]


def _window(left: Words, right: Words) -> tuple[Words, Words]:
    """Both texts from shortly before the first word that differs."""
    first = next((i for i, (_, differs) in enumerate(left) if differs), len(left))
    other = next((i for i, (_, differs) in enumerate(right) if differs), len(right))
    skipped = max(0, min(first, other) - BEFORE)
    start = [("…", False)] if skipped else []
    return start + left[skipped:], start + right[skipped:]


def _words(words: Words, after: str = "") -> RenderableType:
    text, different = Text(), False
    for i, (word, differs) in enumerate(words):
        ends = not differs or i + 1 == len(words) or not words[i + 1][1]
        text.append(" " if i else "")
        text.append(
            ("[" if differs and not different else "") + plain(word) + ("]" if differs and ends else ""),
            "bold" if differs else "dim",
        )
        different = differs and not ends
        if len(text) > WIDTH:
            text.truncate(WIDTH, overflow="ellipsis")
            break
    text.append(after, "italic")
    return Padding(text, (0, 0, 0, 4))

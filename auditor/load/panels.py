"""Panels: tables with columns for each labeler, told by their names and by what stands in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, takewhile
from typing import Any

from auditor.load.arrays import as_text, is_scalar

JUDGEMENT = "judgement"
"""Role of the columns that hold what one labeler said."""
ALIKE = 0.05
"""Share of the pairs of judgements of one item that must agree for columns to hold judgements.

Tool default: people who judge the same thing agree far more often than that even on hard questions (pairs of the
eight labelers of ConvAbuse do in four of five cases), while the two names, times or comments of an item never do."""
FEW = 5
"""Judgements that a distinct value must stand for, on average, where no item has two: classes come back, names of
items and free texts do not."""
ONE = 0.95
"""Share of the judgements with exactly one level set from which levels are one question with one answer."""
LOOKED_AT = 1_000
"""Judged records that are looked at; at a share of 5 % that is known to within 1.4 points (95 %)."""
YES, NO = frozenset({"1", "1.0", "true", "True", "TRUE"}), frozenset({"0", "0.0", "false", "False", "FALSE"})
"""What a cell of a level may hold besides nothing."""

_WHO = (
    "annotator", "anno", "ann", "labeler", "labeller", "rater", "coder", "crowdworker", "worker", "judge", "reviewer",
    "grader", "evaluator", "assessor", "expert", "tagger",
)  # fmt: skip
_SAID = (
    "label", "labels", "rating", "score", "judgement", "judgment", "annotation", "vote", "answer", "class", "category",
)  # fmt: skip
_BESIDES = frozenset({
    "id", "ids", "name", "names", "email", "mail", "country", "language", "lang", "gender", "sex", "age", "education",
    "time", "timestamp", "date", "duration", "seconds", "comment", "comments", "note", "notes", "reason", "rationale",
    "explanation", "confidence", "certainty", "count", "number", "total", "group", "type", "batch", "agreement",
})  # fmt: skip
"""What columns tell of labelers besides their judgements."""
_CRITERIA = frozenset({
    "score", "scores", "stars", "rating", "ratings", "valid", "seen", "done", "status", "flag", "model", "quality",
    "accuracy", "fluency", "adequacy", "relevance", "coherence", "helpfulness", "correctness", "safety", "style", "tone",
    "level", "experience",
})  # fmt: skip
"""What a judge or reviewer judges by: judge_fluency is nobody's name, while ann1_tone is what somebody said of the tone."""
_COLUMN = re.compile(
    rf"(?:(?P<before>{'|'.join(_SAID)})[ _.-]?(?:(?:by|of|from)[ _.-])?)?"
    rf"(?:(?P<who>(?:{'|'.join(_WHO)})(?:[ _#-]?\d+|(?-i:[A-Z])|[ _-][a-z]))(?:[ _.:-]+(?P<rest>.+))?"
    rf"|(?P<name>(?:{'|'.join(_WHO)})[ _-][^\W\d_]{{2,}}))",
    re.IGNORECASE,
)
"""label_annotator_1, Annotator1_is_abuse.0, coder_b, judge_anna; what stands behind a name would be a part of it."""
_LEVEL = re.compile(r"(.*)[.=:/](.+)")

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """A column of one labeler."""

    column: str
    labeler: str
    level: str | None = None
    """The label that a 1 in this column stands for; None: the column holds the label."""

    @property
    def role(self) -> str:
        """The role that the column fills."""
        return f"{JUDGEMENT}:{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """The columns of all labelers for one question."""

    aspect: str
    """What the question is called; empty if there is but one and it has no name."""
    cells: tuple[Cell, ...]
    others: tuple[str, ...] = ()
    """Patterns of columns with other questions, as `--map` takes them."""
    zeros: bool = False
    """Who sets no level did not judge: the file has zeros where others have blanks."""

    @property
    def labelers(self) -> dict[str, list[Cell]]:
        """Columns by labeler."""
        found: dict[str, list[Cell]] = {}
        for cell in self.cells:
            found.setdefault(cell.labeler, []).append(cell)
        return found

    @property
    def pattern(self) -> str:
        """A pattern of its columns, as `--map` takes it."""
        first = self.cells[0]
        before, _, after = first.column.partition(first.labeler)
        alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*self.labelers, strict=False))
        column = f"{before}{''.join(letters[0] for letters in alike)}*{after}"
        return column if first.level is None else column[: -len(first.level)] + "*"

    @property
    def one_hot(self) -> bool:
        """Whether each level has a column of its own."""
        return self.cells[0].level is not None


def told(sample: Sequence[Record], columns: Iterable[str]) -> Panel | None:
    """The panel that a file has by its names and values; None if it has none.

    Of several questions the first that is one of many levels is read, else the one whose columns have no name besides
    the labeler's or are called labels, else the first.
    """
    plain, levels = _named(columns)
    if not plain and not levels:
        return None
    records = list(islice(_judged(sample, [*plain.values(), *levels.values()]), LOOKED_AT))
    hot = [panel for aspect, cells in levels.items() if (panel := _one_hot(aspect, cells, records))]
    said = [Panel(aspect=aspect, cells=cells) for aspect, cells in plain.items() if _alike(cells, records)]
    if len(said) > 1 and not hot and (together := _one_hot("", _together(said), records)):
        return together
    said.sort(key=lambda panel: panel.aspect.lower() not in ("", *_SAID))
    found = [*hot, *said]
    if not found:
        return None
    return replace(found[0], others=tuple(panel.pattern for panel in found[1:]))


def mapped(patterns: Sequence[str], columns: Sequence[str], sample: Sequence[Record]) -> Panel | None:
    """The panel of the columns that the user names.

    A pattern may hold `*` for any text. The first one is the labeler, whose name is the column up to its end; a second
    one is the level of columns that hold 1 and 0. A column without a `*` is a labeler's own.
    """
    cells: dict[str, Cell] = {}
    for pattern in patterns:
        for column, match in matching(pattern, columns):
            stars = match.re.groups
            level = match[2] if stars > 1 else None
            cells.setdefault(column, Cell(column, column[: match.end(1)] if stars else column, level))
    if not cells:
        return None
    often = Counter(cell.labeler for cell in cells.values() if cell.level is None)
    alone = (
        Cell(c.column, c.column) if often[c.labeler] > 1 and c.level is None else c for c in cells.values()
    )
    panel = Panel(aspect=", ".join(patterns), cells=tuple(alone))
    return Panel(
        aspect=panel.aspect, cells=panel.cells, zeros=panel.one_hot and not _has_blanks(panel, sample)
    )


def matching(pattern: str, columns: Iterable[str]) -> Iterator[tuple[str, re.Match[str]]]:
    """The columns that a pattern means: the one of this name, but for case, or those that its `*` fit."""
    columns = list(columns)
    exact = [column for column in columns if column.lower() == pattern.lower()]
    parts = [re.escape(part) for part in ([pattern] if exact else pattern.split("*", 2))]
    known = re.compile("(.*?)".join(part.replace(r"\*", ".*?") for part in parts), re.IGNORECASE)
    for column in exact[:1] or columns:
        if match := known.fullmatch(column):
            yield column, match


def _named(columns: Iterable[str]) -> tuple[dict[str, tuple[Cell, ...]], dict[str, tuple[Cell, ...]]]:
    """Question -> columns of two labelers or more that hold a label, and those that hold one level."""
    plain: dict[str, dict[str, Cell]] = {}
    levels: dict[str, dict[tuple[str, str], Cell]] = {}
    for column in columns:
        match = _COLUMN.fullmatch(column)
        if match is None:
            continue
        who, rest = match["who"] or match["name"], match["rest"] or ""
        last = re.split(r"[\W_]+", (rest or who).lower())[-1]
        if last in _BESIDES or (not rest and last in _CRITERIA):
            continue
        if split := _LEVEL.fullmatch(rest):
            levels.setdefault(split[1], {}).setdefault((who, split[2]), Cell(column, who, split[2]))
        else:
            plain.setdefault(rest or match["before"] or "", {}).setdefault(who, Cell(column, who))
    return (
        {aspect: tuple(cells.values()) for aspect, cells in plain.items() if len(cells) > 1},
        {
            aspect: tuple(cells.values())
            for aspect, cells in levels.items()
            if all(len({pair[place] for pair in cells}) > 1 for place in (0, 1))
        },
    )


def _judged(sample: Sequence[Record], cells: Iterable[tuple[Cell, ...]]) -> Iterator[dict[str, str]]:
    """Column -> what stands in it, of records in which anything does."""
    columns = [cell.column for group in cells for cell in group]
    for record in sample:
        if found := {column: text for column in columns if (text := _text(record.get(column)))}:
            yield found


def _text(value: Any) -> str | None:  # noqa: ANN401  any value of a record
    text = as_text(value) if is_scalar(value) else None
    return text if text and not text.isspace() else None


def _alike(cells: tuple[Cell, ...], records: Sequence[Mapping[str, str]]) -> bool:
    """Whether columns hold judgements of the same question: labelers agree now and then, or share few values."""
    pairs = agreeing = filled = 0
    values: dict[str, set[str]] = {}
    for record in records:
        given = [(cell.column, record[cell.column]) for cell in cells if cell.column in record]
        for column, text in given:
            values.setdefault(text, set()).add(column)
        filled += len(given)
        pairs += len(given) * (len(given) - 1) // 2
        agreeing += sum(n * (n - 1) // 2 for n in Counter(text for _, text in given).values())
    if pairs:
        return agreeing >= max(1, ALIKE * pairs)
    return filled >= FEW * len(values) > 0 and any(len(columns) > 1 for columns in values.values())


def _together(panels: Sequence[Panel]) -> tuple[Cell, ...]:
    """Columns of several questions as the levels of one."""
    return tuple(Cell(cell.column, cell.labeler, panel.aspect) for panel in panels for cell in panel.cells)


def _one_hot(aspect: str, cells: tuple[Cell, ...], records: Sequence[Mapping[str, str]]) -> Panel | None:
    """The panel of such levels, if whoever judges sets exactly one of them."""
    panel = Panel(aspect=aspect, cells=cells)
    zeros, groups = not _has_blanks(panel, records), panel.labelers.values()
    ones: Counter[int] = Counter()
    odd = 0
    for record in records:
        for own in groups:
            given = [record[cell.column] for cell in own if cell.column in record]
            if given and all(text in YES or text in NO for text in given):
                ones[sum(text in YES for text in given)] += 1
            elif given:
                odd += 1
    judged = ones.total() - (ones[0] if zeros else 0)
    if not ones[1] or ones[1] < ONE * judged or odd > ones.total():
        return None
    return replace(panel, zeros=zeros)


def _has_blanks(panel: Panel, records: Sequence[Record]) -> bool:
    """Whether some labeler has nothing but blanks in a record that others judged."""
    groups = [[cell.column for cell in own] for own in panel.labelers.values()]
    filled = ([any(_text(record.get(column)) for column in own) for own in groups] for record in records)
    return any(any(own) and not all(own) for own in filled)

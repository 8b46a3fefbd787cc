"""What a framework concluded: the part of the report that outputs show."""

from __future__ import annotations

from typing import Literal

import msgspec

from auditor.frameworks.shapes import Leaning
from checks.measures import Basis


class AnswerModel(msgspec.Struct, frozen=True, kw_only=True):
    """How a question stands on which an item depends."""

    question: str
    text: str
    wanted: Literal["yes", "no"]
    """The answer that lets the item count."""
    state: Literal["yes", "no", "unknown"]
    basis: Basis | None
    why: str
    contradicted: str


class ItemModel(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a framework."""

    text: str
    group: str
    weight: str
    holds: Literal["yes", "no", "unknown"]
    """Whether it counts."""
    counts: Literal["for", "against", "-"]
    """What it speaks for as things stand."""
    reversed: bool
    """A yes keeps it from counting, although the source adds it up; `note` says why."""
    carried: bool
    """The verdict rests on it."""
    note: str
    cells: tuple[str, ...]
    answers: tuple[AnswerModel, ...]


class ScoreModel(msgspec.Struct, frozen=True, kw_only=True):
    """A number the framework goes by; open answers leave it between `low` and `high`."""

    name: str
    value: float
    """Of the items that are known to count."""
    low: float
    high: float
    of: int | None
    """How many items it counts; null where it is not a count."""


class VerdictModel(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict the framework can come to."""

    says: str
    leaning: Leaning


class ChangeModel(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that would be another one."""

    question: str
    text: str
    was: Literal["yes", "no", "unknown"]
    to: Literal["yes", "no"]


class FlipModel(msgspec.Struct, frozen=True, kw_only=True):
    """The fewest answers or measurements that would bring another verdict; found by going through all ways to answer."""

    verdict: VerdictModel
    size: int
    in_all: int
    """How many sets of that size there are; `sets` holds the first, those that only answer open questions before others."""
    sets: tuple[tuple[ChangeModel, ...], ...]


class ReferenceModel(msgspec.Struct, frozen=True, kw_only=True):
    """A table of the source, or what follows from the words that were chosen."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """A framework and its verdict."""

    id: str
    title: str
    source: str
    kind: str
    about: str
    verdict: str
    """In the framework's own words, with what to do where it says so; UNKNOWN where open answers decide."""
    leaning: Leaning
    """That of the verdict; where it is unknown that of all verdicts that are possible, if it is the same."""
    possible: tuple[VerdictModel, ...]
    """What the open answers still allow: one verdict where it is settled."""
    scores: tuple[ScoreModel, ...]
    columns: tuple[str, ...]
    """Headings of the items' cells."""
    items: tuple[ItemModel, ...]
    carried: tuple[str, ...]
    """Questions the verdict rests on: those in some set of answers that suffices for it and can spare none."""
    unknown: tuple[str, ...]
    """Questions that nobody and nothing has answered."""
    flips: tuple[FlipModel, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    tables: tuple[ReferenceModel, ...]


class SideModel(msgspec.Struct, frozen=True, kw_only=True):
    """What one source says to a matter on which sources disagree."""

    source: str
    says: str
    follows: str
    """What follows from it."""
    here: str
    """What it comes to with these answers and measurements, behind the question that tells it; empty where none does."""


class DisagreementModel(msgspec.Struct, frozen=True, kw_only=True):
    """A matter on which sources disagree."""

    topic: str
    sides: tuple[SideModel, ...]
    tool: str
    """What this tool does about it."""
    here: Literal["agree", "disagree", "unknown", "-"]
    """Whether the sides come to the same with these answers; - where that cannot be computed."""

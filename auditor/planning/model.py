"""A plan: what `auditor plan` prints, and saves as JSON."""

from __future__ import annotations

from typing import Literal

import msgspec

from auditor.report.plain import visible_json

SCHEMA = 1
Number = int | float
"""Counts stay whole numbers on the way to disk and back."""
Level = Literal["minimum", "recommended", "good"]
LEVELS: tuple[Level, ...] = ("minimum", "recommended", "good")


class Amount(msgspec.Struct, frozen=True, kw_only=True):
    """A number that is known roughly: with 95 % at least `low` and at most `high`, which is null where nothing bounds it."""

    low: Number
    expected: Number
    high: Number | None

    def __add__(self, other: Amount) -> Amount:
        """The sum of two needs; its ends are sums of ends, so that it is rather too wide."""
        high = None if self.high is None or other.high is None else self.high + other.high
        return Amount(low=self.low + other.low, expected=self.expected + other.expected, high=high)


NONE = Amount(low=0, expected=0, high=0)


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """What it takes to have as many usable rows as somebody asks for."""

    level: Level
    group: str | None
    """A class; null for all rows."""
    need: int
    have: int
    of: int
    """Labelled rows that `have` is left of."""
    short: int
    waiting: int
    """Rows to label that are there already, without a label and each with a text of its own."""
    new: Amount
    """Rows to find besides, before copies and leaks are taken out."""
    label: Amount
    """Rows to label: both; where nothing is labelled yet, only what is no copy and leaks nothing."""
    at_random: Amount | None
    """Of a class: rows like these to label before so many of the class are among them."""
    usable_share: float | None
    """Usable rows for each labelled one that the numbers rest on; null where nothing was labelled."""
    money: Amount
    days: Amount
    cite: str


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do."""

    id: str
    what: str
    count: Amount | None
    """How many from today; of several steps for eval rows, or for labelled rows, the later ones hold the earlier. Null
    where it cannot be told."""
    unit: str
    have: int | None
    need: int | None
    money: Amount | None
    """Null where no price is known for it."""
    days: Amount | None
    """Of one labeler."""
    cite: str
    why: str
    how: str = ""


class Supplier(msgspec.Struct, frozen=True, kw_only=True):
    """What a source or a labeler gives for the money."""

    by: Literal["source", "labeler"]
    group: str
    usable: float
    """Usable rows, right or wrong."""
    of: int
    """Labelled rows."""
    wrong_share: float | None
    wrong_interval: tuple[float, float] | None
    judged: int | None
    """Labels that the share of wrong ones rests on."""
    usable_share: float
    usable_interval: tuple[float, float]
    price: Amount
    per_100: Amount
    """Usable and right rows for 100 of the currency; null above where the label costs nothing."""
    standing: Literal["best", "as good as the best", "behind"]
    """The best is told from the others by its interval."""


class Unknown(msgspec.Struct, frozen=True, kw_only=True):
    """What cannot be told, and what would settle it."""

    what: str
    settle: str


class Besides(msgspec.Struct, frozen=True, kw_only=True):
    """A limit of a required gate that is not kept and that no step is about."""

    gate: str
    measure: str
    verdict: str
    why: str
    fix: str


class UsedPrice(msgspec.Struct, frozen=True, kw_only=True):
    """A price that the plan reckons with."""

    name: str
    value: Amount
    origin: str


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was audited."""

    role: str
    path: str
    sha256: str | None
    rows: int


class Todo(msgspec.Struct, frozen=True, kw_only=True):
    """What a report keeps of the plan for its data."""

    headline: str
    currency: str
    steps: tuple[Step, ...]
    """In the order in which to do them."""
    besides: tuple[Besides, ...]
    unknown: tuple[Unknown, ...]
    prices: tuple[UsedPrice, ...]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to do next."""

    schema: int
    headline: str
    inputs: tuple[Read, ...]
    task: str | None
    stage: str
    policy: str
    stance: str
    currency: str
    targets: tuple[Target, ...]
    steps: tuple[Step, ...]
    """In the order in which to do them."""
    suppliers: tuple[Supplier, ...]
    unknown: tuple[Unknown, ...]
    besides: tuple[Besides, ...]
    prices: tuple[UsedPrice, ...]
    sources: dict[str, str]
    notes: tuple[str, ...]

    def to_json(self) -> bytes:
        """The plan as indented JSON."""
        return (
            visible_json(msgspec.json.format(msgspec.json.encode(self), indent=2).decode()).encode() + b"\n"
        )

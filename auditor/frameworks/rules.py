"""What every framework is boiled down to: items that count or not, and verdicts that follow from sums of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from auditor.frameworks.shapes import ItemTable, Leaning


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a framework says in the end, in its own words."""

    says: str
    leaning: Leaning


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of a framework, which counts where every one of its questions is answered as wanted."""

    table: ItemTable
    wanted: Mapping[str, bool]
    """Question -> the answer that lets the item count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A sum over the items that count, held against bounds; with a divisor the quotient is."""

    weights: Mapping[int, float]
    """Number of the item -> what it adds where it counts."""
    divisor: float = 1
    at_least: float | None = None
    more_than: float | None = None
    at_most: float | None = None
    less_than: float | None = None


@dataclass(frozen=True, slots=True)
class Clause:
    """A verdict and what has to hold for it. Of several clauses the first that holds decides; the last always does."""

    verdict: Verdict
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """A number that the framework shows: a sum over the items that count."""

    name: str
    weights: Mapping[int, float]
    divisor: float = 1

"""What a plan is made from: what was measured, what is demanded, and what things cost."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from auditor.gates import Gate, Limit
from auditor.planning.model import Amount
from auditor.prices import Prices
from auditor.report.model import MeasureModel, Report
from auditor.tables import Level
from checks.measures import Range

LABEL, PER_DAY = "label", "rows-per-labeler-day"
"""Prices that a plan reckons with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """An audit, the policy behind it, and prices."""

    report: Report
    gates: tuple[Gate, ...]
    stance: str
    prices: Prices

    def measures(self, check: str, name: str) -> tuple[MeasureModel, ...]:
        """The measures of that name, of all groups."""
        found = self.report.outcomes.get(check)
        return tuple(one for one in found.measures if one.name == name) if found is not None else ()

    def measure(self, check: str, name: str) -> MeasureModel | None:
        """The measure of the whole; None where it was not measured."""
        return next((one for one in self.measures(check, name) if one.group is None), None)

    def value(self, check: str, name: str) -> float | None:
        """Its value."""
        found = self.measure(check, name)
        return None if found is None else found.value

    def count(self, check: str, name: str) -> int:
        """Its value as a whole number; 0 where it was not measured."""
        return int(self.value(check, name) or 0)

    def why_not(self, check: str) -> str:
        """Why a check has no result, or what it noted."""
        found = self.report.outcomes.get(check)
        if found is None:
            return "it was not measured"
        return found.not_run.why if found.not_run is not None else "; ".join(found.notes[:1])

    def limits(self, check: str, name: str) -> tuple[Limit, ...]:
        """What the policy demands of a measure, whatever gate it belongs to."""
        return tuple(
            limit
            for gate in self.gates
            for limit in gate.limits
            if (limit.check, limit.measure) == (check, name) and not limit.unstated
        )

    def demand(self, check: str, name: str, level: Level) -> tuple[float, str] | None:
        """The number that a measure must reach at that level, and who says so."""
        for limit in self.limits(check, name):
            if limit.level == level and limit.at_least is not None:
                return limit.at_least.value, cited(limit)
        return None

    @property
    def labels_per_row(self) -> float:
        """Judgements that a labelled row got so far."""
        return self.value("yields", "labels_per_row") or 1.0

    def money(self, rows: Amount, *, labels: float = 1.0) -> Amount:
        """What it costs to label so many rows, each so many times."""
        return times(rows, self.prices.values[LABEL], labels)

    def days(self, rows: Amount, *, labels: float = 1.0) -> Amount:
        """How many days that takes one labeler."""
        pace = self.prices.values[PER_DAY]
        return times(rows, Range(1 / pace.high, 1 / pace.expected, 1 / pace.low), labels)


def times(rows: Amount, each: Range, factor: float) -> Amount:
    """So many times a price that is known roughly, too."""
    return Amount(
        low=rows.low * each.low * factor,
        expected=rows.expected * each.expected * factor,
        high=None if rows.high is None else rows.high * each.high * factor,
    )


def cited(limit: Limit) -> str:
    """Where a number is from and, if it was worked out, how."""
    bound = limit.at_least or limit.at_most
    return ": ".join(said for said in (limit.cite, bound.resolved_from if bound else None) if said)


def whole(count: float) -> Amount:
    """A number that is known."""
    rounded = float(ceil(count))
    return Amount(low=rounded, expected=rounded, high=rounded)


@dataclass(frozen=True, slots=True)
class Wrong:
    """The share of labels that is expected to be wrong, with its 95 % interval, and by what."""

    share: float
    low: float
    high: float
    by: str


def wrong_share(at: Situation) -> Wrong | None:
    """Of the labels of new rows; None where nothing tells.

    A review says it of the labels that stand in the file; where most rows were judged by several, so do these; else
    what is known of single judgements.
    """
    majority, compared = (
        at.measure("agreement", "majority_noise_rate"),
        at.measure("agreement", "compared_items"),
    )
    if compared is None or 2 * (compared.value or 0) <= (compared.of or 0):
        majority = None
    rungs = (
        (at.measure("noise", "reviewed_noise_rate"), ""),
        (majority, "the items that several labelers judged"),
        (at.measure("noise", "noise_rate"), ""),
    )
    for found, by in rungs:
        if found is not None and found.value is not None:
            low, high = found.interval or (found.value, found.value)
            return Wrong(found.value, low or 0.0, found.value if high is None else high, by or found.by)
    return None

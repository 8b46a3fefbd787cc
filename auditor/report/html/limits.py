"""Limits of a measure as lines beside its values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.report.html.words import short_source
from auditor.report.model import MeasureModel, Report, RulingModel
from auditor.wording import bounds
from checks.measures import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A limit: the number, on which side the values should lie, and who says so."""

    value: float
    least: bool
    text: str
    """For the chart."""
    cite: str
    """In full, for the caption."""
    level: str

    def keeps(self, value: float) -> bool:
        """Whether a value is on the right side."""
        return value >= self.value if self.least else value <= self.value


def look(value: float, bars: Sequence[Bar], kept: str, ends: Sequence[float] = ()) -> str:
    """How a value is drawn: as `kept`, or as one that misses a limit, worse where that would shut a gate.

    Of an estimate both ends must miss it: what lies astride a limit is not known to.
    """
    missed = {bar.level for bar in bars if not any(map(bar.keeps, (value, *ends)))}
    return "bad" if missed - {"warn"} else "poor" if missed else kept


def measured(report: Report, check: str, name: str) -> tuple[MeasureModel, ...]:
    """What a check measured under a name: one number, or one for each group."""
    outcome = report.outcomes.get(check)
    return () if outcome is None else tuple(one for one in outcome.measures if one.name == name)


def limits(report: Report, check: str, measure: str, unit: Kind) -> tuple[Bar, ...]:
    """What was demanded of a measure, each number once; nothing where the measure is counted in another unit."""
    if not measure or any(one.kind != unit for one in measured(report, check, measure)):
        return ()
    gates = sorted(report.gates, key=lambda gate: not gate.required)
    found: dict[tuple[bool, float], Bar] = {}
    for ruling in (
        one for gate in gates for one in gate.rulings if (one.check, one.measure) == (check, measure)
    ):
        for bar in _bars(ruling, unit):
            found.setdefault((bar.least, bar.value), bar)
    return tuple(sorted(found.values(), key=lambda bar: bar.value))


def _bars(ruling: RulingModel, unit: Kind) -> tuple[Bar, ...]:
    limit = ruling.limit
    cite = f"{ruling.cite} ({limit.resolved_from})" if limit.resolved_from else ruling.cite
    sides = ((limit.at_least, True), (limit.at_most, False))
    return tuple(
        Bar(
            value=float(number),
            least=least,
            text=f"{bounds(number if least else None, None if least else number, unit)} ({short_source(ruling.cite)})",
            cite=cite,
            level=limit.level,
        )
        for number, least in sides
        if number is not None
    )

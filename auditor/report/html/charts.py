"""A table of evidence as a picture: which one, its table says itself; its limits are those of the measure it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from auditor.report.cells import shown
from auditor.report.html import columns, rows
from auditor.report.html.limits import Bar, limits, measured
from auditor.report.html.marks import Drawing
from auditor.report.html.rows import Row
from auditor.report.html.words import spaced
from auditor.report.model import EvidenceModel, Report
from auditor.report.plain import plain
from auditor.wording import number
from checks.measures import Chart, Picture

IN_ROWS = 14
"""Bars that are drawn below each other, each with its name; more stand beside each other."""
NAMELESS = "(left out)"
"""Name of a bar whose label is redacted."""
MOST = 60
"""Bars that are drawn; of more the first, and the rest is told in words."""
MOST_ROWS = 20
"""The same of what stands below each other."""


_MOST: Mapping[Picture, int] = {"bars": MOST, "stack": MOST_ROWS, "ranges": MOST_ROWS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A chart and all that is said with it."""

    title: str
    drawing: Drawing
    described: str
    """What somebody learns who cannot see it."""
    series: tuple[str, ...]
    """Names of what stands side by side, if there are several."""
    bars: tuple[Bar, ...]
    more: str
    """What is not drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What every kind of picture is made from."""

    chart: Chart
    rows: tuple[Row, ...]
    bars: tuple[Bar, ...]
    band: tuple[float, float] | None
    """Interval of the measure."""
    labels: tuple[float, ...]
    """Places along the axis, where labels are numbers."""


def figure(report: Report, check: str, evidence: EvidenceModel) -> Figure | None:
    """The picture of a table; None where it has none, or nothing in it."""
    chart = evidence.chart
    made = None if chart is None else _drawn(report, check, evidence, chart)
    if chart is None or made is None:
        return None
    left = evidence.rows - len(made.rows)
    return Figure(
        title=evidence.title,
        drawing=_PICTURES[chart.picture](made),
        described=_described(made),
        series=tuple(spaced(name) for name in chart.values) if len(chart.values) > 1 else (),
        bars=made.bars,
        more=f"{left:,} more are not drawn; the table goes on with them." if left > 0 else "",
    )


def _drawn(report: Report, check: str, evidence: EvidenceModel, chart: Chart) -> Drawn | None:
    wanted = {chart.label, *chart.values, *(chart.interval or ())}
    if not evidence.head or not wanted <= set(evidence.head[0]):
        return None
    head = evidence.head[: _MOST.get(chart.picture)]
    low, high = chart.interval or ("", "")
    made = tuple(
        Row(
            name=plain(shown(row[chart.label])) or NAMELESS,
            values=tuple(float(row[name] or 0) for name in chart.values),
            low=_number(row.get(low)),
            high=_number(row.get(high)),
        )
        for row in head
        if any(row[name] is not None for name in chart.values)
    )
    labels = tuple(float(row[chart.label]) for row in head) if chart.picture in ("histogram", "curve") else ()
    if not made or len(labels) not in (0, len(made)):
        return None
    return Drawn(
        chart=chart,
        rows=made,
        bars=limits(report, check, chart.measure, chart.unit),
        band=_band(report, check, chart) if chart.picture == "curve" else None,
        labels=labels,
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _band(report: Report, check: str, chart: Chart) -> tuple[float, float] | None:
    for one in measured(report, check, chart.measure):
        low, high = one.interval or (None, None)
        if one.group is None and one.kind == chart.unit and low is not None and high is not None:
            return float(low), float(high)
    return None


def _described(made: Drawn) -> str:
    """How many values there are, between what they lie, and what is demanded of them."""
    chart = made.chart
    values = [value for row in made.rows for value in row.values]
    lowest, highest = (number(end, chart.unit) for end in (min(values), max(values)))
    first, last = made.rows[0].name, made.rows[-1].name
    said = [
        f"{spaced(chart.picture)} of {len(made.rows)} values, {first} to {last}, from {lowest} to {highest}."
    ]
    said += [f"Limit: {bar.text}." for bar in made.bars]
    if made.band:
        said.append(
            f"95 % interval: {number(made.band[0], chart.unit)} to {number(made.band[1], chart.unit)}."
        )
    if chart.at is not None:
        said.append(f"{chart.at_says}.")
    told = " ".join(said)
    return told[:1].upper() + told[1:]


def _waterfall(made: Drawn) -> Drawing:
    return rows.waterfall(made.rows, made.chart.unit, made.bars, spaced(made.chart.measure) or "left")


def _bars(made: Drawn) -> Drawing:
    if len(made.rows) <= IN_ROWS:
        return rows.lengths(made.rows, made.chart.unit, made.bars, whole=made.chart.unit == "share")
    return columns.columns([row.name for row in made.rows], _series(made), made.chart.unit, made.bars)


def _series(made: Drawn) -> Sequence[Sequence[float]]:
    return list(zip(*(row.values for row in made.rows), strict=True))


def _stack(made: Drawn) -> Drawing:
    return rows.stack(made.rows, made.chart.unit, [spaced(name) for name in made.chart.values])


def _ranges(made: Drawn) -> Drawing:
    return rows.ranges(made.rows, made.chart.unit, made.bars)


def _histogram(made: Drawn) -> Drawing:
    chart = made.chart
    return columns.histogram(made.labels, _series(made), chart.unit, along=chart.along, mark=_at(chart))


def _curve(made: Drawn) -> Drawing:
    points = [(x, row.values[0]) for x, row in zip(made.labels, made.rows, strict=True)]
    chart = made.chart
    return columns.curve(
        points,
        chart.unit,
        made.bars,
        along=chart.along,
        band=_said(made),
        mark=_at(chart),
        places=chart.places,
    )


def _said(made: Drawn) -> tuple[tuple[float, float], str] | None:
    """The interval of the measure, and what it is."""
    if made.band is None:
        return None
    low, high = (number(end, made.chart.unit) for end in made.band)
    return made.band, f"{spaced(made.chart.measure)}: {low} to {high} (95 %)"


def _at(chart: Chart) -> tuple[float, str] | None:
    return None if chart.at is None else (chart.at, chart.at_says)


_PICTURES: Mapping[Picture, Callable[[Drawn], Drawing]] = {
    "waterfall": _waterfall,
    "bars": _bars,
    "stack": _stack,
    "ranges": _ranges,
    "histogram": _histogram,
    "curve": _curve,
}

"""Charts whose values stand beside each other along an axis: many bars, counts by size, curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.report.html.limits import Bar, look
from auditor.report.html.marks import (
    Box,
    Dot,
    Drawing,
    Line,
    Rule,
    Scale,
    Text,
    beside,
    inside,
    joined,
    scale,
    ticks,
)
from auditor.report.html.words import cut
from auditor.wording import number
from checks.measures import Kind

TOP = 24
"""Pixels above the plot, for the names of lines."""
PLOT = 168
"""Pixels of the plot."""
BELOW = 34
"""Pixels below it: the axis and what it is."""
NAME = 24
"""Characters of a name at an end of the axis."""
LABELS = 7
"""Numbers along the axis, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A place along the axis to point out."""

    x: float
    text: str


def columns(
    names: Sequence[str], series: Sequence[Sequence[float]], unit: Kind, bars: Sequence[Bar]
) -> Drawing:
    """A column for each name, those of several series side by side; the first and the last one are named."""
    over = scale([*(value for one in series for value in one), *(bar.value for bar in bars)], zero=True)
    wide = 1 / max(len(names), 1)
    gap = 0.24 * wide
    thick = (wide - gap) / len(series)
    boxes = tuple(
        _column(over, x=i * wide + gap / 2 + j * thick, width=thick, value=value,
                look=look(value, bars, f"s{j}"),
                title=f"{name}: {number(value, unit)}")
        for j, one in enumerate(series)
        for i, (name, value) in enumerate(zip(names, one, strict=True))
    )  # fmt: skip
    ends = [Text(x=0, y=TOP + PLOT + 16, text=cut(names[0], NAME), look="axis")]
    if len(names) > 1:
        ends.append(Text(x=1, y=TOP + PLOT + 16, text=cut(names[-1], NAME), look="axis", anchor="end"))
    return joined(_grid(over, unit), Drawing(height=0, boxes=boxes, texts=tuple(ends)), _limits(over, bars))


def histogram(
    edges: Sequence[float],
    series: Sequence[Sequence[float]],
    unit: Kind,
    *,
    along: str,
    mark: tuple[float, str] | None,
) -> Drawing:
    """Counts from each edge to the next; the last ones hold all that is larger."""
    over = scale([value for one in series for value in one], zero=True)
    wide = 1 / len(edges)
    thick = wide * 0.92 / len(series)
    boxes = tuple(
        _column(over, x=i * wide + wide * 0.04 + j * thick, width=thick, value=value, look=f"s{j}",
                title=f"{_from(edges, i)} {along}: {number(value, unit)}")
        for j, one in enumerate(series)
        for i, value in enumerate(one)
    )  # fmt: skip
    step = -(-len(edges) // LABELS)
    texts = [
        Text(
            x=i * wide,
            y=TOP + PLOT + 15,
            text=f"{edges[i]:,.0f}",
            look="axis",
            anchor="middle" if i else "start",
        )
        for i in range(0, len(edges), step)
    ]
    texts.append(Text(x=0.5, y=TOP + PLOT + 31, text=along, look="axis", anchor="middle"))
    at = _mark(Mark(x=_place(edges, mark[0]) * wide, text=mark[1])) if mark else Drawing(height=0)
    return joined(_grid(over, unit), Drawing(height=0, boxes=boxes, texts=tuple(texts)), at)


def curve(
    points: Sequence[tuple[float, float]], unit: Kind, bars: Sequence[Bar], *, along: str,
    band: tuple[tuple[float, float], str] | None, mark: tuple[float, str] | None, places: Kind,
) -> Drawing:  # fmt: skip
    """A line through points, with limits and an interval across."""
    over = scale(
        [y for _, y in points] + [bar.value for bar in bars] + list(band[0] if band else ()), zero=True
    )
    across = scale([x for x, _ in points] + ([mark[0]] if mark else []), zero=True)
    line = Line(y=TOP, height=PLOT, points=tuple((across(x), over(y)) for x, y in points))
    texts = [
        Text(x=across(t), y=TOP + PLOT + 15, text=number(t, places), look="axis", anchor=inside(across(t)))
        for t in ticks(across, 4)
    ]
    texts.append(Text(x=0.5, y=TOP + PLOT + 31, text=along, look="axis", anchor="middle"))
    shade: tuple[Box, ...] = ()
    if band:
        low, high = (_y(over, end) for end in band[0])
        shade = (Box(x=0, y=high, width=1, height=max(low - high, 2), look="band"),)
        texts.append(Text(x=0.5, y=high - 4, text=band[1], look="band halo", anchor="middle"))
    parts = [
        Drawing(height=0, boxes=shade),
        _grid(over, unit),
        Drawing(height=0, lines=(line,), texts=tuple(texts)),
    ]
    if mark:
        parts.append(_mark(Mark(x=across(mark[0]), text=mark[1])))
        near = min(points, key=lambda point: abs(point[0] - mark[0]))
        if near[0] == mark[0]:
            dot = Dot(
                x=across(near[0]), y=_y(over, near[1]), look="s0", title=f"{mark[1]}: {number(near[1], unit)}"
            )
            parts.append(Drawing(height=0, dots=(dot,)))
    return joined(*parts, _limits(over, bars))


def _y(over: Scale, value: float) -> float:
    return TOP + PLOT * (1 - over(value))


def _column(over: Scale, *, x: float, width: float, value: float, look: str, title: str) -> Box:
    y = _y(over, value)
    return Box(x=x, y=y, width=width, height=max(TOP + PLOT - y, 0), look=look, title=title)


def _grid(over: Scale, unit: Kind) -> Drawing:
    at = ticks(over)
    return Drawing(
        height=TOP + PLOT + BELOW,
        rules=tuple(
            Rule(x1=0, y1=_y(over, t), x2=1, y2=_y(over, t), look="grid" if t else "base") for t in at
        ),
        texts=tuple(Text(x=0, y=_y(over, t) - 3, text=number(t, unit), look="axis halo") for t in at if t),
    )


def _limits(over: Scale, bars: Sequence[Bar]) -> Drawing:
    """Each limit as a line across, named above it at its end."""
    return Drawing(
        height=0,
        rules=tuple(Rule(x1=0, y1=_y(over, b.value), x2=1, y2=_y(over, b.value), look="limit") for b in bars),
        texts=tuple(
            Text(x=1, y=_y(over, bar.value) - 4, text=bar.text, look="limit", plate=True) for bar in bars
        ),
    )


def _mark(mark: Mark) -> Drawing:
    at, anchor = beside(mark.x, mark.text)
    top = TOP - 12 if at == mark.x else TOP - 4
    return Drawing(
        height=0,
        rules=(Rule(x1=mark.x, y1=top, x2=mark.x, y2=TOP + PLOT, look="mark"),),
        texts=(Text(x=at, y=TOP - 8, text=f"\u2002{mark.text}\u2002", look="mark", anchor=anchor),),
    )


def _place(edges: Sequence[float], value: float) -> float:
    """Where a number lies among edges that are drawn at equal distances, in bins."""
    below = max((i for i, edge in enumerate(edges) if edge <= value), default=0)
    if below + 1 == len(edges):
        return float(len(edges)) if value > edges[-1] else float(below)
    return below + (value - edges[below]) / (edges[below + 1] - edges[below])


def _from(edges: Sequence[float], i: int) -> str:
    return f"{edges[i]:,.0f} to {edges[i + 1]:,.0f}" if i + 1 < len(edges) else f"{edges[i]:,.0f} and more"

"""Charts whose values lie in rows below each other: changes, lengths, parts of a length, ranges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.report.html.limits import Bar, look
from auditor.report.html.marks import (
    Box,
    Dot,
    Drawing,
    Rule,
    Scale,
    Text,
    beside,
    inside,
    joined,
    scale,
    spans,
    ticks,
)
from auditor.report.html.words import cut
from auditor.wording import number
from checks.measures import Kind

HEIGHT = 38
"""Pixels of a row: a line of words and the bar below it."""
THICK = 8
NAME = 38
"""Characters of a name; a narrow screen has room for so many beside the number."""
MINUS = "\u2212"
LINE = 17
"""Pixels of a line that names a limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A name and what is drawn for it."""

    name: str
    values: tuple[float, ...]
    low: float | None = None
    high: float | None = None


def waterfall(rows: Sequence[Row], unit: Kind, bars: Sequence[Bar], total: str) -> Drawing:
    """What is there, what is taken away step by step, and what is left."""
    left, spans = 0.0, list[tuple[str, float, float, str, str]]()
    for i, row in enumerate(rows):
        change = row.values[0]
        kind = "fill" if i == 0 else "less" if change < 0 else "more"
        said = (
            number(change, unit) if i == 0 else f"{MINUS if change < 0 else '+'}{number(abs(change), unit)}"
        )
        spans.append((row.name, left, left + change, kind, "0" if i and not change else said))
        left += change
    spans.append((total, 0.0, left, look(left, bars, "fill"), number(left, unit)))
    over = scale([end for _, *ends, _, _ in spans for end in ends] + [bar.value for bar in bars], zero=True)
    top = _top(bars)
    drawn = [
        joined(
            _row(top, i, name, said, strong=i == len(spans) - 1),
            Drawing(height=0, boxes=(_box(over, top, i, (start, end), kind, f"{name}: {said}"),)),
        )
        for i, (name, start, end, kind, said) in enumerate(spans)
    ]
    return _whole(drawn, over, bars, len(spans))


def lengths(rows: Sequence[Row], unit: Kind, bars: Sequence[Bar], *, whole: bool) -> Drawing:
    """A bar for each value; `whole` draws shares on the way to all."""
    values = [value for row in rows for value in row.values] + [bar.value for bar in bars]
    over = Scale(0.0, 1.0) if whole and max(values, default=1.0) <= 1 else scale(values, zero=True)
    top, drawn = _top(bars), []
    for i, row in enumerate(rows):
        said = " · ".join(number(value, unit) for value in row.values)
        looks = [look(value, bars, f"s{j}") for j, value in enumerate(row.values)]
        thick = THICK / len(row.values)
        boxes = [
            Box(
                x=over(0.0),
                y=top + i * HEIGHT + 20 + j * (thick + 1),
                width=over(value) - over(0.0),
                height=thick,
                look=looks[j],
                title=f"{row.name}: {number(value, unit)}",
            )
            for j, value in enumerate(row.values)
        ]
        drawn.append(
            joined(
                _row(top, i, row.name, said, strong=_missed(*looks)), Drawing(height=0, boxes=tuple(boxes))
            )
        )
    return _whole(drawn, over, bars, len(rows))


def stack(rows: Sequence[Row], unit: Kind, names: Sequence[str]) -> Drawing:
    """Parts of a length, one after the other."""
    over = scale([sum(row.values) for row in rows], zero=True)
    drawn = []
    for i, row in enumerate(rows):
        start, boxes = 0.0, []
        for j, value in enumerate(row.values):
            title = f"{row.name}, {names[j]}: {number(value, unit)}"
            if value:
                boxes.append(_box(over, 0, i, (start, start + value), f"s{j}", title))
            start += value
        drawn.append(joined(_row(0, i, row.name, number(start, unit)), Drawing(height=0, boxes=tuple(boxes))))
    return _whole(drawn, over, (), len(rows))


def ranges(rows: Sequence[Row], unit: Kind, bars: Sequence[Bar]) -> Drawing:
    """A point between two ends for each row; an end that is not there is open."""
    ends = [end for row in rows for end in (row.low, row.high, *row.values) if end is not None]
    over, top = scale([*ends, *(bar.value for bar in bars)], zero=False), _top(bars)
    drawn = []
    for i, row in enumerate(rows):
        value = row.values[0]
        low = over.low if row.low is None else row.low
        high = over.high if row.high is None else row.high
        kind = look(value, bars, "s0", (low, high))
        said = f"{number(value, unit)} ({_end(row.low, unit)} to {_end(row.high, unit)})"
        title = f"{row.name}: {said}"
        y = top + i * HEIGHT + 24
        whisker = Box(
            x=over(low), y=y - 1.5, width=over(high) - over(low), height=3, look=f"{kind} pale", title=title
        )
        mark = Drawing(height=0, boxes=(whisker,), dots=(Dot(x=over(value), y=y, look=kind, title=title),))
        drawn.append(joined(_row(top, i, row.name, said, strong=_missed(kind), track=1), mark))
    scaled = _whole(drawn, over, bars, len(rows))
    return joined(scaled, _axis(over, unit, scaled.height))


def _end(value: float | None, unit: Kind) -> str:
    return "open" if value is None else number(value, unit)


def _missed(*looks: str) -> bool:
    """Whether something is drawn as missing a limit: its name stands out, too, so that colour alone does not tell."""
    return bool({"bad", "poor"} & set(looks))


def _top(bars: Sequence[Bar]) -> float:
    return LINE * len(bars) + (6 if bars else 0)


def _row(top: float, i: int, name: str, said: str, *, strong: bool = False, track: float = THICK) -> Drawing:
    """The name, the number, and the track that the bar lies on, so many pixels thick."""
    y = top + i * HEIGHT
    kind = "halo strong" if strong else "halo"
    return Drawing(
        height=0,
        boxes=(Box(x=0, y=y + 20 + (THICK - track) / 2, width=1, height=track, look="track"),),
        texts=(
            Text(x=0, y=y + 14, text=cut(name, NAME), look=kind),
            Text(x=1, y=y + 14, text=said, look=f"{kind} number", anchor="end"),
        ),
    )


def _box(over: Scale, top: float, i: int, ends: tuple[float, float], look: str, title: str) -> Box:
    start, end = sorted(map(over, ends))
    return Box(x=start, y=top + i * HEIGHT + 20, width=end - start, height=THICK, look=look, title=title)


def _whole(drawn: Sequence[Drawing], over: Scale, bars: Sequence[Bar], rows: int) -> Drawing:
    """The rows with the limits over their bars, each named in a line of its own; no limit crosses a name or number."""
    top = _top(bars)
    height = top + rows * HEIGHT
    ends = [beside(over(bar.value), bar.text) for bar in bars]
    rules, texts = [], []
    for i, (bar, (at, anchor)) in enumerate(zip(bars, ends, strict=True)):
        x = over(bar.value)
        y = LINE * (i + 1) - 4
        below = zip(ends[i + 1 :], bars[i + 1 :], strict=True)
        crossed = any(spans(end, other.text, x) for end, other in below)
        start, stop = (y - 9 if at == x else y + 4), (y + 4 if crossed else top)
        tracks = (top + row * HEIGHT + 20 for row in range(rows))
        lines = [(start, stop), *((track - 3, track + THICK + 3) for track in tracks)]
        rules += [Rule(x1=x, y1=y1, x2=x, y2=y2, look="limit") for y1, y2 in lines if y1 < y2]
        text = bar.text if at != x else f"\u2002{bar.text}" if anchor == "start" else f"{bar.text}\u2002"
        texts.append(Text(x=at, y=y, text=text, look="limit", anchor=anchor))
    return joined(
        Drawing(height=height), *drawn, Drawing(height=height, rules=tuple(rules), texts=tuple(texts))
    )


def _axis(over: Scale, unit: Kind, height: float) -> Drawing:
    """Numbers below, as there is no 0 that lengths could start from."""
    at = ticks(over)
    return Drawing(
        height=height + 16,
        rules=tuple(Rule(x1=over(t), y1=4, x2=over(t), y2=height, look="grid") for t in at),
        texts=tuple(
            Text(x=over(t), y=height + 12, text=number(t, unit), look="axis", anchor=inside(over(t)))
            for t in at
        ),
    )

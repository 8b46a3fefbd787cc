"""What a chart is drawn with: shapes whose places are shares of the width and pixels of the height.

Shares of the width keep letters as large as they are on a narrow screen, where a scaled picture would shrink them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Anchor = Literal["start", "middle", "end"]
NARROW = 320
"""Pixels of a chart on a narrow screen (390 wide), less its margins."""
_LETTER = 7.0
"""Pixels of a letter of this size at most, but for a few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A bar, a track or a band."""

    x: float
    y: float
    width: float
    height: float
    look: str
    """Name of a class of the style sheet, as with all others."""
    title: str = ""
    """What a pointer over it tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    look: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A point."""

    x: float
    y: float
    look: str
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A line of letters."""

    x: float
    y: float
    text: str
    look: str = ""
    anchor: Anchor = "start"
    plate: bool = False
    """Whether it needs a ground of its own, because it lies on what is drawn; its right end is at the place then."""

    @property
    def width(self) -> float:
        """About how wide the ground has to be, in pixels."""
        return _LETTER * len(self.text) + 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A curve through points, in shares of the plot: from its left and from its bottom."""

    y: float
    height: float
    points: tuple[tuple[float, float], ...]

    @property
    def path(self) -> str:
        """The points for SVG, in a square of 1,000 that is stretched over the plot."""
        return " ".join(f"{1000 * x:.1f},{1000 * (1 - y):.1f}" for x, y in self.points)

    @property
    def area(self) -> str:
        """The same, closed along the bottom."""
        first, last = self.points[0][0], self.points[-1][0]
        return f"{1000 * first:.1f},1000 {self.path} {1000 * last:.1f},1000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A chart: what lies below comes first."""

    height: float
    boxes: tuple[Box, ...] = ()
    rules: tuple[Rule, ...] = ()
    lines: tuple[Line, ...] = ()
    dots: tuple[Dot, ...] = ()
    texts: tuple[Text, ...] = ()


def joined(*drawings: Drawing) -> Drawing:
    """Several drawings over each other, as high as the highest."""
    return Drawing(
        height=max(one.height for one in drawings),
        boxes=tuple(box for one in drawings for box in one.boxes),
        rules=tuple(rule for one in drawings for rule in one.rules),
        lines=tuple(line for one in drawings for line in one.lines),
        dots=tuple(dot for one in drawings for dot in one.dots),
        texts=tuple(text for one in drawings for text in one.texts),
    )


def percent(share: float) -> str:
    """A share of the width as SVG takes it."""
    return f"{100 * share:.2f}%"


def beside(share: float, text: str) -> tuple[float, Anchor]:
    """Where letters for a place begin or end so that they stay inside on a narrow screen, too.

    Beside the place, on the side with more room if they fit there or on the other; else at the nearer end.
    """
    wide = _LETTER * (len(text) + 2) / NARROW
    if share + wide <= 1 or share - wide >= 0:
        right = share + wide <= 1 and (share < 0.5 or share - wide < 0)
        return share, "start" if right else "end"
    return (0.0, "start") if share < 0.5 else (1.0, "end")


def spans(end: tuple[float, Anchor], text: str, share: float) -> bool:
    """Whether letters that begin or end at a place lie over another one on a narrow screen."""
    at, anchor = end
    gone = share - at if anchor == "start" else at - share
    return 0 <= gone <= _LETTER * (len(text) + 2) / NARROW


def inside(share: float) -> Anchor:
    """How letters are centred on a place, but for the ends."""
    return "start" if share < 0.04 else "end" if share > 0.96 else "middle"


@dataclass(frozen=True, slots=True)
class Scale:
    """Numbers along one direction, from `low` at 0 to `high` at 1."""

    low: float
    high: float

    def __call__(self, value: float) -> float:
        """Where a number lies; what lies outside is moved to the end."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


def scale(values: Sequence[float], *, zero: bool) -> Scale:
    """A scale that holds all values, and 0 if it is a length that is drawn."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    room = 0.0 if zero else 0.06 * (high - low)
    return Scale(low - room, high + room) if high > low else Scale(low, low + 1.0)


def ticks(over: Scale, least: int = 3) -> tuple[float, ...]:
    """At least so many round numbers that lie on the scale (1, 2 or 5 times a power of ten apart), if it has so many."""
    step = 10.0 ** len(str(int(over.high - over.low) + 1))
    while True:
        for part in (1.0, 0.5, 0.2):
            gap = step * part
            first, last = -(-over.low // gap), over.high // gap
            if last - first + 1 >= least:
                return tuple(round(n * gap, 12) for n in range(int(first), int(last) + 1))
        step /= 10

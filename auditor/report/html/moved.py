"""What moved between two reports, as a page like that of a report."""

from __future__ import annotations

from collections import Counter

from auditor.comparing import Comparison
from auditor.report.comparison import (
    ABSENT,
    FINDINGS,
    SIGNS,
    direction_of,
    headline_of,
    others_of,
    parts_of,
    places_of,
)
from auditor.report.html.page import ICONS, SAID, digest, environment, own


def render(found: Comparison) -> str:
    """The page, the same for the same comparison; it holds no script but that of the theme, and loads nothing."""
    style, script = own("style.css"), own("script.js")
    return environment().get_template("moved.html").render(
        found=found,
        headline=headline_of(found),
        sentence=f"{_told(found)} {others_of(found)}",
        parts=[*parts_of(found)],
        findings_title=FINDINGS,
        findings=[(one, direction_of(one) if one.new or one.gone else "", [*places_of(one)]) for one in found.findings],
        style=style,
        script=script,
        style_hash=digest(style),
        script_hash=digest(script),
        icons=ICONS,
        said=SAID,
        signs=SIGNS,
        absent=ABSENT,
    )  # fmt: skip


def _told(found: Comparison) -> str:
    """How much moved, and to where."""
    moved: Counter[str] = Counter(one.direction for one in found.changes if one.part != "verdict")
    moved.update(direction_of(one) for one in found.findings if one.new or one.gone)
    told = [f"{moved[direction]:,} {direction}" for direction in SIGNS if moved[direction]]
    return f"{', '.join(told)}." if told else "Nothing changed."

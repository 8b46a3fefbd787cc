"""What moved between two reports, as a page like that of a report."""

from __future__ import annotations

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
        others=others_of(found),
        parts=[(title, changes) for title, changes in parts_of(found) if title != FINDINGS],
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

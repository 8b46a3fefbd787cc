"""The page as a whole: the parts of a report put into a template, with its own style and script and nothing else."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from auditor.report.html.decision import decision
from auditor.report.html.marks import percent
from auditor.report.html.parts import parts
from auditor.report.html.summary import card, sentence, steps, sums, word
from auditor.report.model import Report
from auditor.report.plain import plain
from auditor.report.redaction import masked

if TYPE_CHECKING:
    from jinja2 import Environment, Template

ICONS = {"PASS": "\u2713", "WARN": "!", "UNKNOWN": "?", "BLOCK": "\u2715"}
"""Beside the word, so that a verdict is never told by its colour alone."""
MOST_ABREAST = 5
"""Cards side by side, at most."""
SAID = {"PASS": "Pass", "WARN": "Warning", "UNKNOWN": "Cannot tell", "BLOCK": "Block"}


def render(report: Report, *, redact: bool) -> str:
    """The report as one HTML page, the same for the same report.

    Every text goes through `plain`, so that characters which cannot be seen, or turn the order of letters, are shown by
    their codes, and is escaped by the template. The policy in its head lets nothing be loaded and no other script run.
    """
    found = masked(report) if redact else report
    anchors = {gate.id: f"gate-{number}" for number, gate in enumerate(found.gates, 1)}
    required = [gate for gate in found.gates if gate.required]
    style, script = own("style.css"), own("script.js")
    return _template().render(
        report=found,
        style=style,
        script=script,
        style_hash=digest(style),
        script_hash=digest(script),
        word=word(found),
        sentence=sentence(found),
        cards=[card(found, gate, anchors[gate.id]) for gate in required],
        abreast=_abreast(len(required)),
        optional=[gate for gate in found.gates if not gate.required],
        anchors=anchors,
        steps=steps(found),
        sums=tuple(sums(found)),
        parts=tuple(parts(found, anchors)),
        decision=decision(found),
        icons=ICONS,
        said=SAID,
    )


def _abreast(cards: int) -> int:
    """How many of so many cards stand side by side where there is room, so that the last row is as full as can be."""
    return -(-cards // max(1, -(-cards // MOST_ABREAST)))


@cache
def _template() -> Template:
    return environment().get_template("page.html")


def environment() -> Environment:
    """Templates that escape every text and refuse names that are not there."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("auditor.report.html", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["percent"] = percent
    return made


def _visible(value: Any) -> Any:  # noqa: ANN401  whatever a template puts out
    """Text on one line with nothing hidden in it; markup of our own and numbers as they are."""
    return plain(value) if type(value) is str else value


@cache
def own(name: str) -> Any:  # noqa: ANN401  markup of an optional library
    """A file of the page that is not escaped, because it is ours."""
    from markupsafe import Markup

    return Markup((files("auditor.report.html") / "templates" / name).read_text("utf-8"))  # noqa: S704


def digest(text: str) -> str:
    """What a content security policy calls an inline style or script by."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"

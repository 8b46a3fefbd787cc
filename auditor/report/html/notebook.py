"""The report in a notebook: the page in a frame of its own, where it can neither reach the notebook nor be reached."""

from __future__ import annotations

from html import escape

from auditor.report.html.page import render
from auditor.report.html.summary import sentence, word
from auditor.report.model import Report
from auditor.report.plain import plain

HEIGHT = 640
"""Pixels of the frame."""


def frame(report: Report) -> str:
    """The verdict as a line of text, and the page below it.

    The frame is sandboxed without an origin: the page's own script may run, but has no access to the notebook. Where a
    viewer takes frames out (notebooks that are not trusted, previews), the line remains.
    """
    told = plain(f"{report.verdict}: {word(report)}. {sentence(report)}")
    return (
        f'<p><bdi>{escape(told)}</bdi></p>\n<iframe sandbox="allow-scripts" title="Data readiness report" width="100%" '
        f'height="{HEIGHT}" srcdoc="{escape(render(report, redact=False))}"></iframe>'
    )

"""The report in a notebook: the page in a frame of its own, where it can neither reach the notebook nor be reached."""

from __future__ import annotations

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
    from markupsafe import Markup

    told = f"{report.verdict}: {word(report)}. {sentence(report)}"
    return Markup(
        '<p><bdi>{}</bdi></p>\n<iframe sandbox="allow-scripts" title="Data readiness report" width="100%" height="{}" '
        'srcdoc="{}"></iframe>'
    ).format(plain(told), HEIGHT, render(report, redact=False))

"""The report as JSON, without the user's text where that is wanted."""

from __future__ import annotations

from auditor.report.model import Report
from auditor.report.redaction import redacted


def render(report: Report, *, redact: bool) -> str:
    """Indented JSON that `Report.from_json` reads."""
    return (redacted(report) if redact else report).to_json().decode()

"""The decision record as Markdown: what was decided, on what, said by whom, and what would change it."""

from __future__ import annotations

from auditor.report import sections
from auditor.report.model import Report
from auditor.report.plain import markdown
from auditor.report.terminal import headline


def record(report: Report) -> str:
    """The whole record. The same report gives the same text."""
    parts = (sections.inputs, sections.gates, sections.decision, sections.measured, sections.remarks)
    told = "".join(section.text for part in parts for section in part(report))
    return f"# Decision: {markdown(headline(report).plain)}\n{told}"

"""A report as a section of a dataset card: verdict, gates, limits that were not kept, and the files it holds for.

The section stands between two comments, so that a later one can take its place; it never begins a front matter.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.report import sections
from auditor.report.findings import failing_rulings
from auditor.report.model import Report
from auditor.report.paths import published
from auditor.report.plain import markdown
from auditor.report.redaction import redacted
from auditor.report.terminal import headline

BEGIN, END = "<!-- auditor card: begin -->", "<!-- auditor card: end -->"


def render(report: Report, *, redact: bool) -> str:
    """The section with the comments around it."""
    found, _ = published(redacted(report) if redact else report)
    return "\n".join([BEGIN, "# Data readiness", "", *_told(found), END]) + "\n"


def placed(section: str, card: str) -> str | None:
    """The card with its section replaced; None where it has no pair of comments to put it between."""
    before, begin, rest = card.partition(BEGIN)
    _, end, after = rest.partition(END)
    return f"{before}{section.rstrip()}{after}" if begin and end else None


def _told(report: Report) -> Iterator[str]:
    settings, version = report.settings, report.versions.get("auditor", "")
    ruled = f"policy {settings.get('policy')} ({settings.get('stance')}), {report.stage}, {report.task or 'no task named'}"
    yield f"**{markdown(headline(report).plain)}**"
    yield ""
    yield f"Measured by auditor {markdown(version)}, ruled as {markdown(ruled)}."
    for part in (_gates(report), _limits(report), _files(report)):
        for section in part:
            yield section.text.rstrip()
    yield ""


def _gates(report: Report) -> Iterator[sections.Section]:
    yield from sections.table("Gates", ("verdict", "gate", "question"), (
        (gate.verdict, gate.id, gate.question) for gate in report.gates if gate.required
    ))  # fmt: skip


def _limits(report: Report) -> Iterator[sections.Section]:
    yield from sections.table("Limits that are not kept", ("", "measure", "why", "source"), (
        (one.verdict, f"{one.check}.{one.measure}", one.why, one.cite) for one in failing_rulings(report)
    ))  # fmt: skip


def _files(report: Report) -> Iterator[sections.Section]:
    yield from sections.table("Files", ("role", "file", "records", "sha256"), (
        (one.role, one.path, f"{one.rows:,}", one.sha256 or "unknown") for one in report.inputs
    ))  # fmt: skip

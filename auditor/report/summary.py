"""A report as Markdown that fits a pull request comment: verdict, what to do, each gate, the worst rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from auditor.report import sections
from auditor.report.cells import Row, facts, place, places, shown
from auditor.report.differences import word_differences
from auditor.report.findings import failing_rulings, further_tables, telling_tables
from auditor.report.model import EvidenceModel, Report
from auditor.report.plain import markdown
from auditor.report.redaction import redacted
from auditor.report.sections import Section
from auditor.report.terminal import headline

MARK = "<!-- auditor report -->"
"""First line, which a page does not show."""
MOST = 65_000
"""Characters; GitHub takes 65,536 in a comment and 1 MiB in a step summary, https://github.com/orgs/community/discussions/27190
and https://docs.github.com/actions/reference/workflow-commands-for-github-actions#step-isolation-and-limits."""
ROWS = 10
"""Rows shown of each table of evidence."""


def render(report: Report, *, redact: bool) -> str:
    """The report, without the sections that would make it too long: these are named."""
    found = redacted(report) if redact else report
    head = f"{MARK}\n# {'Decision: ' if report.answers else ''}{markdown(headline(found).plain)}\n"
    return fitted(head, _sections(found), MOST)


def fitted(head: str, found: Iterable[Section], most: int) -> str:
    """Head and sections, in their order, as long as they fit; the others are named at the end."""
    parts, omitted, left = [head], list[str](), most - len(head) - _LEFT_OUT
    for section in found:
        if len(section.text) <= left:
            parts.append(section.text)
            left -= len(section.text)
        else:
            omitted.append(section.title)
    if omitted:
        parts.append(
            f"\nLeft out, since the page would be too long: {_named(omitted)}. The saved report has them.\n"
        )
    return "".join(parts)


_NAMED = 2_000
"""Characters that the names of sections left out may take."""
_LEFT_OUT = _NAMED + 200


def _named(omitted: Sequence[str]) -> str:
    """Titles, as many as there is room for, and how many others there are."""
    told, left = list[str](), _NAMED
    for title in map(markdown, omitted):
        if len(title) + 2 > left:
            break
        told.append(title)
        left -= len(title) + 2
    others = len(omitted) - len(told)
    more = [f"{others} {'more ' * bool(told)}section{'s' * (others > 1)}"] if others else []
    return "; ".join([*told, *more])


def _sections(report: Report) -> Iterator[Section]:
    yield from sections.table("Gates", ("", "gate", "question", ""), (
        (gate.verdict, gate.id, gate.question, "" if gate.required else f"not required {gate.reason}".strip())
        for gate in report.gates
    ))  # fmt: skip
    yield from sections.bullets(
        "What to do", dict.fromkeys(one.fix for one in failing_rulings(report) if one.fix)
    )
    yield from sections.inputs(report)
    yield from sections.gates(report, "BLOCK", "UNKNOWN", "WARN")
    yield from sections.decision(report)
    tables = telling_tables(report)
    for evidence in tables:
        yield from _evidence(evidence)
    yield from sections.bullets("Further tables, which the saved report has", further_tables(report, tables))
    yield from sections.gates(report, "PASS")
    yield from sections.measured(report)
    yield from sections.remarks(report)


def _evidence(evidence: EvidenceModel) -> Iterator[Section]:
    """The first rows of a table."""
    if not evidence.head:
        return
    rows = evidence.head[:ROWS]
    more = f" ({evidence.rows:,} rows, the first {len(rows)})" if evidence.rows > len(rows) else ""
    title = evidence.title + more
    if not places(rows[0]):
        columns = [markdown(name.replace("_", " ")) for name in rows[0]]
        yield from sections.table(title, columns, ([shown(value) for value in row.values()] for row in rows))
        return
    body = (f"| {_where(row)} | {markdown(', '.join(facts(row, evidence.excerpts)))} | {_texts(row, evidence.excerpts)} |"
            for row in rows)  # fmt: skip
    yield Section(title, ("| where | what | text |", "|---|---|---|", *body))


def _where(row: Row) -> str:
    return "<br>".join(markdown(place(row, prefix)) for prefix in places(row) if row[f"{prefix}file"])


def _texts(row: Row, excerpts: tuple[str, ...]) -> str:
    """The excerpts, of two that differ with the words in bold that do."""
    texts = [str(row[name]) for name in excerpts if row.get(name)]
    if len(texts) != 2 or texts[0] == texts[1]:
        return "<br>".join(map(markdown, dict.fromkeys(texts)))
    return "<br>".join(" ".join(f"**{markdown(word)}**" if differs and word else markdown(word) for word, differs in side)
                       for side in word_differences(*texts))  # fmt: skip

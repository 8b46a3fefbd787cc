"""A report as JUnit XML: a suite for each gate, in it a case for the gate and one for each limit.

A limit that blocks or cannot be told fails, one that warns passes and says so, what nobody required or measured is
skipped. Read by Jenkins, GitLab and others; the schema is that of Jenkins' xUnit plug-in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from auditor.report.findings import LEVELS
from auditor.report.model import GateModel, Report, RulingModel
from auditor.report.plain import plain
from auditor.report.redaction import redacted
from auditor.report.terminal import headline
from auditor.version import __version__

_FORBIDDEN = re.compile(r"[^\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 file may hold, https://www.w3.org/TR/xml/#charsets; line breaks are told by `plain`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A test case."""

    name: str
    kind: str
    """`failure`, `skipped`, or `system-out` of one that passed; empty where there is nothing to tell."""
    verdict: str = ""
    said: str = ""


def render(report: Report, *, redact: bool) -> str:
    """The whole file; of the user's text it quotes labels, and what a check that crashed said."""
    report = redacted(report) if redact else report
    suites = [(gate, [*_cases(gate)]) for gate in report.gates]
    tests, failures = (
        sum(len(cases) for _, cases in suites),
        sum(_count(cases, "failure") for _, cases in suites),
    )
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="auditor" tests="{tests}" failures="{failures}" errors="0">',
        *(
            line
            for number, (gate, cases) in enumerate(suites)
            for line in _suite(number, gate, cases, report)
        ),
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def _count(cases: list[Case], kind: str) -> int:
    return sum(case.kind == kind for case in cases)


def _cases(gate: GateModel) -> Iterator[Case]:
    if not gate.required:
        yield Case(name=gate.question, kind="skipped", said=f"not required {gate.reason}".strip())
        return
    kind = "failure" if LEVELS.get(gate.verdict) == "error" else ""
    yield Case(
        name=gate.question,
        kind=kind,
        verdict=gate.verdict,
        said=f"{gate.id} is {gate.verdict}" if kind else "",
    )
    seen = dict[str, int]()
    for ruling in gate.rulings:
        name = f"{ruling.check}.{ruling.measure}"
        seen[name] = seen.get(name, 0) + 1
        yield _case(ruling, name if seen[name] == 1 else f"{name} ({seen[name]})")


def _case(ruling: RulingModel, name: str) -> Case:
    said = f"{ruling.why}. {ruling.cite}." + (f" To do: {ruling.fix}" if ruling.fix else "")
    level = LEVELS.get(ruling.verdict)
    kind = {"error": "failure", "warning": "system-out", None: ""}[level]
    return Case(
        name=name, kind=kind, verdict=ruling.verdict, said=said if kind == "failure" else f"WARN {said}"
    )


def _suite(number: int, gate: GateModel, cases: list[Case], report: Report) -> Iterator[str]:
    counts = f'tests="{len(cases)}" failures="{_count(cases, "failure")}" errors="0" skipped="{_count(cases, "skipped")}"'
    yield f'  <testsuite name={_attribute(gate.id)} id="{number}" {counts}>'
    if number == 0:
        yield "    <properties>"
        for name, value in (("verdict", report.verdict), ("headline", headline(report).plain), ("stage", report.stage),
                            ("auditor", report.versions.get("auditor", __version__))):  # fmt: skip
            yield f"      <property name={_attribute(name)} value={_attribute(value)}/>"
        yield "    </properties>"
    for case in cases:
        yield from _test(gate, case)
    yield "  </testsuite>"


def _test(gate: GateModel, case: Case) -> Iterator[str]:
    head = f"    <testcase name={_attribute(case.name)} classname={_attribute('auditor.' + gate.id)}"
    match case.kind:
        case "":
            yield f"{head}/>"
            return
        case "failure":
            body = f"<failure type={_attribute(case.verdict)} message={_attribute(case.said)}>{_text(case.said)}</failure>"
        case kind:
            body = f"<{kind}>{_text(case.said)}</{kind}>"
    yield f"{head}>{body}</testcase>"


def _attribute(text: str) -> str:
    return quoteattr(_FORBIDDEN.sub("�", plain(text)))


def _text(text: str) -> str:
    return escape(_FORBIDDEN.sub("�", plain(text)))

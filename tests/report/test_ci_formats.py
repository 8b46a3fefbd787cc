"""JUnit XML and workflow commands: what fails, what passes, and text that would be read as something else."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from lxml import etree

from auditor.report import annotations, junit
from auditor.report.findings import failing_rulings
from auditor.report.model import Input, Report
from tests.commands import READY, ready_files
from tests.report.test_golden import saved
from tests.report.test_sarif import DATA, evidence, row, with_evidence

XSD = etree.XMLSchema(etree.parse(DATA / "junit" / "jenkins-junit.xsd"))
HOSTILE = "]]></failure><x y='1'>&amp; \x00\x0b\ufffe\U000e0041 \"q\" ::error::x%0A::warning::y\r\n::stop-commands::z, a:b"


def suites(text: str) -> etree._Element:
    found = etree.fromstring(text.encode())
    XSD.assertValid(found)
    return found


def hostile(report: Report) -> Report:
    """The report with hostile text wherever text can stand."""
    gates = tuple(
        msgspec.structs.replace(
            gate, id=HOSTILE, question=HOSTILE, reason=HOSTILE,
            rulings=tuple(msgspec.structs.replace(one, why=HOSTILE, cite=HOSTILE, fix=HOSTILE) for one in gate.rulings),
        )
        for gate in report.gates
    )  # fmt: skip
    return msgspec.structs.replace(report, gates=gates)


# JUnit


def test_a_ready_set_fails_nothing(auditor):
    ready_files()
    found = suites(auditor("audit", *READY, "--format", "junit").out)
    assert found.get("failures") == "0"
    assert not found.findall(".//failure")


def test_a_case_for_each_gate_and_each_limit():
    report = saved()
    found = suites(junit.render(report, redact=False))
    required = [gate for gate in report.gates if gate.required]
    assert [one.get("name") for one in found] == [gate.id for gate in report.gates]
    assert int(found.get("tests")) == len(report.gates) + sum(len(gate.rulings) for gate in required)
    assert (
        int(found.get("tests"))
        == sum(int(one.get("tests")) for one in found)
        == len(found.findall(".//testcase"))
    )
    shut = sum(gate.verdict in ("BLOCK", "UNKNOWN") for gate in required)
    failing = [one for one in failing_rulings(report) if one.verdict != "WARN"]
    assert int(found.get("failures")) == len(found.findall(".//failure")) == shut + len(failing)
    assert {one.get("type") for one in found.findall(".//failure")} == {"BLOCK", "UNKNOWN"}
    warned = [one for one in failing_rulings(report) if one.verdict == "WARN"]
    assert len(found.findall(".//system-out")) == len(warned)
    skipped = [one for one in found if one.get("skipped") == "1"]
    assert [one.get("name") for one in skipped] == [gate.id for gate in report.gates if not gate.required]
    names = [(one.get("classname"), one.get("name")) for one in found.findall(".//testcase")]
    assert len(set(names)) == len(names)


def test_xml_holds_whatever_text_there_is():
    found = suites(junit.render(hostile(saved()), redact=False))
    assert "]]></failure><x y='1'>&amp;" in found.find(".//failure").text
    assert found.find(".//x") is None


# Workflow commands


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Each line as a runner reads it: name, properties, message (github.com/actions/runner, ActionCommand)."""
    found = []
    for line in text.splitlines():
        assert line.startswith("::"), line
        head, _, message = line[2:].partition("::")
        name, _, told = head.partition(" ")
        properties = dict(pair.split("=", 1) for pair in told.split(",") if pair)
        found.append((name, properties, _unescaped(message)))
    return found


def _unescaped(text: str) -> str:
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, character)
    return text


def test_a_ready_set_is_annotated_by_its_verdict_alone(auditor):
    ready_files()
    assert commands(auditor("audit", *READY, "--format", "github").out) == [
        ("notice", {"title": "auditor"}, "PASS Ready. All 4 required gates are open.")
    ]


def test_one_line_for_each_rule_with_the_first_place():
    lines = commands(annotations.render(saved(), redact=True))
    (leak,) = [one for one in lines if one[1].get("title") == "leakage.leaked_eval_rows"]
    assert leak[0] == "error"
    assert (leak[1]["file"], leak[1]["line"]) == ("eval.jsonl", "2")
    assert "2 of 8; wanted at most 0" in leak[2]
    assert "The first of 2 rows: eval.jsonl:2 ~ " in leak[2]
    (blank,) = [one for one in lines if one[1].get("title") == "structure.blank_rows"]
    assert (blank[0], _unescaped(blank[1]["file"])) == ("warning", "tr%ain [x](y),z.jsonl")
    assert "The row: tr%ain [x](y),z.jsonl:28." in blank[2]


def test_rows_beyond_those_of_the_report_are_not_denied():
    rows = [row(n, other=3) for n in range(1, 1_001)]
    text = annotations.render(with_evidence(saved(), evidence(rows, total=50_000)), redact=True)
    assert "The first of at least 1,000 rows: eval.jsonl:1 ~ train.jsonl:3." in text
    text = annotations.render(with_evidence(saved(), evidence(rows)), redact=True)
    assert "The first of 1,000 rows: eval.jsonl:1 ~ train.jsonl:3." in text


@pytest.mark.parametrize("facts", [("gzip",), ("line is the row number",)])
def test_no_line_where_no_viewer_has_one(facts):
    found = Input(role="eval", path="eval.jsonl", sha256=None, rows=1, format="text", facts=facts)
    report = msgspec.structs.replace(with_evidence(saved(), evidence([row(3)])), inputs=(found,))
    (one,) = [one for one in commands(annotations.render(report, redact=True)) if "eval.jsonl:3" in one[2]]
    assert (one[1]["file"], "line" in one[1]) == ("eval.jsonl", False)


def test_no_more_than_are_shown_and_the_others_are_named():
    report = saved()
    gate = report.gates[0]
    (one, *_) = [ruling for ruling in gate.rulings if ruling.verdict == "BLOCK"]
    many = tuple(msgspec.structs.replace(one, measure=f"measure_{n}") for n in range(25))
    few = msgspec.structs.replace(report, gates=(msgspec.structs.replace(gate, rulings=many[:10]),))
    assert [name for name, _, _ in commands(annotations.render(few, redact=True))].count("error") == 10
    more = msgspec.structs.replace(report, gates=(msgspec.structs.replace(gate, rulings=many),))
    lines = commands(annotations.render(more, redact=True))
    assert len(lines) == 11
    assert lines[-1][2].startswith("16 more: structure.measure_9, ")
    assert "structure.measure_24" in lines[-1][2]


@pytest.mark.parametrize("file", [HOSTILE, "a,line=1::error::x", "%0A::error::y"])
def test_no_text_becomes_a_command(file):
    report = with_evidence(hostile(saved()), evidence([row(4, file=file)]))
    text = annotations.render(report, redact=False)
    assert "\r" not in text
    lines = commands(text)
    assert len(lines) == len(commands(annotations.render(saved(), redact=False))) or len(lines) <= 21
    assert {name for name, _, _ in lines} <= {"notice", "error", "warning"}
    for _, properties, _ in lines:
        assert set(properties) <= {"file", "line", "title"}
    assert Path(file).name

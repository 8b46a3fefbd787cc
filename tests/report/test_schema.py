"""The published schema: every report keeps to it, and what is none does not."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from auditor.report.model import Report
from auditor.report.schema import schema
from tests.report.test_golden import GOLDEN, saved

SAMPLES = Path(__file__).parent.parent.parent / "sample_data"
VALID = jsonschema.Draft202012Validator(json.loads(schema()))


def test_it_is_a_schema_with_a_name_and_a_version():
    found = json.loads(schema())
    jsonschema.Draft202012Validator.check_schema(found)
    assert found["$id"] == "urn:auditor:report:1"
    assert found["$defs"]["Report"]["properties"]["schema"] == {"const": 1}


def test_the_command_prints_it(auditor):
    assert auditor("report", "--schema") == (0, schema(), "")


def test_the_command_writes_it_to_a_new_file(auditor):
    assert auditor("report", "--schema", "-o", "schema.json") == (0, "", "")
    assert Path("schema.json").read_text("utf-8") == schema()
    Path("schema.json").write_text("mine")
    assert auditor("report", "--schema", "-o", "schema.json").code == 2
    assert Path("schema.json").read_text() == "mine"
    assert auditor("report").code == 2, "without it a report has to be named"


@pytest.mark.parametrize("name", ["broken", "labelled", "leaky", "ready", "single-labeler"])
@pytest.mark.parametrize("redact", [(), ("--redact",)])
def test_reports_keep_to_it_and_survive(auditor, monkeypatch, name, redact):
    monkeypatch.chdir(SAMPLES / name)
    text = auditor("audit", "--format", "json", *redact).out
    VALID.validate(json.loads(text))
    assert Report.from_json(text.encode()).to_json().decode() == text


def test_decisions_keep_to_it(auditor, monkeypatch):
    monkeypatch.chdir(SAMPLES / "ready")
    VALID.validate(json.loads(auditor("decide", "--format", "json").out))


def test_a_report_of_an_earlier_version_can_be_read():
    found = json.loads((GOLDEN / "report.json").read_bytes())
    for outcome in found["outcomes"].values():
        for evidence in outcome["evidence"]:
            for name in set(evidence) - {"title", "rows", "file", "excerpts", "head"}:
                del evidence[name]
    VALID.validate(found)
    old = Report.from_json(json.dumps(found).encode())
    assert old.verdict == saved().verdict
    assert not any(one.fingerprints for outcome in old.outcomes.values() for one in outcome.evidence)


@pytest.mark.parametrize(
    "change", [{"schema": 2}, {"verdict": "FINE"}, {"gates": None}, {"inputs": [{"role": "train"}]}]
)
def test_what_is_no_report_does_not(change):
    with pytest.raises(jsonschema.ValidationError):
        VALID.validate({**json.loads((GOLDEN / "report.json").read_bytes()), **change})

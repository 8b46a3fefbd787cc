"""SARIF: by its schema, with stable rules and fingerprints, places that viewers can open, and nothing left out silently."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import unquote

import jsonschema
import msgspec
import pytest

from auditor.report import sarif
from auditor.report.findings import LEVELS, failing_rulings
from auditor.report.model import EvidenceModel, Input, Report
from checks.measures import Counted
from tests.commands import READY, plain_rows, ready_files, write
from tests.report.test_golden import saved

DATA = Path(__file__).parent.parent / "data"
SCHEMA = json.loads((DATA / "sarif" / "sarif-2.1.0-rtm.5.json").read_text("utf-8"))
VALID = jsonschema.Draft4Validator(SCHEMA)


def run_of(report: Report, *, redact: bool = True) -> dict:
    log = json.loads(sarif.render(report, redact=redact))
    VALID.validate(log)
    (run,) = log["runs"]
    return run


def with_evidence(report: Report, *tables: EvidenceModel, check: str = "leakage") -> Report:
    outcome = msgspec.structs.replace(report.outcomes[check], evidence=tables)
    return msgspec.structs.replace(report, outcomes={**report.outcomes, check: outcome})


def evidence(
    rows: list[dict], *, total: int | None = None, counted: Counted | None = None, **more
) -> EvidenceModel:
    marks = tuple(f"{n:016x}" for n in range(len(rows)))
    return EvidenceModel(
        title="Planted (2 near)", rows=total or len(rows), file=None, excerpts=("text",), head=tuple(rows),
        fingerprints=marks, counted=counted, **more,
    )  # fmt: skip


def row(
    line: int | None, *, file: str = "eval.jsonl", kind: str = "near", other: int | None = None, **more
) -> dict:
    found = {"split": "eval", "kind": kind, "row": 0, "file": file, "line": line, **more}
    return (
        found
        if other is None
        else {**found, "train_row": other, "train_file": "train.jsonl", "train_line": other}
    )


def of_rows(run: dict) -> list[dict]:
    """The results that are about rows."""
    return [one for one in run["results"] if one["message"]["text"].startswith("Planted")]


# Clean


def test_a_ready_set_has_no_result(auditor):
    ready_files()
    done = auditor("audit", *READY, "--format", "sarif")
    assert done.code == 0
    run = json.loads(done.out)["runs"][0]
    VALID.validate(json.loads(done.out))
    assert run["results"] == []
    assert run["invocations"] == [{"executionSuccessful": True}]
    assert {one["location"]["uri"] for one in run["artifacts"]} == {"train.jsonl", "eval.jsonl"}
    assert all(len(one["hashes"]["sha-256"]) == 64 for one in run["artifacts"])


# Rules and results


def test_every_limit_that_was_not_kept_is_a_result_of_its_rule():
    report = saved()
    run = run_of(report)
    rules = {one["id"]: one for one in run["tool"]["driver"]["rules"]}
    assert list(rules) == sorted(rules)
    assert "leakage/leaked_eval_rows" in rules
    told = {(one["ruleId"], one["level"]) for one in run["results"]}
    wanted = {(f"{one.check}/{one.measure}", LEVELS[one.verdict]) for one in failing_rulings(report)}
    assert told == wanted
    assert [one["level"] for one in run["results"]] == sorted(one["level"] for one in run["results"]), (
        "errors first"
    )
    assert {one["ruleId"] for one in run["results"]} <= set(rules)


def test_fingerprints_are_unique_and_those_of_the_report():
    run = run_of(saved())
    marks = [one["partialFingerprints"]["auditorFinding/v1"] for one in run["results"]]
    known = {
        mark for found in saved().outcomes.values() for one in found.evidence for mark in one.fingerprints
    }
    assert {
        mark
        for mark, one in zip(marks, run["results"], strict=True)
        if "region" in one["locations"][0]["physicalLocation"]
    } <= known
    keys = [(one["ruleId"], mark) for one, mark in zip(run["results"], marks, strict=True)]
    assert len(set(keys)) == len(keys)
    assert all(
        one["partialFingerprints"]["primaryLocationLineHash"] == mark
        for one, mark in zip(run["results"], marks, strict=True)
    )


def test_pairs_with_the_same_other_row_are_one_result():
    rows = [row(5, other=9), row(2, other=7), row(3, other=9)]
    first, second = of_rows(run_of(with_evidence(saved(), evidence(rows))))
    assert first["locations"][0]["physicalLocation"]["region"] == {"startLine": 5}
    related = [one["physicalLocation"]["region"]["startLine"] for one in first["relatedLocations"]]
    assert related == [9, 3]
    assert [one["id"] for one in first["relatedLocations"]] == [1, 2]
    assert "eval.jsonl:5 and 1 more rows ~ train.jsonl:9" in first["message"]["text"]
    assert second["locations"][0]["physicalLocation"]["region"] == {"startLine": 2}


def test_rows_stand_under_the_measure_that_counts_them():
    counted = Counted(
        by="kind",
        measures={"near": "leaked_eval_rows", "unread": "unread_train_records", "kept": "short_eval_rows"},
    )
    rows = [row(n, kind=kind) for n, kind in enumerate(("near", "unread", "kept", "else"), 1)]
    found = of_rows(run_of(with_evidence(saved(), evidence(rows, counted=counted))))
    assert [(one["ruleId"], one["properties"]["verdict"]) for one in found] == [
        ("leakage/leaked_eval_rows", "BLOCK"), ("leakage/unread_train_records", "UNKNOWN"),
    ]  # fmt: skip
    assert of_rows(run_of(with_evidence(saved(), evidence(rows, counted=Counted())))) == []
    assert len(of_rows(run_of(with_evidence(saved(), evidence(rows))))) == 4


# Places


@pytest.mark.parametrize(
    ("path", "uri", "base"),
    [
        ("a b/ü%,[x](y).jsonl", "a b/ü%,[x](y).jsonl", "%SRCROOT%"),
        ("./data/x.jsonl", "data/x.jsonl", "%SRCROOT%"),
        ("javascript:alert(1)", "javascript:alert(1)", "%SRCROOT%"),
        ("/srv/ann/secret/x.jsonl", "x.jsonl", None),
        ("../up/x.jsonl", "x.jsonl", None),
        ("a/../../x.jsonl", "x.jsonl", None),
    ],
)
def test_paths_are_relative_and_folders_elsewhere_private(path, uri, base):
    run = run_of(with_evidence(saved(), evidence([row(1, file=path)])))
    (found,) = of_rows(run)
    where = found["locations"][0]["physicalLocation"]["artifactLocation"]
    assert (unquote(where["uri"]), where.get("uriBaseId")) == (uri, base)
    assert ":" not in where["uri"]
    if base is None:
        assert "secret" not in json.dumps(run)
        assert "up/" not in json.dumps(run)


@pytest.mark.parametrize("facts", [("gzip",), ("line is the row number",), ("zstd", "semicolon")])
def test_no_line_where_no_viewer_has_one(facts):
    found = Input(role="eval", path="eval.jsonl", sha256=None, rows=1, format="text", facts=facts)
    report = msgspec.structs.replace(with_evidence(saved(), evidence([row(3)])), inputs=(found,))
    (one,) = of_rows(run_of(report))
    assert "region" not in one["locations"][0]["physicalLocation"]


def test_what_readers_say_of_files_is_what_is_asked_for(auditor):
    import gzip

    import polars as pl

    Path("a.jsonl.gz").write_bytes(gzip.compress(b'{"text": "a {{name}}"}\n'))
    pl.DataFrame({"text": ["b {{name}}"]}).write_parquet("b.parquet")
    run = json.loads(auditor("audit", "a.jsonl.gz", "b.parquet", "--format", "sarif").out)["runs"][0]
    rows = [
        one["locations"][0]["physicalLocation"]
        for one in run["results"]
        if "Faulty" in one["message"]["text"]
    ]
    assert len(rows) == 2
    assert not [one for one in rows if "region" in one]


# Text


def test_messages_hold_neither_links_nor_placeholders():
    text = "[click](javascript:alert(1)) {0} {{name}} \\[x] <img src=x> \x1b[31m"
    run = run_of(with_evidence(saved(), evidence([row(1, text=text)])), redact=False)
    (found,) = of_rows(run)
    shown = found["message"]["text"]
    assert "\\[click\\](javascript:alert(1)) {{0}} {{{{name}}}} \\\\\\[x\\] <img src=x>" in shown
    assert "\x1b" not in shown


# Limits


def test_no_more_results_than_are_shown_and_that_is_said():
    tables = [evidence([row(n) for n in range(1, 1_001)], total=1_200) for _ in range(6)]
    run = run_of(with_evidence(saved(), *tables))
    assert len(run["results"]) == 5_000
    assert {one["level"] for one in run["results"]} == {"error"}, "the worst are kept"
    (notes,) = (one["toolExecutionNotifications"] for one in run["invocations"])
    texts = [one["message"]["text"] for one in notes]
    assert any("the 5,000 worst are here" in text for text in texts)
    assert sum("has 1,200 rows; the first 1,000 are here" in text for text in texts) == 6


def test_no_more_places_than_are_shown_and_all_are_counted():
    (found,) = of_rows(run_of(with_evidence(saved(), evidence([row(n, other=3) for n in range(1, 301)]))))
    assert len(found["relatedLocations"]) == 99
    assert "and 299 more rows" in found["message"]["text"]
    (run,) = json.loads(
        sarif.render(with_evidence(saved(), evidence([row(n, other=3) for n in range(1, 301)])), redact=True)
    )["runs"]
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"] == "1 results have more than 100 places; the first 100 of each are here."


def test_rows_beyond_those_of_the_report_are_not_denied():
    rows = [row(n, other=3) for n in range(1, 1_001)]
    (found,) = of_rows(run_of(with_evidence(saved(), evidence(rows, total=50_000))))
    assert "eval.jsonl:1 and at least 999 more rows ~ " in found["message"]["text"]


def test_no_column_since_readers_count_bytes_and_cells():
    (found,) = of_rows(run_of(with_evidence(saved(), evidence([row(3, column=9)]))))
    assert found["locations"][0]["physicalLocation"]["region"] == {"startLine": 3}
    assert "eval.jsonl:3:9" in found["message"]["text"]


@pytest.mark.parametrize(("answered", "place"), [(True, "readiness.toml"), (False, "auditor.toml")])
def test_every_result_has_a_place_without_any_file(auditor, answered, place):
    if answered:
        run = json.loads(auditor("decide", "--format", "sarif").out)["runs"][0]
    else:
        run = run_of(msgspec.structs.replace(saved(), inputs=(), answers=()))
    of_limits = [one for one in run["results"] if "region" not in one["locations"][0]["physicalLocation"]]
    assert of_limits
    for one in of_limits:
        assert one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == place


def test_files_are_told_apart_and_each_is_there_once():
    report = saved()
    paths = ("/a/x.jsonl", "/b/x.jsonl", "/a/x.jsonl")
    inputs = tuple(msgspec.structs.replace(report.inputs[0], path=path, sha256=None) for path in paths)
    run = run_of(msgspec.structs.replace(report, inputs=inputs))
    assert [one["location"]["uri"] for one in run["artifacts"]] == ["x.jsonl", "x-2.jsonl"]


def test_files_that_could_not_be_read_are_told(auditor):
    write("train.jsonl", plain_rows(5, seed=1))
    Path("broken.jsonl").write_bytes(b"\x00\x01")
    done = auditor("audit", "train.jsonl", "broken.jsonl", "--format", "sarif")
    assert done.code == 2
    (found,) = json.loads(done.out)["runs"][0]["invocations"]
    assert not found["executionSuccessful"]
    assert found["toolExecutionNotifications"][0]["level"] == "error"
    assert "broken.jsonl" in found["toolExecutionNotifications"][0]["message"]["text"]

"""The JSON report: the shape that outside tools read, the same bytes from the same data."""

from __future__ import annotations

import json
import math

import msgspec
import polars as pl
import pytest

from auditor.gates import Bound, Decision, Gate, Limit, NotRun, Ruling, Verdict, decide
from auditor.report.build import gate_model, outcome_models, whole_verdict
from auditor.report.fingerprints import Fingerprints
from auditor.report.model import Report
from checks.contract import Evidence, Measure, Result
from tests.commands import command, labelled_rows, plain_rows, ready_files, write

NONE = Fingerprints({}, b"")
"""Of evidence about no rows of files."""
LABELLED = ("train.jsonl", "--eval", "eval.jsonl", "--format", "json")
NAMES = {
    "structure": {"bad_records"},
    "size": {"train_rows", "effective_rows"},
    "duplicates": {"exact_duplicate_rows", "near_duplicate_rows"},
    "leakage": {
        "exact_leaked_eval_rows", "near_leaked_eval_rows", "contained_eval_rows", "prompt_leaked_eval_rows",
        "leaked_eval_rows", "suspected_eval_rows", "unchecked_eval_rows",
    },
    "labelers": {"labelers", "top_labeler_share", "effective_labelers"},
    "noise": {"contradicted_rows", "noise_rate"},
    "eval_set": {"effective_eval_rows", "detectable_gain_points"},
    "balance": {"label_shift_tvd"},
}  # fmt: skip
"""Measures that outside tools know by name."""
GATES = [
    "structure", "volume", "leakage", "labelers", "label-quality", "eval-set", "balance", "origin", "sensitive",
    "rewrites",
]  # fmt: skip


def faulty_files(folder=".") -> None:
    """Labelled data with copies, contradictions, leaks and records that cannot be read."""
    rows, evals = labelled_rows(400, seed=2), labelled_rows(120, seed=3)
    rows += [*rows[:40], *({**row, "label": "other"} for row in rows[40:60]), *evals[:15]]
    path = write(f"{folder}/train.jsonl", rows)
    path.write_text(path.read_text() + '{"text": \n')
    write(f"{folder}/eval.jsonl", evals)


@pytest.fixture
def report(auditor):
    faulty_files()
    done = auditor("audit", *LABELLED)
    assert done.code == 1
    return done.report


def test_every_key_is_there(report):
    assert set(report) == {
        "schema", "verdict", "task", "stage", "inputs", "gates", "tasks", "sources", "outcomes", "frameworks",
        "disagreements", "answers", "notes", "todo", "settings", "versions",
    }  # fmt: skip
    assert (report["schema"], report["verdict"]) == (1, "BLOCK")
    assert report["frameworks"] == report["answers"] == report["disagreements"] == []
    for found in report["inputs"]:
        assert set(found) == {"role", "path", "sha256", "rows", "format", "facts", "error"}
        assert len(found["sha256"]) == 64
    for gate in report["gates"]:
        assert set(gate) == {"id", "question", "verdict", "required", "reason", "rulings"}
        for ruling in gate["rulings"]:
            assert set(ruling) >= {
                "check", "measure", "group", "value", "limit", "verdict", "why", "cite", "fix",
            }  # fmt: skip
            assert set(ruling["limit"]) == {"at_least", "at_most", "level", "resolved_from"}
            assert ruling["cite"]
            assert ruling["why"]
    for outcome in report["outcomes"].values():
        assert set(outcome) == {"title", "measures", "evidence", "notes", "not_run"}
        for measure in outcome["measures"]:
            assert set(measure) == {
                "name",
                "group",
                "value",
                "kind",
                "of",
                "interval",
                "basis",
                "by",
                "currency",
            }
        for evidence in outcome["evidence"]:
            assert set(evidence) == {
                "title",
                "rows",
                "file",
                "excerpts",
                "head",
                "labels",
                "chart",
                "fingerprints",
                "counted",
            }
            assert evidence["file"] is None
            assert len(evidence["head"]) == min(evidence["rows"], 1_000)
            for row in evidence["head"]:
                assert all(row[name] is None or len(row[name]) <= 300 for name in evidence["excerpts"])
            assert len(evidence["excerpts"]) <= 2
    assert {"auditor", "python", "polars"} <= set(report["versions"])
    assert {"policy", "stance", "text", "check"} <= set(report["settings"])


def test_names_that_outside_tools_know(report, auditor):
    assert sorted(gate["id"] for gate in report["gates"]) == sorted(GATES)
    write("double.jsonl", [row for row in labelled_rows(60, seed=5) for _ in range(2)])
    doubled = auditor("audit", "double.jsonl", "--eval", "eval.jsonl", "--format", "json").report
    for check, names in NAMES.items():
        found = report["outcomes"][check]["measures"] + doubled["outcomes"][check]["measures"]
        assert names <= {measure["name"] for measure in found}, check


def test_verdict_and_gates_agree(report):
    order = ["PASS", "WARN", "UNKNOWN", "BLOCK"]
    for gate in report["gates"]:
        verdicts = [ruling["verdict"] for ruling in gate["rulings"]]
        if all(
            ruling["value"] is None for ruling in gate["rulings"]
        ):  # nothing was measured: it cannot be told
            verdicts.append("UNKNOWN")
        assert gate["verdict"] == max(verdicts, key=order.index)
    required = [gate["verdict"] for gate in report["gates"] if gate["required"]]
    assert report["verdict"] == max(required, key=order.index)


def test_planted_defects_are_counted(report):
    found = {
        (name, measure["name"]): measure["value"]
        for name, outcome in report["outcomes"].items()
        for measure in outcome["measures"]
    }
    assert found["structure", "bad_records"] == 1
    assert found["size", "train_rows"] == 475
    assert found["leakage", "exact_leaked_eval_rows"] == 15
    assert found["noise", "contradicted_rows"] == 40


def test_no_number_is_nan_and_json_is_strict(auditor):
    write("train.jsonl", labelled_rows(1, seed=2))
    for arguments in (("train.jsonl",), ("train.jsonl", "--eval", "eval.jsonl")):
        write("eval.jsonl", [{"text": "", "label": None}])
        done = auditor("audit", *arguments, "--format", "json")

        def refuse(word: str):
            raise AssertionError(word)

        json.loads(done.out, parse_constant=refuse)


def test_a_report_survives_the_way_to_disk_and_back(auditor):
    faulty_files()
    content = auditor("audit", *LABELLED).out.encode()
    assert Report.from_json(content).to_json() == content
    with pytest.raises(msgspec.ValidationError):
        Report.from_json(b'{"schema": 1}')


def test_a_missing_number_is_null_and_survives(tmp_path):
    """A plug-in may divide by zero; what it says is unknown and never passes."""
    limits = (
        Limit(check="mine", measure="a", at_most=Bound(value=1), cite="me", fix="{lacking} more"),
        Limit(check="mine", measure="a", at_least=Bound(value=1), cite="me", fix="{lacking} more"),
        Limit(check="mine", measure="b", at_least=Bound(value=1), cite="me", fix="{lacking} more"),
    )
    measures = (
        Measure(name="a", value=math.nan), Measure(name="b", value=-math.inf, interval=(-math.inf, math.inf)),
    )  # fmt: skip
    evidence = Evidence("odd", pl.DataFrame({"x": [math.nan, math.inf, None]}))
    outcomes = {"mine": Result(measures, (evidence,))}
    decision = decide(Gate(id="mine", question="?", limits=limits), outcomes)
    assert [ruling.verdict for ruling in decision.rulings] == [Verdict.UNKNOWN] * 3
    models, _ = outcome_models(outcomes, {}, NONE, redact=False, save=False)
    report = Report(
        schema=1, verdict=whole_verdict([decision], outcomes), task=None, stage="before-labeling", inputs=(),
        gates=(gate_model(decision),), tasks=(), outcomes=models,
    )  # fmt: skip
    found = json.loads(report.to_json())["outcomes"]["mine"]
    assert [measure["value"] for measure in found["measures"]] == [None, None]
    assert found["measures"][1]["interval"] == [None, None]
    assert [row["x"] for row in found["evidence"][0]["head"]] == [None, None, None]
    assert Report.from_json(report.to_json()).to_json() == report.to_json()


@pytest.mark.parametrize(
    ("measure", "bound", "verdict"),
    [
        (Measure(name="a", value=4, of=100), "5 %", Verdict.PASS),
        (Measure(name="a", value=6, of=100), "5 %", Verdict.BLOCK),
        (Measure(name="a", value=0.04, kind="share", of=100), "5 %", Verdict.PASS),
        (Measure(name="a", value=0.06, kind="share", of=100), "5 %", Verdict.BLOCK),
        (Measure(name="a", value=0.06, kind="share"), "5 %", Verdict.BLOCK),
        (Measure(name="a", value=0), "5 %", Verdict.UNKNOWN),
    ],
)
def test_a_percentage_is_of_the_denominator_or_of_the_share(measure, bound, verdict):
    limit = Limit(check="mine", measure="a", at_most=Bound(value=0.05, of_measure=True), cite="me")
    ruling = decide(Gate(id="g", question="?", limits=(limit,)), {"mine": Result((measure,))}).rulings[0]
    assert ruling.verdict is verdict
    model = gate_model(Decision(Gate(id="g", question="?", limits=(limit,)), verdict, (ruling,)))
    assert model.rulings[0].limit.at_most == {"count": 5, "share": 0.05}.get(
        measure.kind if verdict is not Verdict.UNKNOWN else ""
    )


def test_no_required_gate_is_no_pass():
    assert whole_verdict([], {}) == "UNKNOWN"
    open_ = Decision(Gate(id="g", question="?", limits=(), required=False), Verdict.PASS, ())
    assert whole_verdict([open_], {}) == "UNKNOWN"


def test_a_gate_without_rulings_is_no_pass():
    assert decide(Gate(id="g", question="?", limits=()), {}).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("kind", ["skipped", "not applicable", "crashed", "failed to load"])
def test_a_check_that_did_not_run_is_a_value_and_no_pass(kind):
    outcomes = {"mine": NotRun(kind, "because")}
    models, tables = outcome_models(outcomes, {"mine": "Mine"}, NONE, redact=False, save=True)
    assert msgspec.to_builtins(models["mine"]) == {
        "title": "Mine", "measures": (), "evidence": (), "notes": (), "not_run": {"kind": kind, "why": "because"},
    }  # fmt: skip
    assert tables == ()
    limit = Limit(check="mine", measure="a", at_most=Bound(value=1), cite="me")
    ruling: Ruling = decide(Gate(id="g", question="?", limits=(limit,)), outcomes).rulings[0]
    assert (ruling.verdict, ruling.why) == (Verdict.UNKNOWN, "because")


def test_a_long_table_is_cut_in_the_report_and_whole_on_disk():
    table = pl.DataFrame({"row": range(1_001), "text": ["x"] * 1_001})
    models, tables = outcome_models(
        {"mine": Result((), (Evidence("long", table, ("text",)),))}, {}, NONE, redact=True, save=True
    )
    found = models["mine"].evidence[0]
    assert (found.rows, len(found.head), found.file) == (1_001, 1_000, "evidence/mine-1.parquet")
    assert tables[0].table.height == 1_001
    assert tables[0].table["text"].null_count() == 1_001
    assert found.head[0] == {"row": 0, "text": None}


def test_hash_seeds_and_threads_change_nothing(tmp_path):
    faulty_files(tmp_path)
    runs = [
        command(
            "audit",
            *LABELLED,
            "--quiet",
            folder=tmp_path,
            extra={"PYTHONHASHSEED": seed, "POLARS_MAX_THREADS": seed},
        )
        for seed in ("1", "2")
    ]
    (one, err1), (two, err2) = (run.communicate(timeout=240) for run in runs)
    assert (err1, err2) == (b"", b"")
    assert one == two
    assert json.loads(one)["verdict"] == "BLOCK"


def test_ready_data_has_nothing_to_mend(auditor):
    ready_files()
    write("train.jsonl", plain_rows(600, seed=2))
    report = auditor(
        "audit",
        "train.jsonl",
        "--eval",
        "eval.jsonl",
        "--policy",
        "poc",
        "--stance",
        "lenient",
        "--format",
        "json",
    ).report
    rulings = [ruling for gate in report["gates"] if gate["required"] for ruling in gate["rulings"]]
    assert {ruling["verdict"] for ruling in rulings} == {"PASS"}
    assert {ruling["fix"] for ruling in rulings} == {""}


def test_an_advice_on_how_many_rows_are_lacking_needs_some_that_lack():
    """Astride its limit with the value inside, nothing says how many more would do."""
    limit = Limit(check="mine", measure="a", at_least=Bound(value=10), cite="me", fix="add {lacking} rows")
    gate = Gate(id="g", question="?", limits=(limit,))

    def fix(measure: Measure) -> str:
        return gate_model(decide(gate, {"mine": Result((measure,))})).rulings[0].fix

    assert fix(Measure(name="a", value=11, interval=(8, 14))) == ""
    assert fix(Measure(name="a", value=7, interval=(5, 9))) == "add 3 rows"

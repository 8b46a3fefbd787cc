"""Deciding, as a user would: nothing answered is unknown, what is measured beats what is said, and a record tells all."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.commands import READY, Auditor, ready_files, write

OPEN_GATES = {
    "rag-tried": "yes",
    "target-met": "no",
    "facts-root-cause": "no",
    "retraining-pipeline": "yes",
    "gpu-budget": "yes",
    "named-owner": "yes",
    "calls-per-year": 10_000_000,
    "price-per-call-now": 0.03,
    "price-per-call-after": 0.001,
    "rows-to-label": 1_000,
}


def answer(path: Path | str = "readiness.toml", more: str = "", by: str = "Ann", **answers: object) -> None:
    """A readiness.toml with some answers; underscores in names are dashes."""
    tables = [
        f"[answer.{name.replace('_', '-')}]\nanswer = {json.dumps(said)}\nby = {json.dumps(by)}\n"
        for name, said in answers.items()
    ]
    Path(path).write_text(more + "\n" + "\n".join(tables), "utf-8")


def gates(report: dict) -> dict[str, str]:
    return {gate["id"]: gate["verdict"] for gate in report["gates"] if gate["required"]}


def flat(text: str) -> str:
    return " ".join(text.split())


def test_answering_nothing_is_unknown_everywhere(auditor: Auditor):
    done = auditor("decide", "--format", "json")
    assert done.code == 1
    assert done.report["verdict"] == "UNKNOWN"
    assert set(gates(done.report).values()) == {"UNKNOWN"}
    assert {"prompt-ceiling", "eval-ready", "roi", "retraining"} <= set(gates(done.report))
    assert {one["verdict"] for one in done.report["frameworks"]} == {"UNKNOWN"}
    assert {one["state"] for one in done.report["answers"]} == {"unknown"}
    assert len(done.report["frameworks"]) >= 13


def test_a_form_that_nobody_filled_in_answers_nothing(auditor: Auditor):
    before = auditor("decide", "--format", "json").report
    done = auditor("init")
    assert done.code == 0
    assert done.out.startswith("readiness.toml: ")
    assert auditor("decide", "--format", "json").report == before
    again = auditor("init")
    assert (again.code, again.out) == (2, "")
    assert "is there already" in again.err


def test_all_gates_open_put_fine_tuning_on_the_table(auditor: Auditor):
    ready_files()
    answer(**OPEN_GATES)
    done = auditor("decide", *READY)
    assert done.code == 0, done.out
    assert done.out.startswith("WARN  Fine-tuning is on the table") or done.out.startswith(
        "PASS  Fine-tuning is on the table"
    )
    assert "PASS    retraining" in done.out
    assert "PASS    named-owner yes, by Ann" in done.out


@pytest.mark.parametrize(
    ("name", "said", "gate"),
    [
        ("rag-tried", "no", "prompt-ceiling"),
        ("target-met", "yes", "prompt-ceiling"),
        ("gpu-budget", "no", "retraining"),
        ("calls-per-year", 1_000, "roi"),
    ],
)
def test_one_shut_gate_holds(auditor: Auditor, name, said, gate):
    ready_files()
    answer(**{**OPEN_GATES, name: said})
    done = auditor("decide", *READY, "--format", "json")
    assert done.code == 1
    assert gates(done.report)[gate] == "BLOCK"
    four = next(one for one in done.report["frameworks"] if one["id"] == "gates")
    assert four["verdict"].startswith("hold")


@pytest.mark.parametrize("name", ["rag-tried", "target-met", "named-owner", "price-per-call-after"])
def test_one_open_answer_cannot_be_told(auditor: Auditor, name):
    ready_files()
    answer(**{key: said for key, said in OPEN_GATES.items() if key != name})
    done = auditor("decide", *READY, "--format", "json")
    assert (done.code, done.report["verdict"]) == (1, "UNKNOWN")


def test_a_measurement_contradicts_an_answer_by_name(auditor: Auditor):
    """Whoever says that there are 1,000 eval examples is shown the 300 that there are."""
    ready_files()
    lines = Path("eval.jsonl").read_text("utf-8").splitlines(keepends=True)
    Path("eval.jsonl").write_text("".join(lines[:300]), "utf-8")
    answer(**OPEN_GATES, eval_1000="yes")
    done = auditor("decide", *READY)
    assert done.code == 1
    assert (
        "declared yes by Ann; measured: eval_set.effective_eval_rows is 300 of 300; wanted at least 1,000"
        in flat(done.out)
    )
    report = auditor("decide", *READY, "--format", "json").report
    assert gates(report)["eval-ready"] == "BLOCK"
    (stands,) = (one for one in report["answers"] if one["id"] == "eval-1000")
    assert (stands["state"], stands["basis"]) == ("no", "measured")


def test_an_eval_set_alone_is_measured_and_no_training_file_passes_nothing(auditor: Auditor):
    ready_files()
    report = auditor("decide", "--eval", "eval.jsonl", "--format", "json").report
    (stands,) = (one for one in report["answers"] if one["id"] == "eval-1000")
    assert stands["state"] == "yes"
    assert gates(report)["leakage"] == gates(report)["volume"] == gates(report)["structure"] == "UNKNOWN"


def results(name: str, right: int, rows: int = 1_000) -> None:
    write(name, [{"example": i, "correct": i < right} for i in range(rows)])


def test_result_files_answer_what_would_be_asked(auditor: Auditor):
    ready_files()
    results("prompt.jsonl", 500)
    results("rag.jsonl", 600)
    results("poc.jsonl", 800)
    answer(
        **{key: said for key, said in OPEN_GATES.items() if key not in ("rag-tried", "target-met")},
        target_quality=0.9,
    )
    runs = ("--results", "baseline=prompt.jsonl", "--results", "rag=rag.jsonl", "--results", "poc=poc.jsonl")
    done = auditor("decide", *READY, *runs, "--format", "json")
    assert done.code == 0, done.err
    stands = {one["id"]: (one["state"], one["basis"]) for one in done.report["answers"]}
    assert stands["rag-tried"] == stands["poc-gains"] == ("yes", "measured")
    assert stands["target-met"] == ("no", "measured")
    inputs = {one["role"]: one for one in done.report["inputs"]}
    assert inputs["poc"]["path"] == "poc.jsonl"
    assert re.fullmatch("[0-9a-f]{64}", inputs["poc"]["sha256"])


def test_results_in_the_file_are_beside_it(auditor: Auditor):
    ready_files()
    results("rag.jsonl", 600)
    Path("ours").mkdir()
    shutil.move("rag.jsonl", "ours/rag.jsonl")
    answer("ours/readiness.toml", more='[results]\nrag = "rag.jsonl"\n', target_quality=0.9)
    report = auditor("decide", *READY, "--answers", "ours/readiness.toml", "--format", "json").report
    (stands,) = (one for one in report["answers"] if one["id"] == "rag-tried")
    assert stands["state"] == "yes"


@pytest.mark.parametrize(
    ("arguments", "content", "said"),
    [
        (
            (),
            "[answer.rag-tryed]\nanswer = 'yes'\n",
            "there is no question 'rag-tryed'; did you mean 'rag-tried'?",
        ),
        ((), "[prices]\nlabel = -1\n", "label"),
        ((), "[prices]\nlable = 1\n", "did you mean 'label'?"),
        ((), "[results]\nbaseline = 'no.jsonl'\n", "no.jsonl"),
        ((), "frameworks = ['no.toml']\n", "no.toml"),
        (("--answers", "no.toml"), "", "auditor init writes one"),
        (("--results", "prompt.jsonl"), "", "should read RUN="),
        (("--results", "basline=prompt.jsonl"), "", "did you mean 'baseline'?"),
        (("--results", "rag=a", "--results", "rag=b"), "", "given twice"),
        (("--metric", "rag=acc"), "", "of which there is no file"),
        (("--framework", "no.toml"), "", "no.toml"),
    ],
)
def test_what_cannot_be_meant_is_refused(auditor: Auditor, arguments, content, said):
    Path("readiness.toml").write_text(content, "utf-8")
    done = auditor("decide", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in flat(done.err)
    assert "bug" not in done.err


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"id": "q1", "correct": True}] * 2, "q1"),
        ([{"id": "q1", "score": 7}], "7"),
        ([{"id": "q5000", "correct": True}], "q5000"),
        ([{"id": "q1", "note": "x"}], "score"),
    ],
)
def test_result_files_that_do_not_fit_are_refused(auditor: Auditor, rows, said):
    ready_files()
    questions = [json.loads(line) for line in Path("eval.jsonl").read_text("utf-8").splitlines()]
    write("eval.jsonl", [{"id": f"q{i}", **row} for i, row in enumerate(questions)])
    write("bad.jsonl", rows)
    done = auditor("decide", *READY, "--results", "baseline=bad.jsonl")
    assert (done.code, done.out) == (2, "")
    assert "bad.jsonl" in done.err
    assert said in done.err.replace(",", "")


def test_the_record_tells_all_is_the_same_each_time_and_can_be_compared(auditor: Auditor):
    ready_files()
    answer(**OPEN_GATES)
    said = [auditor("decide", *READY, "--out", name).out for name in ("one", "two")]
    assert said[0].replace("one/", "two/").replace("report one ", "report two ") == said[1]
    for name in ("report.json", "decision.md"):
        assert (Path("one") / name).read_bytes() == (Path("two") / name).read_bytes()
    record = Path("one/decision.md").read_text("utf-8")
    report = json.loads(Path("one/report.json").read_bytes())
    for one in report["inputs"]:
        assert one["sha256"] in record
    for one in report["answers"]:
        assert one["id"] in record
    for one in report["frameworks"]:
        assert one["title"] in record
    assert "| yes | declared | Ann |" in record
    answer(**{**OPEN_GATES, "gpu-budget": "no"})
    auditor("decide", *READY, "--out", "two")
    moved = auditor("compare", "one", "two")
    assert moved.code == 0
    assert "- retraining: PASS -> BLOCK" in moved.out
    assert "~ gpu-budget: yes (declared) -> no (declared)" in moved.out
    assert auditor("compare", "one", "one").out.splitlines()[0].endswith(", as before")


def test_hostile_words_stay_words(auditor: Auditor):
    answer(by="\x1b[31m|<script>`x`&", rag_tried="yes", eval_1000="yes")
    text, page = (auditor("decide", "--out", "out", "--format", style).out for style in ("text", "md"))
    record = Path("out/decision.md").read_text("utf-8")
    text += page + Path("out/report.md").read_text("utf-8")
    assert "\x1b" not in text + record
    assert "| declared | \\\\x1b\\[31m\\|&lt;script&gt;\\`x\\`&amp; |" in record
    assert "<script" not in record


def own_framework() -> None:
    """ours.toml, which asks board-asked."""
    Path("ours.toml").write_text(
        """
title = "Our board"
source = "our handbook, section 2"
kind = "all"
met = { says = "the board agrees", leaning = "for" }
missed = { says = "the board does not", leaning = "against" }
[[item]]
yes = "board-asked"
[question.board-asked]
text = "Was the board asked?"
kind = "yes-no"
sources = ["handbook"]
""",
        "utf-8",
    )


def test_the_form_has_the_questions_of_a_framework_of_the_users_own(auditor: Auditor):
    own_framework()
    Path("below").mkdir()
    done = auditor("init", "--framework", "ours.toml", "--to", "below/readiness.toml")
    assert (done.code, done.err) == (0, "")
    form = Path("below/readiness.toml").read_text("utf-8")
    assert 'frameworks = ["../ours.toml"]' in form
    assert "[answer.board-asked]" in form
    report = auditor("decide", "--answers", "below/readiness.toml", "--format", "json").report
    assert "ours" in {one["id"] for one in report["frameworks"]}
    assert "board-asked" not in auditor("init", "--to", "plain.toml").out + Path("plain.toml").read_text(
        "utf-8"
    )


def test_a_framework_of_the_users_own_asks_its_own_questions(auditor: Auditor):
    own_framework()
    answer(more='frameworks = ["ours.toml"]', board_asked="yes")
    report = auditor("decide", "--format", "json").report
    (ours,) = (one for one in report["frameworks"] if one["id"] == "ours")
    assert ours["verdict"].startswith("the board agrees")
    assert "Our board" in auditor("decide", "--format", "md").out

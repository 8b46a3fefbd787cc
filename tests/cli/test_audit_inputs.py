"""What `auditor audit` is told to read: patterns, folders, stdin, settings files; and data that is hardly there."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
from pathlib import Path

import pytest

from tests.commands import READY, labelled_rows, plain_rows, ready_files, write

BARE = 'train = ["data/train.jsonl"]\neval = "data/eval.jsonl"\npolicy = "poc"\nstance = "lenient"\n'


def inputs(done) -> list[tuple[str, str, int]]:
    return [(found["role"], found["path"], found["rows"]) for found in done.report["inputs"]]


def said(done) -> str:
    """The terminal report without its line breaks."""
    return " ".join(done.out.split())


# Patterns, folders, stdin


def test_quoted_patterns_are_filled_in(auditor, tmp_path):
    rows = plain_rows(20, seed=2)
    for name in ("b", "a"):
        write(f"train-{name}.jsonl", rows[:10] if name == "a" else rows[10:])
    write("eval-1.jsonl", plain_rows(5, seed=3))
    done = auditor("audit", "train-*.jsonl", "--eval", "eval-?.jsonl", "--format", "json")
    assert inputs(done) == [
        ("train", "train-a.jsonl", 10),
        ("train", "train-b.jsonl", 10),
        ("eval", "eval-1.jsonl", 5),
    ]


def test_a_file_whose_name_is_a_pattern_is_that_file(auditor):
    write("a[1].jsonl", plain_rows(3, seed=2))
    write("a1.jsonl", plain_rows(4, seed=2))
    assert inputs(auditor("audit", "a[1].jsonl", "--format", "json")) == [("train", "a[1].jsonl", 3)]


def test_folders_and_archives(auditor, tmp_path):
    folder = tmp_path / "work" / "data"
    folder.mkdir()
    (folder / "a.jsonl.gz").write_bytes(gzip.compress(b'{"text": "one"}\n'))
    with (folder / "b.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["text"], ["two"], ["three"]])
    (folder / "notes.md").write_text("not data")
    done = auditor("audit", "data", "--format", "json")
    assert inputs(done) == [("train", "data/a.jsonl.gz", 1), ("train", "data/b.csv", 2)]


@pytest.mark.parametrize("role", ["train", "eval"])
def test_one_role_may_come_from_stdin(auditor, monkeypatch, role):
    ready_files()
    with open(f"{role}.jsonl", "rb") as file:  # noqa: PTH123
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(file.read())))
    arguments = ["-" if argument == f"{role}.jsonl" else argument for argument in READY]
    done = auditor("audit", *arguments, "--format", "json")
    assert done.code == 0
    assert (role, "<stdin>", 600 if role == "train" else 1_000) in inputs(done)


def test_a_file_with_a_split_column_serves_both_roles(auditor):
    rows = plain_rows(30, seed=2)
    write("all.jsonl", [{**row, "split": "test" if i < 10 else "train"} for i, row in enumerate(rows)])
    done = auditor("audit", "all.jsonl", "--format", "json")
    sizes = {measure["name"]: measure["value"] for measure in done.report["outcomes"]["size"]["measures"]}
    assert sizes["train_rows"] == 20
    assert done.report["outcomes"]["leakage"]["not_run"] is None


# Settings files


@pytest.mark.parametrize("name", ["auditor.toml", "pyproject.toml"])
def test_a_bare_audit_reads_the_settings_of_the_project(auditor, tmp_path, monkeypatch, name):
    work = tmp_path / "work"
    (work / "data").mkdir()
    ready_files(work / "data")
    (work / name).write_text(BARE if name == "auditor.toml" else "[tool.auditor]\n" + BARE)
    done = auditor("audit", "--format", "json")
    assert done.code == 0
    assert inputs(done) == [("train", "data/train.jsonl", 600), ("eval", "data/eval.jsonl", 1_000)]
    assert done.report["settings"]["policy"] == "poc"
    monkeypatch.chdir(work / "data")
    assert auditor("audit").code == 0, "from a folder below"


def test_what_is_typed_wins_over_the_settings_file(auditor, tmp_path):
    ready_files()
    (tmp_path / "work" / "auditor.toml").write_text(
        'train = "nowhere.jsonl"\npolicy = "poc"\nstance = "strict"\n'
    )
    assert auditor("audit", "train.jsonl", "--eval", "eval.jsonl", "--stance", "lenient").code == 0


def test_map_and_check_settings_come_from_the_file(auditor, tmp_path):
    write(
        "train.jsonl",
        [{"Tweet text": row["text"], "by": i % 3} for i, row in enumerate(plain_rows(20, seed=2))],
    )
    (tmp_path / "work" / "auditor.toml").write_text(
        'train = "train.jsonl"\nmap = { "Tweet text" = "text" }\n[check.structure]\nmax_tokens = 5\n'
    )
    report = auditor("audit", "--format", "json").report
    assert report["settings"]["map"] == {"Tweet text": "text"}
    assert report["settings"]["check"]["structure"] == {"max_tokens": 5}
    found = {measure["name"]: measure["value"] for measure in report["outcomes"]["structure"]["measures"]}
    assert found["long_rows"] == 20


def test_a_limit_of_the_project_decides(auditor, tmp_path):
    ready_files()
    (tmp_path / "work" / "auditor.toml").write_text(
        '[[gate.volume.limit]]\ncheck = "size"\nmeasure = "effective_rows"\nat-least = 601\ncite = "our plan"\n'
    )
    done = auditor("audit", *READY)
    assert done.code == 1
    assert "600 of 600; wanted at least 601" in said(done)
    assert "our plan" in said(done)


# Data that is hardly there: each says what is wrong or what cannot be told


def test_no_eval_file(auditor):
    write("train.jsonl", plain_rows(600, seed=2))
    done = auditor("audit", "train.jsonl", *READY[3:])
    assert (done.code, done.verdict) == (1, "UNKNOWN")
    assert "name the eval file with --eval FILE" in said(done)


def test_no_column_that_says_who_labelled(auditor):
    rows = [{"text": row["text"], "label": row["label"]} for row in labelled_rows(600, seed=2)]
    write("train.jsonl", rows[:200])
    write("eval.jsonl", rows[200:])
    done = auditor("audit", *READY)
    assert done.code == 1
    assert "--map COLUMN=labeler" in said(done)


@pytest.mark.parametrize("role", ["train", "eval"])
@pytest.mark.parametrize("content", ["", "\n \n", "[]"], ids=["empty", "blank", "no array"])
def test_zero_rows(auditor, tmp_path, role, content):
    ready_files()
    (tmp_path / "work" / f"{role}.jsonl").write_text(content)
    done = auditor("audit", *READY, "--format", "json")
    assert done.code in (1, 2)
    assert done.report["verdict"] in ("UNKNOWN", "BLOCK")
    text = auditor("audit", *READY)
    assert text.code == done.code
    assert "holds no record" in said(text) or "no record" in said(text)


def test_zero_files_of_rows_in_csv(auditor, tmp_path):
    (tmp_path / "work" / "train.csv").write_text("text,label\n")
    done = auditor("audit", "train.csv", "--format", "json")
    assert done.code in (1, 2)
    assert done.report["verdict"] in ("UNKNOWN", "BLOCK")


@pytest.mark.parametrize("rows", [plain_rows(1, seed=2), labelled_rows(1, seed=2)], ids=["plain", "labelled"])
def test_one_row(auditor, rows):
    write("train.jsonl", rows)
    write("eval.jsonl", rows)
    done = auditor("audit", *READY, "--format", "json")
    assert (done.code, done.report["verdict"]) == (1, "BLOCK")
    assert all(found["not_run"] is None or found["not_run"]["kind"] != "crashed" for found in outcomes(done))
    assert auditor("audit", *READY).verdict == "BLOCK"


def outcomes(done):
    return done.report["outcomes"].values()


@pytest.mark.parametrize("column", ["label", "annotator", "text"])
def test_a_column_of_nulls(auditor, column):
    write("train.jsonl", [{**row, column: None} for row in labelled_rows(50, seed=2)])
    write("eval.jsonl", labelled_rows(60, seed=3))
    done = auditor("audit", *READY, "--format", "json")
    assert done.code in (1, 2)
    assert done.report["verdict"] in ("UNKNOWN", "BLOCK")
    assert all(found["not_run"] is None or found["not_run"]["kind"] != "crashed" for found in outcomes(done))
    measured = {
        measure["name"]: measure["value"] for found in outcomes(done) for measure in found["measures"]
    }
    if column == "annotator":
        assert measured.get("labelers", 0) == 0
    assert auditor("audit", *READY).code == done.code


def test_blank_texts_are_no_rows_to_learn_from(auditor):
    write("train.jsonl", [{"text": "  "}] * 600)
    write("eval.jsonl", plain_rows(1_000, seed=3))
    done = auditor("audit", *READY)
    assert (done.code, done.verdict) == (1, "BLOCK")


@pytest.mark.parametrize(
    "content",
    [b"not json at all\n" * 20, b'{"text": "a"', b"PAR1 is no parquet PAR1", b"\x1f\x8b broken gzip"],
    ids=["prose", "cut", "parquet", "gzip"],
)
@pytest.mark.parametrize("role", ["train", "eval"])
def test_rubbish_is_refused_with_the_name_of_the_file(auditor, tmp_path, content, role):
    ready_files()
    (tmp_path / "work" / f"{role}.jsonl").write_bytes(content)
    done = auditor("audit", *READY, "--format", "json")
    assert done.code == 2
    errors = {found["path"]: found["error"] for found in done.report["inputs"]}
    assert [path for path, error in errors.items() if error] == [f"{role}.jsonl"]
    assert done.report["verdict"] != "PASS"
    text = auditor("audit", *READY)
    assert text.code == 2
    assert f"{role}.jsonl" in text.out


@pytest.mark.parametrize("content", [b"\x00" * 5_000, b"\xff\xfe\x00"], ids=["zeros", "half a mark"])
@pytest.mark.parametrize("role", ["train", "eval"])
def test_bytes_without_a_record_never_pass(auditor, tmp_path, content, role):
    ready_files()
    (tmp_path / "work" / f"{role}.jsonl").write_bytes(content)
    done = auditor("audit", *READY, "--format", "json")
    assert done.code in (1, 2)
    assert done.report["verdict"] in ("UNKNOWN", "BLOCK")


def test_order_of_files_and_of_rows_changes_no_measure(auditor):
    rows = labelled_rows(60, seed=2)
    write("a.jsonl", rows[:30])
    write("b.jsonl", rows[30:])
    write("ba.jsonl", rows[::-1])
    write("eval.jsonl", labelled_rows(60, seed=3))

    def measures(*train: str) -> str:
        found = auditor("audit", *train, "--eval", "eval.jsonl", "--format", "json").report["outcomes"]
        return json.dumps({name: outcome["measures"] for name, outcome in found.items()}, sort_keys=True)

    assert measures("a.jsonl", "b.jsonl") == measures("b.jsonl", "a.jsonl") == measures("ba.jsonl")


def test_items_whose_labelers_all_disagree_are_labelled_all_the_same(auditor):
    rows = [{"item": n, "text": f"message {n} about the parcel", "labeler": who, "label": label}
            for n in range(30) for who, label in (("ann", "x"), ("bob", "y"))]  # fmt: skip
    write("train.jsonl", rows)
    report = auditor("audit", "train.jsonl", "--format", "json").report
    assert report["stage"] == "before-training"


# What was not read


@pytest.mark.parametrize(
    ("train", "verdict"),
    [
        ("".join(json.dumps(row) + "\n" for row in plain_rows(60, seed=4)), "PASS"),
        ("".join(json.dumps(row) + "\n" for row in plain_rows(60, seed=4)) + '{"prompt": "torn\n', "UNKNOWN"),
        ("", "UNKNOWN"),
        ("no record\nof any kind\n", "UNKNOWN"),
    ],
    ids=["all read", "one record lost", "empty", "unreadable"],
)
def test_leakage_into_what_was_not_read_is_unknown(auditor, train, verdict):
    Path("train.jsonl").write_text(train, "utf-8")
    write("eval.jsonl", plain_rows(20, seed=5))
    gates = auditor("audit", "train.jsonl", "--eval", "eval.jsonl", "--format", "json").report["gates"]
    (leakage,) = (gate for gate in gates if gate["id"] == "leakage")
    assert leakage["verdict"] == verdict


def test_a_key_without_a_sketch_is_refused(auditor):
    ready_files()
    Path("key").write_text("0123456789abcdef" * 2, "utf-8")
    done = auditor("audit", *READY, "--key-file", "key")
    assert done.code == 2
    assert "key is a key for a sketch, and --eval names none" in done.err

"""`auditor plan`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands import Auditor, labelled_rows, plain_rows, texts, write

KEYS = {
    "schema", "headline", "inputs", "task", "stage", "policy", "stance", "currency", "targets", "steps", "suppliers",
    "unknown", "besides", "prices", "sources", "notes",
}  # fmt: skip
STEP_KEYS = {"id", "what", "count", "unit", "have", "need", "money", "days", "cite", "why", "how"}


def files(label: str = "a") -> None:
    write(
        "train.jsonl",
        [{**row, "label": label if row["label"] == "a" else row["label"]} for row in labelled_rows(600, 2)],
    )
    write("eval.jsonl", [{"text": row["text"], "label": row["label"]} for row in labelled_rows(90, 3)])


def test_the_first_line_says_what_is_short(auditor: Auditor) -> None:
    files()
    done = auditor(
        "plan", "train.jsonl", "--eval", "eval.jsonl", "--task", "classification", "--stance", "strict"
    )
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("1,4")
    assert "more rows to label reach the recommended 2,000" in " ".join(done.out.split())
    assert all(len(line) <= 80 for line in done.out.splitlines())
    for part in ("In this order", "Usable rows, and rows to label", "Prices, in USD", "Sources"):
        assert part in done.out
    quiet = auditor(
        "plan", "train.jsonl", "--eval", "eval.jsonl", "--task", "classification", "--stance", "strict", "-q"
    )
    assert done.out.startswith(quiet.out)


def test_json_has_the_same_keys_always(auditor: Auditor) -> None:
    files()
    write("bare.jsonl", plain_rows(30, 4))
    for arguments in (("train.jsonl", "--eval", "eval.jsonl"), ("bare.jsonl",)):
        done = auditor("plan", *arguments, "--format", "json")
        found = json.loads(done.out)
        assert (done.code, set(found), found["schema"]) == (0, KEYS, 1)
        assert all(set(step) == STEP_KEYS for step in found["steps"])
        assert auditor("plan", *arguments, "--format", "json").out == done.out, "the same again"


def test_settings_and_prices_of_the_project_are_used(auditor: Auditor) -> None:
    files()
    Path("auditor.toml").write_text('train = "train.jsonl"\neval = "eval.jsonl"\nstance = "S1"\n', "utf-8")
    Path("readiness.toml").write_text("[prices]\nlabel = 7\n", "utf-8")
    found = json.loads(auditor("plan", "--format", "json").out)
    assert found["stance"] == "S1"
    assert found["prices"][0] == {
        "name": "label", "value": {"low": 7, "expected": 7, "high": 7}, "origin": found["prices"][0]["origin"],
    }  # fmt: skip
    Path("own.toml").write_text("label = [1, 2, 3]\n", "utf-8")
    own = json.loads(auditor("plan", "--prices", "own.toml", "--format", "json").out)
    assert own["prices"][0]["value"] == {"low": 1, "expected": 2, "high": 3}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("labl = 1\n", "did you mean 'label'"),
        ("[prices]\nlabel = -1\n", "label"),
        ("label = \n", "not valid TOML"),
        ("prices = 3\n", "is no table"),
    ],
)
def test_wrong_prices_are_one_line(auditor: Auditor, content: str, said: str) -> None:
    files()
    Path("own.toml").write_text(content, "utf-8")
    done = auditor("plan", "train.jsonl", "--prices", "own.toml")
    assert done.code == 2
    assert said in done.err
    assert len(done.err.splitlines()) == 1
    assert "own.toml" in done.err


def test_wrong_usage_exits_2(auditor: Auditor) -> None:
    files()
    for arguments in ((), ("train.jsonl", "--task", "classificaton"), ("gone.jsonl",), ("train.jsonl", "--prices", "gone.toml"),
                      ("train.jsonl", "--eval", "eval.jsonl", "train.jsonl")):  # fmt: skip
        done = auditor("plan", *arguments)
        assert (done.code, done.out) == (2, "")
        assert done.err


def test_a_file_that_cannot_be_read_is_told_and_exits_2(auditor: Auditor) -> None:
    files()
    Path("eval.jsonl").write_bytes(b"PAR1 nothing of it")
    done = auditor("plan", "train.jsonl", "--eval", "eval.jsonl")
    assert done.code == 2
    assert "Cannot be told yet" in done.out


def test_what_a_sketch_does_not_show_is_said(auditor: Auditor) -> None:
    files()
    assert auditor("sketch", "eval.jsonl", "--to", "eval.sketch").code == 0
    done = auditor(
        "plan", "train.jsonl", "--eval", "eval.sketch", "--task", "classification", "--format", "json"
    )
    found = json.loads(done.out)
    assert done.code == 0
    assert not any(step["unit"] == "eval rows" for step in found["steps"]), (
        "nobody here knows what eval holds"
    )
    assert any("eval is a sketch" in one["what"] for one in found["unknown"])


def test_hostile_labels_do_not_steer_the_terminal(auditor: Auditor) -> None:
    files(label="\x1b[31mred\u202e")
    rare = [{"text": text, "label": "\x1b]0;x\x07", "annotator": "\x1b[2J"} for text in texts(5, 9)]
    write("more.jsonl", rare)
    done = auditor("plan", "train.jsonl", "more.jsonl", "--task", "classification")
    assert done.code == 0
    for text in (done.out, auditor("plan", "train.jsonl", "more.jsonl", "--format", "json").out):
        assert not {"\x1b", "\x07", "\u202e"} & set(text)
    assert "\\x1b" in done.out


def test_help_lists_it(auditor: Auditor) -> None:
    assert "plan" in auditor("--help").out
    assert "[prices]" in auditor("plan", "--help").out


def test_the_table_of_sources_says_right_only_where_that_is_known(auditor: Auditor) -> None:
    rows = [
        {"prompt": text, "response": text[::-1], "source": ("desk", "web")[n % 2]}
        for n, text in enumerate(texts(80, 2))
    ]
    write("train.jsonl", rows)
    out = auditor("plan", "train.jsonl", "--task", "style").out
    assert "Usable rows for 100 USD, by source" in out
    assert "and right" not in out

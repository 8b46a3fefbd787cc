"""`auditor selftest`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from auditor.selftest import trial as tried
from checks.text.leaks import EXACT, SUSPECT
from tests.commands import plain_rows, ready_files, write

FILES = ("train.jsonl", "--eval", "eval.jsonl", "--each", "20", "-q")


def kinds_of(done) -> dict[str, dict]:
    return {kind["name"]: kind for kind in json.loads(done.out)["kinds"]}


def test_planted_copies_are_found_and_nothing_else(auditor):
    ready_files()
    done = auditor("selftest", *FILES, "--format", "json")
    assert (done.code, done.err) == (0, "")
    for name in ("exact", "normalised", "embedded", "markup"):
        assert kinds_of(done)[name]["leaked"]["found"] == 20, name
        assert kinds_of(done)[name]["leaked"]["recall"]["value"] == 1
    found = json.loads(done.out)
    assert (found["false_leaked"], found["false_suspected"]) == (0, 0)
    assert (found["train_rows"], found["eval_rows"], found["seed"]) == (600, 1000, 0)
    said = auditor("selftest", *FILES)
    assert (said.code, said.err) == (0, "")
    assert "\nexact               20      20 100 % (84-100)      20 100 % (84-100)    100/100\n" in said.out


def test_no_file_is_changed_or_left_behind(auditor, tmp_path):
    ready_files()
    before = {path.name: path.read_bytes() for path in Path().iterdir() if path.is_file()}
    assert auditor("selftest", *FILES, "--no-cache").code == 0
    assert {path.name: path.read_bytes() for path in Path().iterdir() if path.is_file()} == before
    assert not [path for name in ("cache", "temporary") for path in (tmp_path / name).rglob("*")]


def test_the_same_seed_prints_the_same(auditor):
    ready_files()
    first, again, other = (
        auditor("selftest", *FILES, "--seed", seed, "--format", "json").out for seed in "778"
    )
    assert first == again != other


def test_settings_name_the_files_and_a_split_column_serves_both(auditor):
    ready_files()
    Path("auditor.toml").write_text('train = "train.jsonl"\neval = "eval.jsonl"\n[text]\nthreshold = 0.7\n')
    assert json.loads(auditor("selftest", "--each", "5", "--format", "json").out)["eval_rows"] == 1000
    Path("auditor.toml").unlink()
    rows = [{**row, "split": "test" if n % 2 else "train"} for n, row in enumerate(plain_rows(200, seed=9))]
    write("both.jsonl", rows)
    assert json.loads(auditor("selftest", "both.jsonl", "--format", "json").out)["eval_rows"] == 100


def test_vectors_that_settings_name_are_left_alone_since_planted_rows_have_none(auditor):
    ready_files()
    without = auditor("selftest", *FILES, "--format", "json")
    for name, rows in (("train", 600), ("eval", 1000)):
        np.save(f"{name}.npy", np.ones((rows, 4), np.float32))
    Path("auditor.toml").write_text(
        'train = "train.jsonl"\neval = "eval.jsonl"\nvectors = ["train.npy", "eval.npy"]\n'
    )
    done = auditor("selftest", "--each", "20", "-q", "--format", "json")
    assert (done.code, done.err) == (0, "")
    assert done.out == without.out


def test_it_asks_the_check_of_rewrites_that_the_audit_asks(auditor):
    ready_files()
    Path("auditor.toml").write_text(
        'train = "train.jsonl"\neval = "eval.jsonl"\n[check.rewrites]\nmost-rows = 599\n'
    )
    done = auditor("selftest", "--each", "20", "-q", "--format", "json")
    assert json.loads(done.out)["rewrites"].startswith("train has 600 rows and the setting most-rows is 599;")


def test_a_missed_copy_exits_1(auditor, monkeypatch):
    ready_files()
    found = tried.leaks

    def blind(data):
        seen = found(data)
        seen.kind[seen.kind == EXACT] = SUSPECT
        return seen

    monkeypatch.setattr(tried, "leaks", blind)
    done = auditor("selftest", *FILES)
    assert done.code == 1
    assert "exact: every one of these must be found" in done.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "nothing to plant leaks in"),
        (("train.jsonl",), "name the eval file with --eval FILE"),
        (("nowhere.jsonl", "--eval", "eval.jsonl"), "nowhere.jsonl does not exist"),
        (("train.jsonl", "--eval", "train.jsonl"), "named as train and as eval"),
        (("train.jsonl", "--eval", "same.jsonl"), "no eval row can be planted"),
        (("train.jsonl", "--eval", "bad.jsonl"), "bad.jsonl"),
        (("--eval", "eval.jsonl", "train.jsonl"), "auditor selftest train.jsonl --eval"),
        (("train.jsonl", "--eval", "eval.jsonl", "--each", "0"), "1<=x"),
        (("train.jsonl", "--eval", "eval.jsonl", "--seed", "-1"), "0<=x"),
        (("train.jsonl", "--eval", "eval.jsonl", "--map", "text"), "should read COLUMN=ROLE"),
    ],
)
def test_wrong_input_exits_2_with_one_line_on_why(auditor, arguments, said):
    ready_files()
    Path("same.jsonl").write_bytes(Path("train.jsonl").read_bytes())
    Path("bad.jsonl").write_text("{not json\n" * 9)
    done = auditor("selftest", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err

"""`auditor sketch`, and the audit against what it wrote."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import pytest

import auditor as face
from tests.commands import READY, Done, labelled_rows, plain_rows, ready_files, write

POLICY = READY[3:]
KEY = b"0123456789abcdef0123456789abcdef"


def leaky() -> None:
    """ready_files, and leaky.jsonl with five eval rows among the training rows."""
    ready_files()
    write("leaky.jsonl", [*plain_rows(600, seed=2), *plain_rows(1000, seed=3)[10:15]])


def leaked(done: Done) -> float:
    measures = done.report["outcomes"]["leakage"]["measures"]
    return next(one["value"] for one in measures if one["name"] == "leaked_eval_rows")


@pytest.mark.parametrize("key", [(), ("--key-file", "key")])
def test_training_data_are_checked_without_the_eval_file(auditor, key):
    leaky()
    Path("key").write_bytes(KEY)
    done = auditor("sketch", "eval.jsonl", "-o", "eval.sketch", *key)
    assert done.code == 0
    assert done.out.startswith("eval.sketch: 1,000 eval rows, ")
    assert "word by word" in done.out
    Path("eval.jsonl").unlink()
    bad = auditor("audit", "leaky.jsonl", "--eval", "eval.sketch", *key, *POLICY, "--format", "json")
    assert (bad.code, leaked(bad), bad.report["verdict"]) == (1, 5, "BLOCK")
    good = auditor("audit", "train.jsonl", "--eval", "eval.sketch", *key, *POLICY, "--format", "json")
    assert (good.code, leaked(good), good.report["verdict"]) == (0, 0, "WARN")
    (told,) = [one for one in good.report["inputs"] if one["role"] == "eval"]
    assert (told["path"], told["rows"], told["format"]) == ("eval.sketch", 1000, "sketch")
    assert len(told["sha256"]) == 64


def test_what_a_clean_audit_says(auditor):
    ready_files()
    auditor("sketch", "eval.jsonl", "-o", "eval.sketch", "-q")
    said = auditor("audit", "train.jsonl", "--eval", "eval.sketch", *POLICY).out
    flat = " ".join(said.split())
    assert "leaked_eval_rows 0 of 1,000 is an estimate that nobody verified" in flat
    assert "eval-set UNKNOWN (a sketch holds no text; audit the eval set where it is)" in flat
    assert "cannot be compared with eval: a sketch holds no text and no labels" in flat
    needed = auditor("audit", "train.jsonl", "--eval", "eval.sketch", *POLICY, "--require", "eval-set")
    assert needed.code == 1
    assert "eval is a sketch, which holds no text" in " ".join(needed.out.split())


def test_no_word_of_eval_is_in_sketch_or_report(auditor):
    leaky()
    auditor("sketch", "eval.jsonl", "-o", "eval.sketch")
    words = {word for row in plain_rows(1000, seed=3) for word in row["text"].split() if len(word) > 4}
    words -= {word for row in plain_rows(600, seed=2) for word in row["text"].split()}
    content = Path("eval.sketch").read_bytes()
    assert not [word for word in words if word.encode() in content]
    assert b"eval.jsonl" not in content
    report = auditor("audit", "train.jsonl", "--eval", "eval.sketch", *POLICY, "--format", "json").out
    assert not [word for word in words if word in report]


def test_the_file_is_new_private_and_whole(auditor):
    ready_files()
    assert auditor("sketch", "eval.jsonl", "-o", "eval.sketch").code == 0
    assert stat.S_IMODE(Path("eval.sketch").stat().st_mode) == 0o600
    before = Path("eval.sketch").read_bytes()
    refused = auditor("sketch", "eval.jsonl", "-o", "eval.sketch")
    assert refused.code == 2
    assert "eval.sketch is there already; name another file, or --force" in refused.err
    assert Path("eval.sketch").read_bytes() == before
    assert auditor("sketch", "eval.jsonl", "-o", "eval.sketch", "--force", "-q").out.count("\n") == 1
    assert Path("eval.sketch").read_bytes() != before
    assert {path.name for path in Path().iterdir()} == {".git", "train.jsonl", "eval.jsonl", "eval.sketch"}


def test_settings_name_sketch_and_key(auditor):
    leaky()
    Path("key").write_bytes(KEY)
    Path("auditor.toml").write_text('eval = "eval.jsonl"\nkey-file = "key"\n')
    assert auditor("sketch", "-o", "eval.sketch").code == 0
    Path("auditor.toml").write_text('train = "leaky.jsonl"\neval = "eval.sketch"\nkey-file = "key"\n')
    assert leaked(auditor("audit", "--format", "json")) == 5
    Path("key").unlink()
    assert "the key file key cannot be read" in auditor("audit").err


def test_labelled_data_are_ruled_on_their_labels_all_the_same(auditor):
    write("train.jsonl", labelled_rows(300, seed=2))
    write("eval.jsonl", labelled_rows(100, seed=3))
    auditor("sketch", "eval.jsonl", "-o", "eval.sketch")
    report = auditor("audit", "train.jsonl", "--eval", "eval.sketch", "--format", "json").report
    assert report["outcomes"]["eval_set"]["not_run"]["why"].startswith("eval is a sketch")
    assert "crashed" not in json.dumps(report["outcomes"])
    assert report["outcomes"]["leakage"]["not_run"] is None


def test_scripts_take_a_sketch_too(auditor):
    leaky()
    auditor("sketch", "eval.jsonl", "-o", "eval.sketch")
    assert face.audit("leaky.jsonl", "eval.sketch").verdict == "BLOCK"


def test_a_pipe_is_read_once(auditor):
    ready_files()
    os.mkfifo("pipe")
    content = Path("eval.jsonl").read_bytes()
    writer = threading.Thread(target=lambda: Path("pipe").write_bytes(content))
    writer.start()
    report = auditor("audit", "train.jsonl", "--eval", "pipe", *POLICY, "--format", "json").report
    writer.join()
    assert [one["rows"] for one in report["inputs"]] == [600, 1000]


def test_other_commands_say_that_a_sketch_holds_no_text(auditor):
    write("train.jsonl", labelled_rows(60, seed=2))
    write("eval.jsonl", labelled_rows(30, seed=3))
    auditor("sketch", "eval.jsonl", "-o", "eval.sketch")
    tested = auditor("selftest", "train.jsonl", "--eval", "eval.sketch")
    assert (tested.code, tested.out) == (2, "")
    assert "a sketch holds none" in tested.err
    review = auditor("review", "train.jsonl", "--eval", "eval.sketch", "--rows", "20", "--to", "sheet.csv")
    assert review.code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("audit", "train.jsonl", "--eval", "eval.sketch", "--eval", "eval.jsonl"), "audit once with each"),
        (("audit", "train.jsonl", "--eval", "*.sketch"), "two.sketch are sketches; one audit takes one of them"),
        (("audit", "eval.sketch"), "is a sketch of an eval set, not training data"),
        (("audit", "split.jsonl", "--eval", "eval.sketch"), "hold eval rows of their own"),
        (("audit", "train.jsonl", "--eval", "cut.sketc"), "is a damaged sketch"),
        (("audit", "train.jsonl", "--eval", "eval.sketch", "--key-file", "key"), "carries its own key"),
        (("audit", "train.jsonl", "--eval", "eval.sketch", "--key-file", "nowhere"), "nowhere cannot be read"),
        (("sketch", "-o", "x"), "nothing to sketch"),
        (("sketch", "eval.jsonl"), "Missing option '-o'"),
        (("sketch", "nowhere.jsonl", "-o", "x"), "nowhere.jsonl does not exist"),
        (("sketch", "bad.jsonl", "-o", "x"), "bad.jsonl"),
        (("sketch", "empty.jsonl", "-o", "x"), "nothing to sketch"),
        (("sketch", "eval.sketch", "-o", "x"), "cannot be sketched again"),
        (("sketch", "eval.jsonl", "-o", "eval.jsonl", "--force"), "one of the inputs"),
        (("sketch", "eval.jsonl", "-o", "key", "--key-file", "key", "--force"), "one of the inputs"),
        (("sketch", "eval.jsonl", "-o", ".git"), "is a folder"),
        (("sketch", "eval.jsonl", "-o", "no/x"), "the folder no does not exist"),
        (("sketch", "eval.jsonl", "-o", "x", "--key-file", "eval.sketc"), "eval.sketc cannot be read"),
        (("sketch", "eval.jsonl", "-o", "x", "--key-file", "weak"), "at least 16"),
        (("sketch", "eval.jsonl", "-o", "x", "--map", "text"), "should read COLUMN=ROLE"),
    ],
)  # fmt: skip
def test_wrong_input_exits_2_and_says_what_to_do(auditor, arguments, said):
    ready_files()
    for name in ("eval.sketch", "two.sketch"):
        auditor("sketch", "eval.jsonl", "-o", name)
    rows = [{**row, "split": "test" if n % 2 else "train"} for n, row in enumerate(plain_rows(20, seed=9))]
    write("split.jsonl", rows)
    Path("cut.sketc").write_bytes(Path("eval.sketch").read_bytes()[:-1])
    Path("key").write_bytes(KEY)
    Path("weak").write_bytes(b"hunter2")
    Path("bad.jsonl").write_text("{not json\n" * 9)
    Path("empty.jsonl").write_text("")
    done = auditor(*arguments)
    assert (done.code, done.out) == (2, "")
    assert said in " ".join(done.err.split())
    assert not Path("x").exists()

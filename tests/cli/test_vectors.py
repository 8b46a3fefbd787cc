"""`--vectors`: what is wrong with a file is said in one line, and right ones reach the check."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from tests.commands import ready_files

FILES = ("audit", "train.jsonl", "--eval", "eval.jsonl", "--vectors", "train.npy", "eval.npy")


def saved(train: np.ndarray | None = None, evals: np.ndarray | None = None) -> None:
    drawn = np.random.default_rng(1)
    np.save("train.npy", drawn.normal(size=(600, 8)).astype(np.float32) if train is None else train)
    np.save("eval.npy", drawn.normal(size=(1000, 8)).astype(np.float32) if evals is None else evals)


def test_right_files_are_used_and_named(auditor):
    ready_files()
    saved()
    done = auditor(*FILES, "--format", "json", "--exit-zero")
    assert (done.code, done.err) == (0, "")
    found = json.loads(done.out)
    assert found["settings"]["vectors"] == ["train.npy", "eval.npy"]
    assert found["outcomes"]["rewrites"]["not_run"] is None
    shown = auditor(*FILES, "--exit-zero").out
    assert re.search(r"^ +vectors +train\.npy +of train\n +vectors +eval\.npy +of eval$", shown, re.MULTILINE)
    Path("auditor.toml").write_text(
        'train = "train.jsonl"\neval = "eval.jsonl"\nvectors = ["train.npy", "eval.npy"]\n'
    )
    again = json.loads(auditor("audit", "--format", "json", "--exit-zero").out)
    assert again["outcomes"]["rewrites"] == found["outcomes"]["rewrites"]


@pytest.mark.parametrize("kind", [np.float16, np.float64])
def test_vectors_of_other_precision(auditor, kind):
    ready_files()
    saved(np.random.default_rng(1).normal(size=(600, 8)).astype(kind))
    assert auditor(*FILES, "-q", "--exit-zero").code == 0


def broken(shape: tuple[int, ...], row: int, value: float) -> np.ndarray:
    made = np.ones(shape, np.float32)
    made[row] = value
    return made


@pytest.mark.parametrize(
    ("train", "said"),
    [
        (np.ones((599, 8)), "train.npy has 599 vectors and train has 600 readable rows; there must be one for each row"),
        (np.ones((600, 7)), "train.npy has vectors of 7 numbers and eval.npy of 8; make both with one model"),
        (np.ones(600), "train.npy holds float64 of shape 600; wanted is one vector a row"),
        (np.ones((600, 8), np.int64), "train.npy holds int64 of shape 600x8; wanted is one vector a row"),
        (broken((600, 8), 17, 0), "train.npy: the vector of row 17 (from 0) is all zeros; make it anew"),
        (broken((600, 8), 3, np.nan), "train.npy: the vector of row 3 (from 0) holds a number that is not finite"),
        (broken((600, 8), 599, np.inf), "train.npy: the vector of row 599 (from 0) holds a number that is not finite"),
    ],
)  # fmt: skip
def test_wrong_vectors_are_refused(auditor, train, said):
    ready_files()
    saved(train)
    done = auditor(*FILES)
    assert done.code == 2
    assert said in " ".join(done.err.split())


def test_wrong_files_are_refused(auditor):
    ready_files()
    saved()
    Path("train.npy").unlink()
    assert "train.npy: No such file or directory; save the vectors with numpy.save" in auditor(*FILES).err
    Path("train.npy").write_bytes(b"not an array")
    assert "train.npy: it is no .npy file of numbers" in auditor(*FILES).err
    np.save("train.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    assert "train.npy: it is no .npy file of numbers" in auditor(*FILES).err
    with Path("train.npy").open("wb") as file:
        np.savez(file, one=np.ones((600, 8)))
    assert "train.npy is an archive; save one array with numpy.save" in auditor(*FILES).err


def test_vectors_need_an_eval_set_and_both_files(auditor):
    ready_files()
    saved()
    done = auditor("audit", "train.jsonl", "--vectors", "train.npy", "eval.npy")
    assert done.code == 2
    assert "there are no eval rows; name them with --eval FILE" in " ".join(done.err.split())
    Path("auditor.toml").write_text('train = "train.jsonl"\neval = "eval.jsonl"\nvectors = ["train.npy"]\n')
    assert "vectors are two files, those of train and those of eval; 1 are named" in auditor("audit").err

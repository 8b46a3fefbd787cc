"""The benchmark of large files: what it measures and compares, on a tiny corpus."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import polars as pl
import pytest

from tests import commands, helpers
from tests.bench import corpus, planted, scale, stages
from tests.bench.stages import Corpus

ROWS, EVALS = 400, 40


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    corpus.write(folder, rows=ROWS, evals=EVALS, seed=3, boilerplate=0.05)
    return folder


@pytest.fixture(scope="module")
def shuffled(tiny, tmp_path_factory) -> Path:
    return changed(tiny, tmp_path_factory.mktemp("shuffled"), lambda lines: helpers.seeded(1).shuffle(lines))


@pytest.fixture(scope="module")
def edited(tiny, tmp_path_factory) -> Path:
    return changed(tiny, tmp_path_factory.mktemp("edited"), lambda lines: lines.__setitem__(0, lines[1]))


def changed(tiny: Path, folder: Path, change) -> Path:
    lines = (tiny / "train.jsonl").read_bytes().splitlines(keepends=True)
    change(lines)
    (folder / "train.jsonl").write_bytes(b"".join(lines))
    shutil.copy(tiny / "eval.jsonl", folder)
    return folder


def found(folder: Path, place: Path, **how: int) -> Path:
    limits = {"processes": None, "memory": None, **how}
    stages.measure(Corpus.of(folder), place / "cache", place / "found", **limits)
    return place / "found"


def test_nothing_makes_a_difference(tiny, shuffled, tmp_path):
    ours = found(tiny, tmp_path / "one")
    assert scale.difference(ours, ours) == "identical"
    assert scale.difference(ours, found(tiny, tmp_path / "two", memory=1)) == "identical"
    moved = found(shuffled, tmp_path / "three")
    assert scale.difference(ours, moved, moved=True) == "identical"
    assert scale.difference(ours, moved) != "identical", "the places are other ones"


def test_a_difference_is_told(tiny, edited, tmp_path):
    ours = found(tiny, tmp_path / "one")
    told = scale.difference(ours, found(edited, tmp_path / "two"), moved=True)
    assert told.startswith("duplicates: 4 and 4 measures ({'name': 'exact_duplicate_rows', 'value': ")


@pytest.mark.parametrize("moved", [False, True])
def test_a_row_that_differs_is_told(tiny, tmp_path, moved):
    ours, theirs = found(tiny, tmp_path), tmp_path / "theirs"
    shutil.copytree(ours, theirs)
    table = pl.read_parquet(theirs / "duplicates-0.parquet")
    table.with_columns(similarity=pl.col("similarity") / 2).write_parquet(theirs / "duplicates-0.parquet")
    told = scale.difference(ours, theirs, moved=moved)
    rows = len(table)
    assert told.startswith(
        f"Rows that repeat another one: {rows} and {rows} rows of {rows} and {rows}: ('train'"
    )
    table.with_columns(text=pl.lit("")).write_parquet(theirs / "duplicates-0.parquet")
    assert (scale.difference(ours, theirs, moved=moved) == "identical") is moved, "texts go by their hash"


def test_stages_and_findings(tiny, tmp_path, capsys):
    place = found(tiny, tmp_path)
    said = json.loads(capsys.readouterr().out)
    assert list(said["cpu"]) == list(said["wall"]) == ["imports", "read + walk", "duplicates", "leakage"]
    assert (said["rows"], said["evals"], said["parts"]) == (ROWS, EVALS, 1)
    planted.findings(tiny, place)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["exact", "8", "8", "1.0000"] in lines
    assert ["normalised", "2", "2", "1.0000"] in lines
    assert ["normalised", "1", "1.000", "1.000"] in lines
    (others,) = (line for line in lines if line[:4] == ["eval", "rows", "not", "planted"])
    leaked, either = map(int, others[4:])
    assert leaked <= either < EVALS // 4


def test_findings_where_nothing_is_found(tmp_path, capsys):
    rows = [{"messages": [{"role": "user", "content": text}]} for text in ("one thing", "some other words")]
    for name, row in zip(("train", "eval"), rows, strict=True):
        commands.write(tmp_path / f"{name}.jsonl", [row])
    (tmp_path / "truth.jsonl").touch()
    planted.findings(tmp_path, found(tmp_path, tmp_path / "place"))
    assert "reported near pairs / below .8                          0            0" in capsys.readouterr().out


def test_what_a_command_and_its_children_cost(tmp_path):
    child = "block = b'x' * (64 << 20); import time; time.sleep(0.3); print(len(block))"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}]); sys.exit(3)"
    done = stages.spent([sys.executable, "-c", code], tmp_path)
    assert (done.code, done.out) == (3, f"{64 << 20}\n")
    assert done.wall > 0.3
    assert done.cpu > 0
    assert done.memory > 64 or not Path("/proc/self/status").exists()


def test_a_search_that_fails_is_no_measurement(tmp_path):
    with pytest.raises(RuntimeError, match=r"nowhere/train\.jsonl ended with exit code 1"):
        stages.searched(Corpus.of(Path("nowhere")), tmp_path / "cache", tmp_path / "found")


@pytest.mark.slow
def test_the_whole_table(tiny, shuffled, edited, monkeypatch, capsys):
    monkeypatch.setenv("NUMBA_CACHE_DIR", commands.kernel_folder())
    monkeypatch.setattr(sys, "argv", ["scale", f"{tiny}", "--edited", f"{edited}", "--same", f"{shuffled}"])
    scale.main()
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].endswith("400 training rows (0 MB), 40 eval rows, 1 parts")
    assert sum(line.endswith("identical") for line in lines) == 6
    assert sum("exit code" in line for line in lines) == 0
    for name in ("cold run", "from the store", "auditor audit -q, nothing changed", edited.name):
        (line,) = (line for line in lines if line.startswith(f"{name}  "))
        assert len(line.removeprefix(name).split("  imports")[0].split()) == 5
    assert any(line.startswith("planted leaks") for line in lines)

"""A report is shown again where nothing it depends on has changed, and only there."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from auditor import remembered
from auditor.auditing import audit_files
from auditor.load import stamps
from tests.commands import labelled_rows, write

OLD = time.time_ns() - 3600 * 10**9


def aged(*paths):
    for path in paths:
        os.utime(path, ns=(OLD, OLD))


@pytest.fixture
def project(auditor, monkeypatch):
    """A folder with old files, audited once; tells whether an audit was made or remembered."""
    write("train.jsonl", labelled_rows(60, 1))
    write("eval.jsonl", labelled_rows(12, 1))
    Path("own.toml").write_text('extends = "base"\nstance = "lenient"\n')
    aged("train.jsonl", "eval.jsonl", "own.toml")
    made = list[int]()

    def counted(*given, **how):
        made.append(1)
        return audit_files(*given, **how)

    monkeypatch.setattr("auditor.planning.make.audit_files", counted)
    monkeypatch.setattr(stamps, "RACY", 0)  # the change time of a file cannot be set back

    def run(*more):
        made.clear()
        done = auditor("audit", "train.jsonl", "--eval", "eval.jsonl", "--format", "json", "-q", *more)
        return done, bool(made)

    return run


def test_the_same_audit_is_made_once(project):
    first, was_made = project()
    again, was_made_again = project()
    assert (was_made, was_made_again) == (True, False)
    assert (again.code, again.out) == (first.code, first.out)
    assert json.loads(again.out)["gates"]


@pytest.mark.parametrize(
    "more",
    [
        ["--stance", "strict"],
        ["--policy", "own.toml"],
        ["--redact"],
        ["--task", "style"],
        ["--threshold", ".7"],
    ],
)
def test_what_is_asked_for_makes_another_report(project, more):
    project()
    assert project(*more)[1]
    assert not project(*more)[1]


def test_the_prices_of_the_folder_are_those_of_the_plan(project):
    def label(done):
        return next(one for one in json.loads(done.out)["todo"]["prices"] if one["name"] == "label")

    shipped, _ = project()
    Path("readiness.toml").write_text("[prices]\nlabel = [2, 3, 4]\n")
    aged("readiness.toml")
    own, was_made = project()
    assert was_made
    assert label(own)["value"] == {"low": 2.0, "expected": 3.0, "high": 4.0} != label(shipped)["value"]
    assert not project()[1]
    Path("readiness.toml").write_text("[prices]\nlabel = -1\n")
    done, _ = project()
    assert done.code == 2
    assert "readiness.toml" in done.err


@pytest.mark.parametrize("name", ["train.jsonl", "eval.jsonl", "own.toml"])
def test_a_changed_file_makes_another_report(project, name):
    project("--policy", "own.toml")
    path = Path(name)
    path.write_bytes(
        path.read_bytes() + (b"\n" if name.endswith("toml") else path.read_bytes().splitlines()[0] + b"\n")
    )
    aged(path)
    assert project("--policy", "own.toml")[1]


def test_policies_behind_a_policy_count_and_circles_end(tmp_path):
    names = ("a", "b", "c")
    for name, other in zip(names, ("b", "c", "a"), strict=True):
        (tmp_path / f"{name}.toml").write_text(f'extends = "{other}.toml"\n')
    assert remembered._policy_files(str(tmp_path / "a.toml")) == [tmp_path / f"{name}.toml" for name in names]
    (tmp_path / "c.toml").write_text("no toml")
    assert len(remembered._policy_files(str(tmp_path / "a.toml"))) == 3
    assert remembered._policy_files(None) == remembered._policy_files("base") == []


def test_a_file_in_a_pattern_that_is_new_makes_another_report(auditor, monkeypatch):
    monkeypatch.setattr(stamps, "RACY", 0)
    Path("more").mkdir()
    write("more/a.jsonl", labelled_rows(5, 1))
    first = auditor("audit", "more", "--format", "json", "-q")
    write("more/b.jsonl", labelled_rows(6, 1))
    second = auditor("audit", "more", "--format", "json", "-q")
    assert len(json.loads(second.out)["inputs"]) == len(json.loads(first.out)["inputs"]) + 1


@pytest.mark.parametrize("more", [["--verify-cache"], ["--no-cache"], ["--out", "report"]])
def test_what_asks_for_work_gets_it(project, more):
    project()
    assert project(*more)[1]


@pytest.mark.parametrize("more", [["--no-cache"], ["--out", "report"]])
def test_nothing_is_looked_up_or_kept_where_it_would_be_for_nothing(project, tmp_path, monkeypatch, more):
    monkeypatch.setattr(remembered, "name_of", None)
    assert project(*more)[1]
    assert not list((tmp_path / "cache").glob("results/*"))


def test_a_file_that_was_just_changed_is_not_trusted(project, monkeypatch):
    monkeypatch.setattr(stamps, "RACY", 2_000_000_000)
    write("train.jsonl", labelled_rows(61, 1))
    project()
    assert project()[1]


@pytest.mark.parametrize("damage", [lambda content: b"", lambda content: content[:-9] + b"x" + content[-8:]])
def test_a_damaged_report_is_made_again(project, tmp_path, damage):
    first, _ = project()
    (kept,) = (tmp_path / "cache" / "results").iterdir()
    kept.write_bytes(damage(kept.read_bytes()))
    again, was_made = project()
    assert was_made
    assert again.out == first.out
    assert not project()[1]


def test_a_report_of_an_unreadable_file_is_not_kept(project):
    Path("train.jsonl").write_text("not data")
    aged("train.jsonl")
    assert project()[0].code == 2
    assert project()[1]


def test_the_oldest_reports_go(project, tmp_path, monkeypatch):
    monkeypatch.setattr(remembered, "MOST", 2)
    for task in ("style", "format", "extraction"):
        project("--task", task)
    assert len(list((tmp_path / "cache" / "results").iterdir())) == 2
    assert not project("--task", "extraction")[1]


def test_nothing_heavy_is_loaded_for_it(project, tmp_path):
    project()
    code = "import sys; sys.argv = ['auditor', 'audit', 'train.jsonl', '--eval', 'eval.jsonl', '-q']\n"
    code += "from auditor.load import stamps; stamps.RACY = 0\n"
    code += "from auditor.cli.main import main\ntry: main()\nfinally: print(*sys.modules)"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=False)
    loaded = set(done.stdout.split())
    assert "auditor.remembered" in loaded
    assert loaded.isdisjoint({"polars", "numpy", "pyarrow", "numba", "scipy"}), done.stderr


def test_a_name_that_is_no_text_is_audited_each_time(auditor, monkeypatch):
    monkeypatch.setattr(stamps, "RACY", 0)
    name = os.fsdecode(b"caf\xe9.jsonl")
    write(name, labelled_rows(9, 1))
    aged(name)
    first, second = (auditor("audit", name, "--format", "json") for _ in range(2))
    assert first.code == 1
    assert first == second

"""The sample data sets: the audit finds what was planted in them, with their settings file and without it."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from auditor import audit
from auditor.cli.main import group

SAMPLES = Path(__file__).parent.parent / "sample_data"
NAMES = sorted(path.name for path in SAMPLES.iterdir() if path.is_dir() and path.name != "LICENSES")
NOT_DATA = ("auditor.toml", "expected.json")
HEAVIEST = 6_000_000
"""Bytes of the whole folder, so that cloning stays quick."""


@pytest.fixture(autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path_factory.getbasetemp() / "samples-cache"  # shared: both forms read the same files
    monkeypatch.setenv("AUDITOR_CACHE_DIR", str(folder))


def _expected(name: str) -> dict:
    return json.loads((SAMPLES / name / "expected.json").read_text("utf-8"))


def _audited(arguments: Sequence[str] = ()) -> tuple[int, dict]:
    """Exit code and report of an audit in the working directory."""
    done = CliRunner().invoke(group, ["audit", "--format", "json", *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, json.loads(done.stdout)


def _check(code: int, report: dict, expected: dict) -> None:
    assert (code, report["verdict"]) == (expected["exit"], expected["verdict"])
    assert {gate["id"]: gate["verdict"] for gate in report["gates"] if gate["required"]} == expected["gates"]
    for name, wanted in expected["measures"].items():
        check, measure = name.split(".")
        (found,) = (one for one in report["outcomes"][check]["measures"] if one["name"] == measure)
        if isinstance(wanted, list):
            assert wanted[0] <= found["value"] <= wanted[1], name
        elif found["interval"] is not None:
            assert found["interval"][0] <= wanted <= found["interval"][1], name
        elif isinstance(wanted, int):
            assert found["value"] == wanted, name
        else:
            assert found["value"] == pytest.approx(wanted, abs=10 ** -len(str(wanted).split(".")[1])), name


@pytest.mark.parametrize("name", NAMES)
def test_bare_audit_in_the_folder(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(SAMPLES / name)
    _check(*_audited(), _expected(name))


@pytest.mark.parametrize("name", NAMES)
def test_command_without_settings_file(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = shutil.copytree(SAMPLES / name, tmp_path / name, ignore=shutil.ignore_patterns(*NOT_DATA))
    (folder / ".git").mkdir()  # the search for settings ends here
    monkeypatch.chdir(folder)
    _check(*_audited(_expected(name)["command"]), _expected(name))


def test_ready_from_a_script() -> None:
    folder = SAMPLES / "ready"
    assert audit(folder / "train.jsonl", folder / "eval.jsonl", task="format").verdict == "PASS"


@pytest.mark.parametrize("name", NAMES)
def test_readme_lists_the_set(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    readme = (SAMPLES / "README.md").read_text("utf-8")
    lines = [line.split(" | ") for line in readme.splitlines() if line.startswith(f"| [`{name}`]({name})")]
    monkeypatch.chdir(SAMPLES / name)
    read = {"train": 0, "eval": 0}
    for found in _audited()[1]["inputs"]:
        read[found["role"]] += found["rows"]
    counts = f"{read['train']:,} / " + (f"{read['eval']:,}" if read["eval"] else "–")  # noqa: RUF001
    assert [line[-2:] for line in lines] == [[counts, _expected(name)["verdict"] + " |"]]
    sources = readme.partition("## Where they come from")[2]
    assert any(f"`{name}`" in line.split(" | ")[0] for line in sources.splitlines())


def test_deciding_reproduces_the_worked_example(monkeypatch: pytest.MonkeyPatch) -> None:
    """S0's Task API assistant: 4 indicators, 0 anti-indicators, moderate by score, strong by difference, a candidate."""
    monkeypatch.chdir(SAMPLES / "ready")
    done = CliRunner().invoke(group, ["decide", "--format", "json"])
    assert done.exit_code == 0
    report = json.loads(done.stdout)
    assert {gate["verdict"] for gate in report["gates"] if gate["required"]} <= {"PASS", "WARN"}
    said = {one["id"]: one for one in report["frameworks"]}
    assert said["tree"]["verdict"].startswith("fine-tune candidate")
    assert said["confidence"]["verdict"].startswith("moderate candidate")
    assert said["difference"]["verdict"].startswith("strong candidate")
    scores = {score["name"]: score["value"] for score in said["confidence"]["scores"]}
    assert scores["score"] == pytest.approx(4 / 11)
    (rows,) = (one for one in report["answers"] if one["id"] == "eval-1000")
    assert (rows["state"], bool(rows["contradicted"])) == ("yes", True)


def test_the_whole_stays_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file()) <= HEAVIEST


# What was planted, counted again without the auditor.


def _words(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in text.casefold()).split())


def _rows(path: str, delimiter: str = ",") -> list[dict[str, str]]:
    with (SAMPLES / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def test_leaks_are_there() -> None:
    train = {_words(row["Question"]) for row in _rows("leaky/train.csv")}
    leaked = sum(_words(row["Question"]) in train for row in _rows("leaky/dev.csv"))
    assert leaked == _expected("leaky")["measures"]["leakage.exact_leaked_eval_rows"]


def test_contradictions_are_there() -> None:
    units = defaultdict[tuple[str, str], Counter[str]](Counter)
    for row in _rows("noisy/train.tsv", "\t"):
        units[row["unit_id"], _words(row["utterance"])][row["intent"]] += 1
    labels, ties = defaultdict[str, list[str]](list), 0
    for (_, text), votes in units.items():
        (label, most), *others = votes.most_common()
        if any(count == most for _, count in others):
            ties += 1
        else:
            labels[text].append(label)
    contradicted = sum(len(found) for found in labels.values() if len(set(found)) > 1)
    measures = _expected("noisy")["measures"]
    assert (contradicted, ties) == (
        measures["noise.contradicted_rows"],
        measures["structure.unlabeled_rows"],
    )


def test_broken_records_are_there() -> None:
    bad = 0
    for line in (SAMPLES / "broken" / "train.jsonl").read_text("utf-8").split("\n"):
        try:
            bad += not isinstance(json.loads(line, parse_constant=_refuse)["messages"], list)
        except ValueError:
            bad += 1
    assert bad == _expected("broken")["measures"]["structure.bad_records"]


def _refuse(literal: str) -> None:
    message = f"{literal} is not JSON"
    raise ValueError(message)

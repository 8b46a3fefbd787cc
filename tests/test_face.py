"""The public face: `auditor.audit` for scripts, names for authors of checks, a guard against other `checks`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import auditor
from auditor.errors import AuditorError, DataError, PolicyError
from tests.commands import READY, labelled_rows, plain_rows, ready_files, write

POC = {"policy": "poc", "stance": "lenient"}


@pytest.fixture(autouse=True)
def files(request):
    request.getfixturevalue("auditor")
    ready_files()


def test_a_script_gets_the_report():
    report = auditor.audit("train.jsonl", "eval.jsonl", **POC)
    assert isinstance(report, auditor.Report)
    assert report.verdict == "PASS"
    assert auditor.audit(Path("train.jsonl"), [Path("eval.jsonl")], **POC) == report
    assert auditor.audit(["train.jsonl"], eval=("eval.jsonl",), cache=False, **POC) == report


def test_it_says_what_the_command_says(request):
    command = request.getfixturevalue("auditor")
    assert (
        auditor.audit("train.jsonl", "eval.jsonl", **POC).to_json().decode()
        == command("audit", *READY, "--format", "json").out
    )


def test_every_argument_arrives():
    write("odd.jsonl", [{"words": row["text"], "is": row["label"]} for row in labelled_rows(20, seed=2)])
    report = auditor.audit(
        "odd.jsonl", task="classification", stage="before-labeling", map={"words": "text", "is": "label"},
        input_format="text-label", require=["balance"], redact=True, stance="S1", policy="base",
    )  # fmt: skip
    assert (report.task, report.stage, report.settings["stance"]) == (
        "classification",
        "before-labeling",
        "S1",
    )
    assert report.settings["map"] == {"words": "text", "is": "label"}
    assert next(gate for gate in report.gates if gate.id == "balance").required
    assert [found.format for found in report.inputs] == ["text-label"]


def test_threshold_and_recall_arrive():
    report = auditor.audit("train.jsonl", "eval.jsonl", threshold=0.7, recall=0.95, **POC)
    assert (report.settings["text"]["threshold"], report.settings["text"]["recall"]) == (0.7, 0.95)


def test_settings_files_are_not_read():
    Path("auditor.toml").write_text("this is = = no TOML")
    assert auditor.audit("train.jsonl", "eval.jsonl", **POC).verdict == "PASS"


def test_without_cache_nothing_stays(tmp_path):
    auditor.audit("train.jsonl", cache=False)
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        (("nowhere.jsonl",), DataError, "nowhere.jsonl does not exist"),
        (("train.jsonl", "train.jsonl"), DataError, "as train and as eval data"),
        (((),), DataError, "no training file is named"),
    ],
)
def test_mistakes_are_errors_with_one_root(arguments, error, said):
    with pytest.raises(error, match=said):
        auditor.audit(*arguments)
    assert issubclass(error, AuditorError)
    with pytest.raises(PolicyError, match="did you mean 'style'"):
        auditor.audit("train.jsonl", task="sytle")


def test_public_names_are_lazy_and_complete():
    from checks import contract

    for name in auditor.__all__:
        assert getattr(auditor, name)
    assert auditor.Measure is contract.Measure
    assert callable(auditor.audit)
    with pytest.raises(AttributeError, match="no attribute 'Meassure'"):
        _ = auditor.Meassure


@pytest.mark.parametrize(
    "first", ["auditor.cli.main", "auditor.cli.audit", "auditor.face", "auditor.auditing"]
)
def test_audit_is_the_function_whatever_was_imported_before(first):
    code = (
        f"import {first}, auditor\nassert callable(auditor.audit), auditor.audit\nfrom auditor import audit"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_public_face_costs_nothing_until_it_is_used():
    code = (
        "import sys, auditor\n"
        "heavy = {'polars', 'pyarrow', 'numpy', 'numba', 'msgspec', 'rich', 'checks'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def shadowed(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "auditor", "--version"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("decoy", ["checks/__init__.py", "checks.py"])
def test_a_package_that_hides_ours_is_named_and_not_run(tmp_path, decoy):
    path = tmp_path / "decoy" / decoy
    path.parent.mkdir(parents=True)
    path.write_text("print('the decoy ran')\n")
    done = shadowed(tmp_path / "decoy")
    assert done.returncode != 0
    assert f"{path} hides auditor's own 'checks' package" in done.stderr
    assert "the decoy ran" not in done.stdout + done.stderr


def test_a_mere_folder_called_checks_hides_nothing(tmp_path):
    (tmp_path / "decoy" / "checks").mkdir(parents=True)
    write(tmp_path / "decoy" / "checks" / "rows.jsonl", plain_rows(1, seed=2))
    assert shadowed(tmp_path / "decoy").returncode == 0

"""The section of a dataset card and the Croissant file: what they say, what they keep to themselves, and where they go."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path

import msgspec
import pytest

from auditor.report import card, croissant
from auditor.report.findings import failing_rulings
from auditor.report.formats import FORMATS
from auditor.report.paths import is_below, public, published
from tests.commands import READY, ready_files, write
from tests.report.test_ci_formats import HOSTILE, hostile
from tests.report.test_golden import GOLDEN, saved
from tests.test_architecture import ROOT

BASE = ROOT / "auditor" / "policies" / "base.toml"
OUTSIDE = "/srv/ann/secret/x.jsonl"


@pytest.mark.parametrize(
    ("path", "shown"),
    [("a/b.jsonl", "a/b.jsonl"), ("./a.jsonl", "a.jsonl"), (OUTSIDE, "x.jsonl"), ("../x.jsonl", "x.jsonl"),
     ("a/../../b.csv", "b.csv"), ("-", "-")],
)  # fmt: skip
def test_folders_elsewhere_are_private(path, shown):
    assert public(path) == shown
    assert is_below(path) == (shown == str(Path(path)))


@pytest.mark.parametrize("name", [one.name for one in FORMATS if one.redacts])
def test_what_is_published_names_no_folder_elsewhere(auditor, tmp_path, name):
    folder = tmp_path / "elsewhere"
    (folder / "more").mkdir(parents=True)
    shutil.copy(BASE, folder / "own.toml")
    write(folder / "train.jsonl", [{"text": f"a {{{{x}}}} {n % 3}"} for n in range(9)])
    write(folder / "more" / "train.jsonl", [{"text": f"a {{{{x}}}} {n}"} for n in range(2)])
    (folder / "bad.jsonl").write_bytes(b"\x00\x01")
    files = (folder / "train.jsonl", folder / "more" / "train.jsonl", folder / "bad.jsonl")
    done = auditor("audit", *files, "--format", name, "--policy", folder / "own.toml")
    assert done.code == 2
    assert "train.jsonl" in done.out
    assert "train-2.jsonl" in done.out or name == "github"
    assert "bad.jsonl" in done.out
    assert "elsewhere" not in done.out


def test_names_stay_apart_and_other_text_as_it_is():
    report = saved()
    given = (
        "/b/x.jsonl",
        "/a/x.jsonl.gz",
        "/a/x.jsonl",
        "x-2.jsonl",
        "./y.jsonl",
        "../x.jsonl",
        "c/b/x.jsonl",
    )
    inputs = tuple(msgspec.structs.replace(report.inputs[0], path=path) for path in given)
    found, outside = published(
        msgspec.structs.replace(
            report,
            inputs=inputs,
            notes=(
                "a/b/x.jsonl",
                "not /a/x.jsonl: no",
            ),
        )
    )
    names = [one.path for one in found.inputs]
    assert names == [
        "x.jsonl",
        "x.jsonl.gz",
        "x-3.jsonl",
        "x-2.jsonl",
        "y.jsonl",
        "x-4.jsonl",
        "c/b/x.jsonl",
    ]
    assert outside == {"x.jsonl", "x.jsonl.gz", "x-3.jsonl", "x-4.jsonl"}
    assert found.notes[1] == "not x-3.jsonl: no"
    assert found.outcomes == report.outcomes
    assert published(report) == (report, frozenset())


# The section


def test_it_tells_verdict_gates_limits_and_files(auditor):
    ready_files()
    text = auditor("audit", *READY, "--format", "card").out
    assert text.startswith(f"{card.BEGIN}\n# Data readiness\n\n**PASS Ready.")
    assert text.endswith(f"{card.END}\n")
    assert "Limits that are not kept" not in text
    assert "| train | train.jsonl | 600 | " in text
    shown = card.render(saved(), redact=True)
    for ruling in failing_rulings(saved()):
        assert ruling.measure.replace("_", "\\_") in shown


def test_it_never_begins_a_front_matter_and_no_text_ends_it():
    report = hostile(saved())
    inputs = (msgspec.structs.replace(report.inputs[0], path=f"{card.END}\n---\n# x {OUTSIDE}"),)
    text = card.render(msgspec.structs.replace(report, inputs=inputs), redact=False)
    assert text.count(card.BEGIN) == text.count(card.END) == 1
    assert not [line for line in text.splitlines() if line.strip() == "---"]
    assert HOSTILE not in text


@pytest.mark.parametrize("inside", ["", "\n", "an older section\n# with more\n"])
def test_a_card_keeps_all_but_its_section(auditor, inside):
    before, after = "---\nlicense: mit\n---\n# My data\n", "\n## Mine\n"
    readme = Path("README.md")
    readme.write_text(f"{before}{card.BEGIN}{inside}{card.END}{after}", "utf-8")
    readme.chmod(0o644)
    for _ in range(2):
        assert auditor("report", GOLDEN, "--format", "card", "-o", "README.md") == (0, "", "")
        section = card.render(saved(), redact=True).rstrip()
        assert readme.read_text("utf-8") == before + section + after
    assert stat.S_IMODE(readme.stat().st_mode) == 0o644


@pytest.mark.parametrize("content", ["# My data\n", card.BEGIN, f"{card.END}{card.BEGIN}"])
def test_a_card_without_a_place_is_left_alone(auditor, content):
    Path("README.md").write_text(content, "utf-8")
    done = auditor("report", GOLDEN, "--format", "card", "-o", "README.md")
    assert done.code == 2
    assert "has no place for the section: write the lines <!-- auditor card: begin -->" in done.err
    assert Path("README.md").read_text("utf-8") == content


# Croissant


def test_croissant_has_the_files_and_the_limitations():
    report = saved()
    found = json.loads(croissant.render(report, redact=True))
    assert found["conformsTo"] == [
        "http://mlcommons.org/croissant/1.0",
        "http://mlcommons.org/croissant/RAI/1.0",
    ]
    assert [(one["name"], one["sha256"]) for one in found["distribution"]] == [
        (one.path, one.sha256) for one in report.inputs
    ]
    assert found["distribution"][0]["contentUrl"] == "tr%25ain%20%5Bx%5D%28y%29%2Cz.jsonl"
    assert {one["encodingFormat"] for one in found["distribution"]} == {"application/jsonlines"}
    assert len(found["rai:dataLimitations"]) == len(failing_rulings(report))
    assert any(
        "PASS: sensitive.secret_rows 0 of 36" in one for one in found["rai:personalSensitiveInformation"]
    )
    assert found["rai:dataBiases"][0].startswith(("PASS", "WARN"))


def test_every_file_is_there_once_with_all_of_its_roles():
    report = saved()
    train, evals = report.inputs
    paths = (
        ("train", "/d/train/part.jsonl"),
        ("eval", "/d/eval/part.jsonl"),
        ("eval", "/d/train/part.jsonl"),
    )
    inputs = tuple(
        msgspec.structs.replace(train if "train" in path else evals, role=role, path=path)
        for role, path in paths
    )
    found = json.loads(croissant.render(msgspec.structs.replace(report, inputs=inputs), redact=True))
    assert [(one["@id"], one["sha256"], one["description"]) for one in found["distribution"]] == [
        ("part.jsonl", train.sha256, "28 records for train, 28 records for eval"),
        ("part-2.jsonl", evals.sha256, "8 records for eval"),
    ]


def test_what_was_not_measured_or_read_is_not_claimed():
    report = saved()
    one = msgspec.structs.replace(report.inputs[0], sha256=None, path=OUTSIDE)
    gates = tuple(
        msgspec.structs.replace(
            gate, rulings=tuple(msgspec.structs.replace(r, value=None) for r in gate.rulings)
        )
        for gate in report.gates
    )
    text = croissant.render(msgspec.structs.replace(report, inputs=(one,), gates=gates), redact=True)
    found = json.loads(text)
    assert found["distribution"] == []
    assert {name for name in found if name.startswith("rai:")} == {"rai:dataLimitations"}
    assert "secret/" not in text


def test_its_table_names_gates_that_there_are():
    import tomllib

    from auditor.policy import load_policy

    table = tomllib.loads((ROOT / "auditor" / "report" / "croissant.toml").read_text("utf-8"))["gate"]
    assert set(table) <= set(load_policy(None).gates)

"""The section of a dataset card and the Croissant file: what they say, what they keep to themselves, and where they go."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import msgspec
import pytest

from auditor.report import card, croissant
from auditor.report.findings import failing_rulings
from auditor.report.paths import is_below, public
from tests.commands import READY, ready_files, write
from tests.report.test_ci_formats import HOSTILE, hostile
from tests.report.test_golden import GOLDEN, saved
from tests.test_architecture import ROOT

OUTSIDE = "/srv/ann/secret/x.jsonl"


@pytest.mark.parametrize(
    ("path", "shown"),
    [("a/b.jsonl", "a/b.jsonl"), ("./a.jsonl", "a.jsonl"), (OUTSIDE, "x.jsonl"), ("../x.jsonl", "x.jsonl"),
     ("a/../../b.csv", "b.csv"), ("-", "-")],
)  # fmt: skip
def test_folders_elsewhere_are_private(path, shown):
    assert public(path) == shown
    assert is_below(path) == (shown == str(Path(path)))


@pytest.mark.parametrize("name", ["sarif", "card", "croissant"])
def test_what_is_published_names_no_folder_elsewhere(auditor, tmp_path, name):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    write(folder / "train.jsonl", [{"text": f"a {{{{x}}}} {n % 3}"} for n in range(9)])
    (folder / "bad.jsonl").write_bytes(b"\x00\x01")
    done = auditor("audit", folder / "train.jsonl", folder / "bad.jsonl", "--format", name)
    assert done.code == 2
    assert "train.jsonl" in done.out
    assert "bad.jsonl" in done.out
    assert "elsewhere" not in done.out


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

"""The README says what the program does: its console blocks are run, its tables are those of the code."""

from __future__ import annotations

import re
import runpy
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from auditor.policy import gates_for, load_policy, overlay
from auditor.registry import BUILTIN, configure
from auditor.report.documentation import claim
from auditor.report.formats import FORMATS
from auditor.settings import read_settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
CONSOLE = re.compile(r"<!-- console: (.+?) -->\n```console\n\$ (.+?)\n(.*?)```", re.DOTALL)
WHEN = {"task": "classification", "stage": "before-training", "require": (), "classes": 2}
ANYTHING = "[...]\n"
"""Stands for lines of output that are left out."""

PROGRESS = re.compile(
    r"^(?:hashing|reading|checking|comparing|looking for|telling where|drawing) .*\n", re.MULTILINE
)
"""What a busy machine says while it works."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def matches(expected: str, output: str) -> bool:
    """Whether the output is what is shown, some lines or none in the place of each ellipsis."""
    pattern = "(?:.*\n)*?".join(map(re.escape, expected.split(ANYTHING)))
    return re.fullmatch(pattern, output) is not None


@pytest.mark.parametrize(
    ("expected", "same"),
    [
        ("a\n[...]\nc\n", True),
        ("[...]\n", True),
        ("a\n[...]\nb\nc\n", True),
        ("b\n", False),
        ("a\nb\n", False),
    ],
)
def test_ellipses_stand_for_lines(expected, same):
    assert matches(expected, "a\nb\nc\n") is same


def test_every_console_block_is_run():
    assert len(CONSOLE.findall(README)) == len(blocks("console")) > 0


@pytest.mark.parametrize(("folder", "command", "expected"), CONSOLE.findall(README))
def test_console_blocks(folder, command, expected, tmp_path):
    shutil.copytree(ROOT / folder, tmp_path / "here")
    (tmp_path / "here" / "auditor.toml").unlink(missing_ok=True)  # the block says all there is to say
    program, *arguments = shlex.split(command)
    assert program == "auditor"
    done = subprocess.run(
        [sys.executable, "-m", "auditor", *arguments], cwd=tmp_path / "here", capture_output=True, text=True, check=False
    )  # fmt: skip
    said = PROGRESS.sub("", done.stdout + done.stderr)
    assert matches(expected, said), said


def test_the_table_of_checks():
    rows = [f"| `{check.id}` | {claim(check)} |\n" for check in BUILTIN]
    assert "".join(rows) in README, "".join(rows)


def test_the_table_of_formats():
    rows = [
        f"| `{one.name}` | `{one.file}` | {one.says} | "
        f"{('left out' if one.redacts else 'shown') if one.quotes else 'none'} |\n"
        for one in FORMATS
    ]
    assert "".join(rows) in README, "".join(rows)


def test_the_settings_shown_are_valid(tmp_path):
    (shown,) = blocks("toml")
    settings = read_settings(tmp_path / "auditor.toml", tomllib.loads(shown))
    policy = overlay(load_policy(None), settings.tables, "README.md")
    for check in BUILTIN:
        configure(check, policy.checks.get(check.id, {}))
    assert not next(one for one in gates_for(policy, **WHEN) if one.id == "balance").required


def test_the_script_runs(tmp_path, monkeypatch, capsys):
    (script,) = blocks("python")
    monkeypatch.chdir(tmp_path)
    for name, rows in (("train", range(20)), ("eval", range(20, 30))):
        lines = [f'{{"text": "message number {row} of this set", "label": "{row % 2}"}}\n' for row in rows]
        (tmp_path / f"{name}.jsonl").write_text("".join(lines))
    (tmp_path / "script.py").write_text(script)
    runpy.run_path(str(tmp_path / "script.py"))
    assert capsys.readouterr().out.startswith("BLOCK ['volume'")


def test_it_has_two_commands_of_one_line():
    setup, test = blocks("bash")
    assert setup.count("\n") == test.count("\n") == 1
    assert "sample_data/" in setup
    assert "pytest" in test

"""The hook `auditor-gate` in a real repository: bad data is refused, good data and other files pass."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.commands import environment, plain_rows, ready_files, write

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
MANIFEST = ".pre-commit-hooks.yaml"
SETTINGS = 'train = "train.jsonl"\neval = "eval.jsonl"\npolicy = "poc"\nstance = "lenient"\n'
WHO = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org", "-c", "commit.gpgsign=false")
SCRIPTS = Path(sys.executable).parent


def run(*command: object, folder: Path) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))}
    env |= environment(folder.parent) | {
        "PATH": f"{SCRIPTS}{os.pathsep}{env['PATH']}",
        "PRE_COMMIT_HOME": str(folder.parent / "pre-commit"),
        "GIT_CONFIG_GLOBAL": os.devnull,
    }
    return subprocess.run(
        [str(part) for part in command], cwd=folder, env=env, capture_output=True, text=True, check=False
    )


def done(*command: object, folder: Path) -> str:
    found = run(*command, folder=folder)
    assert found.returncode == 0, found
    return found.stdout.strip()


def commit(folder: Path) -> subprocess.CompletedProcess[str]:
    done("git", "add", "--all", folder=folder)
    return run("git", *WHO, "commit", "-m", "change", folder=folder)


def hook() -> dict:
    (found,) = yaml.safe_load((ROOT / MANIFEST).read_text("utf-8"))
    return found


def repository(folder: Path, repo: dict) -> Path:
    """A data repository with the hook installed and nothing committed yet."""
    folder.mkdir()
    done("git", "init", "--quiet", folder=folder)
    (folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [repo]}))
    (folder / "auditor.toml").write_text(SETTINGS)
    done("pre-commit", "install", folder=folder)
    return folder


def holds_the_gate(folder: Path) -> None:
    """Good data passes, other files do not even run it, bad data is refused until it is mended."""
    ready_files(folder)
    good = commit(folder)
    assert good.returncode == 0, good
    assert "data readiness gate" in good.stderr
    assert "Passed" in good.stderr
    (folder / "notes.md").write_text("nothing about data\n")
    other = commit(folder)
    assert other.returncode == 0, other
    assert "Skipped" in other.stderr
    assert "Passed" not in other.stderr
    write(folder / "train.jsonl", [*plain_rows(600, seed=2), *plain_rows(1_000, seed=3)[:5]])
    bad = commit(folder)
    assert bad.returncode != 0
    assert "BLOCK" in bad.stderr
    assert "5 of 1,000" in bad.stderr
    assert len(done("git", "log", "--format=%h", folder=folder).splitlines()) == 2
    ready_files(folder)
    write(folder / "train.jsonl", plain_rows(599, seed=2))
    assert commit(folder).returncode == 0
    assert not done("git", "status", "--porcelain", folder=folder), (
        "an audit leaves nothing in the repository"
    )


def test_the_manifest_names_a_command_that_exists():
    assert hook()["id"] == "auditor-gate"
    program, *arguments = hook()["entry"].split()
    assert (
        subprocess.run([SCRIPTS / program, *arguments, "--help"], check=False, capture_output=True).returncode
        == 0
    )


def test_the_gate_as_a_local_hook(tmp_path):
    """The manifest's own hook, run by the auditor of this environment instead of one built for it."""
    local = {"repo": "local", "hooks": [{**hook(), "language": "system"}]}
    holds_the_gate(repository(tmp_path / "data", local))


def test_a_change_of_the_settings_runs_it(tmp_path):
    folder = repository(tmp_path / "data", {"repo": "local", "hooks": [{**hook(), "language": "system"}]})
    ready_files(folder)
    assert commit(folder).returncode == 0
    (folder / "auditor.toml").write_text(SETTINGS.replace("poc", "base").replace("lenient", "strict"))
    assert commit(folder).returncode != 0


@pytest.mark.skipif(
    "AUDITOR_CI" not in os.environ, reason="builds an environment from a package index: AUDITOR_CI=1"
)
def test_the_gate_in_an_environment_of_its_own(tmp_path):
    """As users write it: pre-commit clones the project, builds it and installs its dependencies."""
    source = tmp_path / "project"
    source.mkdir()
    for name in ("auditor", "checks"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", MANIFEST):
        shutil.copy(ROOT / name, source / name)
    done("git", "init", "--quiet", folder=source)
    assert commit(source).returncode == 0
    rev = done("git", "rev-parse", "HEAD", folder=source)
    holds_the_gate(
        repository(tmp_path / "data", {"repo": str(source), "rev": rev, "hooks": [{"id": "auditor-gate"}]})
    )

"""The built wheel in a fresh environment: complete, and at work beside a package that is called like one of ours."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.commands import READY, ready_files

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
CARRIED = (".py", ".toml", ".npz", ".typed", ".html", ".css", ".js")
"""Endings of what an installation needs."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel that would be published."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """The scripts of a fresh environment with the wheel; dependencies are lent by the one the tests run in."""
    folder = tmp_path_factory.mktemp("fresh") / "environment"
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--no-index", "--no-deps", wheel]
    subprocess.run(pip, check=True, capture_output=True)
    ours = sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)})
    lent = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (Path(ours) / "lent.pth").write_text("\n".join(sorted(lent)) + "\n")
    return folder / "bin"


def run(*command: object, folder: Path) -> subprocess.CompletedProcess[str]:
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))
    }
    env |= {"AUDITOR_CACHE_DIR": str(folder.parent / "cache")}
    return subprocess.run(
        [str(part) for part in command], cwd=folder, env=env, capture_output=True, text=True, check=False
    )


def test_the_wheel_holds_every_source_and_nothing_else(wheel):
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    sources = {
        str(path.relative_to(ROOT))
        for package in ("auditor", "checks")
        for path in (ROOT / package).rglob("*")
        if path.suffix in CARRIED or path.name == "py.typed"
    }
    assert held == sources
    assert {
        "auditor/py.typed",
        "checks/py.typed",
        "auditor/policies/base.toml",
        "auditor/policies/tasks.toml",
        "auditor/policies/prices.toml",
    } <= held


def test_the_command_runs_beside_a_decoy_and_is_the_one_of_the_wheel(installed, tmp_path):
    work = tmp_path / "work"
    (work / "checks").mkdir(parents=True)
    (work / "checks" / "__init__.py").write_text("raise RuntimeError('the decoy ran')\n")
    (work / "auditor.py").write_text("raise RuntimeError('the decoy ran')\n")
    ready_files(work)
    where = run(
        installed / "python",
        "-P",
        "-c",
        "import auditor, checks; print(auditor.__file__, checks.__file__)",
        folder=work,
    )
    assert all(Path(place).is_relative_to(installed.parent) for place in where.stdout.split()), where
    done = run(installed / "auditor", "audit", *READY, "--quiet", folder=work)
    assert (done.returncode, done.stdout.split()[0], done.stderr) == (0, "PASS", ""), done
    assert run(installed / "auditor", "explain", "size", folder=work).returncode == 0
    assert run(installed / "auditor", "checks", folder=work).returncode == 0


def test_the_module_beside_a_decoy_says_what_is_wrong(installed, tmp_path):
    work = tmp_path / "work"
    (work / "checks").mkdir(parents=True)
    (work / "checks" / "__init__.py").write_text("raise RuntimeError('the decoy ran')\n")
    done = run(installed / "python", "-m", "auditor", "--version", folder=work)
    assert done.returncode != 0
    assert "hides auditor's own 'checks' package" in done.stderr
    assert "the decoy ran" not in done.stderr
    assert run(installed / "python", "-P", "-m", "auditor", "--version", folder=work).returncode == 0

"""The dependency rule, enforced: auditor -> checks -> polars, numpy, Arrow. Nothing points back."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted(path for folder in ("auditor", "checks") for path in (ROOT / folder).rglob("*.py"))
NO_CHECK = {
    "contract",
    "effective",
    "faults",
    "groups",
    "intervals",
    "labels",
    "measures",
    "money",
    "origins",
    "paired",
    "places",
    "private",
    "rewritten",
    "schemas",
    "sketched",
    "text",
    "unpaired",
}
"""Modules of checks/ that several checks share; all others are checks and do not know each other."""
FORBIDDEN_IN_CHECKS = {"auditor", "click", "great_expectations", "sys", "logging", "rich", "msgspec"}
RENDERERS = sorted((ROOT / "auditor" / "report").rglob("*.py"))


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: absolute imports only"
            names |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_files_stay_small(path):
    assert path.read_text("utf-8").count("\n") <= 300, "split it"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_functions_stay_small(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef):
            code = (node.end_lineno or 0) - node.lineno - len((ast.get_docstring(node) or "").splitlines())
            assert code <= 48, f"{path}: {node.name} has {code} lines"


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if "checks" in path.relative_to(ROOT).parts[0]], ids=name_of
)
def test_checks_know_no_terminal_no_policy_and_no_report(path):
    allowed = {"sys"} if path.name == "kernel.py" else set()  # asks for the byte order
    assert not {name.split(".")[0] for name in imported(path)} & (FORBIDDEN_IN_CHECKS - allowed)


@pytest.mark.parametrize("path", sorted((ROOT / "checks").glob("*.py")), ids=name_of)
def test_a_check_knows_no_other_check(path):
    ours = {name.split(".")[1] for name in imported(path) if name.startswith("checks.")}
    assert ours <= NO_CHECK, f"{path.name} imports {ours - NO_CHECK}"


@pytest.mark.parametrize("path", sorted((ROOT / "checks" / "text").glob("*.py")), ids=name_of)
def test_what_text_checks_share_knows_only_the_contract(path):
    ours = {name.split(".")[1] for name in imported(path) if name.startswith("checks.")}
    assert ours <= {"contract", "measures", "text"}


@pytest.mark.parametrize("path", RENDERERS, ids=name_of)
def test_no_output_names_a_check(path):
    from auditor.registry import BUILTIN

    tree = ast.parse(path.read_text("utf-8"))
    words = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert not words & {check.id for check in BUILTIN}


def test_no_inheritance_inside_the_project():
    ours = {
        node.name: name_of(path) for path in SOURCES for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
    }  # fmt: skip
    for path in SOURCES:
        if path.name == "errors.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
                assert not bases & set(ours), f"{path}: {node.name}"


def test_help_needs_click_alone():
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom auditor.cli.main import group\n"
        "assert CliRunner().invoke(group, ['--help']).exit_code == 0\n"
        "heavy = {'polars', 'pyarrow', 'numba', 'numpy', 'rich', 'msgspec', 'rapidfuzz', 'jinja2'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_an_audit_does_not_wait_for_distributions():
    code = (
        "import sys\nimport auditor.auditing, auditor.report.terminal\n"
        "heavy = {'scipy.special', 'scipy.stats', 'scipy.linalg'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_sources_name_no_machine():
    absolute = re.compile(r"[\"'\s](?:/work|/root|/tmp|/home/\w+)/")
    for path in [*SOURCES, *(ROOT / "tests").rglob("*.py"), ROOT / "pyproject.toml"]:
        assert not absolute.search(path.read_text("utf-8")), path

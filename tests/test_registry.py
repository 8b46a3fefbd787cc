"""Checks of others, installed as entry points: run and limited like ours; broken ones are told, never passed."""

from __future__ import annotations

import importlib
import itertools
import sys
import textwrap

import pytest

from auditor.registry import BUILTIN, DECISION, configure, discover, is_builtin
from checks.noise import Noise
from checks.structure import Structure
from tests.commands import READY, ready_files

GOOD = '''
    """A check that somebody else wrote."""
    from dataclasses import dataclass
    from typing import ClassVar

    import numpy as np
    import polars as pl

    from auditor import Check, Data, Evidence, Measure, Result


    @dataclass(frozen=True)
    class Short:
        """Texts are long enough. `short_rows`: rows under `least` characters; unit rows. Source: us."""

        id: ClassVar[str] = "short"
        title: ClassVar[str] = "Texts that are long enough"
        needs: ClassVar[frozenset[str]] = frozenset({"train.text"})
        measures: ClassVar[tuple[str, ...]] = ("short_rows",)

        least: int = 20

        def run(self, data: Data) -> Result:
            rows = data.train.frame.filter(pl.col("text").str.len_chars() < self.least).collect()
            measure = Measure(name="short_rows", value=np.int64(rows.height), of=data.train.rows)
            evidence = Evidence("Short texts", rows.select("row", "file", "line", "text"), ("text",))
            return Result((measure,), (evidence,))
'''
LIMIT = """
require = ["length"]
[gate.length]
question = "Are the texts long enough?"
[[gate.length.limit]]
check = "short"
measure = "short_rows"
at-most = 0
cite = "us"
fix = "lengthen {lacking} texts"
"""

numbers = itertools.count()


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Installs plug-ins as pip would: modules and the dist-info with their entry points, on sys.path."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(site)

    def put(code: str, *points: str) -> None:
        name = f"plugged_{next(numbers)}"
        (site / f"{name}.py").write_text(textwrap.dedent(code))
        info = site / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        lines = "\n".join(point.replace("HERE", name) for point in points)
        (info / "entry_points.txt").write_text(f"[auditor.checks]\n{lines}\n")
        importlib.invalidate_caches()

    yield put
    for name in [name for name in sys.modules if name.startswith("plugged_")]:
        del sys.modules[name]


# Ours alone


def test_without_plug_ins_the_checks_are_ours():
    found, broken = discover()
    assert tuple(found.values()) == (*BUILTIN, *DECISION)
    assert broken == {}
    assert len(found) == len(BUILTIN) + len(DECISION)
    assert is_builtin("size")
    assert is_builtin("economics")
    assert not is_builtin("short")


def test_settings_are_typed():
    assert configure(Structure, {"max_tokens": 7}).max_tokens == 7
    assert configure(Noise, {"near": 1}).near == 1


# Those of others


def test_a_plug_in_runs_and_a_policy_can_limit_it(auditor, install, tmp_path):
    ready_files()
    install(GOOD, "short = HERE:Short")
    assert auditor("audit", *READY).code == 0
    (tmp_path / "work" / "auditor.toml").write_text(LIMIT)
    done = auditor("audit", *READY, "--format", "json", "--out", "report")
    assert done.code == 0
    assert done.report["outcomes"]["short"]["measures"][0]["value"] == 0
    (tmp_path / "work" / "auditor.toml").write_text(LIMIT + "[check.short]\nleast = 10_000\n")
    done = auditor("audit", *READY, "--format", "json", "--out", "report")
    assert (done.code, done.report["verdict"]) == (1, "BLOCK")
    gate = next(gate for gate in done.report["gates"] if gate["id"] == "length")
    assert gate["rulings"][0]["fix"] == "lengthen 600 texts"
    assert done.report["outcomes"]["short"]["evidence"][0]["file"] == "evidence/short-1.parquet"
    assert (tmp_path / "work" / "report" / "evidence" / "short-1.parquet").exists()


def test_a_plug_in_is_listed_and_explained(auditor, install):
    install(GOOD, "short = HERE:Short")
    assert "short        Texts are long enough." in auditor("checks").out
    out = auditor("explain", "short").out
    assert "least = 20" in out
    assert "`short_rows`" in out


def test_a_wrong_setting_of_a_plug_in_is_a_mistake_of_the_user(auditor, install, tmp_path):
    ready_files()
    install(GOOD, "short = HERE:Short")
    (tmp_path / "work" / "auditor.toml").write_text("[check.short]\nlaest = 3\n")
    done = auditor("audit", *READY)
    assert done.code == 2
    assert "check 'short' has no setting 'laest'; did you mean 'least'?" in done.err


BROKEN = {
    "import error": ("import no_such_module_anywhere\n", "ModuleNotFoundError: No module named"),
    "no such name": ("x = 1\n", "AttributeError: module"),
    "syntax": ("def (:\n", "SyntaxError"),
    "exit": ("import sys\nsys.exit(0)\n", "SystemExit: 0"),
    "not a class": ("Short = 3\n", "it lacks id, title, needs, measures, run"),
    "instance": (GOOD + "\n    Short = Short()\n", "it is no dataclass"),
    "no dataclass": (GOOD.replace("@dataclass(frozen=True)", ""), "it is no dataclass"),
    "needs a list": (GOOD.replace("] = frozenset({", "] = list({"), "its needs is no frozenset"),
    "measures a string": (GOOD.replace('("short_rows",)', '"short_rows"'), "its measures is no tuple"),
    "measures of numbers": (GOOD.replace('("short_rows",)', "(3,)"), "its measures are not all strings"),
    "no run": (GOOD.replace("def run", "def walk"), "it lacks run"),
    "bad id": (GOOD.replace('"short"', '"../../short"'), "its id '../../short' is not made of"),
    "id a number": (GOOD.replace('"short"', "3"), "its id is no str"),
    "needs a setting": (GOOD.replace("least: int = 20", "least: int"), "missing required field `least`"),
    "odd setting": (GOOD.replace("least: int = 20", "least: 'Nowhere' = 20"), "NameError"),
    "duplicate id": (GOOD.replace('"short"', '"size"'), "there is a check 'size' already, checks.size.Size"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_plug_in_is_told_and_never_passes(auditor, install, tmp_path, case):
    code, said = BROKEN[case]
    ready_files()
    install(code, "short = HERE:Short")
    found, broken = discover()
    assert tuple(found.values()) == (*BUILTIN, *DECISION)
    assert said in broken["short"].why
    done = auditor("audit", *READY)
    assert (done.code, done.verdict) == (1, "UNKNOWN")
    assert "Broke down: short" in done.out
    (tmp_path / "work" / "auditor.toml").write_text(LIMIT)
    done = auditor("audit", *READY, "--format", "json")
    assert (done.code, done.report["verdict"]) == (1, "UNKNOWN")
    assert done.report["outcomes"]["short"]["not_run"]["kind"] == "failed to load"
    assert "failed to load" in " ".join(auditor("checks").out.split())
    explained = auditor("explain", "short")
    assert explained.code == 2
    assert "check 'short' failed to load" in explained.err


@pytest.mark.parametrize(
    "body",
    [
        "raise ValueError('x')",
        "raise SystemExit(0)",
        "return None",
        "return Result((Measure(name='y', value=1),))",
    ],
)
def test_a_crash_of_a_plug_in_is_unknown_and_no_bug_of_ours(auditor, install, tmp_path, body):
    ready_files()
    install(GOOD.replace("rows = data", f"{body}; rows = data"), "short = HERE:Short")
    done = auditor("audit", *READY)
    assert (done.code, done.verdict) == (1, "UNKNOWN")
    assert "Broke down: short" in done.out
    (tmp_path / "work" / "auditor.toml").write_text(LIMIT)
    done = auditor("audit", *READY, "--format", "json")
    assert (done.code, done.report["verdict"]) == (1, "UNKNOWN")
    assert done.report["outcomes"]["short"]["not_run"]["kind"] == "crashed"


@pytest.mark.parametrize("code", [GOOD.replace('"short"', '"size"'), "import no_such_module_anywhere\n"])
def test_a_broken_plug_in_that_calls_itself_like_ours_takes_no_place(auditor, install, code):
    ready_files()
    install(code, "size = HERE:Short")
    found, broken = discover()
    assert found["size"] in BUILTIN
    (name,) = broken
    assert name.startswith("size (plugged_")
    done = auditor("audit", *READY, "--format", "json")
    assert done.code == 1
    assert done.report["outcomes"]["size"]["measures"]
    assert done.report["outcomes"][name]["not_run"]["kind"] == "failed to load"


def test_two_plug_ins_with_one_id_the_first_by_name_stays(install):
    install(GOOD, "a = HERE:Short")
    install(GOOD, "b = HERE:Short")
    found, broken = discover()
    assert found["short"].__module__.startswith("plugged_")
    assert list(broken) == ["b"]
    assert "there is a check 'short' already" in broken["b"].why


def test_broken_plug_ins_of_one_name_are_both_told(install):
    install("raise ValueError('one')\n", "short = HERE:Short")
    install("raise ValueError('two')\n", "short = HERE:Short")
    _, broken = discover()
    assert len(broken) == 2
    assert {failure.why[-3:] for failure in broken.values()} == {"one", "two"}

"""`auditor checks`, `explain`, `cache`, `--help`, and the module run as a program."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys

import pytest

from auditor.cli.main import COMMANDS
from auditor.frameworks.loading import load_frameworks
from auditor.policy import load_policy
from auditor.prices import price_table
from auditor.registry import BUILTIN, DECISION
from auditor.tasks import task_table
from tests.commands import READY, environment, ready_files

EVERY = (*BUILTIN, *DECISION)


def flat(text: str) -> str:
    return " ".join(text.split())


# checks


def test_all_checks_are_listed_with_claim_and_measures(auditor):
    done = auditor("checks")
    assert (done.code, done.err) == (0, "")
    assert [line.split()[0] for line in done.out.splitlines() if line[0] != " "] == [
        check.id for check in EVERY
    ]
    for check in EVERY:
        assert flat(", ".join(check.measures)) in flat(done.out)
        assert flat(check.__doc__.partition("\n")[0]) in flat(done.out)


@pytest.mark.parametrize(
    "arguments", [("checks",), ("explain", "prices"), *(("explain", check.id) for check in EVERY)]
)
def test_documentation_fits_80_columns_and_is_plain(auditor, arguments):
    for line in auditor(*arguments).out.splitlines():
        assert len(line) < 80, line
        assert line == line.rstrip()
        assert line.isprintable()


# explain


def test_the_prices_are_told_with_unit_source_and_date(auditor):
    done = auditor("explain", "prices")
    assert (done.code, done.err) == (0, "")
    said = flat(done.out)
    for name, price in price_table().items():
        assert re.search(rf"^  {name} +[\d.,]+ +[\d.,]+ +[\d.,]+  .*{price.date}$", done.out, re.MULTILINE), (
            name
        )
        assert price.unit in said
    assert "calls-per-year 1,000,000 1,000,000 1,000,000 S1, 2026-11-21 calls a year; an example" in said
    assert "did you mean 'prices'" in auditor("explain", "price").err


@pytest.mark.parametrize("check", EVERY, ids=lambda check: check.id)
def test_a_check_explains_claim_measures_settings_limits_and_sources(auditor, check):
    done = auditor("explain", check.id)
    assert (done.code, done.err) == (0, "")
    said = flat(done.out)
    assert said.startswith(f"{check.id}: {check.title}")
    assert flat(check.__doc__.partition("\n")[0]) in said
    for measure in check.measures:
        assert f"`{measure}`" in said, f"{measure} is not defined"
    assert "Source" in check.__doc__
    for setting in dataclasses.fields(check):
        assert f"{setting.name} = {setting.default!r}" in done.out
    for name in re.findall(r"\bS\d\b", check.__doc__):
        assert f"{name} {task_table().sources[name]}" in said
    limits = [
        limit for gate in load_policy(None).gates.values() for limit in gate.limit if limit.check == check.id
    ]
    assert len(re.findall(r"at (?:least|most) [^;]+?, else (?:warn|unknown|block)\.", said)) == len(limits)
    assert ("sets no limit on it" in said) == (not limits)
    assert ".0," not in said.partition("Limits")[2]


def test_what_needs_rows_shows_the_table_of_tasks(auditor):
    said = flat(auditor("explain", "size").out)
    for task in task_table().tasks:
        assert task in said
    assert "classification S1 500 2,000 5,000 for 10 classes" in said
    assert "task source" not in flat(auditor("explain", "noise").out)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("explain", "sise"), "there is no check, gate or measure 'sise'; did you mean 'size'?"),
        (("explain", "qqqq"), "there is no check, gate or measure 'qqqq'; checks are structure, size,"),
        (("explain",), "Missing argument 'NAME'"),
        (("aduit",), "there is no command 'aduit'; did you mean 'audit'?"),
        (("cache", "claer"), "No such command 'claer'"),
    ],
)
def test_wrong_names_exit_2(auditor, arguments, said):
    done = auditor(*arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_a_gate_is_explained_by_its_limits_and_a_measure_by_its_check(auditor):
    gate = auditor("explain", "volume").out
    assert gate.startswith("volume: Are there enough rows to learn from?")
    assert "effective_rows at least 'minimum' below, else block" in gate
    assert "  auditor explain size\n" in gate
    assert auditor("explain", "leaked_eval_rows").out == auditor("explain", "leakage").out


# cache


def test_the_cache_is_shown_and_cleared(auditor, tmp_path):
    ready_files()
    kept = tmp_path / "cache"
    assert auditor("cache", "show").out == f"0.0 kB in {kept}\n"
    auditor("audit", *READY)
    shown = re.fullmatch(rf"([\d.]+) (kB|MB) in {kept}\n", auditor("cache", "show").out)
    assert float(shown[1]) > 0
    assert auditor("cache", "clear").out == f"freed {shown[1]} {shown[2]} in {kept}\n"
    assert not [path for path in kept.rglob("*") if path.is_file()]
    assert auditor("cache", "clear").out == f"freed 0.0 kB in {kept}\n"
    assert auditor("audit", *READY).code == 0


def test_clearing_takes_nothing_that_is_not_ours(auditor, tmp_path):
    ready_files()
    mine = tmp_path / "cache" / "mine.txt"
    mine.write_text("mine")
    auditor("audit", *READY)
    auditor("cache", "clear")
    assert mine.read_text() == "mine"


# help


def test_help_names_every_command_and_the_exit_codes(auditor):
    done = auditor("--help")
    assert done.code == 0
    assert auditor("-h") == done
    for name, line in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(line)}$", done.out, re.MULTILINE)
    assert "0 ready, 1 not ready" in flat(done.out)


def test_a_bare_command_shows_the_help_as_wrong_usage(auditor):
    done = auditor()
    assert (done.code, done.out) == (2, "")
    assert "Usage: auditor" in done.err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_that_begins_with_the_line_of_the_list(auditor, name):
    done = auditor(name, "--help")
    assert done.code == 0
    assert f"Usage: auditor {name}" in done.out


def test_every_option_of_audit_is_explained(auditor):
    from auditor.cli.audit import audit

    text = flat(auditor("audit", "--help").out)
    for option in audit.params:
        if option.name != "train":
            assert option.help, option.name
            assert all(name in text for name in option.opts)


# python -m auditor


def test_the_module_is_the_command(tmp_path):
    (tmp_path / "work").mkdir()
    ready_files(tmp_path / "work")
    done = subprocess.run(
        [sys.executable, "-m", "auditor", "audit", *READY, "--quiet"],
        cwd=tmp_path / "work",
        env={**os.environ, **environment(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.split()[0], done.stderr) == (0, "PASS", "")


@pytest.mark.parametrize("name", ["questions", "frameworks", "prices"])
def test_what_a_decision_asks_is_listed_within_80_columns(auditor, name):
    done = auditor("explain", name)
    assert done.code == 0
    assert max(map(len, done.out.splitlines())) < 80
    if name == "questions":
        assert "rag-tried: Have you tried RAG? (measured where it can be)" in flat(done.out)


def test_every_question_and_framework_is_explained(auditor):
    library = load_frameworks()
    for name, question in library.questions.items():
        said = flat(auditor("explain", name).out)
        assert said.startswith(f"{name}: {question.text}")
        assert all(f"{one.check}.{one.measure}" in said for one in question.measured)
    for framework in library.frameworks:
        said = flat(auditor("explain", framework.id).out)
        assert framework.table.title in said
        assert all(name in said for item in framework.items for name in item.wanted)
    assert "did you mean 'rag-tried'?" in auditor("explain", "rag-tryed").err


def test_every_source_is_explained(auditor):
    from auditor.tasks import task_table

    listed = auditor("explain", "sources").out
    for name, title in task_table().sources.items():
        done = auditor("explain", name)
        assert done.code == 0
        assert flat(done.out).startswith(f"{name}: {title} ")
        assert f"{name}  {title}\n" in listed
        assert "Frameworks" in done.out
        assert "Questions" in done.out
        assert max(map(len, done.out.splitlines())) <= 80
    said = flat(auditor("explain", "S0").out)
    assert "domain-sft 1,000, 10,000 " in said
    assert "ceiling Ceiling test (S0" in said

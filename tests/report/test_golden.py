"""What a saved report looks like in every format, letter by letter; AUDITOR_GOLDEN=1 writes the files anew."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from auditor.comparing import Comparison, compare
from auditor.report.comparison import comparison_markdown, comparison_text
from auditor.report.formats import FORMATS, Format
from auditor.report.html.moved import render as comparison_page
from auditor.report.model import NotRunModel, OutcomeModel, Report
from auditor.report.schema import schema
from auditor.report.terminal import show
from tests.cli.test_hostile_text import assert_harmless

GOLDEN = Path(__file__).parent.parent / "golden"


def saved() -> Report:
    return Report.from_json((GOLDEN / "report.json").read_bytes())


def hold(path: Path, text: str) -> None:
    if os.environ.get("AUDITOR_GOLDEN"):
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8"), f"{path.name} is another; AUDITOR_GOLDEN=1 writes it anew"


@pytest.mark.parametrize("one", FORMATS, ids=lambda one: one.name)
def test_golden_files(one: Format):
    text = one.render(saved())
    hold(GOLDEN / one.file, text)
    assert_harmless(text)


@pytest.mark.parametrize("one", FORMATS, ids=lambda one: one.name)
@pytest.mark.parametrize("redact", [False, True])
def test_the_same_report_gives_the_same_bytes(one: Format, redact: bool):
    text = one.render(saved(), redact=redact)
    assert text == one.render(saved(), redact=redact)
    assert one.mark.encode() in text.encode()[:4096], "a later run has to know the file"


def test_the_schema_is_what_was_published():
    hold(GOLDEN / "report.schema.json", schema())


def test_the_terminal_shows_the_same(capsys):
    show(saved(), quiet=False, saved=None)
    text = capsys.readouterr().out
    hold(GOLDEN / "report.txt", text)
    assert_harmless(text)


def moved() -> Comparison:
    """From the saved report to one in which a leak is mended, a copy has come and a check has broken down."""
    old = saved()
    outcomes = dict(old.outcomes)
    leaks, copies = outcomes["leakage"].evidence[0], outcomes["duplicates"].evidence[0]
    mended = msgspec.structs.replace(leaks, head=leaks.head[1:], fingerprints=leaks.fingerprints[1:])
    more = msgspec.structs.replace(
        copies, head=(*copies.head, copies.head[0]), fingerprints=(*copies.fingerprints, "new")
    )
    for check, table in (("leakage", mended), ("duplicates", more)):
        others = outcomes[check].evidence[1:]
        outcomes[check] = msgspec.structs.replace(outcomes[check], evidence=(table, *others))
    outcomes["structure"] = OutcomeModel(
        title="Records", not_run=NotRunModel("crashed", "ValueError at a.py:1")
    )
    gates = tuple(
        msgspec.structs.replace(gate, verdict="PASS") if gate.id == "leakage" else gate for gate in old.gates
    )
    return compare(old, msgspec.structs.replace(old, outcomes=outcomes, gates=gates))


@pytest.mark.parametrize(
    ("name", "made"),
    [("moved.txt", comparison_text), ("moved.md", comparison_markdown), ("moved.html", comparison_page)],
)
def test_what_moved(name, made):
    text = made(moved())
    hold(GOLDEN / name, text)
    assert text == made(moved())
    assert_harmless(text)


@pytest.mark.parametrize("one", FORMATS, ids=lambda one: one.name)
def test_formats_quote_rows_if_they_say_so(one):
    report = saved()
    words = {
        str(row[name]).split()[-1]
        for found in report.outcomes["leakage"].evidence
        for row in found.head
        for name in found.excerpts
        if row.get(name)
    }
    assert words
    assert any(word in one.render(report, redact=False) for word in words) == one.quotes

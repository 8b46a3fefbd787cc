"""What a saved report looks like in every format, letter by letter; AUDITOR_GOLDEN=1 writes the files anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from auditor.report.formats import FORMATS, Format
from auditor.report.model import Report
from auditor.report.schema import schema
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

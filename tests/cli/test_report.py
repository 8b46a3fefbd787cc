"""`auditor report`, and the formats that `--out` keeps: where they go, what they replace, and what is refused."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.report import card
from auditor.report.formats import FORMATS, JSON
from tests.cli.test_out import CANARY, files_below
from tests.commands import READY, plain_rows, ready_files, write
from tests.report.test_golden import GOLDEN, saved
from tests.test_architecture import ROOT

NAMES = [one.name for one in FORMATS]
PAGES = [one for one in FORMATS if one is not JSON]
ALL = ",".join(NAMES)
OUT = Path("report")


# What is printed


@pytest.mark.parametrize("name", NAMES)
def test_a_saved_report_is_rendered_without_its_data(auditor, name):
    (one,) = (one for one in FORMATS if one.name == name)
    wanted = one.render(saved())
    assert auditor("report", GOLDEN, "--format", name) == (0, wanted, "")
    assert auditor("report", GOLDEN / "report.json", "--format", name, "-o", "-") == (0, wanted, "")
    assert auditor("report", GOLDEN, "--format", name, "-o", "page") == (0, "", "")
    assert Path("page").read_text("utf-8") == wanted


def test_markdown_is_what_is_asked_for_by_default(auditor):
    assert auditor("report", GOLDEN).out == FORMATS[1].render(saved())


@pytest.mark.parametrize("name", NAMES)
def test_an_audit_prints_what_its_report_gives_later(auditor, name):
    ready_files()
    OUT.mkdir()
    (OUT / "report.json").write_text(auditor("audit", *READY, "--format", "json").out, "utf-8")
    assert auditor("audit", *READY, "--format", name).out == auditor("report", OUT, "--format", name).out


@pytest.mark.parametrize("one", FORMATS, ids=lambda one: one.name)
def test_redaction_is_the_default_where_a_file_is_made_to_be_published(auditor, one):
    rows = [{"text": f"{CANARY} {{{{name}}}} {n % 3}"} for n in range(9)]
    write("train.jsonl", rows)
    auditor("audit", "train.jsonl", "--out", OUT)
    quoted = CANARY in auditor("report", OUT, "--format", one.name).out
    shows = {"json", "md", "html"}
    assert quoted == (one.name in shows)
    assert CANARY not in auditor("report", OUT, "--format", one.name, "--redact").out
    if one.name in shows | {"sarif"}:
        assert CANARY in auditor("report", OUT, "--format", one.name, "--no-redact").out
    assert CANARY not in auditor("audit", "train.jsonl", "--redact", "--format", one.name).out


def doubled() -> None:
    """Rows of which one is nearly another, all with the canary."""
    rows = [{"text": f"{CANARY} {row['text']}"} for row in plain_rows(40, seed=2)]
    write("train.jsonl", [*rows, {"text": f"{rows[3]['text']} more"}])


@pytest.mark.parametrize("command", ["audit", "decide"])
def test_a_page_of_a_redacted_audit_shows_masks_and_the_report_holds_none(auditor, command):
    doubled()
    done = auditor(command, "train.jsonl", "--redact", "--out", OUT, "--format", "html,md")
    assert done.code == 1
    page, saved_ = ((OUT / name).read_text("utf-8") for name in ("report.html", "report.json"))
    assert CANARY not in page + saved_ + (OUT / "report.md").read_text("utf-8")
    assert "xxxxxxxxx" in page, "the canary, masked"
    assert "<ins>xxxx" in page or "<del>xxxx" in page, "the word that differs"
    assert "xxxxxxxxx" not in saved_ + (OUT / "report.md").read_text("utf-8")
    assert "xxxxxxxxx" not in auditor("report", OUT, "--format", "html").out, (
        "what was left out cannot be masked"
    )
    printed = {auditor(command, "train.jsonl", "--redact", "--format", "html").out for _ in range(2)}
    assert len(printed) == 1
    assert "xxxxxxxxx" in printed.pop()


def test_fingerprints_are_the_same_with_and_without_texts(auditor):
    doubled()
    Path("train.jsonl").write_text(Path("train.jsonl").read_text() + '{"text": "cut')
    found = [
        auditor("audit", "train.jsonl", "--format", "json", *more).report for more in ((), ("--redact",))
    ]
    marks = [
        [one["fingerprints"] for outcome in report["outcomes"].values() for one in outcome["evidence"]]
        for report in found
    ]
    assert marks[0] == marks[1]
    assert any(marks[0])


@pytest.mark.parametrize("name", NAMES)
def test_rendering_needs_nothing_that_measures(name):
    code = (
        "import sys\nfrom auditor.cli.main import group\n"
        f"group(['report', {str(GOLDEN)!r}, '--format', {name!r}, '--redact'], standalone_mode=False)\n"
        "heavy = {'polars', 'pyarrow', 'numba', 'numpy', 'scipy'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


# What is kept


def test_out_keeps_what_is_named_and_prints_the_verdict(auditor):
    ready_files()
    done = auditor("audit", *READY, "--out", OUT, "--format", "md,sarif", "--format", "junit")
    assert done.verdict == "PASS"
    assert {"report.json", "report.md", "report.sarif", "report.junit.xml"} == {
        name for name in files_below(OUT) if "/" not in name
    }
    for name in ("md", "sarif", "junit"):
        (one,) = (one for one in FORMATS if one.name == name)
        assert (OUT / one.file).read_text("utf-8") == auditor("report", OUT, "--format", name).out


def test_naming_json_alone_prints_it_since_it_is_kept_anyway(auditor):
    ready_files()
    done = auditor("audit", *READY, "--out", OUT, "--format", "json")
    assert done.out.encode() == (OUT / "report.json").read_bytes()


def test_a_decision_keeps_them_too(auditor):
    done = auditor("decide", "--out", OUT, "--format", ALL)
    assert done.code == 1
    assert files_below(OUT) == {
        "decision.md",
        *(one.file for one in FORMATS),
        *(n for n in files_below(OUT) if "/" in n),
    }
    assert (OUT / "report.md").read_text("utf-8").startswith("<!-- auditor report -->\n# Decision: ")


def test_a_second_run_takes_away_what_would_tell_of_the_first(auditor):
    ready_files()
    auditor("audit", *READY, "--out", OUT, "--format", ALL)
    assert {one.file for one in FORMATS} <= files_below(OUT)
    (OUT / "notes.txt").write_text("mine")
    auditor("audit", *READY, "--out", OUT)
    assert {name for name in files_below(OUT) if "/" not in name} == {"report.json", "notes.txt"}


@pytest.mark.parametrize("one", PAGES, ids=lambda one: one.name)
def test_a_file_of_somebody_else_is_left_alone(auditor, one):
    ready_files()
    OUT.mkdir()
    (OUT / one.file).write_text("mine")
    done = auditor("audit", *READY, "--out", OUT, "--format", one.name)
    assert done.code == 2
    assert f"report/{one.file} was not written by auditor" in done.err
    assert files_below(OUT) == {one.file}
    assert auditor("audit", *READY, "--out", OUT).code == 0, "it is in nobody's way"
    assert (OUT / one.file).read_text() == "mine"


def test_a_card_of_the_users_own_in_the_folder_keeps_all_but_its_section(auditor):
    ready_files()
    OUT.mkdir()
    before, after = f"{card.BEGIN}\nold\n", f"{card.END}\n# Mine\n{card.BEGIN} {card.END}"
    (OUT / "card.md").write_text(before + after)
    (OUT / "card.md").chmod(0o644)
    assert auditor("audit", *READY, "--out", OUT).code == 0
    assert (OUT / "card.md").read_text() == before + after
    assert auditor("audit", *READY, "--out", OUT, "--format", "card").code == 0
    section = auditor("report", OUT, "--format", "card").out.rstrip()
    assert (OUT / "card.md").read_text("utf-8") == section + after.removeprefix(card.END)
    assert stat.S_IMODE((OUT / "card.md").stat().st_mode) == 0o644


def test_a_schema_of_somebody_else_is_no_report_of_ours(auditor):
    Path("openapi.json").write_text('{"schema": 1}')
    done = auditor("report", GOLDEN, "--format", "json", "-o", "openapi.json")
    assert (done.code, Path("openapi.json").read_text()) == (2, '{"schema": 1}')
    for _ in range(2):
        assert auditor("report", GOLDEN, "--format", "json", "-o", "copy.json").code == 0


@pytest.mark.parametrize("one", PAGES, ids=lambda one: one.name)
def test_a_page_of_ours_is_replaced_and_no_other(auditor, one):
    for _ in range(2):
        assert auditor("report", GOLDEN, "--format", one.name, "-o", "page").code == 0
    Path("page").write_text("mine")
    done = auditor("report", GOLDEN, "--format", one.name, "-o", "page")
    assert done.code == 2
    assert Path("page").read_text() == "mine"
    if one.name != "card":
        assert "page is there already" in done.err
        assert auditor("report", GOLDEN, "--format", one.name, "-o", "page", "--force").code == 0
        assert Path("page").read_text("utf-8") == one.render(saved())


@pytest.mark.parametrize("one", FORMATS, ids=lambda one: one.name)
def test_a_file_whose_name_is_no_text_is_told_by_codes(auditor, one):
    name = os.fsdecode(b"caf\xe9.jsonl")
    write(name, [{"text": "a {{name}}"}])
    done = auditor("audit", name, "--format", one.name)
    assert done.code == 1
    assert "caf" in done.out or one.name == "junit"  # which is about limits, not files
    done.out.encode()


# What is refused


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("audit", "train.jsonl", "--format", "serif"), "there is no format 'serif'; did you mean 'sarif'?"),
        (
            ("audit", "train.jsonl", "--format", "md,html"),
            "md and html cannot both be printed; --out DIR keeps several",
        ),
        (("audit", "train.jsonl", "--format", "text", "--format", "md"), "cannot both be printed"),
        (("decide", "--format", "htm"), "did you mean 'html'?"),
        (("report", "out", "--format", "text"), "there is no format 'text'"),
        (("report", "out", "--format", "md,json"), "one format at a time"),
        (("report", "nowhere"), "nowhere cannot be read"),
        (("report", "train.jsonl"), "train.jsonl is no report of auditor"),
        (("report", str(GOLDEN), "-o", "no/such/page"), "the folder no/such does not exist"),
        (("report", str(GOLDEN), "-o", "."), "is a folder"),
        (("report",), "Missing argument"),
    ],
)
def test_refusals(auditor, arguments, said):
    write("train.jsonl", [{"text": "a"}])
    done = auditor(*arguments)
    assert (done.code, done.out) == (2, "")
    assert said in " ".join(done.err.split())


def test_the_saved_report_is_never_written_over(auditor):
    ready_files()
    auditor("audit", *READY, "--out", OUT)
    before = (OUT / "report.json").read_bytes()
    for run, style in ((OUT / "report.json", "md"), (OUT, "json"), (OUT, "md")):
        for more in ((), ("--force",), ("--redact",)):
            done = auditor("report", run, "--format", style, "-o", OUT / "report.json", *more)
            assert done.code == 2
            assert "is one of the inputs" in done.err
    assert (OUT / "report.json").read_bytes() == before
    assert json.loads(before)["verdict"] == "PASS"


def test_help_lists_every_format(auditor):
    text = auditor("report", "--help").out
    for name in NAMES:
        assert f"\n  {name} " in text

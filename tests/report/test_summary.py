"""Markdown: what matters first, whole sections that fit a comment, and nothing but text from the data."""

from __future__ import annotations

import re

import msgspec

from auditor.report.findings import failing_rulings
from auditor.report.model import Report
from auditor.report.sections import Section
from auditor.report.summary import MOST, fitted, render
from tests.commands import READY, ready_files
from tests.report.test_ci_formats import hostile
from tests.report.test_golden import saved
from tests.report.test_sarif import evidence, row, with_evidence

PAYLOADS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "![x](http://evil.example/x.png)", "[x](javascript:alert(1))",
    "| a | b |", "\n\n# title\n\n---\n", "```\ncode", "<!-- comment", "\u202eevil", "https://evil.example", "@everyone",
)  # fmt: skip


def titles(text: str) -> list[str]:
    return re.findall(r"^## (.+)$", text, re.MULTILINE)


def test_a_ready_set_asks_for_nothing(auditor):
    ready_files()
    text = auditor("audit", *READY, "--format", "md").out
    assert text.startswith(
        "<!-- auditor report -->\n# PASS Ready. All 4 required gates are open.\n\n## Gates\n"
    )
    assert "What to do" not in titles(text)
    assert not [title for title in titles(text) if title.startswith(("BLOCK", "UNKNOWN", "WARN"))]


def test_what_matters_comes_first_and_every_limit_is_told():
    report = saved()
    text = render(report, redact=False)
    found = titles(text)
    assert found[:3] == ["Gates", "What to do", "Inputs"]
    kinds = [title.partition(":")[0] for title in found if ": " in title and title.split(":")[0].isupper()]
    assert kinds[-1] == "PASS" or "PASS" not in kinds
    assert found.index("Measurements") > found.index("Inputs")
    plain = text.replace("\\", "")
    for ruling in failing_rulings(report):
        assert f"| {ruling.check}.{ruling.measure} |" in plain
    for outcome in report.outcomes.values():
        for note in outcome.notes:
            assert note in plain


def test_rows_have_their_places_and_words_that_differ_are_bold():
    rows = [row(5, other=9, text="one two three", train_text="one two four")]
    table = msgspec.structs.replace(evidence(rows), excerpts=("text", "train_text"))
    text = render(with_evidence(saved(), table), redact=False)
    assert "| eval.jsonl:5<br>train.jsonl:9 | near | one two **three**<br>one two **four** |" in text
    same = [row(5, other=9, text="one two", train_text="one two")]
    table = msgspec.structs.replace(evidence(same), excerpts=("text", "train_text"))
    assert "| near | one two |" in render(with_evidence(saved(), table), redact=False)


def test_payloads_are_text():
    rows = [row(n, text=payload, other_label=payload) for n, payload in enumerate(PAYLOADS, 1)]
    for report in (
        with_evidence(saved(), evidence(rows[:8])),
        with_evidence(saved(), evidence(rows[3:])),
        hostile(saved()),
    ):
        text = render(report, redact=False)
        body = text.removeprefix("<!-- auditor report -->\n").replace("<!-- -->", "").replace("<br>", "")
        assert "<" not in body.replace("<span>$</span>", "$")
        assert "\u202e" not in text
        assert "![" not in text.replace("!\\[", "")
        assert not re.search(r"(?<!\\)\]\(", text)
        assert not re.search(r"@\w|://", text)
        lines = text.splitlines()
        assert not [line for line in lines if line.startswith(("---", "```"))]
        tables = [line for line in lines if line.startswith("|")]
        assert {len(re.findall(r"(?<!\\)\|", line)) for line in tables} <= set(range(3, 13))


# Length


def test_sections_that_do_not_fit_are_named():
    parts = [Section("first", ("a" * 400,)), Section("long", ("b" * 5_000,)), Section("last", ("c" * 400,))]
    text = fitted("head\n", parts, 4_000)
    assert len(text) <= 4_000
    assert titles(text) == ["first", "last"]
    assert text.endswith("\nLeft out, since the page would be too long: long. The saved report has them.\n")
    assert fitted("head\n", parts, 9_000) == "head\n" + "".join(part.text for part in parts)


def test_a_report_of_any_size_fits_a_comment():
    rows = [row(n, text="x" * 300) for n in range(1, 1_001)]
    big = with_evidence(saved(), *(evidence(rows) for _ in range(60)))
    measures = big.outcomes["leakage"].measures * 900
    outcome = msgspec.structs.replace(big.outcomes["leakage"], measures=measures)
    many: Report = msgspec.structs.replace(big, outcomes={**big.outcomes, "leakage": outcome})
    text = render(many, redact=False)
    assert len(text) <= MOST
    assert "Left out, since the page would be too long: " in text
    assert re.search(r"Planted .*; \d+ more sections\. The saved report has them\.$", text.rstrip())
    long = msgspec.structs.replace(saved(), notes=("é" * 80_000,))
    assert len(render(long, redact=False)) <= MOST


def test_every_table_is_shown_or_named_as_left_out():
    report = saved()
    found = titles(render(report, redact=False).replace("\\", ""))
    left = render(report, redact=False).partition("## Further tables")[2].partition("\n## ")[0]
    for check, outcome in report.outcomes.items():
        for table in (one for one in outcome.evidence if one.head):
            heads = [title for title in found if title.startswith(table.title)]
            assert heads or f"“{table.title}”" in left.replace("\\", ""), (check, table.title)

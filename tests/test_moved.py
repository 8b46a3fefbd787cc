"""Findings of two reports: new, gone and unchanged by what they are about, and no claim where nobody can tell."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from lxml import etree

from auditor.comparing import compare
from auditor.moved import FindingsMoved
from auditor.report.comparison import comparison_markdown, comparison_text
from auditor.report.html.moved import render
from auditor.report.model import EvidenceModel, NotRunModel, OutcomeModel, Report
from auditor.wording import WIDTH
from checks.measures import Counted
from tests.test_comparing import report


def table(
    marks: str, *, title="Leaks (2 near)", rows: int | None = None, counted: Counted | None = None
) -> EvidenceModel:
    head = tuple({"split": "eval", "row": n, "file": "eval.jsonl", "line": n} for n, _ in enumerate(marks, 1))
    return EvidenceModel(
        title=title, rows=rows or len(marks), file=None, excerpts=(), head=head, fingerprints=tuple(marks), counted=counted
    )  # fmt: skip


def holding(*tables: EvidenceModel, **more) -> Report:
    return msgspec.structs.replace(
        report(), outcomes={"leakage": OutcomeModel(title="Leaks", evidence=tables, **more)}
    )


def moved(old: Report, new: Report) -> list[tuple[int, int, int]]:
    return [(one.new, one.gone, one.unchanged) for one in compare(old, new).findings]


def test_equal_reports_have_the_same_findings():
    found = compare(holding(table("abc")), holding(table("cab", title="Leaks (9 near)")))
    assert found.findings == (
        FindingsMoved(check="leakage", title="Leaks", new=0, gone=0, unchanged=3, first_new=(), first_gone=(), partial=False),
    )  # fmt: skip
    assert "  3 unchanged" not in comparison_text(found)
    assert "    0 new, 0 gone, 3 unchanged  leakage: Leaks\n" in comparison_text(found)


def test_new_and_gone_ones_are_named_by_their_places():
    found = compare(holding(table("abcd")), holding(table("bxc")))
    (one,) = found.findings
    assert (one.new, one.gone, one.unchanged) == (1, 2, 2)
    assert (one.first_new, one.first_gone) == (("eval.jsonl:2",), ("eval.jsonl:1", "eval.jsonl:4"))
    text = comparison_text(found)
    assert (
        "  ~ 1 new, 2 gone, 2 unchanged  leakage: Leaks\n      new: eval.jsonl:2\n      gone: eval.jsonl:1, eval.jsonl:4\n"
        in text
    )
    assert (
        "| \\~ | leakage: Leaks | 1 | 2 | 2 | new: eval.jsonl:2; gone: eval.jsonl:1, eval.jsonl:4 |"
        in comparison_markdown(found)
    )


def test_two_tables_of_one_name_are_both_compared():
    old, new = holding(table("ab"), table("cd")), holding(table("ax"), table("cde"))
    assert moved(old, new) == [(1, 1, 1), (1, 0, 2)]


def test_it_is_better_when_they_go_and_worse_when_they_come():
    fewer, more = holding(table("ab")), holding(table("abcdefghi"))
    assert "  - 7 new, 0 gone, 2 unchanged" in comparison_text(compare(fewer, more))
    assert "and 2 more" in comparison_text(compare(fewer, more))
    assert "  + 0 new, 7 gone, 2 unchanged" in comparison_text(compare(more, fewer))


def test_a_table_that_is_not_there_is_empty_if_its_check_ran():
    assert moved(holding(), holding(table("ab"))) == [(2, 0, 0)]
    assert moved(holding(table("ab")), holding()) == [(0, 2, 0)]
    broken = holding(not_run=NotRunModel("crashed", "why"))
    assert moved(broken, holding(table("ab"))) == []
    assert moved(holding(table("ab")), broken) == []
    assert moved(holding(table("ab")), msgspec.structs.replace(report(), outcomes={})) == []


def test_rows_that_are_not_at_fault_are_no_findings():
    clean = table("ab", counted=Counted())
    assert moved(holding(clean), holding()) == []


def test_a_table_that_is_cut_is_said_to_be():
    (one,) = compare(holding(table("ab", rows=5_000)), holding(table("bc"))).findings
    assert one.partial
    assert "of the first rows that the reports hold; more may have moved" in comparison_text(
        compare(holding(table("ab", rows=5_000)), holding(table("bc")))
    )


@pytest.mark.parametrize(
    ("names", "said"), [(("a", "b"), "different secrets"), (("a", None), "different secrets")]
)
def test_what_cannot_be_compared_is_said(names, said):
    old, new = (
        msgspec.structs.replace(holding(table("ab")), settings={"fingerprints": name} if name else {})
        for name in names
    )
    found = compare(old, new)
    assert found.findings == ()
    assert said in found.uncompared
    assert said in comparison_text(found).replace("\n  ", " ")
    assert said in comparison_markdown(found)


def test_reports_of_before_fingerprints_say_so():
    old = holding(msgspec.structs.replace(table("ab"), fingerprints=()))
    assert "the older report has no fingerprints" in compare(old, holding(table("ab"))).uncompared
    assert "the newer report has no fingerprints" in compare(holding(table("ab")), old).uncompared
    assert compare(report(), holding(table("ab"))).uncompared == ""


def test_lines_fit_and_a_long_comparison_is_cut_to_a_comment():
    tables = [table("ab" * 2, title=f"Table {'x ' * 40}{n}") for n in range(900)]
    found = compare(holding(), holding(*tables))
    assert max(map(len, comparison_text(found).splitlines())) <= WIDTH
    page = comparison_markdown(found)
    assert len(page) <= 65_000
    assert "Left out, since the page would be too long: Findings." in page


# As a page


def test_the_page_tells_the_same_and_keeps_hostile_text_inert():
    payload = "</script><img src=x onerror=alert(1)><svg onload=alert(2)>\u202e"
    old, new = holding(table("abcd", title=payload)), holding(table("bxc", title=payload))
    new = msgspec.structs.replace(new, settings={payload: payload})
    page = render(compare(old, new))
    assert page == render(compare(old, new))
    assert "<img" not in page
    assert "<svg" not in page
    assert "\u202e" not in page
    assert page.count("<script>") == page.count("</script>") == 1
    rows = [one for one in etree.HTML(page).iter("tr") if "".join(one.itertext()).count("eval.jsonl")]
    cells = [" ".join("".join(cell.itertext()).split()) for cell in rows[0]]
    assert cells[0] == "~ changed"
    assert cells[2:] == ["1", "2", "2", "new: eval.jsonl:2gone: eval.jsonl:1, eval.jsonl:4"]


def test_the_page_says_why_nothing_was_compared():
    old = holding(msgspec.structs.replace(table("ab"), fingerprints=()))
    assert "the older report has no fingerprints" in render(compare(old, holding(table("ab"))))
    assert "Neither report names rows at fault." in render(compare(report(), report()))


def test_the_command_prints_every_form(auditor):
    for name, found in (("one", holding(table("ab"))), ("two", holding(table("bc")))):
        Path(f"{name}.json").write_bytes(found.to_json())
    forms = {
        form: auditor("compare", "one.json", "two.json", "--format", form)
        for form in ("text", "md", "html", "json")
    }
    assert {done.code for done in forms.values()} == {0}
    assert forms["html"].out.startswith("<!doctype html>")
    assert json.loads(forms["json"].out)["findings"][0]["new"] == 1

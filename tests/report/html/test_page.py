"""The page: complete, the same every time, nothing in it but what is ours, and readable by more than eyes."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from auditor import audit
from auditor.planning.model import Besides
from auditor.report.html.evidence import FIRST, INLINE
from auditor.report.html.page import render
from auditor.report.model import Report
from tests.report.html.made import HOSTILE, TODO, gate, pairs, pictured, report, ruling, table
from tests.report.html.parsed import elements

TEMPLATES = Path(__file__).parents[3] / "auditor" / "report" / "html" / "templates"
OURS = {
    "html", "head", "meta", "title", "style", "body", "a", "header", "p", "button", "main", "section", "h1", "h2", "h3", "h4",
    "ul", "ol", "li", "span", "b", "i", "bdi", "div", "table", "thead", "tbody", "tfoot", "tr", "th", "td", "details", "summary",
    "figure", "figcaption", "svg", "desc", "rect", "line", "circle", "text", "polygon", "polyline", "label", "input", "select",
    "option", "output", "del", "ins", "code", "dl", "dt", "dd", "footer", "script",
}  # fmt: skip
"""Elements of the templates."""


def page(*evidence, redact=False, **more):
    return render(report(*evidence, **more), redact=redact)


def near(number):
    return table("Near", pairs(number), excerpts=("text", "train_text"))


def test_the_verdict_comes_first_then_gates_then_what_to_do_then_each_gate():
    heads = [one.text for one in elements(page(near(5))) if one.tag in ("h1", "h2")]
    assert heads == [
        "Not ready", "Gates", "What to do next", "Is first fine? ✕ Block", "Is second fine? ? Cannot tell",
        "About this report",
    ]  # fmt: skip


def test_the_sentence_names_the_gates_that_are_shut():
    gates = (
        gate("a", "BLOCK"),
        gate("b-c", "BLOCK"),
        gate("d", "WARN"),
        gate("e", "PASS"),
        gate("f", "BLOCK", required=False),
    )
    said = next(one.text for one in elements(page(gates=gates)) if one.attributes.get("class") == "lede")
    assert said == "2 of 4 required gates are shut: a and b-c. 1 warns: d."


def test_an_open_report_says_so():
    gates = (gate("a", "PASS", ruling("mine", "left", "PASS", 60, at_least=50.0)), gate("b", "PASS"))
    shown = elements(page(gates=gates, verdict="PASS"))
    assert (
        next(one.text for one in shown if one.attributes.get("class") == "lede")
        == "All 2 required gates are open."
    )
    assert not [one for one in shown if one.attributes.get("class") == "steps"]


def test_the_same_report_gives_the_same_page_also_after_it_was_saved():
    made = report(*pictured(), near(20))
    again = Report.from_json(made.to_json())
    assert render(made, redact=False) == render(again, redact=False) == render(made, redact=False)


def test_a_report_of_before_there_were_pictures_is_rendered():
    saved = msgspec.json.decode(report(*pictured()).to_json())
    for found in saved["outcomes"].values():
        for one in found["evidence"]:
            del one["chart"], one["labels"]
    shown = render(Report.from_json(msgspec.json.encode(saved)), redact=False)
    assert "<figure" not in shown
    assert "Steps" in shown


def test_only_elements_of_ours_and_every_id_once():
    found = elements(page(*pictured(), near(30)))
    assert {one.tag for one in found} <= OURS
    ids = [one.attributes["id"] for one in found if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    named = {name for one in found for name in one.attributes.get("aria-labelledby", "").split()}
    links = {one.attributes["href"] for one in found if "href" in one.attributes}
    assert named <= set(ids)
    assert {link[0] for link in links} == {"#"}
    assert {link[1:] for link in links} <= set(ids)


def test_the_policy_of_the_page_lets_its_own_style_and_script_run_and_nothing_else():
    found = elements(page(near(5)))
    policy = next(one.attributes["content"] for one in found if one.attributes.get("http-equiv"))
    assert policy.startswith("default-src 'none'; ")
    for tag, name in (("style", "style-src"), ("script", "script-src")):
        (only,) = [one for one in found if one.tag == tag]
        assert not set(only.attributes)
        raw = "".join(only.said)
        digest = base64.b64encode(hashlib.sha256(raw.encode()).digest()).decode()
        assert f"{name} 'sha256-{digest}';" in policy
        assert raw.isascii()
    assert "unsafe" not in policy
    assert not [name for one in found for name in one.attributes if name == "style" or name.startswith("on")]


def test_the_script_is_small_and_the_page_loads_nothing():
    assert (TEMPLATES / "script.js").stat().st_size < 2048
    assert not re.search(r"https?://|url\(|@import|\bsrc=", page(*pictured(), near(5)))


@pytest.mark.parametrize("payload", HOSTILE)
def test_text_of_the_user_stays_text(payload):
    rows = [{"split": "eval", "file": f"{payload}.jsonl", "line": 1, "kind": payload, payload: "x", "text": payload,
             "train_file": payload, "train_line": 2, "train_text": f"{payload} more", "fix": payload}] * 5  # fmt: skip
    drawn = [{"label": payload, "train": 3, "eval": 2}, {"label": "b", "train": 1, "eval": 2}]
    bars = pictured()[2].chart
    hostile = page(
        table(payload, rows, excerpts=("text", "train_text")), table(payload, drawn, bars), table(payload, drawn * 10, bars),
        table(payload, [{payload: payload, "b": 1}]), word=payload,
    )  # fmt: skip
    tame = page(
        table("t", [{**rows[0], "kind": "k", "text": "t", "train_text": "t more"}] * 5, excerpts=("text", "train_text")),
        table("t", drawn, bars), table("t", drawn * 10, bars), table("t", [{"a": "x", "b": 1}]),
    )  # fmt: skip
    found, plain = elements(hostile), elements(tame)
    assert {one.tag for one in found} <= OURS
    assert [one.tag for one in found if one.tag in ("script", "style", "a")] == [
        one.tag for one in plain if one.tag in ("script", "style", "a")
    ]
    assert not re.search("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\x00-\x09\x0b-\x1f]", hostile)
    assert "49" not in next(one.text for one in found if one.attributes.get("id") == "about")


def test_hidden_characters_are_shown_by_their_codes():
    shown = page(table("t", [{"file": "f", "line": 1, "text": "a\u202eb\x07c"}], excerpts=("text",)))
    assert "a\\u202eb\\x07c" in shown


def test_redacted_pages_hold_no_text():
    rows = [{**row, "text": f"secret{i} x", "train_text": f"secret{i} y"} for i, row in enumerate(pairs(8))]
    made = table("Near", rows, excerpts=("text", "train_text"))
    assert "secret3" in page(made)
    assert "secret" not in page(made, redact=True)
    assert "eval.jsonl:4" in page(made, redact=True)


def test_at_most_a_thousand_rows_are_on_the_page_and_it_says_where_the_others_are():
    shown = page(
        table(
            "Near", pairs(1000), rows=4321, excerpts=("text", "train_text"), file="evidence/mine-1.parquet"
        ),
        near(100),
    )
    rows = [
        one
        for one in elements(shown)
        if one.tag == "li" and "rows" in one.parent.attributes.get("class", "").split()
    ]
    assert len(rows) == INLINE
    assert (
        f"The first {INLINE - FIRST} of 4,321 rows are on this page; all are in <code>evidence/mine-1.parquet</code>"
        in shown
    )
    assert (
        f"The first {FIRST} of 100 rows are on this page; <code>--out DIR</code> keeps all of them" in shown
    )


def test_a_thousand_pairs_make_two_megabytes_at_most():
    assert (
        len(page(table("Near", pairs(1000, words=60), excerpts=("text", "train_text"))).encode()) < 2 * 2**20
    )


def test_every_chart_has_words_and_a_table():
    found = elements(page(*pictured()))
    figures = [one for one in found if one.tag == "figure"]
    assert len(figures) == len(pictured())
    for one in figures:
        (drawing,) = [child for child in one.children if child.tag == "svg"]
        assert drawing.attributes["role"] == "img"
        assert drawing.attributes["aria-labelledby"]
        assert next(child.text for child in drawing.children if child.tag == "desc")
        after = one.parent.children[one.parent.children.index(one) + 1]
        assert after.tag == "details"
        assert after.text.startswith("Data table")


def test_headings_leave_no_level_out():
    levels = [
        int(one.tag[1]) for one in elements(page(*pictured(), near(5))) if re.fullmatch("h[1-6]", one.tag)
    ]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_limits_stand_beside_the_values_with_their_source():
    shown = page(*pictured())
    assert shown.count("at least 80 (S1)") >= 1
    assert "at most 40 % (S1)" in shown
    assert "at most 5 points (S1)" in shown
    assert "at least 0.667 (S1)" in shown


def test_money_is_shown_with_its_range_and_what_it_rests_on():
    shown = next(
        one
        for one in elements(page(word="prices"))
        if one.attributes.get("aria-label") == "What it costs and brings"
    )
    assert "cost$1,200$900 to $2,000measured, by prices" in shown.text


def next_steps(html):
    return [
        one.text
        for one in elements(html)
        if one.tag == "li" and one.parent.attributes.get("class") == "steps"
    ]


def test_what_to_do_next_is_the_plan_with_numbers_and_costs_then_what_it_is_not_about():
    shown = page(todo=TODO)
    assert "7 more rows reach the minimum." in shown
    assert next_steps(shown) == [
        "label 7 more rows 1 of 8S1: so manyauditor sample 7 or more rows20 (10 to 40) EUR1.0 labeler-days",
        "mend top top: 0.5; wanted",
    ]
    assert "what eval can show" in shown
    assert "label 2 (your price); money in EUR" in shown


def test_what_shuts_a_gate_and_is_in_no_step_comes_before_the_plan():
    todo = msgspec.structs.replace(
        TODO, besides=(Besides(gate="first", measure="left", verdict="BLOCK", why="60", fix="mend left"),)
    )
    assert [text.split()[0] for text in next_steps(page(todo=todo))] == ["mend", "label"]


def test_without_a_plan_the_limits_say_what_to_do():
    assert next_steps(page()) == ["mend left left: plain: 60 of 100", "mend top top: 0.5; wanted"]


@pytest.mark.parametrize(
    ("gates", "abreast"), [(3, 3), (4, 4), (5, 5), (6, 3), (7, 4), (8, 4), (9, 5), (11, 4)]
)
def test_the_last_row_of_cards_is_as_full_as_can_be(gates, abreast):
    made = page(gates=tuple(gate(f"g{i}", "PASS") for i in range(gates)))
    assert f'<ul class="cards k{abreast}">' in made


@pytest.mark.slow
def test_the_page_of_a_sample_stays_small():
    sample = TEMPLATES.parents[3] / "sample_data" / "leaky"
    found = audit(
        sample / "train.csv", sample / "dev.csv", task="extraction", map={"Question": "prompt"}, input_format="prompt",
        cache=False,
    )  # fmt: skip
    assert len(render(found, redact=False).encode()) < 400_000


def test_a_page_needs_none_of_the_libraries_that_measure():
    """So that a saved report is rendered at once, also where there are no data."""
    code = (
        "import sys\nfrom auditor.report.html.page import render\nfrom tests.report.html.made import pictured, report\n"
        "assert render(report(*pictured()), redact=False) != render(report(), redact=True)\n"
        "heavy = {'polars', 'pyarrow', 'numba', 'numpy', 'scipy'} & set(sys.modules)\nassert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=TEMPLATES.parents[3])

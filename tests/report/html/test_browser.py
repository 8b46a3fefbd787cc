"""The page in a real browser: search, filters, themes, print, keyboard, accessibility, and payloads that stay inert."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from auditor.report.html.page import render
from auditor.report.model import Report
from tests.report.html.browser import opened, running
from tests.report.html.made import HOSTILE, pairs, pictured, report, table

pytestmark = pytest.mark.slow

GOLDEN = Path(__file__).parents[2] / "golden" / "report.json"
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
BACKGROUND = "getComputedStyle(document.body).backgroundColor"


@pytest.fixture(scope="module")
def browser():
    with running() as found:
        yield found


@pytest.fixture
def show(browser, tmp_path):
    """Open a page made of these tables."""

    def shown(*evidence, html=None, word="plain", **options):
        made = html or render(report(*evidence, word=word), redact=False)
        return opened(browser, tmp_path, made, **options)

    return shown


def near(number):
    return table("Near", pairs(number), excerpts=("text", "train_text"))


def rows(page):
    return page.locator(".rows > li:not([hidden])")


def test_search_leaves_the_rows_that_hold_the_words_and_counts_them(show):
    made = pairs(40)
    with show(table("Near", made, excerpts=("text", "train_text"))) as found:
        page = found.page
        expect(page.locator("output")).to_have_text("40 rows")
        page.get_by_label("Search").fill("  EVAL.jsonl:7 ")
        expect(rows(page)).to_have_count(1)
        expect(page.locator("output")).to_have_text("1 of 40 rows")
        assert page.locator("output").get_attribute("aria-live") == "polite"
        page.get_by_label("Search").fill("nothing like this")
        expect(rows(page)).to_have_count(0)
        page.get_by_label("Search").fill("")
        expect(rows(page)).to_have_count(40)


def test_filters_and_search_hold_together(show):
    with show(near(40)) as found:
        page = found.page
        page.get_by_label("kind").select_option(label="near (20)")
        expect(rows(page)).to_have_count(20)
        page.get_by_label("Search").fill("eval.jsonl:2")
        expect(rows(page)).to_have_count(2)  # 2 and 20; 21 to 29 are exact
    with show(near(40)) as found:
        page = found.page
        page.get_by_label("kind").select_option(label="exact (20)")
        expect(rows(page)).to_have_count(20)
        assert page.locator(".rows > li:not([hidden]) del").count() == 0
        page.get_by_label("kind").select_option(label="all")
        expect(rows(page)).to_have_count(40)


def test_two_tables_are_searched_apart(show):
    with show(near(10), near(8)) as found:
        page = found.page
        page.get_by_label("Search").first.fill("eval.jsonl:2")
        expect(page.locator("output").first).to_have_text("1 of 10 rows")
        expect(page.locator("output").last).to_have_text("8 rows")


def test_words_that_differ_are_told_by_more_than_colour(show):
    with show(near(10)) as found:
        lines = "getComputedStyle(document.querySelector('.rows {}')).textDecorationLine"
        assert found.page.evaluate(lines.format("del")) == "line-through"
        assert found.page.evaluate(lines.format("ins")) == "underline"
        first = found.page.locator(".rows > li").first
        assert first.locator("del").count() == first.locator("ins").count() > 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_is_that_of_the_system_until_the_button_is_pressed(show, scheme):
    with show(near(5), color_scheme=scheme) as found:
        page, button = found.page, found.page.locator("#theme")
        other = {"light": "Dark theme", "dark": "Light theme"}[scheme]
        before = page.evaluate(BACKGROUND)
        assert (sum(map(int, re.findall(r"\d+", before)[:3])) < 200) == (scheme == "dark")
        expect(button).to_have_text(other)
        button.click()
        after = page.evaluate(BACKGROUND)
        assert (sum(map(int, re.findall(r"\d+", after)[:3])) < 200) == (scheme == "light")
        expect(button).to_have_text({"light": "Light theme", "dark": "Dark theme"}[scheme])
        button.click()
        assert page.evaluate(BACKGROUND) == before


def test_print_is_light_whole_and_without_controls(show):
    with show(*pictured(), near(40), color_scheme="dark") as found:
        page = found.page
        closed = page.locator("details:not([open])").count()
        page.locator(".evidence").evaluate("(one) => { one.open = false; }")
        page.emulate_media(media="print", color_scheme="dark")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.evaluate(BACKGROUND) == "rgb(255, 255, 255)"
        expect(page.locator(".rows > li").first).to_be_visible()
        expect(page.locator(".data table").first).to_be_hidden()
        for control in ("#theme", ".find", ".skip"):
            expect(page.locator(control).first).to_be_hidden()
        assert page.evaluate("getComputedStyle(document.querySelector('.rows')).maxHeight") == "none"
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator("details:not([open])").count() == closed + 1
        assert page.pdf().startswith(b"%PDF-")


def test_a_long_list_says_that_it_is_printed_in_part(show):
    with show(near(40)) as found:
        page = found.page
        expect(page.locator(".printed")).to_be_hidden()
        page.emulate_media(media="print")
        expect(page.locator(".printed")).to_be_visible()
        assert page.locator(".rows > li:visible").count() == 25


def test_everything_can_be_done_by_keyboard(show):
    with show(near(10)) as found:
        page = found.page
        focus = "document.activeElement.{}"
        page.keyboard.press("Tab")
        assert page.evaluate(focus.format("textContent")) == "Skip to the report"
        expect(page.locator(".skip")).to_be_in_viewport()
        page.keyboard.press("Enter")
        assert page.url.endswith("#main")
        reached = set()
        for _ in range(40):
            page.keyboard.press("Tab")
            reached.add(page.evaluate(focus.format("tagName")))
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline == "solid" or page.evaluate(focus.format("tagName")) == "BODY"
        assert {"A", "SUMMARY", "INPUT", "SELECT"} <= reached
        page.locator("details.kept > summary").focus()
        page.keyboard.press("Enter")
        assert page.locator("details.kept").get_attribute("open") is not None
        page.get_by_label("Search").focus()
        page.keyboard.type("eval.jsonl:5")
        expect(rows(page)).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("made", ["pictures", "golden", "redacted", "nothing"])
def test_no_violation_of_wcag(show, scheme, width, made):
    golden = Report.from_json(GOLDEN.read_bytes())
    html = {
        "pictures": lambda: render(report(*pictured(), near(30)), redact=False),
        "golden": lambda: render(golden, redact=False),
        "redacted": lambda: render(golden, redact=True),
        "nothing": lambda: render(report(gates=(), outcomes={}, inputs=(), verdict="UNKNOWN"), redact=False),
    }[made]()
    with show(html=html, color_scheme=scheme, viewport={"width": width, "height": 900}) as found:
        found.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        result = Axe().run(found.page, options=WCAG)
        assert result.violations_count == 0, result.generate_report()
        wide = found.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, "the page itself must not be scrolled sideways"


@pytest.mark.parametrize("payload", HOSTILE)
def test_payloads_do_nothing(show, payload):
    bars = pictured()[2].chart
    made = [{"split": "eval", "file": payload, "line": 1, "kind": payload, payload: "x", "text": payload,
             "train_file": payload, "train_line": 2, "train_text": f"{payload} more", "fix": payload}] * 6  # fmt: skip
    drawn = [{"label": payload, "train": 3, "eval": 2}, {"label": "b", "train": 1, "eval": 2}]
    tables = (
        table(payload, made, excerpts=("text", "train_text")),
        table(payload, drawn, bars),
        table(payload, drawn * 9, bars),
    )
    with show(*tables, word=payload) as found:
        page = found.page
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        page.get_by_label("Search").first.fill("more")
        page.mouse.move(300, 300)
        assert page.evaluate("window.hit") is None
        assert page.evaluate("document.querySelectorAll('script').length") == 1
        assert page.locator("img, iframe, object, embed, template, base, link, form").count() == 0
        order = "[...document.querySelectorAll('.rows p')].map((one) => one.textContent).join()"
        assert not re.search("[\u200b-\u200f\u202a-\u202e\u2066-\u2069]", page.evaluate(order))


def test_without_scripts_everything_is_there(show):
    with show(*pictured(), near(10), java_script_enabled=False) as found:
        page = found.page
        expect(page.locator(".find").first).to_be_hidden()
        expect(page.locator("#theme")).to_be_hidden()
        assert page.locator(".rows > li").count() == 10
        page.locator("details.kept > summary").click()
        expect(page.locator("details.kept li").first).to_be_visible()


def test_a_thousand_pairs_are_searched(show):
    with show(table("Near", pairs(1000, words=60), excerpts=("text", "train_text"))) as found:
        page = found.page
        page.get_by_label("Search").fill("eval.jsonl:999")
        expect(page.locator("output")).to_have_text("1 of 1000 rows")
        expect(rows(page)).to_have_count(1)


def test_text_that_is_written_from_the_right_and_wide_letters_stay_in_their_places(show):
    made = [{"split": "train", "file": "بيانات.jsonl", "line": 3, "text": "مرحبا بالعالم, this is mixed 123"},
            {"split": "train", "file": "数据.jsonl", "line": 4, "text": "我们昨天在北京吃了烤鸭。" * 20}]  # fmt: skip
    with show(table("Texts", made, excerpts=("text",)), viewport={"width": 390, "height": 800}) as found:
        page = found.page
        assert page.evaluate("getComputedStyle(document.querySelector('.rows p[dir]')).direction") == "rtl"
        assert page.locator(".rows p").first.text_content().strip().startswith("بيانات.jsonl:3")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390

"""In a notebook: the verdict as text, and the page in a frame that cannot reach it."""

from __future__ import annotations

import pytest

from auditor.report.html.page import render
from tests.report.html.browser import running
from tests.report.html.made import HOSTILE, pairs, report, table
from tests.report.html.parsed import elements


def shown(word="plain"):
    return report(table("Near", pairs(8), excerpts=("text", "train_text")), word=word)


def test_a_report_displays_itself():
    assert type(shown()._repr_html_()) is str
    line, frame = (one for one in elements(shown()._repr_html_()) if one.tag in ("p", "iframe"))
    assert line.text == "BLOCK: Not ready. 1 of 1 required gates is shut: first."
    assert frame.attributes["sandbox"] == "allow-scripts"
    assert frame.attributes["srcdoc"] == render(shown(), redact=False)


@pytest.mark.parametrize("payload", HOSTILE)
def test_text_of_the_user_stays_inside_the_frame(payload):
    assert [one.tag for one in elements(shown(payload)._repr_html_())] == ["p", "bdi", "iframe"]


@pytest.mark.slow
def test_the_frame_works_and_keeps_to_itself(tmp_path):
    file = tmp_path / "notebook.html"
    file.write_text(
        f"<!doctype html><meta charset=utf-8><title>n</title>{shown(HOSTILE[0])._repr_html_()}", "utf-8"
    )
    with running() as browser:
        page = browser.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(file.as_uri())
        inside = page.frames[1]
        inside.get_by_label("Search").fill("eval.jsonl:3")
        assert inside.locator(".rows > li:not([hidden])").count() == 1
        inside.locator(".card a").first.click()
        inside.wait_for_function("scrollY > 0")
        assert inside.url == "about:srcdoc"
        assert page.url == file.as_uri()
        assert (
            inside.evaluate("(() => { try { return parent.document.title; } catch { return null; } })()")
            is None
        )
        assert page.evaluate("window.hit") is None
        assert said == []

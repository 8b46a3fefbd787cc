"""A headless Chromium that opens pages, and notes all that a page must not do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")


def executable() -> str:
    """Path of Chromium; without one the test is skipped, but fails where a run must have it."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        why = f"there is no Chromium: none of {', '.join(NAMES)} is installed"
        if os.environ.get("AUDITOR_CI"):
            pytest.fail(why)
        pytest.skip(why)
    return found


@contextmanager
def running() -> Iterator[Browser]:
    path = executable()
    with sync_playwright() as driver:
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # root cannot have one
        browser = driver.chromium.launch(executable_path=path, args=[*sandbox, "--disable-gpu"])
        yield browser
        browser.close()


@dataclass
class Opened:
    """A page, and what it said and asked for."""

    page: Page
    requests: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


@contextmanager
def opened(browser: Browser, folder: Path, html: str, **options: object) -> Iterator[Opened]:
    """Open a page from a file; at the end it must have loaded nothing else and have said nothing."""
    file = folder / "report.html"
    file.write_text(html, "utf-8")
    context = browser.new_context(**options)
    page = context.new_page()
    made = Opened(page)
    page.on("request", lambda request: made.requests.append(request.url))
    page.on("console", lambda message: made.said.append(message.text))
    page.on("pageerror", lambda error: made.said.append(str(error)))
    page.on("dialog", lambda dialog: made.said.append(dialog.message))
    page.on("popup", lambda other: made.said.append(f"popup {other.url}"))
    page.goto(file.as_uri())
    yield made
    assert made.requests == [file.as_uri()]
    assert page.url.partition("#")[0] == file.as_uri()
    assert made.said == []
    context.close()

"""The line of progress: nothing for short work, then share, rate and time left, never wider than the terminal."""

from __future__ import annotations

import io
import sys

import pytest

from auditor.cli import progress
from auditor.cli.progress import Progress
from auditor.wording import WIDTH


class Terminal(io.StringIO):
    """Standard error of a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass when they are set."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def attached(monkeypatch) -> Terminal:
    """Standard error from here on; a fixture would be too early, since pytest takes it back before the test."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


def last(stream: Terminal) -> str:
    return stream.getvalue().rpartition("\r")[2].rstrip()


def test_short_work_says_nothing(clock, monkeypatch):
    terminal = attached(monkeypatch)
    with Progress(quiet=False) as line:
        for step in range(9):
            clock[0] += 0.1
            line.tick("reading a.jsonl", step, 9)
    assert terminal.getvalue() == ""


def test_share_rate_and_time_left(clock, monkeypatch):
    terminal = attached(monkeypatch)
    with Progress(quiet=False) as line:
        line.tick("reading a.jsonl", 0, 800_000_000)
        clock[0] += 1.5
        line.tick("reading a.jsonl", 30_000_000, 800_000_000)
        assert last(terminal) == "reading a.jsonl    4%"
        clock[0] += 2.5
        line.tick("reading a.jsonl", 80_000_000, 800_000_000)
        assert last(terminal) == "reading a.jsonl   10%  20.0 MB/s  36 seconds left"
        clock[0] += 36
        line.tick("reading a.jsonl", 800_000_000, 800_000_000)
        assert last(terminal) == "reading a.jsonl  100%  20.0 MB/s"
        line.tick("comparing", 5_000, 100_000)
        clock[0] += 4
        line.tick("comparing", 45_000, 100_000)
        assert last(terminal) == "comparing   45%  10,000 rows/s  6 seconds left"
        clock[0] += 4
        line.tick("checking noise", 0, 0)
        assert last(terminal) == "checking noise"
    assert terminal.getvalue().endswith("\r"), "the line is gone in the end"


def test_work_that_begins_anew_has_a_rate_of_its_own(clock, monkeypatch):
    terminal = attached(monkeypatch)
    with Progress(quiet=False) as line:
        line.tick("comparing", 90, 100)
        clock[0] += 5
        line.tick("comparing", 10, 100)
        assert last(terminal) == "comparing   10%"
        clock[0] += 4
        line.tick("comparing", 50, 100)
        assert last(terminal) == "comparing   50%  10 rows/s  5 seconds left"


def test_a_long_name_leaves_room_for_the_numbers(clock, monkeypatch):
    terminal = attached(monkeypatch)
    with Progress(quiet=False) as line:
        for done in (0, 10):
            line.tick("reading " + "x" * 300, done, 100)
            clock[0] += 9
        line.tick("reading " + "x" * 300, 50, 100)
        assert len(last(terminal)) == WIDTH
        assert last(terminal).endswith("seconds left")


def test_elsewhere_a_line_is_written_now_and_then(clock, monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with Progress(quiet=False) as line:
        for second in range(70):
            clock[0] = 100.0 + second
            line.tick("comparing", second, 100)
    assert stream.getvalue().splitlines() == [
        "comparing   30%  1 rows/s  70 seconds left", "comparing   60%  1 rows/s  40 seconds left",
    ]  # fmt: skip


@pytest.mark.parametrize("live", [True, False])
def test_quiet_is_quiet(clock, monkeypatch, live):
    stream = Terminal() if live else io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with Progress(quiet=True) as line:
        for second in range(90):
            clock[0] = 100.0 + second
            line.tick("comparing", second, 100)
    assert stream.getvalue() == ""

"""What an audit will cost: nothing for what is stored, and told in words that fit a line."""

import os
import time

import pytest

from auditor.cli.progress import Progress
from auditor.load.dataset import Request, load
from auditor.load.forecast import BASE, GROWTH, LONG, PER_GB, Forecast, forecast
from auditor.load.sources import find_sources
from auditor.load.store import Store
from auditor.load.work import Work
from auditor.wording import duration, size

OLD = time.time_ns() - 3600 * 10**9


def expected(folder, *names, processes=None):
    sources, _ = find_sources(tuple(str(folder / name) for name in names), ())
    return forecast(sources, Store(folder / "cache"), processes)


@pytest.fixture
def files(tmp_path):
    for name, content in (("a.jsonl", b'{"text": "one"}\n' * 10), ("b.jsonl.gz", b"x" * 1000)):
        (tmp_path / name).write_bytes(content)
        os.utime(tmp_path / name, ns=(OLD, OLD))
    return tmp_path


def test_what_is_stored_costs_nothing(files):
    before = expected(files, "a.jsonl")
    assert before.bytes_ == 160
    load(Request(train=(str(files / "a.jsonl"),)), Work(cache=files / "cache"))
    assert expected(files, "a.jsonl").bytes_ == 0


def test_archives_are_larger_than_they_look(files):
    assert expected(files, "a.jsonl", "b.jsonl.gz").bytes_ == 160 + 4 * 1000


def test_a_gigabyte(files):
    with (files / "a.jsonl").open("r+b") as file:
        file.truncate(10**9)  # sparse: it takes no room
    one, two = (expected(files, "a.jsonl", processes=number) for number in (1, 2))
    assert one.seconds == pytest.approx(PER_GB)
    assert PER_GB / 2 < two.seconds < one.seconds < LONG
    assert (one.memory, two.memory) == (BASE + GROWTH * 1e9, 2 * BASE + GROWTH * 1e9)


def test_it_is_told_in_a_line_or_two():
    told = str(Forecast(11e9, 154.0, 2.55e9, 1))
    assert told.startswith("11.0 GB to read: about 3 minutes and 2.5 GB of memory.")
    assert "with 4 processes" in str(Forecast(11e9, 154.0, 2.55e9, 4))


@pytest.mark.parametrize(
    ("seconds", "told"), [(3, "3 seconds"), (89, "89 seconds"), (120, "2 minutes"), (7200, "2.0 hours")]
)
def test_times_and_sizes_in_words(seconds, told):
    assert duration(seconds) == told
    assert [size(count) for count in (1500, 2_500_000, 3e9)] == ["1.5 kB", "2.5 MB", "3.0 GB"]


def test_a_long_audit_is_announced_before_it_is_read(files, monkeypatch):
    request, said = Request(train=(str(files / "a.jsonl"),)), list[str]()
    load(request, Work(cache=files / "one", say=said.append))
    assert not said
    monkeypatch.setattr("auditor.load.dataset.LONG", 0.0)
    load(request, Work(cache=files / "two", say=said.append))
    assert len(said) == 1
    assert said[0].startswith("0.2 kB to read")


def test_lines_that_are_said_are_escaped(capsys):
    with Progress(quiet=False) as progress:
        progress.say("12 GB to read\x1b[0m")
    assert capsys.readouterr().err == "12 GB to read\\x1b[0m\n"
    with Progress(quiet=True) as progress:
        progress.say("12 GB to read")
    assert capsys.readouterr().err == ""


def test_a_file_that_is_gone_costs_nothing(files):
    sources, _ = find_sources((str(files / "a.jsonl"),), ())
    (files / "a.jsonl").unlink()
    assert forecast(sources, Store(files / "cache"), 1).bytes_ == 0

"""The cache folder: whose it is, where it is, what fills it, and what is said when it cannot be written."""

import os
import stat
from pathlib import Path

import pytest

from auditor.errors import DataError
from auditor.load.cachefolder import clear, default_cache, in_use, usage
from tests.load.desk import Desk

RECORDS = [{"text": f"row {n}", "label": "ab"[n % 2]} for n in range(50)]


@pytest.fixture
def warm(desk):
    """A desk whose one file is in the store."""
    desk.read("a.jsonl", RECORDS)
    return desk


def test_everything_belongs_to_its_owner_alone(desk):
    before = os.umask(0)
    try:
        desk.load(
            desk.write("a.jsonl", [{"item": 1, "labeler": who, "label": "x", "text": "t"} for who in "ab"])
        )
        old = desk.write("b.jsonl", RECORDS)
        os.utime(old, (0, 0))  # of a file that has just changed nothing is remembered
        desk.load(old)
    finally:
        os.umask(before)
    assert list((desk.cache / "known").iterdir())
    for path in [desk.cache, *desk.cache.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_cache_that_cannot_be_written(warm):
    for folder in warm.cache.iterdir():
        folder.chmod(0o500)
    try:
        with pytest.raises(DataError, match="AUDITOR_CACHE_DIR"):
            warm.read("b.jsonl", [{"text": "not stored yet"}])
    finally:
        for folder in warm.cache.iterdir():
            folder.chmod(0o700)


def test_a_cache_below_a_file(desk):
    (desk.folder).mkdir()
    blocked = Desk(folder=desk.folder, cache=desk.folder / "file" / "cache")
    (desk.folder / "file").write_text("x")
    with pytest.raises(DataError, match=r"cannot be written .*AUDITOR_CACHE_DIR.*--no-cache"):
        blocked.read("a.jsonl", RECORDS)


def test_a_cache_that_is_a_file(desk):
    desk.folder.mkdir()
    (desk.folder / "file").write_text("x")
    with pytest.raises(DataError, match=r"cannot be written .*AUDITOR_CACHE_DIR"):
        Desk(folder=desk.folder, cache=desk.folder / "file").read("a.jsonl", RECORDS)


def test_a_full_disk(desk, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("auditor.load.writer.RowWriter._write", full)
    with pytest.raises(DataError, match="No space left on device"):
        desk.read("a.jsonl", RECORDS)
    assert desk.left() == []


def test_usage_and_clear(warm):
    used = usage(warm.cache)
    assert used > next(warm.cache.glob("stores/*/train.arrow")).stat().st_size
    assert clear(warm.cache) == used
    assert usage(warm.cache) == 0
    assert warm.load(str(warm.folder / "a.jsonl")).train.rows == 50


def test_clear_waits_for_no_audit_and_takes_nothing_from_one(warm):
    with (
        in_use(warm.cache),
        in_use(warm.cache),
        pytest.raises(DataError, match="an audit is reading the rows"),
    ):
        clear(warm.cache)
    assert usage(warm.cache) > 0
    clear(warm.cache)
    assert usage(warm.cache) == 0


def test_a_cache_folder_that_cannot_be(desk):
    with pytest.raises(DataError, match="AUDITOR_CACHE_DIR"):
        Desk(folder=desk.folder, cache=Path("/proc/nope")).read("a.jsonl", RECORDS)


def test_clear_leaves_what_is_not_ours(desk):
    desk.read("a.jsonl", RECORDS)
    (desk.cache / "mine.txt").write_text("keep")
    clear(desk.cache)
    assert [path.name for path in desk.cache.iterdir()] == ["mine.txt"]


def test_nothing_to_clear(tmp_path):
    assert (usage(tmp_path / "none"), clear(tmp_path / "none")) == (0, 0)


def test_where_the_cache_is(monkeypatch, tmp_path):
    monkeypatch.setenv("AUDITOR_CACHE_DIR", str(tmp_path))
    assert default_cache() == tmp_path
    monkeypatch.delenv("AUDITOR_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache().name == "auditor"

"""The store: unchanged files are parsed once; whatever is torn, altered or gone is made anew."""

import json
import multiprocessing
import os
import shutil
import time
from pathlib import Path

import msgspec
import pytest

from auditor.load import checksums, inputs, store
from auditor.load.dataset import Request, load
from auditor.load.work import Work
from tests.load.desk import found, rows

RECORDS = [{"text": f"row {n}", "label": "ab"[n % 2]} for n in range(50)]
OLD = time.time_ns() - 3600 * 10**9


def aged(path):
    """The path of a file that was last changed an hour ago."""
    os.utime(path, ns=(OLD, OLD))
    return path


def no_reader(*_):
    raise AssertionError("a reader was asked for")


@pytest.fixture
def warm(desk):
    """A desk whose one file is in the store."""
    desk.read("a.jsonl", [*RECORDS, "bad"])
    aged(desk.folder / "a.jsonl")
    return desk


def path_of(desk):
    return str(desk.folder / "a.jsonl")


def arrow(desk):
    return next(desk.cache.glob("stores/*/train.arrow"))


def same(loaded):
    assert rows(loaded.train, "text", "label") == [(one["text"], one["label"]) for one in RECORDS]
    assert found(loaded) == [("not-an-object", 51)]
    assert loaded.ledger["what"][0].startswith("expected")
    assert loaded.inputs[0].rows == 50


def test_a_second_load_parses_nothing(warm, monkeypatch):
    first = warm.load(path_of(warm))
    monkeypatch.setattr(inputs, "open_reader", no_reader)
    monkeypatch.setattr(inputs, "Stream", no_reader)
    again = warm.load(path_of(warm))
    same(again)
    assert (again.inputs, again.notes, again.impossible) == (first.inputs, first.notes, first.impossible)
    assert again.ledger.equals(first.ledger)


def test_the_third_load_does_not_even_hash(warm, monkeypatch):
    warm.load(path_of(warm))
    monkeypatch.setattr(inputs, "Tap", no_reader)
    same(warm.load(path_of(warm)))


def test_the_same_content_under_another_name_parses_nothing(warm, monkeypatch):
    copy = warm.write("copy.jsonl", Path(path_of(warm)).read_bytes())
    monkeypatch.setattr(inputs, "open_reader", no_reader)
    same(warm.load(copy))


def test_a_just_written_file_is_hashed_and_not_trusted(desk, monkeypatch):
    """A change within the clock's tick would not show in its time."""
    path = desk.write("a.jsonl", [{"text": "one"}])
    desk.load(path)
    seen = inputs.stamp(Path(path).stat())
    desk.write("a.jsonl", [{"text": "two"}])
    monkeypatch.setattr(inputs, "stamp", lambda _: seen)
    assert rows(desk.load(path).train, "text") == ["two"]


def test_changed_content_is_read_again(warm):
    warm.load(path_of(warm))
    warm.write("a.jsonl", [{"text": "new"}])
    assert rows(warm.load(path_of(warm)).train, "text") == ["new"]


def test_a_change_behind_a_restored_time_is_seen(warm):
    """The time of the last change of the file's entry gives it away; no tool restores that."""
    warm.load(path_of(warm))
    content = Path(path_of(warm)).read_bytes()
    Path(path_of(warm)).write_bytes(content.replace(b"row 7", b"ROW 7"))
    aged(path_of(warm))
    assert rows(warm.load(path_of(warm)).train, "text")[7] == "ROW 7"


def test_verify_hashes_again_whatever_the_times_say(warm, monkeypatch):
    warm.load(path_of(warm))
    seen = inputs.stamp(Path(path_of(warm)).stat())
    content = Path(path_of(warm)).read_bytes()
    Path(path_of(warm)).write_bytes(content.replace(b"row 7", b"ROW 7"))
    monkeypatch.setattr(inputs, "stamp", lambda _: seen)  # a file system that does not tell
    assert rows(warm.load(path_of(warm)).train, "text")[7] == "row 7"
    assert rows(warm.load(path_of(warm), verify=True).train, "text")[7] == "ROW 7"


def test_another_mapping_or_format_is_another_store(warm):
    assert warm.load(path_of(warm), mapping={"label": "source"}).inputs[0].format == "text"
    assert warm.load(path_of(warm), input_format="text").inputs[0].format == "text"
    same(warm.load(path_of(warm)))


def test_a_file_in_the_other_role_is_another_store(warm):
    other = warm.write("b.jsonl", [{"text": "x"}])
    loaded = warm.load(other, evals=(path_of(warm),))
    assert loaded.eval.rows == 50
    assert set(loaded.ledger["split"]) == {"eval"}


def cut(path):
    os.truncate(path, path.stat().st_size // 2)


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def flip_and_hide(path):
    when = path.stat()
    flip(path)
    os.utime(path, ns=(when.st_atime_ns, when.st_mtime_ns))


def other_word(path):
    """Still a manifest, but with another finding."""
    path.write_bytes(path.read_bytes().replace(b"expected", b"whatever"))


def empty(path):
    path.write_bytes(b"")


@pytest.mark.parametrize("harm", [cut, flip, flip_and_hide, other_word, empty, os.remove])
@pytest.mark.parametrize("name", ["train.arrow", store.MANIFEST])
def test_a_damaged_store_is_made_anew(warm, name, harm):
    harm(arrow(warm).with_name(name))
    same(warm.load(path_of(warm)))
    same(warm.load(path_of(warm)))
    assert warm.left() == []


def test_a_manifest_that_points_elsewhere_is_not_followed(warm):
    manifest = arrow(warm).with_name(store.MANIFEST)
    elsewhere = warm.folder / "elsewhere.arrow"
    shutil.copy(arrow(warm), elsewhere)
    rows_of = json.loads(manifest.read_bytes().partition(b"\n")[2])
    entry = rows_of["files"]["train"]
    entry["name"], entry["stamp"] = str(elsewhere), msgspec.to_builtins(store.stamp(elsewhere.stat()))
    manifest.write_bytes(checksums.with_checksum(json.dumps(rows_of).encode()))
    loaded = warm.load(path_of(warm))
    same(loaded)
    assert loaded.train.parts[0].path != elsewhere


@pytest.mark.parametrize("harm", [cut, flip, empty, os.remove])
def test_a_damaged_memory_of_a_file_is_made_anew(warm, harm):
    warm.load(path_of(warm))
    for entry in (warm.cache / "known").iterdir():
        harm(entry)
    same(warm.load(path_of(warm)))


def stop(*_):
    raise KeyboardInterrupt


@pytest.mark.parametrize("at", [1, 2, 4])
def test_ctrl_c_leaves_nothing_half_written(desk, at, monkeypatch):
    monkeypatch.setattr("auditor.load.jsonlines.CHUNK", 500)
    path = desk.write("a.jsonl", RECORDS)
    calls = iter(range(1, 100))
    with pytest.raises(KeyboardInterrupt):
        desk.load(path, tick=lambda *_: stop() if next(calls) == at else None)
    assert desk.left() == []
    assert list((desk.cache / "stores").iterdir()) == []
    assert rows(desk.load(path).train, "text") == [one["text"] for one in RECORDS]


def test_a_crash_while_moving_into_place_leaves_nothing(desk, monkeypatch):
    path = desk.write("a.jsonl", RECORDS)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", stop)
        with pytest.raises(KeyboardInterrupt):
            desk.load(path)
    assert desk.left() == []


def test_what_crashed_runs_left_is_swept_after_a_day(desk):
    desk.read("a.jsonl", RECORDS)
    for name, hours in (("old", 25), ("new", 1)):
        (desk.cache / "building" / name).mkdir()
        (desk.cache / "building" / name / "x").write_text("x")
        os.utime(desk.cache / "building" / name, (time.time() - hours * 3600,) * 2)
    desk.load(path_of(desk))
    assert desk.left() == ["new"]


def _load(path, cache, start, results):
    start.wait()
    loaded = load(Request(train=(path,)), Work(cache=cache))
    results.put((loaded.train.rows, rows(loaded.train, "text")[-1]))


def test_several_processes_at_once(desk):
    path = desk.write("a.jsonl", [{"text": f"row {n}"} for n in range(20_000)])
    context = multiprocessing.get_context("spawn")
    start, results = context.Event(), context.Queue()
    workers = [context.Process(target=_load, args=(path, desk.cache, start, results)) for _ in range(3)]
    for worker in workers:
        worker.start()
    start.set()
    assert [results.get(timeout=60) for _ in workers] == [(20_000, "row 19999")] * 3
    for worker in workers:
        worker.join(timeout=60)
        assert worker.exitcode == 0
    assert desk.left() == []
    assert len(list((desk.cache / "stores").iterdir())) == 1


def test_a_file_that_changes_while_it_is_read(desk):
    path = desk.write("a.jsonl", RECORDS)

    def write(*_):
        os.utime(path, ns=(OLD, OLD))

    loaded = desk.load(path, tick=write)
    assert any("was written to while it was read" in note for note in loaded.notes)
    assert loaded.train.rows == 50


def test_stores_of_other_versions_are_not_looked_at(warm, monkeypatch):
    monkeypatch.setattr(store, "VERSION", 0)
    monkeypatch.setattr(inputs, "open_reader", no_reader)
    with pytest.raises(AssertionError, match="a reader was asked for"):
        warm.load(path_of(warm))

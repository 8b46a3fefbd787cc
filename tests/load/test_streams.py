"""Archives, encodings and standard input: what reaches the readers is UTF-8 text, and the hash is of the disk."""

import bz2
import gzip
import hashlib
import lzma
import os
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from auditor.load import streams
from tests.helpers import DATA, seeded, vocabulary
from tests.load.desk import found, lines, only, rows, trouble

DRAW, WORDS = seeded(1), vocabulary(5_000, seed=1)
RECORDS = [{"text": " ".join(DRAW.choices(WORDS, k=10))} for _ in range(6_000)]
"""About 400 KB that do not pack well: archives hold several blocks."""


def packed(data, kind):
    if kind == "zst":
        sink = pa.BufferOutputStream()
        with pa.CompressedOutputStream(sink, "zstd") as archive:
            archive.write(data)
        return sink.getvalue().to_pybytes()
    return {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}[kind](data)


KINDS = {"gz": "gzip", "bz2": "bzip2", "xz": "xz", "zst": "zstd"}


def test_one_file_in_five_compressions(desk):
    paths = [
        str(DATA / "decon" / "training" / f"contaminated_mixed.jsonl{end}")
        for end in ("", ".gz", ".bz2", ".xz", ".zst")
    ]
    plain, *others = [desk.load(path) for path in paths]
    assert plain.train.rows == 5
    for path, other in zip(paths[1:], others, strict=True):
        assert rows(other.train, "text", "line") == rows(plain.train, "text", "line")
        assert only(other).facts == (KINDS[path.rpartition(".")[2]],)
        assert found(other) == []


@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_is_told_by_its_content(desk, kind):
    loaded = desk.read("a.jsonl.zip", packed(lines(RECORDS).encode(), kind))
    assert rows(loaded.train, "text") == [record["text"] for record in RECORDS]


@pytest.mark.parametrize("kind", KINDS)
def test_several_archives_in_one_file(desk, kind):
    """As `cat a.gz b.gz` makes them."""
    loaded = desk.read("a.jsonl", packed(b'{"text": "a"}\n', kind) + packed(b'{"text": "b"}\n', kind))
    assert rows(loaded.train, "text") == ["a", "b"]
    assert found(loaded) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.99])
def test_a_cut_archive_keeps_what_came_before(desk, kind, share, monkeypatch):
    monkeypatch.setattr(streams, "HEAD", 4_000)
    archive = packed(lines(RECORDS).encode(), kind)
    loaded = desk.read("a.jsonl", archive[: int(len(archive) * share)])
    texts = rows(loaded.train, "text")
    assert texts == [record["text"] for record in RECORDS[: len(texts)]]
    if kind in ("gz", "zst"):  # bzip2 gives whole blocks of 900 KB or nothing, xz still larger ones
        assert len(texts) > len(RECORDS) * (share - 0.35)
    message = loaded.inputs[0].error
    if texts:
        assert "truncated-archive" in {code for code, _ in found(loaded)}
        assert message is None
    else:
        assert "none of its" in message
        assert "the archive" in message


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_archive_is_no_crash(desk, kind):
    archive = bytearray(packed(lines(RECORDS).encode(), kind))
    middle = len(archive) // 2
    archive[middle : middle + 8] = bytes(255 - byte for byte in archive[middle : middle + 8])
    loaded = desk.read("a.jsonl", bytes(archive))
    if kind != "zst":  # the others carry a checksum
        assert {code for code, _ in found(loaded)} & {"bad-archive", "truncated-archive"}
    if kind == "bz2":  # it checks a block before it gives it
        texts = rows(loaded.train, "text")
        assert texts == [record["text"] for record in RECORDS[: len(texts)]]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
@pytest.mark.parametrize("kind", [None, "gz"])
def test_unicode_in_other_encodings(desk, encoding, kind):
    data = lines([{"text": "naïve 😀 日本"}, {"text": "two"}]).encode(encoding)
    loaded = desk.read("a.jsonl", packed(data, kind) if kind else data)
    assert rows(loaded.train, "text", "line") == [("naïve 😀 日本", 1), ("two", 2)]
    code = "bom" if encoding == "utf-8-sig" else "utf-16"
    assert loaded.ledger.select("code", "lost", "line").rows() == [(code, False, 1)]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32-be", "utf-8"])
@pytest.mark.parametrize("chunk", [16, 17, 61])
def test_characters_that_reach_over_pieces(desk, monkeypatch, encoding, chunk):
    monkeypatch.setattr(streams, "CHUNK", chunk)
    monkeypatch.setattr(streams, "HEAD", 100)
    texts = [f"{n} naïve 😀 日本" for n in range(100)]
    data = "\ufeff" * (encoding == "utf-32-be") + lines({"text": text} for text in texts)
    assert rows(desk.read("a.jsonl", data.encode(encoding)).train, "text") == texts


def test_half_a_character_of_utf_16(desk):
    loaded = desk.read("a.jsonl", lines([{"text": "one"}]).encode("utf-16") + b"{")
    assert rows(loaded.train, "text") == ["one"]
    assert ("not-utf8", 2) in found(loaded)


def test_the_hash_is_of_the_bytes_on_disk(desk):
    for content in (
        b'{"text": "x"}\n',
        packed(b'{"text": "x"}\n', "gz"),
        b"\xff\xfe{\0",
        b"PK\x03\x04 workbook",
        b"",
    ):
        loaded = desk.read("a.jsonl", content)
        assert loaded.inputs[0].sha256 == hashlib.sha256(content).hexdigest()


def test_a_git_lfs_pointer_is_named(desk):
    message = trouble(desk.load(str(DATA / "lfs_pointer" / "helpful-base-test.LFS-POINTER.jsonl.gz")))
    assert "is a Git LFS pointer" in message
    assert "git lfs pull" in message


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"PK\x03\x04", "workbook"),
        (b"SQLite format 3\0", "SQLite"),
        (b"%PDF-1.7", "PDF"),
        (b"\x80\x04\x95", "pickle"),
    ],
)
def test_files_of_other_kinds_are_named(desk, content, what):
    assert what in trouble(desk.read("a.jsonl", content + b"\0" * 100))


def stdin(monkeypatch, data):
    read, write = os.pipe()
    os.write(write, data)
    os.close(write)
    monkeypatch.setattr(sys, "stdin", os.fdopen(read, encoding="utf-8"))


@pytest.mark.parametrize("kind", [None, "gz"])
def test_standard_input(desk, monkeypatch, kind):
    data = b'{"text": "one"}\n{"text": "two"}\n'
    stdin(monkeypatch, packed(data, kind) if kind else data)
    seen = []
    loaded = desk.load("-", tick=lambda *progress: seen.append(progress))
    assert rows(loaded.train, "text", "file") == [("one", "<stdin>"), ("two", "<stdin>")]
    assert only(loaded).path == "<stdin>"
    assert {of for _, _, of in seen} == {0}
    sys.stdin.close()


def test_standard_input_that_is_empty(desk, monkeypatch):
    stdin(monkeypatch, b"")
    loaded = desk.load("-")
    assert (loaded.train.rows, found(loaded)) == (0, [("empty-file", None)])
    sys.stdin.close()


def test_progress_is_of_the_bytes_on_disk(desk):
    path = desk.write("a.jsonl", RECORDS)
    seen = []
    desk.load(path, tick=lambda *progress: seen.append(progress))
    size = Path(path).stat().st_size
    assert seen[-1] == (f"reading {path}", size, size)

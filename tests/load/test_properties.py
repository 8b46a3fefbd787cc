"""Meaning does not hang on how records are written, and a naive reader agrees about every line."""

import bz2
import csv
import gzip
import io
import json
import lzma

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.load import jsonlines, streams
from tests.load.desk import lines, rows

FEW = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
VISIBLE = TEXT.filter(lambda text: text.strip() and text == text.strip())
PAIRS = st.lists(
    st.fixed_dictionaries({"prompt": VISIBLE, "completion": VISIBLE, "source": VISIBLE}),
    min_size=1,
    max_size=12,
)
CANONICAL = ("text", "prompt", "response", "source", "turns", "row")


def as_csv(records, delimiter):
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(records[0]), delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(records)
    return out.getvalue().encode()


def as_parquet(records):
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(records), out, row_group_size=5)
    return out.getvalue()


def as_zstd(data):
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as archive:
        archive.write(data)
    return sink.getvalue().to_pybytes()


@FEW
@given(records=PAIRS)
def test_the_same_records_however_they_are_written(desk, records):
    plain = lines(records).encode()
    expected = rows(desk.read("a.jsonl", plain).train, *CANONICAL)
    assert [text for text, *_ in expected] == [f"{one['prompt']}\n{one['completion']}" for one in records]
    written = {
        "escaped": "\n".join(map(json.dumps, records)).encode(),
        "crlf": plain.replace(b"\n", b"\r\n"),
        "array": json.dumps(records, ensure_ascii=False).encode(),
        "laid out": json.dumps(records, indent=3).encode(),
        "documents": "\n".join(json.dumps(one, indent=1) for one in records).encode(),
        "utf-16": plain.decode().encode("utf-16"),
        "csv": as_csv(records, ","),
        "tsv": as_csv(records, "\t"),
        "semicolons": as_csv(records, ";"),
        "parquet": as_parquet(records),
        "gz": gzip.compress(plain),
        "bz2": bz2.compress(plain),
        "xz": lzma.compress(plain),
        "zst": as_zstd(plain),
    }
    for how, content in written.items():
        loaded = desk.read(f"written as {how}", content)
        assert rows(loaded.train, *CANONICAL) == expected, how
        assert not loaded.ledger["lost"].any(), how


def naive(data):
    """Line numbers and texts of the good lines, and line numbers of the bad ones, one json.loads at a time."""
    good, bad = [], []
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip(b" \t\r"):
            continue
        try:
            record = json.loads(line.decode("utf-8"), parse_constant=lambda _: 1 / 0)
            line.decode("utf-8")
            if not isinstance(record, dict) or not isinstance(record["text"], str):
                raise ValueError(number)
            record["text"].encode()
            json.dumps(record, ensure_ascii=False).encode()
        except (ValueError, KeyError, ZeroDivisionError):
            bad.append(number)
        else:
            good.append((number, record["text"]))
    return good, bad


def agrees(loaded, data):
    good, bad = naive(data)
    assert rows(loaded.train, "line", "text") == good
    assert sorted(loaded.ledger.filter("lost")["line"].to_list()) == bad


RECORD = st.fixed_dictionaries(
    {"text": TEXT}, optional={"n": st.integers(-9, 9), "deep": st.lists(st.lists(TEXT))}
)
LOOSE = st.sampled_from(
    [b"{", b"}", b'"', b"\\", b"\n", b"\r\n", b",", b"x", b"\xff", b"[", b"\0", b"NaN", b" ", b"\\ud800", b""]
)


@settings(FEW, max_examples=150)
@given(
    records=st.lists(RECORD, min_size=4, max_size=12),
    edits=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3), LOOSE), max_size=3),
    chunk=st.sampled_from([32, 100, 1 << 20]),
)
def test_a_naive_reader_agrees_about_every_line(desk, records, edits, chunk):
    """Good lines stand first, so that the file is one of JSON Lines whatever follows."""
    data = bytearray(lines(records).encode())
    for share, width, piece in edits:
        place = int(share * len(data))
        data[place : place + width] = piece
    data = b'{"text": "first"}\n' * 30 + bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonlines, "CHUNK", chunk)
        agrees(desk.read("a.jsonl", data), data)


@FEW
@given(records=st.lists(RECORD, min_size=1, max_size=12), share=st.floats(0, 1))
def test_every_whole_line_before_a_cut_counts(desk, records, share):
    data = lines(records).encode()
    cut = data[: int(share * len(data))]
    whole = cut.count(b"\n")
    loaded = desk.read("a.jsonl", cut)
    texts = rows(loaded.train, "text") if loaded.train.rows else []
    assert texts[:whole] == [one["text"] for one in records[:whole]]
    assert loaded.train.rows <= whole + 1


@FEW
@given(
    records=st.lists(RECORD, min_size=3, max_size=12),
    share=st.floats(0.3, 1),
    chunk=st.sampled_from([64, 1 << 20]),
)
def test_every_whole_record_of_a_cut_archive_counts(desk, records, share, chunk):
    """The archive is stored, not deflated: what is cut off is exactly what is missing."""
    data = lines(records).encode()
    archive = gzip.compress(data, compresslevel=0)
    start = archive.index(data)
    place = start + int(share * len(data))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streams, "CHUNK", chunk)
        loaded = desk.read("a.jsonl", archive[:place])
    whole = archive[start:place].count(b"\n")
    texts = rows(loaded.train, "text") if loaded.train.rows else []
    assert texts[:whole] == [one["text"] for one in records[:whole]]

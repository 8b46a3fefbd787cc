"""Records found again by their places: against the standard library, with pieces of any size."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.errors import DataError
from auditor.load import jsonarray, jsonlines
from auditor.load.delimited import Delimited
from auditor.load.jsonarray import JsonElements
from auditor.load.ledger import Ledger
from auditor.load.streams import Stream
from auditor.sampling.records import records
from checks.contract import Part, Split
from tests import helpers

QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
VALUES = st.dictionaries(
    st.text(max_size=5), st.text(max_size=30) | st.integers() | st.lists(st.none()), max_size=4
)


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonarray, "CHUNK", 256)
    monkeypatch.setattr(jsonlines, "CHUNK", 64)


@QUICK
@given(st.lists(VALUES, min_size=1, max_size=30), st.sampled_from([None, 0, 2]))
def test_elements_stand_where_they_are_said_to(tmp_path, rows, indent):
    path = tmp_path / "a.json"
    content = json.dumps(rows, indent=indent, ensure_ascii=False).encode()
    path.write_bytes(content)
    stream = Stream(path, Ledger())
    found = list(JsonElements(stream, Ledger(), array=True).raw())
    stream.close()
    assert [json.loads(raw) for _, raw in found] == rows
    begin = 0
    for line, raw in found:
        begin = content.index(raw, begin)
        assert line == 1 + content[:begin].count(b"\n")
        begin += len(raw)


CELLS = st.text(alphabet="ab ,\"\n'é=", max_size=12)


@QUICK
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=30), st.sampled_from(["\n", "\r\n"]))
def test_rows_of_csv_are_the_bytes_of_the_file(tmp_path, rows, end):
    path = tmp_path / "a.csv"
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([("text", "note"), *rows])
    path.write_bytes(out.getvalue().encode())
    stream = Stream(path, Ledger())
    found = list(Delimited(stream, Ledger()).raw())
    stream.close()
    kept = [row for row in rows if any(row)]  # what is blank is no record
    parsed = [tuple(next(csv.reader(io.StringIO(raw.decode(), newline="")))) for _, raw in found]
    assert parsed == [("text", "note"), *kept]
    content, begin = path.read_bytes(), 0
    for line, raw in found:
        begin = content.index(raw, begin)
        assert line == 1 + content[:begin].count(b"\n")
        begin += len(raw)


def split(path: Path, lines: list[int]) -> Split:
    table = helpers.table([f"row {n}" for n in range(len(lines))])
    table = table.set_column(table.column_names.index("line"), "line", [lines])
    return Split(role="train", parts=(Part(file=path.name, table=table),))


def test_lines_in_blocks_of_any_size(tmp_path):
    own = [json.dumps({"text": "x" * (n % 90), "n": n}) for n in range(200)]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(own), "utf-8")
    rows = np.array([199, 0, 63, 64, 65, 7])
    found = records(split(path, list(range(1, 201))), rows, {path.name: path}, tmp_path / "b.jsonl")
    assert found.content.decode().splitlines() == [own[row] for row in rows.tolist()]


def test_records_that_cannot_be_told_apart_are_refused(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('[{"text": "row 0"}, 7, {"text": "row 1"}]', "utf-8")
    with pytest.raises(DataError, match=r"a\.json:1: 3 records begin on that line and 2 of them can be used"):
        records(split(path, [1, 1]), np.array([1]), {path.name: path}, tmp_path / "b.jsonl")


def test_files_that_do_not_go_together_are_refused(tmp_path):
    for name, content in {
        "a.csv": "text,n\nrow 0,1\n",
        "b.csv": "text,m\nrow 0,1\n",
        "c.jsonl": '{"text": "row 0"}\n\n',
    }.items():
        (tmp_path / name).write_text(content, "utf-8")
    paths = {name: tmp_path / name for name in ("a.csv", "b.csv", "c.jsonl")}
    parts = {name: split(path, [2 if name.endswith("csv") else 1]).parts for name, path in paths.items()}
    for names, said in (
        (("a.csv", "b.csv"), "different headers"),
        (("a.csv", "c.jsonl"), "of CSV and of JSON"),
    ):
        both = Split(role="train", parts=tuple(part for name in names for part in parts[name]))
        with pytest.raises(DataError, match=said):
            records(both, np.array([0, 1]), paths, tmp_path / "d.csv")

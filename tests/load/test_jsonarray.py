"""JSON arrays and concatenated documents: streamed, and kept up to the first fault."""

import json

import pytest

from auditor.load import jsonarray
from tests.load.desk import found, only, rows, trouble

GOOD = '{"text": "good"}'


def test_a_clean_array(desk):
    loaded = desk.read("a.json", '[\n  {"text": "one"},\n  {"text": "two"}\n]\n')
    assert rows(loaded.train, "text", "line") == [("one", 2), ("two", 3)]
    assert found(loaded) == []
    assert only(loaded).facts == ("JSON array",)


@pytest.mark.parametrize(
    "text",
    [
        f"[{GOOD}]",
        f"  [ {GOOD} ]  ",
        f"[{GOOD}\n]\n\n",
        f"[\r\n{GOOD}\r\n]\r\n",
        '[{"text": "good", "x": "],[{}\\\\\\"]"}]',
        '[{"text": "good", "x": [[], {"a": []}]}]',
    ],
)
def test_one_row_however_it_is_laid_out(desk, text):
    loaded = desk.read("a.json", text)
    assert (rows(loaded.train, "text"), found(loaded)) == (["good"], [])


@pytest.mark.parametrize("text", ["[]", " [\n] ", "[]\n"])
def test_an_array_of_nothing_is_an_empty_file(desk, text):
    loaded = desk.read("a.json", text)
    assert (loaded.train.rows, found(loaded)) == (0, [("empty-file", None)])
    assert loaded.inputs[0].error is None


def test_an_array_in_jsonl_is_said(desk):
    loaded = desk.read("a.jsonl", f"[{GOOD}, {GOOD}]")
    assert loaded.train.rows == 2
    assert found(loaded) == [("array-in-jsonl", 1)]


@pytest.mark.parametrize("chunk", [48, 1 << 20])
def test_a_fault_keeps_what_came_before_and_says_what_is_left(desk, monkeypatch, chunk):
    monkeypatch.setattr(jsonarray, "CHUNK", chunk)
    text = f'[{GOOD},\n{GOOD},\n{{"text": broken}},\n' + f"{GOOD},\n" * 20 + f"{GOOD}]"
    loaded = desk.read("a.json", text)
    assert rows(loaded.train, "line") == [1, 2]
    assert loaded.ledger.select("code", "line", "column", "lost").rows() == [
        ("bad-json", 3, 10, True),
        ("not-read", 3, None, True),
    ]
    left = len(text) - text.index('{"text": broken')
    assert loaded.ledger["what"][1].startswith(f"{left} bytes from")


def test_faults_of_type_do_not_end_the_reading(desk):
    loaded = desk.read(
        "a.json", f'[{GOOD},\n{{"text": []}},\n"loose", 7,\n{{"text": NaN}},\n{{"text": "x"}},\n{GOOD}]'
    )
    assert rows(loaded.train, "line") == [1, 5, 6]
    assert found(loaded) == [
        ("wrong-type", 2),
        ("not-an-object", 3),
        ("not-an-object", 3),
        ("nan-literal", 4),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"[{GOOD},\n{GOOD}", [("open-array", None)]),
        (f"[{GOOD},\n{GOOD},\n]", [("trailing-comma", 2)]),
        (f"[{GOOD},\n{GOOD}],", [("not-read", 2)]),
        (f"[{GOOD},\n{GOOD}]\n{GOOD}", [("not-read", 3)]),
        (f'[{GOOD},\n{GOOD},\n{{"text": "cut', [("bad-json", 3)]),
        (f'[{GOOD},\n{GOOD},\n{{"text" "x"}}\n]\n', [("bad-json", 3)]),
        (f"[{GOOD},\n{GOOD}}}\n, {GOOD}]", [("bad-json", 2), ("not-read", 2)]),
    ],
)
def test_ends_that_are_not_as_they_should_be(desk, text, expected):
    loaded = desk.read("a.json", text)
    assert rows(loaded.train, "text") == ["good", "good"]
    codes = [pair for pair in found(loaded) if pair != ("open-array", None)] or found(loaded)
    assert codes == expected


def test_documents_one_after_the_other(desk):
    text = "".join(json.dumps({"text": f"row {n}", "more": {"n": [n]}}, indent=1) for n in range(3))
    loaded = desk.read("a.json", text)
    assert rows(loaded.train, "text", "line") == [("row 0", 1), ("row 1", 8), ("row 2", 15)]
    assert "JSON documents" in only(loaded).facts


def test_one_document_is_one_row(desk):
    loaded = desk.read("a.json", json.dumps({"text": "alone"}, indent=2))
    assert rows(loaded.train, "text") == ["alone"]


def test_a_dict_of_lists_shows_its_keys_and_the_way_out(desk):
    message = trouble(
        desk.read("a.json", json.dumps({"train": [{"text": "x"}], "val": [], "about": {"n": 1}}))
    )
    assert "train (list of 1), val (list of 0), about (dict of 1)" in message
    assert "jq -c '.train[]'" in message


@pytest.mark.parametrize("chunk", [16, 50, 333, 4096])
@pytest.mark.parametrize("array", [True, False])
def test_pieces_of_any_size_give_the_same_rows(desk, monkeypatch, chunk, array):
    monkeypatch.setattr(jsonarray, "CHUNK", chunk)
    records = [{"text": f'row {n} "quoted" \\ ] }} ' + "x" * (n * 53 % 401)} for n in range(60)]
    if array:
        text = "[\n" + ",\n".join(map(json.dumps, records)) + "\n]"
    else:
        text = "\n".join(json.dumps(record, indent=1) for record in records)
    loaded = desk.read("a.json", text)
    assert rows(loaded.train, "text") == [record["text"] for record in records]
    step, first = (1, 2) if array else (3, 1)
    assert rows(loaded.train, "line") == list(range(first, first + 60 * step, step))
    assert found(loaded) == []


def test_a_quote_that_is_never_closed_does_not_fill_the_memory(desk, monkeypatch):
    monkeypatch.setattr(jsonarray, "CHUNK", 256)
    sizes = [0]

    def memory(what):
        sizes.append(what if isinstance(what, int) else len(what))
        return bytearray(what)

    monkeypatch.setattr(jsonarray, "bytearray", memory, raising=False)
    text = f'[{GOOD},\n{{"text": "open}},\n' + f"{GOOD},\n" * 2_000 + GOOD + "]"
    loaded = desk.read("a.json", text)
    assert rows(loaded.train, "line") == [1]
    assert found(loaded)[:2] == [("bad-json", 2), ("not-read", 2)]
    assert max(sizes) <= 1024

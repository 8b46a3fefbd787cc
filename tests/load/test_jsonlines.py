"""JSON Lines: every good line is a row with its number, every bad one a finding with its place."""

import io
import json

import pytest

from auditor.load import jsonlines, streams
from auditor.load.ledger import KEPT
from tests.helpers import DATA
from tests.load.desk import found, lines, only, rows, trouble

GOOD = '{"text": "good"}'


def finding(loaded, code):
    """The one finding of a code as a dict."""
    some = loaded.ledger.filter(code=code)
    assert some.height == 1, loaded.ledger
    return some.row(0, named=True)


def test_clean_lines(desk):
    loaded = desk.read("a.jsonl", [{"text": f"row {n}"} for n in range(5)])
    assert rows(loaded.train, "text", "line") == [(f"row {n}", n + 1) for n in range(5)]
    assert found(loaded) == []
    assert only(loaded).facts == ()


@pytest.mark.parametrize(
    "text", [GOOD, GOOD + "\n", GOOD + "\r\n", "\n\n" + GOOD, GOOD + "\n\n \t\n", " " + GOOD + " "]
)
def test_one_row_however_it_ends(desk, text):
    loaded = desk.read("a.jsonl", text)
    assert rows(loaded.train, "text") == ["good"]
    assert found(loaded) == []


@pytest.mark.parametrize("text", ["", "\n", " \n\t\r\n", "\ufeff"])
def test_nothing_but_space_is_an_empty_file(desk, text):
    loaded = desk.read("a.jsonl", text)
    assert loaded.train.rows == 0
    assert loaded.train.columns >= {"text", "line"}
    assert loaded.inputs[0].error is None
    assert ("empty-file", None) in found(loaded)


def test_crlf_and_blank_lines_are_facts(desk):
    loaded = desk.read("a.jsonl", f"{GOOD}\r\n\r\n{GOOD}\r\n \r\n{GOOD}\r\n")
    assert rows(loaded.train, "line") == [1, 3, 5]
    assert only(loaded).facts == ("CRLF line ends", "2 blank lines")
    assert found(loaded) == []


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        ('{"text": "x"', "bad-json", None),
        ('{"text": x}', "bad-json", 10),
        ('{"text": "x",}', "bad-json", 14),
        ('{"text": "x"} {"text": "y"}', "bad-json", 15),
        ('{"text": "x"}, ', "bad-json", 14),
        ("garbage", "bad-json", 1),
        ("{'text': 'x'}", "bad-json", 2),
        ('{"text": 1e999}', "bad-json", None),
        ('{"text": "tab\there"}', "bad-json", 14),
        ('{"text": "x", "score": NaN}', "nan-literal", 24),
        ('{"text": "x", "score": -Infinity}', "nan-literal", 24),
        ('{"text": "\\ud83d"}', "lone-surrogate", 11),
        ('{"text": "\\ude00 tail of some length"}', "lone-surrogate", 11),
        ('{"text": "a\0b"}', "nul-byte", 12),
        ("\0\0\0\0", "nul-byte", 1),
        (b'{"text": "caf\xe9"}', "not-utf8", 14),
        (b'{"text": "x", "other": "caf\xe9"}', "not-utf8", 28),
        ('{"text": "x", "deep": ' + "[" * 100_000 + "]" * 100_000 + "}", "too-deep", None),
        ('["text"]', "not-an-object", None),
        ("null", "not-an-object", None),
        ('"text"', "not-an-object", None),
        ('{"text": ["x"]}', "wrong-type", None),
        ('{"text": {"x": 1}}', "wrong-type", None),
        ('{"text": null}', "missing-field", None),
        ('{"label": "x"}', "missing-field", None),
        ("{}", "unknown-shape", None),
        ('{"other": 1}', "unknown-shape", None),
    ],
)
def test_a_bad_line_is_one_finding_with_its_place(desk, line, code, column):
    raw = line if isinstance(line, bytes) else line.encode()
    text = b'{"text": "one", "label": "a"}\n' * 2 + raw + b'\n{"text": "two", "label": "b"}\n'
    loaded = desk.read("a.jsonl", text)
    bad = finding(loaded, code)
    assert (bad["line"], bad["column"], bad["lost"], bad["records"]) == (3, column, True, 1)
    assert bad["fix"]
    assert bad["what"].isprintable()
    assert len(bad["what"]) < 200
    assert rows(loaded.train, "text", "line") == [("one", 1), ("one", 2), ("two", 4)]


def test_wrong_types_have_a_path(desk):
    chats = [{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}] * 3
    bad = {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": {"no": 1}}]}
    missing = {"messages": [{"role": "user", "content": "q"}, {"content": "a"}]}
    loaded = desk.read("a.jsonl", [*chats, bad, missing])
    assert loaded.ledger.select("line", "code", "path").rows() == [
        (4, "wrong-type", "$.messages[1].content"),
        (5, "missing-field", "$.messages[1].role"),
    ]
    assert loaded.train.rows == 3


def test_null_in_place_of_messages_is_missing(desk):
    chat = {"messages": [{"role": "user", "content": "q"}]}
    loaded = desk.read("a.jsonl", [chat, chat, {"messages": None}])
    assert found(loaded) == [("missing-field", 3)]


def test_records_over_line_ends_are_documents(desk):
    text = '{\n "text": "one"\n}\n{\n "text": "two"\n}\n'
    loaded = desk.read("a.jsonl", text)
    assert rows(loaded.train, "text", "line") == [("one", 1), ("two", 4)]
    assert "JSON documents" in only(loaded).facts


def test_a_record_over_line_ends_among_lines(desk):
    loaded = desk.read("a.jsonl", f'{GOOD}\n{GOOD}\n{{\n"text": "over"\n}}\n{GOOD}\n{GOOD}\n')
    assert rows(loaded.train, "line") == [1, 2, 6, 7]
    assert {line for _, line in found(loaded)} == {3, 4, 5}


def test_as_many_records_as_lines_but_not_one_a_line(desk):
    """The first record reaches over a line end, and the second begins on the same line as it ends."""
    odd = '{"text": "over", "a":\n{"b": 1}} {"text": "behind"}\n'
    loaded = desk.read("a.jsonl", f"{GOOD}\n" * 3 + odd + f"{GOOD}\n")
    assert (rows(loaded.train, "line"), found(loaded)) == ([1, 2, 3, 6], [("bad-json", 4), ("bad-json", 5)])


def test_several_records_on_a_line_are_a_finding(desk):
    loaded = desk.read("a.jsonl", f"{GOOD}\n{GOOD}{GOOD}\n{GOOD}\n")
    assert rows(loaded.train, "line") == [1, 3]
    assert found(loaded) == [("bad-json", 2)]


@pytest.mark.parametrize(
    "first", ["garbage", "null", "[1, 2]", '"text"', "\0\0", '{"text": "x"', "// comment", "text,label"]
)
@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a"])
def test_a_bad_first_line_does_not_hide_the_others(desk, first, name):
    loaded = desk.read(name, f"{first}\n{GOOD}\n{GOOD}\n{GOOD}\n")
    assert rows(loaded.train, "line") == [2, 3, 4]
    assert [line for _, line in found(loaded)] == [1]


def test_two_lines_of_which_the_first_is_bad(desk):
    loaded = desk.read("a.jsonl", f'{{"text": "x"\n{GOOD}\n')
    assert (rows(loaded.train, "line"), found(loaded)) == ([2], [("bad-json", 1)])


def test_json_lines_under_other_names(desk):
    for name in ("a.json", "a.txt", "a"):
        assert rows(desk.read(name, f"{GOOD}\n{GOOD}\n").train, "line") == [1, 2]


def test_lines_of_lists_are_lines(desk):
    message = trouble(desk.read("a.jsonl", '["a", 1]\n["b", 2]\n'))
    assert "none of its 2 records" in message
    assert "line 1" in message


def test_all_lines_bad_is_an_error_that_shows_the_first(desk):
    message = trouble(desk.read("a.jsonl", '{"text": \n{"text": \n'))
    assert "none of its 2 records can be used; line 1" in message


@pytest.mark.parametrize("text", ["*", "<.>", "]", "plain words", "nothing", "01"])
@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_a_file_of_garbage_is_no_table_and_not_empty(desk, name, text):
    assert "line 1: " in trouble(desk.read(name, text))


def test_a_table_by_the_name_of_json_is_a_table(desk):
    assert rows(desk.read("a.jsonl", "text,label\nx,a\n").train, "text", "label") == [("x", "a")]


def test_many_blank_lines_first(desk):
    assert rows(desk.read("a.jsonl", "\n" * 5_000 + GOOD).train, "line") == [5001]


def test_blocks_of_many_tiny_records(desk):
    loaded = desk.read("a.jsonl", '{"text":""}\n' * 100_000)
    assert loaded.train.rows == 100_000
    assert rows(loaded.train, "line") == list(range(1, 100_001))
    assert max(batch.num_rows for _, batch in loaded.train.batches("text")) <= 1 << 16


def test_duplicate_keys_keep_the_last(desk):
    assert rows(desk.read("a.jsonl", '{"text": "a", "text": "b"}').train, "text") == ["b"]


def test_numbers_and_booleans_as_texts(desk):
    loaded = desk.read("a.jsonl", '{"text": 1.50, "label": true}\n{"text": "x", "label": 3}\n')
    assert rows(loaded.train, "text", "label") == [("1.5", "true"), ("x", "3")]


def test_one_kind_of_finding_too_often_shares_a_row(desk):
    loaded = desk.read("a.jsonl", f"{{ {GOOD}\n" * (KEPT + 5) + f"{GOOD}\n" * 2)
    assert loaded.train.rows == 2
    bad = loaded.ledger.filter(code="bad-json")
    assert bad.height == KEPT + 1
    assert bad["records"].sum() == KEPT + 5
    rest = bad.row(-1, named=True)
    assert (rest["line"], rest["records"]) == (None, 5)


def test_latin_1_bytes_in_real_data(desk):
    loaded = desk.load(str(DATA / "snips_latin1" / "utterance.json"))
    assert [text.strip() for text in rows(loaded.train, "text")] == [
        "I want toi hear some",
        "off of",
        "Deezer",
    ]
    assert found(loaded) == [("not-utf8", 6)]


@pytest.mark.parametrize("chunk", [7, 64, 1000])
def test_blocks_of_any_size_give_the_same_rows(monkeypatch, chunk):
    monkeypatch.setattr(jsonlines, "CHUNK", chunk)
    text = "".join(f"line {n} {'x' * (n * 37 % 301)}\n" for n in range(200)) + "no newline"
    assert (
        b"".join(bytes(block) for block in jsonlines.whole_lines(io.BytesIO(text.encode())))
        == (text + "\n").encode()
    )


def test_the_memory_of_a_long_line_is_given_back(monkeypatch):
    monkeypatch.setattr(jsonlines, "CHUNK", 100)
    sizes = []
    for block in jsonlines.whole_lines(io.BytesIO(b"x" * 5_000 + b"\n" + b"y\n" * 500)):
        assert bytes(block).endswith(b"\n")
        sizes.append(len(block.obj))
    assert max(sizes) > 5_000
    assert sizes[-1] == 101


def test_a_first_line_longer_than_the_head(desk, monkeypatch):
    monkeypatch.setattr(streams, "HEAD", 1000)
    monkeypatch.setattr(streams, "CHUNK", 100)
    records = [{"text": "x" * 5_000, "label": "a"}, {"text": "y", "label": "b"}]
    for name in ("a.jsonl", "b.json"):
        loaded = desk.read(name, records)
        assert rows(loaded.train, "text", "line") == [("x" * 5_000, 1), ("y", 2)]
        loaded = desk.read("one" + name, records[:1])
        assert rows(loaded.train, "line") == [1]


@pytest.mark.slow
def test_a_line_of_100_mb(desk):
    long = "word " * (20 << 20)
    loaded = desk.read("a.jsonl", lines([{"text": "a"}, {"text": long}, {"text": "b"}]))
    assert loaded.train.rows == 3
    assert rows(loaded.train, "line") == [1, 2, 3]
    loaded = desk.read("b.jsonl", lines([{"text": long}, {"text": "b"}]) + '{"text": ' + json.dumps(long))
    assert loaded.train.rows == 2
    assert found(loaded) == [("bad-json", 3)]

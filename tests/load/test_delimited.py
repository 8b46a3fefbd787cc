"""CSV and its kin: cells as the standard library reads them, faults with the line of their record."""

# ruff: noqa: RUF001 - typographic quotes and dashes tell encodings apart

import json

import pytest

from auditor.load import delimited
from auditor.load.delimited import Delimited
from auditor.load.dialects import tell_encoding
from auditor.load.ledger import Ledger
from auditor.load.streams import Stream
from tests.helpers import DATA
from tests.load.desk import found, only, rows, trouble

SPECTRUM = sorted(path.stem for path in (DATA / "csv_spectrum" / "csvs").glob("*.csv"))


def records(path):
    stream = Stream(path, Ledger())
    try:
        return list(Delimited(stream, Ledger()).sample())
    finally:
        stream.close()


@pytest.mark.parametrize("name", SPECTRUM)
def test_csv_spectrum(name):
    expected = json.loads((DATA / "csv_spectrum" / "json" / f"{name}.json").read_text("utf-8"))
    read = [
        {column: cell or "" for column, cell in record.items()}
        for record in records(DATA / "csv_spectrum" / "csvs" / f"{name}.csv")
    ]
    # The public copy has lost its CRs; line ends inside a cell stay as the file has them.
    if name == "newlines_crlf":
        expected = [
            {column: cell.replace("\r", "") for column, cell in record.items()} for record in expected
        ]
    assert read == expected


def test_csv_spectrum_is_whole():
    assert len(SPECTRUM) == 11


def test_clean_rows(desk):
    loaded = desk.read("a.csv", 'text,label\none,a\n"two, with ""quotes""",b\n')
    assert rows(loaded.train, "text", "label", "line") == [("one", "a", 2), ('two, with "quotes"', "b", 3)]
    assert found(loaded) == []
    assert only(loaded).facts == ("comma-separated",)


@pytest.mark.parametrize(
    ("delimiter", "fact"),
    [(",", "comma-separated"), ("\t", "tab-separated"), (";", "semicolon-separated"), ("|", "bar-separated")],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(desk, delimiter, fact, end):
    table = [["text", "label", "id"], ["a, b; c", "x", "1"], ["d", "y", "2"]]
    text = (
        end.join(delimiter.join(f'"{cell}"' if "," in cell else cell for cell in row) for row in table) + end
    )
    loaded = desk.read("a.csv", text)
    assert rows(loaded.train, "text", "label", "id", "line") == [("a, b; c", "x", "1", 2), ("d", "y", "2", 3)]
    assert fact in only(loaded).facts


def test_the_delimiter_is_the_one_by_which_rows_are_alike(desk):
    table = "text;note (who, when, where);label\none;me;a\ntwo, three;you, now;b\nfour;;a\n"
    loaded = desk.read("a.csv", table)
    assert rows(loaded.train, "text", "label") == [("one", "a"), ("two, three", "b"), ("four", "a")]


def test_one_column_is_enough(desk):
    assert rows(desk.read("a.csv", "text\none\ntwo\n").train, "text") == ["one", "two"]


def test_cells_over_lines_count_lines(desk):
    loaded = desk.read("a.csv", 'text,label\n"one\ntwo\n\nthree",a\n\nfour,b\n')
    assert rows(loaded.train, "text", "line") == [("one\ntwo\n\nthree", 2), ("four", 7)]
    assert "1 blank lines" in only(loaded).facts


def test_line_ends_inside_cells_stay(desk):
    loaded = desk.read("a.csv", b'text,label\r\n"one\r\ntwo",a\r\n"three\nfour",b\r\n')
    assert rows(loaded.train, "text", "line") == [("one\r\ntwo", 2), ("three\nfour", 4)]


def test_an_unclosed_quote_costs_one_line(desk, monkeypatch):
    monkeypatch.setattr(delimited, "LONGEST", 400)
    body = [f"row {n},a\n" for n in range(200)]
    body[50] = '"row 50,a\n'
    loaded = desk.read("a.csv", "text,label\n" + "".join(body))
    assert loaded.train.rows == 199
    assert found(loaded) == [("bad-csv", 52)]


def test_a_badly_quoted_cell_costs_its_row(desk):
    loaded = desk.read("a.csv", 'text,label\none,a\n"two" more,b\nthree,c\n')
    assert (rows(loaded.train, "line"), found(loaded)) == ([2, 4], [("bad-csv", 3)])


def test_ragged_rows(desk):
    text = "text,label,id\none,a,1\ntwo,b\nthree,c,3,extra\nfour,d,4,,\n,,\nsix,f,6\n"
    loaded = desk.read("a.csv", text)
    assert rows(loaded.train, "text", "line") == [("one", 2), ("four", 5), ("six", 7)]
    assert loaded.ledger.select("code", "line", "column", "what").rows() == [
        ("ragged-row", 3, 3, "2 cells where the header has 3"),
        ("ragged-row", 4, 4, "4 cells where the header has 3"),
    ]


def test_a_column_named_twice_is_refused(desk):
    assert "names the column 'text' 2 times" in trouble(desk.read("a.csv", "text,text,label\na,b,c\n"))


def test_other_columns_named_twice_are_told_apart(desk):
    loaded = desk.read("a.csv", "text,label,score,score,score (2),score\na,b,1,2,3,4\n")
    assert found(loaded) == [("repeated-column", 1), ("repeated-column", 1)]
    assert loaded.ledger["column"].to_list() == [4, 6]
    assert loaded.ledger["what"][0] == "the column score comes again; here it is read as score (3)"
    path = desk.write("b.csv", "text,score,score\na,1,2\nb,3,4\n")
    assert rows(desk.load(path, mapping={"score (2)": "label"}).train, "label") == ["2", "4"]
    assert rows(desk.load(path, mapping={"score": "label"}).train, "label") == ["1", "3"]


def test_columns_without_a_name_are_left_alone(desk):
    loaded = desk.read("a.csv", ",text,label,,\n0,one,a,,\n1,two,b,,\n")
    assert rows(loaded.train, "text", "label") == [("one", "a"), ("two", "b")]
    assert found(loaded) == []


@pytest.mark.parametrize("text", ["text,label\n", "text,label"])
def test_a_header_alone_is_an_empty_file(desk, text):
    loaded = desk.read("a.csv", text)
    assert (loaded.train.rows, found(loaded)) == (0, [("empty-file", None)])


def test_one_row_without_a_last_newline(desk):
    assert rows(desk.read("a.csv", "text,label\none,a").train, "text", "label") == [("one", "a")]


def test_blank_texts_stay_and_blank_labels_are_missing(desk):
    loaded = desk.read("a.csv", "text,label\n,a\nx,\n")
    assert rows(loaded.train, "text", "label", "turns") == [("", "a", "U"), ("x", None, "u")]


def test_a_column_of_nothing_is_missing_in_every_row(desk):
    loaded = desk.read("a.csv", "text,label,source\none,a,\ntwo,b,\n")
    assert rows(loaded.train, "source") == [None, None]


def test_nul_bytes_are_named(desk):
    loaded = desk.read("a.csv", "text,label\none,a\nt\0wo,b\nthree,c\n")
    assert rows(loaded.train, "text")[0] == "one"
    assert rows(loaded.train, "text")[-1] == "three"
    assert loaded.train.rows + loaded.ledger.filter("lost").height == 3


def test_long_cells(desk):
    long = "x" * 300_000
    assert rows(desk.read("a.csv", f"text,label\n{long},a\n").train, "text") == [long]


@pytest.mark.parametrize(
    ("encoding", "fact"),
    [
        ("utf-8", None),
        ("cp1252", "cp1252"),
        ("mac_roman", "mac_roman"),
        ("utf-16", "utf-16-le"),
        ("utf-8-sig", None),
    ],
)
def test_encodings(desk, encoding, fact):
    text = "text,label\nWhat’s a café – really?,a\nDon’t say “naïve” in Zürich…,b\n" * 3
    loaded = desk.read("a.csv", text.replace("text,label\nDon", "Don").encode(encoding))
    assert rows(loaded.train, "text")[0] == "What’s a café – really?"
    assert (fact is None) or f"read as {fact}" in only(loaded).facts
    codes = {code for code, _ in found(loaded)}
    assert codes == {"cp1252": {"encoding"}, "mac_roman": {"encoding"}, "utf-16-le": {"utf-16"}}.get(
        fact or "", {"bom"} if encoding == "utf-8-sig" else set()
    )


def test_a_utf8_file_with_a_bad_line_stays_utf8(desk):
    text = "text,label\n" + "naïve café,a\n" * 5
    loaded = desk.read("a.csv", text.encode() + b"caf\xe9,b\n" + b"plain,c\n")
    assert rows(loaded.train, "text") == ["naïve café"] * 5 + ["plain"]
    assert loaded.ledger.select("code", "line", "column").rows() == [("not-utf8", 7, 1)]


def test_a_header_that_is_no_text_is_refused(desk):
    message = trouble(desk.read("a.csv", b"text,lab\xe9l\n" + "naïve,a\n".encode() * 3))
    assert "its header holds byte 0xE9, which is not UTF-8" in message


def test_which_old_encoding():
    assert tell_encoding("Here’s the Ruler – naïve".encode("mac_roman")) == "mac_roman"
    assert tell_encoding("Here’s the Ruler – naïve".encode("cp1252")) == "cp1252"
    assert tell_encoding("Größe und Straße in Köln".encode("cp1252")) == "cp1252"
    assert tell_encoding("déjà vu à l’œuvre".encode("mac_roman")) == "mac_roman"


@pytest.mark.parametrize(
    ("name", "fact"),
    [
        ("management", "semicolon-separated"),
        ("econometrics", "comma-separated"),
        ("college_mathematics", "comma-separated"),
        ("moral_scenarios", "read as mac_roman"),
    ],
)
def test_mmlu_redux(name, fact):
    path = DATA / "mmlu_redux" / f"mmlu_{name}.csv"
    assert len(records(path)) == 100
    assert all({"question", "answer", "error_type"} <= record.keys() for record in records(path))


def test_mmlu_redux_as_one_split(desk):
    loaded = desk.load(str(DATA / "mmlu_redux" / "*.csv"))
    assert [(one.rows, one.format) for one in loaded.inputs] == [(100, "question-answer")] * 4
    assert found(loaded) == [("encoding", 54)]
    odd = [text for text in rows(loaded.train, "text") if any(char in text for char in "\ufffdÕÒÓ")]
    assert odd == []

"""Nicolas Seriot's JSON torture suite, held against the parser itself and against the readers that use it."""

import zipfile

import pytest

from auditor.load.jsonfaults import parse
from auditor.load.ledger import CODES, Fault
from tests.helpers import DATA
from tests.load.desk import found, rows


def cases(prefix: str) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(DATA / "json_test_suite" / "cases.zip") as archive:
        return [(name, archive.read(name)) for name in archive.namelist() if name.startswith(prefix)]


VALID, INVALID, EITHER = cases("y_"), cases("n_"), cases("i_")


def one_line(known: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    return [(name, text) for name, text in known if b"\n" not in text and b"\r" not in text]


def as_field(text: bytes) -> bytes:
    return b'{"text": "t", "unused": ' + text + b"}"


def test_the_suite_is_whole():
    assert (len(VALID), len(INVALID), len(EITHER)) == (95, 188, 35)


def test_what_is_json_is_accepted():
    refused = {name: fault for name, text in VALID if isinstance(fault := parse(text), Fault)}
    assert refused == {}


def test_what_is_not_json_is_refused_with_a_known_code():
    faults = {name: parse(text) for name, text in INVALID}
    assert [name for name, fault in faults.items() if not isinstance(fault, Fault)] == []
    assert {fault.code for fault in faults.values()} <= {
        "bad-json", "lone-surrogate", "nan-literal", "not-utf8", "nul-byte", "too-deep",
    }  # fmt: skip


def test_what_may_be_taken_either_way_is_never_a_crash():
    for _, text in EITHER:
        fault = parse(text)
        assert not isinstance(fault, Fault) or fault.code in CODES


def test_faults_point_into_the_text():
    for name, text in INVALID:
        fault = parse(text)
        assert fault.column is None or 1 <= fault.column <= len(text) + 1, name


@pytest.mark.parametrize("column", ["unused", "text"])
def test_json_lines_lose_exactly_the_lines_that_are_not_json(desk, column):
    """Good lines stand between all others; most decoders do not look closely at fields that nobody asked for."""
    pieces, bad = [], []
    for _, text in one_line(VALID) + one_line(INVALID) if column == "unused" else one_line(INVALID):
        field = as_field(text) if column == "unused" else b'{"text": ' + text + b"}"
        pieces += [field, b'{"text": "good"}']
        if (_, text) in INVALID:
            bad.append(len(pieces) - 1)
    loaded = desk.read("a.jsonl", b"\n".join(pieces))
    lost = loaded.ledger.filter("lost")["line"].to_list()
    assert lost == bad
    assert loaded.train.rows == len(pieces) - len(bad)


def test_json_lines_survive_whatever_is_disputed(desk):
    pieces = [piece for _, text in one_line(EITHER) for piece in (as_field(text), b'{"text": "good"}')]
    loaded = desk.read("a.jsonl", b"\n".join(pieces))
    assert rows(loaded.train, "text").count("good") == len(pieces) // 2
    assert loaded.train.rows + loaded.ledger.filter("lost").height == len(pieces)


def test_an_array_keeps_what_comes_before_a_fault(desk):
    for name, text in INVALID:
        loaded = desk.read(
            f"{name}.json", b'[{"text": "good"},\n' + as_field(text) + b',\n{"text": "after"}]'
        )
        kept = rows(loaded.train, "text")
        extra = [["t"]] if name == "n_structure_object_followed_by_closing_object.json" else []
        assert kept[0] == "good", name
        assert kept[1:] in [[], ["after"], *extra], name
        assert loaded.ledger["lost"].any(), name
        assert 2 in loaded.ledger.filter("lost")["line"], name


def test_an_array_keeps_all_that_is_json(desk):
    for name, text in VALID:
        loaded = desk.read(f"{name}.json", b'[{"text": "good"},' + as_field(text) + b',{"text": "after"}]')
        assert (rows(loaded.train, "text"), found(loaded)) == (["good", "t", "after"], []), name


def test_an_array_survives_whatever_is_disputed(desk):
    for name, text in EITHER:
        loaded = desk.read(f"{name}.json", b'[{"text": "good"},' + as_field(text) + b"]")
        assert rows(loaded.train, "text")[:1] == ["good"], name


@pytest.mark.parametrize("ending", ["json", "jsonl", "csv"])
def test_no_case_as_a_file_of_its_own_is_a_crash(desk, ending):
    paths = [desk.write(f"{name}.{ending}", text) for name, text in VALID + INVALID + EITHER]
    loaded = desk.load(*paths)
    assert len(loaded.inputs) == len(paths)
    assert set(loaded.ledger["code"]) <= CODES.keys()

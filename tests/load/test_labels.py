"""Labels: several columns of them, lists of them, and values of mixed types."""

import json

import polars as pl
import pyarrow as pa
import pytest

from auditor.errors import DataError
from auditor.load.writer import RowWriter
from checks.contract import Data
from checks.labels.classes import variants
from tests.helpers import DATA, seeded
from tests.load.desk import found, only, rows

FILES = ["a.jsonl", "a.csv", "a.parquet", "a.json"]
BOTH = {"intent": "label", "mood": "label"}
RECORDS = [
    {"text": "one", "intent": "buy", "mood": "glad"},
    {"text": "two", "intent": "sell", "mood": None},
    {"text": "three", "intent": None, "mood": "sad"},
]


def save(desk, name, records):
    if name.endswith(".json"):
        return desk.write(name, json.dumps(records))
    if name.endswith(".jsonl"):
        return desk.write(name, records)
    path = desk.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    frame = pl.DataFrame(records, infer_schema_length=None)
    frame.write_csv(path) if name.endswith(".csv") else frame.write_parquet(path)
    return str(path)


@pytest.mark.parametrize("name", FILES)
def test_one_column_of_labels_is_as_it_was(desk, name):
    loaded = desk.load(save(desk, name, RECORDS), mapping={"intent": "label"})
    assert rows(loaded.train, "label") == ["buy", "sell", None]
    assert loaded.train.columns == {"row", "file", "line", "text", "prompt", "turns", "label"}
    assert loaded.notes == ()


@pytest.mark.parametrize("name", FILES)
def test_several_columns_of_labels(desk, name):
    loaded = desk.load(save(desk, name, RECORDS), mapping=BOTH)
    assert only(loaded).format == "text-label"
    assert rows(loaded.train, "text", "label", "label:mood") == [
        ("one", "buy", "glad"), ("two", "sell", None), ("three", None, "sad"),
    ]  # fmt: skip
    assert loaded.train.label_column == "intent"
    assert "label:mood" in loaded.train.stored
    assert [batch.column(0).to_pylist() for _, batch in loaded.train.batches("label:mood")] == [
        ["glad", None, "sad"]
    ]
    assert "`label` is the column intent; further labels are mood." in loaded.notes[0]
    assert only(loaded).facts[-1:] != ("columns not used: mood",)


def test_the_first_column_named_is_the_label(desk):
    path = desk.write("a.jsonl", RECORDS)
    assert rows(desk.load(path, mapping=BOTH).train, "label") == ["buy", "sell", None]
    assert rows(desk.load(path, mapping=dict(reversed(BOTH.items()))).train, "label") == ["glad", None, "sad"]


def test_further_labels_of_some_files(desk):
    a = desk.write("a.jsonl", RECORDS)
    b = desk.write("b.jsonl", [{"text": "four", "intent": "buy"}])
    loaded = desk.load(a, b, mapping=BOTH)
    assert rows(loaded.train, "label", "label:mood")[2:] == [(None, "sad"), ("buy", None)]


def test_other_roles_have_one_column(desk):
    with pytest.raises(DataError, match="to several columns"):
        desk.read("a.jsonl", RECORDS, mapping={"intent": "text", "mood": "text"})


def test_a_chat_has_no_labels(desk):
    chat = {"messages": [{"role": "user", "content": "q"}], "intent": "x", "mood": "y"}
    loaded = desk.read("a.jsonl", [chat] * 2, mapping=BOTH)
    assert "do not make any known format" in loaded.inputs[0].error


def test_further_labels_of_judged_items_are_voted_on(desk):
    records = [
        {"item": item, "annotator": who, "intent": intent, "mood": mood}
        for item, who, intent, mood in [
            ("i", "a", "x", "m"), ("i", "b", "x", "n"), ("i", "c", "y", "n"), ("j", "a", "x", "m"), ("j", "b", "x", "n"),
        ]
    ]  # fmt: skip
    loaded = desk.read("a.jsonl", records, mapping=BOTH)
    assert rows(loaded.train, "label", "label:mood") == [("x", "n"), ("x", None)]


def test_further_labels_that_appear_later_widen_the_file(tmp_path):
    path = tmp_path / "a.arrow"
    writer = RowWriter(path)
    writer.write({"line": pa.array([1]), "label:b": pa.array(["x"], pa.large_string())})
    writer.write({"line": pa.array([2]), "label:a": pa.array(["y"], pa.large_string())})
    writer.close()
    table = pl.read_ipc(path)
    assert table.rows() == [(1, None, "x"), (2, "y", None)]
    assert table.columns == ["line", "label:a", "label:b"]


LISTS = [["b", "a", "b"], ["a"], [], None, ["ü", " ", ""], [" "]]
READ = [("a | b", ["a", "b"]), ("a", ["a"]), (None, None), (None, None), ("ü", ["ü"]), (None, None)]


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.parquet"])
@pytest.mark.parametrize("column", ["labels", "label"])
@pytest.mark.parametrize("text", ["text", "prompt"])
def test_a_list_of_labels_a_row(desk, name, column, text):
    records = [{text: f"t{n}", column: labels} for n, labels in enumerate(LISTS)]
    loaded = desk.load(save(desk, name, records))
    assert only(loaded).format == ("text-label" if text == "text" else "prompt")
    assert rows(loaded.train, "label", "label_list") == READ
    assert (loaded.train.rows, found(loaded)) == (6, [])


def test_lists_of_numbers_and_lists_among_labels(desk):
    records = [
        {"text": "a", "labels": [3, 1, True, None, 1.5]},
        {"text": "b", "labels": "x"},
        {"text": "c", "labels": 2},
    ]
    loaded = desk.read("a.jsonl", records)
    assert rows(loaded.train, "label", "label_list") == [
        ("1 | 1.5 | 3 | true", ["1", "1.5", "3", "true"]), ("x", ["x"]), ("2", ["2"]),
    ]  # fmt: skip


def test_lists_of_what_is_no_label(desk):
    values = [["x"], ["x", {"y": 1}], {"z": 1}, ["x"], ["x"], ["x"]]
    loaded = desk.read("a.jsonl", [{"text": "t", "labels": value} for value in values])
    assert rows(loaded.train, "label") == ["x", None, None, "x", "x", "x"]
    assert loaded.ledger.select("code", "line", "path", "what").rows() == [
        ("wrong-type-ignored", line, "$.labels", "no text but a dict") for line in (2, 3)
    ]


def test_lists_in_one_file_and_labels_in_another(desk):
    a = desk.write("a.jsonl", [{"text": "t", "labels": ["y", "x"]}])
    b = desk.write("b.jsonl", [{"text": "u", "labels": "z"}])
    assert rows(desk.load(a, b).train, "label", "label_list") == [("x | y", ["x", "y"]), ("z", None)]


def test_lists_of_items_that_several_judge_are_one_label(desk):
    records = [{"item": "i", "annotator": who, "labels": ["b", "a"]} for who in ("ann", "bob")]
    loaded = desk.read("a.jsonl", records)
    assert rows(loaded.train, "label") == ["a | b"]
    assert "label_list" not in loaded.train.stored


def test_flags_of_unpaired_preferences_are_no_lists(desk):
    records = [{"prompt": "q", "completion": "a", "label": flag} for flag in (True, False, [True])]
    loaded = desk.read("a.jsonl", records)
    assert only(loaded).format == "kto"
    assert found(loaded) == [("wrong-type", 3)]


MIXED = (
    '`label` holds {0} of type {1} (the first is {2}) and {0} written as text (the first is "{2}"): both are read as '
    'text, so that {2} and "{2}" are one'
)


def test_labels_of_mixed_types(desk):
    """What JSON tells apart and a class does not: 1 and "1" are one label, as are true and "true"."""
    values = [1, "1", 1.0, "1.0", True, "true", None, "", " ", "null", "True"]
    loaded = desk.read("a.jsonl", [{"text": f"t{n}", "label": value} for n, value in enumerate(values)])
    assert only(loaded).format == "text-label"
    assert rows(loaded.train, "label") == [
        "1",
        "1",
        "1.0",
        "1.0",
        "true",
        "true",
        None,
        None,
        None,
        "null",
        "True",
    ]
    assert loaded.ledger.select("code", "line", "path", "lost", "records", "what").rows() == [
        (
            "mixed-types", 1, "$.label", False, 2,
            MIXED.format(2, "number", "1"),
        ),
        (
            "mixed-types", 5, "$.label", False, 1,
            MIXED.format(1, "true or false", "true"),
        ),
    ]  # fmt: skip


ONE_TYPE = [
    [1, 2, 1.5, None, "none", "n/a", "1st", "", "01", "+1", " 1", "1e", "True"],
    ["1", "2", "true", None, "x"],
    [True, False, "yes", "1", None],
    [1, 0, "true"],
    [["1", "2"], "3", []],
]


@pytest.mark.parametrize("values", ONE_TYPE)
@pytest.mark.parametrize("column", ["label", "annotator"])
def test_values_of_one_type_are_no_mixture(desk, values, column):
    kept = [value for value in values if column == "label" or not isinstance(value, list)]
    records = [{"text": f"t{n}", "label": "a", column: value} for n, value in enumerate(kept)]
    assert found(desk.read("a.jsonl", records)) == []


@pytest.mark.parametrize("name", FILES)
def test_files_that_tell_no_types_hold_no_mixture(desk, name):
    records = [{"text": f"t{n}", "label": str(n % 3)} for n in range(6)]
    assert found(desk.load(save(desk, name, records))) == []


@pytest.mark.parametrize("chunk", [200, 1 << 20])
def test_mixtures_are_counted_over_the_whole_file(desk, monkeypatch, chunk):
    monkeypatch.setattr("auditor.load.jsonlines.CHUNK", chunk)
    rng = seeded(chunk)
    columns = {
        name: [rng.choice([1, 2, "1", "2", "x", None]) for _ in range(200)] for name in ("label", "annotator")
    }
    records = [{"text": f"t{n}", **{name: values[n] for name, values in columns.items()}} for n in range(200)]
    loaded = desk.read("a.jsonl", records)
    expected = []
    for name in sorted(columns):
        numbers = [n for n, value in enumerate(columns[name], 1) if isinstance(value, int)]
        texts = [n for n, value in enumerate(columns[name], 1) if value in ("1", "2")]
        rarer = min(numbers, texts, key=len)
        expected.append((rarer[0], f"$.{name}", len(rarer)))
        (what,) = loaded.ledger.filter(path=f"$.{name}")["what"]
        assert f"holds {len(numbers)} of type number" in what
        assert f"and {len(texts)} written as text" in what
    assert loaded.ledger.select("line", "path", "records").rows() == expected


def test_mixtures_within_lists_and_of_further_labels(desk):
    records = [{"text": "a", "intent": [1, "1", "x"], "mood": 1}, {"text": "b", "intent": ["2"], "mood": "1"}]
    loaded = desk.read("a.jsonl", records, mapping=BOTH)
    assert loaded.ledger.select("code", "line", "path", "records").rows() == [
        ("mixed-types", 1, "$.intent", 1), ("mixed-types", 1, "$.mood", 1),
    ]  # fmt: skip


def test_mixtures_between_the_columns_of_labelers(desk):
    records = [{"text": f"t{n}", "label_ann": n % 2, "label_bob": str(n % 2)} for n in range(30)]
    loaded = desk.read("a.jsonl", records, mapping={"label_*": "judgement"})
    assert only(loaded).format == "multi-annotator-wide"
    assert loaded.ledger.select("code", "path", "records").rows() == [("mixed-types", "$.label_*", 30)]


def test_the_name_of_a_mixed_column_is_plain_text(desk):
    records = [{"text": f"t{n}", "\u202ered": value} for n, value in enumerate([1, "1"])]
    loaded = desk.read("a.jsonl", records, mapping={"\u202ered": "label"})
    assert loaded.ledger["code"].to_list() == ["mixed-types"]
    assert "\u202e" not in "".join(loaded.ledger.select("what", "path").row(0))


def test_spellings_in_public_files(desk):
    """Four files of MMLU-Redux, whose verdicts people typed: OK and ok."""
    files = sorted(map(str, (DATA / "mmlu_redux").glob("*.csv")))
    loaded = desk.load(*files, mapping={"question": "text", "error_type": "label"}, input_format="text-label")
    found = variants(Data(train=loaded.train))
    assert (loaded.train.rows, found.labels, found.extra) == (400, 4, 1)
    assert found.table.select("like", "label", "by", "train").rows() == [
        ("OK", "OK", None, 295), ("OK", "ok", "case", 97),
    ]  # fmt: skip

"""What the user names, as files: paths, folders, patterns, links, and mistakes."""

import os
from pathlib import Path

import pytest

from auditor.errors import DataError
from auditor.load.sources import RECORDS, ending_of
from tests.load.desk import rows

X, Y = [{"text": "x"}], [{"text": "y"}]


def names(loaded, folder):
    return [str(Path(one.path).relative_to(folder)) for one in loaded.inputs]


def test_files_in_the_order_they_are_named(desk):
    a, b = desk.write("b.jsonl", X), desk.write("a.jsonl", Y)
    assert rows(desk.load(a, b).train, "text", "file", "row") == [("x", a, 0), ("y", b, 1)]


def test_train_and_eval(desk):
    loaded = desk.load(desk.write("a.jsonl", X), evals=(desk.write("b.jsonl", Y),))
    assert (rows(loaded.train, "text"), rows(loaded.eval, "text")) == (["x"], ["y"])
    assert [one.role for one in loaded.inputs] == ["train", "eval"]


def test_without_eval(desk):
    assert desk.read("a.jsonl", X).eval is None


def test_a_folder_is_searched_for_records(desk):
    for name in (
        "b.jsonl",
        "a.csv",
        "sub/c.json.gz",
        "sub/deep/d.parquet",
        ".hidden/e.jsonl",
        ".f.jsonl",
        "README.md",
        "g.JSONL",
    ):
        desk.write(name, X)
    loaded = desk.load(str(desk.folder))
    assert names(loaded, desk.folder) == [
        "a.csv",
        "b.jsonl",
        "g.JSONL",
        "sub/c.json.gz",
        "sub/deep/d.parquet",
    ]


def test_a_report_kept_in_the_folder_is_no_data(desk):
    for name in (
        "a.jsonl",
        "out/report.json",
        "out/evidence/leakage-1.parquet",
        "out/b.jsonl",
        "evidence/c.jsonl",
    ):
        desk.write(name, X)
    loaded = desk.load(str(desk.folder))
    assert names(loaded, desk.folder) == ["a.jsonl", "evidence/c.jsonl", "out/b.jsonl"]
    assert [note for note in loaded.notes if "out is not read as train data" in note]


def test_a_pattern_in_quotes(desk):
    for name in ("b.jsonl", "a.jsonl", "c.csv", "sub/d.jsonl"):
        desk.write(name, X)
    assert names(desk.load(f"{desk.folder}/*.jsonl"), desk.folder) == ["a.jsonl", "b.jsonl"]
    assert len(desk.load(f"{desk.folder}/**/*.jsonl").inputs) == 3


def test_a_name_that_looks_like_a_pattern(desk):
    assert rows(desk.read("part[1].jsonl", X).train, "text") == ["x"]


def test_a_file_named_twice_is_read_once(desk):
    path = desk.write("a.jsonl", X)
    loaded = desk.load(path, f"{desk.folder}/*.jsonl")
    assert loaded.train.rows == 1
    assert "is named twice as train data" in loaded.notes[0]


@pytest.mark.parametrize("how", ["same", "relative", "symlink", "hardlink", "folder link"])
def test_one_file_in_both_roles_is_refused(desk, how, monkeypatch):
    path = Path(desk.write("sub/a.jsonl", X))
    other = desk.folder / "b.jsonl"
    match how:
        case "same":
            other = path
        case "relative":
            monkeypatch.chdir(desk.folder)
            other = Path("sub/../sub/a.jsonl")
        case "symlink":
            other.symlink_to(path)
        case "hardlink":
            os.link(path, other)
        case "folder link":
            (desk.folder / "link").symlink_to(desk.folder / "sub")
            other = desk.folder / "link" / "a.jsonl"
    with pytest.raises(DataError, match="named as train and as eval") as error:
        desk.load(str(path), evals=(str(other),))
    assert ("the same file as" in str(error.value)) == (how != "same")


def test_a_copy_in_the_other_role_is_noted(desk):
    loaded = desk.load(desk.write("a.jsonl", X), evals=(desk.write("b.jsonl", X),))
    assert any("have identical content" in note for note in loaded.notes)


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("trian.jsonl", "did you mean 'train.jsonl'"),
        ("*.csv", "matches no file"),
        ("nowhere/a.jsonl", "nor does the folder"),
        ("https://example.org/a.jsonl", "download it first"),
        ("s3://bucket/a.jsonl", "download it first"),
        ("empty", "holds no file ending in .jsonl"),
        ("broken.jsonl", "is a link to a file that does not exist"),
    ],
)
def test_names_of_nothing(desk, monkeypatch, argument, message):
    desk.write("train.jsonl", X)
    desk.write("empty/readme.txt", "x")
    (desk.folder / "broken.jsonl").symlink_to(desk.folder / "gone")
    monkeypatch.chdir(desk.folder)
    with pytest.raises(DataError) as error:
        desk.load(argument)
    assert message in str(error.value)


def test_standard_input_twice(desk):
    with pytest.raises(DataError, match="standard input"):
        desk.load("-", evals=("-",))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_does_not_stop_the_others(desk):
    secret, fine = desk.write("a.jsonl", X), desk.write("b.jsonl", Y)
    Path(secret).chmod(0)
    loaded = desk.load(secret, fine)
    assert "Permission denied" in loaded.inputs[0].error
    assert rows(loaded.train, "text") == ["y"]


def test_an_unreadable_file_does_not_stop_the_others(desk):
    loaded = desk.load(
        desk.write("a.xlsx", b"PK\x03\x04"),
        desk.write("b.jsonl", Y),
        evals=(desk.write("c.csv", "q;r\n1;2\n"),),
    )
    assert [one.error is None for one in loaded.inputs] == [False, True, False]
    assert rows(loaded.train, "text") == ["y"]
    assert loaded.eval is None


def test_no_row_at_all_is_a_split_without_rows(desk):
    loaded = desk.load(desk.write("a.jsonl", ""), evals=(desk.write("b.jsonl", ""),))
    assert (loaded.train.rows, loaded.eval.rows) == (0, 0)
    assert loaded.train.frame.collect().height == 0
    assert (
        list(loaded.train.batches("text")) == []
        or sum(b.num_rows for _, b in loaded.train.batches("text")) == 0
    )


@pytest.mark.parametrize("record", RECORDS)
def test_endings(record):
    assert ending_of(f"some.dir/File{record.upper()}.GZ") == record
    assert ending_of(f"a{record}") == record

"""Filled sheets come back: verdicts in all spellings and files, on rows that moved, were mended, or are gone."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from auditor.errors import DataError
from auditor.newfile import check_new
from auditor.review.filled import read_filled
from auditor.review.formats import FORMATS
from auditor.review.readback import read_back
from auditor.review.save import save_sheet
from auditor.review.sheet import make_sheet
from auditor.review.writing import format_of, targets
from checks.contract import Data
from tests import helpers
from tests.review.test_sheet import data, rows

LINES = [(f"text number {n} of these", "ab"[n % 2]) for n in range(20)]


def sheet_rows(audit: Data, count: int = 20) -> list[dict]:
    content = FORMATS[1].write(make_sheet(audit, rows=count, seed=0)).decode()
    return [json.loads(line) for line in content.split("\n")[:-1]]


def write_csv(path: Path, lines: list[dict], delimiter: str = ",", encoding: str = "utf-8-sig") -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(lines[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(lines)
    path.write_bytes(out.getvalue().encode(encoding))
    return str(path)


def filled(audit: Data, verdict: str = "right", count: int = 20) -> list[dict]:
    return [row | {"verdict": verdict} for row in sheet_rows(audit, count)]


# verdicts


@pytest.mark.parametrize(
    ("word", "wrong"),
    [
        ("right", False),
        (" OK ", False),
        ("Correct", False),
        ("✓", False),
        ("WRONG", True),
        ("incorrect.", True),
        ("unclear", None),
        ("?", None),
    ],
)
def test_obvious_spellings_are_verdicts(tmp_path, word, wrong):
    (found,) = {
        one.wrong for one in read_filled(Path(write_csv(tmp_path / "s.csv", filled(data(LINES), word))))
    }
    assert found is wrong


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("wrnog", r"s\.csv:2: there is no verdict 'wrnog'; did you mean 'wrong'\?"),
        ("yes", "there is no verdict 'yes'; "),
        ("no", "there is no verdict 'no'; "),
    ],
)
def test_other_words_are_errors_with_their_line(tmp_path, word, said):
    with pytest.raises(DataError, match=said):
        read_filled(Path(write_csv(tmp_path / "s.csv", filled(data(LINES), word))))


def test_a_right_label_is_a_verdict(tmp_path):
    lines = [row | {"correct_label": "a"} for row in sheet_rows(data(LINES))]
    found = read_filled(Path(write_csv(tmp_path / "s.csv", lines)))
    assert [(one.wrong, one.label) for one in found] == [
        (row["label"] != "a", "a" if row["label"] != "a" else None) for row in lines
    ]


@pytest.mark.parametrize(("verdict", "label"), [("right", "another"), ("wrong", "own")])
def test_a_row_that_contradicts_itself_is_an_error(tmp_path, verdict, label):
    lines = filled(data(LINES), verdict)
    lines[3]["correct_label"] = lines[3]["label"] if label == "own" else "c"
    with pytest.raises(
        DataError, match=r"s\.csv:5: the verdict says that the label is .*; mend one of the two"
    ):
        read_filled(Path(write_csv(tmp_path / "s.csv", lines)))


def test_an_empty_sheet_is_an_error_and_half_of_one_is_none(tmp_path):
    audit = data(LINES)
    with pytest.raises(DataError, match="nothing is filled in"):
        read_filled(Path(write_csv(tmp_path / "s.csv", sheet_rows(audit))))
    path = write_csv(tmp_path / "half.csv", filled(audit)[:10] + sheet_rows(audit)[10:])
    found = read_back(audit, [path])
    assert found.notes == (f"{path}: 10 of 20 rows have a verdict.",)
    assert found.reviewed["row"].count() == 10


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "nothing is filled in"),
        (b"a,b\n1,2\n", r"s:2: the column id is missing"),
        (b"[1]", "record 1 is no object"),
        (b"[{]", "cannot be read as a review sheet"),
        (
            b'{"id": "a-b", "stratum": "x", "stratum_rows": 3, "verdict": "ok"}',
            "the column stratum holds 'x'",
        ),
    ],
)
def test_other_files_are_no_sheets(tmp_path, content, said):
    (tmp_path / "s").write_bytes(content)
    with pytest.raises(DataError, match=said):
        read_filled(tmp_path / "s")
    with pytest.raises(DataError, match="cannot be read"):
        read_filled(tmp_path / "nowhere")


# kinds of files


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_what_spreadsheets_save_is_read(tmp_path, delimiter, encoding):
    audit = data([(f"Größe {n}", "=ja" if n % 2 else "né") for n in range(20)])
    lines = [row | {"correct_label": "'=ja"} for row in sheet_rows(audit)]
    found = read_back(audit, [write_csv(tmp_path / "s.csv", lines, delimiter, encoding)])
    wrong = found.reviewed.drop_nulls("row")
    assert wrong["wrong"].sum() == 10
    assert wrong["label"].drop_nulls().unique().to_list() == ["=ja"]
    assert found.notes == ()


def judged_by_label_studio(tasks: list[dict]) -> list[dict]:
    """What Label Studio exports as JSON: tasks with annotations, some of them skipped."""

    def part(name: str, value: dict) -> dict:
        kind = next(iter(value))
        return {
            "id": "x",
            "from_name": name,
            "to_name": "text",
            "type": kind,
            "value": value,
            "origin": "manual",
        }

    done = []
    for n, task in enumerate(tasks):
        result = [part("verdict", {"choices": ["wrong" if n == 0 else "right"]})]
        if n == 0:
            result.append(part("correct_label", {"choices": ["c"]}))
        one = {"id": n, "completed_by": 1, "was_cancelled": n == 1, "result": [] if n == 1 else result}
        done.append({"id": n, "data": task["data"], "annotations": [one], "predictions": [], "project": 1})
    return done


def judged_by_argilla(records: list[dict]) -> list[dict]:
    """What `Dataset.records.to_json` of Argilla 2 writes."""
    for n, record in enumerate(records):
        record["_server_id"] = f"uuid {n}"
        if n == 1:
            continue
        record["responses"] = {"verdict": [{"value": "wrong" if n == 0 else "right", "user_id": "ann"}]}
        if n == 0:
            record["responses"]["correct_label"] = [{"value": "c", "user_id": "ann"}]
    return records


@pytest.mark.parametrize(
    ("name", "judge"), [("label-studio", judged_by_label_studio), ("argilla", judged_by_argilla)]
)
def test_exports_of_labeling_tools_are_read(tmp_path, name, judge):
    audit = data(LINES)
    sheet, path = make_sheet(audit, rows=20, seed=0), tmp_path / "sheet.json"
    save_sheet(sheet, path, format_of(path, name, FORMATS), force=False)
    export = tmp_path / "export.json"
    export.write_text(json.dumps(judge(json.loads(path.read_text()))))
    found = read_back(audit, [str(export)])
    rows = found.reviewed.drop_nulls("row")
    assert (rows.height, rows["wrong"].sum(), rows["label"].drop_nulls().to_list()) == (19, 1, ["c"])
    assert any("19 of 20 rows have a verdict" in note for note in found.notes)


def test_lines_of_json_and_the_short_export_of_label_studio_are_read(tmp_path):
    audit = data(LINES)
    lines = filled(audit, "wrong")
    (tmp_path / "s.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (tmp_path / "min.json").write_text(
        json.dumps([line | {"verdict": {"choices": ["wrong"]}} for line in lines])
    )
    once, again = (read_back(audit, [str(tmp_path / name)]).reviewed for name in ("s.jsonl", "min.json"))
    assert once.equals(again)
    assert once["wrong"].sum() == 20


# rows of train


def test_rows_are_found_wherever_they_stand(tmp_path):
    path = write_csv(tmp_path / "s.csv", filled(data(LINES), "wrong", 10))
    found = read_back(data(LINES[::-1]), [path]).reviewed
    texts = {row["text"] for row in sheet_rows(data(LINES), 10)}
    assert {LINES[::-1][row][0] for row in found["row"].drop_nulls()} == texts


def test_mended_labels_are_the_same_rows_and_others_are_gone(tmp_path):
    lines = [row | {"correct_label": "c"} for row in sheet_rows(data(LINES))]
    path = write_csv(tmp_path / "s.csv", lines)
    mended = [(text, "c" if n < 5 else "d" if n < 8 else label) for n, (text, label) in enumerate(LINES)]
    found = read_back(data(mended), [path])
    assert found.reviewed["row"].drop_nulls().to_list() == [*range(5), *range(8, 20)]
    assert found.reviewed["wrong"].sum() == 20, "what is gone was wrong all the same"
    assert "3 of 20 reviewed rows no longer stand in train" in found.notes[0]
    assert "train has no label 'c'" not in " ".join(found.notes)


def test_copies_share_a_verdict(tmp_path):
    path = write_csv(tmp_path / "s.csv", filled(data([("same", "a")] * 30 + LINES), "wrong", 20))
    found = read_back(data([("same", "a")] * 30 + LINES), [path]).reviewed
    judged = found.drop_nulls("wrong")
    assert judged["row"].n_unique() == judged.height > 20
    assert judged["copies"].count() == 20
    assert judged["copies"].sum() == judged.height


def test_sheets_add_up_and_contradictions_are_told(tmp_path):
    audit = data(LINES)
    lines = filled(audit, count=10)
    one = write_csv(tmp_path / "one.csv", lines)
    other = write_csv(
        tmp_path / "two.csv", [lines[0] | {"verdict": "wrong"}, lines[1] | {"verdict": "unclear"}, lines[2]]
    )
    found = read_back(audit, [one, other, one])
    judged = found.reviewed.drop_nulls("row")
    assert (judged.height, judged["wrong"].null_count()) == (10, 1)
    assert found.notes == (
        f"Of 1 rows two verdicts contradict each other and count as unclear: {one}:2 and {other}:2.",
    )


def test_two_right_labels_for_a_wrong_one_leave_it_wrong(tmp_path):
    audit = data(LINES)
    lines = filled(audit, "wrong", 10)
    sheets = [
        write_csv(tmp_path / f"{name}.csv", [line | {"correct_label": name} for line in lines])
        for name in "cd"
    ]
    judged = read_back(audit, sheets).reviewed.drop_nulls("row")
    assert judged["wrong"].all()
    assert judged["label"].count() == 0


def test_sheets_of_another_state_of_the_data_do_not_mix(tmp_path):
    first = write_csv(tmp_path / "one.csv", filled(data(LINES), count=10))
    grown = data(LINES + [(f"new text {n}", "a") for n in range(20)])
    second = write_csv(tmp_path / "two.csv", filled(grown, count=20))
    found = read_back(grown, [first, second])
    assert any("come from a sheet that was drawn from train in another state" in note for note in found.notes)
    assert found.reviewed["stratum_rows"].drop_nulls().unique().to_list() == [40]


def test_every_stratum_keeps_its_size_even_without_a_verdict(tmp_path):
    lines = rows()
    judged = [
        row | {"verdict": "right" if row["stratum"] == 1 else ""} for row in sheet_rows(data(lines), 40)
    ]
    found = read_back(data(lines), [write_csv(tmp_path / "s.csv", judged)]).reviewed
    assert dict(found.select("stratum", "stratum_rows").unique().rows()) == {1: 8, 2: 16, 3: 48, 4: 168}


def test_labels_are_spelled_as_in_the_data_and_unknown_ones_told(tmp_path):
    audit = data([(text, "cards" if label == "a" else "loans") for text, label in LINES])
    lines = sheet_rows(audit)
    given = ["CARDS", "loasn"] + [""] * 18
    path = write_csv(
        tmp_path / "s.csv",
        [
            line | {"correct_label": said, "verdict": "wrong"}
            for line, said in zip(lines, given, strict=True)
            if said.lower() != line["label"]
        ],
    )
    found = read_back(audit, [path])
    assert any("train has no label 'loasn'; did you mean 'loans'?" in note for note in found.notes)
    assert set(found.reviewed["label"].drop_nulls()) <= {"cards", "loasn"}


def test_a_sheet_of_other_data_is_an_error(tmp_path):
    path = write_csv(tmp_path / "s.csv", filled(data(LINES)))
    with pytest.raises(DataError, match="none of the reviewed rows stands in the training data"):
        read_back(data([(f"other {n}", "a") for n in range(20)]), [path])
    with pytest.raises(DataError, match="the training data has none"):
        read_back(Data(train=helpers.stored("train", {"text": ["a"]})), [path])


# files


def test_a_sheet_is_private_and_never_replaced_by_accident(tmp_path):
    sheet, path = make_sheet(data(LINES), rows=10, seed=0), tmp_path / "sheet.json"
    written = format_of(path, "label-studio", FORMATS)
    files = save_sheet(sheet, path, written, force=False)
    assert [file.name for file in files] == ["sheet.json", "sheet.config.xml"]
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in files)
    for again in (
        lambda: [check_new(file, (), force=False) for file in targets(path, written)],
        lambda: save_sheet(sheet, path, written, force=False),
    ):
        with pytest.raises(DataError, match="is there already"):
            again()
    path.write_text("verdicts")
    save_sheet(sheet, path, written, force=True)
    assert path.read_text().startswith("[")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["sheet.config.xml", "sheet.json"]


def test_a_sheet_is_written_where_files_have_one_name_only(tmp_path, monkeypatch):
    def link(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", link)
    sheet, path = make_sheet(data(LINES), rows=10, seed=0), tmp_path / "sheet.csv"
    save_sheet(sheet, path, FORMATS[0], force=False)
    assert path.read_bytes() == FORMATS[0].write(sheet)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(DataError, match="is there already"):
        save_sheet(sheet, path, FORMATS[0], force=False)
    assert list(tmp_path.iterdir()) == [path]

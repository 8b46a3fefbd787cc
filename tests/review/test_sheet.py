"""Sheets: what is drawn, and what a spreadsheet, Label Studio and Argilla are given."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from collections import Counter

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import DataError
from auditor.review.formats import FORMATS
from auditor.review.identity import label_mark, row_ids
from auditor.review.sheet import COLUMNS, TEXT, make_sheet, population_of
from auditor.review.writing import format_of, safe, unsafe, visible
from checks.contract import Data
from checks.labels.reviewed import REVIEWED
from tests import helpers

TOPICS = {name: helpers.vocabulary(40, seed=seed) for seed, name in enumerate(("cards", "loans", "travel"))}
WRITERS = {known.name: known for known in FORMATS}


def rows(count: int = 240, wrong: float = 0.1) -> list[tuple[str, str]]:
    """Texts that tell their topic, of which some carry the label of another."""
    rng, names, made = helpers.seeded(5), list(TOPICS), []
    for n in range(count):
        topic = names[n % 3]
        label = rng.choice([name for name in names if name != topic]) if rng.random() < wrong else topic
        made.append((" ".join(rng.choices(TOPICS[topic], k=8)) + f" {n}", label))
    return made


def data(lines: list[tuple[str, str | None]], reviewed: pl.DataFrame | None = None) -> Data:
    columns = {"text": [text for text, _ in lines], "label": [label for _, label in lines]}
    return Data(train=helpers.stored("train", columns), reviewed=reviewed)


# what is drawn


def test_a_sheet_is_a_draw_from_every_stratum_the_most_suspicious_first():
    sheet = make_sheet(data(rows()), rows=60, seed=0)
    table = sheet.table
    assert table.columns == list(COLUMNS)
    assert (table.height, table["id"].n_unique(), sheet.population) == (60, 60, 240)
    sizes = dict(table.select("stratum", "stratum_rows").unique().sort("stratum").rows())
    assert sizes == {1: 8, 2: 16, 3: 48, 4: 168}
    assert table["verdict"].unique().to_list() == table["correct_label"].unique().to_list() == [""]
    assert table["stratum"].to_list() == sorted(table["stratum"].to_list())
    assert table["suspicion"][0] > table["suspicion"][-1]
    assert sheet.notes == ()


def test_the_first_rows_of_a_stratum_are_a_random_sample_of_it():
    """Neither more suspicious than its others nor of other places, and in a larger sheet the first ones still."""
    audit, lots = data(rows()), 30
    last = population_of(audit).filter(stratum=3)
    suspicion, place = [], []
    for seed in range(lots):
        drawn = make_sheet(audit, rows=60, seed=seed).table.filter(stratum=4)
        more = make_sheet(audit, rows=90, seed=seed).table.filter(stratum=4)
        assert more["id"].head(drawn.height).to_list() == drawn["id"].to_list()
        first = last.join(drawn.head(5).select("id"), on="id", how="semi")
        suspicion += first["score"].to_list()
        place += first["row"].to_list()
    for found, known in ((suspicion, last["score"]), (place, last["row"])):
        error = known.std() / np.sqrt(len(found))
        assert abs(np.mean(found) - known.mean()) < 3 * error


def test_suspicious_rows_are_wrong_more_often_and_say_why():
    lines = rows()
    truth = {text: list(TOPICS)[n % 3] for n, (text, _) in enumerate(lines)}
    table = make_sheet(data(lines), rows=60, seed=0).table
    wrong = table.with_columns(wrong=pl.Series([truth[text] for text in table["text"]]) != table["label"])
    share = dict(wrong.group_by("stratum").agg(pl.col("wrong").mean()).rows())
    assert share[1] > 0.8
    assert share[4] < 0.1
    top = wrong.filter("wrong", stratum=1).row(0, named=True)
    assert top["why"].startswith(
        f"the model would rather say {truth[top['text']]} (wrong with a probability of "
    )
    first = top["nearest"].split("\n")[0]
    assert f" says {truth[top['text']]}: " in first
    assert set(first.rpartition(": ")[2].split()) & set(top["text"].split())


def test_the_order_of_the_rows_changes_nothing():
    lines = rows()
    once, again = (make_sheet(data(some), rows=40, seed=3).table for some in (lines, lines[::-1]))
    kept = ["id", "text", "label", "suspicion", "stratum", "stratum_rows", "draw"]
    assert once.select(kept).equals(again.select(kept))
    assert make_sheet(data(lines), rows=40, seed=4).table["id"].to_list() != once["id"].to_list()


def test_a_second_sheet_leaves_out_what_is_reviewed_and_follows_the_results():
    lines = rows()
    first = make_sheet(data(lines), rows=60, seed=0).table
    at = {(text, label): row for row, (text, label) in enumerate(lines)}
    judged = first.select(
        row=pl.Series([at[pair] for pair in first.select("text", "label").rows()]),
        wrong=pl.col("stratum") == 4,
        stratum="stratum",
        stratum_rows="stratum_rows",
        label=pl.lit(None),
        copies=1,
    ).cast(REVIEWED)
    second = make_sheet(data(lines, judged), rows=60, seed=0).table
    assert not set(first["id"]) & set(second["id"])
    assert second["draw"][0] == first["draw"][0]
    assert second.filter(stratum=4).height > 30
    every = judged.clear().vstack(
        pl.DataFrame({"row": range(240)})
        .select(row="row", wrong=False, stratum=1, stratum_rows=240, label=None, copies=1)
        .cast(REVIEWED)
    )
    with pytest.raises(DataError, match="all 240 labelled rows are reviewed"):
        make_sheet(data(lines, every), rows=60, seed=0)


def test_copies_stand_once_and_are_drawn_as_often_as_they_are_many():
    lines = [(f"text {n}", "a") for n in range(40)] + [("copy", "a")] * 40
    drawn = Counter()
    for seed in range(60):
        table = make_sheet(data(lines), rows=10, seed=seed).table
        assert table["id"].n_unique() == 10
        drawn.update(table["text"])
    assert drawn["copy"] == 60, "half of the rows are copies of it, so it is among any ten"
    assert max(drawn[f"text {n}"] for n in range(40)) < 30


def test_without_a_model_the_rows_are_a_simple_random_sample():
    sheet = make_sheet(data([(f"text {n}", "ab"[n % 2]) for n in range(30)]), rows=20, seed=0)
    assert sheet.notes[0].startswith("No model ranks the rows (30 distinct labelled texts are too few")
    assert sheet.table["stratum_rows"].unique().to_list() == [30]
    assert sheet.table["why"].unique().to_list() == ["drawn at random; no model looked at it"]
    assert sheet.table["nearest"].unique().to_list() == [""]


def test_rows_no_model_can_rank_are_a_stratum_of_their_own():
    lines = [*rows(), ("alone", "rare"), ("  ", "cards"), ("unlabelled", None)]
    sheet = make_sheet(data(lines), rows=60, seed=0)
    assert sheet.population == 242
    assert sheet.table.filter(stratum=5)["stratum_rows"].unique().to_list() == [2]
    assert sheet.notes[0].startswith("2 rows, blank or alone")


def test_rows_fewer_than_asked_for_are_all_drawn():
    assert make_sheet(data(rows(60)), rows=100, seed=0).table.height == 60


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"text": ["a", "b"]}, "needs labels, and the training data has none"),
        ({"text": ["a", "b"], "label": [None, None]}, "needs labels, and the training data has none"),
        (helpers.turns_of([("a", "b"), ("c", "d")], label=["true", "false"]), "which answers are good"),
        ({"label": ["a", "b"]}, "needs texts"),
        (
            {"text": ["a"] * 60, "label": [f"free text {n}" for n in range(60)]},
            "60 different labels: this is no column",
        ),
    ],
)
def test_what_cannot_be_reviewed_is_an_error_that_says_so(columns, said):
    with pytest.raises(DataError, match=said):
        make_sheet(Data(train=helpers.stored("train", columns)), rows=10, seed=0)


def test_ids_tell_text_and_label_and_are_no_number():
    ids = row_ids(helpers.stored("train", {"text": ["a", "a", "b", "a"], "label": ["x", "y", "x", None]}))
    texts, labels = zip(*(one.split("-") for one in ids["id"]), strict=True)
    assert ids["row"].to_list() == [0, 1, 2]
    assert texts[0] == texts[1] != texts[2]
    assert labels[0] == labels[2] == label_mark("x") != labels[1]
    assert {len(one) for one in ids["id"]} == {33}


def test_copies_share_a_stratum():
    lines = rows()
    found = population_of(data([*lines, *lines[:100]]))
    assert found.group_by("id").agg(pl.col("stratum").n_unique())["stratum"].max() == 1


def test_a_text_that_fills_strata_leaves_others_empty():
    lines = [*rows(60), *[("the same text", "cards")] * 400]
    sheet = make_sheet(data(lines), rows=40, seed=0)
    assert sheet.table["text"].to_list().count("the same text") == 1
    assert sheet.table.select("stratum", "stratum_rows").unique()["stratum_rows"].sum() == 460


# how it is written


HOSTILE = ("=1+1", "+1", "-1", "@sum", "\tx", "'=1", "''@", "＝1", "\n=1", "'plain", "", "a=b")  # noqa: RUF001


@given(st.text() | st.sampled_from(HOSTILE))
def test_no_cell_is_a_formula_and_each_comes_back(cell):
    assert unsafe(safe(cell)) == cell
    assert safe(cell)[:1] not in set("=+-@\t\r\n＝＋－＠") - {""}  # noqa: RUF001


def hostile_sheet():
    lines = [(text + ' \x00\x1b[31m "quoted", 日本語\r\nnext', f"={label}") for text, label in rows(90)]
    return make_sheet(data([*lines, ("x " * 3000, "=cards")]), rows=91, seed=0)


def test_a_spreadsheet_sees_no_formula_and_no_control_character():
    content = FORMATS[0].write(hostile_sheet())
    assert content.startswith(b"\xef\xbb\xbfid,file,line,text,label,verdict,")
    table = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert len(table) == 91
    for row in table:
        assert row["label"].startswith("'=")
        assert all(cell[:1] not in tuple("=+-@\t\r") for cell in row.values())
        assert not set(content.decode()) & set("\x00\x1b")
    long = max((row["text"] for row in table), key=len)
    assert len(long) == TEXT + len(" [more]")
    assert long.endswith(" [more]")


def test_lines_of_json_hold_the_same():
    sheet = hostile_sheet()
    lines = [json.loads(line) for line in WRITERS["jsonl"].write(sheet).decode().split("\n")[:-1]]
    assert [line["id"] for line in lines] == sheet.table["id"].to_list()
    assert lines[0]["text"] == visible(sheet.table["text"][0])


def test_label_studio_gets_tasks_and_an_interface_for_them():
    sheet = hostile_sheet()
    tasks = json.loads(WRITERS["label-studio"].write(sheet))
    assert [task["data"]["id"] for task in tasks] == sheet.table["id"].to_list()
    ending, write = WRITERS["label-studio"].beside
    assert ending == ".config.xml"
    config = ET.fromstring(write(sheet))  # noqa: S314  our own
    used = {one.get("value")[1:] for one in config.iter("Text")}
    assert used <= set(tasks[0]["data"])
    choices = {one.get("name"): [choice.get("value") for choice in one] for one in config.iter("Choices")}
    assert choices == {"verdict": ["right", "wrong", "unclear"], "correct_label": list(sheet.classes)}


def test_many_classes_are_typed():
    lines = [(f"text {n}", f"class {n % 120}") for n in range(240)]
    sheet = make_sheet(data(lines), rows=10, seed=0)
    config = WRITERS["label-studio"].beside[1](sheet).decode()
    assert '<TextArea name="correct_label"' in config
    assert "rg.TextQuestion(name='correct_label'" in WRITERS["argilla"].beside[1](sheet).decode()


def test_argilla_gets_records_without_suggestions_and_a_script_for_their_settings():
    sheet = hostile_sheet()
    records = json.loads(WRITERS["argilla"].write(sheet))
    assert [record["id"] for record in records] == sheet.table["id"].to_list()
    for record in records:
        assert set(record) == {"id", "fields", "metadata", "suggestions", "responses", "vectors"}
        assert set(record["fields"]) == {"text", "label", "why", "nearest"}
        assert record["suggestions"] == record["responses"] == {}
        assert None not in record["metadata"].values()
    compile(WRITERS["argilla"].beside[1](sheet), "settings.py", "exec")


def test_the_ending_tells_the_format(tmp_path):
    assert format_of(tmp_path / "s.CSV", None, FORMATS).name == "csv"
    assert format_of(tmp_path / "s.jsonl", None, FORMATS).name == "jsonl"
    assert format_of(tmp_path / "s.json", "argilla", FORMATS).name == "argilla"
    with pytest.raises(DataError, match=r"does not tell a format; call it \.csv"):
        format_of(tmp_path / "s.json", None, FORMATS)
    with pytest.raises(DataError, match="did you mean 'argilla'"):
        format_of(tmp_path / "s.json", "argila", FORMATS)

"""Sheets that a tool or a person has spoilt are refused, with what is wrong and where."""

from __future__ import annotations

import json

import pytest

from auditor.errors import DataError
from auditor.review.filled import read_filled
from auditor.review.readback import read_back
from tests.review.test_readback import LINES, filled, write_csv
from tests.review.test_sheet import data

ROW = {"id": "a-b", "stratum": "1", "stratum_rows": "9", "verdict": "right", "label": "a"}
PART = {"from_name": "verdict", "value": {"choices": ["right"]}}


def task(annotations: object) -> dict:
    return {"data": ROW, "annotations": annotations}


def record(**given: object) -> dict:
    return {"id": "a-b", "fields": ROW, **given}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (task([{}]), "an annotation is without result"),
        (task([{"result": None}]), "result is no list of objects"),
        (task([{"result": ["right"]}]), "result is no list of objects"),
        (task(["right"]), "annotations is no list of objects"),
        (task({"result": [PART]}), "annotations is no list of objects"),
        (task([{"result": [{"from_name": "verdict"}]}]), "a part of result is without value"),
        (task([{"result": [PART | {"from_name": ["verdict"]}]}]), "its from_name no text"),
        (record(responses=["right"]), "responses is no object"),
        (record(responses={"verdict": ["right"]}), "responses of 'verdict' is no list of objects"),
        (record(responses={"verdict": "right"}), "responses of 'verdict' is no list of objects"),
        (record(metadata=["x"]), "metadata is no object"),
    ],
)
def test_spoilt_exports_are_errors_that_name_the_record(tmp_path, found, said):
    path = tmp_path / "s"
    path.write_text(json.dumps([task([{"result": [PART]}]), found]))
    with pytest.raises(DataError, match=f"/s cannot be read as a review sheet: record 2: .*{said}.*; export"):
        read_filled(path)
    path.write_text(json.dumps(found))
    with pytest.raises(DataError, match=f"line 1: .*{said}"):
        read_filled(path)


@pytest.mark.parametrize("name", ["stratum", "stratum_rows"])
@pytest.mark.parametrize("cell", ["1e999", "1e30", "-5", "0", "1.5", "nan", "9e18", "-inf"])
def test_impossible_numbers_are_errors_with_their_line(tmp_path, name, cell):
    path = tmp_path / "s"
    for value in (cell, float(cell)):
        path.write_text(json.dumps(ROW) + "\n" + json.dumps(ROW | {name: value}))
        with pytest.raises(
            DataError, match=rf"s:2: the column {name} holds .* in place of a whole number from 1"
        ):
            read_filled(path)


@pytest.mark.parametrize("name", ["id", "correct_label", "draw"])
def test_half_a_character_is_an_error_with_its_line(tmp_path, name):
    (tmp_path / "s").write_text(json.dumps(ROW | {name: "a\ud800"}))
    with pytest.raises(DataError, match=rf"s:1: the column {name} holds half a character"):
        read_filled(tmp_path / "s")


def test_a_stratum_has_one_size_and_no_more_rows(tmp_path):
    audit = data(LINES)
    lines = filled(audit)
    lines[7]["stratum_rows"] = 21
    with pytest.raises(
        DataError, match=r"s\.csv:9: stratum 1 has 21 stratum_rows and 20 at .*s\.csv:2; a sheet"
    ):
        read_back(audit, [write_csv(tmp_path / "s.csv", lines)])
    few = [line | {"stratum_rows": 5} for line in lines]
    with pytest.raises(DataError, match=r"s\.csv:7: stratum 1 has 5 stratum_rows, but more rows of it"):
        read_back(audit, [write_csv(tmp_path / "s.csv", few)])

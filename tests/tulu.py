"""The preferences of 16 evaluators in `tests/data/tulu_preferences`, from the spreadsheet they were published in."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from functools import cache

import openpyxl
import polars as pl

from tests.helpers import DATA

SHEET = DATA / "tulu_preferences" / "eval_annotations_tulu_1.xlsx"


@cache
def preferences() -> pl.DataFrame:
    """`item`, `evaluator`, and `preferred`: the model that won, whichever side it stood on, or a tie."""
    with contextlib.closing(openpyxl.load_workbook(SHEET, read_only=True)) as book:
        names, *lines = book.active.iter_rows(values_only=True)
    rows = [dict(zip(names, line, strict=True)) for line in lines]
    judged = [
        (int(row["instance_index"]), row["evaluator"], _preferred(row)) for row in rows if row["preference"]
    ]
    return pl.DataFrame(judged, ["item", "evaluator", "preferred"], orient="row")


def _preferred(row: Mapping[str, str]) -> str:
    return "tie" if row["preference"] == "tie" else row[f"model_{row['preference'][0]}"]

"""The fast way to read plain JSON Lines gives what the exact way gives, whatever columns the records have."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.load.dataset import Loaded
from auditor.load.formats import NAMES
from auditor.load.plainlines import PlainLines
from checks.contract import Split
from tests.load.desk import Desk

COLUMNS = sorted({names[0] for names in NAMES.values()} | {"completion", "category", "annotator", "other"})
TEXT = st.sampled_from(["", " ", "a", "b", "naïve “x”\n\t\\ 😀", "true", "What is it?"])


def message(who: str, what: str) -> st.SearchStrategy[dict[str, Any]]:
    roles = st.sampled_from(["user", "assistant", "system", "USER", "human", "gpt", "wizard"])
    return st.fixed_dictionaries({who: roles, what: TEXT})


VALUES = st.one_of(
    st.just(TEXT), st.just(TEXT | st.none()), st.just(st.integers(0, 2)), st.just(st.booleans()),
    st.just(st.lists(message("role", "content"), max_size=4)), st.just(st.lists(message("from", "value"), max_size=4)),
    st.just(st.lists(message("role", "content"), max_size=2) | TEXT), st.just(message("role", "content")),
)  # fmt: skip
"""What a column holds in all records."""


@st.composite
def records(draw: st.DrawFn) -> list[dict[str, Any]]:
    columns = draw(st.dictionaries(st.sampled_from(COLUMNS), VALUES, min_size=1, max_size=5))
    record = st.fixed_dictionaries(columns) | st.fixed_dictionaries({}, optional=columns)
    return draw(st.lists(record, min_size=1, max_size=6))


def content(split: Split | None) -> list[dict[str, Any]] | None:
    return None if split is None else split.frame.drop("file").collect().to_dicts()


def outcome(loaded: Loaded) -> tuple[Any, ...]:
    labels = loaded.labels if loaded.labels is None else loaded.labels.collect().to_dicts()
    told = [
        (one.rows, one.format, one.facts, one.error and one.error.rpartition("/")[2]) for one in loaded.inputs
    ]
    ledger = loaded.ledger.select(pl.all().exclude("file")).to_dicts()
    return content(loaded.train), content(loaded.eval), labels, ledger, told, loaded.impossible


def both(rows: list[dict[str, Any]]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """What comes of the records in the fast way and in the exact way."""
    made = []
    for way in (PlainLines.columns, lambda *_: None):
        with tempfile.TemporaryDirectory() as name, patch.object(PlainLines, "columns", way):
            made.append(outcome(Desk(folder=Path(name), cache=Path(name) / "cache").read("a.jsonl", rows)))
    return made[0], made[1]


@settings(max_examples=150)
@given(records())
def test_any_records_are_read_alike(rows):
    fast, exact = both(rows)
    assert fast == exact


@pytest.mark.parametrize(
    "row",
    [
        {"messages": [{"role": "user", "content": "q"}], "chosen": "yes", "rejected": "no"},
        {"conversations": [{"from": "human", "value": "q"}], "chosen": "yes", "rejected": "no"},
        {"chosen": "\n\nHuman: q\n\nAssistant: yes", "rejected": "\n\nHuman: q\n\nAssistant: no"},
        {"item": "1", "text": "t", "labeler": "ann", "label": "x"},
        {"text": "t", "label": "x", "id": " ", "source": ""},
        {"messages": [{"role": "user", "content": "q"}], "label": True},
        {"prompt": "p", "completion": "c", "system": "s", "split": "test"},
    ],
)
def test_shapes_that_mix_messages_with_texts(row):
    fast, exact = both([row] * 3)
    assert fast == exact
    assert fast[4][0][3] is None


def test_plain_chats_take_the_fast_way():
    rows = [
        {"id": "1", "messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}
    ]
    with (
        tempfile.TemporaryDirectory() as name,
        patch("auditor.load.jsonlines.RowTypes.columns", side_effect=AssertionError),
    ):
        loaded = Desk(folder=Path(name), cache=Path(name) / "cache").read("a.jsonl", rows)
        assert content(loaded.train) is not None

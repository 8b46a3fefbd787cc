"""Columns that say what several rows have in common: the document, the conversation, the user."""

import pytest

from auditor.load.formats import NAMES
from checks.contract import GROUPS
from tests.load.desk import found, only, rows

FORMS = (
    {"text": "x", "label": "y"},
    {"text": "x"},
    {"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]},
    {"instruction": "x", "output": "y"},
    {"prompt": "x", "chosen": "y", "rejected": "z"},
)


@pytest.mark.parametrize("record", FORMS)
def test_rows_without_groups_store_nothing_of_them(desk, record):
    loaded = desk.read("a.jsonl", [record] * 3)
    assert not loaded.train.stored & {*GROUPS}


@pytest.mark.parametrize("record", FORMS)
@pytest.mark.parametrize("role", GROUPS)
def test_usual_names_are_told_in_every_format(desk, record, role):
    for number, name in enumerate(NAMES[role]):
        loaded = desk.read(f"{number}.jsonl", [{**record, name.upper(): f"g{n}"} for n in range(2)])
        assert rows(loaded.train, role) == ["g0", "g1"], name
        assert found(loaded) == []
        assert only(loaded).facts == ()


def test_a_name_stands_for_one_group_alone():
    names = [name for role in GROUPS for name in NAMES[role]]
    assert len(set(names)) == len(names)


def test_numbers_are_names_and_blanks_are_none(desk):
    records = [{"text": "x", "doc_id": value} for value in (7, "", None, " ", "a")]
    assert rows(desk.read("a.jsonl", records).train, "document") == ["7", None, None, None, "a"]


def test_other_columns_are_mapped(desk):
    loaded = desk.read(
        "a.jsonl",
        [{"text": "x", "ticket": "t", "who": "w"}],
        mapping={"ticket": "conversation", "who": "user"},
    )
    assert rows(loaded.train, "conversation", "user") == [("t", "w")]


def test_judged_items_keep_the_groups_of_their_first_judgement(desk):
    records = [
        {"item_id": item, "text": f"text {item}", "worker_id": who, "label": "x", "document_id": f"d{item}"}
        for item in range(3)
        for who in "ab"
    ]
    loaded = desk.read("a.jsonl", records)
    assert rows(loaded.train, "document") == ["d0", "d1", "d2"]


def test_what_names_an_item_is_still_that(desk):
    records = [
        {"doc_id": n // 2, "text": f"t{n // 2}", "annotator": "ab"[n % 2], "label": "x"} for n in range(6)
    ]
    loaded = desk.read("a.jsonl", records)
    assert only(loaded).format == "multi-annotator"
    assert loaded.train.rows == 3
    assert "document" not in loaded.train.stored


def test_one_split_column_serves_both_roles_with_groups(desk):
    records = [{"text": f"t{n}", "thread_id": n // 2, "split": ("train", "test")[n % 2]} for n in range(4)]
    loaded = desk.read("a.jsonl", records)
    assert rows(loaded.train, "conversation") == rows(loaded.eval, "conversation") == ["0", "1"]

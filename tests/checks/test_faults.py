"""Defects of single rows: what must not fire first, then each defect, then columns that are missing or empty."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.contract import Data
from checks.faults import FAULTS, eval_faults, fault_table, present, train_faults, usable
from tests import helpers

BY_TURNS = {"blank_rows", "empty_turns", "unanswered_rows", "unknown_role_rows", "role_order_rows"}


def faults(**columns) -> pl.DataFrame:
    return train_faults(Data(train=helpers.stored("train", columns)))


def of_turns(turns: str | None) -> set[str]:
    """The faults of a row with these messages, beside a row in order."""
    table = faults(**helpers.turns_of([("ask", "say"), ("ask", "say")], turns=["ua", turns]))
    assert not any(table.select(sorted(BY_TURNS)).row(0))
    return {name for name in BY_TURNS if table[name][1]}


@pytest.mark.parametrize(
    "turns",
    ["ua", "sua", "ssua", "uaua", "suauaua", "Sua", "a", "uata", "uaTa", "uCta", "uauw", "uwua", "uwc", "uc"],
)
def test_rows_in_order_have_no_fault(turns):
    assert of_turns(turns) == set()


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ("", {"blank_rows", "unanswered_rows"}),
        ("U", {"blank_rows", "unanswered_rows"}),
        ("UA", {"blank_rows"}),
        ("SU", {"blank_rows", "unanswered_rows"}),
        ("sU", {"blank_rows", "unanswered_rows"}),
        ("uA", {"empty_turns"}),
        ("Ua", {"empty_turns"}),
        ("uaUa", {"empty_turns"}),
        ("uW", {"empty_turns", "unanswered_rows"}),
        ("uw", {"unanswered_rows"}),
        ("suwuw", {"unanswered_rows"}),
        ("u", {"unanswered_rows"}),
        ("uau", {"unanswered_rows"}),
        ("uat", {"unanswered_rows"}),
        ("s", {"blank_rows", "unanswered_rows"}),
        ("ux", {"unanswered_rows", "unknown_role_rows"}),
        ("uXa", {"unknown_role_rows"}),
        ("x", {"unanswered_rows", "unknown_role_rows"}),
        ("uua", {"role_order_rows"}),
        ("uaa", {"role_order_rows"}),
        ("uAa", {"role_order_rows", "empty_turns"}),
        ("usa", {"role_order_rows"}),
        ("uaS", {"role_order_rows", "unanswered_rows"}),
        ("aua", {"role_order_rows"}),
        ("saua", {"role_order_rows"}),
        ("au", {"role_order_rows", "unanswered_rows"}),
    ],
)
def test_messages_out_of_order(turns, expected):
    assert of_turns(turns) == expected


@given(st.text("sSuUaAtTxX", max_size=8))
def test_every_row_of_blank_messages_is_blank_and_no_other_is(turns):
    assert ("blank_rows" in of_turns(turns)) == (not set(turns) & set("uax"))
    assert len({"blank_rows", "empty_turns"} & of_turns(turns)) < 2, "one or the other"


def test_rows_are_only_unanswered_where_others_are_answered():
    assert "unanswered_rows" not in faults(text=["ask", "ask"], prompt_bytes=[3, 3], turns=["u", "u"]).columns
    nobody = faults(text=["a", "b"], prompt_bytes=[1, 1], response_bytes=[None, None], turns=["u", "u"])
    assert "unanswered_rows" not in nobody.columns
    one = faults(text=["a\nx", "b"], prompt_bytes=[1, 1], response_bytes=[1, None], turns=["ua", "u"])
    assert one["unanswered_rows"].to_list() == [False, True]


def test_rows_are_only_unlabeled_where_others_are_labeled():
    assert faults(text=["a", "b"]).columns == ["placeholder_rows"]
    assert "unlabeled_rows" not in faults(text=["a", "b"], label=[None, None]).columns
    assert faults(label=["x", "y", "0"])["unlabeled_rows"].to_list() == [False] * 3
    assert faults(label=["x", None, "我"])["unlabeled_rows"].to_list() == [False, True, False]


def test_preferences():
    turns = [("q", "yes")] * 6
    table = faults(**helpers.turns_of(turns, rejected=["no", "yes", "Yes", None, "", " \t"]))
    assert table["identical_preference_rows"].to_list() == [False, True, False, False, False, False]
    assert table["rejected_missing_rows"].to_list() == [False, False, False, True, True, True]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{name}",
        "{{}}",
        "{{ }}",
        "{{1 + 1}}",
        "{ {name} }",
        "{{name",
        "f({{a, b}})",
        "{{{",
        "{{% if x %}}",
    ],
)
def test_braces_that_are_no_placeholder(text):
    assert faults(text=[text])["placeholder_rows"].to_list() == [False]


@pytest.mark.parametrize(
    "text", ["{{name}}", "Dear {{ user.name }},", "{{größe}}", "a\n{{_x1}}\nb", "{{{name}}}"]
)
def test_placeholders(text):
    assert faults(text=[text])["placeholder_rows"].to_list() == [True]


def test_faults_follow_from_the_columns_that_are_there():
    names = {fault.name for fault in present(helpers.stored("train", {"label": ["x"]}))}
    assert names == {"unlabeled_rows"}
    assert present(helpers.stored("train", {"source": ["x"]})) == ()
    full = helpers.stored("train", helpers.turns_of([("q", "a")], turns=["ua"], label=["x"], rejected=["b"]))
    assert {fault.name for fault in present(full)} == {fault.name for fault in FAULTS}


def test_names_are_unique_and_each_fault_says_what_it_is():
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    assert all(fault.what and fault.needs for fault in FAULTS)


def test_tables_of_both_splits():
    data = Data(
        train=helpers.stored("train", {"text": ["a", "{{b}}"]}),
        eval=helpers.stored("eval", {"text": ["{{c}}"], "turns": ["u"]}),
    )
    assert train_faults(data)["placeholder_rows"].to_list() == [False, True]
    assert eval_faults(data)["placeholder_rows"].to_list() == [True]
    assert eval_faults(data)["blank_rows"].to_list() == [False]
    assert fault_table(helpers.data(["a"]), "eval").is_empty()


def test_usable_rows_have_none_of_the_faults_that_make_them_worthless():
    table = faults(
        **helpers.turns_of([("q", "{{a}}")] * 5, turns=["ua", "U", "uaa", "uxa", "u"], label=[*"xyxy", None])
    )
    assert usable(table, 5).to_list() == [True, False, True, False, False]
    worthless = {fault.name for fault in FAULTS if fault.unusable}
    assert worthless == {fault.name for fault in FAULTS} - {"role_order_rows", "placeholder_rows"}


def test_without_a_fault_table_every_row_is_usable():
    assert usable(pl.DataFrame(), 3).to_list() == [True] * 3
    assert usable(faults(source=["x", "y"]), 2).to_list() == [True] * 2
    assert usable(faults(text=[], label=[], turns=[]), 0).to_list() == []

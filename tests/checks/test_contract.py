"""Splits in memory: two views of the same rows, prompts and responses cut by bytes, and what an audit offers."""

import polars as pl
import pyarrow as pa
import pyarrow.feather
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.contract import LEDGER, Data, Part, Split, TextSettings
from checks.text.minhash import banding
from tests import helpers

TURNS = [
    ("How big is it?", "Three metres."),
    ("Wie groß ist 我?", "Größer als 😀."),
    ("", "no question"),
    ("no answer", ""),
]


def columns_of(split: Split, *names: str) -> list[tuple[object, ...]]:
    return split.frame.select(names).collect().rows()


def test_prompt_and_response_are_cut_by_bytes():
    split = helpers.stored("train", helpers.turns_of(TURNS))
    assert columns_of(split, "prompt", "response") == TURNS
    assert columns_of(split, "text") == [(f"{ask}\n{say}",) for ask, say in TURNS]


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1, max_size=6))
def test_any_prompt_and_response_come_back(turns):
    turns = [
        (ask.encode("utf-8", "ignore").decode(), say.encode("utf-8", "ignore").decode()) for ask, say in turns
    ]
    assert columns_of(helpers.stored("train", helpers.turns_of(turns)), "prompt", "response") == turns


def test_rows_without_a_prompt_or_a_response():
    texts = ["wie groß\n我", "nur Antwört", "nur Fräge", "weder noch", None]
    split = helpers.stored(
        "train",
        {"text": texts, "prompt_bytes": [9, None, 10, None, 3], "response_bytes": [3, 12, None, None, 4]},
    )
    expected = [("wie groß", "我"), (None, "nur Antwört"), ("nur Fräge", None), (None, None), (None, None)]
    assert columns_of(split, "prompt", "response") == expected


def test_the_response_need_not_be_the_rest_of_the_text():
    split = helpers.stored("train", {"text": ["ask\nsay\nmore"], "prompt_bytes": [3], "response_bytes": [3]})
    assert columns_of(split, "prompt", "response") == [("ask", "say")]


def test_a_preference_has_its_response_as_the_chosen_answer():
    split = helpers.stored("train", helpers.turns_of(TURNS[:2], rejected=["Two.", None]))
    assert columns_of(split, "prompt", "chosen", "rejected") == [
        ("How big is it?", "Three metres.", "Two."), ("Wie groß ist 我?", "Größer als 😀.", None),
    ]  # fmt: skip
    assert {"chosen", "rejected", "response"} <= split.columns
    assert "chosen" not in split.stored


def test_columns_are_those_of_the_frame():
    for columns in (
        {"text": ["a"]}, {"label": ["x"]}, helpers.turns_of(TURNS, turns=["ua"] * 4),
        helpers.turns_of(TURNS, rejected=["r"] * 4), {"text": ["a b"], "prompt_bytes": [1]},
    ):  # fmt: skip
        split = helpers.stored("train", columns)
        assert split.columns == set(split.frame.collect_schema())
        assert split.stored == {"line", *columns}


def test_responses_without_any_prompt():
    split = helpers.stored(
        "train", {"text": ["größe", "b"], "response_bytes": [7, 1], "rejected": ["x", "y"]}
    )
    assert split.columns == {"row", "file", "line", "text", "response", "chosen", "rejected"}
    assert columns_of(split, "response", "chosen") == [("größe", "größe"), ("b", "b")]


def test_several_files_are_one_split():
    first, second = (
        helpers.turns_of(TURNS[:2], label=["x", "y"]),
        helpers.turns_of(TURNS[2:], label=["z", None]),
    )
    split = helpers.stored("train", first, {**second, "line": [7, 9]})
    assert split.rows == 4
    assert columns_of(split, "row", "file", "line", "label") == [
        (0, "train0.jsonl", 1, "x"), (1, "train0.jsonl", 2, "y"), (2, "train1.jsonl", 7, "z"), (3, "train1.jsonl", 9, None),
    ]  # fmt: skip
    assert columns_of(split, "prompt", "response") == TURNS
    assert [(start, batch.column("label").to_pylist()) for start, batch in split.batches("label")] == [
        (0, ["x", "y"]), (2, ["z", None]),
    ]  # fmt: skip


def test_files_may_lack_columns_in_the_frame():
    split = helpers.stored(
        "train", helpers.turns_of(TURNS[:1], label=["x"]), {"text": ["plain"]}, {"text": []}
    )
    assert columns_of(split, "row", "text", "prompt", "label") == [
        (0, "How big is it?\nThree metres.", "How big is it?", "x"), (1, "plain", None, None),
    ]  # fmt: skip


def test_files_may_lack_columns_in_batches():
    split = helpers.stored("train", {"text": ["a"], "label": ["x"]}, {"text": ["b", "c"]})
    assert "label" in split.stored
    found = [value for _, batch in split.batches("label") for value in batch.column("label").to_pylist()]
    assert found == ["x", None, None]


def test_batches_of_a_column_that_no_file_has():
    with pytest.raises(KeyError, match="label"):
        list(helpers.stored("train", {"text": ["a"]}).batches("label"))


def test_batches_are_numbered_in_row_order_and_zero_copy():
    tables = [helpers.table([f"{file}-{row}" for row in range(5)], batch=2) for file in range(2)]
    split = Split(role="train", parts=tuple(Part(file=f"{n}", table=table) for n, table in enumerate(tables)))
    batches = list(split.batches("text"))
    assert [(start, len(batch)) for start, batch in batches] == [
        (0, 2),
        (2, 2),
        (4, 1),
        (5, 2),
        (7, 2),
        (9, 1),
    ]
    texts = [text for _, batch in batches for text in batch.column("text").to_pylist()]
    assert [(text,) for text in texts] == columns_of(split, "text")
    ours, theirs = batches[0][1].column("text").buffers(), tables[0].column("text").chunk(0).buffers()
    assert [buffer and buffer.address for buffer in ours] == [buffer and buffer.address for buffer in theirs]


def test_a_stored_file_gives_the_same_rows_as_one_in_memory(tmp_path):
    split = helpers.stored("train", helpers.turns_of(TURNS, label=["x", "y", None, "x"]))
    part = split.parts[0]
    path = tmp_path / "rows.arrow"
    pa.feather.write_feather(part.table, path, compression="uncompressed")
    mapped = Split(role="train", parts=(Part(file=part.file, table=part.table, path=path),) * 2)
    in_memory = Split(role="train", parts=(part,) * 2)
    assert mapped.frame.collect().equals(in_memory.frame.collect())


def test_take_keeps_order_and_repeats():
    split = helpers.stored("train", {"text": ["a", "b"]}, {"text": ["c", "d"], "label": [None, "x"]})
    taken = split.take(pl.Series([3, 0, 3, 2]), "text", "label")
    assert taken.columns == ["row", "file", "line", "text", "label"]
    assert taken.rows() == [
        (3, "train1.jsonl", 2, "d", "x"), (0, "train0.jsonl", 1, "a", None),
        (3, "train1.jsonl", 2, "d", "x"), (2, "train1.jsonl", 1, "c", None),
    ]  # fmt: skip
    assert split.take(pl.Series([], dtype=pl.Int64), "text").rows() == []


def test_a_split_without_rows():
    split = helpers.stored("eval", {"text": [], "label": []})
    assert split.rows == 0
    assert split.frame.collect().height == 0
    assert split.columns == {"row", "file", "line", "text", "label"}
    assert sum(len(batch) for _, batch in split.batches("text")) == 0


def test_shared_derivations_are_made_once():
    calls = list[Data]()

    def make(data: Data) -> None:
        calls.append(data)

    one, two = helpers.data(["a"]), helpers.data(["a"])
    assert [one.once(make), one.once(make), two.once(make)] == [None] * 3
    assert len(calls) == 2
    assert calls[0] is one
    assert one.once(lambda data: data.train.rows) == 1


def test_offers_are_the_dotted_names_of_what_is_there():
    plain = helpers.data(["a"])
    assert plain.offers() == {"train.row", "train.file", "train.line", "train.text"}
    full = Data(
        train=helpers.stored("train", helpers.turns_of(TURNS, rejected=["x"] * 4)),
        eval=helpers.stored("eval", {"label": ["x"]}),
        labels=helpers.judgements([(0, "ann", "x")]),
        answers={"annual_calls": 1000.0},
    )
    assert full.offers() == {
        *(f"train.{name}" for name in ("row", "file", "line", "text", "prompt", "response", "rejected", "chosen")),
        *(f"eval.{name}" for name in ("row", "file", "line", "label")),
        *(f"labels.{name}" for name in ("split", "row", "labeler", "label")), "answers", "answers.annual_calls",
    }  # fmt: skip
    assert [split.role for split in full.splits] == ["train", "eval"]
    assert [split.role for split in plain.splits] == ["train"]


def test_without_findings_the_ledger_is_empty_but_has_its_columns():
    assert helpers.data(["a"]).ledger.schema == LEDGER
    assert helpers.data(["a"]).ledger.is_empty()


@pytest.mark.parametrize(("threshold", "permutations"), [(0.8, 16), (0.3, 128), (1, 16)])
def test_a_recall_that_the_permutations_can_reach(threshold, permutations):
    settings = TextSettings(threshold=threshold, permutations=permutations)
    assert banding(threshold, settings.recall, permutations).recall(threshold) >= settings.recall


@pytest.mark.parametrize(("threshold", "recall", "permutations"), [(0.3, 0.999, 16), (0.4, 0.999999, 20)])
def test_a_recall_that_no_banding_reaches_is_refused(threshold, recall, permutations):
    with pytest.raises(ValueError, match="raise permutations or threshold"):
        TextSettings(threshold=threshold, recall=recall, permutations=permutations)
    with pytest.raises(ValueError, match="cannot find"):
        banding(threshold, recall, permutations)

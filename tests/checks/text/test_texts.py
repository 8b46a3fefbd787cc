"""Texts as arrays: zero-copy in row order, or picked by number, from memory and from a mapped file."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.contract import Part, Split
from checks.text.overlap import overlap
from checks.text.scan import scan
from checks.text.texts import TextArrays, Texts, text_arrays
from tests import helpers

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)


def listed(arrays: TextArrays) -> list[tuple[str, int]]:
    return [
        (arrays.data[start:stop].tobytes().decode(), prompt)
        for start, stop, prompt in zip(
            arrays.bounds[:-1], arrays.bounds[1:], arrays.prompts.tolist(), strict=True
        )
    ]


def rows(texts: Texts) -> list[tuple[str, int]]:
    return [row for _, batch in texts for row in listed(batch)]


def mapped(folder: Path, table: pa.Table, batch: int) -> pa.Table:
    """The table from a memory-mapped file, as rows come from the store."""
    path = folder / "rows.arrow"
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=batch)
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def picked(texts: Texts, numbers: Sequence[int]) -> list[tuple[str, int]]:
    return listed(texts.pick(np.array(numbers, np.int64)))


@given(st.lists(st.lists(TEXT, max_size=6), min_size=1, max_size=4), st.integers(1, 4))
def test_texts_come_in_row_order(files, batch):
    parts = tuple(Part(file=f"{n}", table=helpers.table(texts, batch=batch)) for n, texts in enumerate(files))
    expected = [(text, -1) for texts in files for text in texts]
    made = Texts(Split(role="train", parts=parts))
    assert len(made) == len(expected)
    assert rows(made) == expected
    firsts = [first for first, _ in made]
    assert firsts == np.cumsum([0, *(len(arrays.prompts) for _, arrays in made)])[: len(firsts)].tolist()


@given(st.lists(TEXT, min_size=1, max_size=20), st.integers(1, 7), st.data())
def test_any_rows_can_be_picked(texts, batch, draw):
    numbers = sorted(draw.draw(st.sets(st.integers(0, len(texts) - 1))))
    prompts = [len(text.encode()) if row % 3 else None for row, text in enumerate(texts)]
    made = Texts(helpers.split("train", texts, prompts=prompts, batch=batch))
    assert picked(made, numbers) == [rows(made)[row] for row in numbers]
    assert [text for text, _ in rows(made)] == texts


@pytest.mark.parametrize("split", [helpers.split("train", []), Split(role="train", parts=())])
def test_a_split_without_rows(split):
    made = Texts(split)
    assert len(made) == 0
    assert rows(made) == []
    assert picked(made, []) == []


def test_nothing_picked_is_nothing():
    assert picked(Texts(helpers.split("train", ["a", "b"])), []) == []


def test_rows_without_a_prompt_are_marked():
    made = Texts(helpers.split("train", ["ask\nsay", "", "x"], prompts=[3, 0, None]))
    assert rows(made) == [("ask\nsay", 3), ("", 0), ("x", -1)]


def test_files_with_and_without_prompts_make_one_split():
    parts = (
        Part(file="chat.jsonl", table=helpers.table(["ask\nsay"], [3])),
        Part(file="plain.jsonl", table=helpers.table(["plain"])),
    )
    assert rows(Texts(Split(role="train", parts=parts))) == [("ask\nsay", 3), ("plain", -1)]


@pytest.mark.parametrize(("start", "length"), [(0, 5), (3, 4), (9, 1), (10, 0), (4, 6)])
def test_slices_begin_inside_their_buffers(start, length):
    texts = [f"text {row} ä" for row in range(10)]
    table = helpers.table(texts, list(range(10))).slice(start, length)
    made = Texts(Split(role="train", parts=(Part(file="a", table=table),)))
    expected = [(texts[row], row) for row in range(start, start + length)]
    assert rows(made) == expected
    assert picked(made, range(length)) == expected


def test_short_strings_are_read_like_large_ones():
    table = pa.table({"text": pa.array(["a", "ü", ""], pa.string()), "line": [1, 2, 3]})
    made = Texts(Split(role="train", parts=(Part(file="a", table=table),)))
    assert rows(made) == [("a", -1), ("ü", -1), ("", -1)]
    assert picked(made, [1, 2]) == [("ü", -1), ("", -1)]


def test_a_null_text_is_an_empty_one():
    table = pa.table({"text": pa.array(["a", None, "b"], pa.large_string())})
    assert rows(Texts(Split(role="train", parts=(Part(file="a", table=table),)))) == [
        ("a", -1),
        ("", -1),
        ("b", -1),
    ]


def test_texts_are_not_copied():
    table = helpers.table(["some text", "and more"])
    _, arrays = next(iter(Texts(Split(role="train", parts=(Part(file="a", table=table),)))))
    assert arrays.data.ctypes.data == table["text"].chunk(0).buffers()[2].address


def test_a_mapped_file_is_read_like_memory(tmp_path):
    rng = helpers.seeded(3)
    words = helpers.vocabulary(500, seed=3)
    texts = [*helpers.planted(rng, words, rows=300, words=(0, 50)), *helpers.SAMPLES]
    evals = [f"{text} {rng.choice(words)}" for text in texts[::3]]
    prompts = [len(text.encode()) // 9 if text.isascii() else None for text in texts]
    inside = helpers.data(helpers.split("train", texts, prompts=prompts), evals)
    part = Part(file="a.jsonl", table=mapped(tmp_path, helpers.table(texts, prompts), 64))
    outside = helpers.data(Split(role="train", parts=(part,)), evals)
    assert scan(outside).train.text.tolist() == scan(inside).train.text.tolist()
    ours, theirs = (scan(data).train.by_words.keys for data in (outside, inside))
    assert [keys.tolist() for keys in ours] == [keys.tolist() for keys in theirs]
    one, two = overlap(outside), overlap(inside)
    assert one is not None
    assert two is not None
    assert len(one.train) > 100
    for name in ("train", "eval", "jaccard", "coverage", "prompt_coverage", "exact", "crowded"):
        assert getattr(one, name).tolist() == getattr(two, name).tolist()


@pytest.mark.parametrize("kind", [pa.int32(), pa.int64(), pa.int16()])
def test_prompt_sizes_of_any_type_and_of_a_slice(kind):
    table = pa.table(
        {
            "text": pa.array(["one two", "three", "four", "five six"], pa.large_string()),
            "prompt_bytes": pa.array([3, None, 2, None], kind),
        }
    )
    batch = table.to_batches()[0]
    assert text_arrays(batch).prompts.tolist() == [3, -1, 2, -1]
    assert text_arrays(batch.slice(1, 3)).prompts.tolist() == [-1, 2, -1]
    assert text_arrays(batch.slice(2, 1)).prompts.tolist() == [2]

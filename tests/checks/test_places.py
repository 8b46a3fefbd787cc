"""Where rows stand in the user's files, against a plain list of all rows, and excerpts of their texts."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks import places
from checks.contract import EXCERPT, Evidence, Part, Split
from checks.places import (
    Places,
    around,
    both_ends,
    brief,
    place,
    quote,
    quote_parts,
    quoting,
    unquoted,
    whole,
)
from tests import helpers


def files(sizes: list[int]) -> Split:
    """Files of so many rows; lines are not the row numbers."""
    parts = [{"text": [f"{n} {row} 我" for row in range(size)], "line": [3 * row + n for row in range(size)]}
             for n, size in enumerate(sizes)]  # fmt: skip
    return helpers.stored("train", *parts)


def everything(split: Split) -> list[tuple[int, str, int]]:
    rows = [(part.file, line) for part in split.parts for line in part.table.column("line").to_pylist()]
    return [(row, file, line) for row, (file, line) in enumerate(rows)]


@settings(max_examples=40)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=6), st.data())
def test_places_are_those_of_a_plain_list(sizes, data):
    split = files(sizes)
    known = everything(split)
    if known:
        rows = data.draw(st.lists(st.sampled_from(range(len(known))), max_size=8))
        assert place(split, np.array(rows, np.int64)).rows() == [known[row] for row in rows]
        assert whole(split, np.array(rows, np.int64)) == [
            split.frame.collect()["text"].to_list()[row] for row in rows
        ]


def test_columns_carry_the_prefix():
    table = place(files([2]), np.array([1]), "train_")
    assert table.schema == {"train_row": pl.Int64, "train_file": pl.String, "train_line": pl.Int64}


def test_labels_that_are_texts_are_cut_and_told_as_quotes():
    table = pl.DataFrame(
        {"a": ["x" * 300, "我" * 301, None], "b": ["y" * 60, "größe" * 12, "z"], "c": ["w" * 400] * 3}
    )
    assert brief(table, "a", "b").to_dict(as_series=False) == {
        "a": ["x" * 300, "我" * 299 + "…", None], "b": ["y" * 60, "größe" * 12, "z"], "c": ["w" * 400] * 3,
    }  # fmt: skip
    assert quoting(table, "a", "b", "c") == ("a", "c")
    assert quoting(table.head(0), "a") == quoting(table, "b") == ()


def test_no_rows_have_no_places():
    table = place(files([0, 2]), np.zeros(0, np.int64))
    assert table.schema == {"row": pl.Int64, "file": pl.String, "line": pl.Int64}
    assert table.is_empty()
    assert whole(files([0, 2]), np.zeros(0, np.int64)) == []
    assert quote(files([0, 2]), np.zeros(0, np.int64)).to_list() == []


def test_places_in_a_table_of_many_batches():
    split = Split(role="train", parts=(Part(file="a", table=helpers.table(list("abcdefg"), batch=2)),))
    assert place(split, np.array([6, 0, 3])).rows() == [(6, "a", 7), (0, "a", 1), (3, "a", 4)]
    assert whole(split, np.array([6, 0, 3])) == ["g", "a", "d"]


def test_texts_come_back_unchanged():
    split = helpers.split("train", helpers.SAMPLES)
    rows = np.arange(len(helpers.SAMPLES))[::-1].copy()
    assert whole(split, rows) == list(helpers.SAMPLES)[::-1]


def test_quotes_are_the_first_characters_not_bytes():
    split = helpers.split("train", ["我" * 400, "short", "x" * EXCERPT])
    assert quote(split, np.array([0, 1, 2])).to_list() == ["我" * EXCERPT, "short", "x" * EXCERPT]


def test_rows_beyond_the_quoted_ones_keep_their_place_but_no_text(monkeypatch):
    monkeypatch.setattr(places, "QUOTED", 2)
    quoted = quote(files([4]), np.array([3, 2, 1]))
    assert quoted.to_list() == ["0 3 我", "0 2 我", None]
    assert quoted.name == "text"


def test_tables_of_more_rows_than_are_quoted_say_so(monkeypatch):
    monkeypatch.setattr(places, "QUOTED", 2)
    long, short = (pl.DataFrame({"text": ["a"] * rows}) for rows in (3, 2))
    tables = [
        Evidence("Long", long, ("text",)),
        Evidence("Short", short, ("text",)),
        Evidence("No text", long),
    ]
    assert unquoted(*tables) == ("Excerpts are given for the first 2 rows of “Long”.",)


@given(st.text(max_size=900), st.integers(0, 900), st.integers(1, EXCERPT - 1))
def test_an_excerpt_is_short_and_stands_in_the_text(text, start, length):
    excerpt = around(text, min(start, len(text)), length)
    assert len(excerpt) <= EXCERPT
    assert excerpt.removeprefix("…").removesuffix("…") in text
    if len(text) <= EXCERPT:
        assert excerpt == text


@pytest.mark.parametrize("start", [0, 1, 99, 300, 500, 698])
@pytest.mark.parametrize("length", [1, 30, 298])
def test_an_excerpt_shows_the_part_that_is_meant(start, length):
    text = "".join(chr(0x4E00 + i) for i in range(999))
    assert text[start : start + length] in around(text, start, length)


@pytest.mark.parametrize("length", [1, 30, 298])
def test_an_excerpt_shows_the_end_of_a_text(length):
    text = "".join(chr(0x4E00 + i) for i in range(999))
    assert text[-length:] in around(text, len(text) - length, length)


def test_an_excerpt_says_where_it_is_cut():
    text = "".join(chr(0x4E00 + i) for i in range(999))
    assert around(text, 0, 30) == text[: EXCERPT - 1] + "…"
    assert around(text, 998, 1) == "…" + text[1 - EXCERPT :]
    inside = around(text, 500, 30)
    assert (inside[0], inside[-1], len(inside)) == ("…", "…", EXCERPT)


@given(st.integers(0, 300), st.integers(EXCERPT, 900), st.integers(0, 300))
def test_of_a_long_part_both_ends_are_shown(start, length, rest):
    text = "".join(chr(0x4E00 + i) for i in range(start + length + rest))
    excerpt = both_ends(text, start, length)
    first, last = excerpt.split(places.GAP)
    assert len(excerpt) == EXCERPT
    assert text[start : start + length].startswith(first.removeprefix("…"))
    assert text[start : start + length].endswith(last.removesuffix("…"))
    assert (first[0] == "…", last[-1] == "…") == (start > 0, rest > 0)
    assert min(len(first), len(last)) >= EXCERPT // 2 - 4


def parts(*found: tuple[int, int]) -> Places:
    return Places(*np.array(found, np.int64).reshape(-1, 2).T)


def test_a_part_is_quoted_with_what_stands_around_it(monkeypatch):
    monkeypatch.setattr(places, "CHUNK", 2)
    text = "我 " * 400 + "the question?" + " and the rest" * 50
    split = helpers.split("train", ["short", text, "x" * 400])
    begin = len(("我 " * 400).encode())
    rows = np.array([1, 0, 1, 2])
    found = quote_parts(split, rows, parts((begin, 13), (0, 5), (0, len(text.encode())), (0, 400)))
    ends = both_ends(text, 0, len(text))
    assert found.to_list() == [around(text, 800, 13), "short", ends, "x" * 149 + " … " + "x" * 148]
    assert "the question?" in found[0]
    assert found[0].startswith("…")
    assert max(map(len, found)) <= EXCERPT
    assert quote_parts(split, rows[:0], parts()).to_list() == []


def test_parts_are_masked_before_they_are_cut_and_bounded(monkeypatch):
    mail = "jane.doe@corporate-mail.com"
    text = "word " * 200 + mail + " asks why?" + " word" * 100
    split = helpers.split("train", [text, text])
    inside = 1000 + mail.index("@") + 1  # from the middle of the address on
    monkeypatch.setattr(places, "QUOTED", 1)
    first, rest = quote_parts(split, np.array([0, 1]), parts((inside, 290), (0, 5)))
    assert rest is None
    assert "asks why?" in first
    assert "corporate" not in first

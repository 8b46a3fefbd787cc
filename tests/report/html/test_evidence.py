"""Rows of the user's data on the page: their differences lose no word, the most important tables get the room."""

from __future__ import annotations

import pytest

from auditor.report.differences import folded
from auditor.report.html.diffs import merged
from auditor.report.html.evidence import FEW, FIRST, INLINE, QUIET, TABLE, exhibit, room
from tests import helpers
from tests.report.html.made import pairs, table

BOTH = ("text", "train_text")


def words(runs, *sides):
    return " ".join(run.text for run in runs if run.side in sides).split()


def test_equal_texts_are_one_run():
    assert [(run.side, run.text) for run in merged("a b  c", "a b c")] == [("both", "a b c")]


def test_what_differs_stands_where_it_differs_first_the_one_then_the_other():
    found = [
        (run.side, run.text) for run in merged("he has 12 red apples left", "he has 15 apples left today")
    ]
    assert found == [
        ("both", "he has"), ("one", "12 red"), ("two", "15"), ("both", "apples left"), ("two", "today"),
    ]  # fmt: skip


def test_texts_with_little_in_common_are_read_apart():
    assert merged("one two three four", "five six seven four") is None
    assert merged("", "five") is None


@pytest.mark.parametrize("seed", range(40))
def test_both_texts_can_be_put_together_again(seed):
    rng = helpers.seeded(seed)
    known = [*helpers.vocabulary(50, seed=seed), "Don't!", "don't", "...", "数据", "a\u0301b"]
    first = rng.choices(known, k=rng.randint(1, 60))
    second = helpers.edited(rng, first, known, rng.randint(0, 8))
    runs = merged(" ".join(first), " ".join(second) or "x")
    if runs is None:
        return
    assert words(runs, "both", "one") == first
    assert [folded(word) for word in words(runs, "both", "two")] == [folded(word) for word in second or ["x"]]
    assert all(run.text for run in runs)
    assert all(a.side != b.side for a, b in zip(runs, runs[1:], strict=False))  # noqa: RUF007


def test_every_table_gets_some_room_and_the_first_the_rest():
    big = table("t", pairs(1) * 900)
    assert room([(big, True), (big, True), (big, True)]) == [900, INLINE - 900 - FIRST, FIRST]
    assert room([(big, False), (table("t", pairs(5)), True)]) == [QUIET, 5]
    assert room([]) == []
    assert sum(room([(big, True)] * 30)) == INLINE
    assert room([(big, True)] * 80) == [52, *[12] * 79]


def test_filters_are_the_columns_of_few_words():
    made = exhibit(table("t", pairs(30), excerpts=BOTH), 30).listing
    (only,) = made.filters
    assert (only.name, only.words) == ("kind", (("near", 15), ("exact", 15)))
    assert [item.keys for item in made.items] == ["0"] * 15 + ["1"] * 15


def test_columns_of_numbers_places_texts_or_many_words_are_no_filters():
    rows = [
        {"file": f"f{i % 2}", "line": i % 2, "text": "ab"[i % 2], "id": str(i), "fix": "xy"[i % 2]}
        for i in range(FEW + 1)
    ]
    assert exhibit(table("t", rows, excerpts=("text",)), 50).listing.filters == ()
    rows = [
        {"file": "f", "sure": None if i % 3 else bool(i % 2), "why": None if i else "x"} for i in range(9)
    ]
    found = exhibit(table("t", rows), 50).listing
    assert [(one.name, dict(one.words)) for one in found.filters] == [
        ("sure", {"no": 2, "": 6, "yes": 1}),
        ("why", {"x": 1, "": 8}),
    ]


def test_pairs_say_whose_words_are_whose():
    made = exhibit(table("t", pairs(4), excerpts=BOTH), 4).listing
    assert made.sides == ("eval row", "train row")
    assert [quote.name for item in made.items for quote in item.quotes] == ["", "", "both", "both"]
    assert made.items[0].places == ("eval.jsonl:1", "train.jsonl:1")
    other = [{"file": "f", "line": 1, "output": "a b", "poc_output": "c d"}]
    made = exhibit(table("t", other, excerpts=("output", "poc_output")), 1).listing
    assert made.sides is None, "no word is marked, so there is nothing to explain"
    assert [(quote.name, quote.runs[0].text) for quote in made.items[0].quotes] == [
        ("output", "a b"),
        ("poc output", "c d"),
    ]


def test_rows_of_which_one_text_was_left_out_show_the_other():
    rows = [
        {
            "split": "eval",
            "file": "f",
            "line": 1,
            "text": "a",
            "train_file": "g",
            "train_line": 2,
            "train_text": None,
        }
    ]
    (item,) = exhibit(table("t", rows, excerpts=BOTH), 1).listing.items
    assert [(quote.name, quote.runs[0].text) for quote in item.quotes] == [("text", "a")]
    rows = [row | {"text": None} for row in rows]
    assert exhibit(table("t", rows, excerpts=BOTH), 1).listing.items[0].quotes == ()


def test_other_tables_are_tables_with_numbers_flush_right():
    made = exhibit(
        table("t", [{"label": f"l{i}", "n": i, "share": None if i else 0.12345} for i in range(200)]), 0
    )
    assert made.listing is None
    assert [(column.name, column.number) for column in made.grid.columns] == [
        ("label", False),
        ("n", True),
        ("share", True),
    ]
    assert made.grid.rows[0] == ("l0", "0", "0.123")
    assert made.grid.rows[1] == ("l1", "1", "")
    assert (made.inline, len(made.grid.rows), made.rows) == (TABLE, TABLE, 200)


def test_a_long_folder_of_all_files_is_named_once():
    def found(*files):
        rows = [{"file": file, "line": 1, "train_file": files[-1], "train_line": 2} for file in files]
        made = exhibit(table("t", rows), 9).listing
        return made.folder, [item.places for item in made.items]

    long = "s3://a-bucket/of/some/export"
    assert found(f"{long}/a.jsonl", f"{long}/in/b.jsonl") == (
        f"{long}/",
        [("a.jsonl:1", "in/b.jsonl:2"), ("in/b.jsonl:1", "in/b.jsonl:2")],
    )
    assert found(f"{long}/a", f"{long}-2/a")[0] == "s3://a-bucket/of/some/"
    assert found("data/a.jsonl", "data/b.jsonl")[0] == ""
    assert found(f"{long}/a.jsonl", "b.jsonl")[0] == ""
    assert found("a" * 40)[0] == ""

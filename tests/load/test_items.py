"""Several labelers: one record per item and labeler becomes items and judgements."""

import pytest

from tests.load.desk import only, rows

JUDGED = [
    {"item": "i1", "annotator": "ann", "label": "x", "text": "one"},
    {"item": "i1", "annotator": "bob", "label": "y", "text": "one"},
    {"item": "i2", "annotator": "ann", "label": "x", "text": "two"},
    {"item": "i1", "annotator": "cyd", "label": "x", "text": "one"},
    {"item": "i2", "annotator": "bob", "label": "y", "text": "two"},
]


def judgements(loaded):
    return loaded.labels.collect().select("split", "row", "labeler", "label").rows()


def test_judgements_become_items_and_labels(desk):
    loaded = desk.read("a.jsonl", JUDGED)
    assert only(loaded).format == "multi-annotator"
    assert only(loaded).rows == 5
    assert (loaded.train.rows, loaded.train.records) == (2, 5)
    assert rows(loaded.train, "text", "label", "line", "row") == [("one", "x", 1, 0), ("two", None, 3, 1)]
    assert judgements(loaded) == [
        ("train", 0, "ann", "x"), ("train", 0, "bob", "y"), ("train", 1, "ann", "x"), ("train", 0, "cyd", "x"),
        ("train", 1, "bob", "y"),
    ]  # fmt: skip


def test_items_may_have_no_text(desk):
    loaded = desk.read(
        "a.jsonl", [{key: one[key] for key in ("item", "annotator", "label")} for one in JUDGED]
    )
    assert "text" not in loaded.train.columns
    assert rows(loaded.train, "label", "line") == [("x", 1), (None, 3)]


def test_equal_texts_are_one_item(desk):
    loaded = desk.read(
        "a.jsonl", [{key: one[key] for key in ("annotator", "label", "text")} for one in JUDGED]
    )
    assert only(loaded).format == "multi-annotator"
    assert rows(loaded.train, "text") == ["one", "two"]


def test_a_labeler_has_one_vote_on_an_item(desk):
    """ann says x first and then y; bob says y: a tie, however often ann repeats it."""
    votes = [("ann", None), ("ann", "x"), ("ann", "y"), ("ann", "y"), ("bob", "y")]
    judged = [
        {"item": item, "annotator": who, "label": label} for item in ("i1", "i2") for who, label in votes
    ]
    loaded = desk.read("a.jsonl", [*judged, {"item": "i2", "annotator": None, "label": "x"}])
    assert rows(loaded.train, "label") == [None, "x"]


def test_one_labeler_a_row_is_no_long_form(desk):
    loaded = desk.read("a.jsonl", [{"text": f"t{n}", "label": "x", "annotator": "ann"} for n in range(4)])
    assert only(loaded).format == "text-label"


def labelled(count: int, twice: int) -> list[dict[str, str]]:
    """So many texts, the first of them by two labelers."""
    first = [{"text": f"t{n}", "label": "x", "annotator": "ann"} for n in range(count)]
    return [*first, *({**one, "label": "y", "annotator": "bob"} for one in first[:twice])]


@pytest.mark.parametrize(
    ("twice", "expected"),
    [(1, "text-label"), (4, "text-label"), (5, "multi-annotator"), (100, "multi-annotator")],
)
def test_a_text_that_two_labelers_meet_by_chance_does_not_make_a_long_form(desk, twice, expected):
    loaded = desk.read("a.jsonl", labelled(100, twice))
    assert only(loaded).format == expected
    assert loaded.train.rows == 100 + (twice if expected == "text-label" else 0)
    assert loaded.labels.collect()["labeler"].n_unique() == 2
    said = [fact for fact in only(loaded).facts if "--input-format multi-annotator" in fact]
    assert [fact.split()[0] for fact in said] == ([str(twice)] if expected == "text-label" else [])


def test_who_says_that_it_is_a_long_form_needs_one_text_with_two_labelers(desk):
    records = labelled(100, 1)
    assert only(desk.read("a.jsonl", records, input_format="multi-annotator")).format == "multi-annotator"


def test_judgements_of_several_files_and_of_both_roles(desk):
    a, b = (
        desk.write("a.jsonl", JUDGED[:3]),
        desk.write("b.jsonl", [*JUDGED[3:], {**JUDGED[0], "item": "i3", "text": "three"}]),
    )
    loaded = desk.load(a, b, evals=(desk.write("c.jsonl", JUDGED[:2]),))
    assert rows(loaded.train, "text", "file", "line") == [("one", a, 1), ("two", a, 3), ("three", b, 3)]
    assert (loaded.train.records, loaded.eval.records) == (6, 2)
    assert judgements(loaded) == [
        ("train", 0, "ann", "x"), ("train", 0, "bob", "y"), ("train", 1, "ann", "x"), ("train", 0, "cyd", "x"),
        ("train", 1, "bob", "y"), ("train", 2, "ann", "x"), ("eval", 0, "ann", "x"), ("eval", 0, "bob", "y"),
    ]  # fmt: skip

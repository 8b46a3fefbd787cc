"""The column of labels itself: other spellings of a class are grouped, and labels that are no classes told."""

# ruff: noqa: RUF001 - the labels hold characters that look like others on purpose

import re
import unicodedata
from collections import Counter, defaultdict

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.contract import Data
from checks.labels.classes import distinct_classes, distinct_labels, spelled_alike, variants
from checks.structure import Structure
from tests import helpers

COLUMNS = ("column", "like", "label", "train", "eval", "split", "row", "line")


def audit(train, evals=None, judged=None, **columns):
    own = {"label": train, **columns}
    return Data(
        train=helpers.stored("train", own),
        eval=None if evals is None else helpers.stored("eval", {"label": evals}),
        labels=judged,
    )


def listed(*lists):
    """Rows with lists of labels, as readers store them."""
    return Data(train=helpers.stored("train", helpers.label_lists(*lists)))


def rows(data):
    return variants(data).table.select(COLUMNS).rows()


CLEAN = [
    ["x", "y", "z"], ["1", "2", "10", "01", "1.5", "-1"], ["not good", "notgood", "good"], ["größe", "grösse x"], ["a", None, "a"],
    ["class 1", "class 1.0", "1.0.0"], ["ё", "е"], [], [None, None], ["one"], ["1e3", "1000"], ["+", "-", "0"],
]  # fmt: skip


@pytest.mark.parametrize("labels", CLEAN, ids=str)
def test_classes_of_their_own_do_not_fire(labels):
    found = variants(audit(labels, labels))
    assert (found.extra, found.labels) == (0, len(set(labels) - {None}))
    assert found.table.height == 0


PLANTED = [
    ("pos", "Pos"), ("pos", "POS "), ("not good", "not  good"), ("not good", "not\u00a0good"), ("not good", "\tnot\ngood"),
    ("1", "1.0"), ("1", "1.00"), ("1.5", "1.50"), ("-1", "-1.0"), ("1", "1."), ("é", "e\u0301"), ("ﬁne", "fine"), ("Ⅷ", "viii"),
    ("1", "１"), ("straße", "STRASSE"), ("true", "True"), ("2", "②"), ("İ", "i̇"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), PLANTED)
def test_other_spellings(one, other):
    labels = ["z", other, one, one, "z", one]
    assert spelled_alike(one) == spelled_alike(other)
    found = variants(audit(labels))
    assert (found.extra, found.labels) == (1, 3)
    assert found.table.select(COLUMNS).rows() == [
        (None, one, one, 3, 0, "train", 2, 3), (None, one, other, 1, 0, "train", 1, 2),
    ]  # fmt: skip


def test_spellings_of_train_and_eval_are_one_table():
    data = audit(["pos", "neg", "neg", "pos"], ["Pos", "neg", "NEG", "Neg", "Neg"])
    assert rows(data) == [
        (None, "neg", "neg", 2, 1, "train", 1, 2), (None, "neg", "Neg", 0, 2, "eval", 3, 4), (None, "neg", "NEG", 0, 1, "eval", 2, 3),
        (None, "pos", "pos", 2, 0, "train", 0, 1), (None, "pos", "Pos", 0, 1, "eval", 0, 1),
    ]  # fmt: skip
    assert variants(data).extra == 3


def test_what_labelers_said_counts_where_they_judged():
    judged = helpers.judgements([(0, "ann", "pos"), (0, "bob", "Pos"), (0, "eve", "pos"), (1, "ann", None)])
    assert rows(audit(["pos", None, "POS"], judged=judged)) == [
        (None, "pos", "pos", 2, 0, "train", 0, 1), (None, "pos", "POS", 1, 0, "train", 2, 3), (None, "pos", "Pos", 1, 0, "train", 0, 1),
    ]  # fmt: skip
    assert rows(audit(["x"], judged=helpers.judgements([(0, "ann", "x")]).drop("label"))) == []


def test_further_columns_are_told_apart():
    data = audit(["x", "y"], **{"label:mood": ["x", "X"], "label:tone": ["X", "y"]})
    assert [row[:3] for row in rows(data)] == [("mood", "X", "X"), ("mood", "X", "x")]
    assert variants(data).labels == 6


def test_what_a_spelling_differs_by():
    labels = ["ab", "ab", "AB", "ab ", "\uff41b", "AB ", "1", "1", "1.0"]
    assert dict(variants(audit(labels)).table.select("label", "by").rows()) == {
        "ab": None, "AB": "case", "ab ": "white space", "\uff41b": "characters", "AB ": "several", "1": None, "1.0": "number",
    }  # fmt: skip


def test_labels_of_lists_one_by_one():
    data = listed(["a", "b"], ["A"], ["b", "B"], None, [])
    assert [(row[2], row[3]) for row in rows(data)] == [("b", 2), ("B", 1), ("A", 1), ("a", 1)]
    assert variants(data).labels == 4
    whole = distinct_labels(data)
    assert (whole.labels, whole.rows, whole.combined) == (3, 3, True)
    assert (distinct_classes(data).labels, distinct_classes(data).rows) == (4, 3)
    many = listed(*([f"l{n}", f"l{n + 1}"] for n in range(60)))
    assert "different combinations of labels" in distinct_labels(many).no_classes


def test_texts_have_no_spellings():
    labels = [f"Answer {n}" for n in range(60)]
    assert variants(audit([*labels, "answer 1"])).labels == 0


def test_no_labels():
    data = Data(train=helpers.stored("train", {"text": ["a"]}))
    assert (variants(data).labels, variants(data).table.height) == (0, 0)
    assert distinct_labels(data).share == 0
    assert not distinct_labels(data).uncounted
    assert {m.name for m in Structure().run(data).measures}.isdisjoint(
        {"label_variants", "distinct_label_share"}
    )


def test_what_structure_says():
    labels = ["x" * 70, "X" * 70] + ["y"] * 60
    result = Structure().run(audit(labels))
    found = {m.name: (m.value, m.of, m.kind) for m in result.measures}
    assert found["label_variants"] == (1, 3, "count")
    assert found["distinct_label_share"] == (3 / 62, 62, "share")
    table = next(one for one in result.evidence if one.title.startswith("Labels that differ"))
    assert table.labels == ("like", "label"), "a label that is a text is left out of redacted reports"
    few = Structure().run(audit(["x"] * 49))
    assert "distinct_label_share" not in {m.name for m in few.measures}


def test_spellings_of_real_labels():
    banking = helpers.column("banking77/train.csv", "category")
    assert (variants(audit(banking)).labels, variants(audit(banking)).extra) == (77, 0)


def plainly(label):
    text = " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", label).casefold()).split())
    if re.fullmatch(r"[+-]?\d+\.\d*", text):
        text = text.rstrip("0").removesuffix(".")
    return text


LABELS = st.lists(
    st.none() | st.sampled_from(["a", "A", " a", "b", "1", "1.0", "1.", "１", "Ä", "a\u0308", "2.50", "2.5"]),
    max_size=30,
)


@given(LABELS, LABELS)
def test_as_one_label_after_the_other(train, evals):
    groups, counts = defaultdict(set), Counter(label for label in train + evals if label is not None)
    for label in counts:
        groups[plainly(label)].add(label)
    expected = {label for group in groups.values() if len(group) > 1 for label in group}
    found = variants(audit(train, evals))
    table = found.table
    assert set(table["label"]) == expected
    assert found.labels == len(counts)
    assert found.extra == len(expected) - len({plainly(label) for label in expected})
    for row in table.iter_rows(named=True):
        assert (row["train"], row["eval"]) == (train.count(row["label"]), evals.count(row["label"]))
        assert counts[row["like"]] == max(counts[label] for label in groups[plainly(row["label"])])
        where = train if row["split"] == "train" else evals
        assert where.index(row["label"]) == row["row"] == row["line"] - 1


@given(st.permutations(["a", "A", "b", "B", "B", "c", "1", "1.0"]))
def test_row_order_changes_nothing(labels):
    found = variants(audit(labels)).table
    assert found.select("like", "label", "train").rows() == [
        ("B", "B", 2), ("B", "b", 1), ("1", "1", 1), ("1", "1.0", 1), ("A", "A", 1), ("A", "a", 1),
    ]  # fmt: skip


def test_a_frame_of_places():
    data = audit(["x", "X"])
    assert variants(data).table.schema["row"] == pl.Int64
    assert variants(data).table["file"].to_list() == ["train0.jsonl"] * 2

"""Size: the walk from found to effective rows, and the rows of each class, by hand."""

from collections import Counter, defaultdict
from dataclasses import replace

import polars as pl
import pytest

from checks.contract import LEDGER, Data
from checks.labels import classes
from checks.size import Size
from tests import helpers, oracle

WORDS = helpers.vocabulary(2000, seed=81)
A, B, C, D = (" ".join(WORDS[60 * n : 60 * n + 60]) for n in range(4))
NEAR_A = A.replace(WORDS[30], "changed")


def size(columns: dict, evals: list[str] | None = None, **kwargs) -> dict[str, float]:
    split = None if evals is None else helpers.split("eval", evals)
    return helpers.measured(Size(), Data(train=helpers.stored("train", columns), eval=split, **kwargs))


def test_clean_rows_all_count():
    assert size({"text": [A, B, C]}, [D]) == {
        "train_rows": 3, "unusable_rows": 0, "repeated_rows": 0, "near_rows": 0, "leaking_rows": 0, "effective_rows": 3,
    }  # fmt: skip


def test_the_waterfall_by_hand():
    """Ten readable rows: two faulty, three repeat A or B, one is nearly A, C leaks with its copy; A, B and D are left."""
    rows = [(A, "x", "u"), (A.upper(), "x", "u"), (NEAR_A, "y", "u"), (B, "y", "u"), (B + "!", "y", "u"), (C, "z", "u"),
            (C, "z", "u"), (D, "x", "u"), ("", "x", "U"), ("role", "z", "x")]  # fmt: skip
    columns = {
        "text": [row[0] for row in rows],
        "label": [row[1] for row in rows],
        "turns": [row[2] for row in rows],
    }
    found = {"split": "train", "file": "f", "line": 3, "code": "bad-json", "lost": True, "records": 4}
    elsewhere = [{**found, "split": "eval"}, {**found, "lost": False}]
    ledger = pl.DataFrame([found, *elsewhere], schema=LEDGER)
    data = Data(
        train=helpers.stored("train", columns), eval=helpers.split("eval", [C, "other"]), ledger=ledger
    )
    assert helpers.measured(Size(), data) == {
        "train_rows": 10, "unusable_rows": 2, "repeated_rows": 3, "near_rows": 1, "leaking_rows": 1, "effective_rows": 3,
        "classes": 3, "class_rows[x]": 2, "class_rows[y]": 2, "class_rows[z]": 0,
    }  # fmt: skip
    result = Size().run(data)
    steps, classes = (evidence.table for evidence in result.evidence)
    assert steps.rows() == [
        ("found in the files", 14, 14), ("unreadable", -4, 10), ("unusable", -2, 8), ("exact copies", -3, 5),
        ("near copies", -1, 4), ("leaking from eval", -1, 3),
    ]  # fmt: skip
    assert classes.rows() == [("z", 3, 0), ("x", 4, 2), ("y", 3, 2)], "rarest first"
    assert {m.group: m.of for m in result.measures if m.group} == {"x": 4, "y": 3, "z": 3}
    assert result.notes == ()


def test_the_waterfall_of_items_begins_with_items():
    """Two items of two judgements each; three judgements could not be read and are no items."""
    judged = helpers.judgements([(row, labeler, "x") for row in (0, 1) for labeler in ("ann", "bob")])
    found = {"split": "train", "file": "f", "line": 3, "code": "bad-json", "lost": True, "records": 3}
    for ledger, notes in ((pl.DataFrame([found], schema=LEDGER), 1), (pl.DataFrame(schema=LEDGER), 0)):
        data = Data(
            train=replace(helpers.stored("train", {"text": [A, A], "label": ["x", "x"]}), merged=2),
            labels=judged,
            ledger=ledger,
        )
        result = Size().run(data)
        assert result.evidence[0].table.rows() == [
            ("items in the readable judgements", 2, 2), ("unusable", 0, 2), ("exact copies", -1, 1), ("near copies", 0, 1),
            ("leaking from eval", 0, 1),
        ]  # fmt: skip
        assert len(result.notes) == 1 + notes
        assert all("3 judgements could not be read" in note for note in result.notes[1:])


def test_classes_against_a_recount_with_sets():
    rng = helpers.seeded(1)
    texts = [" ".join(rng.sample(WORDS, 20)) for _ in range(80)]
    rows = [(rng.choice(texts), rng.choice(["x", "y", "z", None])) for _ in range(300)]
    expected = defaultdict[str, set[tuple[str, ...]]](set)
    for text, label in rows:
        if label:
            expected[label].add(tuple(oracle.fold(text)))
    found = size({"text": [text for text, _ in rows], "label": [label for _, label in rows]})
    assert {name: n for name, n in found.items() if name.startswith("class_rows")} == {
        f"class_rows[{label}]": len(kept) for label, kept in expected.items()
    }
    assert found["effective_rows"] == len(set.union(*expected.values()))
    assert found["unusable_rows"] == sum(label is None for _, label in rows)


def test_labels_of_lists_count_one_by_one():
    """More combinations than half of the rows: of whole lists they were no classes, of labels they are five."""
    rng = helpers.seeded(3)
    texts = [" ".join(rng.sample(WORDS, 20)) for _ in range(70)]
    rows = [(rng.choice(texts), rng.sample("vwxyz", rng.randrange(6))) for _ in range(120)]
    expected = defaultdict[str, set[tuple[str, ...]]](set)
    total = Counter(label for _, labels in rows for label in labels)
    for text, labels in rows:
        for label in labels:
            expected[label].add(tuple(oracle.fold(text)))
    columns = {"text": [text for text, _ in rows], **helpers.label_lists(*(labels for _, labels in rows))}
    data = Data(train=helpers.stored("train", columns))
    found = [one for one in Size().run(data).measures if one.group is not None]
    assert {one.group: (one.value, one.of) for one in found} == {
        label: (len(kept), total[label]) for label, kept in expected.items()
    }
    assert helpers.measured(Size(), data)["classes"] == 5


def test_lists_in_one_file_and_labels_in_another():
    lists = {"text": [A, B], **helpers.label_lists(["x", "y"], None)}
    train = helpers.stored("train", lists, {"text": [C, D], "label": ["x", "z | y"]})
    found = helpers.measured(Size(), Data(train=train))
    assert {name: n for name, n in found.items() if "class" in name} == {
        "classes": 3, "class_rows[x]": 2, "class_rows[y]": 1, "class_rows[z | y]": 1,
    }  # fmt: skip


def test_copies_with_different_labels_count_once_for_each():
    found = size({"text": [A, A, NEAR_A, B], "label": ["x", "y", "y", "y"]})
    assert (found["effective_rows"], found["class_rows[x]"], found["class_rows[y]"]) == (2, 1, 2)


def test_without_eval_no_leak_is_deducted_and_a_note_says_so():
    assert size({"text": [A]})["leaking_rows"] == 0
    assert "no eval file" in Size().run(helpers.data([A])).notes[0]


def test_unlabeled_rows_before_labeling_all_count():
    found = size({"text": [A, B], "label": [None, None]})
    assert found["effective_rows"] == 2
    assert "classes" not in found


def test_no_label_is_no_class():
    found = size({"text": [A, B, C], "label": ["x", None, None]})
    assert found["classes"] == 1
    assert [name for name in found if name.startswith("class_rows")] == ["class_rows[x]"]


def test_a_thousand_classes():
    texts = [
        f"{a} {b} {c}" for a, b, c in zip(WORDS[:1000], WORDS[1000:], reversed(WORDS[:1000]), strict=True)
    ]
    found = size({"text": texts * 2, "label": [f"class {n}" for n in range(1000)] * 2})
    assert (found["classes"], found["train_rows"], found["effective_rows"]) == (1000, 2000, 1000)
    assert {value for name, value in found.items() if name.startswith("class_rows")} == {1}


def test_labels_that_are_whole_texts_are_cut_and_told_apart():
    labels = ["l" * 400, "l" * 500, "我" * 300, "short"]
    result = Size().run(Data(train=helpers.stored("train", {"text": [A, B, C, D], "label": labels})))
    groups = [measure.group for measure in result.measures if measure.name == "class_rows"]
    assert sorted(groups) == sorted(["l" * 299 + "…", "l" * 290 + " (2)", "我" * 300, "short"])
    assert result.evidence[1].table["label"].to_list() == groups
    assert result.evidence[1].labels == ("label",)
    assert Size().run(helpers.data([A])).evidence[0].labels == ()


def test_more_classes_than_can_be_told_one_by_one(monkeypatch):
    monkeypatch.setattr(classes, "MANY", 3)
    for count, groups in ((3, 3), (4, 0)):
        labels = list("wxyz")[:count] * 25
        texts = [f"{word} {other}" for word, other in zip(WORDS, reversed(WORDS), strict=True)][: len(labels)]
        result = Size().run(Data(train=helpers.stored("train", {"text": texts, "label": labels})))
        assert next(measure.value for measure in result.measures if measure.name == "classes") == count
        assert sum(measure.name == "class_rows" for measure in result.measures) == groups
        assert any("rather texts than classes" in note for note in result.notes) == (groups == 0)
        assert result.evidence[1].table.height == count


@pytest.mark.parametrize(
    ("rows", "distinct", "are"), [(49, 49, True), (50, 25, True), (50, 26, False), (100, 100, False)]
)
def test_labels_that_are_no_classes(rows, distinct, are):
    texts = [f"{word} {other}" for word, other in zip(WORDS, reversed(WORDS), strict=True)][:rows]
    labels = [f"answer {n % distinct}" for n in range(rows)]
    for columns in ({"text": texts, "label": labels}, {"label": labels}):
        result = Size().run(Data(train=helpers.stored("train", columns)))
        assert any(measure.name == "classes" for measure in result.measures) == are
        assert any("no column of classes" in note for note in result.notes) == (not are)
        assert any("class" in found.title for found in result.evidence) == (are and "text" in columns)


def test_one_class_one_row_and_unicode():
    assert size({"text": ["我"], "label": ["größe 😀"]}) == {
        "train_rows": 1, "classes": 1, "unusable_rows": 0, "repeated_rows": 0, "near_rows": 0, "leaking_rows": 0,
        "effective_rows": 1, "class_rows[größe 😀]": 1,
    }  # fmt: skip


def test_all_rows_the_same():
    found = size({"text": [A] * 300})
    assert (found["repeated_rows"], found["effective_rows"]) == (299, 1)


def test_without_text_only_rows_and_classes_are_known():
    assert size({"label": ["x", "y", "x", None]}) == {"train_rows": 4, "classes": 2}
    data = Data(train=helpers.stored("train", {"label": ["x"]}))
    assert "no text" in Size().run(data).notes[0]


def test_no_rows():
    assert set(size({"text": [], "label": [], "turns": []}).values()) == {0}

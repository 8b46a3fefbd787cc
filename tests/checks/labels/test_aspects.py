"""Aspects: one question stays nameless, further columns and common labels of lists are questions of their own."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from checks.contract import Data, Part, Split
from checks.labels.aspects import CARRIED, aspects, rare_labels
from tests import helpers


def listed(*files, column=None):
    parts = []
    for number, lists in enumerate(files):
        columns = {
            "line": pa.array(range(len(lists)), pa.int64()),
            "label": pa.array(
                [" | ".join(sorted(set(one))) if one else None for one in lists], pa.large_string()
            ),
            "label_list": pa.array(
                [sorted(set(one)) if one else None for one in lists], pa.large_list(pa.large_string())
            ),
        }
        parts.append(Part(file=str(number), table=pa.table(columns)))
    return Data(train=Split(role="train", parts=tuple(parts), label_column=column))


def shown(data):
    return {aspect.name: aspect.labels.rows() for aspect in aspects(data)}


def test_no_labels():
    data = Data(train=helpers.stored("train", {"text": ["a"]}))
    assert aspects(data) == ()
    assert rare_labels(data) == 0


def test_one_question_has_no_name():
    data = Data(train=helpers.stored("train", {"label": ["x", None]}))
    assert shown(data) == {None: [(0, "x"), (1, None)]}


def test_further_columns():
    train = helpers.stored(
        "train", {"label": ["x", None], "label:tone": [None, "b"], "label:mood": ["c", "d"]}
    )
    assert shown(Data(train=train)) == {
        "label": [(0, "x"), (1, None)], "mood": [(0, "c"), (1, "d")], "tone": [(0, None), (1, "b")],
    }  # fmt: skip
    named = Split(role="train", parts=train.parts, label_column="intent")
    assert [aspect.name for aspect in aspects(Data(train=named))] == ["intent", "mood", "tone"]


def test_common_labels_of_lists():
    lists = [["a", "b"]] * CARRIED + [["a"], None, ["c"]]
    data = listed(lists, column="tags")
    found = shown(data)
    assert list(found) == ["tags", "a", "b"]
    assert [label for _, label in found["a"]] == ["yes"] * 11 + [None, "no"]
    assert [label for _, label in found["b"]] == ["yes"] * 10 + ["no", None, "no"]
    assert rare_labels(data) == 1
    few = listed([["a"]] * (CARRIED - 1))
    assert list(shown(few)) == [None]
    assert rare_labels(few) == 1


def test_a_file_without_lists_beside_one_with_them():
    alone = pa.table({"line": pa.array([1], pa.int64()), "label": pa.array(["a"], pa.large_string())})
    lists = listed([["a"]] * 9)
    data = Data(train=Split(role="train", parts=(*lists.train.parts, Part(file="b", table=alone))))
    assert shown(data)["a"] == [(row, "yes") for row in range(10)]


@given(st.lists(st.none() | st.lists(st.sampled_from("abc"), min_size=1), max_size=60))
def test_as_row_by_row(lists):
    data = listed(lists)
    counts = {label: sum(label in one for one in lists if one) for label in "abc"}
    common = sorted(
        (label for label in counts if counts[label] >= CARRIED), key=lambda label: (-counts[label], label)
    )
    found = shown(data)
    assert list(found)[1:] == common
    assert rare_labels(data) == sum(0 < count < CARRIED for count in counts.values())
    for label in common:
        assert [said for _, said in found[label]] == [
            None if not one else "yes" if label in one else "no" for one in lists
        ]

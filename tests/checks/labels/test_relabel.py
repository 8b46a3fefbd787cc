"""What is wrong and what to do again: probabilities against plain Python and against the truth."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.labels.consensus import PRIOR, consensus
from checks.labels.deviation import deviations
from checks.labels.judgements import cast_votes, coded
from checks.labels.relabel import Doubts, how_right, relabel
from tests import helpers
from tests.checks.labels import oracle
from tests.crowds import Crowd, labelled


def brute_force(rows: list[tuple[int, str, str]]) -> list[float]:
    """How probably each judgement is wrong: by the item's posterior, or where one judged it by the labeler's other items."""
    units, people, labels = (sorted({row[place] for row in rows}) for place in range(3))
    judged = [(units.index(row), people.index(who), labels.index(label)) for row, who, label in rows]
    several = {unit for unit, *_ in judged if sum(one[0] == unit for one in judged) > 1}
    found = consensus(*(np.array(column, np.int64) for column in zip(*judged, strict=True)), len(labels))
    steps = len(found.gains)
    belief, _ = oracle.dawid_skene(judged, len(labels), PRIOR, steps)
    wrong = [1 - (belief[unit][label] if steps else 1) for unit, _, label in judged]
    shared = [(who, p) for (unit, who, _), p in zip(judged, wrong, strict=True) if unit in several]
    mean = sum(p for _, p in shared) / len(shared) if shared else 0
    rate = {}
    for person in range(len(people)):
        own = [p for who, p in shared if who == person]
        rate[person] = (sum(own) + 5 * mean) / (len(own) + 5)
    return [p if unit in several else rate[who] for (unit, who, _), p in zip(judged, wrong, strict=True)]


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.integers(0, 6), st.sampled_from("abcd")), st.sampled_from("xyz"), min_size=1, max_size=20
    )
)
def test_probabilities_against_dictionaries(given_labels):
    rows = [(row, labeler, label) for (row, labeler), label in given_labels.items()]
    judgements = coded(helpers.judgements(rows).collect())
    _, found = how_right(judgements, cast_votes(judgements))
    assert found == pytest.approx(brute_force(rows), abs=1e-6)


def listed(frame: pl.DataFrame, **doubts):
    judgements = coded(frame)
    people = len(judgements.labelers)
    given_doubts = {
        "deviating": np.zeros(people, np.bool_), "suspect": np.zeros(people, np.bool_),
        "lazy": np.zeros(len(frame), np.bool_), **doubts,
    }  # fmt: skip
    items = int(frame["row"].max() or 0) + 1
    return relabel(helpers.data([f"text {n}" for n in range(items)]), judgements, Doubts(**given_doubts))


def test_an_agreeing_crowd_has_nothing_to_do_again():
    frame = helpers.judgements([(row, who, "xy"[row % 2]) for row in range(40) for who in "abc"]).collect()
    result = listed(frame)
    assert [(one.name, one.value, one.of) for one in result.measures] == [("relabel_judgements", 0, 120)]
    assert result.evidence == result.notes == ()


def test_the_number_expected_wrong_is_the_number_wrong():
    """A labeler with 40 % slips: of what is listed, as many are wrong as is said, to 15 %."""
    made = labelled(Crowd(labelers=12, each=300, judges=5, slips=0.4), seed=2)
    judgements = coded(made.frame)
    result = listed(made.frame, deviating=deviations(judgements).deviating)
    table = result.evidence[0].table
    truth = made.frame.select("row", "labeler", truth=pl.Series(made.truth))
    wrong = table.join(truth, on=["row", "labeler"]).select(pl.col("label") != pl.col("truth")).to_series()
    expected = table["wrong"].sum()
    assert wrong.sum() == pytest.approx(expected, rel=0.15)
    assert f"expected to find {expected:,.0f} wrong" in result.notes[0]
    assert table["wrong"].round(9).is_sorted(descending=True)
    assert table["labeler"].value_counts(sort=True)["labeler"][0] == made.bad
    people = result.evidence[1].table
    assert people["judgements"].sum() == table.height == result.measures[0].value
    assert people["expected_wrong"].sum() == pytest.approx(expected)


def test_reasons_by_hand():
    """Ann deviates and judged row 3 alone; row 0 splits evenly; row 2 is in a lazy stretch of bob's."""
    rows = [(0, "ann", "x"), (0, "bob", "y"), (1, "ann", "x"), (1, "bob", "y"), (1, "eve", "y"), (1, "joe", "y"),
            (2, "ann", "y"), (2, "bob", "x"), (2, "eve", "y"), (3, "ann", "x"), (4, "eve", "x"), (4, "joe", "x")]  # fmt: skip
    lazy = np.array([row == 2 for row, *_ in rows])
    result = listed(
        helpers.judgements(rows).collect(), deviating=np.array([True, False, False, False]), lazy=lazy
    )
    found = result.evidence[0].table.select("row", "labeler", "reason").rows()
    assert {
        (1, "ann", "labeler deviates"),
        (2, "bob", "lazy stretch"),
        (3, "ann", "labeler deviates"),
    } <= set(found)
    assert {row for row, *_ in found} == {0, 1, 2, 3}
    alone = result.evidence[0].table.filter(row=3).row(0, named=True)
    assert alone["likeliest_label"] is None, "nobody else has said anything"


def test_an_even_split_lists_both():
    rows = [
        (0, "ann", "x"),
        (0, "bob", "y"),
        (1, "ann", "x"),
        (1, "bob", "x"),
        (2, "ann", "y"),
        (2, "bob", "y"),
    ]
    table = listed(helpers.judgements(rows).collect()).evidence[0].table
    assert table.select("row", "labeler", "wrong").rows() == [
        (0, "ann", pytest.approx(0.5)),
        (0, "bob", pytest.approx(0.5)),
    ]


def test_what_a_model_doubts_of_a_suspicious_labeler():
    rows = [(row, "ab"[row % 2], "xy"[row % 2]) for row in range(10)]
    wrong = np.where(np.arange(10) < 4, 0.9, 0.1)
    wrong[9] = np.nan
    result = listed(helpers.judgements(rows).collect(), suspect=np.array([True, False]), wrong=wrong)
    table = result.evidence[0].table
    assert table.select("row", "reason", "wrong").rows() == [
        (0, "suspicious labeler", 0.9),
        (2, "suspicious labeler", 0.9),
    ]


def test_hostile_labels_are_cut_and_told_as_quotes():
    rows = [(0, "ann", "x" * 5000), (0, "bob" * 500, "y"), (1, "ann", "y"), (1, "eve", "y")]
    result = listed(helpers.judgements(rows).collect())
    assert "label" in result.evidence[0].labels
    assert all(
        (column.str.len_chars() <= 300).all() for column in result.evidence[0].table.select(pl.col(pl.String))
    )

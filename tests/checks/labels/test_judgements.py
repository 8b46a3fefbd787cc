"""Judgements as numbers, votes by item, and what the others said, against loops."""

from collections import Counter

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from checks.labels.judgements import cast_votes, coded, first_of_each, majority_of_others
from tests import helpers

ROWS = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from("abcde"), st.sampled_from("xyz")), min_size=1, max_size=40
)


def frame(rows) -> pl.DataFrame:
    return first_of_each(helpers.judgements(rows).collect())


def test_codes_are_alphabetical_whatever_the_order():
    rows = [(7, "Zoë", "我"), (2, "anna", "x"), (7, "Bob", "x")]
    found = coded(frame(rows))
    assert found.labelers.to_list() == ["Bob", "Zoë", "anna"]
    assert found.labels.to_list() == ["x", "我"]
    assert (found.row.tolist(), found.labeler.tolist(), found.label.tolist()) == (
        [7, 2, 7],
        [1, 2, 0],
        [1, 0, 0],
    )
    assert found.given.tolist() == [1, 1, 1]
    assert len(found.of(found.row == 7)) == 2


def test_no_judgements_at_all():
    cast = cast_votes(coded(frame([])))
    assert len(cast.entry) == len(cast.size) == len(cast.kinds) == 0


@given(ROWS)
def test_votes_against_a_count(rows):
    judged = frame(rows)
    judgements = coded(judged)
    cast = cast_votes(judgements)
    counted = Counter(judged.select("row", "label").rows())
    for (row, label), entry, item in zip(
        judged.select("row", "label").rows(), cast.entry, cast.item, strict=True
    ):
        assert cast.votes.votes[entry] == counted[row, label]
        assert judgements.labels[int(cast.votes.code[entry])] == label
        assert cast.votes.unit[entry] == item
        assert cast.size[item] == sum(n for (other, _), n in counted.items() if other == row)
        assert cast.kinds[item] == sum(other == row for other, _ in counted)
        assert cast.votes.unit[cast.starts[item]] == item
        assert cast.starts[item] == 0 or cast.votes.unit[cast.starts[item] - 1] == item - 1


@given(ROWS)
def test_the_majority_of_the_others_against_a_loop(rows):
    judged = frame(rows)
    judgements = coded(judged)
    found = majority_of_others(judgements, cast_votes(judgements))
    for j, (row, labeler, _) in enumerate(judged.select("row", "labeler", "label").rows()):
        others = [
            label
            for other, who, label in judged.select("row", "labeler", "label").rows()
            if other == row and who != labeler
        ]
        most = [label for label in set(others) if 2 * others.count(label) > len(others)]
        assert (judgements.labels[int(found[j])] if found[j] >= 0 else None) == (most[0] if most else None)

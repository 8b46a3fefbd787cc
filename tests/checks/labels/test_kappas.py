"""Kappas: against plain Python, published figures, and where chance leaves nothing to explain."""

from collections import defaultdict
from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.labels import cohen as module
from checks.labels.cohen import judged_together
from checks.labels.kappas import fleiss, gwet, pairwise_agreement
from checks.labels.votes import tally
from tests.checks.labels import oracle

FLEISS = (
    (0, 0, 0, 0, 14), (0, 2, 6, 4, 2), (0, 0, 3, 5, 6), (0, 3, 9, 2, 0), (2, 2, 8, 1, 1),
    (7, 7, 0, 0, 0), (3, 2, 6, 3, 0), (2, 5, 3, 2, 2), (6, 5, 2, 1, 0), (0, 2, 2, 3, 7),
)  # fmt: skip
"""The worked example of Fleiss' kappa in the literature: ten subjects, fourteen raters, five categories, kappa .210."""
JUDGED = st.lists(
    st.tuples(st.integers(0, 8), st.sampled_from("abcd"), st.integers(0, 2)), min_size=1, max_size=40
)


def counted(units):
    rows = [(unit, ord(label) - ord("1")) for unit, labels in enumerate(units) for label in labels]
    return tally(*(np.array(column, np.int64) for column in zip(*rows, strict=True)), 5)


def test_the_worked_example_of_fleiss():
    units = [[str(label) for label, n in enumerate(row, 1) for _ in range(n)] for row in FLEISS]
    assert fleiss(counted(units)).value == pytest.approx(0.20993, abs=5e-6)


@settings(max_examples=80)
@given(st.lists(st.lists(st.sampled_from("12345"), min_size=2, max_size=6), min_size=1, max_size=12))
def test_fleiss_and_gwet_against_all_pairs(units):
    votes = counted(units)
    for found, expected in zip(
        (fleiss(votes), gwet(votes, 5)), oracle.chance_corrected(units, 5), strict=True
    ):
        assert (found is None) == (expected is None)
        if found is not None:
            assert found.value == pytest.approx(expected)
            assert found.interval[0] <= found.value <= found.interval[1]
    found, pairs = pairwise_agreement(votes)
    apart = [a == b for unit in units for a, b in combinations(unit, 2)]
    assert (found.value, pairs) == (pytest.approx(sum(apart) / len(apart)), len(apart))


def test_skewed_labels_upset_kappa_and_not_ac1():
    """118 items on which both say 1, 5 and 2 of one each (Gwet's example): kappa is about 0, AC1 .94."""
    votes = counted([["1", "1"]] * 118 + [["1", "2"]] * 7)
    assert fleiss(votes).value == pytest.approx(-0.029, abs=0.002)
    assert gwet(votes, 2).value == pytest.approx(0.941, abs=0.002)


def test_one_label_leaves_nothing_to_explain():
    votes = counted([["1", "1"]] * 40)
    assert (fleiss(votes), gwet(votes, 1)) == (None, None)
    assert gwet(votes, 2).value == 1


@pytest.mark.parametrize("rates", [(0.9, 0.5), (0.95, 0.9)])
def test_intervals_of_kappas_hold_the_truth(rates):
    right, skew = rates

    def made(draw, items):
        truth = (draw.random(items) > skew).astype(np.int64).repeat(3)
        guess = (draw.random(len(truth)) > skew).astype(np.int64)
        return tally(np.arange(items).repeat(3), np.where(draw.random(len(truth)) < right, truth, guess), 2)

    big, draw = made(np.random.default_rng(1), 200_000), np.random.default_rng(2)
    for name in (fleiss, lambda votes: gwet(votes, 2)):
        truth, held = name(big).value, 0
        for _ in range(100):
            low, high = name(made(draw, 100)).interval
            held += low <= truth <= high
        assert held >= 90


@settings(max_examples=80)
@given(JUDGED)
def test_pairs_of_labelers_against_a_loop(rows):
    said = {(row, who): code for row, who, code in rows}
    table, most = judged_together(
        pl.DataFrame([(*key, code) for key, code in said.items()], ["row", "labeler", "code"], orient="row")
    )
    expected = defaultdict[tuple[str, str], list[tuple[int, int]]](list)
    for row in range(9):
        for a, b in combinations("abcd", 2):
            if (row, a) in said and (row, b) in said:
                expected[a, b].append((said[row, a], said[row, b]))
    assert most is None
    found = {row[:2]: row[2:] for row in table.iter_rows()}
    assert set(found) == set(expected)
    for pair, both in expected.items():
        items, agreement, kappa, low, high = found[pair]
        seen, value = oracle.cohen(both)
        assert (items, agreement) == (len(both), pytest.approx(seen))
        assert kappa == (None if value is None else pytest.approx(value, abs=1e-9))
        assert kappa is None or low <= kappa <= high


def test_cohens_interval_is_that_of_fleiss_cohen_and_everitt():
    """Fleiss 1981, table 13.1: psychotic, neurotic, organic; kappa .676, asymptotic standard error .088."""
    table = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]
    rows = [(x, y) for x in range(3) for y in range(3) for _ in range(table[x][y])]
    frame = pl.DataFrame(
        [(item, who, code) for item, both in enumerate(rows) for who, code in zip("ab", both, strict=True)],
        ["row", "labeler", "code"], orient="row",
    )  # fmt: skip
    _, _, items, agreement, kappa, low, high = judged_together(frame)[0].row(0)
    assert (items, agreement) == (100, pytest.approx(0.89))
    assert kappa == pytest.approx(0.676, abs=5e-4)
    assert low < kappa - 1.96 * 0.087
    assert kappa + 1.96 * 0.087 < high


def test_those_who_certainly_agree_least_come_first():
    draw = np.random.default_rng(3)
    truth = draw.integers(0, 3, 300)
    rows = [(item, who, int(truth[item] if draw.random() < right else draw.integers(0, 3)))
            for item in range(300) for who, right in (("ann", 0.95), ("bob", 0.95), ("eve", 0.3))]  # fmt: skip
    rows += [(300, "joe", 0), (300, "ann", 1)]
    table, _ = judged_together(pl.DataFrame(rows, ["row", "labeler", "code"], orient="row"))
    assert [set(row[:2]) & {"eve"} for row in table.head(2).iter_rows()] == [{"eve"}, {"eve"}]
    assert table.row(-1)[:2] in {("ann", "bob"), ("ann", "joe")}


def test_crowded_items_are_cut_to_the_busiest(monkeypatch):
    rows = [(item, f"labeler {who}", 0) for item in range(10) for who in range(12) if item or who < 9]
    frame = pl.DataFrame(rows, ["row", "labeler", "code"], orient="row")
    assert judged_together(frame)[0].height == 66
    monkeypatch.setattr(module, "JOINED", 70)
    table, most = judged_together(frame)
    assert most == 4
    assert set(table["labeler"]) | set(table["other_labeler"]) == {f"labeler {who}" for who in range(4)}


def test_nobody_judged_together():
    table, most = judged_together(pl.DataFrame({"row": [0, 1], "labeler": ["a", "b"], "code": [0, 0]}))
    assert (table.height, most) == (0, None)

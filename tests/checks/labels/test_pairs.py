"""Rates of wrong labels from disagreement: crowds whose errors are known, and Bayes by enumeration."""

from itertools import product

import numpy as np
import polars as pl
import pytest

from checks.labels.pairs import majority_rate, pair_rate
from tests.bench.crowds import crowd


def judged(*units: str) -> pl.DataFrame:
    return pl.DataFrame(
        [(unit, label) for unit, labels in enumerate(units) for label in labels],
        ["row", "label"],
        orient="row",
    )


@pytest.mark.parametrize(("classes", "rate"), [(2, 0.15), (4, 0.05), (20, 0.02)])
def test_crowds_whose_errors_are_known(classes, rate):
    crowds = [crowd(seed, items=300, classes=classes, rate=rate) for seed in range(15)]
    for estimate, truths in (
        (lambda one: pair_rate(one.judged, "row", classes, "measured"), [one.wrong for one in crowds]),
        (lambda one: majority_rate(one.judged, "row", classes), [one.majority_wrong for one in crowds]),
    ):
        found = [estimate(one) for one in crowds]
        assert abs(np.mean([one.value for one in found]) - np.mean(truths)) < 0.015
        held = [one.interval[0] <= truth <= one.interval[1] for one, truth in zip(found, truths, strict=True)]
        assert sum(held) >= 14


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("votes", ["aab", "aaab", "aaaab", "aaa"])
def test_the_majority_of_one_kind_of_vote_by_enumeration(classes, votes):
    """The probability of each true class from that of the votes it makes, all classes alike beforehand."""
    table = judged(*[votes] * 40, *["ab"] * 3)
    rate = pair_rate(table, "row", classes, "measured").value
    codes = ["ab".index(label) for label in votes]
    likely = [
        np.prod([1 - rate if code == true else rate / (classes - 1) for code in codes])
        for true in range(classes)
    ]
    found = majority_rate(table, "row", classes)
    assert (found.value, found.of) == (pytest.approx(1 - likely[0] / sum(likely)), 40)


def test_majority_votes_are_wrong_as_often_as_all_votes_there_are():
    """Over every way three judges can vote, weighed by its probability: Bayes' rate is the true one."""
    rate, classes = 0.2, 3
    wrong = total = 0.0
    units = list[str]()
    for said in product(range(classes), repeat=3):
        chance = np.prod([1 - rate if code == 0 else rate / 2 for code in said])
        top = max(set(said), key=said.count)
        units += ["".join("abc"[code] for code in said)] * round(1e5 * chance)
        if said.count(top) > 1:
            total += chance
            wrong += chance * (top != 0)
    found = majority_rate(judged(*units), "row", classes)
    assert found.value == pytest.approx(wrong / total, abs=1e-3)


def test_nobody_differs():
    found = majority_rate(judged(*["aa", "bb"] * 50), "row", 2)
    assert (found.value, found.interval[0]) == (0, 0)
    assert 0 < found.interval[1] < 0.06


@pytest.mark.parametrize("units", [[], ["a", "b"], ["ab", "ab"], ["abc"]])
def test_without_a_majority_of_several(units):
    assert majority_rate(judged(*units) if units else judged("").cast(pl.String), "row", 3) is None


def test_a_majority_label_is_right_more_often_than_a_judgement():
    table = judged(*["aab"] * 10, *["aaa"] * 50, *["bb"] * 30)
    assert majority_rate(table, "row", 2).value < pair_rate(table, "row", 2, "measured").value

"""Suspicious labelers of singly labelled rows: classes that are hard accuse nobody; planted slips are found."""

import numpy as np
import pytest
from scipy import stats

from checks.labels.judgements import coded
from checks.labels.suspects import scored, suspects, suspicious_labelers
from tests import helpers
from tests.crowds import Model


def crowd(seed: int, *, labelers: int = 10, rows: int = 3000, slips: float = 0.0):
    """Labelers with classes of their own, classes of 2 to 20 % suspicious rows; labeler 1 slips more often."""
    rng = np.random.default_rng(seed)
    liking = rng.dirichlet(np.full(labelers, 0.5), 6) * 0.8 + 0.2 / labelers
    stratum = rng.integers(0, 6, rows)
    who = (liking[stratum].cumsum(axis=1) < rng.random(rows)[:, None]).sum(axis=1).clip(0, labelers - 1)
    flags = rng.random(rows) < np.linspace(0.02, 0.2, 6)[stratum]
    return who, stratum, flags | ((who == 1) & (rng.random(rows) < slips))


def test_against_a_loop():
    who, stratum, flags = crowd(1, rows=600, slips=0.2)
    stratum[who == 3] = 6  # a class that nobody else labelled
    found = suspects(who, stratum, flags)
    kept = [n for n in range(600) if len(set(who[stratum == stratum[n]])) > 1]
    total = sum(flags[kept])
    assert 3 not in found.labeler
    for place, labeler in enumerate(found.labeler):
        mine = [n for n in kept if who[n] == labeler]
        assert found.rows[place] == len(mine)
        expected = sum(flags[stratum == stratum[n]].mean() for n in mine)
        assert found.expected[place] == pytest.approx(expected)
        assert found.suspicious[place] == sum(flags[mine])
        tail = stats.binom.sf(sum(flags[mine]) - 1, total, expected / total)
        assert found.tail[place] == pytest.approx(tail)


def test_two_labelers_differ_by_the_difference_of_their_shares():
    who, flags = np.repeat([0, 1], 100), np.arange(200) % 100 < np.repeat([10, 40], 100)
    found = suspects(who, np.zeros(200, np.int64), flags)
    assert found.difference == pytest.approx([-0.3, 0.3])
    assert found.suspect.tolist() == [False, True]


def test_hard_classes_accuse_nobody():
    found = [suspects(*crowd(seed)) for seed in range(40)]
    assert sum(one.suspect.any() for one in found) <= 2
    assert np.mean(np.concatenate([one.tail for one in found]) < 0.05) <= 0.06


def test_slips_are_found():
    found = [suspects(*crowd(seed, slips=0.2)) for seed in range(20)]
    big = [one for one in found if (one.labeler == 1).any() and one.rows[one.labeler == 1][0] >= 150]
    assert len(big) >= 10
    assert np.mean([one.suspect[one.labeler == 1][0] for one in big]) >= 0.9


@pytest.mark.parametrize("size", [0, 1, 30])
def test_edges(size):
    found = suspects(np.zeros(size, np.int64), np.zeros(size, np.int64), np.ones(size, np.bool_))
    assert len(found.labeler) == 0, "one labeler has nobody to be held against"


def model(slips: float) -> tuple[Model, list[tuple[int, str, str]]]:
    who, stratum, flags = crowd(3, slips=slips)
    label = np.where(flags, (stratum + 1) % 6, stratum)
    rows = [(row, f"p{a}", "uvwxyz"[b]) for row, (a, b) in enumerate(zip(who, label, strict=True))]
    score = np.where(flags, -1, 1).astype(np.float32)
    made = Model(
        np.arange(len(rows)), np.where(flags, 0.9, 0.1).astype(np.float32), score,
        np.where(flags, stratum, (stratum + 1) % 6).astype(np.int32), tuple("uvwxyz"),
    )  # fmt: skip
    return made, rows


def test_the_measure_and_its_table():
    made, rows = model(0.25)
    judgements = coded(helpers.judgements(rows).collect())
    suspect, result = suspicious_labelers(made, judgements)
    (measure,) = result.measures
    assert (measure.name, measure.value) == ("suspicious_labelers", 1)
    assert judgements.labelers.filter(suspect.tolist()).to_list() == ["p1"]
    row = result.evidence[0].table.row(0, named=True)
    assert row["labeler"] == "p1"
    assert row["difference"] == pytest.approx(0.25, abs=0.08)
    clean, nothing = suspicious_labelers(model(0)[0], coded(helpers.judgements(model(0)[1]).collect()))
    assert not clean.any()
    assert nothing.evidence == ()


def test_rows_that_the_model_did_not_see_are_unknown():
    made, rows = model(0)
    part = Model(made.rows[10:20], made.wrong[10:20], made.score[10:20], made.other[10:20], made.classes)
    found = scored(part, coded(helpers.judgements(rows).collect()))
    assert (found.likeliest >= 0).sum() == 10
    assert np.isnan(found.wrong).sum() == len(rows) - 10
    _, result = suspicious_labelers(part, coded(helpers.judgements(rows).collect()))
    assert result.measures == ()
    assert "No labeler has" in result.notes[0]

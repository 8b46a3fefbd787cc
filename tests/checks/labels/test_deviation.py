"""Deviating labelers: honest crowds stay unnamed whatever their topics; planted bias and slips are found."""

import numpy as np
import polars as pl
import pytest
from scipy import stats

from checks.labels import deviation
from checks.labels.deviation import Deviations, deviation_result, deviations
from checks.labels.judgements import Judgements, coded
from tests.crowds import Crowd, labelled


def brute_force(judgements: Judgements, labeler: int) -> tuple[float, float, float, float]:
    """Tail and effect of both tests for one labeler, item by item; no class is counted together with others."""
    labels = len(judgements.labels)
    observed, expected, variance = np.zeros(labels), np.zeros(labels), np.zeros((labels, labels))
    lacking = spread = third = weight = 0.0
    for row in sorted(set(judgements.row[judgements.labeler == labeler].tolist())):
        item = judgements.label[judgements.row == row].tolist()
        given = int(judgements.label[(judgements.row == row) & (judgements.labeler == labeler)][0])
        m = len(item)
        weight += 1 - 1 / m
        if m == 1:
            continue
        share = np.array([item.count(label) / m for label in range(labels)])
        observed[given] += 1
        expected += share
        variance += np.diag(share) - np.outer(share, share)
        agree = [(item.count(label) - 1) / (m - 1) for label in item]
        mean = sum(agree) / m
        lacking += mean - (item.count(given) - 1) / (m - 1)
        spread += sum((mean - one) ** 2 for one in agree) / m
        third += sum((mean - one) ** 3 for one in agree) / m
    away = observed - expected
    statistic = away @ np.linalg.pinv(variance, rcond=1e-9, hermitian=True) @ away
    use = stats.chi2.sf(statistic, np.linalg.matrix_rank(variance, hermitian=True))
    spread = spread or np.nan  # no item tells anything
    skew = max(third / spread**1.5, 1e-3)
    agreement = stats.pearson3.sf(lacking / np.sqrt(spread), skew)
    return use, np.abs(away).sum() / 2 / weight, agreement, lacking / weight


@pytest.mark.parametrize(("judges", "classes", "bias"), [(2, 2, 0), (3, 3, 0.3), (5, 4, 0), (7, 2, 0.2)])
def test_both_tests_against_brute_force(judges, classes, bias, monkeypatch):
    monkeypatch.setattr(deviation, "EXPECTED", 0.0)
    crowd = Crowd(labelers=8, each=120, judges=judges, classes=classes, bias=bias, topics=False)
    judgements = coded(labelled(crowd, seed=classes).frame)
    found = deviation.both_tests(judgements)
    for labeler in range(8):
        use, use_effect, agree, agree_effect = brute_force(judgements, labeler)
        assert found.use[labeler] == pytest.approx(use, rel=1e-6)
        assert found.use_effect[labeler] == pytest.approx(use_effect)
        assert found.agree_effect[labeler] == pytest.approx(agree_effect)
        if judges > 2:
            assert found.agree[labeler] == pytest.approx(agree, rel=1e-6)
        else:
            assert np.isnan(found.agree[labeler]), "two who differ agree with nobody, whoever it is"


def test_rare_classes_count_together():
    assert deviation._groups(np.array([9.0, 0.1, 30.0, 6.0, 2.0])).tolist() == [1, 2, 0, 2, 2]
    assert deviation._groups(np.array([0.1, 8.0, 7.9])).tolist() == [1, 0, 1]
    assert deviation._groups(np.array([0.5, 6.0])).tolist() == [1, 0]
    assert deviation._groups(np.array([1.0, 2.0])).tolist() == [0, 0], "one group tells nothing"
    assert deviation._groups(np.full(80, 9.0)).max() == deviation.CLASSES - 1


def false_positives(crowd: Crowd, seeds: range) -> tuple[float, float]:
    """Share of honest labelers below .05, by use of labels and by agreement."""
    found = [deviation.both_tests(coded(labelled(crowd, seed).frame)) for seed in seeds]
    use, agree = (
        np.concatenate(tails) for tails in zip(*((one.use, one.agree) for one in found), strict=True)
    )
    return float((use[~np.isnan(use)] < 0.05).mean()), float((agree[~np.isnan(agree)] < 0.05).mean())


@pytest.mark.parametrize(
    ("crowds", "low", "high"),
    [
        pytest.param(12, 0.02, 0.08, id="few"),
        pytest.param(100, 0.03, 0.06, id="many", marks=pytest.mark.slow),
    ],
)
def test_topics_accuse_nobody(crowds, low, high):
    """Of honest labelers with topics of their own 5 % are below .05, as chance has it."""
    use, agree = false_positives(Crowd(), range(crowds))
    assert low <= use <= high
    assert low <= agree <= high


def named(crowd: Crowd, seed: int) -> tuple[bool, int]:
    """Whether the bad labeler is named, and how many others are."""
    made = labelled(crowd, seed)
    judgements = coded(made.frame)
    found = judgements.labelers.filter(pl.Series(deviations(judgements).deviating)).to_list()
    return made.bad in found, len(set(found) - {made.bad})


def test_honest_crowds_name_nobody():
    assert sum(named(Crowd(), seed)[1] > 0 for seed in range(12)) <= 2


@pytest.mark.parametrize("crowd", [Crowd(bias=0.2), Crowd(judges=5, classes=10, slips=0.2)])
def test_a_fifth_of_the_labels_is_found(crowd):
    found = [named(crowd, seed) for seed in range(10)]
    assert sum(hit for hit, _ in found) >= 9
    assert sum(others for _, others in found) <= 2, "who shares items with a biased labeler is not biased"


def test_three_who_judge_everything_name_the_one():
    """Without setting the biased one aside, both honest ones would look biased the other way."""
    made = labelled(Crowd(labelers=3, each=900, bias=0.3, topics=False), seed=1)
    judgements = coded(made.frame)
    once = deviation.both_tests(judgements)
    assert (once.use < 1e-6).all()
    found = deviations(judgements)
    assert judgements.labelers.filter(pl.Series(found.deviating)).to_list() == [made.bad]
    result = deviation_result(judgements, found)
    row = result.evidence[0].table.row(0, named=True)
    assert (row["labeler"], row["judged"]) == (made.bad, 900)
    assert row["effect"] == pytest.approx(0.3, abs=0.1)
    assert {measure.name: measure.value for measure in result.measures} == {
        "deviating_labelers": 1,
        "deviating_share": pytest.approx(1 / 3),
    }


def test_of_two_it_cannot_be_told():
    judgements = coded(labelled(Crowd(labelers=2, each=600, judges=2, bias=0.3, topics=False), seed=2).frame)
    result = deviation_result(judgements, deviations(judgements))
    assert result.measures[0].value == 2
    assert any("of two who differ both may be named" in note for note in result.notes)


def test_the_order_of_judgements_changes_nothing():
    frame = labelled(Crowd(labelers=6, each=80, bias=0.4), seed=3).frame
    results = [
        deviation_result(judgements, deviations(judgements))
        for judgements in (coded(frame), coded(frame.sample(fraction=1, shuffle=True, seed=5)))
    ]
    assert results[0].measures == results[1].measures
    assert results[0].evidence[0].table.equals(results[1].evidence[0].table)


def test_more_classes_than_are_told_apart_are_a_note():
    judgements = coded(labelled(Crowd(classes=60, labelers=6, each=300), seed=4).frame)
    assert any(
        "Of 60 labels the 50" in note for note in deviation_result(judgements, deviations(judgements)).notes
    )


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [(0, "a", "x")],
        [(n, "ab"[n % 2], "x") for n in range(90)],
        [(n // 2, "ab"[n % 2], "x") for n in range(90)],
    ],
)
def test_without_disputed_items_nobody_is_tested(rows):
    frame = pl.DataFrame(
        rows, schema={"row": pl.Int64, "labeler": pl.String, "label": pl.String}, orient="row"
    )
    judgements = coded(frame)
    found: Deviations = deviations(judgements)
    assert not found.tested.any()
    assert not found.deviating.any()
    assert deviation_result(judgements, found).measures == ()


def test_thousands_of_labelers_and_classes():
    """150,000 judgements of 1,500 labelers in 1,000 classes: half a CPU second."""
    rng = np.random.default_rng(0)
    who = (rng.integers(0, 1500, 50_000)[:, None] + np.array([0, 7, 19])) % 1500
    truth = rng.integers(0, 1000, 50_000)
    label = np.where(rng.random(who.shape) < 0.2, rng.integers(0, 1000, who.shape), truth[:, None])
    names = (pl.Series([f"{n:05}" for n in range(count)]) for count in (1500, 1000))
    judgements = Judgements(np.repeat(np.arange(50_000), 3), who.ravel(), label.ravel(), *names)
    found = deviations(judgements)
    assert found.tested.sum() > 1450
    assert found.deviating.sum() <= 2

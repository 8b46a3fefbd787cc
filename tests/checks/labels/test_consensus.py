"""Consensus: EM against dictionaries, its posterior never falls, good labelers outweigh bad ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.labels import consensus as module
from checks.labels.consensus import consensus
from tests.checks.labels import oracle

JUDGED = st.dictionaries(
    st.tuples(st.integers(0, 6), st.integers(0, 3)), st.integers(0, 2), min_size=1, max_size=24
)


def crowd(seed, *, items, classes, rights, judges=3):
    """Judgements of labelers who are right at their rate and guess otherwise, and the truth."""
    draw = np.random.default_rng(seed)
    unit = np.repeat(np.arange(items), judges)
    who = np.concatenate([draw.choice(len(rights), judges, replace=False) for _ in range(items)])
    truth = draw.integers(0, classes, items)
    right = draw.random(len(unit)) < np.array(rights)[who]
    return unit, who, np.where(right, truth[unit], draw.integers(0, classes, len(unit))), truth


def test_those_who_agree_are_left_alone():
    unit, who = np.repeat(np.arange(20), 2), np.tile([0, 1], 20)
    found = consensus(unit, who, unit % 3, 3)
    assert not found.differs.any()
    assert (found.probability == 1).all()
    assert found.gains == ()


def test_good_labelers_outweigh_bad_ones():
    unit, who, code, truth = crowd(1, items=600, classes=3, rights=[0.97, 0.95, 0.3, 0.3, 0.3], judges=5)
    found = consensus(unit, who, code, 3)
    weighed, majority = ((codes == truth).mean() for codes in (found.weighed, found.majority))
    assert weighed > 0.95 > 0.9 > majority
    assert found.settled


@settings(max_examples=60)
@given(JUDGED)
def test_em_against_dictionaries(said):
    units = {unit: number for number, unit in enumerate(sorted({unit for unit, _ in said}))}
    judged = [(units[unit], who, code) for (unit, who), code in said.items()]
    found = consensus(*(np.array(column, np.int64) for column in zip(*judged, strict=True)), 3)
    belief, posteriors = oracle.dawid_skene(judged, 3, module.PRIOR, len(found.gains))
    for unit, labels in belief.items():
        assert found.probability[unit] == pytest.approx(max(labels.values()) if found.gains else 1, abs=1e-7)
        best = [label for label, p in sorted(labels.items()) if p >= max(labels.values()) - 1e-7]
        assert found.weighed[unit] in best
    differences = np.diff(found.gains)
    assert differences == pytest.approx(np.diff(posteriors), abs=1e-7)
    assert (differences > -1e-9).all()


@pytest.mark.parametrize("seed", range(3))
def test_the_posterior_never_falls(seed, monkeypatch):
    monkeypatch.setattr(module, "GAIN", 0.0)
    monkeypatch.setattr(module, "STEPS", 40)
    unit, who, code, _ = crowd(seed, items=300, classes=6, rights=[0.9, 0.7, 0.5, 0.4], judges=3)
    gains = consensus(unit, who, code, 6).gains
    assert (np.diff(gains) > -1e-8 * abs(gains[0])).all()


def test_ties_have_no_majority():
    found = consensus(
        np.array([0, 0, 1, 1, 1, 2]), np.array([0, 1, 0, 1, 2, 0]), np.array([1, 0, 1, 1, 0, 2]), 3
    )
    assert found.majority.tolist() == [-1, 1, 2]
    assert found.differs[0]


def test_the_order_of_judgements_changes_nothing():
    unit, who, code, _ = crowd(4, items=200, classes=4, rights=[0.9, 0.8, 0.5, 0.6])
    order = np.random.default_rng(1).permutation(len(unit))
    one, other = consensus(unit, who, code, 4), consensus(unit[order], who[order], code[order], 4)
    assert one.weighed.tolist() == other.weighed.tolist()
    assert one.majority.tolist() == other.majority.tolist()


def test_as_many_classes_as_items():
    unit, who, code, truth = crowd(5, items=3000, classes=1000, rights=[0.9, 0.8, 0.6, 0.7])
    found = consensus(unit, who, code, 1000)
    assert (found.weighed == truth).mean() > (found.majority == truth).mean()


def test_one_judgement():
    found = consensus(np.array([0]), np.array([0]), np.array([0]), 1)
    assert (found.majority.tolist(), found.weighed.tolist(), found.probability.tolist()) == ([0], [0], [1])

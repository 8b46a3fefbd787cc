"""One label for each item: by majority, and weighed by how reliable each labeler is (Dawid and Skene)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from checks.labels.votes import Floats, Ints, Votes, tally, top

PRIOR = 1.0
"""Judgements that each labeler is taken to have given of each class beforehand, right as often as the majority finds
labels right: a labeler who judged one item is neither perfect nor hopeless. Any value from .1 to 4 gives the same
accuracy on three public crowds to half a point (`tests/bench/agreement.py`)."""
STEPS = 200
GAIN = 1e-7
"""EM ends when a step raises the log-posterior by less than this share of it, or after `STEPS`: 4 to 20 are usual."""
SAME = 9
"""Decimals to which probabilities are told apart, so that rounding decides no tie."""


@dataclass(frozen=True, slots=True)
class Consensus:
    """What each unit's judges say together."""

    votes: Votes
    """Of all units, judged once or more often."""
    posterior: Floats
    """Probability of each entry of the votes to be right."""
    majority: Ints
    """Code with the most votes, by unit; -1 where several have."""
    weighed: Ints
    """Code that is most probably right by Dawid and Skene, by unit; the first in order of those that are equally so."""
    probability: Floats
    """That this code is right."""
    gains: tuple[float, ...]
    """The log-posterior after each step of EM, which never falls."""

    @property
    def differs(self) -> NDArray[np.bool_]:
        """Units whose majority is another label, or none."""
        return np.not_equal(self.majority, self.weighed)

    @property
    def settled(self) -> bool:
        """Whether EM came to its end before its last step."""
        return len(self.gains) < STEPS


def consensus(unit: Ints, labeler: Ints, code: Ints, classes: int) -> Consensus:
    """Majority and Dawid-Skene labels of judgements.

    A. P. Dawid and A. M. Skene (1979): each labeler has a rate of giving label l where c is right; EM finds these
    rates, the frequencies of the classes, and the probability of each label of each item. Here the right label is one
    that somebody gave, so that what is not voted for needs neither memory nor time, and each rate has a Dirichlet prior
    of weight `PRIOR`. EM raises the posterior with every step.

    Args:
        unit: of each judgement, as numbers from 0 without gaps.
        labeler: of each judgement, as numbers from 0.
        code: of its label.
        classes: labels there are.
    """
    votes = tally(unit, code, classes, least=1)
    first, _, most = top(votes, votes.votes)
    share = votes.votes / votes.per_unit(votes.votes)[votes.unit]
    right = float(votes.votes[first].sum() / votes.votes.sum()) if votes.units else 1.0
    posterior, gains = _expected(votes, _Cells.of(votes, unit, labeler, code, right), share)
    best, probability, _ = top(votes, posterior.round(SAME))
    majority = np.where(most == 1, votes.code[first], -1)
    return Consensus(votes, posterior, majority, votes.code[best], probability, gains)


@dataclass(frozen=True, slots=True)
class _Cells:
    """The rates that matter: labeler, right label, given label, wherever the right label is one given to the unit."""

    entry: Ints
    """Entry of the votes that is taken to be right, for each judgement of a contested unit and each of its labels."""
    cell: Ints
    """Rate that it speaks of."""
    fixed: Floats
    """What uncontested units say of each rate."""
    row: Ints
    """Labeler and right label of each rate."""
    prior: Floats
    """Pseudo-judgements for each rate."""
    unseen: Floats
    """Pseudo-judgements for the rates of each row that no judgement speaks of."""

    @classmethod
    def of(cls, votes: Votes, unit: Ints, labeler: Ints, code: Ints, right: float) -> _Cells:
        """Pair each judgement with each label that its unit got."""
        many = np.bincount(votes.unit, minlength=votes.units)
        times = many[unit]
        ends = np.cumsum(times)
        entry = np.arange(ends[-1] if len(ends) else 0) + np.repeat(
            votes.starts[unit] - (ends - times), times
        )
        true, given = votes.code[entry], np.repeat(code, times)
        keys, cell = np.unique(
            (np.repeat(labeler, times) * votes.classes + true) * votes.classes + given, return_inverse=True
        )
        contested = np.repeat(times > 1, times)
        rows, row = np.unique(keys // votes.classes, return_inverse=True)
        wrong = (1 - right) / max(votes.classes - 1, 1)
        is_right = keys // votes.classes % votes.classes == keys % votes.classes
        prior = PRIOR * np.clip(np.where(is_right, right, wrong), 1e-6, None)
        whole = PRIOR * (max(right, 1e-6) + (votes.classes - 1) * max(wrong, 1e-6))
        return cls(
            entry=entry[contested],
            cell=cell[contested],
            fixed=np.bincount(cell[~contested], minlength=len(keys)).astype(np.float64),
            row=row,
            prior=prior,
            unseen=np.maximum(whole - np.bincount(row, prior, len(rows)), 0.0),
        )


def _expected(votes: Votes, cells: _Cells, share: Floats) -> tuple[Floats, tuple[float, ...]]:
    """Probability of each entry of the votes, by EM from the shares of votes; and the log-posterior by step."""
    contested = np.bincount(votes.unit, minlength=votes.units)[votes.unit] > 1
    alone = votes.per_class(~contested)
    inside = np.flatnonzero(contested)
    starts = np.flatnonzero(np.diff(votes.unit[inside], prepend=-1))
    item = np.cumsum(np.diff(votes.unit[inside], prepend=-1) > 0) - 1
    number = np.cumsum(contested) - 1
    entry, code = number[cells.entry], votes.code[inside]
    posterior, gains = share[inside], list[float]()
    while len(starts) and len(gains) < STEPS:
        count = cells.fixed + cells.prior + np.bincount(cells.cell, posterior[entry], len(cells.fixed))
        whole = np.bincount(cells.row, count) + cells.unseen
        rate = np.log(count / whole[cells.row])
        frequency = alone + np.bincount(code, posterior, votes.classes) + 1 / votes.classes
        frequency = np.log(frequency / frequency.sum())
        score = frequency[code] + np.bincount(entry, rate[cells.cell], len(inside))
        highest = np.maximum.reduceat(score, starts)
        likely = np.exp(score - highest[item])
        sums = np.add.reduceat(likely, starts)
        posterior = likely / sums[item]
        gain = float((highest + np.log(sums)).sum() + (cells.fixed + cells.prior) @ rate)
        gain += float((alone + 1 / votes.classes) @ frequency - cells.unseen @ np.log(whole))
        gains.append(gain)
        if len(gains) > 1 and gain - gains[-2] < GAIN * abs(gain):
            break
    found = np.ones(len(votes.unit))
    found[inside] = posterior
    return found, tuple(gains)

"""Lazy stretches: runs of judgements in which a labeler stopped looking."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from checks.labels.significance import FALSE, binomial_tails, false_discovery
from checks.labels.votes import Floats, Ints

WINDOW = 20
"""Judgements of a window: the shortest stretch that is looked for, the longest that half an hour of work would hide."""
LEAST = 2 * WINDOW
"""Judgements from which a labeler, and a class of theirs, is judged by itself: as much outside a window as inside."""
WORSE = 0.25
"""By how much more a stretch must differ than the rest; half of what guessing between two classes costs."""


class Stretches(NamedTuple):
    """The most striking stretch of each labeler who has one; places count the judgements in the order given."""

    tested: int
    """Labelers with enough judgements."""
    labeler: Ints
    tail: Floats
    """Probability of a window as bad as the worst if the order of the labeler's judgements meant nothing."""
    members: list[Ints]
    """The judgements of the stretch, in the order of labeling."""
    inside: Floats
    """Share of the stretch that differs from what was expected."""
    outside: Floats
    """The same of the labeler's other judgements."""


def stretches(labeler: Ints, expected: Ints, label: Ints, time: Floats | None = None) -> Stretches:
    """Scan the judgements of each labeler, in the order of time (else as given), for windows in which many differ.

    Null hypothesis: among a labeler's judgements with the same expected label the differing ones stand in any order,
    so a stream sorted by topic is not striking for its topics. A window then holds a sum of draws without replacement
    with a mean of m; from m + 1 on its tail is at most that of 20 draws at m/20 (Hoeffding 1956, 1963), and the tail of
    the worst of n windows is at most n times as large. No shuffling is needed, and the bound errs towards silence.
    A labeler is named at 5 % false discoveries and where the stretch differs by `WORSE` more than the rest.
    """
    people = int(labeler.max(initial=-1)) + 1
    keys = (labeler,) if time is None else (time, labeler)
    order = np.lexsort(keys)
    who, bad = labeler[order], (label != expected)[order].astype(np.float64)
    number = np.bincount(who, minlength=people)
    tested = np.flatnonzero(number >= LEAST)
    amounts = (bad, _rates(who, expected[order], bad))
    totals = [np.concatenate(([0.0], np.cumsum(amount))) for amount in amounts]
    starts = np.flatnonzero((number[who] >= LEAST) & (np.roll(who, 1 - WINDOW) == who))
    starts = starts[starts + WINDOW <= len(who)]
    count, mean = (np.round(total[starts + WINDOW] - total[starts], 9) for total in totals)
    tails = np.ones(len(starts))
    high = count >= mean + 1
    tails[high] = binomial_tails(count[high], WINDOW, mean[high] / WINDOW)
    least = np.ones(people)
    np.minimum.at(least, who[starts], tails)
    tail = np.minimum(1, least * np.bincount(who[starts], minlength=people))[tested]
    named = tested[false_discovery(tail, FALSE)]
    first = np.searchsorted(who, np.arange(people + 1))
    found = [(a, *_worst(bad[first[a] : first[a + 1]])) for a in named.tolist()]
    found = [one for one in found if one[3] - one[4] >= WORSE]
    labelers = np.array([one[0] for one in found], np.int64)
    return Stretches(
        len(tested),
        labelers,
        tail[np.searchsorted(tested, labelers)],
        [order[first[a] + start : first[a] + end] for a, start, end, *_ in found],
        *(np.array([one[place] for one in found]) for place in (3, 4)),
    )


def _rates(who: Ints, label: Ints, bad: Floats) -> Floats:
    """For each judgement how often its labeler differs among those with the same label; rare labels count as one."""
    classes = int(label.max(initial=0)) + 2
    _, pair, number = np.unique(who * classes + label, return_inverse=True, return_counts=True)
    stratum = np.where(number[pair] >= LEAST, label, classes - 1)
    _, pair, number = np.unique(who * classes + stratum, return_inverse=True, return_counts=True)
    rates: Floats = (np.bincount(pair, bad) / number)[pair]
    return rates


def _worst(bad: Floats) -> tuple[int, int, float, float]:
    """Where the worst stretch begins and ends, and the shares that differ inside and outside of it.

    It is the run with the largest sum of (differs - t), t a third of the way from the whole to the worst window, which
    is the worst by chance, too: the threshold of the likelihood ratio of 70 % to 10 % is .38.
    """
    sums = np.concatenate(([0.0], np.cumsum(bad)))
    level = ((sums[WINDOW:] - sums[:-WINDOW]).max() / WINDOW + 2 * bad.mean()) / 3
    score = sums - level * np.arange(len(sums))
    rise = score - np.minimum.accumulate(score)
    end = int(rise.argmax())
    start = int(score[: end + 1].argmin())
    inside = (sums[end] - sums[start]) / max(end - start, 1)
    outside = (sums[-1] - sums[end] + sums[start]) / max(len(bad) - end + start, 1)
    return start, end, float(inside), float(outside)

"""Labelers with more suspicious rows than their classes explain, where every item has one labeler only."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checks.contract import Evidence, Measure, Result
from checks.labels.judgements import Judgements, sums
from checks.labels.significance import EFFECT, FALSE, binomial_tails, false_discovery
from checks.labels.suspicion import Suspicion
from checks.labels.votes import Floats, Ints
from checks.places import brief

LEAST = 20
"""Rows from which a labeler is tested, as many as make a class worth a look at its owner."""


class Suspects(NamedTuple):
    """One entry per labeler with enough rows of classes that others labelled, too."""

    labeler: Ints
    rows: Ints
    suspicious: Ints
    expected: Floats
    """Suspicious rows if suspicion came with the classes alone."""
    tail: Floats
    difference: Floats
    """Share of suspicious rows less that of the others on the same classes (Mantel-Haenszel difference)."""
    suspect: NDArray[np.bool_]


def suspects(labeler: Ints, stratum: Ints, suspicious: NDArray[np.bool_]) -> Suspects:
    """Who has more suspicious rows than the others on the same classes.

    `stratum` is the class a row most likely has; classes that one labeler alone was given tell nothing and are left
    out. If suspicion came with the classes alone, a labeler with n of the N rows of a class would have n/N of its
    suspicious rows; of F suspicious rows in all, how many are theirs is then binomial with the sum of these shares,
    which is wide of the truth rather than narrow (the hypergeometric sum). The tail is tested at 5 % false discoveries
    (Benjamini and Hochberg 1995), and the difference must be `EFFECT` or more.
    """
    people = int(labeler.max(initial=-1)) + 1
    classes = int(stratum.max(initial=-1)) + 1
    flags = suspicious.astype(np.float64)
    pairs, pair = np.unique(labeler * classes + stratum, return_inverse=True)
    who, what = pairs // max(classes, 1), pairs % max(classes, 1)
    mine, hits = np.bincount(pair, minlength=len(pairs)), np.bincount(pair, flags, len(pairs))
    whole, found = np.bincount(stratum, minlength=classes)[what], np.bincount(stratum, flags, classes)[what]
    shared = whole > mine
    who, mine, hits, whole, found = (column[shared] for column in (who, mine, hits, whole, found))
    rows, seen, expected, weight = (
        sums(who, column, people)
        for column in (mine, hits, found * mine / whole, mine * (whole - mine) / whole)
    )
    total = float(hits.sum())
    tested = np.flatnonzero(rows >= LEAST)
    rows, seen, expected = rows[tested], seen[tested], expected[tested]
    tail = binomial_tails(seen, total, expected / max(total, 1))
    difference = (seen - expected) / weight[tested]
    suspect = false_discovery(tail, FALSE) & (difference >= EFFECT)
    return Suspects(tested, rows.astype(np.int64), seen.astype(np.int64), expected, tail, difference, suspect)


class Scored(NamedTuple):
    """The same for judgements, one entry each."""

    likeliest: Ints
    """Label that the model would give, -1 where it does not say."""
    wrong: Floats
    """NaN where the model does not say."""


def scored(suspicion: Suspicion, judgements: Judgements) -> Scored:
    """What the model makes of each judgement, by the row of its item."""
    place = np.minimum(np.searchsorted(suspicion.rows, judgements.row), len(suspicion.rows) - 1)
    known = suspicion.rows[place] == judgements.row
    code = {label: number for number, label in enumerate(judgements.labels)}
    codes = np.array([code.get(name, -1) for name in suspicion.classes], np.int64)
    wrong = suspicion.wrong[place].astype(np.float64)
    likeliest = np.where(wrong > 0.5, codes[suspicion.other[place]], judgements.label)
    return Scored(np.where(known, likeliest, -1), np.where(known, wrong, np.nan))


def suspicious_labelers(suspicion: Suspicion, judgements: Judgements) -> tuple[NDArray[np.bool_], Result]:
    """Which labelers are suspicious, and `suspicious_labelers` with a table that names them.

    A row is suspicious whose label is rather wrong than right; its likeliest class is then the model's, else its own.
    """
    model = scored(suspicion, judgements)
    known = model.likeliest >= 0
    found = suspects(judgements.labeler[known], model.likeliest[known], model.wrong[known] > 0.5)
    suspect = np.zeros(len(judgements.labelers), np.bool_)
    suspect[found.labeler[found.suspect]] = True
    if not len(found.labeler):
        return suspect, Result(
            (), (), (f"No labeler has {LEAST} rows of classes that others labelled, too.",)
        )
    measure = Measure(name="suspicious_labelers", value=int(found.suspect.sum()), of=len(found.labeler))
    if not found.suspect.any():
        return suspect, Result((measure,))
    chosen = found.suspect
    table = pl.DataFrame(
        {
            "labeler": judgements.labelers.gather(found.labeler[chosen]),
            "rows": found.rows[chosen],
            "suspicious": found.suspicious[chosen],
            "expected": found.expected[chosen],
            "difference": found.difference[chosen],
            "p": found.tail[chosen],
        }
    ).sort("p", "labeler")
    return suspect, Result(
        (measure,), (Evidence("Labelers with many suspicious rows", brief(table, "labeler")),)
    )

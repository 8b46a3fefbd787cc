"""Which judgements to have done again first, and what that is expected to find."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checks.contract import Data, Evidence, Measure, Result
from checks.labels.judgements import Judgements, votes
from checks.labels.reliability import wrong_judgements
from checks.places import brief, place, quote, quoting, unquoted

TIED = 1e-9
"""Difference of probabilities below which two labels of an item are as likely as each other."""
REASONS = np.array(["", "labelers split", "labeler deviates", "suspicious labeler", "lazy stretch"])
"""Why a judgement is listed; of several reasons the last one is told."""

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Doubts(NamedTuple):
    """What else is known against judgements."""

    deviating: Flags
    """By labeler."""
    suspect: Flags
    """By labeler."""
    lazy: Flags
    """By judgement."""
    wrong: Floats | None = None
    """By judgement: how probably a model of the texts takes it for wrong, NaN where it does not say."""


def relabel(data: Data, judgements: Judgements, doubts: Doubts) -> Result:
    """`relabel_judgements`, and tables of them, the most probably wrong first, and of how many each labeler has.

    A judgement is doubted if it is not the likeliest label of its item, or not alone so; where nobody else judged the
    item, if the model takes it for wrong. Listed are doubted judgements in a lazy stretch, by a labeler who deviates or
    is suspicious, or of an item without a majority; and all judgements of a labeler who deviates that nobody repeated.
    Each has its probability of being wrong (`wrong_judgements`, or the model's), so that the sum is what judging them
    again is expected to find.
    """
    cast = votes(judgements)
    wrong = wrong_judgements(judgements, cast)
    alone = cast.size[cast.item] == 1
    right = np.zeros(len(cast.count))
    right[cast.cell] = 1 - wrong
    best = np.lexsort((-right, cast.of))[cast.first[:-1]]
    behind = right[best][cast.of] - right
    tied = np.bincount(cast.of[behind <= TIED], minlength=len(best))[cast.of] > 1
    doubted = ((behind > TIED) | tied)[cast.cell]
    if doubts.wrong is not None:
        wrong = np.where(alone & ~np.isnan(doubts.wrong), doubts.wrong, wrong)
        doubted |= alone & (doubts.wrong > 0.5)
    split = (2 * cast.count[cast.first[:-1]] <= cast.size)[cast.item]
    deviating, suspect = doubts.deviating[judgements.labeler], doubts.suspect[judgements.labeler]
    cases = (doubts.lazy & doubted, suspect & doubted, deviating & (doubted | alone), split & doubted)
    reason = np.select(cases, (4, 3, 2, 1), 0)
    listed = np.flatnonzero(reason)
    listed = listed[np.lexsort((judgements.labeler[listed], judgements.row[listed], -wrong[listed].round(9)))]
    measure = Measure(name="relabel_judgements", value=len(listed), of=len(judgements))
    if not len(listed):
        return Result((measure,))
    likeliest = judgements.labels.gather(cast.label[best[cast.item[listed]]])
    rows = judgements.row[listed]
    table = place(data.train, rows).select(
        pl.lit("train").alias("split"),
        pl.all(),
        judgements.labelers.gather(judgements.labeler[listed]).alias("labeler"),
        judgements.labels.gather(judgements.label[listed]).alias("label"),
        pl.when(pl.Series(~alone[listed])).then(likeliest).alias("likeliest_label"),
        pl.Series("reason", REASONS[reason[listed]]),
        pl.Series("wrong", wrong[listed]),
        quote(data.train, rows),
    )
    return Result((measure,), *_told(table))


def _told(table: pl.DataFrame) -> tuple[tuple[Evidence, ...], tuple[str, ...]]:
    """The tables, and what they promise."""
    labels = ("label", "likeliest_label")
    long = quoting(table, *labels)
    people = (
        table.group_by("labeler")
        .agg(judgements=pl.len(), expected_wrong=pl.col("wrong").sum())
        .sort(["expected_wrong", "labeler"], descending=[True, False])
    )
    evidence = (
        Evidence("Re-label first", brief(table, "labeler", *labels), ("text",), long),
        Evidence("Judgements to re-label, by labeler", brief(people, "labeler")),
    )
    expected = float(table["wrong"].sum())
    promise = f"Judging the {table.height:,} judgements of “Re-label first” again is expected to find {expected:,.0f} wrong."
    return evidence, (promise, *unquoted(*evidence))

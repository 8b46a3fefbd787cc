"""Which judgements to have done again first, and what that is expected to find."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checks.contract import Data, Evidence, Measure, Result
from checks.labels.consensus import consensus
from checks.labels.judgements import Cast, Judgements, cast_votes
from checks.labels.votes import Floats, top
from checks.measures import Counted
from checks.places import brief, place, quote, quoting, unquoted

BORROWED = 5.0
"""Judgements at the average rate that are added to those of each labeler, so that few do not make a certainty."""
TIED = 1e-9
"""Difference of probabilities below which two labels of an item are as likely as each other."""
REASONS = np.array(["", "labelers split", "labeler deviates", "suspicious labeler", "lazy stretch"])
"""Why a judgement is listed; of several reasons the last one is told."""

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
    Each has its probability of being wrong (by `consensus`, or the model's), so that the sum is what judging them
    again is expected to find.
    """
    cast = cast_votes(judgements)
    right, wrong = how_right(judgements, cast)
    alone = cast.size[cast.item] == 1
    best, highest, _ = top(cast.votes, right)
    behind = highest[cast.votes.unit] - right
    tied = np.bincount(cast.votes.unit[behind <= TIED], minlength=len(best))[cast.votes.unit] > 1
    doubted = ((behind > TIED) | tied)[cast.entry]
    if doubts.wrong is not None:
        wrong = np.where(alone & ~np.isnan(doubts.wrong), doubts.wrong, wrong)
        doubted |= alone & (doubts.wrong > 0.5)
    most = top(cast.votes, cast.votes.votes)[1]
    split = (2 * most <= cast.size)[cast.item]
    deviating, suspect = doubts.deviating[judgements.labeler], doubts.suspect[judgements.labeler]
    cases = (doubts.lazy & doubted, suspect & doubted, deviating & (doubted | alone), split & doubted)
    reason = np.select(cases, (4, 3, 2, 1), 0)
    listed = np.flatnonzero(reason)
    listed = listed[np.lexsort((judgements.labeler[listed], judgements.row[listed], -wrong[listed].round(9)))]
    measure = Measure(name="relabel_judgements", value=len(listed), of=len(judgements))
    if not len(listed):
        return Result((measure,))
    likeliest = judgements.labels.gather(cast.votes.code[best[cast.item[listed]]])
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


def how_right(judgements: Judgements, cast: Cast) -> tuple[Floats, Floats]:
    """Probability of each entry of the votes to be right, and of each judgement to be wrong.

    Of an item judged once only its labeler tells: how often they are wrong on items that others judged, too.
    """
    right = consensus(cast.item, judgements.labeler, judgements.label, cast.votes.classes).posterior
    wrong, shared = 1 - right[cast.entry], cast.size[cast.item] > 1
    mean = float(wrong[shared].mean()) if shared.any() else 0.0
    people = len(judgements.labelers)
    number = np.bincount(judgements.labeler[shared], minlength=people)
    own = (np.bincount(judgements.labeler[shared], wrong[shared], people) + BORROWED * mean) / (
        number + BORROWED
    )
    return right, np.where(shared, wrong, own[judgements.labeler])


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
        Evidence("Re-label first", brief(table, "labeler", *labels), ("text",), long, counted=Counted()),
        Evidence("Judgements to re-label, by labeler", brief(people, "labeler")),
    )
    expected = float(table["wrong"].sum())
    promise = f"Judging the {table.height:,} judgements of “Re-label first” again is expected to find {expected:,.0f} wrong."
    return evidence, (promise, *unquoted(*evidence))

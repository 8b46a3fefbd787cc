"""Agreement: whether several people give the same item the same label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import polars as pl

from checks.contract import Data, Evidence, Measure, Result
from checks.labels.alpha import alpha_interval, class_alphas
from checks.labels.classes import MANY
from checks.labels.cohen import judged_together
from checks.labels.consensus import STEPS, consensus
from checks.labels.estimates import ALPHAS, Estimate
from checks.labels.judgements import first_of_each
from checks.labels.kappas import fleiss, gwet, pairwise_agreement
from checks.labels.pairs import majority_rate
from checks.labels.votes import Ints, Level, Scale, Votes, scaled, tally
from checks.places import brief, place, quote, quoting, told_apart, unquoted

LEAST = 30
"""Items judged twice from which agreement is measured. Over 14 simulated crowds (`tests/bench/alpha_coverage.py`) the
reported interval holds the true alpha in .89 of the cases at worst with 10 items and in .94 with 20 or 30; below 30 it
is also wider than the distance from .667 to .800, the two limits, several times over."""
APART = 0.2
"""Difference of AC1 and nominal alpha from which a note tells why; the width of the band from .6 to .8."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Several labelers give the same item the same label.

    Counted on judgements of the training data that name their labeler, the first of each labeler on an item.
    `compared_items`: items that two labelers or more judged, of the items judged; under 30 nothing else is estimated.
    `flawless_items`: all of the compared items if no two labels differ on any of them, else 0: people who judge by
    themselves differ now and then; copied or shown labels do not.

    `alpha`: Krippendorff's, 1 - observed / expected disagreement; 1 is perfect, 0 what chance would do, and judgements
    may be missing. Text labels are nominal (any two differ alike); whole numbers, 5 to 11 different ones, are ordinal
    (Krippendorff's distance by ranks), fewer only if some are below zero; other numbers are interval (squared
    difference); of two labels all levels are the same. `level` overrules this, as it should where numbers are codes of
    classes. `alpha_nominal`, `alpha_ordinal`, `alpha_interval`: at each level that makes sense. `class_alpha`: each
    class against all others. Intervals are percentiles of 1,000 bootstrap samples of items (linearised where items vote
    in too many different ways, and for classes), made wider by Wilson's interval of the disagreement where fewer than 20
    items have any.
    `pairwise_agreement`: pairs of judgements of one item that agree, of all. `fleiss_kappa` and `gwet_ac1`: corrected
    for chance by the squared shares of the labels, and by Gwet in a way that skewed labels do not upset; units with
    different numbers of judges weigh the same. `cohen_kappa`: of the two labelers where there are but two.

    `consensus_differs`: compared items whose majority label is not the one that Dawid and Skene's model, which weighs
    labelers by how reliable they are, finds most probable; or that have no majority. `majority_noise_rate`: share of
    majority labels that are wrong, if labelers err at random at the rate their disagreement shows, evenly over the
    other classes. Errors that all labelers share are seen by none of these.
    Source: S1 (inter-rater agreement checks); K. Krippendorff 2004 (Content Analysis, chapter 11: .667 and .800).
    """

    id: ClassVar[str] = "agreement"
    title: ClassVar[str] = "Labelers who agree"
    needs: ClassVar[frozenset[str]] = frozenset({"labels.labeler", "labels.label"})
    measures: ClassVar[tuple[str, ...]] = (
        "compared_items",
        "flawless_items",
        "alpha",
        "alpha_nominal",
        "alpha_ordinal",
        "alpha_interval",
        "class_alpha",
        "pairwise_agreement",
        "fleiss_kappa",
        "gwet_ac1",
        "cohen_kappa",
        "consensus_differs",
        "majority_noise_rate",
    )

    level: Literal["auto", "nominal", "ordinal", "interval"] = "auto"
    """How far apart two labels are; auto tells by the labels, see above."""

    def run(self, data: Data) -> Result:
        """Count, then estimate what enough overlap allows."""
        if data.labels is None:
            return Result(())
        given = (
            data.labels.filter(split="train").drop_nulls("label").select("row", "labeler", "label").collect()
        )
        judged = first_of_each(given)
        if judged.is_empty():
            return Result((), (), ("No judgement names its labeler and gives a label.",))
        scale, code = scaled(judged["label"], None if self.level == "auto" else self.level)
        judged = judged.with_columns(
            code=pl.Series(code), unit=pl.col("row").rank("dense").cast(pl.Int64) - 1
        )
        votes = tally(judged["unit"].to_numpy(), code, len(scale.labels))
        contested = int((np.bincount(votes.unit) > 1).sum())
        flawless = 0 if contested else votes.units
        measures = [Measure(name="compared_items", value=votes.units, of=int(judged["unit"].n_unique()))]
        if votes.units:
            measures.append(Measure(name="flawless_items", value=flawless, of=votes.units))
        evidence = _repeated(data, given)
        notes = _left_out(given, judged, scale)
        if votes.units < LEAST:
            short = f"{votes.units:,} items were judged by two labelers or more; agreement is not estimated under {LEAST}."
            return Result(tuple(measures), evidence, (short, *notes))
        alphas, told = self._alphas(votes, scale)
        kappas, skew = _chance_corrected(votes, scale, alphas)
        per_class, classes = _classes(votes, scale)
        together, pairs, paired = _labelers(judged)
        likely, doubted, settled = _consensus(data, judged, scale)
        rate, single = _majority(judged, scale)
        found = (*measures, *alphas, *per_class, *kappas, *together, *likely, *rate)
        tables = (*classes, *pairs, *doubted, *evidence)
        return Result(found, tables, (*told, *skew, *notes, *paired, *settled, *single, *unquoted(*tables)))

    def _alphas(self, votes: Votes, scale: Scale) -> tuple[list[Measure], tuple[str, ...]]:
        """Alpha at the level of the labels and at the others that make sense, and why that level."""
        levels: set[Level] = {scale.level}
        if scale.level != "interval" or self.level != "auto":
            levels.add("nominal")
        if scale.values is not None and len(scale.values) > 2:
            levels |= {"ordinal", "interval"}
        made = {level: alpha_interval(votes, level, scale.values) for level in sorted(levels)}
        found = {level: one for level, one in made.items() if one is not None}
        if not found:
            same = (
                "All labels of the items judged twice are the same, so chance alone explains that they agree."
            )
            return [], (same,)
        measures = [_score("alpha", found[scale.level], votes.units)]
        measures += [_score(f"alpha_{level}", one, votes.units) for level, one in found.items()]
        return measures, self._why(scale, found.get("nominal"))

    def _why(self, scale: Scale, nominal: Estimate | None) -> tuple[str, ...]:
        many = f"{len(scale.labels):,} different"
        if self.level not in ("auto", scale.level):
            return (f"level is {self.level}, but not all labels are numbers: alpha is nominal.",)
        if self.level != "auto":
            return (f"Alpha is {scale.level}, as the setting level says.",)
        if scale.level == "nominal" and scale.values is not None and len(scale.values) > 2:
            grades = 'where they are grades, set level = "ordinal" in [check.agreement]'
            return (
                f"Alpha is nominal: labels are whole numbers ({many}), as often codes as grades; {grades}.",
            )
        if scale.level == "nominal":
            return (f"Alpha is nominal: labels ({many}) have no order that matters.",)
        kind = "whole numbers" if scale.level == "ordinal" else "numbers"
        value = f" (then alpha is {nominal.value:.3f})" if nominal else ""
        codes = f'where they are codes of classes, set level = "nominal" in [check.agreement]{value}'
        return (f"Alpha is {scale.level}: labels are {kind} ({many}); {codes}.",)


def _score(name: str, made: Estimate, of: int, group: str | None = None) -> Measure:
    return Measure(
        name=name, value=made.value, kind="score", group=group, of=of, interval=made.interval, by=made.by
    )


def _left_out(given: pl.DataFrame, judged: pl.DataFrame, scale: Scale) -> tuple[str, ...]:
    """Notes on judgements that do not count, and on labels that count as one."""
    anonymous = given["labeler"].null_count()
    repeated = given.height - anonymous - judged.height
    told = {
        f"{repeated:,} of {given.height:,} judgements repeat one of the same labeler on the same item; only the first "
        "of each counts.": repeated,
        f"{anonymous:,} of {given.height:,} judgements do not name their labeler and are left out.": anonymous,
        f"{scale.merged:,} labels are other spellings of a number among the labels and count as that.": scale.merged,
    }
    return tuple(note for note, count in told.items() if count)


def _repeated(data: Data, given: pl.DataFrame) -> tuple[Evidence, ...]:
    """The later judgements of labelers on an item that they had judged before."""
    key = ["row", "labeler"]
    named = given.drop_nulls("labeler").with_columns(first_label=pl.first("label").over(key))
    later = named.filter(pl.int_range(pl.len()).over(key) > 0).sort(key, maintain_order=True)
    if later.is_empty():
        return ()
    table = place(data.train, later["row"].cast(pl.Int64).to_numpy()).with_columns(
        later["labeler"], later["first_label"], later["label"]
    )
    names = ("first_label", "label")
    table = table.select(pl.lit("train").alias("split"), pl.all())
    title = "Judgements that repeat one of the same labeler"
    return (Evidence(title, brief(table, "labeler", *names), labels=quoting(table, *names)),)


def _chance_corrected(
    votes: Votes, scale: Scale, alphas: list[Measure]
) -> tuple[list[Measure], tuple[str, ...]]:
    """Agreement in pairs, Fleiss' kappa and Gwet's AC1; and a note where skewed labels drive them apart."""
    agreeing, pairs = pairwise_agreement(votes)
    share = Measure(
        name="pairwise_agreement", value=agreeing.value, kind="share", of=pairs, interval=agreeing.interval
    )
    made = {"fleiss_kappa": fleiss(votes), "gwet_ac1": gwet(votes, len(scale.labels))}
    measures = [_score(name, found, votes.units) for name, found in made.items() if found is not None]
    ac1, nominal = made["gwet_ac1"], next((one.value for one in alphas if one.name == "alpha_nominal"), None)
    if ac1 is None or nominal is None or ac1.value - nominal < APART:
        return [share, *measures], ()
    count = votes.per_class(votes.votes)
    note = (
        f"Alpha is {nominal:.3f} and AC1 {ac1.value:.3f} because labels are skewed: one of them makes up "
        f"{count.max() / count.sum():.0%}, so that labelers agree often on it and hardly on the rest."
    )
    return [share, *measures], (note,)


def _classes(votes: Votes, scale: Scale) -> tuple[list[Measure], tuple[Evidence, ...]]:
    """Alpha of each class against the rest, the worst first; not where labels are quantities or rather texts."""
    if scale.level == "interval" or len(scale.labels) > MANY:
        return [], ()
    found = class_alphas(votes)
    count = votes.per_class(votes.votes)
    rows = [(scale.labels[code], int(count[code]), one.value, *one.interval) for code, one in found.items()]
    numbers = dict.fromkeys(("alpha", "low", "high"), pl.Float64)
    table = pl.DataFrame(rows, {"label": pl.String, "judgements": pl.Int64, **numbers}, orient="row")
    if table.is_empty():
        return [], ()
    table = table.sort("alpha", "label")
    shown = told_apart(brief(table, "label"))
    measures = [
        _score("class_alpha", Estimate(value, (low, high)), votes.units, label)
        for label, _, value, low, high in shown.iter_rows()
    ]
    return measures, (Evidence("Agreement by class", shown, labels=quoting(table, "label"), chart=ALPHAS),)


def _labelers(judged: pl.DataFrame) -> tuple[list[Measure], tuple[Evidence, ...], tuple[str, ...]]:
    """Cohen's kappa of each two labelers, as a measure where there are but two."""
    table, most = judged_together(judged)
    measures = []
    if judged["labeler"].n_unique() == 2 and table.height and table["kappa"][0] is not None:
        _, _, items, _, value, low, high = table.row(0)
        measures = [_score("cohen_kappa", Estimate(value, (low, high)), items)]
    note = (
        f"Items have more than {most} judges: of each item the {most} busiest were compared with each other."
    )
    title = "Labelers two by two, those who certainly agree least first"
    evidence = Evidence(title, brief(table, "labeler", "other_labeler"))
    return measures, (evidence,), (note,) if most else ()


def _consensus(
    data: Data, judged: pl.DataFrame, scale: Scale
) -> tuple[tuple[Measure, ...], tuple[Evidence, ...], tuple[str, ...]]:
    """Items whose majority is not what the reliability of their labelers makes most probable."""
    who = judged["labeler"].rank("dense").cast(pl.Int64).to_numpy() - 1
    found = consensus(judged["unit"].to_numpy(), who, judged["code"].to_numpy(), len(scale.labels))
    compared = int((found.votes.per_unit(found.votes.votes) > 1).sum())
    units = np.flatnonzero(found.differs)
    measure = Measure(name="consensus_differs", value=len(units), of=compared)
    note = f"The model of the labelers' reliability was still changing after {STEPS} steps."
    notes = () if found.settled else (note,)
    if not len(units):
        return (measure,), (), notes
    units = units[np.lexsort((units, found.probability[units].round(6)))]
    rows = judged["row"].unique().sort().cast(pl.Int64).to_numpy()[units]
    at = pl.Series(found.majority[units]).replace(-1, None)
    table = place(data.train, rows).with_columns(
        _cast(found.votes, units, scale.labels),
        scale.labels.gather(at).alias("majority_label"),
        scale.labels.gather(pl.Series(found.weighed[units])).alias("likely_label"),
        pl.Series("probability", found.probability[units]),
        quote(data.train, rows),
    )
    table = table.select(pl.lit("train").alias("split"), pl.all())
    names = ("labels", "majority_label", "likely_label")
    long = names if quoting(judged, "label") else ()
    return (
        (measure,),
        (Evidence("Items whose majority is in doubt", brief(table, *names), ("text",), long),),
        notes,
    )


def _cast(votes: Votes, units: Ints, labels: pl.Series) -> pl.Series:
    """The votes of some units in words: "2 x, 1 y"."""
    table = pl.DataFrame(
        {"unit": votes.unit, "label": labels.gather(pl.Series(votes.code)), "votes": votes.votes}
    )
    told = (
        pl.DataFrame({"unit": units})
        .join(table, on="unit")
        .sort(["unit", "votes", "label"], descending=[False, True, False])
        .group_by("unit", maintain_order=True)
        .agg(labels=pl.format("{} {}", "votes", "label").str.join(", "))
    )
    return pl.DataFrame({"unit": units}).join(told, on="unit", how="left", maintain_order="left")["labels"]


def _majority(judged: pl.DataFrame, scale: Scale) -> tuple[tuple[Measure, ...], tuple[str, ...]]:
    """The rate of wrong majority labels, which are what training sees."""
    if len(scale.labels) < 2:
        return (), ()
    rate = majority_rate(judged.select("row", label="code"), "row", len(scale.labels))
    note = "majority_noise_rate is of the labels that most labelers gave an item, noise_rate of single judgements."
    return ((rate,), (note,)) if rate else ((), ())

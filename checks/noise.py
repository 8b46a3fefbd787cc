"""Noise: what share of the labels is wrong, how that is known, and which ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from checks.contract import Data, Evidence, Measure, Result
from checks.labels.contradictions import contradicted, copies, near_contradicted
from checks.labels.judgements import first_of_each
from checks.labels.ladder import Rung, deciding, least_by_model, model_rate, overlap_rate, repeated_rate
from checks.labels.suspects import confused_classes, suspected_rows
from checks.labels.suspicion import Suspicion, Unknown, examined
from checks.places import brief, place, quote, quoting, unquoted
from checks.unpaired import verdicts


@dataclass(frozen=True, slots=True)
class Noise:
    """Few enough labels are wrong for training to bear them.

    `noise_rate`: share of wrong labels, by the best evidence there is, which the report names. In this order:
    1. `overlap_noise_rate`: items that several labelers judged. With a disagreement D of pairs and K classes, random
    slips at rate e disagree in D = 2e - e^2 K/(K-1), so e = (K-1)/K * (1 - sqrt(1 - D K/(K-1))); the 95 % interval is
    Wilson's for D with the effective number of items n = (sum m)^2 / sum m^2, m judgements each, put through the same
    formula. Counts as measured.
    2. `repeated_noise_rate`: the same for texts that stand in train more than once, word for word or at a Jaccard
    similarity of `near`. An estimate: copies made together with their label agree without being judged twice.
    3. `model_noise_rate`: the labels against a model of the classes that had not seen the row (linear classifiers on
    words and likeness of character runs, brought together by maximum likelihood). The model is unsure of hard texts,
    a slip falls on any text, which tells them apart. The interval reaches from the lower end for random slips alone
    to the upper end for slips and confusions of like classes together (profile likelihood). An estimate, so a pass
    stays unverified; on real questions with
    planted noise of 0 to 20 % its interval lay wholly above 5 % at no true rate up to 3 %, and wholly below at none
    from 10 % on. Texts that say nothing of their class pass for slips: on made-up texts, 20 % of them such, 3 % wrong
    labels were told as 5 to 7 %, for certain above 5 % in one run of 16. It cannot see what all labelers get wrong alike (on
    MD-Agreement it says 1 % of 17 %). Not estimable where the model agrees with fewer than `least_accuracy` of the labels (`model_accuracy`), or
    hardly more often than a guess of the most frequent class: the gain over that guess, of what it leaves, is under
    `least_skill` (with half of a rare class mislabelled, the rest looks like the mistake).
    Where a higher rung decides, `least_model_noise_rate` is the lower end by the model: what that rung may not have seen.
    A rung of fewer than 73 things judged twice gives way to the next one: even full agreement would leave 5 % possible.

    `suspected_rows`: rows whose label is wrong with a probability above a half, by the model; listed, most suspicious
    first. `contradicted_rows`: labelled rows whose folded text stands elsewhere with another label.
    `certain_wrong_rows`: how many labels must be wrong at least, whichever is right: rows of each such text minus its
    most frequent label. `near_contradictions`: texts labelled otherwise than the near-duplicate that represents their
    cluster, at least: two members of one cluster are not compared with each other; for review.
    `self_contradicted_items`: items to which one labeler gave different labels; not part of `contradicted_rows`, which
    compares rows, but shown among the items with different labels. For the rate only the first of them counts.
    Nothing is measured on unpaired preferences (KTO), whose labels are no classes.
    Source: S1 (5 % label noise stalls training), S2 (noise is amplified).
    """

    id: ClassVar[str] = "noise"
    title: ClassVar[str] = "Labels that are wrong"
    needs: ClassVar[frozenset[str]] = frozenset({"train.label", "train.line"})
    measures: ClassVar[tuple[str, ...]] = (
        "noise_rate",
        "overlap_noise_rate",
        "repeated_noise_rate",
        "model_noise_rate",
        "least_model_noise_rate",
        "model_accuracy",
        "suspected_rows",
        "contradicted_rows",
        "certain_wrong_rows",
        "near_contradictions",
        "self_contradicted_items",
    )

    near: float = 0.9
    """Similarity from which two texts should carry the same label; lower ones often differ in what matters."""
    least_accuracy: float = 0.7
    """Share of labels that the model must say itself; below, what it does not know looks like wrong labels."""
    least_skill: float = 0.2
    """Share that the model must get right of what always saying the most frequent class gets wrong. Below, on made-up
    texts of two classes, intervals missed the true rate (8 % of the labels wrong, told as under 1 %)."""

    def __post_init__(self) -> None:
        for name in ("near", "least_accuracy", "least_skill"):
            value = getattr(self, name)
            if not 0 < value <= 1:
                message = f"{name} is {value:g}; it must be a share above 0, at most 1"
                raise ValueError(message)

    def run(self, data: Data) -> Result:
        """Find contradictions and suspicious rows, then the rate by the best evidence."""
        if verdicts(data.train) is not None:
            return Result(
                (), (), ("The labels say which answers are good; a good and a bad one are no contradiction.",)
            )
        labels = data.train.frame.select("row", "label").collect()
        classes = _classes(data, labels)
        given = _judgements(data)
        measures, evidence = _of_items(data, given)
        rungs = [overlap_rate(None if given is None else first_of_each(given), classes)]
        why: tuple[str, ...] = ("There is only one class, so labels cannot disagree.",) if classes < 2 else ()
        if "train.text" in data.offers():
            repeated = copies(data, labels)
            for found, shown in (
                contradicted(data, repeated, labels["label"].count()),
                near_contradicted(data, labels, self.near),
            ):
                measures, evidence = (*measures, *found), (*evidence, *shown)
            rungs.append(repeated_rate(copies(data, labels, self.near), classes))
            model, more, tables, note = self._by_model(data)
            rungs.append(model)
            measures, evidence, why = (*measures, *more), (*tables, *evidence), (*why, *note)
        there = [rung.measure for rung in rungs if rung is not None]
        if (rate := deciding(rungs)) is not None:
            at_least = [floor] if (floor := least_by_model(rungs[-1], rate)) is not None else []
            measures = (rate, *there, *at_least, *measures)
            why = (f"The noise rate is that by {rate.by}.", *why)
        elif classes > 1:
            why = ("The noise rate is not known: nothing was judged twice, and there is no estimate.", *why)
        notes = (*why, *self._too_low(data), *unquoted(*evidence))
        return Result(measures, evidence, notes)

    def _by_model(
        self, data: Data
    ) -> tuple[Rung | None, tuple[Measure, ...], tuple[Evidence, ...], tuple[str, ...]]:
        """The rung of the model, measures and evidence on the rows it suspects, and what is to be said of it."""
        found = data.once(examined)
        if isinstance(found, Unknown):
            return None, (), (), (f"By a model the noise rate is not estimable: {found.why}.",)
        measures = (
            Measure(name="model_accuracy", value=found.accuracy, kind="share", of=found.seen),
            Measure(
                name="suspected_rows",
                value=int((found.wrong > 0.5).sum()),
                of=len(found.rows),
                basis="estimated",
            ),
        )
        tables = (*suspected_rows(data, found), *confused_classes(found))
        said = _remarks(found)
        if (why := self._not_estimable(found)) is not None:
            return None, measures, tables, (why, *said)
        return model_rate(found), measures, tables, said

    def _not_estimable(self, found: Suspicion) -> str | None:
        """Why the model knows too little to tell a rate, if it does."""
        agrees = f"it agrees with {100 * found.accuracy:.0f} % of {found.seen:,} labels it had not seen"
        if found.accuracy < self.least_accuracy:
            short = f"under {100 * self.least_accuracy:.0f} %"
        elif found.skill < self.least_skill:
            short = f"while {100 * found.frequent:.0f} % carry the most frequent one"
        else:
            return None
        return f"By a model the noise rate is not estimable: {agrees}, {short}."

    def _too_low(self, data: Data) -> tuple[str, ...]:
        """That `near` is lower than what any pair was looked for at."""
        least = data.text.threshold
        if self.near >= least or "train.text" not in data.offers():
            return ()
        return (
            f"near is {self.near:g}, but near-duplicates are looked for from the threshold of [text] on, {least:g}.",
        )


def _remarks(found: Suspicion) -> tuple[str, ...]:
    """What was sampled or left out by the model."""
    distinct = f"The model learned from {found.learned:,} of {found.distinct:,} distinct labelled texts"
    said = (
        [f"{distinct}; the others are judged by it all the same."] if found.learned < found.distinct else []
    )
    if found.alone:
        said.append(f"{found.alone:,} classes have one text each, which no model can judge.")
    if found.pruned:
        said.append(
            "Rare words were left out of the model, whose classes and words are too many for the memory."
        )
    return tuple(said)


def _classes(data: Data, labels: pl.DataFrame) -> int:
    """Distinct labels among rows and judgements of train."""
    found = labels["label"]
    if data.labels is not None and "label" in data.labels.collect_schema():
        found = pl.concat([found, data.labels.filter(split="train").select("label").collect().to_series()])
    return found.drop_nulls().n_unique()


def _judgements(data: Data) -> pl.DataFrame | None:
    """row, labeler, label of each judgement of train that gives a label; None where nobody can be named."""
    if data.labels is None or not {"label", "labeler"} <= set(data.labels.collect_schema()):
        return None
    judged = data.labels.filter(pl.col("split") == "train").drop_nulls("label")
    return judged.select("row", "labeler", "label").collect()


def _of_items(data: Data, given: pl.DataFrame | None) -> tuple[tuple[Measure, ...], tuple[Evidence, ...]]:
    """What the judgements of items show."""
    if given is None:
        return (), ()
    split = _disagreements(data, given)
    long = ("labels",) if quoting(given, "label") else ()
    shown = Evidence("Items with different labels", brief(split, "labels"), ("text",), long)
    return (_self_contradicted(given),), (shown,) if split.height else ()


def _self_contradicted(given: pl.DataFrame) -> Measure:
    """Items to which one labeler gave different labels, of the items that somebody named judged."""
    named = given.drop_nulls("labeler").group_by("row", "labeler").agg(several=pl.col("label").n_unique() > 1)
    items = named.group_by("row").agg(pl.col("several").any())["several"]
    return Measure(name="self_contradicted_items", value=int(items.sum()), of=len(items))


def _disagreements(data: Data, given: pl.DataFrame) -> pl.DataFrame:
    """Items with more than one label, those that split their labelers most evenly first.

    A labeler has one vote for each label they gave; judgements without a name are one vote each.
    """
    once = given.drop_nulls("labeler").unique(["row", "labeler", "label"])
    votes = (
        pl.concat([once, given.filter(pl.col("labeler").is_null())])
        .group_by("row", "label")
        .len("votes")
        .sort(["row", "votes", "label"], descending=[False, True, False])
        .group_by("row", maintain_order=True)
        .agg(
            labels=pl.format("{} {}", "votes", "label").str.join(", "),
            top=pl.col("votes").max() / pl.col("votes").sum(),
            several=pl.len() > 1,
        )
        .filter("several")
        .sort("top", "row")
    )
    rows = votes["row"].cast(pl.Int64).to_numpy()
    split = pl.lit("train").alias("split")
    return place(data.train, rows).select(split, pl.all(), votes["labels"], quote(data.train, rows))

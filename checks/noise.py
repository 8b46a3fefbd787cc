"""Noise: labels that contradict each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from checks.contract import Data, Evidence, Measure, Result
from checks.labels.judgements import first_of_each
from checks.labels.pairs import pair_rate
from checks.places import brief, place, quote, quoting, unquoted
from checks.text.clusters import train_clusters
from checks.unpaired import verdicts


@dataclass(frozen=True, slots=True)
class Noise:
    """Labels do not contradict each other more than training can bear.

    `contradicted_rows`: labelled rows whose folded text stands elsewhere with another label. `certain_wrong_rows`:
    how many labels must be wrong at least, whichever is right: rows of each such text minus its most frequent label.
    `near_contradictions`: texts labelled otherwise than the near-duplicate (Jaccard of at least `near`) that represents
    their cluster, at least: two members of one cluster are not compared with each other; for review.
    `noise_rate`: share of wrong labels, estimated from repeated judgements of the same thing. With a disagreement D
    of pairs and K classes, random slips at rate e disagree in D = 2e - e^2 K/(K-1), so
    e = (K-1)/K * (1 - sqrt(1 - D K/(K-1))); the 95 % interval is Wilson's for D with the effective number of items
    n = (sum m)^2 / sum m^2, m judgements each, put through the same formula.
    `self_contradicted_items`: items to which one labeler gave different labels; not part of `contradicted_rows`, which
    compares rows, but shown among the items with different labels. For the rate only the first of them counts.

    Judgements of one item by several labelers are used where there are any and count as measured. Otherwise the
    labels of repeated texts are used and the rate is an estimate: copies made together with their label agree without
    being judged twice, so it may be too low. Without either, the rate is not known. Systematic confusion that all
    labelers share cannot be seen this way. Nothing is measured on unpaired preferences (KTO), whose labels are no classes.
    Source: S1 (5 % label noise stalls training), S2 (noise is amplified).
    """

    id: ClassVar[str] = "noise"
    title: ClassVar[str] = "Labels that contradict each other"
    needs: ClassVar[frozenset[str]] = frozenset({"train.label", "train.line"})
    measures: ClassVar[tuple[str, ...]] = (
        "contradicted_rows",
        "certain_wrong_rows",
        "near_contradictions",
        "noise_rate",
        "self_contradicted_items",
    )

    near: float = 0.9
    """Similarity from which two texts should carry the same label; lower ones often differ in what matters."""

    def __post_init__(self) -> None:
        if not 0 < self.near <= 1:
            message = f"near is {self.near:g}; it must be a similarity above 0, at most 1"
            raise ValueError(message)

    def run(self, data: Data) -> Result:
        """Find contradictions, then estimate the rate from the best repeated judgements there are."""
        if verdicts(data.train) is not None:
            return Result(
                (), (), ("The labels say which answers are good; a good and a bad one are no contradiction.",)
            )
        labels = data.train.frame.select("row", "label").collect()
        labelled = labels.height - labels["label"].null_count()
        classes = self._classes(data, labels)
        measures: list[Measure] = []
        evidence: list[Evidence] = []
        copies = None
        if "train.text" in data.offers():
            copies = _copies(data, labels)
            wrong = copies.filter(pl.col("label").n_unique().over("first") > 1)
            certain = wrong.group_by("first").agg(
                n=pl.len() - pl.col("label").value_counts().struct.field("count").max()
            )
            close = self._near(data, labels)
            measures += [
                Measure(name="contradicted_rows", value=wrong.height, of=labelled),
                Measure(name="certain_wrong_rows", value=int(certain["n"].sum()), of=labelled),
                Measure(name="near_contradictions", value=close.height),
            ]
            if close.height:
                both = ("label", "other_label")
                title, excerpts = "Near-duplicates with different labels", ("text", "other_text")
                evidence.append(Evidence(title, brief(close, *both), excerpts, quoting(close, *both)))
            if wrong.height:
                evidence.append(_contradictions(data, wrong))
        given = _judgements(data)
        judged = None
        if given is not None:
            judged = first_of_each(given)
            measures.append(_self_contradicted(given))
            if (split := _disagreements(data, given)).height:
                long = ("labels",) if quoting(given, "label") else ()
                title = "Items with different labels"
                evidence.append(Evidence(title, brief(split, "labels"), ("text",), long))
        rate, note = _rate(judged, copies, classes)
        return Result((*measures, *rate), tuple(evidence), (note, *self._too_low(data), *unquoted(*evidence)))

    def _too_low(self, data: Data) -> tuple[str, ...]:
        """That `near` is lower than what any pair was looked for at."""
        least = data.text.threshold
        if self.near >= least or "train.text" not in data.offers():
            return ()
        return (
            f"near is {self.near:g}, but near-duplicates are looked for from the threshold of [text] on, {least:g}.",
        )

    def _classes(self, data: Data, labels: pl.DataFrame) -> int:
        found = labels["label"]
        if data.labels is not None and "label" in data.labels.collect_schema():
            found = pl.concat(
                [found, data.labels.filter(split="train").select("label").collect().to_series()]
            )
        return found.drop_nulls().n_unique()

    def _near(self, data: Data, labels: pl.DataFrame) -> pl.DataFrame:
        """Texts that are labelled otherwise than the near-duplicate that represents them, most similar first.

        All labels of both texts count, wherever their copies stand; one pair of rows is shown for each.
        """
        found = data.once(train_clusters)
        texts = np.flatnonzero(found.near & ~found.exact & (found.similarity >= self.near))
        pairs = pl.DataFrame(
            {"text": texts, "other_text": found.keeper[texts], "similarity": found.similarity[texts]}
        )
        given = (
            labels.with_columns(pl.col("row").cast(pl.Int64), text=pl.Series(found.first))
            .drop_nulls("label")
            .unique(["text", "label"], keep="first", maintain_order=True)
        )
        pairs = (
            pairs.join(given, on="text")
            .join(given.rename(lambda name: f"other_{name}"), on="other_text")
            .filter(pl.col("label") != pl.col("other_label"))
            .sort(["similarity", "row", "other_row"], descending=[True, False, False])
            .unique("text", keep="first", maintain_order=True)
        )
        ours, theirs = pairs["row"].to_numpy(), pairs["other_row"].to_numpy()
        return pl.concat(
            [
                place(data.train, ours),
                pairs.select("label", "other_label", "similarity"),
                place(data.train, theirs, "other_"),
                pl.DataFrame({"text": quote(data.train, ours), "other_text": quote(data.train, theirs)}),
            ],
            how="horizontal",
        ).select(pl.lit("train").alias("split"), pl.all())


def _copies(data: Data, labels: pl.DataFrame) -> pl.DataFrame:
    """row, label, first (the first row with the same folded text) of labelled rows whose text is repeated."""
    first = pl.Series("first", data.once(train_clusters).first)
    return labels.with_columns(first).drop_nulls("label").filter(pl.len().over("first") > 1)


def _contradictions(data: Data, wrong: pl.DataFrame) -> Evidence:
    wrong = wrong.sort("first", "row")
    rows = wrong["row"].cast(pl.Int64).to_numpy()
    table = pl.concat(
        [place(data.train, rows), wrong.select("label"), pl.DataFrame({"text": quote(data.train, rows)})],
        how="horizontal",
    )
    table = table.select(pl.lit("train").alias("split"), pl.all())
    return Evidence("Same text, different labels", brief(table, "label"), ("text",), quoting(table, "label"))


def _judgements(data: Data) -> pl.DataFrame | None:
    """row, labeler, label of each judgement of train that gives a label; None where nobody can be named."""
    if data.labels is None or not {"label", "labeler"} <= set(data.labels.collect_schema()):
        return None
    judged = data.labels.filter(pl.col("split") == "train").drop_nulls("label")
    return judged.select("row", "labeler", "label").collect()


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


def _rate(
    judged: pl.DataFrame | None, copies: pl.DataFrame | None, classes: int
) -> tuple[tuple[Measure, ...], str]:
    """The noise rate from the best repeated judgements, and a note that says which those were."""
    if classes < 2:
        return (), "There is only one class, so labels cannot disagree."
    if judged is not None:
        measure = pair_rate(judged, "row", classes, "measured")
        if measure is not None:
            return (
                (measure,),
                "The noise rate comes from items that several labelers judged, and is that of a single judgement.",
            )
    if copies is not None:
        measure = pair_rate(copies, "first", classes, "estimated")
        if measure is not None:
            return (
                measure,
            ), "The noise rate comes from repeated texts; copied labels may make it look lower."
    return (), "No item was judged twice and no text is repeated, so the noise rate is not known."

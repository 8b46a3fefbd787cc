"""Labelers: how much of the labeling is one person's opinion, and who went about it otherwise than the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from checks.contract import Chart, Data, Evidence, Measure, Result
from checks.labels.believed import believed
from checks.labels.concentration import effective_labelers, expected_labelers
from checks.labels.conduct import conduct, merged
from checks.labels.judgements import first_of_each
from checks.labels.names import labeler_variants
from checks.labels.ownership import owned_classes
from checks.places import brief


@dataclass(frozen=True, slots=True)
class Labelers:
    """The labels come from several people, so that no one's habits become the model's.

    Counted on judgements of the training data, the first of each labeler on an item; where labels are known, on those
    that give one, since a row that waits for its labeler is nobody's opinion yet. `repeated_judgements`: later ones
    of a labeler on an item they had judged already, out of all judgements. `labelers`: distinct labelers.
    `top_labeler_share`: share of the busiest. `effective_labelers`: 1 / sum of squared shares (inverse Herfindahl
    index), the number of equally busy labelers that would be as concentrated; `entropy_labelers`: exp of the entropy
    of the shares, the same idea with less weight on the busiest. `anonymous_share`: judgements without a labeler.
    `owned_classes_share`: share of the classes (of 20 judgements or more) of which one labeler gave at least
    `owner_share`, at least 1.5 times as much as of all labels, and more than chance allows (binomial tail, 5 % false
    discoveries by Benjamini and Hochberg). `overlap_items`: items judged by two or more labelers; `overlap_share`:
    their share of the items. `shared_labelers`: labelers who also labelled eval, whose habits eval then rewards.
    `labeler_variants`: ids, of train or eval, that differ from another one only by case, space or the spelling of a
    number ("7", 7.0, " 7 "); they are counted as different labelers everywhere. All of these are exact counts of the
    files. `expected_effective_labelers`: the effective number of a process that would go on as these judgements
    began, 1 over the unbiased estimate of the sum of squared shares, with the interval of Simpson (1949): .92 to .96
    coverage in simulations of 30 to 10,000 judgements, wider than needed where all are equally busy, and too narrow
    where judgements come in batches; no limit is held against it.

    The rest is of items that several judged. `deviating_labelers`: those, of the labelers that could be tested, who
    use the labels otherwise than the others of the same items, or agree less with them, beyond chance and by .05 or
    more. Items are the strata, so neither hard nor special items accuse anybody: a generalised Cochran-Mantel-Haenszel
    test, chi2 = (O-E)' V^- (O-E) with V = sum(diag p - p p') over items with label shares p (classes with a variance
    below 5 count together, as do those beyond 50), and a one-sided test of agreement with the same moments; 5 % false
    discoveries by Benjamini and Hochberg, repeated without those who deviate the most. Per test and labeler .03 to .06
    are falsely significant at .05 when labelers get different topics; of those with 20 % biased labels in 250, .97
    or more are found; of 20 % at random .2 to 1, the more of them the more classes and judges there are. Where only two judge
    each item it cannot be told which of them deviates. `deviating_share`: share of the judgements that they gave.
    `lazy_labelers`: those, of the labelers with 40 judgements or more of which the label to expect is known (more
    than half of the others gave it), who differ from it in a stretch of about 20 or more so much more than elsewhere
    (.25) that the order of their judgements within a class cannot be chance (tail of the worst window of 20 under
    permutation, by Hoeffding's bound; 5 % false discoveries). In the order of time, else of records. Topics within a
    class that differ in difficulty can look like one. `speeding_labelers`: those, of the labelers with 20 gaps between
    judgements or more, whose median gap is below a third of the median labeler's and 3 robust standard deviations
    below it; not where times are those of batches or whole minutes. `suspicious_labelers`: where each row has one labeler
    only, those with more rows that a model doubts (see the check noise) than their classes explain, by .05 or more
    (binomial against the others of the same classes, 5 % false discoveries); a model that agrees with under 70 % of the
    labels is not asked. `relabel_judgements`: judgements to have done
    again first, of all: by labelers who deviate, in lazy stretches or on items without a majority, unless their label
    is the likeliest (Dawid and Skene 1979, as in the check agreement), which also says how many of them are wrong.
    Source: S1 (one labeler's biases bake in; several labelers; agreement checks), Landis, Heyman and Koch 1978.
    """

    id: ClassVar[str] = "labelers"
    title: ClassVar[str] = "Labels spread over several people"
    needs: ClassVar[frozenset[str]] = frozenset({"labels.labeler"})
    measures: ClassVar[tuple[str, ...]] = (
        "labelers",
        "top_labeler_share",
        "effective_labelers",
        "entropy_labelers",
        "anonymous_share",
        "owned_classes_share",
        "overlap_items",
        "overlap_share",
        "shared_labelers",
        "repeated_judgements",
        "labeler_variants",
        "expected_effective_labelers",
        "deviating_labelers",
        "deviating_share",
        "lazy_labelers",
        "speeding_labelers",
        "suspicious_labelers",
        "relabel_judgements",
    )

    owner_share: float = 0.8
    """Share of a class from which one labeler owns it; reasoned: four labels in five."""

    def __post_init__(self) -> None:
        if not 0 < self.owner_share <= 1:
            message = f"owner_share is {self.owner_share:g}; it must be a share above 0, at most 1"
            raise ValueError(message)

    def run(self, data: Data) -> Result:
        """Measure concentration, ownership, overlap, independence from eval, and how labelers went about it."""
        if data.labels is None:
            return Result(())
        given = _given(data.labels, "train")
        named = first_of_each(given)
        train = pl.concat([given.filter(pl.col("labeler").is_null()), named])
        if named.is_empty():
            return Result((), (), ("no training row names its labeler",))
        repeated = given.height - train.height
        measures = (*_overlap(train), Measure(name="repeated_judgements", value=repeated, of=given.height))
        parts = [_concentration(named, train.height), Result(measures, (), _notes(repeated, given.height))]
        judged = named.drop_nulls("label") if "label" in named.columns else named.clear()
        if judged.height:
            parts += [owned_classes(judged, self.owner_share), conduct(data, judged, believed(data))]
        return merged(*parts, *_ids(data, named))


def _given(labels: pl.LazyFrame, split: str) -> pl.DataFrame:
    """Judgements of a split: those that give a label, unless none of them does."""
    found = labels.filter(split=split).collect()
    has_labels = "label" in found.columns and found["label"].null_count() < found.height
    return found.drop_nulls("label") if has_labels else found


def _notes(repeated: int, judgements: int) -> tuple[str, ...]:
    if not repeated:
        return ()
    told = f"{repeated:,} of {judgements:,} judgements repeat one of the same labeler on the same item"
    return (f"{told}; only the first of each counts here.",)


def _concentration(named: pl.DataFrame, judgements: int) -> Result:
    """How the judgements spread over the labelers, the busiest first."""
    counts = (
        named.group_by("labeler").agg(labels=pl.len()).sort(["labels", "labeler"], descending=[True, False])
    )
    labels = counts["labels"].cast(pl.Int64).to_numpy()
    shares = labels / named.height
    measures = (
        Measure(name="labelers", value=counts.height),
        Measure(name="top_labeler_share", value=float(shares[0]), kind="share", of=named.height),
        effective_labelers(labels),
        Measure(name="entropy_labelers", value=float(np.exp(-(shares * np.log(shares)).sum())), kind="score"),
        *expected_labelers(labels),
        Measure(name="anonymous_share", value=1 - named.height / judgements, kind="share", of=judgements),
    )
    table = brief(counts.with_columns(share=shares), "labeler")
    chart = Chart(
        picture="bars", label="labeler", values=("share",), unit="share", measure="top_labeler_share"
    )
    return Result(measures, (Evidence("Judgements per labeler", table, chart=chart),))


def _overlap(train: pl.DataFrame) -> tuple[Measure, ...]:
    judges = train.group_by("row").agg(judges=pl.col("labeler").drop_nulls().n_unique())["judges"]
    several = int((judges > 1).sum())
    return (
        Measure(name="overlap_items", value=several, of=len(judges)),
        Measure(name="overlap_share", value=several / len(judges), kind="share", of=len(judges)),
    )


def _ids(data: Data, named: pl.DataFrame) -> tuple[Result, ...]:
    """Ids that are alike in train and eval, and labelers of both."""
    if data.labels is None or data.eval is None:
        evals = named.clear()
    else:
        evals = first_of_each(_given(data.labels, "eval"))
    sides = [
        side.group_by("labeler").agg(pl.len().alias(name))
        for side, name in ((named, "train_judgements"), (evals, "eval_judgements"))
    ]
    both = sides[0].join(sides[1], on="labeler", how="full", coalesce=True).sort("labeler")
    alike = labeler_variants(both.with_columns(pl.col("train_judgements", "eval_judgements").fill_null(0)))
    if evals.is_empty():
        return (alike,)
    shared = both.drop_nulls().sort("eval_judgements", "labeler", descending=[True, False])
    measure = Measure(name="shared_labelers", value=shared.height, of=sides[1].height)
    table = Evidence("Labelers of both train and eval", brief(shared, "labeler"))
    return alike, Result((measure,), (table,) if shared.height else ())

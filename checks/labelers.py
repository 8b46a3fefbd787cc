"""Labelers: how much of the labeling is one person's opinion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from checks.contract import Data, Evidence, Measure, Result
from checks.labels.judgements import first_of_each
from checks.labels.significance import FALSE, binomial_tail, false_discovery
from checks.places import brief, quoting

JUDGED = 20
"""Judgements that a class must have before somebody can be said to own it: the 95 % interval of a share of 80 % then begins at 58 %."""
LIFT = 1.5
"""How much more of the class than of all judgements its owner must have given; reasoned: half as much again."""


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
    Exact counts, no estimate. Source: S1 (one labeler's biases bake in; several labelers).
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
    )

    owner_share: float = 0.8
    """Share of a class from which one labeler owns it; reasoned: four labels in five."""

    def __post_init__(self) -> None:
        if not 0 < self.owner_share <= 1:
            message = f"owner_share is {self.owner_share:g}; it must be a share above 0, at most 1"
            raise ValueError(message)

    def run(self, data: Data) -> Result:
        """Measure concentration, ownership, overlap and independence from eval."""
        if data.labels is None:
            return Result(())
        given = _given(data.labels, "train")
        train = pl.concat([given.filter(pl.col("labeler").is_null()), first_of_each(given)])
        counts = (
            train.drop_nulls("labeler")
            .group_by("labeler")
            .agg(labels=pl.len())
            .sort(["labels", "labeler"], descending=[True, False])
        )
        judgements = train.height
        if counts.is_empty():
            return Result((), (), ("no training row names its labeler",))
        named = int(counts["labels"].sum())
        shares = counts["labels"].to_numpy() / named
        counts = counts.with_columns(share=shares)
        measures = [
            Measure(name="labelers", value=counts.height),
            Measure(name="top_labeler_share", value=float(shares[0]), kind="share", of=named),
            Measure(name="effective_labelers", value=float(1 / (shares**2).sum()), kind="score"),
            Measure(
                name="entropy_labelers", value=float(np.exp(-(shares * np.log(shares)).sum())), kind="score"
            ),
            Measure(name="anonymous_share", value=1 - named / judgements, kind="share", of=judgements),
            *_overlap(train),
            Measure(name="repeated_judgements", value=given.height - judgements, of=given.height),
        ]
        evidence = [Evidence("Judgements per labeler", brief(counts, "labeler"))]
        owned = self._owners(train)
        if owned is not None and owned.height:
            share = int(owned["owned"].sum()) / owned.height
            measures.append(Measure(name="owned_classes_share", value=share, kind="share", of=owned.height))
            if share:
                table = owned.filter("owned").drop("owned")
                title, shown = "Classes that one labeler owns", brief(table, "label", "labeler")
                evidence.append(Evidence(title, shown, labels=quoting(table, "label")))
        measures += _shared_with_eval(data)
        return Result(tuple(measures), tuple(evidence), _notes(given.height - judgements, given.height))

    def _owners(self, train: pl.DataFrame) -> pl.DataFrame | None:
        """Classes with 20 judgements or more: their busiest labeler and whether that one owns them."""
        if "label" not in train.columns:
            return None
        judged = train.drop_nulls(["labeler", "label"]).select("labeler", "label")
        if judged.is_empty():
            return None
        overall = judged["labeler"].value_counts(normalize=True, name="overall")
        table = (
            judged.group_by("label", "labeler")
            .agg(labels=pl.len())
            .with_columns(of=pl.col("labels").sum().over("label"))
            .sort(["label", "labels", "labeler"], descending=[False, True, False])
            .group_by("label", maintain_order=True)
            .first()
            .filter(pl.col("of") >= JUDGED)
            .join(overall, on="labeler")
            .sort("label")
            .with_columns(share=pl.col("labels") / pl.col("of"))
        )
        tails = np.array(
            [binomial_tail(row["labels"], row["of"], row["overall"]) for row in table.iter_rows(named=True)]
        )
        owned = (pl.col("share") >= self.owner_share) & (pl.col("share") > LIFT * pl.col("overall"))
        return (
            table.with_columns(significant=pl.Series(false_discovery(tails, FALSE), dtype=pl.Boolean))
            .with_columns(owned=owned & pl.col("significant"))
            .drop("significant")
        )


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


def _overlap(train: pl.DataFrame) -> tuple[Measure, ...]:
    judges = train.group_by("row").agg(judges=pl.col("labeler").drop_nulls().n_unique())["judges"]
    several = int((judges > 1).sum())
    return (
        Measure(name="overlap_items", value=several, of=len(judges)),
        Measure(name="overlap_share", value=several / len(judges), kind="share", of=len(judges)),
    )


def _shared_with_eval(data: Data) -> tuple[Measure, ...]:
    if data.labels is None or data.eval is None:
        return ()
    train, evals = (
        _given(data.labels, split).select("labeler").drop_nulls().unique() for split in ("train", "eval")
    )
    if evals.is_empty():
        return ()
    shared = train.join(evals, on="labeler", how="semi").height
    return (Measure(name="shared_labelers", value=shared, of=evals.height),)

"""Duplicates: training rows that repeat another one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from checks.contract import Data, Evidence, Measure, Result
from checks.measures import Counted
from checks.places import place, quote, unquoted
from checks.text.clusters import Clusters, train_clusters
from checks.text.scan import Scan, scan
from checks.text.visibility import near_powers, power_table


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Training rows that repeat another row teach nothing new.

    Texts are compared folded: compatibility forms and case folded, marks and punctuation dropped, words joined by
    single spaces. The text of an answered row is prompt and answer; a rejected answer is not part of it. `exact_duplicate_rows`: rows whose folded text an earlier row has. `near_duplicate_rows`: further
    rows whose shingles have a Jaccard similarity of at least `threshold` ([text] in the settings) with a row that
    stays. `largest_cluster_rows`: rows behind the most repeated text. `uncompared_rows`: rows in so crowded a MinHash
    bucket that not all its pairs were compared. Unit: rows.

    Candidates come from MinHash-LSH (datasketch's scheme affine32, seed 1), with bands chosen to find `recall` of the
    pairs at the threshold; every pair that counts is verified by its exact Jaccard similarity, and every row that is
    left out is verified against the row that stays. So there are no false pairs; what may be missed is stated.
    Source: S1, S2 (quality over quantity); Lee et al. 2022, Deduplicating training data makes language models better.
    """

    id: ClassVar[str] = "duplicates"
    title: ClassVar[str] = "Training rows that repeat another one"
    needs: ClassVar[frozenset[str]] = frozenset({"train.text"})
    measures: ClassVar[tuple[str, ...]] = (
        "exact_duplicate_rows",
        "near_duplicate_rows",
        "largest_cluster_rows",
        "uncompared_rows",
    )

    def run(self, data: Data) -> Result:
        """Count the clusters and show their pairs, near copies first."""
        found, made, rows = data.once(train_clusters), data.once(scan), data.train.rows
        largest = int(np.bincount(found.keeper).max()) if rows else 0
        measures = (
            Measure(name="exact_duplicate_rows", value=int(found.exact.sum()), of=rows),
            Measure(name="near_duplicate_rows", value=int(found.near.sum()), of=rows),
            Measure(name="largest_cluster_rows", value=largest, of=rows),
            Measure(name="uncompared_rows", value=found.uncompared, of=rows),
        )
        powers = Evidence("What each detector can find", power_table(near_powers(data)))
        pairs = (_pairs(data, found),) if found.exact.any() or found.near.any() else ()
        evidence = (*pairs, powers)
        return Result(measures, evidence, (*_notes(data, made), *unquoted(*evidence)))


def _pairs(data: Data, found: Clusters) -> Evidence:
    near = np.flatnonzero(found.near)
    near = near[np.argsort(found.similarity[near], kind="stable")]
    rows = np.concatenate((near, np.flatnonzero(found.exact)))
    kept = np.where(found.exact, found.first, found.keeper)[rows]
    similarity = np.where(found.exact, 1.0, found.similarity)[rows]
    table = pl.concat(
        [
            place(data.train, rows),
            pl.DataFrame({"text": quote(data.train, rows)}),
            place(data.train, kept, "kept_"),
            pl.DataFrame({"kept_text": quote(data.train, kept), "similarity": similarity}),
        ],
        how="horizontal",
    )
    kind = pl.Series("kind", ["near"] * len(near) + ["exact"] * (len(rows) - len(near)), dtype=pl.String)
    table = table.select(pl.lit("train").alias("split"), kind, pl.all())
    return Evidence("Rows that repeat another one", table, ("text", "kept_text"), counted=_COUNTED)


_COUNTED = Counted(by="kind", measures={"near": "near_duplicate_rows", "exact": "exact_duplicate_rows"})


def _notes(data: Data, made: Scan) -> tuple[str, ...]:
    settings, banding = data.text, made.banding
    how = {
        "auto": f"character 5-grams where a side has under {made.cut.short} words (the other under "
        f"{made.cut.characters_below}), word 5-grams above",
        "c5": "character 5-grams",
        "w3": "word 3-grams",
        "w5": "word 5-grams",
    }[settings.shingle]
    return (
        (
            f"Compared by {how}; near means Jaccard {settings.threshold:g} or more. {banding.bands} bands of "
            f"{banding.rows} find {banding.recall(settings.threshold):.4%} of the pairs at exactly that similarity."
        ),
    )

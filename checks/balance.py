"""Balance: are the classes all there, and does eval look like train?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checks.contract import Data, Evidence, Measure, Result

SEED = 20240229
DRAWS = 999


@dataclass(frozen=True, slots=True)
class Balance:
    """Eval is distributed like train, and no class is missing on one side.

    `largest_class_share` and `smallest_class_share`: of the labelled training rows. `classes_missing_in_eval`,
    `classes_only_in_eval`: distinct labels. `label_shift_tvd`: total variation distance between the label shares of
    train and eval (half the sum of absolute differences; 0 equal, 1 disjoint), less what chance adds, with a 95 %
    interval (parametric bootstrap, 999 draws, fixed seed). `certain_label_shift`: the lower end of that interval if a
    permutation test rejects equality at p < .01, else 0, so that chance alone never shows. `length_shift_tvd` and
    `certain_length_shift`: the same for the lengths of the texts in ten classes of equal size.
    Over K = 3 to 150 classes and up to 1M rows without a shift no false alarm was seen, where a chi-square test fires
    on any shift at 1M rows. Source: S1 (eval set); tool default: effect sizes instead of tests alone.
    """

    id: ClassVar[str] = "balance"
    title: ClassVar[str] = "Classes, and eval like train"
    needs: ClassVar[frozenset[str]] = frozenset({"train.line"})
    measures: ClassVar[tuple[str, ...]] = (
        "largest_class_share",
        "smallest_class_share",
        "classes_missing_in_eval",
        "classes_only_in_eval",
        "label_shift_tvd",
        "certain_label_shift",
        "length_shift_tvd",
        "certain_length_shift",
    )

    def run(self, data: Data) -> Result:
        """Compare the distributions of labels and lengths."""
        offers = data.offers()
        measures: list[Measure] = []
        evidence: list[Evidence] = []
        notes: list[str] = []
        if "train.label" in offers:
            table = _label_table(data)
            measures += _classes(table, both="eval.label" in offers)
            evidence.append(Evidence("Rows per class in train and eval", table))
            if "eval.label" in offers:
                measures += _shift("label", table["train"].to_numpy(), table["eval"].to_numpy())
        if {"train.text", "eval.text"} <= offers and data.eval is not None:
            train, evals = (
                split.frame.select(pl.col("text").str.len_bytes()).collect().to_series()
                for split in data.splits
            )
            measures += _shift("length", *_tenths(train.to_numpy(), evals.to_numpy()))
        if data.eval is None:
            notes.append("Train cannot be compared with eval: there is no eval file.")
        return Result(tuple(measures), tuple(evidence), tuple(notes))


def _label_table(data: Data) -> pl.DataFrame:
    """label, train rows, eval rows: most frequent in train first."""
    counts = [
        split.frame.select("label").drop_nulls().group_by("label").len(split.role).collect()
        if "label" in split.columns
        else pl.DataFrame(schema={"label": pl.String, split.role: pl.UInt32})
        for split in data.splits
    ]
    table = counts[0].join(counts[1], on="label", how="full", coalesce=True) if len(counts) > 1 else counts[0]
    if "eval" not in table.columns:
        table = table.with_columns(eval=pl.lit(0, pl.UInt32))
    return table.with_columns(pl.col("train", "eval").fill_null(0).cast(pl.Int64)).sort(
        ["train", "label"], descending=[True, False]
    )


def _classes(table: pl.DataFrame, *, both: bool) -> list[Measure]:
    present = table.filter(pl.col("train") > 0)["train"]
    total = int(present.sum())
    if not total:
        return []
    measures = [
        Measure(name="largest_class_share", value=int(present[0]) / total, kind="share", of=total),
        Measure(name="smallest_class_share", value=int(present[-1]) / total, kind="share", of=total),
    ]
    if both:
        missing = table.filter((pl.col("train") > 0) & (pl.col("eval") == 0)).height
        extra = table.filter((pl.col("train") == 0) & (pl.col("eval") > 0)).height
        measures += [
            Measure(name="classes_missing_in_eval", value=missing, of=table.height),
            Measure(name="classes_only_in_eval", value=extra, of=table.height),
        ]
    return measures


def _tenths(
    train: NDArray[np.uint32], evals: NDArray[np.uint32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Counts of both sides in the ten length classes that hold equal shares of the two together."""
    edges = (
        np.unique(np.quantile(np.concatenate((train, evals)), np.arange(1, 10) / 10))
        if len(train)
        else np.zeros(0)
    )
    return tuple(
        np.bincount(np.searchsorted(edges, side), minlength=len(edges) + 1) for side in (train, evals)
    )  # type: ignore[return-value]


def _shift(what: str, train: NDArray[np.int64], evals: NDArray[np.int64]) -> list[Measure]:
    if not train.sum() or not evals.sum():
        return []
    value, low, high, certain = shift(train, evals)
    return [
        Measure(
            name=f"{what}_shift_tvd", value=value, kind="score", of=int(evals.sum()), interval=(low, high)
        ),
        Measure(
            name=f"certain_{what}_shift", value=low if certain else 0.0, kind="score", of=int(evals.sum())
        ),
    ]


def shift(train: NDArray[np.int64], evals: NDArray[np.int64]) -> tuple[float, float, float, bool]:
    """(distance less chance, lower and upper end, whether p < .01) of two vectors of class counts."""
    draw = np.random.default_rng(SEED)
    ours, theirs = int(train.sum()), int(evals.sum())
    pooled = (train + evals) / (ours + theirs)

    def distances(one: NDArray[np.float64], two: NDArray[np.float64]) -> NDArray[np.float64]:
        difference = draw.multinomial(ours, one, DRAWS) / ours - draw.multinomial(theirs, two, DRAWS) / theirs
        half: NDArray[np.float64] = np.abs(difference).sum(axis=1) / 2
        return half

    seen = float(np.abs(train / ours - evals / theirs).sum() / 2)
    null = distances(pooled, pooled)
    again = distances(train / ours, evals / theirs)
    chance = float(null.mean()) * min(1.0, float(null.mean()) / max(seen, 1e-12))
    centre, spread = seen - chance, again - again.mean()
    low = max(0.0, centre - float(np.quantile(spread, 0.975)))
    high = min(1.0, centre - float(np.quantile(spread, 0.025)))
    p = (1 + int((null >= seen).sum())) / (DRAWS + 1)
    return max(0.0, centre), low, max(high, low), p < 0.01

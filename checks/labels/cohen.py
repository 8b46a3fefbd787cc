"""Cohen's kappa of every two labelers on the items that both judged."""

from __future__ import annotations

import numpy as np
import polars as pl

from checks.intervals import Z95
from checks.labels.estimates import Disagreement, Estimate, estimate
from checks.labels.votes import Floats, Ints

JOINED = 2_000_000
"""Pairs of judgements that are looked at, which takes some CPU seconds; crowds of ten judges reach it at 45,000 items."""


def judged_together(judged: pl.DataFrame) -> tuple[pl.DataFrame, int | None]:
    """Cohen's kappa of each two labelers with an item in common, and how many judges an item may have for all to count.

    J. Cohen (1960): kappa = (p_o - p_e) / (1 - p_e), p_e from the labels that either gave to the items in common; the
    interval is that of J. L. Fleiss, J. Cohen and B. S. Everitt (1969), wider where they hardly disagree.

    Args:
        judged: `row`, `labeler`, `code`; each labeler at most once for an item.

    Returns:
        `labeler`, `other_labeler` (the first by name first), `items`, `agreement`, `kappa`, `low`, `high`; kappa is
        null where both gave one label throughout. Those that certainly agree least come first. And the largest number
        of judges of an item that were paired: where `JOINED` pairs do not suffice for all, of items with more only
        the busiest labelers are; None if all were.
    """
    names = judged["labeler"].unique().sort()
    numbers = pl.DataFrame({"labeler": names}).with_row_index("who")
    judged, most = _few_enough(judged.join(numbers, on="labeler").select("row", "who", "code"))
    left = judged.select("row", a="who", x="code")
    pairs = left.join(judged.select("row", b="who", y="code"), on="row").filter(pl.col("a") < pl.col("b"))
    cells = pairs.group_by("a", "b", "x", "y").len("count").sort("a", "b", "x", "y")
    if cells.is_empty():
        return _table([]), most
    cells = cells.with_columns(pair=pl.struct("a", "b").rle_id()).select(pl.all().cast(pl.Int64))
    kappas = _kappas(*(cells[name].to_numpy() for name in ("pair", "x", "y", "count")))
    of = cells.group_by("pair").agg(pl.first("a", "b"), items=pl.col("count").sum()).sort("pair")
    found = [
        (names[a], names[b], items, agreement, *((kappa.value, *kappa.interval) if kappa else (None,) * 3))
        for (a, b, items), (agreement, kappa) in zip(
            of.select("a", "b", "items").iter_rows(), kappas, strict=True
        )
    ]
    return _table(found).sort("high", "kappa", "labeler", "other_labeler", nulls_last=True), most


def _table(rows: list[tuple[object, ...]]) -> pl.DataFrame:
    numbers = dict.fromkeys(("agreement", "kappa", "low", "high"), pl.Float64)
    schema = {"labeler": pl.String, "other_labeler": pl.String, "items": pl.Int64, **numbers}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _few_enough(judged: pl.DataFrame) -> tuple[pl.DataFrame, int | None]:
    """Judgements of which all pairs can be looked at: of crowded items only those of the busiest labelers."""
    judges = judged.group_by("row").len("judges")["judges"].cast(pl.Int64).to_numpy()
    fits, not_all = 2, int(judges.max(initial=2)) + 1
    while not_all - fits > 1:
        middle = (fits + not_all) // 2
        few = np.minimum(judges, middle)
        fits, not_all = (middle, not_all) if (few * (few - 1)).sum() // 2 <= JOINED else (fits, middle)
    if not_all > judges.max(initial=2):
        return judged, None
    busy = judged.group_by("who").len("work").sort(["work", "who"], descending=[True, False])
    ranked = judged.join(busy.with_row_index("rank").drop("work"), on="who")
    return ranked.filter(pl.col("rank").rank("ordinal").over("row") <= fits).drop("rank"), fits


def _kappas(pair: Ints, x: Ints, y: Ints, count: Ints) -> list[tuple[float, Estimate | None]]:
    """Agreement and kappa of each pair, from the non-zero cells of its table of labels x against y."""
    items = np.bincount(pair, count)
    share = count / items[pair]
    seen = np.bincount(pair, share * (x == y))
    classes = int(max(x.max(), y.max())) + 1
    of_x, of_y = pair * classes + x, pair * classes + y
    theirs, ours = _margin(of_y, share, of_x), _margin(of_x, share, of_y)
    chance = np.bincount(pair, share * theirs)
    told = chance < 1 - 1e-12
    value = np.divide(seen - chance, 1 - chance, out=np.zeros(len(items)), where=told).round(12) + 0.0
    adds = (x == y) - seen[pair] - (1 - value[pair]) * (theirs + ours - 2 * chance[pair])
    half = Z95 * np.sqrt(np.bincount(pair, share * adds**2) / items) / np.where(told, 1 - chance, 1)
    differing = np.bincount(pair, count * (x != y))
    return [
        (
            float(seen[i]),
            estimate(
                float(value[i]),
                (float(value[i] - half[i]), float(value[i] + half[i])),
                Disagreement(
                    seen=float(1 - seen[i]),
                    chance=float(1 - chance[i]),
                    units=items[i],
                    differing=int(differing[i]),
                ),
            )
            if told[i]
            else None,
        )
        for i in range(len(items))
    ]


def _margin(given: Ints, share: Floats, asked: Ints) -> Floats:
    """Shares summed by what is given, looked up for what is asked: how often one labeler gives the other's label."""
    keys, entry = np.unique(given, return_inverse=True)
    sums = np.bincount(entry, share)
    place = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    return np.where(keys[place] == asked, sums[place], 0.0)

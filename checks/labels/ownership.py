"""Classes that one labeler owns."""

from __future__ import annotations

import polars as pl

from checks.contract import Evidence, Measure, Result
from checks.labels.significance import FALSE, binomial_tails, false_discovery
from checks.places import brief, quoting

JUDGED = 20
"""Judgements that a class must have before somebody can be said to own it: the 95 % interval of a share of 80 % then begins at 58 %."""
LIFT = 1.5
"""How much more of the class than of all judgements its owner must have given; reasoned: half as much again."""


def owned_classes(judged: pl.DataFrame, owner_share: float) -> Result:
    """`owned_classes_share` of judgements with `labeler` and `label`; nothing where no class has 20 of them."""
    owned = _owners(judged, owner_share)
    if owned.is_empty():
        return Result(())
    share = int(owned["owned"].sum()) / owned.height
    measure = Measure(name="owned_classes_share", value=share, kind="share", of=owned.height)
    if not share:
        return Result((measure,))
    table = owned.filter("owned").drop("owned")
    shown = brief(table, "label", "labeler")
    return Result(
        (measure,), (Evidence("Classes that one labeler owns", shown, (), quoting(table, "label")),)
    )


def _owners(judged: pl.DataFrame, owner_share: float) -> pl.DataFrame:
    """Classes with 20 judgements or more: their busiest labeler and whether that one owns them."""
    everywhere = judged["labeler"].value_counts(normalize=True, name="overall")
    table = (
        judged.group_by("label", "labeler")
        .agg(labels=pl.len())
        .with_columns(of=pl.col("labels").sum().over("label"))
        .sort(["label", "labels", "labeler"], descending=[False, True, False])
        .group_by("label", maintain_order=True)
        .first()
        .filter(pl.col("of") >= JUDGED)
        .join(everywhere, on="labeler")
        .sort("label")
        .with_columns(share=pl.col("labels") / pl.col("of"))
    )
    given, of, overall = (table[name].cast(pl.Float64).to_numpy() for name in ("labels", "of", "overall"))
    tails = binomial_tails(given, of, overall)
    owned = (pl.col("share") >= owner_share) & (pl.col("share") > LIFT * pl.col("overall"))
    return (
        table.with_columns(significant=pl.Series(false_discovery(tails, FALSE), dtype=pl.Boolean))
        .with_columns(owned=owned & pl.col("significant"))
        .drop("significant")
    )

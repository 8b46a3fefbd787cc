"""Unpaired preferences (KTO): rows whose label only says whether their answer is a good one."""

from __future__ import annotations

import polars as pl

from checks.contract import Split

FLAGS = ("true", "false")


def verdicts(split: Split) -> pl.Series | None:
    """The flag of each row, null where it has none; None unless every label of the split is such a flag.

    Labels are flags where every row with a label has an answer too and none of the labels is anything but true or
    false; the formats of classes have no answers.
    """
    if not {"label", "response_bytes"} <= split.stored:
        return None
    frame = split.frame.select(
        flag=pl.col("label").str.to_lowercase(), answer=pl.col("response").is_not_null()
    )
    rows = frame.collect()
    labelled = rows.drop_nulls("flag")
    if labelled.is_empty() or not (labelled["flag"].is_in(FLAGS) & labelled["answer"]).all():
        return None
    return rows["flag"]

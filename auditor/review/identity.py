"""What tells a reviewed row again wherever it stands: a hash of its text and one of its label."""

from __future__ import annotations

from hashlib import blake2b

import polars as pl
import pyarrow as pa

from checks.contract import Split

TEXT_BYTES, LABEL_BYTES = 12, 4
"""128 bits in all. Two of a billion texts agree in 96 bits with a chance of 1 in 10^11; labels are told apart only
where the text is the same."""


def label_mark(label: str) -> str:
    """The hash of a label, hexadecimal."""
    return blake2b(label.encode(), digest_size=LABEL_BYTES).hexdigest()


def row_ids(split: Split) -> pl.DataFrame:
    """`row`, `label`, `text_mark`, `id` of the labelled rows of a split, in row order.

    The id is hexadecimal with a dash between the hashes of text and label (BLAKE2b, of 96 and 32 bits), which keeps
    spreadsheets from taking it for a number.
    """
    labels = split.frame.select("row", "label").collect()
    marks = [
        blake2b(text, digest_size=TEXT_BYTES).hexdigest()
        for _, batch in split.batches("text")
        for text in batch.column(0).cast(pa.large_binary()).fill_null(b"").to_pylist()
    ]
    names = labels["label"].drop_nulls().unique()
    known = {label: label_mark(label) for label in names}
    mark = pl.col("label").replace_strict(known, return_dtype=pl.String)
    return (
        labels.with_columns(text_mark=pl.Series(marks, dtype=pl.String))
        .filter(pl.col("label").is_not_null())
        .with_columns(id=pl.format("{}-{}", "text_mark", mark))
    )

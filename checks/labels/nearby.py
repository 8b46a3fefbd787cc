"""Rows of another class that are like a row, to hold beside it."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

CANDIDATES = 1_000
"""Rows of a class that are looked at, so that a large class costs no more than a small one."""
AT_ONCE = 200
"""Keys compared at a time, as memory grows with keys times candidates: 6,000 keys at once took 2 GB."""
LENGTH = 1_000
"""Characters of a text that are looked at."""
WORD = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]|[\p{L}\p{M}\p{N}]+"
"""A word; of scripts that put no space between words, a letter."""


def nearest(asked: pl.DataFrame, candidates: pl.DataFrame, *, most: int) -> pl.DataFrame:
    """The candidates that are most like the text that is asked about.

    Likeness is the cosine of the sets of words, each weighed by log(1 + candidates / candidates with the word) squared.

    Args:
        asked: `key`, `text`.
        candidates: `row`, `text`; those with the text itself are left out.
        most: candidates for each key.

    Returns:
        `key`, `row`, `likeness`, the most alike first; rows without a common word are none.
    """
    ours, theirs = _words(asked, "key"), _words(candidates, "row")
    weights = theirs.group_by("word").agg(weight=(1 + candidates.height / pl.len()).log() ** 2)
    theirs = theirs.join(weights, on="word")
    sizes = theirs.group_by("row").agg(size=pl.col("weight").sum().sqrt())
    same = asked.select("key", "text").join(candidates.select("row", "text"), on="text").select("key", "row")
    return pl.concat(_most_alike(part, theirs, sizes, same, most) for part in _parts(ours))


def _parts(ours: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The words of `AT_ONCE` keys after the other; one part at least."""
    keys = ours.select(pl.col("key").unique().sort())
    for start in range(0, max(keys.height, 1), AT_ONCE):
        yield ours.join(keys.slice(start, AT_ONCE), on="key", how="semi")


def _most_alike(
    ours: pl.DataFrame, theirs: pl.DataFrame, sizes: pl.DataFrame, same: pl.DataFrame, most: int
) -> pl.DataFrame:
    return (
        ours.join(theirs, on="word")
        .group_by("key", "row")
        .agg(common=pl.col("weight").sum())
        .join(sizes, on="row")
        .join(same, on=["key", "row"], how="anti")
        .select("key", "row", likeness=pl.col("common") / pl.col("size"))
        .with_columns(pl.col("likeness").round(9))  # sums in another order differ in their last digits
        .sort(["key", "likeness", "row"], descending=[False, True, False])
        .group_by("key", maintain_order=True)
        .head(most)
    )


def _words(texts: pl.DataFrame, key: str) -> pl.DataFrame:
    found = pl.col("text").str.slice(0, LENGTH).str.to_lowercase().str.extract_all(WORD).list.unique()
    return texts.select(key, word=found).explode("word").drop_nulls("word")

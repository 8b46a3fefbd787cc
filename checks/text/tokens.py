"""About how many tokens texts have, without a tokenizer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from checks.contract import Data, Split
from checks.measures import Range
from checks.text.prints import Prints
from checks.text.scan import scan

ERROR = 0.15
"""Share by which the estimate may be off: on English and code it is within about this of the tokenizers in use."""


def tokens(split: Split, prints: Prints) -> pl.Series:
    """About how many tokens each row has: the larger of 4/3 per word and 1 per 4.5 bytes, and 4 per message."""
    beside = [pl.col(name) for name in ("system", "rejected") if name in split.columns]
    return _estimated(split, prints, beside)


def text_tokens(split: Split, prints: Prints) -> pl.Series:
    """The same without system messages and rejected answers, which the pass over all texts did not read."""
    return _estimated(split, prints, [])


def _estimated(split: Split, prints: Prints, beside: list[pl.Expr]) -> pl.Series:
    turns = pl.col("turns").str.len_bytes() if "turns" in split.columns else pl.lit(1)
    table = split.frame.select(
        bytes=pl.sum_horizontal(text.str.len_bytes() for text in (pl.col("text"), *beside)),
        words=pl.sum_horizontal(pl.lit(0), *(text.str.count_matches(r"\w+") for text in beside)),
        turns=turns,
    ).collect()
    by_words = (prints.words + table["words"].to_numpy()) * (4 / 3)
    by_bytes = table["bytes"].to_numpy() / 4.5
    return pl.Series(np.maximum(by_words, by_bytes) + 4 * table["turns"].to_numpy())


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainTokens:
    """What the training rows come to, each figure as far off as the estimate may be."""

    all: Range
    read: Range | None
    """Per row, before its response; None where rows have none."""
    written: Range | None
    """Per row, in its response."""


def train_tokens(data: Data) -> TrainTokens | None:
    """The tokens of the training rows; None without texts. Use it as `data.once(train_tokens)`.

    A row's tokens are shared out between what is read and what is written by their bytes; a rejected response is
    neither.
    """
    train = data.train
    if "text" not in train.columns or train.rows == 0:
        return None
    each = tokens(train, data.once(scan).train)
    if not train.holds("response_bytes"):
        return TrainTokens(all=_about(float(each.sum())), read=None, written=None)
    size = {
        name: pl.col(name).str.len_bytes().fill_null(0) if name in train.columns else pl.lit(0)
        for name in ("text", "system", "rejected")
    }
    sizes = train.frame.select(call=size["text"] + size["system"], rejected=size["rejected"]).collect()
    written = np.concatenate([batch.column(0).fill_null(0) for _, batch in train.batches("response_bytes")])
    parts = sizes.with_columns(pl.Series("written", written), tokens=each)
    answered = parts.filter(pl.col("written") > 0)
    if answered.is_empty():
        return TrainTokens(all=_about(float(each.sum())), read=None, written=None)
    share = pl.col("tokens") / (pl.col("call") + pl.col("rejected"))
    mean = answered.select(
        read=(share * (pl.col("call") - pl.col("written"))).mean(), written=(share * pl.col("written")).mean()
    ).row(0)
    return TrainTokens(all=_about(float(each.sum())), read=_about(mean[0]), written=_about(mean[1]))


def _about(count: float) -> Range:
    return Range(count * (1 - ERROR), count, count / (1 - ERROR))

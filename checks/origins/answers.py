"""What the answers of the training rows show of where they come from: one pass over the stored batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import polars as pl
import pyarrow as pa

from checks.contract import Data, Split
from checks.origins.voices import may_tell, own_words, refuses, speaks_as_machine

OPENING_BYTES = 40
"""Bytes from which answers count as opened alike: seven English words or so."""
LONG_ENOUGH = 3 * OPENING_BYTES
"""Bytes of an answer that can be more than its opening; shorter ones are alike because little can be said in them."""
COMMON = 20
"""Answers, and 1 % of all that are long enough, that one opening needs to be a template."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Row numbers by what the answers show."""

    answered: int
    """Rows with an answer that is not blank."""
    speaking: pl.Series
    """Rows whose answer says of itself that a machine wrote it."""
    refusing: pl.Series
    """Rows whose answer refuses in the words of assistants, and does not speak as a machine."""
    templated: pl.DataFrame
    """`opening` (a number), `row` (the first) and `rows` of openings that many answers share, the most frequent first."""


def answers(data: Data) -> Answers | None:
    """What the answers of train show; None where no row has one. Use it as `data.once(answers)`."""
    train = data.train
    if not {"text", "response_bytes"} <= train.stored:
        return None
    columns = [name for name in ("text", "prompt_bytes", "response_bytes") if name in train.stored]
    found, openings, answered = [], [], 0
    for first, batch in train.batches(*columns):
        rows = _framed(batch, first)
        found.append(_found(rows))
        openings.append(_openings(rows))
        answered += int((rows["size"] > 0).sum())
        data.tick("telling where answers come from", first + len(batch), train.rows)
    if not answered:
        return None
    told = pl.concat(found)
    return Answers(
        answered=answered,
        speaking=told.filter("speaks")["row"],
        refusing=told.filter(pl.col("refuses") & ~pl.col("speaks"))["row"],
        templated=_templates(pl.concat(openings)),
    )


def answer_texts(train: Split, rows: pl.Series) -> pl.Series:
    """The answers of some rows, in their order."""
    return train.take(rows, "response")["response"].fill_null("")


def _framed(batch: pa.RecordBatch, first: int) -> pl.DataFrame:
    """`row`, `text`, and `start` and `size` of the answer in bytes; 0 where there is none."""
    frame = cast(pl.DataFrame, pl.from_arrow(pa.Table.from_batches([batch])))
    if "prompt_bytes" not in frame.columns:
        frame = frame.with_columns(prompt_bytes=pl.lit(None, pl.Int32))
    return frame.select(
        pl.int_range(first, first + pl.len(), dtype=pl.Int64).alias("row"),
        "text",
        (pl.col("prompt_bytes") + 1).fill_null(0).alias("start"),
        pl.col("response_bytes").fill_null(0).alias("size"),
    )


def _answer(size: pl.Expr) -> pl.Expr:
    return pl.col("text").cast(pl.Binary).bin.slice(pl.col("start"), size)


def _found(rows: pl.DataFrame) -> pl.DataFrame:
    """`row`, `speaks`, `refuses` of the rows of which one is true."""
    answer = _answer(pl.col("size")).cast(pl.String)
    able = rows.lazy().filter(pl.col("size") > 0)
    maybe = able.filter(may_tell(pl.col("text")))
    said = maybe.select("row", words=own_words(answer))
    told = said.select("row", speaks=speaks_as_machine(pl.col("words")), refuses=refuses(pl.col("words")))
    return told.filter(pl.col("speaks") | pl.col("refuses")).collect()


def _openings(rows: pl.DataFrame) -> pl.DataFrame:
    """`row` and `opening` (a hash of the first bytes) of the answers that are long enough."""
    able = rows.filter(pl.col("size") >= LONG_ENOUGH)
    return able.select("row", opening=_answer(pl.lit(OPENING_BYTES)).hash(seed=0))


def _templates(openings: pl.DataFrame) -> pl.DataFrame:
    least = max(COMMON, openings.height / 100)
    counts = openings.group_by("opening").agg(pl.col("row").min(), rows=pl.len().cast(pl.Int64))
    return counts.filter(pl.col("rows") >= least).sort("rows", "row", descending=[True, False])

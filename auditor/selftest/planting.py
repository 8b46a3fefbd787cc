"""Which eval rows are planted in which way, and the training data with them. Everything stays in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from auditor.selftest.alterations import ALTERATIONS, Alteration, Others, Row
from checks.contract import Part, Split
from checks.text.texts import Texts

SAMPLE = 1_000
"""Training rows that foreign words, answers and surroundings are taken from, and decoys are made of."""
_TURN = 1_024
"""Rows looked at between two reads."""


@dataclass(frozen=True, slots=True)
class Plant:
    """An altered row that is added to the training data."""

    kind: int
    """Number of the alteration."""
    source: int | None
    """The eval row it is made of; None for a decoy, which is made of a training row."""
    row: Row


def plants(train: Texts, evals: Texts, free: NDArray[np.int64], *, each: int, seed: int) -> tuple[Plant, ...]:
    """Altered copies of eval rows, up to `each` of a kind, and as many decoys of a kind as could be made.

    Kinds that not every row will do for choose first, so that they get what there is.

    Args:
        train: the training texts.
        evals: the eval texts.
        free: eval rows that something may be planted for.
        each: rows of a kind.
        seed: of all draws.
    """
    draw = np.random.default_rng(seed)
    sample = draw.permutation(len(train))[:SAMPLE]
    strangers = list(rows_of(train, sample))
    others = Others(strangers, draw)
    if not len(others):
        return ()
    order = draw.permutation(free)
    sources = _dealt(zip(order.tolist(), rows_of(evals, order), strict=True), others, each)
    found = []
    for kind, (alteration, chosen) in enumerate(zip(ALTERATIONS, sources, strict=True)):
        decoys = [row for row in strangers if row.words and alteration.suits(row, others)][: len(chosen)]
        found += [Plant(kind, number, alteration.make(row, others)) for number, row in chosen]
        found += [Plant(kind, None, alteration.make(row, others)) for row in decoys]
        strangers = [*strangers[len(chosen) :], *strangers[: len(chosen)]]
    return tuple(found)


def _dealt(rows: Iterator[tuple[int, Row]], others: Others, each: int) -> list[list[tuple[int, Row]]]:
    """For each alteration its rows: a row goes to the first kind in need that it suits."""
    chosen: list[list[tuple[int, Row]]] = [[] for _ in ALTERATIONS]
    wanting = sorted(range(len(ALTERATIONS)), key=lambda kind: _choice(ALTERATIONS[kind]))
    for number, row in rows:
        if not wanting:
            break
        kind = next((kind for kind in wanting if ALTERATIONS[kind].suits(row, others)), None)
        if kind is not None:
            chosen[kind].append((number, row))
            if len(chosen[kind]) == each:
                wanting.remove(kind)
    return chosen


def _choice(alteration: Alteration) -> int:
    """Less where fewer rows will do: those that need much choose before those that need a word, or nothing."""
    return {"": 2, "a word": 1}.get(alteration.needs, 0)


def rows_of(texts: Texts, numbers: NDArray[np.int64]) -> Iterator[Row]:
    """Some rows of a split, in this order, read a thousand at a time."""
    for first in range(0, len(numbers), _TURN):
        picked = texts.pick(numbers[first : first + _TURN])
        data, bounds = picked.data.tobytes(), picked.bounds.tolist()
        for place, size in enumerate(picked.prompts.tolist()):
            yield _row(data[bounds[place] : bounds[place + 1]], size)


def _row(text: bytes, prompt: int) -> Row:
    if prompt < 0:
        return Row(None, text.decode())
    rest = text[prompt + 1 :].decode() if prompt < len(text) else None
    return Row(text[:prompt].decode(), rest)


def with_rows(train: Split, rows: list[Row], name: str = "(planted)") -> Split:
    """A split with further rows behind its own."""
    return replace(train, parts=(*train.parts, Part(file=name, table=_table(rows))))


def alone(rows: list[Row]) -> Split:
    """A split of nothing but these rows."""
    return Split(role="train", parts=(Part(file="(planted)", table=_table(rows)),))


def _table(rows: list[Row]) -> pa.Table:
    """Rows as they are stored."""
    frame = pl.DataFrame(
        {
            "line": range(1, len(rows) + 1),
            "text": [row.text for row in rows],
            "prompt_bytes": [None if row.ask is None else len(row.ask.encode()) for row in rows],
        },
        schema={"line": pl.Int64, "text": pl.String, "prompt_bytes": pl.Int32},
    )
    table: pa.Table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    return table

"""Where rows stand in the user's files, and short excerpts of texts and labels, for the evidence of checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from checks.contract import EXCERPT, Evidence, Split
from checks.measures import NAME
from checks.private.mask import hidden, hide
from checks.text.kernel import Bytes, Numbers
from checks.text.texts import CHUNK, Texts

QUOTED = 20_000
"""Rows of an evidence table that carry excerpts; the places of all rows are kept."""
GAP = " … "
"""Stands for what is left out in the middle of an excerpt."""


def place(split: Split, rows: NDArray[np.int64], prefix: str = "") -> pl.DataFrame:
    """Columns `row`, `file`, `line` (each with the prefix) of some rows, in the order given."""
    sizes = [part.table.num_rows for part in split.parts]
    starts = np.concatenate(([0], np.cumsum(sizes, dtype=np.int64)))
    number = np.searchsorted(starts, rows, side="right") - 1
    lines = np.zeros(len(rows), np.int64)
    for i, part in enumerate(split.parts):
        here = np.flatnonzero(number == i)
        if len(here):
            chosen = part.table.column("line").take(pl.Series(rows[here] - starts[i]).to_arrow())
            lines[here] = chosen.to_numpy() + part.lines_before
    files = pl.Series([part.file for part in split.parts], dtype=pl.String)
    columns = {"row": pl.Series(rows), "file": files.gather(pl.Series(number)), "line": pl.Series(lines)}
    return pl.DataFrame({prefix + name: values for name, values in columns.items()})


def quote(split: Split, rows: NDArray[np.int64]) -> pl.Series:
    """The first `EXCERPT` characters of the texts of some rows, masked; null after the first `QUOTED`, and without texts.

    They are masked before they are cut: half a key is not known as one afterwards.
    """
    if "text" not in split.stored:
        return pl.Series("text", [None] * len(rows), dtype=pl.String)
    wanted, back = np.unique(rows[:QUOTED], return_inverse=True)
    picked = Texts(split).pick(wanted)
    data = hidden(picked.data, picked.bounds)
    texts = pa.LargeStringArray.from_buffers(len(wanted), pa.py_buffer(picked.bounds), pa.py_buffer(data))
    cut = pl.Series("text", texts, dtype=pl.String).str.slice(0, EXCERPT).gather(back)
    return cut.extend_constant(None, len(rows) - len(cut))


class Places(NamedTuple):
    """Parts of texts, one of each row."""

    start: NDArray[np.int64]
    """Byte of the text where the part begins."""
    size: NDArray[np.int64]
    """Its bytes."""

    def take(self, chosen: NDArray[np.int64]) -> Places:
        """Some of them."""
        return Places(self.start[chosen], self.size[chosen])


def quote_parts(split: Split, rows: NDArray[np.int64], at: Places) -> pl.Series:
    """The same as `quote`, but of a part of each text and what stands around it; of a long part both ends."""
    quoted: list[str | None] = []
    for begin in range(0, min(len(rows), QUOTED) if "text" in split.stored else 0, CHUNK):
        picked = Texts(split).pick(rows[begin : min(begin + CHUNK, QUOTED)])
        data, bounds = hidden(picked.data, picked.bounds).tobytes(), picked.bounds.tolist()
        parts = zip(at.start[begin:].tolist(), at.size[begin:].tolist(), strict=True)
        for first, end, (start, size) in zip(bounds, bounds[1:], parts, strict=False):
            cut = data[first : first + start], data[first + start : first + start + size]
            before, part = (len(piece.decode()) for piece in cut)
            text = data[first:end].decode()
            fits = part <= EXCERPT - 2 or len(text) <= EXCERPT
            quoted.append((around if fits else both_ends)(text, before, part))
    return pl.Series("text", quoted + [None] * (len(rows) - len(quoted)), dtype=pl.String)


def unquoted(*evidence: Evidence) -> tuple[str, ...]:
    """A note on each table of which not all rows carry their excerpts."""
    return tuple(
        f"Excerpts are given for the first {QUOTED:,} rows of “{found.title}”."
        for found in evidence
        if found.table.height > QUOTED and "text" in found.excerpts
    )


def whole(split: Split, rows: NDArray[np.int64]) -> list[str]:
    """The texts of some rows, in the order given: for people who judge them, and for files of the user's own rows."""
    return _texts(split, rows, lambda data, _bounds: data)


def shown(split: Split, rows: NDArray[np.int64]) -> list[str]:
    """The same for evidence: personal data and secrets are masked, each byte by one."""
    return _texts(split, rows, hidden)


def _texts(split: Split, rows: NDArray[np.int64], made: Callable[[Bytes, Numbers], Bytes]) -> list[str]:
    wanted, back = np.unique(rows, return_inverse=True)
    if not len(wanted):
        return []
    picked = Texts(split).pick(wanted)
    data, bounds = made(picked.data, picked.bounds).tobytes(), picked.bounds.tolist()
    texts = [data[bounds[i] : bounds[i + 1]].decode() for i in range(len(wanted))]
    return [texts[i] for i in back.tolist()]


def brief(table: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """The table with the labels of these columns cut to `EXCERPT` characters: a label can be a whole text.

    What is cut is masked before, since half a key is not known as one afterwards; the rest is masked with the report.
    """
    for name in columns:
        if (table[name].str.len_chars() > EXCERPT).any():
            table = table.with_columns(hide(table[name]))
    return table.with_columns(
        pl.when(pl.col(name).str.len_chars() > EXCERPT)
        .then(pl.col(name).str.slice(0, EXCERPT - 1) + "…")
        .otherwise(pl.col(name))
        .alias(name)
        for name in columns
    )


def told_apart(counts: pl.DataFrame) -> pl.DataFrame:
    """Labels that begin alike and were cut, numbered: (2), (3) ... stand behind the later ones."""
    number = pl.int_range(1, pl.len() + 1).over("label")
    later = pl.col("label").str.slice(0, EXCERPT - 10) + pl.format(" ({})", number)
    return counts.with_columns(label=pl.when(number > 1).then(later).otherwise("label"))


def quoting(table: pl.DataFrame, *columns: str) -> tuple[str, ...]:
    """Those of the columns of labels that quote the user's text, because some label is longer than a name."""
    return tuple(name for name in columns if (table[name].str.len_chars() > NAME).any())


def around(text: str, start: int, length: int) -> str:
    """An excerpt of at most `EXCERPT` characters of `text` that shows the part from `start` on; "…" stands where it is cut."""
    if len(text) <= EXCERPT:
        return text
    room = max(0, EXCERPT - 2 - length) // 3
    first = max(0, min(start - room, len(text) - EXCERPT + 1))
    before = "…" if first else ""
    stop = first + EXCERPT - len(before)
    return before + (text[first:] if stop >= len(text) else text[first : stop - 1] + "…")


def both_ends(text: str, start: int, length: int) -> str:
    """An excerpt of `EXCERPT` characters of a part that is longer: how it begins, and its end, where questions stand."""
    stop = start + length
    before, after = "…" if start else "", "…" if stop < len(text) else ""
    room = EXCERPT - len(before + GAP + after)
    tail = room // 2
    return before + text[start : start + room - tail] + GAP + text[stop - tail : stop] + after

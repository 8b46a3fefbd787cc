"""How long rows are: counts by tokens, for a picture."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, floor, log10

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checks.contract import Chart, Evidence

BINS = 24
"""Bins up to the length that 99 % of the rows keep to; one more holds what is longer."""
MOST = 0.99


def length_table(sizes: Mapping[str, pl.Series], limit: int) -> tuple[Evidence, ...]:
    """Rows of each split by their tokens: the first column is where a bin begins, the last bin has no end.

    Args:
        sizes: tokens of each row, by split.
        limit: longest row that the trainer takes; 0 if nobody said, and the tokens are those of prompt and answer alone.
    """
    arrays = {role: tokens.drop_nulls().drop_nans().to_numpy() for role, tokens in sizes.items()}
    together = np.concatenate(list(arrays.values()))
    if not len(together):
        return ()
    longest = float(np.quantile(together, MOST))
    width = _round_up(longest / BINS)
    bins = floor(longest / width) + 1
    columns = {role: _counts(tokens, width, bins) for role, tokens in arrays.items()}
    table = pl.DataFrame({"tokens": width * np.arange(bins + 1), **columns})
    if not any(table.row(-1)[1:]):
        table = table.head(-1)
    chart = Chart(
        picture="histogram",
        label="tokens",
        values=tuple(sizes),
        along="tokens a row, estimated" if limit else "tokens of prompt and answer, estimated",
        at=float(limit) if limit else None,
        at_says=f"limit of {limit:,} tokens" if limit else "",
    )
    return (Evidence("Lengths of the rows", table, chart=chart),)


def _counts(tokens: NDArray[np.float64], width: int, bins: int) -> NDArray[np.int64]:
    """Rows of each bin, and of all bins beyond."""
    at = np.minimum(tokens // width, bins).astype(np.int64)
    return np.bincount(at, minlength=bins + 1)


def _round_up(least: float) -> int:
    """The next of 1, 2, 5, 10, 20, 50 ..."""
    if least <= 1:
        return 1
    power: int = 10 ** floor(log10(least))
    return next(power * step for step in (1, 2, 5, 10) if power * step >= ceil(least - 1e-9) or step == 10)

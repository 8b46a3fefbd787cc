"""How many rows it takes: predictions from what was measured."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, isfinite, sqrt

from auditor.planning.model import Amount
from checks.intervals import Z95, mcnemar_size, wilson

MOST = 10**9
"""Rows beyond which a number is no plan."""


def rows_to_label(short: float, *, usable: float, of: float, singular: float | None = None) -> Amount:
    """Rows to label so that `short` more usable ones come of them, where `usable` came of `of` so far.

    The expected number is the shortfall over the share. The ends are those between which 95 % of the cases lie if rows
    are usable independently of each other: as many as suffice with 2.5 % and with 97.5 %, by the normal approximation
    of the beta-binomial distribution after a Jeffreys prior (Beta(usable + .5, rest + .5)). The upper end also holds
    what it takes if new rows repeat old ones as often as these repeat each other: then only `singular` of the rows are
    what the next one is like. It is open where not even a billion rows would suffice.
    """
    if short <= 0:
        return Amount(low=0, expected=0, high=0)
    least = float(ceil(short))
    if of <= 0 or usable <= 0:
        return Amount(low=least, expected=least, high=None)
    expected = max(least, _up(short * of / usable))
    low = _smallest(lambda rows: _reached(rows, usable, of, side=1) >= short)
    worst = [
        _smallest(lambda rows, good=good: _reached(rows, good, of, side=-1) >= short)  # type: ignore[misc]
        for good in (usable, usable if singular is None else min(usable, singular))
    ]
    high = None if None in worst else max(expected, *(one for one in worst if one is not None))
    return Amount(low=min(expected, max(least, low or least)), expected=expected, high=high)


def _up(value: float) -> float:
    """Rounded up, but not by what rounding of the division made."""
    return float(ceil(round(value, 9)))


def _reached(rows: float, usable: float, of: float, *, side: int) -> float:
    """Usable rows of so many new ones, at the upper (1) or lower (-1) end of 95 %."""
    good, bad = usable + 0.5, max(of - usable, 0.0) + 0.5
    whole = good + bad
    spread = sqrt(rows * good * bad * (whole + rows) / (whole * whole * (whole + 1)))
    return min(rows, rows * good / whole + side * Z95 * spread)


def _smallest(enough: Callable[[float], bool]) -> float | None:
    """The smallest whole number from which on it is enough; None beyond `MOST`."""
    low, high = 0, 1
    while not enough(high):
        low, high = high, 2 * high
        if low > MOST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return float(high)


def rows_to_review(rows: int, *, wrong: float, limit: float, least: int) -> int | None:
    """Rows to judge again at random, and to mend where they are wrong, so that the rate is certainly within the limit.

    Of N rows, k judged again are right afterwards; of the others a share of at most the upper end of Wilson's interval
    is wrong, at `wrong` of k: (1 - k/N) upper(wrong, k) <= limit. All rows suffice always. None without rows.
    """
    if rows <= 0:
        return None

    def enough(judged: float) -> bool:
        return judged >= rows or (1 - judged / rows) * wilson(min(1.0, wrong), judged)[1] <= limit

    return min(rows, max(least, int(_smallest(enough) or rows)))


def examples_for_gain(points: float, discordance: float) -> int:
    """Independent eval examples that show a gain of so many points with 80 % power (see `mcnemar_size`)."""
    gain = points / 100
    size = mcnemar_size(gain, max(discordance, gain))
    return ceil(size) if isfinite(size) else MOST

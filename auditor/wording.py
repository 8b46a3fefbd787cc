"""Numbers as people read them: with unit, denominator and interval, the same in every output; and how wide lines are."""

from __future__ import annotations

from math import ceil, floor, isinf

from checks.measures import Kind, Measure

WIDTH = 79
"""Columns of a line that we wrap ourselves: one less than a terminal of 80 has."""


def number(value: float, kind: Kind, currency: str = "") -> str:
    """One number with its unit; money is in US dollars if no currency is named."""
    match kind:
        case "share":
            return f"{_rounded(100 * value, 3)} %"
        case "points":
            return f"{_rounded(value, 3)} points"
        case "money":
            unit = f"{currency} " if currency else "$"
            return ("-" if value < 0 else "") + unit + _amount_of_money(abs(value))
        case "time" if isinf(value):
            return "never"
        case "count":
            return f"{value:,.0f}"
        case "answer":
            return "yes" if value else "no"
        case _:
            return _rounded(value, 4)


def _amount_of_money(value: float) -> str:
    """Whole units; below 100 as many digits as a price of a call needs."""
    return f"{value:,.0f}" if value >= 100 or float(value).is_integer() else f"{value:,.3g}"


def _rounded(value: float, digits: int) -> str:
    """So many digits; more where they would show a whole number that the value is not: limits are whole numbers."""
    for shown in range(digits, 10):
        text = f"{value:,.{shown}g}"
        rounded = float(text.replace(",", ""))
        if rounded == value or not rounded.is_integer():
            return text
    return f"{value:,.{digits}g}"


def size(count: float) -> str:
    """A number of bytes."""
    for unit, digits in ((1e9, "GB"), (1e6, "MB")):
        if count >= unit:
            return f"{count / unit:,.1f} {digits}"
    return f"{count / 1e3:,.1f} kB"


def duration(seconds: float) -> str:
    """A time, to one unit."""
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 90 * 60 else f"{seconds / 3600:.1f} hours"


def amount(measure: Measure) -> str:
    """A measure with its denominator, if it is an estimate its interval, and what it rests on if that is said."""
    text = number(measure.value, measure.kind, measure.currency)
    if measure.of is not None and measure.kind in ("count", "share"):
        text += f" of {measure.of:,}"
    if measure.interval is not None:
        low, high = measure.interval
        text += f" (95 %: {number(low, measure.kind, measure.currency)} to {number(high, measure.kind, measure.currency)})"
    return text + (f", by {measure.by}" if measure.by else "")


def bounds(least: float | None, most: float | None, kind: Kind) -> str:
    """A limit in words; of counts the first whole number that keeps it."""
    if kind == "answer":
        return "yes" if least else "no"
    whole = kind == "count"
    parts = [f"at least {number(ceil(least) if whole else least, kind)}"] if least is not None else []
    parts += [f"at most {number(floor(most) if whole else most, kind)}"] if most is not None else []
    return " and ".join(parts)


def wrapped(text: str, indent: str, width: int = WIDTH) -> list[str]:
    """Lines of at most `width` columns: the first behind `indent`, the others as far in; words that are longer stay whole."""
    from textwrap import wrap

    return wrap(
        text, width, initial_indent=indent, subsequent_indent=" " * len(indent),
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip

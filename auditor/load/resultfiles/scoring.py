"""Which number of a result counts as its score, and the results of a file as a frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, TypeVar

import polars as pl

from auditor.errors import DataError, suggest
from auditor.load.ledger import shown
from auditor.load.resultfiles.entries import Entry, amount_of, score_of, truth_of

T = TypeVar("T")
SHEET = pl.Schema(
    {
        "id": pl.String,
        "position": pl.Int64,
        "attempt": pl.Int64,
        "score": pl.Float64,
        "output": pl.String,
        "failure": pl.String,
        "valid": pl.Boolean,
        "seconds": pl.Float64,
        "cost": pl.Float64,
        "line": pl.Int64,
    }
)
"""The results of one file, a row for each attempt."""
NAMED = 8
"""Metrics, models or ids named in a message; the rest is counted."""


def only_variant(name: str, entries: Sequence[Entry], variant: str | None) -> list[Entry]:
    """The results of one model and prompt.

    Raises:
        DataError: there are several and none is named, or there is none of this name.
    """
    known = list(dict.fromkeys(entry.variant for entry in entries))
    if variant is None and len(known) <= 1:
        return list(entries)
    if variant is None:
        message = (
            f"{name} holds the results of {len(known):,} models or prompts: {listed(known)}; "
            f"choose one with --model RUN={shown(known[0])!r}"
        )
        raise DataError(message)
    chosen = [one for one in known if variant == one] or [one for one in known if variant in one.split(" | ")]
    if not chosen and not any(known):
        message = f"{name} names no model or prompt, so --model cannot choose {shown(variant, 40)!r}; leave --model out for it"
        raise DataError(message)
    if len(chosen) != 1:
        told = f"{len(chosen)} that fit: {listed(chosen)}" if chosen else "none"
        message = f"{name} has no single model or prompt {variant!r}: there is {told}{suggest(variant, [shown(one) for one in known])}"
        raise DataError(message)
    return [entry for entry in entries if entry.variant == chosen[0]]


def choose_metric(name: str, entries: Sequence[Entry], wanted: str | None, main: str | None) -> str:
    """The metric whose values are the scores.

    Raises:
        DataError: there is none, none of this name, or several that differ.
    """
    known = list(dict.fromkeys(metric for entry in entries for metric in entry.scores))
    if wanted is not None:
        same = [one for one in known if one == wanted] or [
            one for one in known if one.lower() == wanted.lower()
        ]
        if len(same) == 1:
            return same[0]
        message = f"{name} has no metric {shown(wanted, 40)!r}{suggest(wanted, [shown(one, 60) for one in known], 'it has')}"
        raise DataError(message)
    if main in known:
        return str(main)
    if not known:
        message = f"{name} has {len(entries):,} examples and no score of any; score them first"
        raise DataError(message)
    if len(known) == 1:
        return known[0]
    columns = {metric: [_quietly(entry.scores.get(metric)) for entry in entries] for metric in known}
    first = columns[known[0]]
    if all(values == first for values in columns.values()):
        return known[0]
    message = (
        f"{name} has {len(known):,} metrics that differ: {listed(known)}; choose one with "
        f"--metric RUN={shown(known[0], 40)}"
    )
    raise DataError(message)


def listed(names: Sequence[str]) -> str:
    """Some names of the user's files, safe to print."""
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(shown(one, 60) for one in islice(names, NAMED)) + more


def _quietly(value: Any) -> Any:  # noqa: ANN401  any value of a record
    try:
        return score_of(value)
    except ValueError:
        return value


def sheet_of(name: str, entries: Sequence[Entry], metric: str) -> pl.DataFrame:
    """The results as rows of `SHEET`, in the order of the file.

    Raises:
        DataError: a value is not what its column holds, or a score lies outside 0 to 1.
    """

    def read(entry: Entry, what: str, value: Any, parse: Callable[[Any], T]) -> T:  # noqa: ANN401  as above
        try:
            return parse(value)
        except ValueError as error:
            message = f"{name}, line {entry.line:,}: the {shown(what, 40)} {error}"
            raise DataError(message) from None

    rows = [
        (
            entry.id, entry.position, entry.attempt,
            read(entry, metric, entry.scores.get(metric), score_of),
            entry.output, entry.failure,
            read(entry, "valid", entry.valid, truth_of),
            read(entry, "latency", entry.seconds, amount_of),
            read(entry, "cost", entry.cost, amount_of),
            entry.line,
        )
        for entry in entries
    ]  # fmt: skip
    sheet = pl.DataFrame(rows, schema=SHEET, orient="row")
    outside = sheet.filter(~pl.col("score").is_between(0, 1))
    if outside.height:
        raise DataError(_outside(name, metric, sheet["score"], outside["line"][0]))
    if sheet["score"].null_count() == sheet.height:
        message = f"{name} has {sheet.height:,} results, and {shown(metric, 40)} is empty in all of them"
        raise DataError(message)
    return sheet


def _outside(name: str, metric: str, scores: pl.Series, line: int) -> str:
    known = scores.drop_nulls().to_list()
    low, high = min(known), max(known)
    scale = (
        "divide by 100"
        if low >= 0 and high > 10
        else "write (score - lowest) / (highest - lowest) of its scale"
    )
    return (
        f"{name}, line {line:,}: scores must lie between 0 (wrong) and 1 (right), but {shown(metric, 40)} goes from "
        f"{low:g} to {high:g}; {scale}, or choose another with --metric RUN=NAME"
    )

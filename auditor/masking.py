"""What a check returned with personal data and secrets masked: every output is made from what comes out here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import polars as pl

from checks.contract import Data, Measure, Result
from checks.private.mask import hide, hide_all


def labelers(data: Data) -> frozenset[str]:
    """Names of those who labelled, as the data give them: often e-mail addresses, by which they are to be talked to."""
    if data.labels is None or "labeler" not in data.labels.collect_schema():
        return frozenset()
    return frozenset(data.labels.select(pl.col("labeler").unique().drop_nulls()).collect().to_series())


def masked(found: Result, known: frozenset[str]) -> Result:
    """A result in which no text, label or note tells personal data or a secret.

    Args:
        found: what a check returned.
        known: names of labelers, which stay where they stand alone.
    """
    return replace(
        found,
        measures=tuple(_measures(found.measures, known)),
        evidence=tuple(replace(one, table=_table(one.table, known)) for one in found.evidence),
        notes=tuple(hide_all(found.notes)),
    )


def _measures(measures: tuple[Measure, ...], known: frozenset[str]) -> Iterator[Measure]:
    """Groups that look the same once they are masked are numbered."""
    names = list(dict.fromkeys(one.group for one in measures if one.group is not None))
    groups, taken = dict[str, str](), dict[str, int]()
    for name, short in zip(names, hide_all(names), strict=True):
        if name == short or name in known:
            groups[name] = name
            continue
        taken[short] = taken.get(short, 0) + 1
        groups[name] = short if taken[short] == 1 else f"{short} ({taken[short]})"
    for one in measures:
        yield one if one.group is None else replace(one, group=groups[one.group])


def _table(table: pl.DataFrame, known: frozenset[str]) -> pl.DataFrame:
    """The table with every column of texts masked, but for the names of the user's files."""
    texts = [one for one in table if one.name != "file" and not one.name.endswith("_file")]
    return table.with_columns(_column(one, known) for one in texts)


def _column(column: pl.Series, known: frozenset[str]) -> pl.Series:
    kind = column.dtype
    if isinstance(kind, pl.Categorical | pl.Enum):
        return _column(column.cast(pl.String), known)
    if kind.is_nested():
        return pl.Series(column.name, [_inside(value) for value in column.to_list()], kind)
    if kind != pl.String:
        return column
    shown = hide(column)
    names = pl.Series(sorted(known), dtype=pl.String)
    return shown if shown is column else column.zip_with(column.is_in(names).fill_null(value=False), shown)


def _inside(value: Any) -> Any:  # noqa: ANN401  whatever a plug-in puts into a cell
    if isinstance(value, str):
        return hide_all([value])[0]
    if isinstance(value, list):
        return [_inside(one) for one in value]
    return {name: _inside(one) for name, one in value.items()} if isinstance(value, dict) else value

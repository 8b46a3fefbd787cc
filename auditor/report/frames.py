"""A report as data frames, for whoever goes on with its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from auditor.report.findings import named
from auditor.report.model import OutcomeModel, Report

MEASURES = pl.Schema(
    {
        "check": pl.String,
        "measure": pl.String,
        "group": pl.String,
        "value": pl.Float64,
        "kind": pl.String,
        "of": pl.Int64,
        "low": pl.Float64,
        "high": pl.Float64,
        "basis": pl.String,
        "by": pl.String,
        "currency": pl.String,
    }
)
"""`low` and `high` are the ends of the 95 % interval; of counts the value is a whole number."""


@dataclass(frozen=True, slots=True)
class Frames:
    """What a report holds, as frames of polars."""

    measures: pl.DataFrame
    """One row for each measure, see `MEASURES`."""
    evidence: Mapping[str, Mapping[str, pl.DataFrame]]
    """Check -> title of the table, without what it counts -> its rows, at most `HEAD`, with `fingerprint` where they name
    places. `--out` keeps all rows as Parquet."""


def frames(report: Report) -> Frames:
    """The measures and the evidence of a report."""
    rows = [
        (
            check, one.name, one.group, one.value, one.kind, one.of, *(one.interval or (None, None)),
            one.basis, one.by, one.currency,
        )
        for check, outcome in report.outcomes.items()
        for one in outcome.measures
    ]  # fmt: skip
    measures = pl.DataFrame(rows, schema=MEASURES, orient="row", strict=False)
    return Frames(measures, {check: _tables(outcome) for check, outcome in report.outcomes.items()})


def _tables(outcome: OutcomeModel) -> dict[str, pl.DataFrame]:
    """The evidence of a check; tables of the same title are numbered."""
    found: dict[str, pl.DataFrame] = {}
    for name, one in named(outcome.evidence):
        table = pl.DataFrame(list(one.head), infer_schema_length=None, strict=False)
        if one.fingerprints:
            table = table.with_columns(fingerprint=pl.Series(one.fingerprints, dtype=pl.String))
        found[name] = table
    return found

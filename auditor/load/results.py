"""Result files of models -> `checks.schemas.RESULTS`: how each run did on each example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from auditor.errors import DataError, suggest
from auditor.load.resultfiles.content import open_content
from auditor.load.resultfiles.formats import format_of
from auditor.load.resultfiles.matching import Sheet, matched, paired
from auditor.load.resultfiles.schema import validity
from auditor.load.resultfiles.scoring import choose_metric, only_variant, sheet_of
from checks.contract import RESULTS, RUNS, Split

RELATED = ("related-before", "related-after")
PROMPTED = ("baseline", "few-shot", "rag")
NUMBERS_FROM: Mapping[str, int | None] = {"records": None}
"""Formats that do not say whether they number examples from 0 or 1; all others do from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultFile:
    """What is known about a file that was read."""

    run: str
    path: str
    sha256: str
    format: str
    metric: str
    """The one that was taken for the score."""
    rows: int


@dataclass(frozen=True, slots=True)
class ReadResults:
    """All runs."""

    frame: pl.DataFrame
    """See `checks.schemas.RESULTS`."""
    files: tuple[ResultFile, ...]


def load_results(
    files: Mapping[str, str],
    evals: Split | None,
    *,
    lost: int = 0,
    metrics: Mapping[str, str] | None = None,
    variants: Mapping[str, str] | None = None,
    schema: str | None = None,
) -> pl.DataFrame:
    """The results in some files, see `read_results`."""
    return read_results(files, evals, lost=lost, metrics=metrics, variants=variants, schema=schema).frame


def read_results(
    files: Mapping[str, str],
    evals: Split | None,
    *,
    lost: int = 0,
    metrics: Mapping[str, str] | None = None,
    variants: Mapping[str, str] | None = None,
    schema: str | None = None,
) -> ReadResults:
    """Read result files and tell which example each result is about.

    Args:
        files: run, one of `RUNS` -> its file.
        evals: the eval set that the runs are about, all but those on related tasks; None where nobody may see it: then
            runs are matched with each other.
        lost: records of the eval set that could not be used; then order and row numbers tell nothing.
        metrics: run -> the metric that is its score; "" stands for all runs that are not named.
        variants: run -> the model or prompt whose results count, where its file holds several.
        schema: a JSON Schema that outputs must keep to, which decides `valid`.

    Raises:
        DataError: a file cannot be read or understood, or its results cannot be matched.
    """
    metrics, variants = metrics or {}, variants or {}
    _check_names(files, metrics, variants)
    read = [
        _read(run, path, metrics, variants)
        for run, path in sorted(files.items(), key=lambda one: RUNS.index(one[0]))
    ]
    sheets, found = [sheet for sheet, _ in read], [file for _, file in read]
    ours = [sheet for sheet in sheets if sheet.run not in RELATED]
    others = [sheet for sheet in sheets if sheet.run in RELATED]
    frames = (matched(ours, evals, lost) if evals is not None else paired(ours)) if ours else {}
    frames |= paired(others) if others else {}
    _check_shared(sheets, frames)
    rows = [_rows(sheet, _tested(frames[sheet.run], schema)) for sheet in sheets]
    return ReadResults(pl.concat([pl.DataFrame(schema=RESULTS), *rows]), tuple(found))


def _check_names(files: Mapping[str, str], metrics: Mapping[str, str], variants: Mapping[str, str]) -> None:
    for run in files:
        if run not in RUNS:
            message = f"there is no run {run!r}{suggest(run, RUNS, 'runs are')}"
            raise DataError(message)
    for what, named in (("metric", metrics), ("model", variants)):
        for run in named:
            if run and run not in files:
                message = f"a {what} is named for the run {run!r}, of which there is no file{suggest(run, files, 'runs are')}"
                raise DataError(message)
    one = [run for run in RELATED if run in files]
    if len(one) == 1:
        other = next(run for run in RELATED if run not in files)
        message = (
            f"{one[0]} needs {other}: whether related tasks suffer shows in the results before and after"
        )
        raise DataError(message)
    seen: dict[tuple[str, str, str], str] = {}
    for run, path in files.items():
        key = path, metrics.get(run, metrics.get("", "")), variants.get(run, "")
        if (first := seen.setdefault(key, run)) != run:
            message = f"{path} is named as {first} and as {run}; each run has results of its own"
            raise DataError(message)


def _read(
    run: str, path: str, metrics: Mapping[str, str], variants: Mapping[str, str]
) -> tuple[Sheet, ResultFile]:
    content = open_content(path)
    known = format_of(content)
    wanted = metrics.get(run, metrics.get("")) or None
    entries = list(known.read(content, wanted))
    if not entries:
        message = f"{path} holds no result; a result file has one record for each example"
        raise DataError(message)
    entries = only_variant(path, entries, variants.get(run))
    metric = choose_metric(path, entries, wanted, known.main)
    sheet = sheet_of(path, entries, metric)
    file = ResultFile(
        run=run, path=path, sha256=content.sha256, format=known.name, metric=metric, rows=sheet.height
    )
    return Sheet(run=run, name=path, frame=sheet, counts_from=NUMBERS_FROM.get(known.name, 0)), file


def _check_shared(sheets: list[Sheet], frames: Mapping[str, pl.DataFrame]) -> None:
    """Runs that are compared must have examples in common.

    Raises:
        DataError: two of them have none.
    """
    names = {sheet.run: sheet.name for sheet in sheets}
    pairs = [(run, "poc") for run in PROMPTED] + [RELATED]
    for before, after in pairs:
        if before in frames and after in frames:
            scored = [frames[run].drop_nulls("score").select("example") for run in (before, after)]
            if not scored[0].join(scored[1], on="example", how="semi").height:
                message = (
                    f"{names[before]} ({before}) and {names[after]} ({after}) have no example in common, so nothing can be "
                    "compared; run both on the same examples"
                )
                raise DataError(message)


def _tested(frame: pl.DataFrame, schema: str | None) -> pl.DataFrame:
    return frame if schema is None else frame.with_columns(valid=validity(frame["output"], schema))


def _rows(sheet: Sheet, frame: pl.DataFrame) -> pl.DataFrame:
    """One row for each example: attempts at it are averaged, and valid if all of them are."""
    first = [pl.col(name).first() for name in ("id", "output", "failure", "line")]
    merged = frame.group_by("example", maintain_order=True).agg(
        pl.col("score", "seconds", "cost").mean(), pl.col("valid").all(ignore_nulls=False), *first
    )
    made = merged.with_columns(run=pl.lit(sheet.run), file=pl.lit(sheet.name))
    return made.select(pl.col(name).cast(kind) for name, kind in RESULTS.items()).sort("example")

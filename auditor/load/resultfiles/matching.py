"""Which example each result is about: by the ids of the eval set, by row numbers, or by order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from auditor.errors import DataError, suggest
from auditor.load.ledger import shown
from checks.contract import Split

NAMED = 5
"""Ids named in a message; the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The results of one run."""

    run: str
    name: str
    """The file."""
    frame: pl.DataFrame
    """See `scoring.SHEET`."""
    counts_from: int | None = 0
    """Number of the first row where a tool numbers the examples; None: a person did, from 0 or 1."""

    @property
    def by_id(self) -> bool:
        """Whether each result names its example."""
        return not self.frame["id"].null_count()

    @property
    def by_position(self) -> bool:
        """Whether each result tells the row of its example."""
        return not self.frame["position"].null_count()


def matched(sheets: Sequence[Sheet], evals: Split, lost: int = 0) -> dict[str, pl.DataFrame]:
    """The frames of runs on the eval set, by run, with the column `example`: the row of the eval set.

    Args:
        sheets: the runs.
        evals: the eval set.
        lost: records of it that could not be used.

    Raises:
        DataError: a result is of no eval row, or two of one.
    """
    rows = _eval_ids(evals) if evals.holds("id") else None
    frames = {sheet.run: _matched(sheet, evals, rows, lost) for sheet in sheets}
    if rows is None:
        _same_order(sheets, frames)
    return frames


def paired(sheets: Sequence[Sheet]) -> dict[str, pl.DataFrame]:
    """The frames of runs on examples that no split holds, numbered so that the same example has one number.

    Raises:
        DataError: it cannot be told which results are of the same example.
    """
    if all(sheet.by_id for sheet in sheets):
        names = pl.concat([_once(sheet, "id").select("id") for sheet in sheets]).unique(maintain_order=True)
        numbered = names.with_row_index("example").with_columns(pl.col("example").cast(pl.Int64))
        return {
            sheet.run: sheet.frame.join(numbered, on="id", how="left", maintain_order="left")
            for sheet in sheets
        }
    if all(sheet.by_position for sheet in sheets):
        return {
            sheet.run: _once(sheet, "position").with_columns(
                example=pl.col("position") - (sheet.counts_from or 0)
            )
            for sheet in sheets
        }
    first = sheets[0]
    for sheet in sheets[1:]:
        if sheet.frame.height != first.frame.height:
            message = (
                f"{first.name} has {first.frame.height:,} results and {sheet.name} {sheet.frame.height:,}, and without "
                "ids in both it cannot be told which are of the same example; write an id with each"
            )
            raise DataError(message)
    return {sheet.run: _in_order(sheet) for sheet in sheets}


def _eval_ids(evals: Split) -> pl.DataFrame:
    """`example`, `id` as results spell it, `file` and `line` of the eval rows that have an id."""
    name = pl.col("id").str.strip_chars().str.replace(r"^(-?\d+)\.0*$", "$1")
    rows = evals.frame.select(pl.col("row").cast(pl.Int64).alias("example"), name.alias("id"), "file", "line")
    return rows.drop_nulls("id").collect()


def _matched(sheet: Sheet, evals: Split, rows: pl.DataFrame | None, lost: int) -> pl.DataFrame:
    if not evals.rows and not lost:
        message = f"the eval set is empty, so the results of {sheet.name} are about none of its rows; name the eval set that was used"
        raise DataError(message)
    if rows is not None and sheet.frame["id"].count():
        known = sheet.frame.join(rows, on="id", how="semi").height
        if sheet.by_id and known == sheet.frame.height:
            return _by_id(sheet, rows)
        if known or not sheet.by_position or sheet.counts_from is None:
            raise DataError(_strange(sheet, rows))
    if lost or evals.merged:
        told = (
            f"{lost:,} of its records cannot be used"
            if lost
            else f"{evals.merged:,} of its records are further judgements of the same rows"
        )
        message = (
            f"{sheet.name} must be matched with the eval set by order, but {told}, so the rows are no longer counted as "
            "they were when the model was tried; give both an id (--map COLUMN=id names that of the eval set)"
        )
        raise DataError(message)
    if sheet.by_position:
        return _by_position(sheet, evals)
    if sheet.by_id:
        _once(sheet, "id")
    if sheet.frame.height != evals.rows:
        lacking = "the eval set has no ids" if rows is None else "the results have none"
        message = (
            f"{sheet.name} has {sheet.frame.height:,} results for {evals.rows:,} eval rows, and {lacking}, so it cannot "
            "be told which is which; give both an id (--map COLUMN=id names that of the eval set)"
        )
        raise DataError(message)
    return _in_order(sheet)


def _in_order(sheet: Sheet) -> pl.DataFrame:
    return sheet.frame.with_columns(example=pl.int_range(pl.len(), dtype=pl.Int64))


def _by_id(sheet: Sheet, rows: pl.DataFrame) -> pl.DataFrame:
    twice = rows.filter(pl.col("id").is_duplicated()).join(sheet.frame, on="id", how="semi")
    if twice.height:
        same = twice.filter(pl.col("id") == twice["id"][0])
        places = " and ".join(
            f"{file}, line {line:,}" for file, line in same.select("file", "line").rows()[:2]
        )
        message = (
            f"the eval set has the id {shown(same['id'][0], 60)!r} twice ({places}), so the results of {sheet.name} cannot "
            "be matched; give each eval row an id of its own"
        )
        raise DataError(message)
    return _once(sheet, "id").join(rows.select("id", "example"), on="id", how="left", maintain_order="left")


def _by_position(sheet: Sheet, evals: Split) -> pl.DataFrame:
    found = _once(sheet, "position")
    low, high = (
        int(edge) for edge in found.select(low=pl.col("position").min(), high=pl.col("position").max()).row(0)
    )
    from_ = sheet.counts_from
    if from_ is None:
        from_ = 0 if low == 0 else 1 if high == evals.rows else None
    if from_ is None:
        message = (
            f"{sheet.name} numbers its examples from {low} to {high}, and the eval set has {evals.rows:,} rows, so it "
            "cannot be told whether the first one is 0 or 1; give both an id"
        )
        raise DataError(message)
    example = found.with_columns(example=pl.col("position") - from_)
    beyond = example.filter(~pl.col("example").is_between(0, evals.rows - 1))
    if beyond.height:
        message = (
            f"{sheet.name}, line {beyond['line'][0]:,}: it is about example {beyond['position'][0]:,}, and the eval set has "
            f"{evals.rows:,} rows; name the eval set that was used"
        )
        raise DataError(message)
    return example


def _once(sheet: Sheet, key: str) -> pl.DataFrame:
    """The frame, in which each attempt at an example comes once.

    Raises:
        DataError: one comes again.
    """
    again = sheet.frame.filter(pl.struct(key, "attempt").is_duplicated())
    if again.height:
        lines = again.filter(pl.col(key) == again[key][0])["line"].unique(maintain_order=True).to_list()
        where = f"line {lines[0]:,}" if len(lines) == 1 else f"lines {lines[0]:,} and {lines[1]:,}"
        what = "id" if key == "id" else "example"
        message = (
            f"{sheet.name}: the {what} {shown(str(again[key][0]), 60)!r} comes twice ({where}); keep one result of each "
            f"example ({again[key].n_unique():,} come more than once)"
        )
        raise DataError(message)
    return sheet.frame


def _strange(sheet: Sheet, rows: pl.DataFrame) -> str:
    """What to say of results whose ids no eval row has."""
    nameless = sheet.frame.filter(pl.col("id").is_null())
    if nameless.height:
        return (
            f"{sheet.name}, line {nameless['line'][0]:,}: {nameless.height:,} of {sheet.frame.height:,} results have no id, "
            "and the others do; give each its id"
        )
    strange = sheet.frame.join(rows, on="id", how="anti")
    named = ", ".join(
        f"{shown(name, 60)!r} (line {line:,})" for name, line in strange.select("id", "line").rows()[:NAMED]
    )
    more = f" and {strange.height - NAMED:,} more" if strange.height > NAMED else ""
    known = [shown(one, 60) for one in rows["id"].head(10_000).to_list()]
    near = suggest(strange["id"][0], known)
    hint = (
        near if "did you mean" in near else f"; its ids are like {', '.join(repr(one) for one in known[:3])}"
    )
    return (
        f"{sheet.name}: {strange.height:,} of {sheet.frame.height:,} ids stand in no row of the eval set: {named}{more}"
        f"{hint}. Results and eval set must be of the same examples"
    )


def _same_order(sheets: Sequence[Sheet], frames: Mapping[str, pl.DataFrame]) -> None:
    """Runs that were matched by order must name the same examples alike.

    Raises:
        DataError: two of them name an example differently.
    """
    named = [sheet for sheet in sheets if sheet.by_id]
    for sheet in named[1:]:
        first = named[0]
        both = frames[first.run].join(frames[sheet.run], on="example", suffix="_other")
        other = both.filter(pl.col("id") != pl.col("id_other"))
        if other.height:
            message = (
                f"{sheet.name}, line {other['line_other'][0]:,}: its id {shown(other['id_other'][0], 60)!r} stands where "
                f"{first.name} has {shown(other['id'][0], 60)!r}, and without ids in the eval set results are matched by "
                "their order; give the eval set the same ids, or sort the files alike"
            )
            raise DataError(message)

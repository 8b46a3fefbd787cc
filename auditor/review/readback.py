"""Filled review sheets -> `Data.reviewed`: which rows of train the verdicts are about, as it stands now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from auditor.errors import DataError, suggest
from auditor.review.filled import Verdict, check_sizes, read_filled
from auditor.review.identity import label_mark, row_ids
from checks.contract import Data
from checks.labels.reviewed import REVIEWED

SHOWN = 5
"""Places named in a note; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Readback:
    """What sheets say of the training data."""

    reviewed: pl.DataFrame
    """See `checks.labels.reviewed`."""
    notes: tuple[str, ...]


def read_back(data: Data, sheets: Sequence[str]) -> Readback:
    """The verdicts of all sheets on the rows of train.

    A row is told by its text and label, so the files may have been put in another order since. Where the label has
    become the right one of the reviewer, the row is the same, mended.

    Raises:
        DataError: a sheet cannot be read, or is about other data.
    """
    if "label" not in data.train.stored or "text" not in data.train.stored:
        message = (
            f"{', '.join(sheets)}: verdicts are about texts and their labels, and the training data has none"
        )
        raise DataError(message)
    lines, notes = list[Verdict](), list[str]()
    for sheet in dict.fromkeys(sheets):
        found = read_filled(Path(sheet))
        lines += found
        filled = sum(one.filled for one in found)
        if filled < len(found):
            notes.append(f"{sheet}: {filled:,} of {len(found):,} rows have a verdict.")
    check_sizes(lines)
    rows = row_ids(data.train)
    spelled, unknown = _spelled(lines, rows["label"].unique().sort().to_list())
    settled, contradicted = _settled(spelled)
    decisive, aside = _one_draw(settled)
    reviewed, changed = _matched(decisive, rows)
    if not reviewed["row"].count():
        message = f"{', '.join(sheets)}: none of the reviewed rows stands in the training data; is it the sheet of other files?"
        raise DataError(message)
    if changed:
        notes.append(
            f"{changed:,} of {sum(one.filled for one in settled):,} reviewed rows no longer stand in train with the label "
            "that was judged or the right one."
        )
    return Readback(reviewed, (*notes, *unknown, *contradicted, *aside))


def _spelled(lines: list[Verdict], known: list[str]) -> tuple[list[Verdict], tuple[str, ...]]:
    """Right labels spelled as in the data; a note on those that it does not have."""
    folded = {name.casefold().strip(): name for name in known}
    spelled = [
        one if one.label is None else replace(one, label=folded.get(one.label.casefold(), one.label))
        for one in lines
    ]
    new = [one for one in spelled if one.label is not None and one.label not in known]
    if not new:
        return spelled, ()
    first, name = new[0], str(new[0].label)
    hint = suggest(name, known)
    near = hint if "did you mean" in hint else ""
    more = f" and {len(new) - 1:,} more" if len(new) > 1 else ""
    return spelled, (f"{first.place}{more}: train has no label {name[:60]!r}{near}.",)


def _settled(lines: list[Verdict]) -> tuple[list[Verdict], tuple[str, ...]]:
    """One verdict for each row; where two say right and wrong nobody can tell, and a note names them.

    Somebody who could tell overrules those who could not, and one who does not know the right label those who do not agree.
    """
    by_row: dict[str, list[Verdict]] = {}
    for one in lines:
        by_row.setdefault(one.id, []).append(one)
    settled, against = [], list[str]()
    for told in by_row.values():
        filled = [one for one in told if one.filled]
        clear = [one for one in filled if one.wrong is not None]
        first = (clear or filled or told)[0]
        if len({one.wrong for one in clear}) > 1:
            against.append(" and ".join(one.place for one in clear))
            first = replace(first, wrong=None, label=None)
        elif len(labels := {one.label for one in clear if one.label is not None}) != 1:
            first = replace(first, label=None)
        else:
            first = replace(first, label=labels.pop())
        settled.append(first)
    if not against:
        return settled, ()
    named = "; ".join(against[:SHOWN]) + (f"; and {len(against) - SHOWN:,} more" if against[SHOWN:] else "")
    return settled, (
        f"Of {len(against):,} rows two verdicts contradict each other and count as unclear: {named}.",
    )


def _one_draw(lines: list[Verdict]) -> tuple[list[tuple[Verdict, bool]], tuple[str, ...]]:
    """Each row, and whether it was drawn from the strata that most verdicts are about.

    Only these are a fair sample of the same rows; what was drawn from an earlier state of the data tells of itself.
    """
    filled = Counter(one.draw for one in lines if one.filled)
    draw = max(filled, key=lambda name: (filled[name], name))
    found = [(one, one.draw == draw) for one in lines]
    aside = sum(filled.values()) - filled[draw]
    if not aside:
        return found, ()
    said = (
        f"{aside:,} verdicts come from a sheet that was drawn from train in another state; they are shown, but the rate "
        f"comes from the other {filled[draw]:,}."
    )
    return found, (said,)


def _matched(lines: list[tuple[Verdict, bool]], rows: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The verdicts on the rows of train, and how many are about rows that are gone.

    The first copy of a row stands for its draw and tells how many share its verdict. A stratum without any verdict keeps
    one line that tells its size.
    """
    told = pl.DataFrame(
        [
            (number, one.id, _mended(one), one.wrong, one.label, one.filled, drawn, one.stratum, one.stratum_rows)
            for number, (one, drawn) in enumerate(lines)
        ],
        schema={
            "number": pl.Int64, "id": pl.String, "mended": pl.String, "wrong": pl.Boolean, "label": pl.String,
            "filled": pl.Boolean, "drawn": pl.Boolean, "stratum": pl.Int64, "stratum_rows": pl.Int64,
        },
        orient="row",
    )  # fmt: skip
    places = rows.select("row", found="id")
    judged = told.filter("filled")
    either = [judged.select("number", found=name, way=pl.lit(n)) for n, name in enumerate(("id", "mended"))]
    matches = pl.concat(either).drop_nulls().join(places, on="found")
    # a row's own verdict goes before that on a copy of it with another label
    matches = matches.sort("row", "way", "number").unique("row", keep="first", maintain_order=True)
    one = judged.join(matches.select("number", "row"), on="number", how="left", maintain_order="left")
    gone = int(one["row"].null_count())
    drawn = pl.col("drawn")
    first = drawn & (pl.int_range(pl.len()).over("number") == 0)
    kept = one.filter(pl.col("row").is_not_null() | drawn).with_columns(
        pl.when(drawn).then("stratum"),
        pl.when(drawn).then("stratum_rows"),
        copies=pl.when(first).then(pl.len().over("number")),
    )
    sizes = told.filter("drawn").unique("stratum", maintain_order=True)
    sizes = sizes.with_columns(pl.lit(None).alias(name) for name in ("row", "wrong", "label", "copies"))
    columns = [pl.col(name).cast(kind) for name, kind in REVIEWED.items()]
    whole = pl.concat([kept.select(columns), sizes.select(columns)])
    return whole.sort("stratum", "row", nulls_last=True), gone


def _mended(one: Verdict) -> str | None:
    """The id that the row has once its label is the right one."""
    return None if one.label is None else f"{one.id.rpartition('-')[0]}-{label_mark(one.label)}"

"""Eval set: is it large enough to show the gain that would decide?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checks.contract import Chart, Data, Evidence, Measure, Result, Split
from checks.effective import Effective, effective_eval
from checks.intervals import detectable_gain, wilson
from checks.measures import Counted
from checks.places import brief, place, quoting
from checks.text.leaks import BY_PROMPT, SUSPECT, Leaks, leaks

FEW, MANY, POINTS = 100, 2_000, 40
"""Sizes that the picture of detectable gains goes from and to, at least, and how many it has."""


@dataclass(frozen=True, slots=True)
class EvalSet:
    """The eval set is large enough to show a gain of the size that decides.

    `eval_rows`: readable eval records. `effective_eval_rows`: distinct usable eval texts; exact and near copies count
    once, since they are right or wrong together. `clean_eval_rows`: usable rows that do not leak, of which no near copy
    leaks either, and that some detector could see (the evidence lists them, so that eval can be cut down to them; those
    only suspected are marked); `effective_clean_eval_rows`: the distinct texts among them.
    `detectable_gain_points`: smallest gain in accuracy, in percentage points, that a paired comparison (McNemar, 5 %
    level) on the effective rows shows with 80 % power, when the two models disagree on a share `discordance` of the
    examples: n = ((1.96 sqrt(d) + .84 sqrt(d - g^2)) / g)^2. `clean_detectable_gain_points`: the same of the clean rows. `half_width_points`: half the width of the 95 % Wilson
    interval of an accuracy of 50 % on the effective rows, the widest it can get. Where train has labels and eval has
    none, eval can show nothing, and only `eval_rows` is counted.
    Source: S1 (1,000+ examples; +5 points over the baseline), S3 (50-100 as the bare minimum); Connor 1987.
    """

    id: ClassVar[str] = "eval_set"
    title: ClassVar[str] = "An eval set that can show the gain"
    needs: ClassVar[frozenset[str]] = frozenset({"eval.text"})
    measures: ClassVar[tuple[str, ...]] = (
        "eval_rows",
        "effective_eval_rows",
        "clean_eval_rows",
        "effective_clean_eval_rows",
        "detectable_gain_points",
        "clean_detectable_gain_points",
        "half_width_points",
    )

    discordance: float = 0.2
    """Share of examples on which exactly one of two models is right; .1 to .3 is usual, .2 the middle."""

    def __post_init__(self) -> None:
        if not 0 < self.discordance <= 1:
            message = f"discordance is {self.discordance:g}; it must be a share above 0, at most 1"
            raise ValueError(message)

    def run(self, data: Data) -> Result:
        """Count what is independent and what that many examples can show."""
        left, found = data.once(effective_eval), data.once(leaks)
        if left is None or data.eval is None:
            return Result(())
        if _lacks_labels(data):
            return Result(
                (Measure(name="eval_rows", value=data.eval.rows),),
                (),
                (
                    "no eval row has a label, while training rows have; name the column with --map COLUMN=label",
                ),
            )
        clean = _clean(left, found)
        distinct = len(np.unique(left.keeper[clean]))
        before, after = (100 * detectable_gain(rows, self.discordance) for rows in (left.rows, distinct))
        low, high = wilson(0.5, left.rows)
        measures = (
            Measure(name="eval_rows", value=data.eval.rows),
            Measure(name="effective_eval_rows", value=left.rows, of=data.eval.rows),
            Measure(name="clean_eval_rows", value=len(clean), of=data.eval.rows),
            Measure(name="effective_clean_eval_rows", value=distinct, of=data.eval.rows),
            Measure(name="detectable_gain_points", value=before, kind="points"),
            Measure(name="clean_detectable_gain_points", value=after, kind="points"),
            Measure(name="half_width_points", value=50 * (high - low), kind="points"),
        )
        notes = [self._note(left.rows)]
        if distinct < left.rows:
            notes.append(
                f"Without what leaks {distinct:,} of {left.rows:,} effective rows are left, which show a gain of "
                f"{after:.1f} points instead of {before:.1f}."
            )
        shown = (_clean_rows(data.eval, clean, found),) if 0 < len(clean) < data.eval.rows else ()
        return Result(measures, (*shown, *self._gains(left.rows)), tuple(notes))

    def _gains(self, rows: int) -> tuple[Evidence, ...]:
        """What sets of other sizes would show, for a picture."""
        if not rows:
            return ()
        sizes = np.geomspace(min(rows, FEW), max(MANY, 2.5 * rows), POINTS).round().astype(np.int64)
        sizes = np.unique([*sizes, rows])
        gains = [100 * detectable_gain(int(size), self.discordance) for size in sizes]
        chart = Chart(
            picture="curve",
            label="eval_rows",
            values=("detectable_gain",),
            unit="points",
            measure="detectable_gain_points",
            along="effective eval rows",
            at=float(rows),
            at_says=f"this eval set: {rows:,}",
        )
        table = pl.DataFrame({"eval_rows": sizes, "detectable_gain": gains})
        return (Evidence("Smallest gain that an eval set can show, by its size", table, chart=chart),)

    def _note(self, rows: int) -> str:
        gains = {share: detectable_gain(rows, share) for share in (0.1, 0.2, 0.3)}
        others = ", ".join(
            f"{100 * gain:.1f} points at {share:.0%}" for share, gain in gains.items() if gain <= share
        )
        assumed = (
            f"The detectable gain assumes that the models disagree on {self.discordance:.0%} of the examples"
        )
        if detectable_gain(rows, self.discordance) > self.discordance:
            return f"{assumed}; {rows:,} row{'s' * (rows != 1)} can show no gain then, only one where they disagree on more."
        return f"{assumed}; {rows:,} rows show a gain of {others}."


def _clean(left: Effective, found: Leaks | None) -> NDArray[np.int64]:
    """Usable rows that are known not to leak, nor any near copy of them."""
    usable = left.keeper >= 0
    if found is None:
        return np.flatnonzero(usable)
    leaking = np.unique(left.keeper[usable & (found.kind >= BY_PROMPT)])
    return np.flatnonzero(usable & ~found.unseen & ~np.isin(left.keeper, leaking))


def _clean_rows(evals: Split, rows: NDArray[np.int64], found: Leaks | None) -> Evidence:
    """Where the clean rows stand, with their ids where they have some."""
    table = place(evals, rows)
    if evals.holds("id"):
        table = table.hstack(evals.take(pl.Series(rows), "id").select("id"))
    suspected = found.kind[rows] == SUSPECT if found is not None else np.zeros(len(rows), np.bool_)
    table = table.select(pl.lit("eval").alias("split"), pl.all(), pl.Series("suspected", suspected))
    named = ["id"] if "id" in table.columns else []
    return Evidence("Clean eval rows", brief(table, *named), labels=quoting(table, *named), counted=Counted())


def _lacks_labels(data: Data) -> bool:
    """Whether train is labelled with classes and eval is not, so that no answer to it can be right or wrong."""
    is_classes = data.train.holds("label") and "response_bytes" not in data.train.stored
    return is_classes and data.eval is not None and not data.eval.holds("label")

"""Eval set: is it large enough to show the gain that would decide?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from checks.contract import Data, Measure, Result
from checks.effective import effective_eval
from checks.intervals import detectable_gain, wilson
from checks.text.leaks import BY_PROMPT, leaks


@dataclass(frozen=True, slots=True)
class EvalSet:
    """The eval set is large enough to show a gain of the size that decides.

    `eval_rows`: readable eval records. `effective_eval_rows`: distinct usable eval texts; exact and near copies count
    once, since they are right or wrong together. `clean_eval_rows`: those of them that do not leak.
    `detectable_gain_points`: smallest gain in accuracy, in percentage points, that a paired comparison (McNemar, 5 %
    level) on the effective rows shows with 80 % power, when the two models disagree on a share `discordance` of the
    examples: n = ((1.96 sqrt(d) + .84 sqrt(d - g^2)) / g)^2. `half_width_points`: half the width of the 95 % Wilson
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
        "detectable_gain_points",
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
        clean = left.rows
        if found is not None:
            clean = left.rows - len(np.unique(left.keeper[(left.keeper >= 0) & (found.kind >= BY_PROMPT)]))
        low, high = wilson(0.5, left.rows)
        measures = (
            Measure(name="eval_rows", value=data.eval.rows),
            Measure(name="effective_eval_rows", value=left.rows, of=data.eval.rows),
            Measure(name="clean_eval_rows", value=clean, of=data.eval.rows),
            Measure(
                name="detectable_gain_points",
                value=100 * detectable_gain(left.rows, self.discordance),
                kind="points",
            ),
            Measure(name="half_width_points", value=50 * (high - low), kind="points"),
        )
        return Result(measures, (), (self._note(left.rows),))

    def _note(self, rows: int) -> str:
        gains = {share: detectable_gain(rows, share) for share in (0.1, 0.2, 0.3)}
        others = ", ".join(
            f"{100 * gain:.1f} points at {share:.0%}" for share, gain in gains.items() if gain <= share
        )
        assumed = (
            f"The detectable gain assumes that the models disagree on {self.discordance:.0%} of the examples"
        )
        if detectable_gain(rows, self.discordance) > self.discordance:
            return f"{assumed}; {rows:,} rows can show no gain then, only one where they disagree on more."
        return f"{assumed}; {rows:,} rows show a gain of {others}."


def _lacks_labels(data: Data) -> bool:
    """Whether train is labelled with classes and eval is not, so that no answer to it can be right or wrong."""
    is_classes = data.train.holds("label") and "response_bytes" not in data.train.stored
    return is_classes and data.eval is not None and not data.eval.holds("label")

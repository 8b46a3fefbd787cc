"""Leakage: eval examples that also stand in training data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rapidfuzz import fuzz

from checks.contract import EXCERPT, Data, Evidence, Measure, Result, Split
from checks.places import QUOTED, around, place, unquoted, whole
from checks.sketched import sketch_result
from checks.text.containment import COMMON
from checks.text.leaks import BY_PROMPT, CLEAN, CONTAINED, EXACT, NEAR, SUSPECT, Leaks, leaks
from checks.text.scan import Scan, scan

_KINDS = {
    SUSPECT: "suspected",
    BY_PROMPT: "same prompt",
    CONTAINED: "contained",
    NEAR: "near",
    EXACT: "exact",
}
_SHOWN_FIRST = (NEAR, CONTAINED, BY_PROMPT, EXACT, SUSPECT)
"""Order of the evidence: what a reader would not have found by searching comes first."""
PIECE = 40
"""Characters by which an eval text is looked for in a training text before the two are aligned; that takes longer."""


@dataclass(frozen=True, slots=True)
class Leakage:
    """Eval examples that also stand in training data.

    Each eval row counts once, under the strongest kind: `exact_leaked_eval_rows` (its folded text is that of a
    training row), `near_leaked_eval_rows` (Jaccard similarity of at least `threshold`, exact ones included),
    `contained_eval_rows` (not near, but at least .9 of its words stand in order inside a training row; from 8 words),
    `prompt_leaked_eval_rows` (none of these, but the same holds for its prompt; from 8 words). `leaked_eval_rows` is
    near + contained + prompt. `suspected_eval_rows`: not leaked, but coverage or Jaccard in .6 to the limit, or a
    prompt that train has too but that is under 8 words or a template; for review. `leaking_train_rows`: training
    rows that hold a leaked eval row or its prompt.

    What could be seen: `unchecked_eval_rows` have nothing to compare (blank). `short_eval_rows` are only compared as
    whole texts, not looked for inside longer ones, since they have fewer than 5 words or only phrases that more than
    200 of at most 20,000 sampled training rows share. `crowded_eval_rows` had more candidates than were judged. Unit: eval rows.

    Candidates: equal hashes, MinHash-LSH, an index of eval word 5-grams (whole row and prompt; of those over 31 grams
    every second, fourth ... by hash value, at least about 16), of which a training row must hold a quarter and two (of
    fewer than 3 one): a row of 8 to 12 words that one changed word cuts in two may be missed. Every candidate is measured exactly; coverage is the longest common subsequence of words with the best window of the training row.
    Not found: paraphrases and translations. Planted in 1M rows: 100 % of exact, normalised, embedded, lightly edited
    and same-prompt leaks, 90 % of light paraphrases in either tier.
    Where eval is a sketch (`auditor sketch`), the same is measured by keyed hashes: coverage is estimated from runs of
    shared five-word phrases, whose order on the eval side is not known (leaked from .85), and the similarity of rows
    under 30 words from summaries, so a pass is unverified. Of 762 leaks in 100,000 rows it finds 743 and suspects 18; of
    6,692 clean rows it calls 1 leaked and suspects 20.
    Source: S1 (zero overlap between training data and eval set).
    """

    id: ClassVar[str] = "leakage"
    title: ClassVar[str] = "Eval examples that also stand in training data"
    needs: ClassVar[frozenset[str]] = frozenset({"train.text", "eval.wording"})
    measures: ClassVar[tuple[str, ...]] = (
        "exact_leaked_eval_rows",
        "near_leaked_eval_rows",
        "contained_eval_rows",
        "prompt_leaked_eval_rows",
        "leaked_eval_rows",
        "suspected_eval_rows",
        "leaking_train_rows",
        "unchecked_eval_rows",
        "short_eval_rows",
        "crowded_eval_rows",
    )

    def run(self, data: Data) -> Result:
        """Count the tiers and show each affected eval row beside the training row it matches best."""
        if data.sketch is not None:
            return sketch_result(data)
        found = data.once(leaks)
        if found is None or data.eval is None:
            return Result(())
        rows = data.eval.rows
        counts = {
            "exact_leaked_eval_rows": found.kind == EXACT,
            "near_leaked_eval_rows": found.kind >= NEAR,
            "contained_eval_rows": found.kind == CONTAINED,
            "prompt_leaked_eval_rows": found.kind == BY_PROMPT,
            "leaked_eval_rows": found.kind >= BY_PROMPT,
            "suspected_eval_rows": found.kind == SUSPECT,
            "unchecked_eval_rows": found.unseen,
            "short_eval_rows": found.short,
            "crowded_eval_rows": found.crowded,
        }
        measures = [Measure(name=name, value=int(flags.sum()), of=rows) for name, flags in counts.items()]
        measures.append(Measure(name="leaking_train_rows", value=int(found.train.sum()), of=data.train.rows))
        evidence = (_affected(data.train, data.eval, found),) if (found.kind > CLEAN).any() else ()
        return Result(tuple(measures), evidence, (*_notes(data), *unquoted(*evidence)))


def _affected(train: Split, evals: Split, found: Leaks) -> Evidence:
    rank = np.full(EXACT + 1, len(_SHOWN_FIRST))
    rank[list(_SHOWN_FIRST)] = range(len(_SHOWN_FIRST))
    rows = np.flatnonzero(found.kind > CLEAN)
    coverage = np.maximum(found.coverage, found.prompt_coverage)
    rows = rows[np.lexsort((rows, -coverage[rows], rank[found.kind[rows]]))]
    text, train_text = _excerpts(evals, rows, train, found.witness[rows])
    table = pl.concat(
        [
            place(evals, rows),
            place(train, found.witness[rows], "train_"),
            pl.DataFrame(
                {
                    "text": text,
                    "train_text": train_text,
                    "jaccard": _measured(found.jaccard[rows]),
                    "coverage": _measured(found.coverage[rows]),
                    "prompt_coverage": _measured(found.prompt_coverage[rows]),
                    "matches": found.matches[rows],
                }
            ),
        ],
        how="horizontal",
    )
    kinds = pl.Series("kind", [_KINDS[kind] for kind in found.kind[rows].tolist()], dtype=pl.String)
    table = table.select(pl.lit("eval").alias("split"), kinds, pl.all())
    kept = [(name, int((found.kind == kind).sum())) for kind, name in reversed(_KINDS.items())]
    counts = ", ".join(f"{count:,} {name}" for name, count in kept if count)
    title = f"Eval rows ({counts}) and the training row each matches best"
    return Evidence(title, table, ("text", "train_text"))


def _measured(values: NDArray[np.float64]) -> pl.Series:
    """Null where nothing was measured because nothing suggested that there is any."""
    return pl.Series(values).replace(0.0, None)


def _excerpts(
    evals: Split, rows: NDArray[np.int64], train: Split, witness: NDArray[np.int64]
) -> tuple[pl.Series, pl.Series]:
    """Both texts of each pair, the training text cut to where the eval text stands in it."""
    ours, theirs = [], []
    pairs = zip(whole(evals, rows[:QUOTED]), whole(train, witness[:QUOTED]), strict=True)
    for text, other in pairs:
        short = text[:EXCERPT]
        ours.append(short)
        theirs.append(around(other, _place(short, other), len(short)) if len(other) > EXCERPT else other)
    rest = [None] * max(0, len(rows) - QUOTED)
    return pl.Series(ours + rest, dtype=pl.String), pl.Series(theirs + rest, dtype=pl.String)


def _place(short: str, other: str) -> int:
    """Where `short` begins in `other`: by a piece that stands there unchanged, else by the best alignment."""
    for start in range(0, len(short), PIECE):
        found = other.find(short[start : start + PIECE])
        if found >= 0:
            return max(0, found - start)
    aligned = fuzz.partial_ratio_alignment(short, other)
    return aligned.dest_start if aligned else 0


def _notes(data: Data) -> tuple[str, ...]:
    made = data.once(scan)
    recall = made.banding.recall(data.text.threshold)
    return (
        (
            f"Near-duplicates at Jaccard {data.text.threshold:g} are found with a probability of {recall:.4%}; suspected "
            f"ones at .6 only with {made.banding.recall(0.6):.0%} unless a 5-gram points to them."
        ),
        "Paraphrases and translations of eval rows are not looked for.",
        *_left_out(made),
    )


def _left_out(made: Scan) -> tuple[str, ...]:
    if not made.common:
        return ()
    which = f"that more than {COMMON:,} of {made.sampled:,} sampled training rows share"
    return (
        f"{made.common:,} phrases of five words {which} did not count in the search inside longer texts.",
    )

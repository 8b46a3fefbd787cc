"""Suspected rewrites as a ranked list for people to read."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checks.contract import Evidence, Split
from checks.measures import Counted
from checks.places import place, quote_parts
from checks.rewritten import scoring, spans
from checks.rewritten.find import BestPairs

KINDS = (*scoring.KINDS, "answer-supported")
"""As they are counted: the last are those of either kind whose score would not do without the same answer."""
TIERS = ("review", "strong")
_PLURAL = ("suspected rewrites", "template copies", "answer-supported")


def review_list(train: Split, evals: Split, found: BestPairs) -> Evidence:
    """Each suspected eval row with the training row it matches best, best score first."""
    rows, witnesses = found.row, found.train
    kinds = np.where(found.score < scoring.REVIEW, len(scoring.KINDS), found.kind)
    table = pl.concat(
        [
            place(evals, rows),
            place(train, witnesses, "train_"),
            pl.DataFrame(
                {
                    "text": quote_parts(evals, rows, found.at),
                    "train_text": quote_parts(train, witnesses, found.train_at),
                    "score": found.score.round(2),
                    "same_order": found.order.round(3),
                    "numbers": _numbers(found),
                    "cosine": found.cosine.round(3),
                    "next_eval": pl.Series(found.next_eval.round(3)).fill_nan(None),
                    "next_train": found.next_train.round(3),
                    **({"vectors": found.vectors.round(2)} if found.vectors.any() else {}),
                    "answer": _named(("other answer", "same answer"), found.agrees.astype(np.int64)),
                }
            ),
        ],
        how="horizontal",
    )
    named = (
        pl.lit("eval").alias("split"),
        _named(KINDS, kinds).alias("kind"),
        _named(TIERS, (found.score >= scoring.STRONG).astype(np.int64)).alias("tier"),
        _named(spans.KINDS, found.part).alias("compared"),
    )
    counts = np.bincount(kinds, minlength=len(KINDS)).tolist()
    named_as = [one if count == 1 else many for count, one, many in zip(counts, KINDS, _PLURAL, strict=True)]
    told = ", ".join(f"{count:,} {name}" for count, name in zip(counts, named_as, strict=True) if count)
    title = f"Eval rows that train seems to hold in other words ({told}), for review"
    return Evidence(title, table.select(*named, pl.all()), ("text", "train_text"), counted=_COUNTED)


_COUNTED = Counted(
    by="kind",
    measures=dict(
        zip(KINDS, ("rewrites_beyond_noise", "template_copies", "answer_supported_rewrites"), strict=True)
    ),
)
"""Rewrites are held against a limit as far as there are more of them than chance makes."""


def _numbers(found: BestPairs) -> pl.Series:
    """What became of the numbers, where both sides have some."""
    kept = np.where(
        np.isnan(found.dice), -1, (found.dice >= 1).astype(np.int64) + (found.dice >= scoring.KEPT)
    )
    return _named(("numbers changed", "numbers mostly kept", "numbers kept"), kept)


def _named(names: tuple[str, ...], numbers: NDArray[np.int64]) -> pl.Series:
    """Names by their number; null where that is negative."""
    given = pl.Series(np.where(numbers < 0, len(names), numbers))
    return pl.Series([*names, None], dtype=pl.String).gather(given)

"""The share of wrong labels that a stratified review shows.

`Data.reviewed` has one line for each row that was reviewed:

| column | type | meaning |
|---|---|---|
| `row` | UInt32 | of train; null where the row no longer stands there with the label that was judged or the right one |
| `wrong` | Boolean | whether the label was wrong when it was judged; null where the reviewer could not tell |
| `stratum` | Int64 | which stratum the row was drawn from; null if it tells of itself alone, as a copy of a reviewed row does |
| `stratum_rows` | Int64 | rows that the data had in that stratum when it was drawn from |
| `label` | String | the right label as the reviewer says, else null |

A line without `row` and `wrong` says only how large its stratum is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checks.contract import Data, Measure
from checks.places import brief, place, quote

REVIEWED = pl.Schema(
    {
        "row": pl.UInt32,
        "wrong": pl.Boolean,
        "stratum": pl.Int64,
        "stratum_rows": pl.Int64,
        "label": pl.String,
    }
)
PRIOR = 1 / 3
"""Added to the counts of right and wrong labels of a stratum: the nearly median-unbiased prior of J. Kerman (2011)."""
RARE = 0.1
"""Added to the wrong ones instead for the lower end of an interval. One wrong label among many right ones then moves it
less: with 1/3 the intervals of simulated reviews began above the truth in 10 % where a model finds most of 1 % wrong
labels and so few are left to chance (`tests/bench/review_design.py`), with 1/10 in 3 %."""
DRAWS = 4_000
"""Draws behind an interval; its ends vary by about .1 points between seeds."""
SEED = 7

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What a review showed; arrays have one entry a stratum."""

    rows: NDArray[np.int64]
    """Rows of the stratum when it was drawn from."""
    right: NDArray[np.int64]
    wrong: NDArray[np.int64]
    unclear: NDArray[np.int64]
    left: NDArray[np.int64]
    """Reviewed rows whose label is still wrong."""
    gone: int = 0
    """Reviewed rows that are no longer there."""

    @property
    def judged(self) -> int:
        """Rows of which the reviewer could tell."""
        return int((self.right + self.wrong).sum())

    @property
    def standing(self) -> int:
        """Rows of those drawn from that are still there."""
        return int(self.rows.sum()) - self.gone


def share_wrong(review: Review) -> tuple[float, tuple[float, float]]:
    """Share of the rows whose label is wrong now, and its 95 % interval.

    What was reviewed is known, so only the other rows are uncertain: their number that is wrong is drawn from a
    binomial distribution at a rate drawn from Beta(wrong + 1/3, right + 1/3), stratum by stratum; for the lower end from
    Beta(wrong + 1/10, right + 1/3). Rows that the reviewer could not tell are left out of the value; they count as right
    for the lower end of the interval and as wrong for the upper one. A stratum in which nothing was judged may have any
    share and is taken to have a half.
    """
    judged = review.right + review.wrong
    rate = np.where(judged > 0, review.wrong / np.maximum(judged, 1), 0.5)
    known = float(review.left.sum())
    value = known + float(((review.rows - judged) * rate).sum())
    fewest = known + _unseen(review, review.wrong + RARE, review.right + review.unclear + PRIOR)
    most = review.unclear.sum() + known
    most = most + _unseen(review, review.wrong + review.unclear + PRIOR, review.right + PRIOR)
    low, high = float(np.quantile(fewest, 0.025)), float(np.quantile(most, 0.975))
    of = max(review.standing, 1)
    return value / of, (min(low, value) / of, max(high, value) / of)


def _unseen(review: Review, wrong: NDArray[np.floating[Any]], right: NDArray[np.floating[Any]]) -> Floats:
    """Draws of how many of the rows that nobody reviewed are wrong, at rates from Beta(wrong, right)."""
    random = np.random.default_rng(SEED)
    rest = np.maximum(review.rows - review.right - review.wrong - review.unclear, 0)
    rates = random.beta(wrong, right, (DRAWS, len(rest)))
    drawn: Floats = random.binomial(rest, rates).sum(axis=1).astype(np.float64)
    return drawn


def reviewed_rate(data: Data) -> Measure | None:
    """The share of wrong labels by the review; None without one, or if the reviewer could not tell of any row."""
    review = data.once(review_of)
    if review is None or not review.judged:
        return None
    value, interval = share_wrong(review)
    return Measure(
        name="reviewed_noise_rate",
        value=value,
        kind="share",
        of=review.standing,
        interval=interval,
        by=f"{review.judged:,} reviewed rows",
    )


def reviewed_wrong(data: Data) -> pl.DataFrame:
    """The rows that the review found wrong and that still are, in row order."""
    found = _with_labels(data).filter("still").unique("row", keep="first", maintain_order=True).sort("row")
    rows = found["row"].cast(pl.Int64).to_numpy()
    table = place(data.train, rows).select(
        pl.lit("train").alias("split"),
        pl.all(),
        label=found["given"],
        correct_label=found["label"],
        text=quote(data.train, rows),
    )
    return brief(table, "label", "correct_label")


def reviewed_notes(data: Data) -> tuple[str, ...]:
    """What is to be said of the review: rows that could not be told, are gone, or have come since."""
    review = data.once(review_of)
    if review is None:
        return ()
    notes = []
    if unclear := int(review.unclear.sum()):
        notes.append(
            f"{unclear:,} of {review.judged + unclear:,} reviewed rows are unclear; in the interval of the rate they "
            "count as right at its lower end and as wrong at its upper one."
        )
    if mended := int(review.wrong.sum() - review.left.sum()):
        notes.append(f"{mended:,} labels that the review found wrong were mended or taken out since.")
    now = data.train.frame.select(pl.col("label").count()).collect().item()
    if now != review.standing:
        notes.append(
            f"train has {now:,} labelled rows, of which the review was drawn from {review.standing:,}: the rate is theirs."
        )
    return tuple(notes)


def _with_labels(data: Data) -> pl.DataFrame:
    """The reviewed rows with the label they have now (`given`) and whether it is `still` wrong."""
    if data.reviewed is None:
        return pl.DataFrame(schema={**REVIEWED, "given": pl.String, "still": pl.Boolean})
    labels = data.train.frame.select("row", given=pl.col("label"))
    mended = (pl.col("given") == pl.col("label")).fill_null(value=False)
    still = pl.col("wrong").fill_null(value=False) & pl.col("row").is_not_null() & ~mended
    found = data.reviewed.lazy().join(labels, on="row", how="left", maintain_order="left")
    return found.with_columns(still=still).collect()


def review_of(data: Data) -> Review | None:
    """What the review of train showed; None without one. Use it as `data.once(review_of)`."""
    drawn = _with_labels(data).drop_nulls("stratum")
    if drawn.is_empty():
        return None
    wrong, here = pl.col("wrong"), pl.col("row").is_not_null()
    found = (
        drawn.group_by("stratum")
        .agg(
            rows=pl.col("stratum_rows").max(),
            right=(~wrong).sum(),
            wrong=wrong.sum(),
            unclear=(wrong.is_null() & here).sum(),
            left=pl.col("still").sum(),
            gone=(~here & wrong.is_not_null()).sum(),
        )
        .sort("stratum")
        .cast(pl.Int64)
    )
    counts = {name: found[name].to_numpy() for name in ("rows", "right", "wrong", "unclear", "left")}
    return Review(**counts, gone=int(found["gone"].sum()))

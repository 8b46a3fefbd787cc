"""The share of wrong labels that a stratified review shows.

`Data.reviewed` has one line for each row that was reviewed:

| column | type | meaning |
|---|---|---|
| `row` | UInt32 | of train; null where the row no longer stands there with the label that was judged or the right one |
| `wrong` | Boolean | whether the label was wrong when it was judged; null where the reviewer could not tell |
| `stratum` | Int64 | which stratum the row was drawn from; null if it tells of itself alone |
| `stratum_rows` | Int64 | rows that the data had in that stratum when it was drawn from |
| `label` | String | the right label as the reviewer says, else null |
| `copies` | Int64 | rows of train that share the verdict, this one among them; null on the lines of the others, its copies |

A line without `row` and `wrong` says only how large its stratum is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checks.contract import Data, Measure
from checks.labels.votes import Floats
from checks.places import brief, place, quote

REVIEWED = pl.Schema(
    {
        "row": pl.UInt32,
        "wrong": pl.Boolean,
        "stratum": pl.Int64,
        "stratum_rows": pl.Int64,
        "label": pl.String,
        "copies": pl.Int64,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What a review showed; arrays have one entry a stratum."""

    rows: NDArray[np.int64]
    """Rows of the stratum when it was drawn from."""
    right: NDArray[np.int64]
    """Rows whose label was right, copies among them."""
    wrong: NDArray[np.int64]
    unclear: NDArray[np.int64]
    left: NDArray[np.int64]
    """Reviewed rows whose label is still wrong."""
    draws: Floats
    """Draws that the rate of the other rows rests on, after weighing: a row each for right, wrong and unclear."""
    judged: int
    """Draws of which the reviewer could tell."""
    now: int
    """Labelled rows that there are."""
    gone: int = 0
    """Reviewed rows that are no longer there."""

    @property
    def rest(self) -> NDArray[np.int64]:
        """Rows of those drawn from that nobody reviewed."""
        found: NDArray[np.int64] = np.maximum(self.rows - self.right - self.wrong - self.unclear, 0)
        return found

    @property
    def untold(self) -> NDArray[np.bool_]:
        """Strata of which the reviewer could not tell of any row."""
        found: NDArray[np.bool_] = self.draws[:2].sum(axis=0) == 0
        return found

    @property
    def standing(self) -> int:
        """Rows of those drawn from that are still there, as far as the review can tell."""
        return int((self.rest + self.right + self.wrong + self.unclear).sum()) - self.gone


def share_wrong(review: Review) -> tuple[float, tuple[float, float]]:
    """Share of the rows whose label is wrong now, and its 95 % interval.

    What was reviewed is known, its copies too, so only the other rows are uncertain: their number that is wrong is drawn
    from a binomial distribution at a rate drawn from Beta(wrong + 1/3, right + 1/3), stratum by stratum; for the lower end
    from Beta(wrong + 1/10, right + 1/3). Rows that the reviewer could not tell are left out of the value; they count as
    right for the lower end of the interval and as wrong for the upper one. A stratum in which nothing was judged may have
    any share: none of it is wrong for the lower end, all of it for the upper one, and a half for the value.

    Rows that came since the draw may all be right or all wrong; the value takes them to be like the others. Where there
    are fewer rows now, nobody knows which went: for the lower end wrong ones, for the upper end right ones. As many rows
    that went as came cannot be seen.
    """
    right, wrong, unclear = review.draws
    rest, untold = review.rest, review.untold
    rate = np.where(untold, 0.5, wrong / np.where(untold, 1, right + wrong))
    known, unknown = float(review.left.sum()), int(rest.sum())
    came = max(review.now - review.standing, 0)
    went = min(max(review.standing - review.now, 0), unknown)
    staying = 1 - went / max(unknown, 1)
    value = known + float((review.unclear * rate).sum()) + float((rest * rate).sum()) * staying
    value /= max(review.now - came, 1)
    fewest = _unseen(rest * ~untold, wrong + RARE, right + unclear + PRIOR)
    most = _unseen(rest * ~untold, wrong + unclear + PRIOR, right + PRIOR) + rest[untold].sum()
    fewest, most = np.maximum(fewest - went, 0), np.minimum(most, unknown - went)
    low = known + float(np.quantile(fewest, 0.025))
    high = known + float(np.quantile(most, 0.975) + review.unclear.sum()) + came
    of = max(review.now, 1)
    return value, (min(low / of, value), max(high / of, value))


def _unseen(rest: NDArray[np.int64], wrong: Floats, right: Floats) -> Floats:
    """Draws of how many of so many rows of each stratum are wrong, at rates from Beta(wrong, right)."""
    random = np.random.default_rng(SEED)
    rates = random.beta(wrong, right, (DRAWS, len(rest)))
    drawn: Floats = random.binomial(rest, rates).sum(axis=1).astype(np.float64)
    return drawn


def stands_for(copies: NDArray[np.int64], rows: int) -> Floats:
    """How many of the rows that nobody reviewed each draw of a stratum stands for.

    Drawn are texts with their label, in the order of the first of their copies, so one of k copies is drawn with
    probability p = 1 - (1 - t)^k and stands for k (1 - p) / p rows that were not (D. Horvitz, D. Thompson 1952). t is
    such that all rows are accounted for: sum k / p = rows. Without copies each stands for rows / draws - 1. It takes for
    granted that each stratum of a sheet is filled from its first row on and that the copies are those of the draw.
    """
    rest = rows - int(copies.sum())
    if rest <= 0 or not len(copies):
        return np.zeros(len(copies))
    low, high = np.log(1e-15), 0.0
    for _ in range(60):  # by halves: the smaller t, the more they stand for
        middle = (low + high) / 2
        low, high = (middle, high) if _left_out(copies, middle).sum() > rest else (low, middle)
    found = _left_out(copies, high)
    return found * (rest / found.sum()) if found.sum() > 0 else found


def _left_out(copies: NDArray[np.int64], log_t: float) -> Floats:
    with np.errstate(over="ignore", divide="ignore"):
        found: Floats = copies / np.expm1(-copies * np.log1p(-np.exp(log_t)))
    return found


def _weighed(drawn: pl.DataFrame) -> list[float]:
    """Right, wrong and unclear draws of a stratum, weighed by the rows they stand for, in effective numbers.

    The effective number of draws of weights w is (sum w)^2 / sum w^2 (L. Kish 1965).
    """
    kinds = drawn["wrong"].cast(pl.Int64).fill_null(2).to_numpy()
    weights = stands_for(drawn["copies"].to_numpy(), int(drawn["stratum_rows"].to_numpy().max(initial=0)))
    if not weights.any():
        weights = np.ones(len(kinds))
    scale = weights.sum() / np.square(weights).sum() if len(weights) else 0.0
    found: list[float] = (np.bincount(kinds, weights, minlength=3) * scale).tolist()
    return found


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
        of=review.now,
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
    """What is to be said of the review: rows that could not be told, are gone, or have come since; strata left open."""
    review = data.once(review_of)
    if review is None:
        return ()
    notes = []
    if unclear := int(review.unclear.sum()):
        reviewed = int((review.right + review.wrong).sum()) + unclear
        notes.append(
            f"{unclear:,} of {reviewed:,} reviewed rows are unclear; in the interval of the rate they "
            "count as right at its lower end and as wrong at its upper one."
        )
    if mended := int(review.wrong.sum() - review.left.sum()):
        notes.append(f"{mended:,} labels that the review found wrong were mended or taken out since.")
    if (came := review.now - review.standing) > 0:
        notes.append(
            f"{came:,} of {review.now:,} labelled rows of train are not among those the review was drawn from; in the "
            "interval of the rate they count as right at its lower end and as wrong at its upper one: draw another sheet."
        )
    elif came < 0:
        notes.append(
            f"Of {review.standing:,} labelled rows that the review was drawn from {-came:,} are no longer in train; "
            "nobody knows whether these were wrong ones, and the interval of the rate allows for both."
        )
    if open_ := int(review.rest[review.untold].sum()):
        notes.append(
            f"{open_:,} rows lie in strata of which no row was judged: in the interval of the rate they count as right at "
            "its lower end and as wrong at its upper one, for the rate itself half of them; judge the first rows of each stratum."
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
    draws = drawn.filter(pl.col("copies").is_not_null() & (here | wrong.is_not_null()))
    # in a settled order: sums in another one differ in their last digits
    draws = draws.with_columns(stratum_rows=pl.col("stratum_rows").max().over("stratum")).sort(
        "copies", "wrong"
    )
    weighed = [_weighed(draws.filter(stratum=stratum)) for stratum in found["stratum"]]
    counts = {name: found[name].to_numpy() for name in ("rows", "right", "wrong", "unclear", "left")}
    return Review(
        **counts,
        draws=np.array(weighed).T,
        judged=draws["wrong"].count(),
        now=int(data.train.frame.select(pl.col("label").count()).collect().item()),
        gone=int(found["gone"].sum()),
    )

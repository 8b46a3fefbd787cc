"""What 200 reviewed rows settle: a stratified review against a simple random one, on made-up populations.

    python -m tests.bench.review_design [RUNS]

Each population has 5,000 rows, a share of wrong labels, and a model that suspects them more or less well: its score
separates wrong from right labels by so many standard deviations, and its guess of the share of wrong labels in each
stratum is what such a score would give at a rate of 5 %, whatever the true one. "blind" errors are wrong labels that
the model does not see at all, as those that all labelers make alike: half of them in that row. `cover` is the share of
intervals that hold the truth, `decided` of those that lie on one side of 5 %, `misled` on the wrong one. Of the last
designs half a sheet is filled in: the first half of each stratum, or the upper half, which leaves strata without a verdict.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from checks.intervals import wilson
from checks.labels.reviewed import Review, share_wrong
from checks.labels.strata import allot, strata

ROWS = 5_000
BUDGET = 200
LIMIT = 0.05
RATES = (0.0, 0.01, 0.02, 0.03, 0.05, 0.08, 0.10, 0.20)
MODELS = {"good": (2.5, 0.0), "fair": (1.5, 0.0), "half blind": (2.5, 0.5), "none": (0.0, 0.0)}
"""Name -> (standard deviations between right and wrong labels, share of wrong ones it does not see)."""


@dataclass(frozen=True, slots=True)
class Population:
    """Rows of which some are wrong, in strata by suspicion."""

    wrong: np.ndarray
    stratum: np.ndarray
    guess: np.ndarray
    """Share of wrong labels in each stratum as the model sees it."""


def population(random: np.random.Generator, rate: float, model: str) -> Population:
    """A population as it may come."""
    apart, blind = MODELS[model]
    wrong = np.zeros(ROWS, bool)
    wrong[random.permutation(ROWS)[: round(rate * ROWS)]] = True
    seen = wrong & (random.random(ROWS) >= blind)
    score = (random.standard_normal(ROWS) - apart * seen).astype(np.float32)
    stratum = strata(score, np.arange(ROWS, dtype=np.uint64))
    odds = 0.05 / 0.95 * np.exp(-apart * score - apart**2 / 2)  # of a wrong label, at 5 %
    posterior = odds / (1 + odds)
    return Population(wrong, stratum, np.array([posterior[stratum == h].mean() for h in range(4)]))


def all_of_it(lots: np.ndarray) -> np.ndarray:
    return lots


def first_half(lots: np.ndarray) -> np.ndarray:
    """Half of the sheet, from the top: the most suspicious strata alone."""
    return np.clip(lots.sum() // 2 - np.cumsum(lots) + lots, 0, lots)


def half_of_each(lots: np.ndarray) -> np.ndarray:
    """The first half of the rows of each stratum, one at least."""
    return (lots + 1) // 2


def review(
    random: np.random.Generator,
    found: Population,
    sheets: tuple[int, ...],
    fill: Callable[[np.ndarray], np.ndarray] = all_of_it,
) -> Review:
    """The result of sheets that are drawn and filled one after the other."""
    lots = len(found.guess)
    order = [random.permutation(np.flatnonzero(found.stratum == h)) for h in range(lots)]
    sizes, done, guess = np.array([len(rows) for rows in order]), np.zeros(lots, np.int64), found.guess
    for rows in sheets:
        done = done + fill(allot(sizes, guess, rows, done))
        bad = np.array([found.wrong[order[h][: done[h]]].sum() for h in range(lots)])
        guess = (bad + 0.5) / (done + 1)
    none = np.zeros(lots, np.int64)
    return Review(
        rows=sizes,
        right=done - bad,
        wrong=bad,
        unclear=none,
        left=bad,
        draws=np.array([done - bad, bad, none], np.float64),
        judged=int(done.sum()),
        now=int(sizes.sum()),
    )


def one_sheet(random: np.random.Generator, found: Population) -> tuple[float, float]:
    return share_wrong(review(random, found, (BUDGET,)))[1]


def two_sheets(random: np.random.Generator, found: Population) -> tuple[float, float]:
    return share_wrong(review(random, found, (BUDGET // 2, BUDGET // 2)))[1]


def upper_half(random: np.random.Generator, found: Population) -> tuple[float, float]:
    return share_wrong(review(random, found, (BUDGET,), first_half))[1]


def halves(random: np.random.Generator, found: Population) -> tuple[float, float]:
    return share_wrong(review(random, found, (BUDGET,), half_of_each))[1]


def simple(random: np.random.Generator, found: Population) -> tuple[float, float]:
    return wilson(float(found.wrong[random.permutation(len(found.wrong))[:BUDGET]].mean()), BUDGET)


DESIGNS: dict[str, Callable[[np.random.Generator, Population], tuple[float, float]]] = {
    "simple random": simple,
    "one sheet": one_sheet,
    "two sheets": two_sheets,
    "half of each": halves,
    "upper half": upper_half,
}


def trials(design: str, model: str, rate: float, runs: int) -> Iterator[tuple[bool, bool, bool, float]]:
    """(holds the truth, decided, misled, width) of so many reviews."""
    for run in range(runs):
        random = np.random.default_rng(run)
        low, high = DESIGNS[design](random, population(random, rate, model))
        decided = low > LIMIT or high < LIMIT
        misled = (low > LIMIT and rate <= LIMIT) or (high < LIMIT and rate > LIMIT)
        yield low <= rate <= high, decided, misled, high - low


def main() -> None:
    """Print a table of all settings."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    print(f"{'model':<12}{'rate':>6}  {'design':<14}{'cover':>7}{'decided':>9}{'misled':>8}{'width':>7}")
    for model in MODELS:
        for rate in RATES:
            for design in DESIGNS:
                cover, decided, misled, width = np.mean(list(trials(design, model, rate, runs)), axis=0)
                print(
                    f"{model:<12}{rate:>6.0%}  {design:<14}{cover:>7.3f}{decided:>9.2f}{misled:>8.3f}{width:>7.3f}"
                )


if __name__ == "__main__":
    main()

"""How often the 95 % interval of Krippendorff's alpha holds the truth, by the number of items compared.

    python tests/bench/alpha_coverage.py [RUNS]

Crowds of which alpha is known from 200,000 items: two, three or ten judges, right at a given rate, else guessing by the
frequencies of the classes. `bootstrap` is the percentile interval alone, `reported` what the check makes of it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from checks.labels import alpha
from checks.labels.votes import Level, Votes, tally

CROWDS: tuple[tuple[int, int, float, float | None], ...] = (
    (2, 2, 0.9, None), (2, 2, 0.95, None), (4, 2, 0.98, None), (5, 2, 0.7, None),
    (3, 3, 0.8, None), (2, 2, 0.95, 0.9), (2, 10, 0.6, None),
)  # fmt: skip
"""Classes, judges of an item, share of judgements that are right for sure, share of the first class (None: even)."""
ITEMS = (10, 20, 30, 50, 100, 300)
LINE = "{:>8} {:>7} {:>6} {:>6} {:>5} {:>6} | {:>5} | {:>9} {:>8} {:>6}"


def main() -> None:
    """Simulate and print."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    print(
        LINE.format(
            "level", "classes", "judges", "right", "skew", "alpha", "items", "bootstrap", "reported", "width"
        )
    )
    levels: tuple[Level, ...] = ("nominal", "ordinal")
    for level in levels:
        for crowd in CROWDS:
            truth = alpha.alpha(judged(np.random.default_rng(1), 200_000, *crowd), level)
            assert truth is not None
            for items in ITEMS:
                plain, reported, width = held(runs, items, crowd, level, truth)
                shown = (*crowd[:3], crowd[3] or "-", f"{truth:.3f}", items)
                print(
                    LINE.format(level, *shown, f"{plain:.3f}", f"{reported:.3f}", f"{width:.2f}"), flush=True
                )


def judged(
    draw: np.random.Generator, items: int, classes: int, judges: int, right: float, skew: float | None
) -> Votes:
    """Votes of a crowd."""
    shares = np.full(classes, 1 / classes)
    if skew:
        shares = np.r_[skew, np.full(classes - 1, (1 - skew) / (classes - 1))]
    item = np.repeat(np.arange(items), judges)
    truth = draw.choice(classes, items, p=shares)[item]
    guess = draw.choice(classes, len(item), p=shares)
    return tally(item, np.where(draw.random(len(item)) < right, truth, guess), classes)


def held(
    runs: int, items: int, crowd: tuple[int, int, float, float | None], level: Level, truth: float
) -> tuple[float, float, float]:
    """Share of the runs in which the bootstrap and the reported interval hold the truth, and the width of the latter."""
    draw = np.random.default_rng(items)
    found = []
    while len(found) < runs:
        votes = judged(draw, items, *crowd)
        made = alpha.alpha_interval(votes, level)
        if made is None:  # all labels the same: nothing is reported
            continue
        rows, weight = alpha._count_rows(votes)
        low, high = alpha._bootstrapped(alpha._dense(votes, rows), weight, level, None)
        inside = made.interval[0] <= truth <= made.interval[1]
        found.append((low <= truth <= high, inside, made.interval[1] - made.interval[0]))
    plain, reported, width = np.array(found, float).mean(0)
    return float(plain), float(reported), float(width)


if __name__ == "__main__":
    main()

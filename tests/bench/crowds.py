"""The rate of wrong labels, estimated from disagreement alone, against crowds whose errors are known.

    python tests/bench/crowds.py [RUNS] [--alike]

27 settings: 200, 500 or 2,000 items of 2, 4 or 20 classes (unequal: each class is half as frequent again as the next),
2, 5 or 15 % wrong labels. Each item is judged by two to five of twelve labelers, who differ: the worst is wrong three
times as often as the mean. Wrong labels are even over the other classes, or (--alike) drawn by frequency, so that errors meet.
Printed for single judgements and for majority labels: how far the mean estimate is from the share that is truly wrong,
and how often the interval holds that share.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from checks.contract import Measure
from checks.labels.pairs import majority_rate, pair_rate

LABELERS = 12
SETTINGS = list(product((200, 500, 2000), (2, 4, 20), (0.02, 0.05, 0.15)))
LINE = "{:>6} {:>8} {:>6} | {:>8} {:>8} {:>7} {:>6} | {:>8} {:>8} {:>7} {:>6}"


@dataclass(frozen=True)
class Crowd:
    """Judgements with the share of them that is wrong, and the share of majority labels that is."""

    judged: pl.DataFrame
    wrong: float
    majority_wrong: float


def main() -> None:
    """Simulate all settings and print."""
    runs = next((int(word) for word in sys.argv[1:] if word.isdigit()), 200)
    names = ("of all", "bias", "held", "width")
    print(" " * 23 + "| single judgements" + " " * 15 + "| majority labels")
    print(LINE.format("items", "classes", "rate", *names, *names))
    worst, held = np.zeros(2), []
    for items, classes, rate in SETTINGS:
        crowds = [
            crowd(n, items=items, classes=classes, rate=rate, alike="--alike" in sys.argv)
            for n in range(runs)
        ]
        singles = [(pair_rate(one.judged, "row", classes, "measured"), one.wrong) for one in crowds]
        majorities = [(majority_rate(one.judged, "row", classes), one.majority_wrong) for one in crowds]
        single, majority = (summary(found) for found in (singles, majorities))
        worst = np.maximum(worst, np.abs([single[1], majority[1]]))
        held.append((single[2], majority[2]))
        print(LINE.format(items, classes, rate, *map("{:.4f}".format, (*single, *majority))), flush=True)
    print(
        "worst bias",
        worst.round(4),
        "held, mean",
        np.mean(held, 0).round(3),
        "least",
        np.min(held, 0).round(3),
    )


def summary(found: list[tuple[Measure | None, float]]) -> tuple[float, float, float, float]:
    """Mean true rate, bias of the estimate, share of intervals that hold the true rate, mean width."""
    rows = [
        (
            truth,
            made.value - truth,
            made.interval[0] <= truth <= made.interval[1],
            made.interval[1] - made.interval[0],
        )
        for made, truth in found
        if made is not None and made.interval is not None
    ]
    true, bias, held, width = np.array(rows, float).mean(0)
    return float(true), float(bias), float(held), float(width)


def crowd(seed: int, *, items: int, classes: int, rate: float, alike: bool = False) -> Crowd:
    """Judgements (`row`, `labeler`, `label`) of a crowd that is wrong at a mean rate."""
    draw = np.random.default_rng([seed, items, classes, round(rate * 1000)])
    frequency = 1.5 ** -np.arange(classes)
    frequency = np.maximum(frequency / frequency.sum(), 0.2 / classes)
    frequency /= frequency.sum()
    truth = draw.choice(classes, items, p=frequency)
    careless = np.linspace(0.2, 1.0, LABELERS) ** 2
    careless *= rate / careless.mean()
    judges = draw.integers(2, 6, items)
    who = np.concatenate([draw.choice(LABELERS, many, replace=False) for many in judges])
    row = np.repeat(np.arange(items), judges)
    slipped = draw.random(len(row)) < careless[who]
    if alike:  # Gumbel's trick: the largest of these is a draw by frequency, among the other classes
        weighed = np.log(frequency) + draw.gumbel(size=(len(row), classes))
        weighed[np.arange(len(row)), truth[row]] = -np.inf
        other = weighed.argmax(1)
    else:
        other = (truth[row] + draw.integers(1, classes, len(row))) % classes
    label = np.where(slipped, other, truth[row])
    judged = pl.DataFrame({"row": row, "labeler": who.astype(str), "label": label.astype(str)})
    votes = judged.group_by("row", "label").len("votes")
    top = (
        votes.filter(pl.col("votes") == pl.col("votes").max().over("row"))
        .filter(pl.len().over("row") == 1)
        .sort("row")
    )
    wrong = top["label"].to_numpy() != truth[top["row"].to_numpy()].astype(str)
    return Crowd(judged, float((label != truth[row]).mean()), float(wrong.mean()))


if __name__ == "__main__":
    main()

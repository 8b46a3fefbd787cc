"""Gains of known size in simulated result files: how often the interval calls 5 points proven though they are not there, how
often it holds the true gain, and whether the printed power and number of examples are what simulation finds.

    python -m tests.bench.results_power [--draws 4000]

Clusters are near copies, right or wrong together: half of the rows stand alone, the others in copies of two to ten.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from checks.paired.gains import Pairs
from checks.paired.mcnemar import LEVEL, mid_p, needed, power

TARGET = 0.05
"""S1: the PoC must gain 5 points."""
ROWS = (50, 100, 200, 500, 1000, 2000)
DISCORDANCES = (0.1, 0.2, 0.3, 0.4)
GRADES = np.linspace(0, 1, 11)
Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What is simulated."""

    rows: int
    discordance: float
    gain: float = TARGET
    clusters: bool = False
    graded: bool = False


@dataclass(frozen=True, kw_only=True)
class Found:
    """Shares of the draws."""

    proven: float
    """The interval lies wholly at 5 points or above."""
    excluded: float
    """It lies wholly below."""
    covered: float
    """It holds the true gain."""
    shown: float
    """The test shows some gain at its level."""


def clustered(rows: int) -> Ints:
    """The cluster of each of so many rows."""
    sizes = [1] * (rows // 2)
    while sum(sizes) < rows:
        sizes.append(min(2 + len(sizes) % 9, rows - sum(sizes)))
    return np.repeat(np.arange(len(sizes)), sizes)


def pairs(setting: Setting, rng: np.random.Generator) -> Pairs:
    """One pair of result files."""
    cluster = clustered(setting.rows) if setting.clusters else np.arange(setting.rows)
    count = int(cluster[-1]) + 1
    better, worse = (setting.discordance + sign * setting.gain for sign in (1, -1))
    side = rng.choice([1, -1, 0], count, p=[better / 2, worse / 2, 1 - setting.discordance])
    if (
        setting.graded
    ):  # the examples that differ do so by .2 to 1, the mean difference being the gain all the same
        step = rng.choice([0.2, 0.6, 1.0], count)
        before = rng.choice(GRADES, count)
        shift = np.where(side == 0, 0.0, side * step) / 0.6
        return Pairs(before[cluster], (before + shift)[cluster], cluster)
    known = rng.random(count) < 0.5
    before = np.where(side == 1, 0.0, np.where(side == -1, 1.0, known))
    after = np.where(side == 1, 1.0, np.where(side == -1, 0.0, known))
    return Pairs(before[cluster], after[cluster], cluster)


def simulated(setting: Setting, draws: int, *, seed: int = 1) -> Found:
    """What comes out of so many pairs of result files."""
    rng = np.random.default_rng(
        [seed, setting.rows, round(1000 * setting.discordance), round(1000 * setting.gain)]
    )
    known: dict[tuple[float, float], tuple[float, float]] = {}
    tally = np.zeros(4)
    for _ in range(draws):
        made = pairs(setting, rng)
        key = (float((made.difference > 0).sum()), float((made.difference < 0).sum()))
        if setting.graded or key not in known:
            known[key] = made.interval
        low, high = known[key]
        shown = False if setting.graded else made.p <= LEVEL
        tally += (low >= TARGET, high < TARGET, low <= setting.gain <= high, shown)
    proven, excluded, covered, shown = tally / draws
    return Found(proven=proven, excluded=excluded, covered=covered, shown=shown)


def power_found(rows: int, gain: float, discordance: float, draws: int, *, seed: int = 2) -> float:
    """How often the mid-p test shows a gain on so many independent examples."""
    rng = np.random.default_rng([seed, rows, round(1000 * discordance)])
    chances = [(discordance + gain) / 2, (discordance - gain) / 2, 1 - discordance]
    counts, often = np.unique(rng.multinomial(rows, chances, draws)[:, :2], axis=0, return_counts=True)
    shown = [mid_p(int(b), int(c)) <= LEVEL for b, c in counts]
    return float(often @ shown / draws)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=4000)
    draws = parser.parse_args().draws
    print(
        "A true gain of just 5 points: intervals wholly at 5 or above (proven), wholly below, and that hold 5"
    )
    print(f"{'rows':>6} {'differ':>7}  {'independent':^26} {'near copies':^26} {'grades':^26}")
    worst = 0.0
    for rows in ROWS:
        for discordance in DISCORDANCES:
            cells = []
            for more in ({}, {"clusters": True}, {"graded": True}):
                found = simulated(Setting(rows=rows, discordance=discordance, **more), draws)
                worst = max(worst, found.proven)
                cells.append(f"{found.proven:8.1%} {found.excluded:8.1%} {found.covered:8.1%}")
            print(f"{rows:>6,} {discordance:>7.0%}  {' '.join(cells)}", flush=True)
    print(f"most often falsely proven: {worst:.1%}\n")
    print("Chance to show 5 points: printed and simulated")
    print(f"{'differ':>7} {'needed':>7} {'printed':>8} {'simulated':>10}   at 200, 500 and 1,000 examples")
    for discordance in DISCORDANCES:
        rows = needed(TARGET, discordance)
        others = " ".join(
            f"{power(n, TARGET, discordance):.1%}/{power_found(n, TARGET, discordance, 100_000):.1%}"
            for n in (200, 500, 1000)
        )
        printed = power(rows, TARGET, discordance)
        print(
            f"{discordance:>7.0%} {rows:>7,} {printed:>8.1%} {power_found(rows, TARGET, discordance, 100_000):>10.1%}   {others}"
        )


if __name__ == "__main__":
    main()

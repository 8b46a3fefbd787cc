"""The gain of one run over another on the same examples: its interval, its test, and how many examples would decide."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import ceil

import numpy as np
from numpy.typing import NDArray

from checks.intervals import Z80, Z95
from checks.paired.levels import Floats, Ints, effective, is_binary, mean
from checks.paired.mcnemar import mid_p, needed, power, score_interval

FLIPS = 10_000
"""Random signs behind a permutation test: a p of .05 is known to within .004."""
_SEED = 20_260_105
_ROOM = 1 << 24
"""Signs drawn at once."""


@dataclass(frozen=True)
class Pairs:
    """Scores of two runs on the same examples."""

    before: Floats
    after: Floats
    cluster: Ints
    """Examples of one cluster are near copies of each other."""

    @property
    def rows(self) -> int:
        """Examples that both were scored on."""
        return len(self.before)

    @cached_property
    def size(self) -> float:
        """Independent examples that these are worth."""
        return effective(self.cluster)

    @cached_property
    def binary(self) -> bool:
        """Whether all scores are right or wrong."""
        return is_binary(self.before) and is_binary(self.after)

    @cached_property
    def difference(self) -> Floats:
        """What the second run scores more, example by example."""
        return self.after - self.before

    @property
    def gain(self) -> float:
        """Mean difference."""
        return float(self.difference.mean())

    @property
    def discordance(self) -> float:
        """Share of the examples on which the two differ."""
        return float((self.difference != 0).mean())

    @cached_property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the gain: Tango's for right and wrong, Student's t for grades."""
        if not self.binary:
            middle, half = mean(self.difference, self.cluster)
            return max(-1.0, middle - half), min(1.0, middle + half)
        b, c = float((self.difference > 0).mean()), float((self.difference < 0).mean())
        return score_interval(b * self.size, c * self.size, self.size)

    @cached_property
    def p(self) -> float:
        """Two-sided p value of no gain: mid-p McNemar for right and wrong, random signs for grades.

        A cluster counts once, for the side on which more of its examples are.
        """
        sums: Floats = np.bincount(np.unique(self.cluster, return_inverse=True)[1], self.difference).astype(
            np.float64
        )
        if self.binary:
            return mid_p(int((sums > 0.5).sum()), int((sums < -0.5).sum()))
        return _signs(sums)

    def examples_needed(self, gain: float) -> int | None:
        """Independent examples that show such a gain with 80 % power, at the discordance seen; None if it is unknown."""
        if self.binary:
            return needed(gain, self.discordance)
        spread = self._spread
        return ceil(((Z95 + Z80) * spread / gain) ** 2) if spread else None

    def examples_to_settle(self, gain: float) -> int | None:
        """Independent examples whose interval would lie on one side of such a gain, in 80 % of the cases and if the gain seen
        is the true one; None where it is just that gain."""
        away = abs(self.gain - gain)
        spread = self._spread
        return ceil(((Z95 + Z80) * spread / away) ** 2) if away > 1e-9 and spread else None

    def power(self, gain: float) -> float:
        """Chance that so many examples show such a gain, at the discordance seen."""
        from scipy import stats

        if self.binary:
            return power(round(self.size), gain, min(max(self.discordance, gain), 1.0))
        spread = self._spread
        return float(stats.norm.cdf(gain * self.size**0.5 / spread - Z95)) if spread else 0.0

    @property
    def _spread(self) -> float:
        """Standard deviation of the differences; 0 where none was seen."""
        return float(self.difference.std(ddof=1)) if self.rows > 1 else 0.0


def _signs(sums: Floats) -> float:
    """How often random signs of the clusters make a sum as far from 0 as the one seen."""
    sums = sums[np.abs(sums) > 1e-12]
    if not len(sums):
        return 1.0
    rng = np.random.default_rng(_SEED)
    seen, hits, done = abs(float(sums.sum())) - 1e-9, 0, 0
    step = max(1, _ROOM // len(sums))
    while done < FLIPS:
        count = min(step, FLIPS - done)
        signs: NDArray[np.int8] = 2 * rng.integers(0, 2, (count, len(sums)), np.int8) - np.int8(1)
        hits += int((np.abs(signs @ sums) >= seen).sum())
        done += count
    return (1 + hits) / (1 + FLIPS)

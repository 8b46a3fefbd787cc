"""Intervals and sizes of proportions, shared by the checks that estimate."""

from __future__ import annotations

from math import sqrt

Z95 = 1.959963984540054
"""Normal quantile of a two-sided 95 % interval."""
Z80 = 0.8416212335729143
"""Normal quantile of 80 % power."""


def wilson(share: float, size: float) -> tuple[float, float]:
    """95 % Wilson score interval of a share seen in `size` (possibly effective, so fractional) independent cases."""
    if size <= 0:
        return 0.0, 1.0
    spread = Z95 * Z95 / size
    middle = (share + spread / 2) / (1 + spread)
    half = Z95 * sqrt(share * (1 - share) / size + spread / size / 4) / (1 + spread)
    # Rounding must not shut the share out.
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))


def mcnemar_size(gain: float, discordance: float) -> float:
    """Paired examples needed to show a gain in accuracy with 80 % power at the 5 % level (Connor 1987).

    Args:
        gain: share of examples by which one model is better than the other.
        discordance: share of examples on which exactly one of them is right; at least the gain.
    """
    return float((Z95 * sqrt(discordance) + Z80 * sqrt(discordance - gain * gain)) ** 2 / gain**2)


def detectable_gain(size: float, discordance: float) -> float:
    """Smallest gain that `size` paired examples show with 80 % power; 1.0 if they can show none.

    A gain above the assumed discordance needs at least its own discordance, so that is assumed instead.
    """
    low, high = 1e-6, 1.0
    if size <= 0 or mcnemar_size(high, max(discordance, high)) > size:
        return 1.0
    while high - low > 1e-7:
        middle = (low + high) / 2
        if mcnemar_size(middle, max(discordance, middle)) > size:
            low = middle
        else:
            high = middle
    return high

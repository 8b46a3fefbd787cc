"""Ranges in, ranges out: what a number is if its inputs lie somewhere in their ranges, by Monte Carlo."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from checks.measures import Range
from checks.money.models import Amounts, Model, Values, leaves, reckoned

DRAWS = 100_000
"""The quantiles of so many have a standard error of .0005 in probability, or less."""
SEED = 32
QUANTILES = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number of inputs that are known roughly."""

    value: float
    """With every input as expected; infinite if it never comes to pass."""
    interval: tuple[float, float] | None
    """Where 95 % of the draws lie, and the value; None if all inputs are known exactly."""


def drawn(name: str, of: Range, draws: int = DRAWS) -> Values:
    """A triangular sample from lowest to highest with its peak at what is expected.

    One draw from each of as many equally likely slices, shuffled (McKay, Beckman and Conover 1979), by a generator
    that the name seeds: what else is drawn, and in which order, changes nothing.
    """
    if of.low == of.high:
        return np.full(draws, of.expected)
    generator = np.random.default_rng([SEED, *name.encode()])
    level = (generator.permutation(draws) + generator.random(draws)) / draws
    width, peak = of.high - of.low, (of.expected - of.low) / (of.high - of.low)
    rising = of.low + width * np.sqrt(level * peak)
    falling = of.high - width * np.sqrt((1 - level) * (1 - peak))
    return np.where(level < peak, rising, falling)


def points(known: Mapping[str, Range], names: Iterable[str]) -> Amounts:
    """Every input as expected."""
    return {name: np.array([known[name].expected]) for name in names}


def share_within(
    model: Model, known: Mapping[str, Range], *, at_least: float = -np.inf, at_most: float = np.inf
) -> float | None:
    """Share of the draws in which the number keeps to bounds; None if something is missing."""
    names, missing = leaves(model.inputs, known)
    if missing:
        return None
    found = reckoned(model, {name: drawn(name, known[name]) for name in names})
    return float(((found >= at_least) & (found <= at_most)).mean())


def estimate(model: Model, known: Mapping[str, Range]) -> Estimate | None:
    """The number that a model makes of what is known; None if something is missing or there is no such number."""
    names, missing = leaves(model.inputs, known)
    if missing:
        return None
    value = float(reckoned(model, points(known, names))[0])
    if np.isnan(value):
        return None
    if all(known[name].low == known[name].high for name in names):
        return Estimate(value, None)
    found = reckoned(model, {name: drawn(name, known[name]) for name in names})
    # Of the two draws around a quantile the outer one: between them, if one never comes to pass, is no number.
    ordered = np.sort(found)
    low = float(ordered[int(np.floor(QUANTILES[0] * (DRAWS - 1)))])
    high = float(ordered[int(np.ceil(QUANTILES[1] * (DRAWS - 1)))])
    # With the peak at one end of a range what is expected can lie beyond 95 % of the draws.
    return Estimate(value, (min(low, value), max(high, value)))

"""What flips a verdict: the value of each input at which a ratio crosses a target, all others as expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from checks.measures import Range
from checks.money.draws import points
from checks.money.models import SIGNED, Model, Values, complete, leaves, reckoned


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """One input and the target it is held against."""

    target: float
    name: str
    range: Range
    at: float | None
    """Value at which the target is met exactly; None if no value does that the input can have."""
    change: float | None
    """How far that is from what is expected, as a share of it; None if there is no such value or 0 is expected."""
    inside: bool
    """Whether it lies in the input's own range, so that what is known of the input cannot tell the verdict."""
    lowest: float
    """The ratio with the input at its lowest."""
    highest: float
    """The ratio with the input at its highest."""


def flips(model: Model, known: Mapping[str, Range], target: float) -> tuple[Flip, ...]:
    """What flips a ratio at a target, the input that has to move least first.

    Top and bottom are straight lines in each input, so top - target x bottom is one, too: two points give its zero.
    """
    names, missing = leaves(model.inputs, known)
    if missing:
        return ()
    found = [_flip(model, known, names, name, target) for name in names]
    return tuple(sorted(found, key=lambda flip: (*_effort(flip), flip.name)))


def _flip(model: Model, known: Mapping[str, Range], names: tuple[str, ...], name: str, target: float) -> Flip:
    own = known[name]
    at = _zero(model, known, names, name, target)
    if at is not None and not np.isfinite(_with(model, known, names, name, np.array([at]))[0]):
        at = None  # both sides of the ratio are nothing there, or less
    lowest, highest = _with(model, known, names, name, np.array([own.low, own.high])).tolist()
    return Flip(
        target=target,
        name=name,
        range=own,
        at=at,
        change=(at - own.expected) / abs(own.expected) if at is not None and own.expected else None,
        inside=at is not None and own.low <= at <= own.high,
        lowest=lowest,
        highest=highest,
    )


def _zero(
    model: Model, known: Mapping[str, Range], names: tuple[str, ...], name: str, target: float
) -> float | None:
    """Where top - target x bottom is 0, if the input can be that."""
    least = -np.inf if name in SIGNED else 0.0
    other = known[name].expected or 1.0
    for _ in range(3):  # far from the zero two points lie too close together to see their slope well
        start, end = _excess(model, known, names, name, np.array([0.0, other]), target).tolist()
        at = -start * other / (end - start) if start != end else np.inf
        if not least <= at < np.inf:
            return None
        if at == 0:
            break
        other = at
    return float(at)


def _with(
    model: Model, known: Mapping[str, Range], names: tuple[str, ...], name: str, values: Values
) -> Values:
    """The ratio for several values of one input."""
    return reckoned(model, {**points(known, names), name: values})


def _excess(
    model: Model, known: Mapping[str, Range], names: tuple[str, ...], name: str, values: Values, target: float
) -> Values:
    """Top - target x bottom for several values of one input."""
    of = complete(model.inputs, {**points(known, names), name: values})
    bottom = np.ones(1) if model.bottom is None else model.bottom(of)
    return np.broadcast_to(model.top(of) - target * bottom, values.shape)


def _effort(flip: Flip) -> tuple[bool, float]:
    """How much has to change: first those of which that is known."""
    return flip.change is None, abs(flip.change or 0)

"""The formulas of the articles, each with the names of what goes into it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from checks.measures import Kind

Values = NDArray[np.float64]
Amounts = Mapping[str, Values]
"""Each input by its name: one value, or as many as there are draws."""
Formula = Callable[[Amounts], Values]

MILLION = 1e6
HOURS = ("data-preparation-hours", "evaluation-hours", "deployment-hours")
"""What goes into the upfront hours (S0)."""
SIGNED = frozenset({"api-savings-per-month", "quality-value-per-month"})
"""What can be below 0: a fine-tuned model may cost more, or do worse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A number that is reckoned: `top`, or `top` over `bottom`.

    Both are straight lines in every single input while the others stay, so what flips the number has a closed form.
    """

    name: str
    """Of the measure."""
    kind: Kind
    inputs: tuple[str, ...]
    top: Formula
    bottom: Formula | None = None
    never: bool = False
    """Whether a bottom of 0 or less means that it never comes to pass, rather than that there is no such number."""


@dataclass(frozen=True, slots=True)
class Way:
    """How an input that nobody stated follows from others."""

    inputs: tuple[str, ...]
    formula: Formula


def _labeling(of: Amounts) -> Values:
    return of["rows-to-label"] * of["label"]


def _cost(of: Amounts) -> Values:
    return _labeling(of) + of["gpu"] + 12 * of["monthly-upkeep"]


def _savings(of: Amounts) -> Values:
    return (of["price-per-call-now"] - of["price-per-call-after"]) * of["calls-per-year"]


def _upfront(of: Amounts) -> Values:
    return of["upfront-hours"] * of["hourly-rate"] + of["training-runs"]


def _net(of: Amounts) -> Values:
    return of["api-savings-per-month"] + of["quality-value-per-month"] - of["ongoing-cost-per-month"]


def _ongoing(of: Amounts) -> Values:
    hours = of["monitoring-hours-per-month"] + of["retraining-hours-per-quarter"] / 3
    return of["inference-per-month"] + hours * of["hourly-rate"]


_CALLS = ("price-per-call-now", "price-per-call-after", "calls-per-year")
_LABELING = ("rows-to-label", "label")
_COST = (*_LABELING, "gpu", "monthly-upkeep")
_MONTHLY = ("api-savings-per-month", "quality-value-per-month", "ongoing-cost-per-month")
_UPFRONT = ("upfront-hours", "hourly-rate", "training-runs")

ROI = Model(name="roi", kind="score", inputs=(*_COST, *_CALLS), top=_savings, bottom=_cost)
"""S1: what the first year saves, over what it costs."""
BREAK_EVEN = Model(
    name="break_even_months", kind="time", inputs=(*_UPFRONT, *_MONTHLY), top=_upfront, bottom=_net, never=True
)  # fmt: skip
"""S0: (hours x rate + fees) / (API savings + quality value - ongoing cost)."""
BREAK_EVEN_LABELED = Model(
    name="break_even_labeled_months", kind="time", inputs=(*_UPFRONT, *_LABELING, *_MONTHLY),
    top=lambda of: _upfront(of) + _labeling(of), bottom=_net, never=True,
)  # fmt: skip
"""The same with the labels that have to be bought among the fees."""

TRAININGS: tuple[Model, ...] = (
    Model(
        name="hosted_training_cost", kind="money", inputs=("training-tokens", "epochs", "hosted-training"),
        top=lambda of: of["training-tokens"] / MILLION * of["epochs"] * of["hosted-training"],
    ),
    Model(
        name="lora_training_cost", kind="money", inputs=("lora-training",), top=lambda of: of["lora-training"]
    ),
    Model(
        name="full_training_cost", kind="money", inputs=("full-training",), top=lambda of: of["full-training"]
    ),
)  # fmt: skip
"""One training: by a service (S3), self-hosted with LoRA, self-hosted of all weights."""

MODELS: tuple[Model, ...] = (
    ROI,
    Model(name="first_year_cost", kind="money", inputs=_COST, top=_cost),
    Model(name="first_year_savings", kind="money", inputs=_CALLS, top=_savings),
    Model(
        name="call_price_ratio", kind="score", inputs=_CALLS[:2],
        top=lambda of: of["price-per-call-now"], bottom=lambda of: of["price-per-call-after"],
    ),
    Model(name="labeling_cost", kind="money", inputs=_LABELING, top=_labeling),
    Model(
        name="labeler_days", kind="time", inputs=("rows-to-label", "rows-per-labeler-day"),
        top=lambda of: of["rows-to-label"], bottom=lambda of: of["rows-per-labeler-day"],
    ),
    BREAK_EVEN,
    BREAK_EVEN_LABELED,
    *TRAININGS,
    Model(
        name="hosted_call_price", kind="money",
        inputs=("input-tokens-per-call", "output-tokens-per-call", "hosted-input", "hosted-output"),
        top=lambda of: WAYS["price-per-call-after"].formula(of),
    ),
)  # fmt: skip
"""All that is reckoned, in the order in which it is told."""


def repeated(model: Model) -> Model:
    """A training as often as it takes until a version is good enough: 2 or 3 times (S3)."""
    times = "training-iterations"
    return replace(model, inputs=(*model.inputs, times), top=lambda of: model.top(of) * of[times])


WAYS: Mapping[str, Way] = {
    "price-per-call-after": Way(
        ("input-tokens-per-call", "output-tokens-per-call", "hosted-input", "hosted-output"),
        lambda of: (
            of["input-tokens-per-call"] / MILLION * of["hosted-input"]
            + of["output-tokens-per-call"] / MILLION * of["hosted-output"]
        ),
    ),
    "upfront-hours": Way(HOURS, lambda of: of[HOURS[0]] + of[HOURS[1]] + of[HOURS[2]]),
    "api-savings-per-month": Way(_CALLS, lambda of: _savings(of) / 12),
    "ongoing-cost-per-month": Way(
        ("inference-per-month", "monitoring-hours-per-month", "retraining-hours-per-quarter", "hourly-rate"),
        _ongoing,
    ),
}
"""Inputs that follow from others where nobody states them."""


def leaves(inputs: Iterable[str], known: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What has to be looked up for some inputs, each once: first what is known, then what is not.

    An input that is not known and does not follow from what is known is missing itself.
    """
    have, given, missing = frozenset(known), dict[str, None](), dict[str, None]()
    for name in inputs:
        if name in have:
            given[name] = None
            continue
        found, lacks = leaves(WAYS[name].inputs, have) if name in WAYS else ((), (name,))
        if lacks:
            missing[name] = None
        else:
            given |= dict.fromkeys(found)
    return tuple(given), tuple(missing)


def complete(inputs: Iterable[str], of: Amounts) -> Amounts:
    """The amounts with those of the inputs that follow from them."""
    every = dict(of)
    for name in inputs:
        if name not in every:
            every[name] = WAYS[name].formula(complete(WAYS[name].inputs, of))
    return every


def reckoned(model: Model, of: Amounts) -> Values:
    """The number for each draw: infinite where it never comes to pass, NaN where there is none."""
    every = complete(model.inputs, of)
    top = model.top(every)
    if model.bottom is None:
        return top
    bottom = model.bottom(every)
    found: Values = np.full(np.broadcast(top, bottom).shape, np.inf if model.never else np.nan)
    np.divide(top, bottom, out=found, where=bottom > 0)
    return found

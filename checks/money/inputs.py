"""What goes into the formulas: measured where it can be, else answered, else a price; never assumed without a word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Literal

import polars as pl

from checks.contract import Data
from checks.intervals import Z95
from checks.measures import Range
from checks.money.models import MODELS, SIGNED, TRAININGS, WAYS, repeated
from checks.text.tokens import train_tokens

Origin = Literal["measured", "estimated", "answer", "your price", "default price", "left out"]

MOST = 1e15
"""An answer beyond it is no number to reckon with: products of several would overflow."""
RUNS_OF: Mapping[str, tuple[str, ...]] = {
    "price-per-call-now": ("rag", "few-shot", "baseline"),
    "price-per-call-after": ("poc",),
}
"""Whose cost a call has: now it is the highest rung of the ladder that was tried (S2), which fine-tuning would replace."""
POSITIVE = ("rows-per-labeler-day", "epochs", "training-iterations")
_TRIANGLE = sqrt(6)
"""Half the width of a symmetric triangle, in standard deviations."""


@dataclass(frozen=True, slots=True)
class Known:
    """One input."""

    range: Range
    origin: Origin


@dataclass(frozen=True, slots=True)
class Inputs:
    """All inputs that are known, by name, and what has to be said about them."""

    known: Mapping[str, Known]
    notes: tuple[str, ...]

    @property
    def ranges(self) -> dict[str, Range]:
        """The inputs without where they come from."""
        return {name: one.range for name, one in self.known.items()}


def names() -> tuple[str, ...]:
    """Every input of every formula and of every way to an input, each once."""
    direct = [name for model in (*MODELS, *map(repeated, TRAININGS)) for name in model.inputs]
    return tuple(dict.fromkeys((*direct, *(name for way in WAYS.values() for name in way.inputs))))


def inputs(data: Data) -> Inputs:
    """Look every input up: results and texts first, then answers, then prices."""
    known: dict[str, Known] = {}
    notes: list[str] = []
    measured = {**_costs(data, notes), **_tokens(data)}
    for name in names():
        stated = _stated(name, data, notes)
        if name in measured:
            known[name] = measured[name]
            notes += _contradiction(name, stated, measured[name])
        elif stated is not None:
            known[name] = stated
    return Inputs({**known, **_left_out(known, notes)}, tuple(notes))


def _stated(name: str, data: Data, notes: list[str]) -> Known | None:
    """What somebody says, or the price table for want of that."""
    answer, price = data.answers.get(name), data.prices.get(name)
    if isinstance(answer, Range):
        found = Known(answer, "answer")
    elif price is not None:
        found = Known(price, "default price" if name in data.assumed else "your price")
    else:
        return None
    low, high = found.range.low, found.range.high
    least = -MOST if name in SIGNED else 0.0
    if low < least or high > MOST or (low == 0 and name in POSITIVE):
        bound = "above 0" if name in POSITIVE else f"{least:g} or more"
        notes.append(
            f"{name} is {_shown(found.range)}, which is not reckoned with: it must be {bound}, at most {MOST:g}."
        )
        return None
    return found


def _tokens(data: Data) -> dict[str, Known]:
    """What the training texts come to, by the estimate of tokens."""
    found = data.once(train_tokens)
    if found is None:
        return {}
    sizes = {
        "training-tokens": found.all,
        "input-tokens-per-call": found.read,
        "output-tokens-per-call": found.written,
    }
    return {name: Known(size, "estimated") for name, size in sizes.items() if size is not None}


def _costs(data: Data, notes: list[str]) -> dict[str, Known]:
    """Mean cost of a call in the result files, as wide as a triangle with its standard error."""
    if data.results is None:
        return {}
    costs = data.results.drop_nulls("cost")
    usable = costs.filter(pl.col("cost").is_between(0, MOST))
    if usable.height < costs.height:
        notes.append(
            f"{costs.height - usable.height:,} of {costs.height:,} costs in the results are no cost of a call "
            f"(0 to {MOST:g}) and were left out."
        )
    each = usable.group_by("run").agg(
        mean=pl.col("cost").mean(), error=pl.col("cost").std() / pl.len().sqrt(), calls=pl.len()
    )
    stated = {row["run"]: row for row in each.iter_rows(named=True)}
    found = {}
    for name, runs in RUNS_OF.items():
        run = next((run for run in runs if run in stated), None)
        if run is not None:
            mean, calls = stated[run]["mean"], stated[run]["calls"]
            half = _TRIANGLE * (stated[run]["error"] or 0.0)
            found[name] = Known(Range(max(0.0, mean - half), mean, mean + half), "measured")
            notes.append(f"{name} is the mean cost of {calls:,} calls in the results of {run}: {mean:.4g}.")
    return found


def _contradiction(name: str, stated: Known | None, measured: Known) -> tuple[str, ...]:
    """That the answer lies outside of the 95 % interval of what was measured, which counts."""
    if stated is None or stated.origin != "answer" or measured.origin != "measured":
        return ()
    half = (measured.range.high - measured.range.expected) * Z95 / _TRIANGLE
    middle = measured.range.expected
    if stated.range.low <= middle + half and stated.range.high >= middle - half:
        return ()
    said, found = _shown(stated.range), f"{middle:.4g}"
    return (f"{name} was answered with {said}, but measured as {found}: the measurement counts.",)


def _left_out(known: Mapping[str, Known], notes: list[str]) -> dict[str, Known]:
    """Inputs that others make needless, or whose absence is no cost: they count as nothing, and that is said."""
    nothing: dict[str, str] = {}
    if "quality-value-per-month" not in known:
        nothing["quality-value-per-month"] = "nobody put a value on better quality, so it counts as none"
    if "api-savings-per-month" not in known:
        nothing["inference-per-month"] = "savings are those of calls, whose price holds the inference"
    fees = known.get("training-runs")
    if "upfront-hours" in known and fees is not None and fees.origin == "default price":
        nothing["training-runs"] = (
            f"whoever states the upfront hours states the fees, too; S0 reckons with {_shown(fees.range)} of them"
        )
    notes += [f"{name} counts as 0: {why}." for name, why in nothing.items()]
    return dict.fromkeys(nothing, Known(Range(0, 0, 0), "left out"))


def _shown(value: Range) -> str:
    """A range in words."""
    if value.low == value.high:
        return f"{value.expected:,.6g}"
    return f"{value.low:,.6g} to {value.high:,.6g}"


def told(origins: Iterable[tuple[str, Origin]]) -> str:
    """What a number rests on: its kinds of inputs, and which prices nobody stated."""
    listed = list(origins)
    kinds = [
        kind
        for kind in ("measured", "estimated", "answer", "your price")
        if any(o == kind for _, o in listed)
    ]
    words = {
        "measured": "results",
        "estimated": "estimated tokens",
        "answer": "answers",
        "your price": "your prices",
    }
    parts = [words[kind] for kind in kinds]
    if defaults := [name for name, origin in listed if origin == "default price"]:
        parts.append(f"the default of {', '.join(defaults)}")
    return " and ".join(parts)

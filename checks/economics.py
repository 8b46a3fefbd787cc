"""Economics: does fine-tuning pay, how soon, and what would change that?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isinf
from typing import ClassVar

import polars as pl

from checks.contract import Chart, Data, Evidence, Measure, Result
from checks.measures import Range
from checks.money.draws import DRAWS, SEED, Estimate, estimate, share_within
from checks.money.inputs import Inputs, inputs, told
from checks.money.models import BREAK_EVEN, MODELS, ROI, TRAININGS, Model, leaves, repeated
from checks.money.sensitivity import Flip, flips

INPUTS = 11
"""Inputs that the picture of a ratio shows, those that move it most."""


@dataclass(frozen=True, slots=True)
class Economics:
    """Fine-tuning pays for itself, and soon enough.

    Every measure is reckoned only where all that goes into it is known; what is missing is named. Costs that nobody
    stated are those of the price table, with the name of the price beside the number; benefits are never assumed.
    `labeling_cost`: rows to label x price of a label. `labeler_days`: rows to label / rows a labeler labels a day.
    `first_year_cost`: labeling + training (gpu) + 12 months of upkeep. `first_year_savings`: (price per call now -
    after) x calls per year. `roi`: savings / cost of the first year. `call_price_ratio`: how many times cheaper a call
    gets (about 10 by S4 and S2). `break_even_months`: (upfront hours x hourly rate + training runs) / (API savings + quality value - ongoing
    cost, each a month); infinite where nothing is left of the savings, so that it never comes.
    `break_even_labeled_months`: the same with the labeling among the upfront cost. `hosted_training_cost`: estimated
    tokens of the training rows x epochs x price of 1M tokens, for one training; `lora_training_cost` and
    `full_training_cost`: one self-hosted training. `hosted_call_price`: what a call with as many tokens as the mean
    training row costs at the prices of a hosted small model; the price per call after where nobody knows it. Money is
    in the currency of the prices.

    Tokens are estimated as the check structure does, within 15 %. Prices per call are those of the result files, where
    they tell a cost. Where API savings are not stated they are the yearly savings / 12, and the price per call holds
    the inference; the upfront hours are those of data preparation, evaluation and deployment, the ongoing cost is
    inference + hours of monitoring and retraining x hourly rate. Each number is that of the expected inputs. Where some
    are ranges its interval holds 95 % of 100,000 draws, independent of each other and triangular from lowest to highest
    with the peak at what is expected, which is wider than PERT; it is stretched to the number itself where the peak
    lies at one end. The evidence says for each input at which value, all others as expected, ROI or break-even
    crosses a target.
    Source: S1 (one-year ROI, rows a day, price of a pair), S0 (break-even, hours), S3 (training), S4 and S2 (10x cheaper
    a call).
    """

    id: ClassVar[str] = "economics"
    title: ClassVar[str] = "What fine-tuning costs and brings"
    needs: ClassVar[frozenset[str]] = frozenset({"answers"})
    measures: ClassVar[tuple[str, ...]] = tuple(model.name for model in MODELS)

    roi_targets: tuple[float, ...] = (1.0, 1.5)
    """ROI to look for in what flips it: below 1 it does not pay, from 1.5 on it is safe (S1)."""
    break_even_targets: tuple[float, ...] = (6.0,)
    """Months to look for in what flips the break-even (S0)."""

    def __post_init__(self) -> None:
        for name in ("roi_targets", "break_even_targets"):
            for target in getattr(self, name):
                if not 0 < target < float("inf"):
                    message = f"{name} has {target:g}; each must be a number above 0"
                    raise ValueError(message)

    def run(self, data: Data) -> Result:
        """Reckon what can be reckoned."""
        found = inputs(data)
        ranges = found.ranges
        estimates = {model.name: estimate(model, ranges) for model in MODELS}
        measures = tuple(
            _measure(model, made, found, data.currency)
            for model in MODELS
            if (made := estimates[model.name]) is not None
        )
        notes = (
            *_missing(estimates, found),
            *self._odds(estimates, ranges),
            *_notes(estimates, data.currency),
            *_disagreement(estimates["first_year_savings"], found),
            *found.notes,
        )
        evidence = (
            *_flipping("What flips the ROI", ROI, ranges, self.roi_targets),
            *_flipping("What flips the break-even", BREAK_EVEN, ranges, self.break_even_targets),
            *_training(ranges),
            *_spread("ROI, and how far each input alone moves it", ROI, ranges),
            *_spread("Months to break-even, and how far each input alone moves them", BREAK_EVEN, ranges),
            _table(found),
        )
        return Result(measures, evidence, notes)

    def _odds(self, estimates: Mapping[str, Estimate | None], ranges: Mapping[str, Range]) -> tuple[str, ...]:
        """How often the draws reach the targets, where there is a choice."""
        tried = [(ROI, "ROI is {:g} or more", "at_least", target) for target in self.roi_targets]
        tried += [
            (BREAK_EVEN, "It breaks even within {:g} months", "at_most", target)
            for target in self.break_even_targets
        ]
        notes = []
        for model, said, bound, target in tried:
            made = estimates[model.name]
            if made is not None and made.interval is not None:
                share = share_within(model, ranges, **{bound: target}) or 0.0
                notes.append(f"{said.format(target)} in {share * DRAWS:,.0f} of {DRAWS:,} draws.")
        return tuple(notes)


def _measure(model: Model, made: Estimate, found: Inputs, currency: str) -> Measure:
    used, _ = leaves(model.inputs, found.known)
    origins = [(name, found.known[name].origin) for name in used]
    return Measure(
        name=model.name,
        value=made.value,
        kind=model.kind,
        interval=made.interval,
        basis="estimated" if any(origin == "estimated" for _, origin in origins) else "declared",
        by=told(origins),
        currency=currency if model.kind == "money" and currency != "USD" else "",
    )


def _missing(estimates: Mapping[str, Estimate | None], found: Inputs) -> tuple[str, ...]:
    """What each number that could not be reckoned lacks."""
    lacking: dict[str, list[str]] = {}
    nothing = []
    for model in MODELS:
        _, missing = leaves(model.inputs, found.known)
        if missing:
            lacking.setdefault(", ".join(missing), []).append(model.name)
        elif estimates[model.name] is None:
            nothing.append(model.name)
    notes = [f"Not reckoned for want of {what}: {', '.join(names)}." for what, names in lacking.items()]
    if nothing:
        notes.insert(0, f"There is no {' and no '.join(nothing)} of what costs nothing.")
    return tuple(notes)


def _notes(estimates: Mapping[str, Estimate | None], currency: str) -> tuple[str, ...]:
    """What has to be borne in mind with the numbers."""
    notes = []
    if any(estimates[model.name] is not None for model in (ROI, BREAK_EVEN)):
        notes.append(
            "ROI and break-even hold only if quality stays equal (S1); results of both models would show it."
        )
    if any(made is not None and made.interval is not None for made in estimates.values()):
        notes.append(
            f"Intervals are of {DRAWS:,} draws of triangular, independent inputs (seed {SEED}); the numbers are of "
            "the expected inputs."
        )
    months = estimates[BREAK_EVEN.name]
    if months is not None and isinf(months.value):
        notes.append("It never breaks even: the ongoing cost takes all that is saved a month.")
    elif months is not None and months.interval is not None and isinf(months.interval[1]):
        notes.append("In more than 2.5 % of the draws it never breaks even, so the interval is open.")
    if currency != "USD":
        notes.append(f"All money is in {currency}.")
    return tuple(notes)


def _disagreement(yearly: Estimate | None, found: Inputs) -> tuple[str, ...]:
    """That the savings a month are stated otherwise than calls and their prices make them."""
    stated = found.known.get("api-savings-per-month")
    if yearly is None or stated is None:
        return ()
    low, high = (end / 12 for end in yearly.interval or (yearly.value, yearly.value))
    slack = 0.01 * max(abs(low), abs(high))  # a figure rounded to two digits is no other one
    if stated.range.low <= high + slack and stated.range.high >= low - slack:
        return ()
    note = (
        f"api-savings-per-month is stated as {stated.range.expected:,.6g}, but calls and their prices save "
        f"{yearly.value / 12:,.6g} a month; break-even takes the first, ROI the second."
    )
    return (note,)


def _flipping(
    title: str, model: Model, ranges: Mapping[str, Range], targets: tuple[float, ...]
) -> tuple[Evidence, ...]:
    """What flips a ratio, whatever takes least first."""
    if estimate(model, ranges) is None:
        return ()
    found = [flip for target in targets for flip in flips(model, ranges, target)]
    if not found:
        return ()
    table = pl.DataFrame([_row(flip) for flip in found], schema=_FLIPS, orient="row")
    order = table.sort(pl.col("change").abs(), "input", "target", nulls_last=True, maintain_order=True)
    return (Evidence(title, order),)


_FLIPS = pl.Schema(
    {
        "input": pl.String,
        "target": pl.Float64,
        "flips_at": pl.Float64,
        "change": pl.Float64,
        "in_its_range": pl.Boolean,
        "low": pl.Float64,
        "expected": pl.Float64,
        "high": pl.Float64,
        "result_at_low": pl.Float64,
        "result_at_high": pl.Float64,
    }
)


def _row(flip: Flip) -> tuple[object, ...]:
    own, ends = flip.range, (flip.lowest, flip.highest)
    return (
        flip.name, flip.target, flip.at, flip.change, flip.inside, own.low, own.expected, own.high,
        *(None if isinf(one) else one for one in ends),
    )  # fmt: skip


def _spread(title: str, model: Model, ranges: Mapping[str, Range]) -> tuple[Evidence, ...]:
    """A number with its range, then what it is at both ends of each input that is not known exactly, widest first."""
    made = estimate(model, ranges)
    if made is None or made.interval is None or isinf(made.value):
        return ()
    moved = [flip for flip in flips(model, ranges, 1.0) if flip.lowest != flip.highest]
    moved.sort(key=lambda flip: (-abs(flip.highest - flip.lowest), flip.name))
    ends = [("all inputs together", made.interval)]
    ends += [(flip.name, (flip.lowest, flip.highest)) for flip in moved[:INPUTS]]
    rows = [(name, *(None if isinf(end) else end for end in sorted(both))) for name, both in ends]
    table = pl.DataFrame(rows, {"input": pl.String, "low": pl.Float64, "high": pl.Float64}, orient="row")
    chart = Chart(
        picture="ranges",
        label="input",
        values=(model.name,),
        interval=("low", "high"),
        unit=model.kind,
        measure=model.name,
    )
    table = table.select("input", "low", pl.lit(made.value).alias(model.name), "high")
    return (Evidence(title, table, chart=chart),)


def _training(ranges: Mapping[str, Range]) -> tuple[Evidence, ...]:
    """What training costs, once and as often as it takes until a version is good enough."""
    rows = []
    for model in TRAININGS:
        once, all_of_them = estimate(model, ranges), estimate(repeated(model), ranges)
        if once is None:
            continue
        ends = once.interval or (once.value, once.value)
        rows.append((model.name, ends[0], once.value, ends[1], all_of_them.value if all_of_them else None))
    columns = ("training", "low", "expected", "high", "all_trainings")
    schema = {name: pl.String if name == "training" else pl.Float64 for name in columns}
    return (Evidence("What training costs", pl.DataFrame(rows, schema, orient="row")),) if rows else ()


def _table(found: Inputs) -> Evidence:
    """Every input that is known, and who says so."""
    rows = [
        (name, one.range.low, one.range.expected, one.range.high, one.origin)
        for name, one in found.known.items()
    ]
    columns = ("input", "low", "expected", "high", "from")
    return Evidence("What was reckoned with", pl.DataFrame(rows, schema=columns, orient="row"))

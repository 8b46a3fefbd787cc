"""From measures to verdicts: the only place where a number meets a limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from math import ceil, isfinite, isnan, nan
from typing import Literal

from auditor.tables import Level
from auditor.wording import amount, bounds
from checks.contract import Measure, Result


class Verdict(IntEnum):
    """Ordered so that `max` is the verdict of a whole."""

    PASS = 0
    WARN = 1
    UNKNOWN = 2
    """Not measured, or not measured well enough: never counts as a pass."""
    BLOCK = 3


@dataclass(frozen=True, slots=True)
class NotRun:
    """A check that produced no result, and why. A value, shown, never a pass."""

    kind: Literal["skipped", "not applicable", "crashed", "failed to load"]
    why: str


Outcome = Result | NotRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A number a measure is held against, and how it came about where the policy worked it out."""

    value: float
    of_measure: bool = False
    """The value is a share of the measure's denominator."""
    resolved_from: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What a policy demands of one measure."""

    check: str
    measure: str
    at_least: Bound | None = None
    at_most: Bound | None = None
    level: Level = "block"
    cite: str
    """Where the number comes from."""
    fix: str = ""
    optional: bool = False
    """Not judged where the data cannot have what is measured."""
    unstated: str = ""
    """Why the limit has no number: it names one that no source states."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What became of one limit."""

    limit: Limit
    verdict: Verdict
    why: str
    measure: Measure | None = None
    """The measure that decided: the worst one where there are groups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A question and the limits that answer it."""

    id: str
    question: str
    limits: tuple[Limit, ...]
    required: bool = True
    reason: str = ""
    """Why the gate is (not) required, where the user said so."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A gate with its rulings."""

    gate: Gate
    verdict: Verdict
    rulings: tuple[Ruling, ...]


def decide(gate: Gate, outcomes: Mapping[str, Outcome]) -> Decision:
    """Hold the gate's limits against what was measured; the worst ruling is the verdict.

    A gate of which nothing at all was measured cannot be told, even if its limits only warn.
    """
    rulings = tuple(found for limit in gate.limits if (found := rule(limit, outcomes)) is not None)
    worst = max((ruling.verdict for ruling in rulings), default=Verdict.UNKNOWN)
    measured = any(ruling.measure is not None and ruling.measure.of != 0 for ruling in rulings)
    if not measured and worst < Verdict.UNKNOWN:  # what the gate rests on reads as the gate does
        worst, rulings = Verdict.UNKNOWN, tuple(replace(one, verdict=Verdict.UNKNOWN) for one in rulings)
    return Decision(gate, worst, rulings)


def rule(limit: Limit, outcomes: Mapping[str, Outcome]) -> Ruling | None:
    """Hold one limit against the outcome of its check; None for an optional limit without its measure."""
    if limit.unstated:
        return Ruling(limit, _capped(limit, Verdict.UNKNOWN), limit.unstated)
    outcome = outcomes.get(limit.check, NotRun("failed to load", f"there is no check {limit.check!r}"))
    if isinstance(outcome, NotRun):
        absent = limit.optional and outcome.kind in ("skipped", "not applicable")
        return None if absent else Ruling(limit, _capped(limit, Verdict.UNKNOWN), outcome.why)
    found = [measure for measure in outcome.measures if measure.name == limit.measure]
    if not found:
        why = f"{limit.measure} was not measured" + (f": {outcome.notes[0]}" if outcome.notes else "")
        return None if limit.optional else Ruling(limit, _capped(limit, Verdict.UNKNOWN), why)
    if any(
        isnan(number_of(bound, measure) or 0)
        for bound in (limit.at_least, limit.at_most)
        for measure in found
    ):
        why = f"{limit.measure} has no denominator that a percentage could be of; write the limit as a number"
        return Ruling(limit, _capped(limit, Verdict.UNKNOWN), why)
    judged = [(judge(limit, measure), measure) for measure in found]
    verdict, worst = max(judged, key=lambda pair: (pair[0], lacking(limit, pair[1])))
    return Ruling(limit, verdict, _why(limit, verdict, worst, judged), worst)


def judge(limit: Limit, measure: Measure) -> Verdict:
    """Three-way: all of the interval inside is a pass, all of it outside fails, astride cannot be told."""
    match position(limit, measure):
        case "inside" if measure.of == 0:
            return _capped(limit, Verdict.UNKNOWN)
        case "inside":
            return Verdict.WARN if measure.basis == "estimated" else Verdict.PASS
        case "outside":
            return _FAILED[limit.level]
        case "astride":
            return _capped(limit, Verdict.UNKNOWN)


_FAILED: Mapping[Level, Verdict] = {
    "warn": Verdict.WARN,
    "unknown": Verdict.UNKNOWN,
    "block": Verdict.BLOCK,
}


def position(limit: Limit, measure: Measure) -> Literal["inside", "outside", "astride"]:
    """Where the measure (its interval, if it has one) lies relative to the limit."""
    low, high = measure.interval or (measure.value, measure.value)
    least, most = number_of(limit.at_least, measure), number_of(limit.at_most, measure)
    if (least is None or low >= least) and (most is None or high <= most):
        return "inside"
    if (least is not None and high < least) or (most is not None and low > most):
        return "outside"
    return "astride"


def lacking(limit: Limit, measure: Measure) -> float:
    """How far outside the limit the measure is; 0 if it keeps to it."""
    least, most = number_of(limit.at_least, measure), number_of(limit.at_most, measure)
    below = least - measure.value if least is not None else 0.0
    above = measure.value - most if most is not None else 0.0
    return max(0.0, below, above)  # in this order a value that is no number lacks nothing


def number_of(bound: Bound | None, measure: Measure) -> float | None:
    """The number a measure is held against: a percentage is of its denominator, or of one where it is a share.

    NaN where there is nothing that a percentage could be of.
    """
    if bound is None or not bound.of_measure or measure.kind == "share":
        return bound.value if bound is not None else None
    return nan if measure.of is None or measure.kind != "count" else bound.value * measure.of


def _lacks(limit: Limit, measure: Measure) -> str:
    """What a group lacks of a count that must reach a number."""
    short = lacking(limit, measure)
    is_count = limit.at_least is not None and measure.kind == "count" and isfinite(short)
    return f" (lacks {ceil(short):,})" if is_count and short else ""


def _capped(limit: Limit, verdict: Verdict) -> Verdict:
    """A limit that only warns never rules worse than a warning."""
    return min(verdict, Verdict.WARN) if limit.level == "warn" else verdict


_OF_GROUPS = {
    "outside": "miss",
    "astride": "cannot be told from",
    "inside": "are estimates that nobody verified, or have nothing to measure; wanted",
}


def _why(limit: Limit, verdict: Verdict, worst: Measure, judged: list[tuple[Verdict, Measure]]) -> str:
    """The ruling in one sentence, with number, denominator, interval and limit."""
    wanted = bounds(number_of(limit.at_least, worst), number_of(limit.at_most, worst), worst.kind)
    if worst.group is not None:
        if verdict is Verdict.PASS:
            return f"all {len(judged)} groups: {wanted}"
        where = position(limit, worst)
        failing = sorted(
            (measure for ruled, measure in judged if ruled is verdict and position(limit, measure) == where),
            key=lambda measure: -lacking(limit, measure),
        )
        named = ", ".join(
            f"{measure.group} {amount(replace(measure, by=''))}{_lacks(limit, measure)}"
            for measure in failing[:5]
        )
        more = f" and {len(failing) - 5} more" if len(failing) > 5 else ""
        return f"{len(failing)} of {len(judged)} groups {_OF_GROUPS[where]} {wanted}: {named}{more}"
    match position(limit, worst):
        case "inside" if worst.of == 0:
            return f"{amount(worst)}: there is nothing to measure; wanted {wanted}"
        case "inside" if worst.basis == "estimated":
            return f"{amount(worst)} is an estimate that nobody verified; wanted {wanted}"
        case "astride":
            what = "narrower ranges of what it rests on" if worst.kind in ("money", "time") else "more data"
            return f"{amount(worst)} cannot be told from {wanted}; {what} would settle it"
        case _:
            return f"{amount(worst)}; wanted {wanted}"

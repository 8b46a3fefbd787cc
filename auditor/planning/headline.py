"""The plan in two sentences."""

from __future__ import annotations

from auditor.planning.model import NONE, Amount, Step, Target
from auditor.planning.situation import Situation
from auditor.planning.targets import UNLABELLED

_FREE = ("leaks", "labelers", "poc", "spread")
"""Steps that cost no labels of their own."""
_PAID = {
    "contradictions": "contradicted rows judged again",
    "overlap": "items judged twice",
    "review": "rows reviewed",
    "rows-minimum": "rows",
    "rows-recommended": "rows",
    "eval-minimum": "eval rows",
    "eval-gain": "eval rows",
    "eval-recommended": "eval rows",
}
"""Of the other steps, what is counted."""


def headline(at: Situation, targets: tuple[Target, ...], steps: tuple[Step, ...]) -> str:
    """What is short, and what it costs."""
    by_id = {one.id: one for one in steps}
    return " ".join(part for part in (_rows(at, targets, by_id), _evals(by_id), _cost(at, by_id)) if part)


def _rows(at: Situation, targets: tuple[Target, ...], by_id: dict[str, Step]) -> str:
    whole = {one.level: one for one in targets if one.group is None}
    minimum, recommended = whole.get("minimum"), whole.get("recommended")
    verb = "to add" if at.report.task in UNLABELLED else "to label"
    if at.measure("size", "effective_rows") is None:
        return "How many rows are short cannot be told."
    asked = [
        (by_id[f"rows-{level}"], target)
        for level, target in (("minimum", minimum), ("recommended", recommended))
        if f"rows-{level}" in by_id and target is not None
    ]
    if not asked:
        have = next((one.have for one in whole.values()), 0)
        if not whole:
            return "No number of rows is demanded."
        return f"No more rows are needed: {have:,} usable ones are there."
    (step, target), *further = asked
    more = f"{_count(step)} more rows {verb} reach the {target.level} {target.need:,}"
    for other, wanted in further:
        more += f", {_count(other)} the {wanted.level} {wanted.need:,}"
    return more + "."


def _evals(by_id: dict[str, Step]) -> str:
    found = [by_id[name] for name in ("eval-minimum", "eval-gain", "eval-recommended") if name in by_id]
    if not found:
        return ""
    first, *further = found
    asked = [
        f"{_count(first)} more rows {_purpose(first)}",
        *(f"{_count(one)} {_purpose(one)}" for one in further),
    ]
    return f"Eval needs {', '.join(asked)}."


def _purpose(step: Step) -> str:
    """What eval rows are for: the end of what is to be done."""
    return step.what.rpartition("eval rows ")[2].partition(",")[0]


def _cost(at: Situation, by_id: dict[str, Step]) -> str:
    """Of the most urgent of the rows and of the eval rows, with what else costs labels."""
    rows = next((by_id[name] for name in ("rows-minimum", "rows-recommended") if name in by_id), None)
    evals = next(
        (by_id[name] for name in ("eval-minimum", "eval-gain", "eval-recommended") if name in by_id), None
    )
    others = [
        one for name, one in by_id.items() if not name.startswith(("rows-", "eval-")) and name not in _FREE
    ]
    paid = [
        one
        for one in (evals, *others, rows)
        if one is not None and one.money is not None and one.money.expected
    ]
    if not paid:
        return ""
    money, days = NONE, NONE
    for one in paid:
        money, days = money + (one.money or NONE), days + (one.days or NONE)
    what = [f"{_count(one)} {_PAID[one.id]}" for one in paid]
    listed = " and ".join([", ".join(what[:-1]), what[-1]] if len(what) > 1 else what)
    return f"{money_of(money, at.prices.currency)} and {days.expected:,.0f} labeler-days pay for {listed}."


def _count(step: Step) -> str:
    return f"{step.count.expected:,.0f}" if step.count is not None else "some"


def money_of(amount: Amount, currency: str) -> str:
    """Money with its range."""
    text = f"{amount.expected:,.0f}"
    if amount.high is None:
        return f"{text} {currency} ({amount.low:,.0f} or more)"
    return f"{text} {currency}" + (
        f" ({amount.low:,.0f} to {amount.high:,.0f})" if amount.low < amount.high else ""
    )

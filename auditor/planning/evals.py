"""Eval rows: how many prove the gain that decides, and how many the policy asks for."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from auditor.planning.counts import examples_for_gain, rows_to_label
from auditor.planning.model import Step
from auditor.planning.situation import Situation, cited

DISCORDANCE = 0.2
"""As the check eval_set has by default."""


def eval_steps(at: Situation, first: str) -> Iterator[Step]:
    """Rows to add to eval for each thing that is asked of it, the most urgent first.

    Each number holds by itself and is no addition to the one before. New rows are taken to have copies as the rows
    so far have, and what leaks is taken out of train; without any, the number is the least there can be, and nothing bounds it above.
    """
    if at.report.outcomes.get("eval_set") is None:
        return
    rows, kept = at.count("eval_set", "eval_rows"), at.value("eval_set", "effective_eval_rows")
    if kept is None and (rows or _hidden(at)):
        return  # what eval holds cannot be told
    have = int(kept or 0)
    among = ""
    for name, need, cite, what in _asked(at):
        if have >= need:
            continue
        count = rows_to_label(need - have, usable=have, of=rows)
        yielded = (
            f"{have:,} of {rows:,} eval rows count, copies left out" if rows else "there is no eval file"
        )
        yield Step(
            id=name,
            what=f"add {count.expected:,.0f} eval rows {what}{among}",
            count=count,
            unit="eval rows",
            have=have,
            need=need,
            money=at.money(count),
            days=at.days(count),
            cite=cite,
            why=f"{yielded}; {need:,} are wanted. {'' if among else first}".rstrip(),
        )
        among = ", those above among them"


def _hidden(at: Situation) -> bool:
    return any(one.role == "eval" for one in at.report.inputs)


def _asked(at: Situation) -> Iterator[tuple[str, int, str, str]]:
    """Name, effective rows, source and words of each number of eval rows."""
    least = at.demand("eval_set", "effective_eval_rows", "block")
    if least is not None:
        yield "eval-minimum", ceil(least[0]), least[1], "for the minimum"
    for limit in at.limits("eval_set", "detectable_gain_points"):
        if limit.at_most is not None:
            points = limit.at_most.value
            need = examples_for_gain(points, discordance(at))
            told = f"{cited(limit)}; paired (Connor 1987), models disagreeing on {discordance(at):.0%}, 80 % power"
            yield "eval-gain", need, told, f"to prove a gain of {points:g} points"
    most = at.demand("eval_set", "effective_eval_rows", "warn")
    if most is not None:
        yield "eval-recommended", ceil(most[0]), most[1], "for the solid eval set"


def discordance(at: Situation) -> float:
    """Share of the examples on which two models are taken to differ, as the audit was set."""
    found = at.report.settings.get("check", {}).get("eval_set", {}).get("discordance")
    return float(found) if found is not None else DISCORDANCE

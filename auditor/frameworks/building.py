"""The table of a framework: for every number of answers the verdicts that are still possible."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from math import isfinite, prod
from operator import and_, or_

import numpy as np
from numpy.typing import NDArray

from auditor.errors import PolicyError
from auditor.frameworks.rules import Clause, Condition, Item, Tally, Verdict
from auditor.frameworks.space import Bits, Space, places

MOST = 4_000_000
"""Places of the largest table that is built: 16 MB. The largest framework of the sources fills two thirds of it."""

MOST_VERDICTS = 32
"""Bits of a place."""


def build(items: Sequence[Item], clauses: Sequence[Clause], tallies: Sequence[Tally], where: str) -> Space:
    """The table of a framework.

    Raises:
        PolicyError: too many questions count in ways of their own, or verdicts and bounds are none.
    """
    verdicts = tuple(dict.fromkeys(clause.verdict for clause in clauses))
    shown = tuple(Condition(weights=tally.weights, divisor=tally.divisor) for tally in tallies)
    conditions = (*(condition for clause in clauses for condition in clause.conditions), *shown)
    _check(verdicts, conditions, where)
    classes = _classes(items, conditions)
    size = prod(len(places(len(one))) for one in classes)
    if size > MOST:
        message = (
            f"{where}: its questions count in {len(classes)} different ways, too many to go through all of them; "
            "make two frameworks of it, or let more questions count alike"
        )
        raise PolicyError(message)
    allowed = _decided(items, clauses, classes, verdicts)
    for axis in range(len(classes)):
        allowed = _opened(allowed, axis)
    sums = tuple(_sum(condition, items, classes, _counts(classes)) for condition in shown)
    return Space(verdicts=verdicts, classes=classes, allowed=allowed, sums=sums)


def _check(verdicts: Sequence[Verdict], conditions: Sequence[Condition], where: str) -> None:
    if len(verdicts) > MOST_VERDICTS:
        message = f"{where}: it has {len(verdicts)} verdicts; {MOST_VERDICTS} are the most"
        raise PolicyError(message)
    if not all(verdict.says for verdict in verdicts):
        message = f"{where}: a verdict says nothing; write what follows from it under says"
        raise PolicyError(message)
    for one in conditions:
        bounds = (one.at_least, one.more_than, one.at_most, one.less_than)
        if not all(bound is None or isfinite(bound) for bound in (*one.weights.values(), *bounds)):
            message = f"{where}: bounds and worth must be finite numbers"
            raise PolicyError(message)


def _classes(items: Sequence[Item], conditions: Sequence[Condition]) -> tuple[tuple[str, ...], ...]:
    """Questions that stand in the same items of several questions, and otherwise add the same to every sum."""
    alike: dict[tuple[object, ...], list[str]] = {}
    for question in dict.fromkeys(question for item in items for question in item.wanted):
        shared = tuple(
            (number, item.wanted[question])
            for number, item in enumerate(items)
            if len(item.wanted) > 1 and question in item.wanted
        )
        slopes = tuple(_slope(condition, items, question) for condition in conditions)
        alike.setdefault((shared, slopes), []).append(question)
    return tuple(tuple(one) for one in alike.values())


def _slope(condition: Condition, items: Sequence[Item], question: str) -> float:
    """What a yes to a question adds to a sum through items that ask nothing else."""
    return sum(
        weight if items[number].wanted[question] else -weight
        for number, weight in condition.weights.items()
        if items[number].wanted.keys() == {question}
    )


def _decided(
    items: Sequence[Item],
    clauses: Sequence[Clause],
    classes: Sequence[Sequence[str]],
    verdicts: Sequence[Verdict],
) -> Bits:
    """The verdict, as a bit, for every number of yeses in each class when no question is open."""
    counts = _counts(classes)
    found = np.zeros([len(one) + 1 for one in classes], np.uint32)
    for clause in reversed(clauses):
        met = reduce(
            and_,
            (_met(condition, _sum(condition, items, classes, counts)) for condition in clause.conditions),
            np.bool_(True),
        )
        found = np.where(met, np.uint32(1 << verdicts.index(clause.verdict)), found)
    return found


def _counts(classes: Sequence[Sequence[str]]) -> Sequence[NDArray[np.int64]]:
    """How many of each class are answered yes, each along its own axis."""
    return np.meshgrid(*(np.arange(len(one) + 1) for one in classes), indexing="ij", sparse=True)


def _sum(
    condition: Condition,
    items: Sequence[Item],
    classes: Sequence[Sequence[str]],
    counts: Sequence[NDArray[np.int64]],
) -> NDArray[np.float64]:
    """The sum of a condition for every number of yeses in each class."""
    total: NDArray[np.float64] = np.zeros([len(one) + 1 for one in classes])
    for one, count in zip(classes, counts, strict=True):
        total = total + _slope(condition, items, one[0]) * count
    for number, weight in condition.weights.items():
        wanted = items[number].wanted
        if len(wanted) > 1:
            kept = [
                count if wanted[one[0]] else len(one) - count
                for one, count in zip(classes, counts, strict=True)
                if one[0] in wanted
            ]
            total = total + weight * (reduce(np.add, kept) == len(wanted))
        elif not all(wanted.values()):
            total = total + weight
    return total / condition.divisor


def _met(condition: Condition, value: NDArray[np.float64]) -> NDArray[np.bool_]:
    kept = [
        (value >= condition.at_least) if condition.at_least is not None else None,
        (value > condition.more_than) if condition.more_than is not None else None,
        (value <= condition.at_most) if condition.at_most is not None else None,
        (value < condition.less_than) if condition.less_than is not None else None,
    ]
    return reduce(and_, (one for one in kept if one is not None))


def _opened(allowed: Bits, axis: int) -> Bits:
    """Widen an axis from numbers of yeses to places: what an open question allows is what both its answers allow."""
    size = allowed.shape[axis] - 1
    found: dict[tuple[int, int], Bits] = {}
    for yes, no in places(size):
        both = ((yes + 1, no), (yes, no + 1))
        found[yes, no] = (
            np.take(allowed, yes, axis=axis)
            if yes + no == size
            else reduce(or_, (found[one] for one in both))
        )
    return np.stack(list(found.values()), axis=axis)

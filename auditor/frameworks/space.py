"""What still can come out, what it takes to change it, and what it rests on: exactly, over all ways to answer.

Questions that count alike are interchangeable: the verdict depends only on how many of them are answered yes. So instead
of 2^n answers there is one axis for each class of questions, and on it one place for each pair (answered yes, answered
no). For every place the verdicts that the open answers still allow are kept as bits; all else is read off that table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations, islice, product
from math import comb, prod

import numpy as np
from numpy.typing import NDArray

from auditor.frameworks.rules import Verdict

Bits = NDArray[np.uint32]
Answers = Mapping[str, bool]
"""Question -> yes or no; a question that is not there is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How to come to a verdict with as few new answers as possible."""

    verdict: Verdict
    size: int
    """How many answers have to be given or changed; no fewer do."""
    in_all: int
    """How many sets of that size there are."""
    sets: tuple[Answers, ...]
    """The first of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """Every way to answer the questions of a framework, and its verdicts."""

    verdicts: tuple[Verdict, ...]
    classes: tuple[tuple[str, ...], ...]
    """Questions that count alike; one axis of the table each."""
    allowed: Bits
    """Of every place the verdicts that are possible there, as bits."""
    sums: tuple[NDArray[np.float64], ...]
    """The numbers the framework shows, for every number of yeses in each class."""

    def between(self, number: int, answers: Answers) -> tuple[float, float]:
        """The least and the most that one of its numbers can come to by the open answers."""
        left = [
            slice(yes, len(one) - no + 1)
            for one, (yes, no) in zip(self.classes, self._counts(answers), strict=True)
        ]
        found = self.sums[number][tuple(left)]
        return float(found.min()), float(found.max())

    def possible(self, answers: Answers) -> tuple[Verdict, ...]:
        """The verdicts that some way of answering the open questions leads to."""
        bits = int(self.allowed[self._place(answers)])
        return tuple(verdict for number, verdict in enumerate(self.verdicts) if bits >> number & 1)

    def carried(self, answers: Answers) -> frozenset[str]:
        """The answers the verdict rests on: those in some set of them that suffices and can spare none.

        Empty as long as the verdict is open.
        """
        bits = self.allowed[self._place(answers)]
        if int(bits).bit_count() != 1:
            return frozenset()
        counts = self._counts(answers)
        kept = [
            [number for number, (yes, no) in enumerate(places(len(one))) if yes <= most[0] and no <= most[1]]
            for one, most in zip(self.classes, counts, strict=True)
        ]
        enough = self.allowed[np.ix_(*kept)] == bits
        least = enough & ~_larger(
            enough, [_fewer(len(one), at) for one, at in zip(self.classes, kept, strict=True)]
        )
        found: set[str] = set()
        for axis, (one, at) in enumerate(zip(self.classes, kept, strict=True)):
            used = least.any(axis=tuple(other for other in range(least.ndim) if other != axis))
            pairs = [places(len(one))[at[number]] for number in np.flatnonzero(used)]
            said = {True: any(yes for yes, _ in pairs), False: any(no for _, no in pairs)}
            found |= {question for question in one if question in answers and said[answers[question]]}
        return frozenset(found)

    def ways(self, answers: Answers, shown: int) -> tuple[Way, ...]:
        """For each verdict that is not settled already the smallest sets of answers that settle it, `shown` at most.

        An answer that was given may be changed, an open one given; none is taken back.
        """
        counts = self._counts(answers)
        costs = [_costs(len(one), *count) for one, count in zip(self.classes, counts, strict=True)]
        near = [np.flatnonzero(one >= 0) for one in costs]
        allowed = self.allowed[np.ix_(*near)]
        cost = reduce(np.add.outer, [one[kept] for one, kept in zip(costs, near, strict=True)])
        now = int(self.allowed[self._place(answers)])
        found = []
        for number, verdict in enumerate(self.verdicts):
            reached = allowed == 1 << number
            if now == 1 << number or not reached.any():
                continue
            size = int(cost[reached].min())
            targets = [
                [places(len(one))[kept[at]] for one, kept, at in zip(self.classes, near, end, strict=True)]
                for end in np.argwhere(reached & (cost == size)).tolist()
            ]
            targets.sort(
                key=lambda target: _changed(counts, target)
            )  # what only answers open questions comes first
            sets = (one for target in targets for one in self._sets(answers, target, shown))
            in_all = sum(_number([len(one) for one in self.classes], counts, target) for target in targets)
            found.append(Way(verdict=verdict, size=size, in_all=in_all, sets=tuple(islice(sets, shown))))
        return tuple(found)

    def _counts(self, answers: Answers) -> list[tuple[int, int]]:
        """How many questions of each class are answered yes and no."""
        said = [[answers[question] for question in one if question in answers] for one in self.classes]
        return [(sum(one), len(one) - sum(one)) for one in said]

    def _place(self, answers: Answers) -> tuple[int, ...]:
        return tuple(
            places(len(one)).index(count)
            for one, count in zip(self.classes, self._counts(answers), strict=True)
        )

    def _sets(self, answers: Answers, target: Sequence[tuple[int, int]], shown: int) -> Iterator[Answers]:
        """The sets of answers that lead from where things stand to a place; of each class the first `shown`."""
        moves = [
            list(islice(_moves(one, answers, to), shown))
            for one, to in zip(self.classes, target, strict=True)
        ]
        for parts in product(*moves):
            yield {question: answer for part in parts for question, answer in part.items()}


def places(size: int) -> list[tuple[int, int]]:
    """(answered yes, answered no) of a class of so many questions, the more answers the earlier."""
    return [(yes, said - yes) for said in range(size, -1, -1) for yes in range(said + 1)]


def _costs(size: int, yes: int, no: int) -> NDArray[np.int32]:
    """How many answers it takes to come from one place to each other one; -1 where some would have to be taken back."""
    return np.array(
        [
            max(more - yes, 0) + max(less - no, 0) if more + less >= yes + no else -1
            for more, less in places(size)
        ],
        np.int32,
    )


def _fewer(size: int, kept: Sequence[int]) -> list[list[int]]:
    """For each kept place the ones with one yes and with one no less, as indices into `kept`; -1 where there is none."""
    pairs = [places(size)[number] for number in kept]
    at = {pair: index for index, pair in enumerate(pairs)}
    return [
        [at.get((yes - 1, no), -1) for yes, no in pairs],
        [at.get((yes, no - 1), -1) for yes, no in pairs],
    ]


def _larger(enough: NDArray[np.bool_], fewer: Sequence[list[list[int]]]) -> NDArray[np.bool_]:
    """Where one answer less would be enough as well."""
    found = np.zeros_like(enough)
    for axis, both in enumerate(fewer):
        for before in both:
            exists = np.array([number >= 0 for number in before])
            shape = [-1 if other == axis else 1 for other in range(enough.ndim)]
            found |= np.take(enough, [max(number, 0) for number in before], axis=axis) & exists.reshape(shape)
    return found


@dataclass(frozen=True, slots=True)
class _Change:
    """How many answers of a class change, and into what."""

    turned: int
    """From no to yes."""
    back: int
    """From yes to no."""
    yes: int
    """Open ones to yes."""
    no: int
    """Open ones to no."""


def _change(now: tuple[int, int], to: tuple[int, int]) -> _Change:
    """The fewest answers that lead from (yes, no) to another such pair with no more open questions."""
    more, less = to[0] - now[0], to[1] - now[1]
    turned, back = max(-less, 0), max(-more, 0)
    return _Change(turned, back, max(more, 0) - turned, max(less, 0) - back)


def _changed(counts: Sequence[tuple[int, int]], target: Sequence[tuple[int, int]]) -> int:
    """How many given answers are changed."""
    steps = [_change(now, to) for now, to in zip(counts, target, strict=True)]
    return sum(step.turned + step.back for step in steps)


def _number(
    sizes: Sequence[int], counts: Sequence[tuple[int, int]], target: Sequence[tuple[int, int]]
) -> int:
    """How many sets of answers lead from one place to another."""
    ways = []
    for size, now, to in zip(sizes, counts, target, strict=True):
        step, left = _change(now, to), size - sum(now)
        ways.append(
            comb(now[1], step.turned)
            * comb(now[0], step.back)
            * comb(left, step.yes)
            * comb(left - step.yes, step.no)
        )
    return prod(ways)


def _moves(one: Sequence[str], answers: Answers, to: tuple[int, int]) -> Iterator[dict[str, bool]]:
    """The sets of answers to a class of questions that lead to (yes, no)."""
    yes, no = ([q for q in one if answers.get(q) is said] for said in (True, False))
    left = [question for question in one if question not in answers]
    step = _change((len(yes), len(no)), to)
    for turned, back, opened in product(
        combinations(no, step.turned), combinations(yes, step.back), combinations(left, step.yes)
    ):
        for denied in combinations([question for question in left if question not in opened], step.no):
            yield dict.fromkeys((*turned, *opened), True) | dict.fromkeys((*back, *denied), False)

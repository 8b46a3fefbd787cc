"""Rows to label until there are as many usable ones as the sources ask for, in all and of each class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from auditor.planning.counts import rows_to_label
from auditor.planning.model import LEVELS, NONE, Amount, Level, Target
from auditor.planning.situation import Situation, Wrong, whole, wrong_share
from auditor.tasks import ANY, STANCES, resolve, rows_for

ENOUGH = 50
"""Labelled rows of a class from which its own yield is used, with fewer that of all: at 50 a share of .9 is known to 9
points. Tool default."""
UNLABELLED = frozenset({"continued-pretraining"})
"""Tasks whose rows need no label, so that each usable row counts as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Yield:
    """What came of the rows that were labelled so far."""

    usable: float
    of: int
    singular: float | None
    wrong: Wrong | None
    """Share of the labels that is expected to be wrong; None where nothing tells."""
    chosen: bool = False
    """Nothing is labelled yet: `usable` of the rows are distinct and free of leaks, and only such rows will be labelled."""

    @property
    def share(self) -> float | None:
        """Usable and right rows for each labelled one; None where nothing was labelled."""
        return None if self.chosen or not self.of else self.usable / self.of * (1 - self._wrong(1))

    def label(self, short: int, waiting: int) -> tuple[int, Amount, Amount]:
        """Of the waiting rows those to label, how many to find besides, and how many to label in all."""
        taken, new = self._needed(short, waiting, 1)
        fewest, most = self._needed(short, waiting, 0)[1], self._needed(short, waiting, 2)[1]
        found = Amount(low=min(fewest.low, new.low), expected=new.expected, high=most.high)
        return taken, found, whole(short) if self.chosen else found + whole(taken)

    def _needed(self, short: int, waiting: int, end: int) -> tuple[int, Amount]:
        """The same where the share of wrong labels is its lower end (0), as expected (1), or its upper end (2)."""
        right = 1 - self._wrong(end)
        if right <= 0:
            return min(waiting, short), Amount(low=short, expected=short, high=None)
        taken = min(waiting, ceil(short / right))
        singular = None if self.singular is None else self.singular * right
        return taken, rows_to_label(
            short - taken * right, usable=self.usable * right, of=self.of, singular=singular
        )

    def _wrong(self, end: int) -> float:
        return 0.0 if self.wrong is None else (self.wrong.low, self.wrong.share, self.wrong.high)[end]


def standing(at: Situation) -> tuple[int, int, Yield]:
    """Usable rows that are labelled, rows that wait for a label, and what labeling yields."""
    wrong = wrong_share(at)
    labelled, usable = at.count("yields", "labelled_rows"), at.count("yields", "usable_rows")
    rows, effective = at.count("size", "train_rows"), at.count("size", "effective_rows")
    if at.report.task in UNLABELLED:
        return effective, 0, Yield(usable=effective, of=rows, singular=None, wrong=None)
    waiting = at.count("yields", "waiting_rows")
    if not labelled:
        return 0, waiting, Yield(usable=effective, of=rows, singular=None, wrong=None, chosen=True)
    singular = at.value("yields", "singular_rows")
    return usable, waiting, Yield(usable=usable, of=labelled, singular=singular, wrong=wrong)


def targets(at: Situation) -> Iterator[Target]:
    """What it takes to reach each number of rows: all rows first, then the classes that lack some, rarest first."""
    have, waiting, yields = standing(at)
    for level in LEVELS:
        if (asked := _asked(at, level)) is not None:
            yield _target(at, level, None, asked, have=have, waiting=waiting, yields=yields)
    if at.report.task in UNLABELLED or not at.count("yields", "labelled_rows"):
        return
    for level in LEVELS:
        if (of_class := _asked_of_class(at, level)) is not None:
            yield from _of_classes(at, level, of_class, yields)


def _of_classes(at: Situation, level: Level, asked: tuple[int, str], yields: Yield) -> Iterator[Target]:
    for one in at.measures("size", "class_rows"):
        mine, of = int(one.value or 0), one.of or 0
        own = Yield(usable=mine, of=of, singular=None, wrong=yields.wrong) if of >= ENOUGH else yields
        found = _target(at, level, one.group, asked, have=mine, waiting=0, yields=own, of=of)
        if found.short:
            yield found


def _target(
    at: Situation, level: Level, group: str | None, asked: tuple[int, str], *, have: int, waiting: int, yields: Yield,
    of: int | None = None,
) -> Target:  # fmt: skip
    need, cite = asked
    short = max(0, need - have)
    taken, new, label = yields.label(short, waiting)
    labels = 0.0 if at.report.task in UNLABELLED else at.labels_per_row
    return Target(
        level=level,
        group=group,
        need=need,
        have=have,
        of=(of or 0) if group is not None else at.count("yields", "labelled_rows"),
        short=short,
        waiting=taken,
        new=new,
        label=label,
        at_random=_at_random(at, label, of) if group is not None else None,
        usable_share=yields.share,
        money=at.money(label, labels=labels),
        days=at.days(label, labels=labels),
        cite=cite,
    )


def _at_random(at: Situation, label: Amount, of: int | None) -> Amount:
    """Rows to label before so many of a class are among them, if they are drawn like those of the file."""
    labelled = at.count("yields", "labelled_rows")
    return rows_to_label(label.expected, usable=of or 0, of=labelled) if label != NONE else NONE


def _asked(at: Situation, level: Level) -> tuple[int, str] | None:
    """Rows that a level asks for in all, and who says so."""
    if level != "good":
        found = at.demand("size", "effective_rows", "block" if level == "minimum" else "warn")
        return None if found is None else (ceil(found[0]), found[1])
    task, classes = at.report.task, at.count("size", "classes")
    good = resolve(rows_for(task), "good", stance=at.stance, classes=classes, what=f"task {task or ANY}")
    return None if good is None else (ceil(good.value), f"task table: {good.how}")


def _asked_of_class(at: Situation, level: Level) -> tuple[int, str] | None:
    """Rows that a level asks for of each class."""
    if level == "minimum":
        found = at.demand("size", "class_rows", "block")
        return None if found is None else (ceil(found[0]), found[1])
    stated_by_table = [
        one for one in at.limits("size", "class_rows") if one.at_least and one.at_least.resolved_from
    ]
    if not stated_by_table:  # a number of the policy's own has no further levels
        return None
    rows = [row for row in rows_for(at.report.task) if row.classes and at.stance in (*STANCES, row.source)]
    stated = [(row, getattr(row, level)) for row in rows if getattr(row, level) is not None]
    if not stated:
        return None
    row, value = stated[0]
    return ceil(
        value / (row.classes or 1)
    ), f"task table: {row.source}: {value:,} rows for {row.classes} classes"

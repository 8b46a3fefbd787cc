"""Brute force over all ways to answer, and each kind of rule spelled out a second time, from the table alone."""

from __future__ import annotations

from itertools import combinations, product


def literals(item):
    listed = [([one] if isinstance(one, str) else list(one)) for one in (item.table.yes, item.table.no)]
    return [(name, True) for name in listed[0]] + [(name, False) for name in listed[1]]


def count(framework, answers, group):
    return sum(
        all(answers[name] == wanted for name, wanted in literals(item))
        for item in framework.items
        if item.table.group == group or not group
    )


def total(framework, tally, answers):
    """A number that the framework shows, when every question is answered."""
    return (
        sum(
            weight
            for number, weight in tally.weights.items()
            if all(answers[name] == wanted for name, wanted in literals(framework.items[number]))
        )
        / tally.divisor
    )


def verdict(framework, answers):
    """What the framework says when every question is answered."""
    table = framework.table

    def of(group):
        return count(framework, answers, group)

    if table.kind in ("all", "at-least", "any"):
        members = [item for item in framework.items if item.table.group == table.of or not table.of]
        need = {"all": len(members), "at-least": table.at_least, "any": 1}[table.kind]
        return (table.met if of(table.of) >= need else table.missed).says
    if table.kind in ("score", "difference"):
        margin = of(table.plus) - of(table.minus)
        if table.kind == "score":
            margin /= sum(item.table.group in (table.plus, table.minus) for item in framework.items)
        for band in table.band:
            if band.at_least is not None and margin < band.at_least:
                continue
            if band.more_than is not None and not margin > band.more_than:
                continue
            return band.says
    if table.kind == "tree":
        for node in table.node:
            found = of(node.of)
            size = sum(item.table.group == node.of for item in framework.items)
            if (
                (node.all and found < size)
                or (node.at_least is not None and found < node.at_least)
                or (node.more_than is not None and found <= node.more_than)
                or (node.at_most is not None and found > node.at_most)
                or (node.less_than is not None and found >= node.less_than)
            ):
                return node.says
        return table.end.says
    assert table.kind == "matrix"
    sums = [0.0] * len(table.column)
    for item in framework.items:
        if all(answers[name] == wanted for name, wanted in literals(item)):
            sums = [old + table.worth[cell] for old, cell in zip(sums, item.table.cells, strict=True)]
    best = [column.name for column, total in zip(table.column, sums, strict=True) if total == max(sums)]
    return " and ".join(best)


TRUTH = {}


def possible(framework, answers):
    """The verdicts over all ways of answering what is open."""
    truth = TRUTH.setdefault(framework.id, {})
    if not truth:
        for said in product((True, False), repeat=len(framework.questions)):
            truth[said] = verdict(framework, dict(zip(framework.questions, said, strict=True)))
    ways = [(answers[name],) if name in answers else (True, False) for name in framework.questions]
    return {truth[said] for said in product(*ways)}


def flips(framework, answers):
    """Other verdict -> the smallest sets of new or changed answers that settle it, by trying all sets."""
    now = possible(framework, answers)
    found = {}
    for size in range(1, len(framework.questions) + 1):
        reached = {}
        for names in combinations(framework.questions, size):
            for said in product((True, False), repeat=size):
                change = dict(zip(names, said, strict=True))
                if any(answers.get(name) == to for name, to in change.items()):
                    continue
                after = possible(framework, answers | change)
                if len(after) == 1 and after != now:
                    reached.setdefault(next(iter(after)), []).append(change)
        found = reached | found
    return found


def carried(framework, answers):
    """Answers in some smallest-by-inclusion set of answers that already settles the verdict."""
    now = possible(framework, answers)
    if len(now) > 1:
        return set()
    enough = [
        set(kept)
        for size in range(len(answers) + 1)
        for kept in combinations(answers, size)
        if possible(framework, {name: answers[name] for name in kept}) == now
    ]
    return set().union(*(one for one in enough if not any(other < one for other in enough)))

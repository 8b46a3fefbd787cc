"""Who labels what: equal loads, and every two labelers meet on as many items as any other two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from auditor.errors import DataError

Pair = tuple[int, int]


def overlap_of(text: str | None, items: int) -> int:
    """Items that two labelers judge: a number of them, or a share of all if it has a point or a percent sign.

    Raises:
        DataError: it is neither.
    """
    if text is None:
        return 0
    written = text.strip()
    try:
        if written.endswith("%"):
            share = float(written[:-1]) / 100
        elif "." in written:
            share = float(written)
        else:
            return min(items, _whole(int(written)))
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        message = (
            f"--overlap {text!r} is neither a number of items nor a share of them; write 200, 0.1 or 10%"
        )
        raise DataError(message)
    return round(share * items)


def _whole(number: int) -> int:
    if number < 0:
        raise ValueError(number)
    return number


def assign(items: int, overlap: int, labelers: int) -> list[tuple[int, ...]]:
    """The labelers of each item: two different ones for `overlap` items, spread evenly over the others, which have one.

    Loads differ by one at most, and so do the numbers of items on which any two labelers meet.

    Raises:
        DataError: nobody can be the second labeler of an item.
    """
    if overlap and labelers < 2:
        message = f"{overlap:,} items are to be judged by two labelers, and only one is named; name more with --labelers"
        raise DataError(message)
    pairs = list(_pairs(overlap, labelers))
    loads = [sum(one in pair for pair in pairs) for one in range(labelers)]
    whole, more = divmod(items + overlap, labelers)
    busiest = sorted(range(labelers), key=lambda one: (-loads[one], one))
    wanted = {one: whole + (place < more) for place, one in enumerate(busiest)}
    alone = _in_turn([wanted[one] - loads[one] for one in range(labelers)])
    both = iter(_mixed(pairs))
    return [
        next(both) if (item + 1) * overlap // items > item * overlap // items else (next(alone),)
        for item in range(items)
    ]


def apart(who: list[tuple[int, ...]], known: Sequence[frozenset[int]]) -> tuple[list[tuple[int, ...]], int]:
    """The same with labelers swapped between items, as far as it goes, so that nobody gets an item that they judged before.

    A swap leaves all loads as they are. Also returns how many items are left whose labeler has judged them.

    Args:
        who: labelers of each item.
        known: labelers who judged each item before.
    """
    found = [list(one) for one in who]
    wrong = [item for item, one in enumerate(found) if not known[item].isdisjoint(one)]
    for item in wrong:
        for place, one in enumerate(found[item]):
            if one in known[item]:
                _swap(found, known, item, place)
    return [tuple(one) for one in found], sum(not known[item].isdisjoint(found[item]) for item in wrong)


def _swap(found: list[list[int]], known: Sequence[frozenset[int]], item: int, place: int) -> None:
    """Give one labeler of an item to the first other item that can take them, and take its labeler instead."""
    one = found[item][place]
    for other, theirs in enumerate(found):
        if one in known[other] or one in theirs:
            continue
        for there, two in enumerate(theirs):
            if two not in known[item] and two not in found[item]:
                found[item][place], theirs[there] = two, one
                return


def _mixed(pairs: list[Pair]) -> list[Pair]:
    """The pairs in another order, so that nobody has all theirs one after the other: every fifth or so comes next."""
    step = next((one for one in (5, 7, 11, 13) if len(pairs) % one), 1)
    return [pairs[step * place % len(pairs)] for place in range(len(pairs))]


def _pairs(count: int, labelers: int) -> Iterator[Pair]:
    """So many pairs: each as often as any other, and the rest spread evenly over the labelers."""
    every = list(combinations(range(labelers), 2))
    rounds, rest = divmod(count, len(every)) if every else (0, 0)
    for _ in range(rounds):
        yield from every
    yield from _even_graph(rest, labelers)


def _even_graph(edges: int, nodes: int) -> list[Pair]:
    """So many different pairs in which each labeler stands as often as any other, or once more (Havel and Hakimi)."""
    whole, more = divmod(2 * edges, nodes) if nodes else (0, 0)
    left = {node: whole + (node < more) for node in range(nodes)}
    found = list[Pair]()
    while any(left.values()):
        node, *others = sorted(left, key=lambda one: (-left[one], one))
        for other in others[: left.pop(node)]:
            left[other] -= 1
            found.append((min(node, other), max(node, other)))
    return sorted(found)


def _in_turn(counts: list[int]) -> Iterator[int]:
    """Each number as often as it counts, one after the other as long as some are left."""
    left = list(counts)
    while any(left):
        for one, count in enumerate(left):
            if count > 0:
                left[one] -= 1
                yield one

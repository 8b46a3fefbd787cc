"""Where two lists of words differ: shortest edits, in time linear in the length of long lists."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein, Opcodes

LONG = 2_000
"""Words up to which two lists are aligned as a whole, in about a millisecond; the time grows with the square."""
HOPELESS = 16 * LONG * LONG
"""Product of the lengths of two stretches, without five words in common that stand once in each, above which one is
taken to be written anew: a table of more would not fit into memory."""
RUN = 5
"""Words in a row that, where they stand once on both sides, are the same place."""


class Span(NamedTuple):
    """Words `a[start:stop]` of one list stand where `b[begin:end]` stands in the other."""

    start: int
    stop: int
    begin: int
    end: int


def differences(a: Sequence[str], b: Sequence[str]) -> list[Span]:
    """The spans in which the lists differ, in order; neighbouring edits are one span."""
    found: list[Span] = []
    for area in _stretches(a, b):
        for span in _within(a, b, area):
            if found and (found[-1].stop, found[-1].end) == (span.start, span.begin):
                found[-1] = Span(found[-1].start, span.stop, found[-1].begin, span.end)
            else:
                found.append(span)
    return found


def _within(a: Sequence[str], b: Sequence[str], area: Span) -> Iterator[Span]:
    left, right = a[area.start : area.stop], b[area.begin : area.end]
    if len(left) * len(right) > HOPELESS:
        yield area
        return
    changes: Opcodes = Levenshtein.opcodes(left, right)
    for change in changes:
        if change.tag != "equal":
            ours, theirs = (change.src_start, change.src_end), (change.dest_start, change.dest_end)
            yield Span(*(area.start + i for i in ours), *(area.begin + i for i in theirs))


def _stretches(a: Sequence[str], b: Sequence[str]) -> Iterator[Span]:
    """Both lists cut into pieces that belong together: behind the beginning and before the end that they have in common,
    and at places that are surely the same in both."""
    if max(len(a), len(b)) <= LONG:
        yield Span(0, len(a), 0, len(b))
        return
    head = _alike(a, b)
    tail = _alike(a[head:][::-1], b[head:][::-1])
    first, end = (head, head), (len(a) - tail, len(b) - tail)
    cuts = [first, *((i + head, j + head) for i, j in _same_places(a[head : end[0]], b[head : end[1]])), end]
    last = first
    for here, after in pairwise(cuts[1:]):
        if max(after[0] - last[0], after[1] - last[1]) > LONG:
            yield Span(last[0], here[0], last[1], here[1])
            last = here
    yield Span(last[0], end[0], last[1], end[1])


def _alike(a: Sequence[str], b: Sequence[str]) -> int:
    """How many words the lists have in common at their beginning."""
    differ = (i for i, (one, other) in enumerate(zip(a, b, strict=False)) if one != other)
    return next(differ, min(len(a), len(b)))


def _same_places(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """Places where both lists go on with the same `RUN` words that stand once in each: a longest chain of them that is
    in order on both sides (patience diff, B. Cohen)."""
    left, right = _once(a), _once(b)
    places = [(i, right[run]) for run, i in left.items() if i >= 0 and right.get(run, -1) >= 0]
    lowest: list[int] = []
    length: list[int] = []
    for _, j in places:
        at = bisect_left(lowest, j)
        length.append(at)
        lowest[at : at + 1] = [j]
    chain: list[tuple[int, int]] = []
    for place, at in zip(reversed(places), reversed(length), strict=True):
        if at == len(lowest) - 1 - len(chain):
            chain.append(place)
    return chain[::-1]


def _once(words: Sequence[str]) -> dict[tuple[str, ...], int]:
    """Runs of words and where each begins; -1 if it stands at several places."""
    runs: dict[tuple[str, ...], int] = {}
    for i, run in enumerate(zip(*(words[k:] for k in range(RUN)), strict=False)):
        runs[run] = -1 if run in runs else i
    return runs

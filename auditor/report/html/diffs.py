"""Two texts as one: the words of both in order, those that only one of them has marked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from auditor.report.differences import word_differences

ALIKE = 0.35
"""Share of the words of the longer text that both must have to be shown as one; below, they are easier to read apart."""

Side = Literal["both", "one", "two"]


@dataclass(frozen=True, slots=True)
class Run:
    """Words that belong together."""

    side: Side
    text: str


def merged(one: str, two: str) -> tuple[Run, ...] | None:
    """Both texts in one, words as the first has them; None if they have too little in common."""
    left, right = word_differences(one, two)
    same = sum(not differs for _, differs in left)
    if same < ALIKE * max(len(left), len(right)):
        return None
    return tuple(_runs(left, right))


def _runs(left: list[tuple[str, bool]], right: list[tuple[str, bool]]) -> Iterator[Run]:
    """What is only in the first, then what is only in the second, then what both have, and so on."""
    i = j = 0
    while i < len(left) or j < len(right):
        start = i
        while i < len(left) and left[i][1]:
            i += 1
        if i > start:
            yield Run("one", " ".join(word for word, _ in left[start:i]))
        start = j
        while j < len(right) and right[j][1]:
            j += 1
        if j > start:
            yield Run("two", " ".join(word for word, _ in right[start:j]))
        start = i
        while i < len(left) and j < len(right) and not left[i][1] and not right[j][1]:
            i, j = i + 1, j + 1
        if i > start:
            yield Run("both", " ".join(word for word, _ in left[start:i]))

"""Which words of two excerpts differ."""

from __future__ import annotations

import re

from rapidfuzz.distance import Opcodes

_WORDS = re.compile(r"\s+")


def word_differences(one: str, two: str) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """The words of both texts, each with whether it is missing from (or other in) the opposite text."""
    from rapidfuzz.distance import Levenshtein

    ours, theirs = _WORDS.split(one.strip()), _WORDS.split(two.strip())
    changes: Opcodes = Levenshtein.opcodes([folded(word) for word in ours], [folded(word) for word in theirs])
    left, right = [False] * len(ours), [False] * len(theirs)
    for change in changes:
        if change.tag != "equal":
            left[change.src_start : change.src_end] = [True] * (change.src_end - change.src_start)
            right[change.dest_start : change.dest_end] = [True] * (change.dest_end - change.dest_start)
    return list(zip(ours, left, strict=True)), list(zip(theirs, right, strict=True))


def folded(word: str) -> str:
    """Words that differ in case or punctuation alone count as the same; the detectors fold these too."""
    return re.sub(r"\W", "", word).casefold() or word

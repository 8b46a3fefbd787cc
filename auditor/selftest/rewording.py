"""An eval row in other words, without a model: by synonyms, order, numerals and words that carry little."""

# ruff: noqa: RUF001 - punctuation of Chinese texts

from __future__ import annotations

import re

import numpy as np

from checks.text.lexicon import NUMERALS

_PAIRS = """
    buy purchase, begin start, big large, small little, fast quick, get obtain, give provide, help assist, make create,
    need require, show display, use employ, want wish, ask inquire, find locate, many numerous, each every, total overall,
    cost price, money cash, child kid, man gentleman, woman lady, house home, work job, answer reply, end finish, near close,
    often frequently, also additionally, but however, so therefore, because since, if whether, who which, old aged,
    happy glad, sad unhappy, hard difficult, easy simple, wrong incorrect, right correct, change alter, keep retain,
    leave depart, look gaze, say state, tell inform, think believe, try attempt, walk stroll, write compose, read peruse,
    store shop, street road, car vehicle, picture image, problem issue, part portion, whole entire, next following,
    before previously, after afterwards, now currently, then subsequently, again anew, together jointly, only solely,
    remaining leftover, money funds, day date, bring fetch, send ship, pay spend, add include, remove delete, receive get
"""
_BOTH_WAYS = [pair.split() for pair in _PAIRS.split(",")]
_SYNONYMS = {**{other: one for one, other in _BOTH_WAYS[::-1]}, **dict(_BOTH_WAYS[::-1])}
_DIGITS = {digit: word for word, digit in NUMERALS.items()}
_LITTLE = frozenset(("a", "an", "the", "of", "to", "in", "on", "at", "is", "are", "was", "were", "and", "that", "this", "it",
                     "do", "does", "did", "has", "have", "had", "will", "be", "by", "for", "with", "as"))  # fmt: skip
_SENTENCE = re.compile(r"(?<=[.!?;\n])\s+|(?<=[。！？；])")
SWAPPED = 0.35
"""Share of the words that change places with their neighbour: about two in five that are left stand beside another one."""
DROPPED = 0.5
"""Share of the words that carry little which are left out."""


def reworded(text: str, draw: np.random.Generator) -> str:
    """A text in other words: its sentences but the last turned round, numerals for digits and the other way, synonyms from a
    list, little words left out, neighbours swapped. No run of five words is likely to stay; what is asked for does."""
    sentences = [part for part in _SENTENCE.split(text) if part.strip()]
    return " ".join(_turned(sentence, draw) for sentence in [*sentences[-2::-1], *sentences[-1:]])


def _turned(sentence: str, draw: np.random.Generator) -> str:
    words = [_other(word) for word in sentence.split()]
    words = [word for word in words if word.lower() not in _LITTLE or draw.random() >= DROPPED] or words
    place = 0
    while place + 1 < len(words):
        if draw.random() < SWAPPED:
            words[place], words[place + 1] = words[place + 1], words[place]
            place += 1
        place += 1
    return " ".join(words)


def _other(word: str) -> str:
    """A word in another form that means the same, with the punctuation around it."""
    inner = word.strip(".,;:!?\"'()")
    small = inner.lower()
    other = _SYNONYMS.get(small) or _DIGITS.get(small) or NUMERALS.get(small)
    return word.replace(inner, other) if other and inner else word


def renumbered(text: str, draw: np.random.Generator) -> str:
    """Each number becomes another one of as many digits, the same wherever it stands."""
    others: dict[str, str] = {}

    def changed(found: re.Match[str]) -> str:
        old = found[0]
        if old not in others:
            first = 1 + (int(old[0]) + int(draw.integers(8))) % 9
            others[old] = "".join(map(str, (first, *draw.integers(10, size=len(old) - 1).tolist())))
        return others[old]

    return re.sub(r"\d+", changed, text)

"""What `checks.text` computes, in plain Python: slow, obvious, and without a line of code in common with it."""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Sequence
from itertools import combinations

SHORT = 30
"""In `auto`, a pair with a side of fewer words than this is compared by characters."""
_ALONE = (
    "CJK UNIFIED IDEOGRAPH",
    "CJK COMPATIBILITY IDEOGRAPH",
    "HIRAGANA",
    "HENTAIGANA",
    "KATAKANA",
    "THAI",
    "LAO",
)
_MARKS = ("IDEOGRAPHIC ITERATION MARK", "IDEOGRAPHIC CLOSING MARK", "IDEOGRAPHIC NUMBER ZERO")
_TONES = "KATAKANA LETTER MINNAN"  # thirteen tone letters, which mark the kana before them

Shingles = frozenset[Hashable]


def fold(text: str) -> list[str]:
    """The words of a text: NFKD and case folding, marks and format characters dropped, runs of letters and digits.

    Each Han, kana, Thai or Lao character is a word of its own; all else separates words.
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    words, run = list[str](), ""
    for character in folded:
        category = unicodedata.category(character)
        if category == "Cf" or category.startswith("M"):
            continue
        name = unicodedata.name(character, "")
        alone = name in _MARKS or (name.startswith(_ALONE) and not name.startswith(_TONES))
        if run and (alone or not character.isalnum()):
            words.append(run)
            run = ""
        if character.isalnum():
            if alone:
                words.append(character)
            else:
                run += character
    return [*words, run] if run else words


def word_grams(words: Sequence[str], size: int) -> list[tuple[str, ...]]:
    """Every run of `size` words in order; one run of all words if they are fewer, none if there is no word."""
    if not words:
        return []
    return [tuple(words[i : i + size]) for i in range(max(1, len(words) - size + 1))]


def character_grams(words: Sequence[str]) -> list[str]:
    """Every run of five characters of the words joined by single spaces; the whole string if it is shorter."""
    joined = " ".join(words)
    return [joined[i : i + 5] for i in range(max(1, len(joined) - 4))] if joined else []


def shingles(words: Sequence[str], kind: str) -> Shingles:
    """The set of shingles of one kind: `c5`, `w3` or `w5`."""
    return frozenset(character_grams(words) if kind == "c5" else word_grams(words, int(kind[1])))


def kind_of(left: Sequence[str], right: Sequence[str], setting: str) -> str:
    """By which shingles a pair is compared."""
    if setting != "auto":
        return setting
    return "c5" if min(len(left), len(right)) < SHORT else "w5"


def share(left: Shingles, right: Shingles) -> float:
    """Jaccard similarity of two sets, 0 if both are empty."""
    both = len(left & right)
    return both / (len(left) + len(right) - both) if left or right else 0.0


class Corpus:
    """Texts with their words, and with the shingles that were asked for."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.words = [fold(text) for text in texts]
        self._made = dict[tuple[int, str], Shingles]()

    def __len__(self) -> int:
        return len(self.words)

    def shingles(self, row: int, kind: str) -> Shingles:
        """The shingles of one text."""
        if (row, kind) not in self._made:
            self._made[row, kind] = shingles(self.words[row], kind)
        return self._made[row, kind]

    def jaccard(self, row: int, other: Corpus, theirs: int, setting: str) -> float:
        """Jaccard similarity of one text and one of another corpus (or of this one)."""
        kind = kind_of(self.words[row], other.words[theirs], setting)
        return share(self.shingles(row, kind), other.shingles(theirs, kind))


def jaccard(left: str, right: str, setting: str) -> float:
    """Jaccard similarity of two texts."""
    return Corpus([left]).jaccard(0, Corpus([right]), 0, setting)


def near_pairs(texts: Sequence[str], setting: str, threshold: float) -> set[tuple[int, int]]:
    """All pairs of texts (lower row first) whose Jaccard similarity reaches the threshold."""
    corpus = Corpus(texts)
    return {
        (a, b)
        for a, b in combinations(range(len(corpus)), 2)
        if corpus.jaccard(a, corpus, b, setting) >= threshold
    }


def best_matches(evals: Sequence[str], train: Sequence[str], setting: str) -> list[float]:
    """For each eval text its largest Jaccard similarity with a training text."""
    left, right = Corpus(evals), Corpus(train)
    return [
        max((left.jaccard(a, right, b, setting) for b in range(len(right))), default=0.0)
        for a in range(len(left))
    ]


def containment(needle: Sequence[str], hay: Sequence[str], size: int = 5) -> float:
    """Share of the needle's distinct word n-grams that stand in the hay; 0 where it has fewer words than one."""
    if len(needle) < size:
        return 0.0
    wanted, there = set(word_grams(needle, size)), set(word_grams(hay, size)) if len(hay) >= size else set()
    return len(wanted & there) / len(wanted)


def common_subsequence(left: Sequence[Hashable], right: Sequence[Hashable]) -> int:
    """Length of the longest common subsequence, by the textbook table."""
    above = [0] * (len(right) + 1)
    for item in left:
        row = [0]
        for j, other in enumerate(right):
            row.append(above[j] + 1 if item == other else max(above[j + 1], row[j]))
        above = row
    return above[-1]

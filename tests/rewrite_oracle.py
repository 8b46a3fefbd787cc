"""What `checks.rewritten` computes, in plain Python over all pairs: slow, obvious, and without a line of code in common.

English alone; parts of prompts (questions, paragraphs) are left to the tests that name them.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

ENDINGS = ("ational", "ization", "ingly", "edly", "ation", "ness", "ment", "ing", "ies", "ied", "ers", "ed", "es", "ly",
           "er", "s", "e")  # fmt: skip
WORDS = {"hundred": 100, "thousand": 1000, "million": 1000000, "dozen": 12, "half": 0.5, "twice": 2, "double": 2, "triple": 3,
         "thrice": 3, "quarter": 0.25, "third": 3, "second": 2}  # fmt: skip
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
WORDS |= {word: number for number, word in enumerate(_ONES.split()) if number != 1}
WORDS |= {
    word: 10 * number
    for number, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2
    )
}
TOKEN = re.compile(r"\d+(?:,\d{3}(?!\d))*(?:\.\d+)?|[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


class Pair(NamedTuple):
    score: float
    train: int
    order: float
    dice: float


def stem(word: str) -> str:
    if len(word) <= 3:
        return word
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word.removesuffix(ending)
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "sl":
        word = word[:-1]
    return (word[:-1] if word[-1] in "yie" else word)[:7]


def terms(text: str) -> list[str | float]:
    """Stems of words, and numbers as numbers."""
    found: list[str | float] = []
    for match in TOKEN.finditer(text):
        token = match[0]
        if token[0].isdigit():
            number = float(token.replace(",", ""))
            before = text[max(0, match.start() - 1) : match.start()]
            found.append(f"name {number}" if before.isalpha() else number)
        else:
            word = token.lower()
            found.append(float(WORDS[word]) if word in WORDS else stem(word))
    return found


def best_pairs(train: Sequence[str], evals: Sequence[str]) -> list[Pair]:
    """For each eval text its best training text, whatever the score."""
    ours, theirs = [terms(text) for text in evals], [terms(text) for text in train]
    kept = [row for row, said in enumerate(theirs) if said and said not in theirs[:row]]
    wordings = [theirs[row] for row in kept]
    wordings += [
        said for row, said in enumerate(ours) if said and said not in wordings and said not in ours[:row]
    ]
    holds = Counter(term for said in wordings for term in set(said))
    idf = {term: math.log((len(wordings) + 1) / (rows + 0.5)) for term, rows in holds.items()}
    e, t = ([vector(said, idf) for said in side] for side in (ours, theirs))
    between = [[cosine(e[i], t[j]) for j in range(len(t))] for i in range(len(e))]
    within = {(a, b): cosine(t[a], t[b]) for a in kept for b in kept if a < b}
    found = []
    for i in range(len(e)):
        pairs = [pair(i, j, ours[i], theirs[j], idf, between, within, kept, len(wordings)) for j in kept]
        found.append(max(pairs, key=lambda one: (one.score, -one.train)))
    return found


def pair(i, j, ours, theirs, idf, between, within, kept, rows) -> Pair:
    near = between[i][j]
    next_eval = max((between[k][j] for k in range(len(between)) if k != i), default=0.0)
    strangers = [k for k in kept if k != j and between[i][k] < 0.6 * near]
    next_train = max((within[min(j, k), max(j, k)] for k in strangers), default=0.0)
    masses = [sum(idf[term] for term in said) for said in (ours, theirs)]
    order = common(ours, theirs, idf) / min(masses)
    shared = sum(idf[term] for term in set(ours) & set(theirs))
    numbers = [Counter(term for term in said if isinstance(term, float)) for said in (ours, theirs)]
    count = sum(map(Counter.total, numbers))
    dice = 2 * (numbers[0] & numbers[1]).total() / count if count else 0.0
    score = 4.25 * order + 8.5 * (near - max(next_eval, next_train)) - 15.6
    score += 5.4 * (dice - 0.5) * min(1, count / 6) if count >= 2 else 0
    score += 0.9 if count >= 4 and dice >= 0.8 else 0
    return Pair(score + 3.25 * math.log1p(shared * 9.15 / math.log(rows)), j, order, dice)


def vector(said, idf) -> dict:
    weights = {term: (1 + math.log(count)) * idf[term] for term, count in Counter(said).items()}
    length = math.hypot(*weights.values())
    return {term: weight / length for term, weight in weights.items()}


def cosine(one: dict, other: dict) -> float:
    return sum(weight * other.get(term, 0.0) for term, weight in one.items())


def common(one, other, idf) -> float:
    """Weight of the heaviest common subsequence."""
    before = [0.0] * (len(other) + 1)
    for term in one:
        now = [0.0]
        for n, mine in enumerate(other):
            match = before[n] + idf[term] if mine == term else 0.0
            now.append(max(match, before[n + 1], now[n]))
        before = now
    return before[-1]

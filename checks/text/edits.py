"""What kind of edit turns one text into another: format alone, numbers, names, a negation, or words.

Words here are finer than those of the detectors: numbers keep sign and decimals, each letter keeps its case until names
are looked for. An edit is a span of words that differ; a pair is named after its severest one, see `EDITS`.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain, pairwise
from operator import attrgetter, ne
from typing import NamedTuple

from checks.text.differences import differences
from checks.text.lexicon import AMONG_NAMES, BESIDE, NEGATIONS, NUMERALS

IDENTICAL, FORMAT, NUMBER, ENTITY, NEGATION, WORDS = range(6)
EDITS = ("identical", "format only", "number changed", "entity swapped", "negation flipped", "words changed")
"""From least to most severe. A pair has the least severe name that explains all of its edits: `number changed` leaves
everything but numbers (and format), `entity swapped` everything but names and numbers, as a template filled in anew
does, `negation flipped` everything but these and a negation put in or taken out (in the languages of
`lexicon.NEGATIONS`)."""

_TAGS = re.compile(
    r"</?(?:a|b|i|u|p|br|em|strong|span|div|h[1-6]|ul|ol|li|code|pre|table|tr|td|th|sub|sup|small|blockquote|hr)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_NUMBER = r"(?:(?<![^\s(\[=:$€£])[-\u2212](?=\d))?\d+(?:[.,]\d+)*"
_NUMBERS = re.compile(_NUMBER)
_WORD = r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*"
_TOKENS = re.compile(
    rf"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|{_NUMBER}|{_WORD}"
)
_ENDS = frozenset(".!?:;\u2026\u3002\"'\u201c\u201d\u2018\u00ab\u201e(")
"""Behind these a capital says nothing: a sentence or a quotation begins."""
LONGEST, KEPT = 64, 1 << 16
"""Characters of a piece that is kept once it is read (longer ones hardly come again), and pieces kept."""
_GROUPING = re.compile(r",(?=\d{3}(?!\d))")
"""The comma of 1,000."""


class Comparison(NamedTuple):
    """What was found in a pair of texts."""

    edit: int
    """`IDENTICAL` ... `WORDS`."""
    changed: int
    """Words in spans that differ by more than format, on the side that has more of them."""
    shared: list[bool] | None
    """For each word of the first text, whether it stands in the second too, in order; None where all do."""


def plain(text: str) -> str:
    """The text without markup, marks and compatibility forms, as words are read from it."""
    if "<" in text:
        text = _TAGS.sub(" ", text)
    if "&" in text:
        text = html.unescape(text)
    return text if text.isascii() else unicodedata.normalize("NFKD", text).translate(_marks())


@cache
def _marks() -> dict[int, None]:
    """Combining marks and format characters; those beyond the planes listed stand in no living language."""
    codes = (*range(0x300, 0x20000), *range(0xE0000, 0xE01F0))
    return {code: None for code in codes if unicodedata.category(chr(code)) in ("Mn", "Mc", "Me", "Cf")} | {
        0xAD: None
    }


class Piece(NamedTuple):
    """What stands between two spaces."""

    tokens: tuple[str, ...]
    """Words and numbers as they are written."""
    keys: tuple[str, ...]
    """What they are compared by: case, apostrophes and the way a number is written do not count."""


def pieces(text: str) -> list[str]:
    """A text cut at white space; a line ends like a sentence."""
    return plain(text).replace("\n", " . ").split()


class _Known(dict[str, Piece]):
    """The words of pieces; they are read once, since a text is made of few different ones."""

    def __missing__(self, piece: str) -> Piece:
        found = _TOKENS.findall(piece)
        read = Piece(tuple(found), tuple(map(_key, found)))
        if len(piece) <= LONGEST:
            if len(self) >= KEPT:
                self.clear()
            self[piece] = read
        return read


_KNOWN = _Known()
_TOKENS_OF, _KEYS = attrgetter("tokens"), attrgetter("keys")


def tokens(text: str) -> list[str]:
    """The words and numbers of a text."""
    return [*chain.from_iterable(_KNOWN[piece].tokens for piece in pieces(text))]


def _key(token: str) -> str:
    if not token[-1].isdigit():
        folded = token.casefold().replace("'", "").replace("\u2019", "")
        return NUMERALS.get(folded, folded)
    return _GROUPING.sub("", token).replace(",", ".").replace("\u2212", "-")


def compare_same(ours: str, theirs: str) -> Comparison:
    """The same of texts whose folded words are the same: their numbers can differ in sign and point, nothing else can."""
    if ours == theirs:
        return Comparison(IDENTICAL, 0, None)
    mine, other = ([*map(_key, _NUMBERS.findall(plain(text)))] for text in (ours, theirs))
    changed = sum(map(ne, mine, other)) if len(mine) == len(other) else 0  # else a point became a space
    return Comparison(NUMBER if changed else FORMAT, changed, None)


def compare(ours: str, theirs: str) -> Comparison:
    """The kind of edit between two texts."""
    if ours == theirs:
        return Comparison(IDENTICAL, 0, None)
    sides = pieces(ours), pieces(theirs)
    found = [[*map(_KNOWN.__getitem__, side)] for side in sides]
    left, right = ([*chain.from_iterable(map(_KEYS, side))] for side in found)
    if left == right:
        return Comparison(FORMAT, 0, None)
    a, b = ([*chain.from_iterable(map(_TOKENS_OF, side))] for side in found)
    names: list[frozenset[str]] = []
    edit, changed, shared = FORMAT, 0, [True] * len(left)
    for start, stop, begin, end in differences(left, right):
        out, put = left[start:stop], right[begin:end]
        kind = _kind(out, put)
        if kind == WORDS and edit < WORDS:
            names = names or [*map(_names, sides)]
            kind = ENTITY if _are_names(a[start:stop], b[begin:end], names) else WORDS
        edit = max(edit, kind)
        if kind > FORMAT:
            changed += max(len(out), len(put))
            shared[start:stop] = [False] * len(out)
    return Comparison(edit, changed, shared)


def _kind(out: Sequence[str], put: Sequence[str]) -> int:
    """The kind of edit that replaces some words, names apart."""
    words = [*out, *put]
    numbers = [word for word in words if word[-1].isdigit()]
    if len(numbers) == len(words):
        spaced = len(out) != len(put) and _digits(out) == _digits(put)
        return FORMAT if spaced else NUMBER
    if not numbers and "".join(out) == "".join(put):
        return FORMAT
    flips = (sum(word in NEGATIONS for word in out) - sum(word in NEGATIONS for word in put)) % 2
    return NEGATION if flips and _alike(*(list(_rest(side)) for side in (out, put))) else WORDS


def _digits(numbers: Sequence[str]) -> list[str]:
    """Runs of digits, as the detectors see them: 1.5 and 1 5 are the same words."""
    return " ".join(numbers).replace(".", " ").replace("-", " ").split()


def _rest(words: Sequence[str]) -> Iterator[str]:
    """What is left of some words without negations and what comes and goes with them."""
    left = (NEGATIONS.get(word, word) for word in words)
    return (word for word in left if word and word not in BESIDE)


def _alike(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether these are the same words, but for an ending of up to two letters."""
    return len(one) == len(other) and all(
        a == b or (a[:3] == b[:3] and (a.startswith(b) or b.startswith(a)) and abs(len(a) - len(b)) < 3)
        for a, b in zip(one, other, strict=True)
    )


def _names(text: Sequence[str]) -> frozenset[str]:
    """Words that are written with a capital where no sentence begins; none where most words are."""
    named = [
        after
        for before, after in pairwise(text)
        if after[0].isupper()
        and (before[-1] not in _ENDS or before[:-1].casefold() in AMONG_NAMES)  # Dr. Lee
    ]
    if 2 * len(named) > len(text):
        return frozenset()
    return frozenset(_stem(word) for piece in named for word in _KNOWN[piece].tokens[:1]) - {"i"}


def _stem(word: str) -> str:
    """A name without its genitive."""
    return word.replace("\u2019", "'").partition("'")[0].casefold()


def _are_names(out: Sequence[str], put: Sequence[str], names: Sequence[frozenset[str]]) -> bool:
    """Whether names alone were replaced, put in or taken out, with numbers and small words among them at most."""
    found = 0
    for side, known in zip((out, put), names, strict=True):
        for word in side:
            named = word[0].isupper() and _stem(word) in known
            if not (named or word[-1].isdigit() or word.casefold() in AMONG_NAMES):
                return False
            found += named
    return found > 0

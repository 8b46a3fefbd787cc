"""What kind of edit turns one text into another: format alone, numbers, names, a negation, or words.

Words here are finer than those of the detectors: numbers keep sign and decimals, each letter keeps its case until names
are looked for. An edit is a span of words that differ; a pair is named after its severest one, see `EDITS`.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from operator import ne
from typing import NamedTuple, TypeVar

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
Read = TypeVar("Read")
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
    return text if text.isascii() else unicodedata.normalize("NFKD", text).translate(_MARKS)


class _Marks(dict[int, int | None]):
    """None for combining marks and format characters, which are dropped, the character itself for others; each is looked
    up once, when it is met."""

    def __missing__(self, code: int) -> int | None:
        kept = None if unicodedata.category(chr(code)) in ("Mn", "Mc", "Me", "Cf") else code
        self[code] = kept
        return kept


_MARKS = _Marks()


def pieces(text: str) -> list[str]:
    """A text cut at white space; a line ends like a sentence."""
    return plain(text).replace("\n", " . ").split()


class _Pieces(dict[str, tuple[str, ...]]):
    """Words and numbers of pieces, as they are written; each is read once, since a text is made of few different ones."""

    def __missing__(self, piece: str) -> tuple[str, ...]:
        word = piece if piece.isalpha() else piece[:-1]
        plain_word = piece.isascii() and word.isalpha() and not piece[-1].isdigit()  # as most are
        found = (word,) if plain_word else tuple(_TOKENS.findall(piece))
        return _kept(self, piece, found)


class _Keys(dict[str, str]):
    """What words and numbers are compared by: case, apostrophes and the way a number is written do not count."""

    def __missing__(self, token: str) -> str:
        if token[-1].isdigit():
            return _kept(self, token, _GROUPING.sub("", token).replace(",", ".").replace("\u2212", "-"))
        folded = token.casefold().replace("'", "").replace("\u2019", "")
        return _kept(self, token, NUMERALS.get(folded, folded))


def _kept(known: dict[str, Read], text: str, read: Read) -> Read:
    """Keep what was read of a short text; with too many of them all are forgotten."""
    if len(text) <= LONGEST:
        if len(known) >= KEPT:
            known.clear()
        known[text] = read
    return read


_TOKENS_OF, _KEY_OF = _Pieces(), _Keys()


def tokens(text: str) -> list[str]:
    """The words and numbers of a text."""
    return _written(pieces(text))


def _written(side: Sequence[str]) -> list[str]:
    return [*chain.from_iterable(map(_TOKENS_OF.__getitem__, side))]


def compare_same(ours: str, theirs: str) -> Comparison:
    """The same of texts whose folded words are the same: their numbers can differ in sign and point, nothing else can."""
    if ours == theirs:
        return Comparison(IDENTICAL, 0, None)
    mine, other = ([*map(_KEY_OF.__getitem__, _NUMBERS.findall(plain(text)))] for text in (ours, theirs))
    changed = sum(map(ne, mine, other)) if len(mine) == len(other) else 0  # else a point became a space
    return Comparison(NUMBER if changed else FORMAT, changed, None)


def compare(ours: str, theirs: str) -> Comparison:
    """The kind of edit between two texts."""
    if ours == theirs:
        return Comparison(IDENTICAL, 0, None)
    sides = pieces(ours), pieces(theirs)
    a, b = map(_written, sides)
    left, right = ([*map(_KEY_OF.__getitem__, side)] for side in (a, b))
    if left == right:
        return Comparison(FORMAT, 0, None)
    names: list[frozenset[str]] = []
    edit, changed, shared = FORMAT, 0, [True] * len(left)
    for start, stop, begin, end in differences(left, right):
        out, put = left[start:stop], right[begin:end]
        kind = _kind(out, put)
        if kind == WORDS and edit < WORDS:
            written = a[start:stop], b[begin:end]
            if all(map(_may_be_name, chain(*written))):
                names = names or [*map(_names, sides)]
                kind = ENTITY if _are_names(written, names) else WORDS
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
    return frozenset(_stem(word) for piece in named for word in _TOKENS_OF[piece][:1]) - {"i"}


def _stem(word: str) -> str:
    """A name without its genitive."""
    return word.replace("\u2019", "'").partition("'")[0].casefold()


def _may_be_name(word: str) -> bool:
    """Whether a word can stand among names: a capital, a number or a small word between them."""
    return word[0].isupper() or word[-1].isdigit() or word.casefold() in AMONG_NAMES


def _are_names(written: tuple[Sequence[str], ...], names: Sequence[frozenset[str]]) -> bool:
    """Whether of words that may be names all are, but for numbers and small words, and one at least."""
    found = 0
    for side, known in zip(written, names, strict=True):
        for word in side:
            named = word[0].isupper() and _stem(word) in known
            if not (named or word[-1].isdigit() or word.casefold() in AMONG_NAMES):
                return False
            found += named
    return found > 0

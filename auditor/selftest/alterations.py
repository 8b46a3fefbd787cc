"""The ways in which an eval row gets into training data, as alterations of a row: one table."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

import numpy as np

from auditor.selftest.rewording import renumbered, reworded
from checks.text.fold import LIMIT
from checks.text.words import fold_table

LIGHT = (0.01, 0.06)
"""Share of the words that a light edit changes: a corrected slip or two, as when a row is proofread."""
KEPT = 0.6
"""Share of the words that is left of a truncated row: the least that counts as suspected (coverage .6)."""
AROUND = 2
"""Words around an embedded row for each of its own, at least: then nothing but a search inside the text finds it."""
REWORDED = 20
"""Words from which a row is worth rewording by rule: in shorter ones a change of three words is another question."""
_ALONE = "\u0e00-\u0eff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Scripts without spaces, of which each character counts as a word (see `checks.text.fold`)."""
_WORD = re.compile(rf"([{_ALONE}]|[^\s{_ALONE}]+)")
_NUMBER = re.compile("([0-9]+)")
_PUNCTUATION = str.maketrans(".,?!:;\"'()-", "!;.?,:'\"[]_")
_WIDE = {code: code + 0xFEE0 for code in (*range(0x30, 0x3A), *range(0x41, 0x5B), *range(0x61, 0x7B))}


class Row(NamedTuple):
    """What leakage is judged by: the prompt, and what follows it; None where a row has no such thing."""

    ask: str | None
    say: str | None

    @property
    def text(self) -> str:
        """The whole text, as it is stored."""
        return "\n".join(part for part in self if part is not None)

    @property
    def words(self) -> int:
        """Number of words."""
        return sum(len(_places(_WORD.split(part))) for part in self if part)


class Others:
    """Training rows to take foreign words, answers and surroundings from, and the random draws of an alteration."""

    def __init__(self, rows: Sequence[Row], draw: np.random.Generator) -> None:
        self.draw = draw
        self._rows = [row for row in rows if row.words]
        self._words = [word for row in self._rows for part in row if part for word in _words(part)]
        self.answers = [row.say for row in self._rows if row.ask is not None and row.say and _words(row.say)]

    def __len__(self) -> int:
        return len(self._rows)

    def row(self) -> Row:
        """A training row with words in it."""
        return self._rows[self.draw.integers(len(self._rows))]

    def word(self) -> str:
        """A word of a training row; frequent ones come more often."""
        return self._words[self.draw.integers(len(self._words))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alteration:
    """One kind of leak."""

    name: str
    told: str
    """What is done to the row."""
    make: Callable[[Row, Others], Row]
    needs: str = ""
    """What a row must have for it, if not every row will do."""
    suits: Callable[[Row, Others], bool] = lambda _row, _others: True


def _exact(row: Row, _others: Others) -> Row:
    return row


def _normalised(row: Row, others: Others) -> Row:
    """Other case, punctuation, spacing and, for a quarter of the words, width: the folded words stay the same."""

    def disguised(text: str) -> str:
        pieces = _WORD.split(_recased(text, str.upper))
        for place in range(1, len(pieces), 2):
            if others.draw.random() < 0.25:
                pieces[place] = pieces[place].translate(_WIDE)
        return f" {'  '.join(''.join(pieces).translate(_PUNCTUATION).split(' '))} !"

    return _each(row, disguised)


def _light(row: Row, others: Others) -> Row:
    """A few words replaced (two in three), dropped or doubled."""
    parts = [_WORD.split(part or "") for part in row]
    places = [(pieces, place) for pieces in parts for place in _places(pieces)]
    number = max(1, round(others.draw.uniform(*LIGHT) * len(places)))
    for chosen in others.draw.choice(len(places), number, replace=False).tolist():
        pieces, place = places[chosen]
        word = pieces[place]
        pieces[place] = ("", f"{word} {word}", *[f" {others.word()} "] * 4)[others.draw.integers(6)]
    return _joined(row, parts)


def _embedded(row: Row, others: Others) -> Row:
    """In the middle of training text, one row or as many as it takes."""
    first = others.row()
    around = [first.say or first.text]
    wanted = AROUND * row.words - len(_words(around[0]))
    while wanted > 0:
        other = others.row()
        around.append(other.text)
        wanted -= other.words
    pieces = _WORD.split("\n".join(around))
    middle = len(pieces) // 2
    host = f"{''.join(pieces[:middle])} {row.text} {''.join(pieces[middle:])}"
    return Row(first.ask if first.say else None, host)


def _same_prompt(row: Row, others: Others) -> Row:
    return Row(row.ask, others.answers[others.draw.integers(len(others.answers))])


def _number_changed(row: Row, others: Others) -> Row:
    """One number, taken at random, becomes another of as many digits."""
    parts = [_NUMBER.split(part or "") for part in row]
    places = [(pieces, place) for pieces in parts for place in range(1, len(pieces), 2)]
    pieces, place = places[others.draw.integers(len(places))]
    old = pieces[place]
    first = (int(old[0]) + 1 + int(others.draw.integers(9))) % 10
    pieces[place] = "".join(map(str, (first, *others.draw.integers(10, size=len(old) - 1).tolist())))
    return _joined(row, parts)


def _numbers_swapped(row: Row, others: Others) -> Row:
    return _each(row, lambda text: renumbered(text, others.draw))


def _reworded(row: Row, others: Others) -> Row:
    return _each(row, lambda text: reworded(text, others.draw))


def _truncated(row: Row, others: Others) -> Row:
    """The first or the last words alone."""
    kept, first = ceil(KEPT * row.words), others.draw.random() < 0.5
    parts = [row.ask, row.say]
    for side in (0, 1) if first else (1, 0):
        pieces = _WORD.split(parts[side] or "")
        places = _places(pieces)
        if not kept:
            parts[side] = None
        elif len(places) > kept:
            parts[side] = "".join(pieces[: places[kept - 1] + 1] if first else pieces[places[-kept] :])
        kept = max(0, kept - len(places))
    return Row(*parts)


def _marked_up(row: Row, others: Others) -> Row:
    """Markdown, HTML, a code fence or title case."""
    return _each(row, _MARKUPS[others.draw.integers(len(_MARKUPS))])


def _markdown(text: str) -> str:
    return "\n".join(f"- **{line}**" if line.strip() else line for line in text.split("\n"))


def _tagged(text: str) -> str:
    return "".join(f"<p>{html.escape(line, quote=False)}</p>\n" for line in text.split("\n"))


def _fenced(text: str) -> str:
    return f"```text\n{text}\n```"


def _title_case(text: str) -> str:
    pieces = _WORD.split(_recased(text, str.lower))
    return "".join(_recased(piece[:1], str.upper) + piece[1:] for piece in pieces)


_MARKUPS = (_markdown, _tagged, _fenced, _title_case)


def _recased(text: str, change: Callable[[str], str]) -> str:
    """Each character in another case, but for those that fold into something else then (the dotless i, the sharp s)."""
    codes = fold_table().codes
    changed: dict[str, str | int | None] = {
        character: other
        for character in set(text)
        if len(other := change(character)) == 1 and max(ord(character), ord(other)) < LIMIT
        if codes[ord(character)] == codes[ord(other)]
    }
    return text.translate(str.maketrans(changed))


def _each(row: Row, change: Callable[[str], str]) -> Row:
    return Row(*(None if part is None else change(part) for part in row))


def _joined(row: Row, parts: Sequence[Sequence[str]]) -> Row:
    """The row of edited pieces; what it did not have it still has not."""
    return Row(*("".join(new) if old is not None else None for old, new in zip(row, parts, strict=True)))


def _places(pieces: Sequence[str]) -> list[int]:
    """Where words stand among the pieces that `_WORD.split` gives; punctuation alone is none."""
    return [place for place in range(1, len(pieces), 2) if any(map(str.isalnum, pieces[place]))]


def _words(text: str) -> list[str]:
    pieces = _WORD.split(text)
    return [pieces[place] for place in _places(pieces)]


ALTERATIONS = (
    Alteration(name="exact", told="word for word", make=_exact),
    Alteration(
        name="normalised",
        told="other case, punctuation, spacing and width",
        make=_normalised,
        needs="a word",
        suits=lambda row, _others: row.words > 0,
    ),
    Alteration(
        name="light edit",
        told="1 to 6 % of the words replaced, dropped or doubled",
        make=_light,
        needs="17 words, of which one is 6 %",
        suits=lambda row, _others: row.words >= 1 / LIGHT[1],
    ),
    Alteration(
        name="embedded",
        told="inside training text of at least twice its words",
        make=_embedded,
        needs="a word",
        suits=lambda row, _others: row.words > 0,
    ),
    Alteration(
        name="same prompt",
        told="its prompt with the answer of a training row",
        make=_same_prompt,
        needs="a prompt, and answers in train",
        suits=lambda row, others: bool(others.answers and row.ask and _words(row.ask)),
    ),
    Alteration(
        name="number changed",
        told="one number replaced by another",
        make=_number_changed,
        needs="a number",
        suits=lambda row, _others: _NUMBER.search(row.text) is not None,
    ),
    Alteration(
        name="truncated",
        told="the first or last 60 % of the words",
        make=_truncated,
        needs="10 words",
        suits=lambda row, _others: row.words >= 10,
    ),
    Alteration(
        name="markup",
        told="in Markdown, HTML, a code fence or title case",
        make=_marked_up,
        needs="a word",
        suits=lambda row, _others: row.words > 0,
    ),
    Alteration(
        name="reworded",
        told="sentences turned round, synonyms, numerals, words left out",
        make=_reworded,
        needs="20 words",
        suits=lambda row, _others: row.words >= REWORDED,
    ),
    Alteration(
        name="number-swapped",
        told="every number replaced by another",
        make=_numbers_swapped,
        needs="two numbers and 12 words",
        suits=lambda row, _others: row.words >= 12 and len(_NUMBER.findall(row.text)) > 1,
    ),
)
"""Every kind that can be made without a model; `normalised` and `exact` must be found, whatever the data."""
SURE = ("exact", "normalised")
"""Kinds of which a single miss is a fault of the detectors and not a limit of theirs."""

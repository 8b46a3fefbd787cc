"""A saved report without the user's text: left out, or masked so that it can still be seen what differs.

Places, numbers, fingerprints, names of labelers and labels of up to 60 characters stay. A mask shows the length of each
word, its capitals, punctuation and symbols of ASCII, and which words of a row recur; no letter or digit.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

import msgspec

from auditor.report.differences import folded
from auditor.report.model import EvidenceModel, Report
from checks.measures import NAME

UNREAD = "{} cannot be read; audit it without --redact to see why, which may quote its text"
"""What is said of a file in place of an error."""
_PLACE = re.compile(r"\S+ at \S+:\d+")
"""What a crash says before its message."""
_SPACES = re.compile(r"(\s+)")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")

Cells = dict[str, Any]


def redacted(report: Report) -> Report:
    """The report without texts of rows, long labels, and messages that may quote any."""
    return _without_quotes(_each_row(report, _left_out))


def masked(report: Report) -> Report:
    """The same with texts of rows masked: of two texts of a row those words differ that did before."""
    return _without_quotes(_each_row(report, masked_cells))


def mask(texts: Sequence[str]) -> list[str]:
    """Masks of texts that are compared: letters as x or X, digits as 0, symbols beyond ASCII as ¤, the rest as it is.

    Words that count as the same (see `word_differences`) have masks that do, and others have not: where two would look
    alike, the later one has a number below the line.
    """
    shown: dict[str, str] = {}  # folded word -> its first mask
    taken: dict[str, int] = {}  # folded mask -> the last number of that shape
    return ["".join(_word(part, shown, taken) for part in _SPACES.split(text)) for text in texts]


def _word(word: str, shown: dict[str, str], taken: dict[str, int]) -> str:
    if not word or word.isspace():
        return word
    key, plain = _folded(word), _shape(word)
    if key in shown:
        again = plain + _number_of(shown[key])
        return again if _folded(again) == _folded(shown[key]) else shown[key]
    shape = mark = _folded(plain)
    number, suffix = taken.get(shape, 1), ""
    while mark in taken:
        number += 1
        suffix = str(number).translate(_SUBSCRIPTS)
        mark = folded(plain + suffix)
    taken[mark], taken[shape] = 1, number
    shown[key] = plain + suffix
    return plain + suffix


_folded = lru_cache(maxsize=1 << 14)(folded)
"""Words recur."""


@lru_cache(maxsize=1 << 14)
def _shape(word: str) -> str:
    return "".join(map(_character, word)) or "¤"


def _number_of(masked_word: str) -> str:
    return masked_word[len(masked_word.rstrip("₀₁₂₃₄₅₆₇₈₉")) :]


@cache
def _character(character: str) -> str:
    kind = unicodedata.category(character)
    if kind in ("Lu", "Lt"):
        return "X"
    if kind[0] == "L":
        return "x"
    if kind[0] == "N":
        return "0"
    if kind[0] == "M":
        return ""  # vowels of some scripts
    return character if kind[0] == "P" or character.isascii() else "¤"


def _each_row(report: Report, change: Callable[[Cells, Sequence[str]], Cells]) -> Report:
    """The report with the cells of evidence changed that quote the user's text."""

    def evidence(found: EvidenceModel) -> EvidenceModel:
        quoting = (*found.excerpts, *found.labels)
        if not quoting:
            return found
        return msgspec.structs.replace(found, head=tuple(change(row, quoting) for row in found.head))

    outcomes = {
        check: msgspec.structs.replace(found, evidence=tuple(map(evidence, found.evidence)))
        for check, found in report.outcomes.items()
    }
    return msgspec.structs.replace(report, outcomes=outcomes)


def _left_out(row: Cells, quoting: Sequence[str]) -> Cells:
    return {name: None if name in quoting else value for name, value in row.items()}


def evidence_file(check: str, number: int) -> str:
    """Name of the file, beside a saved report, with all rows of a table; tables of a check are numbered from 1."""
    return f"evidence/{check}-{number}.parquet"


def with_masks(report: Report, masks: Mapping[str, Sequence[Cells]]) -> Report:
    """A report whose texts were left out, with masks in their places.

    Args:
        report: without texts.
        masks: file of a table -> its first rows, masked.
    """

    def evidence(check: str, found: Sequence[EvidenceModel]) -> Iterator[EvidenceModel]:
        for number, one in enumerate(found, 1):
            rows = masks.get(evidence_file(check, number), ())
            yield msgspec.structs.replace(one, head=tuple(rows)) if rows else one

    outcomes = {
        check: msgspec.structs.replace(found, evidence=tuple(evidence(check, found.evidence)))
        for check, found in report.outcomes.items()
    }
    return msgspec.structs.replace(report, outcomes=outcomes)


def masked_cells(row: Cells, quoting: Sequence[str]) -> Cells:
    """A row of evidence with the texts of these columns masked together, so that they can still be compared."""
    names = [name for name in quoting if isinstance(row.get(name), str)]
    masks = dict(zip(names, mask([row[name] for name in names]), strict=True))
    return {name: masks.get(name, None if name in quoting else value) for name, value in row.items()}


def _without_quotes(report: Report) -> Report:
    """The report without long labels and messages of errors, wherever it repeats them."""
    quotes = dict(sorted(_quotes(report), key=lambda pair: -len(pair[0])))
    if not quotes:
        return report
    any_of = re.compile("|".join(map(re.escape, quotes)))

    def without(value: Any) -> Any:  # noqa: ANN401  any part of a report
        if isinstance(value, str):
            return any_of.sub(lambda found: quotes[found[0]], value)
        if isinstance(value, dict):
            return {without(name): without(one) for name, one in value.items()}
        return [without(one) for one in value] if isinstance(value, (list, tuple)) else value

    return msgspec.convert(without(msgspec.to_builtins(report)), Report)


def _quotes(report: Report) -> Iterator[tuple[str, str]]:
    """What may quote the data -> what is said instead."""
    groups = dict.fromkeys(
        one.group
        for found in report.outcomes.values()
        for one in found.measures
        if one.group is not None and len(one.group) > NAME
    )
    yield from ((name, f"class {number}") for number, name in enumerate(groups, 1))
    for found in report.outcomes.values():
        if found.not_run is not None and found.not_run.kind == "crashed":
            place = _PLACE.match(found.not_run.why)
            if place is not None and place[0] != found.not_run.why:
                yield found.not_run.why, place[0]
    for one in report.failed_inputs:
        if one.error and one.error != UNREAD.format(one.path):
            yield one.error, UNREAD.format(one.path)

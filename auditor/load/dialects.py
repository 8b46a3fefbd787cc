"""How a delimited file is written: its encoding, its delimiter and whether quotes mean anything."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

LOOKED_AT = 100
"""Records by which the delimiter is told."""


class Dialect(NamedTuple):
    """How cells are told apart."""

    delimiter: str
    name: str
    quoting: bool = True

    def reader(self, lines: Iterator[str]) -> Iterator[list[str]]:
        """Cells, record by record; raises csv.Error at what is badly quoted."""
        if self.quoting:
            return csv.reader(lines, delimiter=self.delimiter, strict=True)
        return csv.reader(lines, delimiter=self.delimiter, quoting=csv.QUOTE_NONE, strict=True)


DIALECTS = (
    Dialect(",", "comma-separated"),
    Dialect("\t", "tab-separated"),
    Dialect(";", "semicolon-separated"),
    Dialect("|", "bar-separated"),
    Dialect("\t", "tab-separated, quotes are plain characters", quoting=False),
)
"""In the order of preference where several fit equally well."""


def tell_dialect(lines: Sequence[str]) -> Dialect:
    """The dialect with many columns in which the first records are well quoted and as wide as the header."""
    return max(DIALECTS, key=lambda dialect: _fitness(dialect, lines))


def _fitness(dialect: Dialect, lines: Sequence[str]) -> float:
    """Share of sound records, weighted by how many columns there are."""
    records = dialect.reader(iter(lines))
    header, sound, seen = 0, 0, 0
    while seen < LOOKED_AT:
        try:
            cells = next(records)
        except StopIteration:
            break
        except csv.Error:
            seen += 1
            continue
        if cells and not header:
            header = used_width(cells)
        if cells:
            seen += 1
            sound += len(cells) >= header >= used_width(cells)
    return math.log2(header) * sound / seen if header else 0.0


def used_width(cells: Sequence[str]) -> int:
    """Cells up to the last one that is not blank."""
    width = len(cells)
    while width and not cells[width - 1].strip():
        width -= 1
    return width


_FOREIGN = re.compile(r"[^\x00-\x7f]")


def tell_encoding(sample: bytes) -> str:
    """utf-8, cp1252 or mac_roman, for text that is not pure ASCII.

    It is UTF-8 if at least as many of its lines that hold other than ASCII characters are UTF-8 as are not.
    """
    lines = [line for line in sample.split(b"\n") if not line.isascii()]
    sound = sum(_is_utf8(line) for line in lines)
    if 2 * sound >= len(lines):
        return "utf-8"
    return max(("cp1252", "mac_roman"), key=lambda encoding: _plausible(b"\n".join(lines), encoding))


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


_OPENING, _CLOSING, _DASH = "[\u201c\u2018]", "[\u201d\u2019]", "[\u2013\u2014]"
_GOOD = (
    re.compile(r"(?<=[a-z])[à-öø-ÿßœšž](?![A-Z])"),  # an accented letter where a lower-case word goes on
    re.compile(r"(?<=[A-Za-z])\u2019(?=[a-z])"),  # an apostrophe
    re.compile(rf"(?<![A-Za-z]){_OPENING}(?=\w)|(?<=[\w.,!?]){_CLOSING}(?!\w)"),
    re.compile(rf"(?<=[\s\d]){_DASH}(?=[\s\d])|(?<=[A-Za-z]){_DASH}(?=[A-Za-z])|…"),
    re.compile(r"(?<![A-Za-z])[ÀÁÂÄÅÇÈÉÊËÍÎÏÓÔÖØÚÛÜŒ](?=[a-z])"),  # a capital at the beginning of a word
    re.compile(r"(?<=\d)[°%‰]|[€£¥§©®™](?=[\s\d])|(?<=\s)[•·](?=\s)"),
)
"""Where a character that is not ASCII looks as if it belonged there."""


def _plausible(text: bytes, encoding: str) -> int:
    """Characters that look right less those that do not."""
    read = text.decode(encoding, "replace")
    good = {match.start() for pattern in _GOOD for match in pattern.finditer(read)}
    return 2 * len(good) - len(_FOREIGN.findall(read))

"""Columns whose values come as more than one JSON type, such as 1 and "1", which are one when they are compared as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from auditor.load.arrays import STRING, as_text
from auditor.load.ledger import Fault, Finding, shown


class _Kind(NamedTuple):
    """A JSON type that may also be written as text."""

    name: str
    types: tuple[type, ...]
    written: str
    """What texts of such values match, as a regular expression."""


_KINDS = (
    _Kind("number", (int, float), r"^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$"),
    _Kind("true or false", (bool,), "^(true|false)$"),
)


class Met(NamedTuple):
    """Values of a column that were met in some form."""

    column: str
    kind: str
    written: bool
    """As text, not as the type itself."""
    times: int
    line: int
    """Of the first."""
    example: str


class Mixtures:
    """Counts, column by column of one file, the values of a type and the texts that look like values of this type."""

    def __init__(self) -> None:
        self._met: Counter[tuple[str, str, bool]] = Counter()
        """By column, kind, and whether it is written as text."""
        self._first: dict[tuple[str, str, bool], tuple[int, str]] = {}
        """Line and text of the first."""

    def meet(self, column: str, values: Sequence[Any] | pa.Array, lines: NDArray[np.int64]) -> None:
        """Count the values of a column in some records; each value of a list by itself."""
        if isinstance(values, pa.Array):
            self._read(column, values, lines)
            return
        if list in set(map(type, values)):
            several = [value if isinstance(value, list) else [value] for value in values]
            lines = np.repeat(lines, [len(one) for one in several])
            values = [value for one in several for value in one]
        types = set(map(type, values))
        for kind in _KINDS:
            if not types.isdisjoint(kind.types):
                places = [i for i, value in enumerate(values) if type(value) in kind.types]
                example = as_text(values[places[0]]) or "NaN"
                self._note((column, kind.name, False), len(places), int(lines[places[0]]), example)
        if str in types:
            texts = [value if isinstance(value, str) else None for value in values]
            self._read(column, pa.array(texts, STRING), lines)

    def _read(self, column: str, texts: pa.Array, lines: NDArray[np.int64]) -> None:
        coded = texts.dictionary_encode()
        for kind in _KINDS:
            alike = pc.match_substring_regex(coded.dictionary, kind.written)
            if alike.true_count:
                places = np.flatnonzero(
                    alike.take(coded.indices).fill_null(False).to_numpy(zero_copy_only=False)
                )
                first = int(places[0])
                self._note((column, kind.name, True), len(places), int(lines[first]), texts[first].as_py())

    def _note(self, key: tuple[str, str, bool], count: int, line: int, example: str) -> None:
        self._met[key] += count
        self._first[key] = min(self._first.get(key, (line, example)), (line, example))

    @property
    def met(self) -> tuple[Met, ...]:
        """All that was met."""
        return tuple(Met(*key, count, *self._first[key]) for key, count in self._met.items())

    def join(self, met: Sequence[Met], lines_before: int) -> None:
        """Count what was met in a part of the file that begins behind so many of its lines."""
        for one in met:
            self._note((one.column, one.kind, one.written), one.times, one.line + lines_before, one.example)

    def findings(self) -> Iterator[Finding]:
        """One for each column and kind that was met as such and as text, at the first value of the rarer way."""
        for (column, kind, written), count in sorted(self._met.items()):
            texts = self._met.get((column, kind, True), 0)
            if written or not texts:
                continue
            name = shown(column, 40)
            plain, quoted = (shown(self._first[column, kind, text][1], 40) for text in (False, True))
            line, _ = self._first[column, kind, texts < count]
            what = (
                f"`{name}` holds {count:,} of type {kind} (the first is {plain}) and {texts:,} written as text (the first "
                f'is "{quoted}"): both are read as text, so that {plain} and "{plain}" are one'
            )
            fault = Fault("mixed-types", what, None, f"$.{name}")
            yield Finding(line, fault.column, fault.path, fault.code, fault.what, min(count, texts))

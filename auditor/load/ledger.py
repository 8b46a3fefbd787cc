"""What the readers find wrong or odd in a file, each with its place, a stable code and the fix."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from checks.contract import LEDGER, Role

KEPT = 1_000
"""Findings of one code in one file that are kept one by one; the rest share a row."""
SHOWN = 80
"""Characters of the user's own text that a finding may quote."""
_PRIVATE = re.compile(r"@|[-\w]{15}|\d[ .-]?\d[ .-]?\d|:\w*:")
"""What all personal data and secrets have something of, and few short texts."""
_LOOKED_AT = 10_000
"""Characters that are looked at before they are cut, since half a key is not known as one."""


class Meaning(NamedTuple):
    """What a code stands for."""

    lost: bool
    """The record could not be used."""
    fix: str


CODES: Mapping[str, Meaning] = {
    "array-in-jsonl": Meaning(False, "name the file .json, or write one object a line"),
    "bad-archive": Meaning(True, "compress or download the file again; records up to the fault were read"),
    "bad-csv": Meaning(True, 'close the quote; inside a quoted cell a quote is written twice: ""'),
    "bad-json": Meaning(True, "correct the record, or write it anew with a JSON library"),
    "bad-parquet": Meaning(True, "write the file anew; rows up to the fault were read"),
    "bom": Meaning(False, "save as UTF-8 without byte order mark; other readers choke on the first record"),
    "empty-file": Meaning(False, "fill the file or leave it out"),
    "encoding": Meaning(False, "save the file as UTF-8; until then its encoding is a guess"),
    "lone-surrogate": Meaning(
        True, "cut text between characters, not inside an escaped pair, and write it anew"
    ),
    "missing-field": Meaning(True, "fill the field or remove the record"),
    "misspelt-column": Meaning(
        False, "correct the name, or say what the column holds with --map COLUMN=ROLE"
    ),
    "mixed-types": Meaning(
        False, "write all values of the column in one type; other readers refuse such a column"
    ),
    "nan-literal": Meaning(True, "write null or leave the field out: JSON has no NaN or Infinity"),
    "non-text-part": Meaning(False, "nothing, if images or audio are meant; only text is audited"),
    "not-an-object": Meaning(True, 'write each record as an object: {"column": value, ...}'),
    "not-read": Meaning(True, "correct the fault named before; what follows it is then read"),
    "not-utf8": Meaning(True, "convert the text to UTF-8"),
    "nul-byte": Meaning(True, "remove the NUL bytes; they often mean that a copy or download was cut short"),
    "open-array": Meaning(False, "check that the file is whole: its array is not closed"),
    "other-format": Meaning(False, "split the file by format, or bring its records into one"),
    "ragged-row": Meaning(
        True, "give the row as many cells as the header, and quote cells that hold the delimiter"
    ),
    "repeated-column": Meaning(False, "give each column a name of its own"),
    "too-deep": Meaning(True, "flatten the record: it is nested too deeply to be read"),
    "trailing-comma": Meaning(
        False, "remove the comma: JSON allows none there, and few readers pass over it"
    ),
    "truncated-archive": Meaning(True, "copy or download the file again; records up to the end were read"),
    "unclear-judgement": Meaning(
        False,
        "set exactly one level to 1 and the others to 0, or leave all blank; the record was read without it",
    ),
    "unknown-shape": Meaning(True, "correct the record's columns, or name them with --map COLUMN=ROLE"),
    "unknown-split": Meaning(True, "write train or eval (or test, validation, dev) in the split column"),
    "utf-16": Meaning(False, "save the file as UTF-8; few readers take UTF-16"),
    "wrong-type": Meaning(True, "write the value in the type that the format asks for"),
    "wrong-type-ignored": Meaning(False, "write a text or number there; the record was read without it"),
}
"""Stable code -> what it means."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one record, wherever it stands."""

    code: str
    what: str
    column: int | None = None
    path: str | None = None


class Finding(NamedTuple):
    """A fault and its place; one row of the ledger."""

    line: int | None
    column: int | None
    path: str | None
    code: str
    what: str
    records: int


class Ledger:
    """Collects the findings and the plain facts of one file."""

    def __init__(self) -> None:
        self._found: list[Finding] = []
        self._counts: Counter[str] = Counter()
        self._kept: Counter[str] = Counter()
        self._rest: Counter[str] = Counter()
        self._facts: Counter[str] = Counter()
        self._late: list[Callable[[], Iterable[Finding]]] = []

    def add(self, fault: Fault, line: int | None = None, records: int = 1) -> None:
        """Note a fault of so many records at a line (None: the file as a whole)."""
        self._counts[fault.code] += records
        if self._kept[fault.code] < KEPT:
            self._kept[fault.code] += 1
            self._found.append(Finding(line, fault.column, fault.path, fault.code, fault.what, records))
        else:
            self._rest[fault.code] += records

    def at_end(self, findings: Callable[[], Iterable[Finding]]) -> None:
        """Ask for findings at the end of the file, which alone can tell them; none is of a record that is lost."""
        self._late.append(findings)

    def state(self, fact: str, count: int = 0) -> None:
        """Note something worth saying about the file that is no finding, with how often it was seen."""
        self._facts[fact] += count

    def join(
        self, listed: Iterable[Finding], rest: Mapping[str, int], stated: Mapping[str, int], lines_before: int
    ) -> None:
        """Note what was found and stated in a part of the file that begins behind so many of its lines."""
        for found in listed:
            line = None if found.line is None else found.line + lines_before
            self.add(Fault(found.code, found.what, found.column, found.path), line, found.records)
        self._counts.update(rest)
        self._rest.update(rest)
        self._facts.update(stated)

    @property
    def stated(self) -> dict[str, int]:
        """What was stated and how often it was seen."""
        return dict(self._facts)

    @property
    def lost(self) -> int:
        """Records that could not be used."""
        return sum(count for code, count in self._counts.items() if CODES[code].lost)

    @property
    def facts(self) -> tuple[str, ...]:
        """What was stated, in the order of its first mention."""
        return tuple(f"{count:,} {fact}" if count else fact for fact, count in self._facts.items())

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found, in the order of the file: codes with too many findings end in a row for the rest, and at last
        stands what the end of the file alone could tell."""
        more = (
            Finding(None, None, None, code, f"{count:,} more like the {KEPT:,} listed", count)
            for code, count in self._rest.items()
        )
        return (*self.listed, *more, *(finding for findings in self._late for finding in findings()))

    @property
    def listed(self) -> tuple[Finding, ...]:
        """What was found in single records, up to `KEPT` of each code."""
        return tuple(sorted(self._found, key=lambda found: found.line or 0))

    @property
    def rest(self) -> dict[str, int]:
        """How many more were found of each code than are listed."""
        return dict(self._rest)


def ledger_frame(found: Iterable[Finding], split: Role, file: str) -> pl.DataFrame:
    """The findings of one file as rows of `checks.contract.LEDGER`."""
    rows = [
        (
            split,
            file,
            f.line,
            f.column,
            f.path,
            f.code,
            CODES[f.code].lost,
            f.what,
            CODES[f.code].fix,
            f.records,
        )
        for f in found
    ]
    return pl.DataFrame(rows, schema=LEDGER, orient="row")


def shown(text: str, limit: int = SHOWN) -> str:
    """A piece of the user's text that is safe to print: short, control characters escaped, private data masked."""
    if _PRIVATE.search(text):
        from checks.private.mask import hide_bytes  # only where there may be some

        text = hide_bytes(text[:_LOOKED_AT].encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")
    safe = "".join(
        c if c.isprintable() else c.encode("unicode_escape", "replace").decode() for c in text[: limit + 1]
    )
    return safe if len(safe) <= limit else safe[: limit - 1] + "…"

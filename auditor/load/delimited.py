"""CSV, TSV and their kin: cells by the standard library, everything around them told and stated."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import count, islice
from typing import NamedTuple

import numpy as np

from auditor.errors import UnreadableError
from auditor.load.blocks import Block, Record
from auditor.load.detect import LOOKED_AT
from auditor.load.dialects import tell_dialect, tell_encoding, used_width
from auditor.load.formats import NAMES, Shape
from auditor.load.jsonlines import BLANK, CRLF, whole_lines
from auditor.load.ledger import Fault, Ledger, shown
from auditor.load.streams import Stream

LONGEST = 64 << 20
"""Characters of a record from which its last quote is taken to be never closed."""
_KEEPS_BLANK = frozenset({"text", "prompt", "response", "question", "instruction", "chosen"})
"""Roles in which a blank cell is a blank text; in others it is a missing value."""
_KNOWN = frozenset(name for names in NAMES.values() for name in names)
"""Names of columns of which a second one could be meant just as well."""
_UNDECODED = re.compile("[\udc80-\udcff]")
"""What `surrogateescape` makes of bytes that are no text."""


class _Row(NamedTuple):
    """The cells of one record and the physical line it begins at."""

    line: int
    cells: list[str]


class Delimited:
    """A file of records whose cells are told apart by a delimiter, below a header."""

    def __init__(self, stream: Stream, ledger: Ledger) -> None:
        # Of the whole process; the default of 128 KB is less than a long chat.
        csv.field_size_limit(2 * LONGEST)
        self._stream = stream
        self._ledger = ledger
        self._text = _Text(stream, ledger)
        self._lines = _split(self._text.head())
        self._dialect = tell_dialect(self._lines)
        ledger.state(self._dialect.name)
        self._header = self._read_header()

    def sample(self) -> Iterator[Record]:
        """Records from the beginning of the file."""
        rows = islice(self._rows_of(_Feed(iter([self._lines])), Ledger()), 1, LOOKED_AT)
        yield from (self._record(row.cells) for row in rows)

    def blocks(self, shape: Shape) -> Iterator[Block]:
        """All records by block."""
        places = {role: self._header.index(column) for role, column in shape.columns}
        feed = _Feed(self._text.blocks())
        header = True
        while feed.refill():
            rows = self._quickly(feed) or list(self._rows_of(feed, self._ledger))
            rows, header = rows[header:], header and not rows
            kept = [row for row in rows if self._sound(row)]
            if kept:
                cells = [row.cells for row in kept]
                columns: dict[str, list[str | None]] = {
                    role: [row[place] if role in _KEEPS_BLANK else row[place] or None for row in cells]
                    for role, place in places.items()
                }
                lines = np.array([row.line for row in kept], np.int64)
                yield Block(columns=columns, lines=lines, record=partial(_nth, self, cells))

    def raw(self) -> Iterator[tuple[int, bytes]]:
        """Line and bytes of each record as it stands in the file, the header first; to be read instead of `blocks`."""
        feed = _Feed(self._text.blocks())
        while feed.refill():
            for row in self._rows_of(feed, Ledger()):
                yield row.line, self._text.encoded("".join(feed.taken))

    def _read_header(self) -> list[str]:
        first = next(self._rows_of(_Feed(iter([self._lines])), Ledger()), None)
        if first is None:
            message = "has no header that can be read; the first line should name the columns"
            raise UnreadableError(message)
        names = [cell.strip() for cell in first.cells[: used_width(first.cells)]]
        named = [name for name in names if name]
        for name in named:
            if bad := _UNDECODED.search(name):
                message = f"its header holds byte 0x{ord(bad[0]) - 0xDC00:02X}, which is not UTF-8; save it as UTF-8"
                raise UnreadableError(message)
        return self._told_apart(names, Counter(named))

    def _told_apart(self, names: list[str], often: Counter[str]) -> list[str]:
        """The names, each once: of columns that are not known by their names the later ones are numbered."""
        seen: Counter[str] = Counter()
        for place, name in enumerate(names):
            seen[name] += 1
            if often[name] > 1 and name.lower() in _KNOWN:
                message = f"its header names the column {shown(name, 40)!r} {often[name]} times; rename one"
                raise UnreadableError(message)
            if name and seen[name] > 1:
                number = next(n for n in count(seen[name]) if f"{name} ({n})" not in names)
                names[place] = f"{name} ({number})"
                what = (
                    f"the column {shown(name, 40)} comes again; here it is read as {shown(names[place], 50)}"
                )
                self._ledger.add(Fault("repeated-column", what, place + 1), 1)
        return names

    def _record(self, cells: Sequence[str]) -> Record:
        return {name: cell or None for name, cell in zip(self._header, cells, strict=False) if name}

    def _quickly(self, feed: _Feed) -> list[_Row] | None:
        """The records of the waiting lines, if each of them is one line; None if not."""
        try:
            cells = list(self._dialect.reader(iter(feed.waiting)))
        except csv.Error:
            return None
        if len(cells) != len(feed.waiting):
            return None
        first = feed.line + 1
        feed.pass_by()
        rows = [_Row(line, found) for line, found in enumerate(cells, first) if used_width(found)]
        self._note_blanks(len(cells) - len(rows), self._ledger)
        return rows

    def _rows_of(self, feed: _Feed, ledger: Ledger) -> Iterator[_Row]:
        """One record at a time: the exact way, up to the record that the waiting lines end in.

        A record that is badly quoted costs its first line alone: a quote that was opened there and never closed must
        not swallow the lines behind it.
        """
        stop = feed.line + len(feed.waiting)
        records = self._dialect.reader(feed)
        while feed.line < stop:
            feed.taken.clear()
            line = feed.line + 1
            try:
                cells = next(records)
            except StopIteration:
                return
            except csv.Error as error:
                ledger.add(Fault("bad-csv", f"{error}, in {shown(feed.taken[0].rstrip(), 60)}"), line)
                feed.give_back()
                records = self._dialect.reader(feed)
                continue
            if used_width(cells):
                yield _Row(line, cells)
            else:
                self._note_blanks(1, ledger)

    def _note_blanks(self, count: int, ledger: Ledger) -> None:
        if count:
            ledger.state(BLANK, count)

    def _sound(self, row: _Row) -> bool:
        """Whether the row has the header's width and holds text; else it goes to the ledger."""
        width, cells = len(self._header), row.cells
        if len(cells) != width and not len(cells) >= width >= used_width(cells):
            what = f"{len(cells)} cells where the header has {width}"
            self._ledger.add(Fault("ragged-row", what, min(len(cells), width) + 1), row.line)
            return False
        if self._text.damaged:
            for place, cell in enumerate(cells):
                if found := _UNDECODED.search(cell):
                    what = f"byte 0x{ord(found[0]) - 0xDC00:02X} is not UTF-8"
                    self._ledger.add(Fault("not-utf8", what, place + 1), row.line)
                    return False
        return True


def _nth(reader: Delimited, cells: list[list[str]], index: int) -> Record:
    return reader._record(cells[index])


class _Feed:
    """Lines for the csv module, which can be given back."""

    def __init__(self, blocks: Iterator[list[str]]) -> None:
        self._blocks = blocks
        self.waiting: deque[str] = deque()
        self.taken: list[str] = []
        self.line = 0
        """Lines handed out or passed by."""
        self.refill()

    def refill(self) -> bool:
        """Make sure that some line is waiting, if there is one left."""
        if not self.waiting:
            self.waiting.extend(next(self._blocks, ()))
        return bool(self.waiting)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if not self.refill():
            raise StopIteration
        self.taken.append(self.waiting.popleft())
        self.line += 1
        if len(self.taken) > 1 and sum(map(len, self.taken)) > LONGEST:
            message = f"a quote is not closed within {LONGEST >> 20} MB"
            raise csv.Error(message)
        return self.taken[-1]

    def pass_by(self) -> None:
        """Count the waiting lines as handed out."""
        self.line += len(self.waiting)
        self.waiting.clear()

    def give_back(self) -> None:
        """Put all lines but the first back that were taken since `taken` was cleared."""
        self.waiting.extendleft(reversed(self.taken[1:]))
        self.line -= len(self.taken) - 1


class _Text:
    """The stream as lines of text, its encoding told as soon as a byte shows it."""

    def __init__(self, stream: Stream, ledger: Ledger) -> None:
        self._stream = stream
        self._ledger = ledger
        self._encoding: str | None = None
        self.damaged = False
        """Some lines hold bytes that are no text."""

    def head(self) -> str:
        """The whole lines of the beginning."""
        head = self._stream.head
        return self._decoded(head if self._stream.whole else head[: head.rfind(b"\n") + 1], 1)

    def blocks(self) -> Iterator[list[str]]:
        """The lines of the whole stream, with their ends, block by block."""
        line = 1
        for data in whole_lines(self._stream):
            lines = _split(self._decoded(bytes(data), line))
            if lines[0].endswith("\r\n"):
                self._ledger.state(CRLF)
            yield lines
            line += len(lines)

    def encoded(self, text: str) -> bytes:
        """The bytes that some of the text was read from."""
        return text.encode(self._encoding or "utf-8", "surrogateescape")

    def _decoded(self, data: bytes, line: int) -> str:
        if self._encoding is None and not data.isascii():
            self._tell(data, line)
        try:
            return data.decode(self._encoding or "utf-8")
        except UnicodeDecodeError:
            self.damaged = True
            return data.decode(self._encoding or "utf-8", "surrogateescape")

    def _tell(self, data: bytes, line: int) -> None:
        """Settle the encoding by the first bytes that are not ASCII, and by other places of the file."""
        try:
            data.decode()
            self._encoding = "utf-8"
        except UnicodeDecodeError as error:
            pieces = [window.partition(b"\n")[2].rpartition(b"\n")[0] for window in self._stream.windows()]
            self._encoding = tell_encoding(b"\n".join([data, *pieces]))
            if self._encoding != "utf-8":
                self._ledger.state(f"read as {self._encoding}")
                first = line + data.count(b"\n", 0, error.start)
                what = f"is not UTF-8 (byte 0x{data[error.start]:02X}); read as {self._encoding}"
                self._ledger.add(Fault("encoding", what), first)


def _split(text: str) -> list[str]:
    """Physical lines with their ends as they are: CRLF, LF or CR."""
    return list(io.StringIO(text, newline=""))

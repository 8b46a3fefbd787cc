"""Inputs that are stored shard by shard, so that what has not changed is not read again."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from auditor.load.blocks import Reader
from auditor.load.collector import without_collector
from auditor.load.convert import Conversion
from auditor.load.crew import Crew, Job
from auditor.load.detect import Detected
from auditor.load.formats import LONG_FORM, Rules, Shape
from auditor.load.jsonlines import JsonLines, LineBlocks
from auditor.load.ledger import Ledger
from auditor.load.mixtures import Mixtures
from auditor.load.rows import write_rows
from auditor.load.shards import SMALLEST, Cut, Range
from auditor.load.store import Manifest, Piece, Store, open_table, store_name
from auditor.load.streams import Stream
from auditor.load.walks import Walks
from auditor.load.work import Work
from checks.contract import Part, Role, Split, TextSettings

LARGE = 4 * SMALLEST
"""Bytes from which a file is stored in shards; smaller ones are read in half a second."""
_BOUND = frozenset({"split", "item"})
"""Roles by which a record belongs to others, or says itself what it is."""


class Into(NamedTuple):
    """Where what is read goes."""

    store: Store
    work: Work
    walks: Walks | None = None
    """How training rows are held against eval rows on the way."""


class Reading(NamedTuple):
    """How the lines of a file are read: all that a shard of it means depends on this and its bytes."""

    role: Role
    shape: Shape
    rules: Rules

    def key(self) -> tuple[object, ...]:
        """The same in plain values."""
        rules = self.rules
        return (
            self.role, self.shape.format.name, self.shape.columns, rules.mapping, rules.input_format,
            sorted(rules.filled),
        )  # fmt: skip


def can_be_cut(stream: Stream, reader: Reader, detected: Detected) -> bool:
    """Whether each record of an input means the same wherever its line stands.

    That is so for JSON Lines as they stand on disk, unless records belong together or say themselves what role they
    have.
    """
    rules, shape = detected.rules, detected.shape
    if shape is None or stream.stamp is None or stream.size < LARGE or not stream.plain:
        return False
    bound = shape.format.name == LONG_FORM or rules.panel is not None or not _BOUND.isdisjoint(shape.names)
    return isinstance(reader, JsonLines) and not bound


@dataclass(frozen=True, slots=True)
class Setup:
    """What a process needs to know to store shards of a file."""

    path: Path
    reading: Reading
    cache: Path
    evals: tuple[Path, ...] | None
    """The stored eval rows that training rows are held against on the way; None if they are not."""
    text: TextSettings | None

    def open(self) -> Shop:
        """A place to store shards in, in a process of its own."""
        store, walks = Store(self.cache), None
        if self.evals is not None and self.text is not None:
            parts = tuple(Part(file="", table=open_table(path), path=path) for path in self.evals)
            walks = Walks(store, Split(role="eval", parts=parts), self.text)
        return Shop(os.open(self.path, os.O_RDONLY), self.reading, store, walks)


@dataclass(frozen=True, slots=True)
class Shop:
    """Stores shards of one file."""

    file: int
    reading: Reading
    store: Store
    walks: Walks | None

    def read(self, job: Job) -> None:
        """Store a shard, and what the walk over its texts yields."""
        ledger, reading = Ledger(), self.reading
        conversion = Conversion(reading.shape, reading.role, reading.rules, ledger)
        blocks = LineBlocks(Range(self.file, job.offset, job.size), reading.shape, ledger)
        walk = self.walks.begin() if self.walks is not None and reading.role == "train" else None
        with without_collector(), self.store.building() as folder:
            files = write_rows(folder, blocks, conversion, see=walk.see if walk else None)
            manifest = Manifest(
                files=files,
                formats=dict(conversion.formats),
                never=conversion.never,
                lines=blocks.lines,
                stated=ledger.stated,
                findings=ledger.records,
                met=conversion.mixtures.met,
            )
            place, _ = self.store.keep(folder, job.name, manifest)
        if walk is not None and "train" in files:
            path = place / files["train"].name
            walk.finish(Part(file="", table=open_table(path), path=path))


def store_shards(
    source: Path, stream: Stream, reading: Reading, ledger: Ledger, into: Into, tick: Callable[[int], None]
) -> Manifest:
    """Store the shards of a file that are not there yet; what all of them hold goes to the ledger and the manifest."""
    cut, key = Cut(stream.fileno(), stream.size, into.store.secret()), reading.key()
    shop = Shop(stream.fileno(), reading, into.store, into.walks)
    walks = into.walks
    evals, text = (None, None) if walks is None else (walks.evals, walks.text)
    crew = Crew(shop.read, Setup(source, reading, into.store.cache, evals, text), into.work.processes)
    names = []
    for shard in cut:
        names.append(store_name(shard.key, shard.size, key))
        if into.store.find(names[-1]) is None:
            crew.store(Job(names[-1], shard.offset, shard.size))
        tick(cut.position)
    crew.finish()
    return replace(_together(names, reading, ledger, into.store), sha256=cut.digest())


def _together(names: list[str], reading: Reading, ledger: Ledger, store: Store) -> Manifest:
    """What is known about a file from what is known about its shards."""
    lines, mixtures = 0, Mixtures()
    ledger.at_end(mixtures.findings)
    formats, pieces, never = Counter[str](), list[Piece](), reading.shape.format.never
    for name in names:
        _, found = store.demand(name)
        formats.update(found.formats)
        never &= found.never
        ledger.join(found.findings, found.stated, lines)
        mixtures.join(found.met, lines)
        pieces.append(Piece(name, lines))
        lines += found.lines
    return Manifest(files={}, pieces=tuple(pieces), formats=dict(formats), never=never)

"""Inputs that are stored shard by shard, so that what has not changed is not read again."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from auditor.errors import UnreadableError
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
from auditor.load.shards import Cut, Known, Range, Shard, shard_key
from auditor.load.stamps import Stamp, stamp
from auditor.load.store import Manifest, Piece, Shelf, Store, open_table, store_name
from auditor.load.streams import Stream
from auditor.load.walks import Walks
from auditor.load.work import Work
from checks.contract import Part, Role, Split, TextSettings

LARGE = 64 << 20
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
    stamp: Stamp | None
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
        return Shop(os.open(self.path, os.O_RDONLY), self.stamp, self.reading, store, walks)


@dataclass(frozen=True, slots=True)
class Shop:
    """Stores shards of one file."""

    file: int
    stamp: Stamp | None
    """Of the file before it was cut; None if its times tell nothing (see `Stamp.racy`)."""
    reading: Reading
    store: Store
    walks: Walks | None

    def read(self, job: Job) -> None:
        """Store a shard, and what the walk over its texts yields.

        Raises:
            UnreadableError: it is not any more what it was when it was cut.
        """
        ledger, reading = Ledger(), self.reading
        conversion = Conversion(reading.shape, reading.role, reading.rules, ledger)
        blocks = LineBlocks(Range(self.file, job.offset, job.size), reading.shape, ledger)
        walk = self.walks.begin() if self.walks is not None and reading.role == "train" else None
        with without_collector(), self.store.building() as folder:
            files = write_rows(folder, blocks, conversion, see=walk.see if walk else None)
            self._check(job)
            manifest = Manifest(
                files=files,
                formats=dict(conversion.formats),
                never=conversion.never,
                lines=blocks.lines,
                findings=ledger.listed,
                rest=ledger.rest,
                stated=ledger.stated,
                met=conversion.mixtures.met,
            )
            place, _ = self.store.keep(folder, job.name, manifest)
        if walk is not None and "train" in files:
            path = place / files["train"].name
            walk.finish(Part(file="", table=open_table(path), path=path))

    def _check(self, job: Job) -> None:
        """Refuse to store under the name of one content what was read of another."""
        if self.stamp is not None and stamp(os.fstat(self.file)) == self.stamp:
            return
        key = shard_key(Range(self.file, job.offset, job.size), self.store.secret())
        if not job.name.startswith(store_name(key, job.size, self.reading.key())):
            raise UnreadableError("was written to while it was read; audit it again once nobody writes to it")


def store_shards(
    source: Path, stream: Stream, reading: Reading, ledger: Ledger, into: Into, tick: Callable[[int], None]
) -> tuple[Manifest, tuple[Shelf, ...]]:
    """Store the shards of a file that are not there yet; what all of them hold goes to the ledger and the manifest."""
    key, known = reading.key(), dict[str, tuple[Path, Manifest] | None]()

    def name_of(shard: Shard) -> str:
        name = f"{store_name(shard.key, shard.size, key)}-{shard.beginning}"
        if name not in known:
            known[name] = into.store.find(name)
        return name

    earlier = Known(into.store.sizes(), lambda shard: known[name_of(shard)] is not None)
    cut = Cut(stream.fileno(), stream.size, into.store.secret(), earlier)
    walks = into.walks
    seen = None if stream.stamp is None or stream.stamp.racy else stream.stamp
    shop = Shop(stream.fileno(), seen, reading, into.store, walks)
    evals, text = (None, None) if walks is None else (walks.evals, walks.text)
    setup = Setup(source, seen, reading, into.store.cache, evals, text)
    crew = Crew(shop.read, setup, into.work.processes)
    names = list[str]()
    for shard in cut:
        name = name_of(shard)
        if known[name] is None and name not in names:
            crew.store(Job(name, shard.offset, shard.size))
        names.append(name)
        tick(cut.position)
    crew.finish()
    found = {name: known[name] or into.store.demand(name) for name in names}
    shelves = tuple(_in_a_row(found[name] for name in names))
    pieces = tuple(Piece(name, shelf.lines_before) for name, shelf in zip(names, shelves, strict=True))
    return replace(_together(shelves, reading, ledger), pieces=pieces, sha256=cut.digest()), shelves


def _in_a_row(stores: Iterable[tuple[Path, Manifest]]) -> Iterator[Shelf]:
    lines = 0
    for folder, manifest in stores:
        yield Shelf(folder, manifest, lines)
        lines += manifest.lines


def _together(shelves: Sequence[Shelf], reading: Reading, ledger: Ledger) -> Manifest:
    """What is known about a file from what is known about its shards."""
    formats, mixtures, never = Counter[str](), Mixtures(), reading.shape.format.never
    ledger.at_end(mixtures.findings)
    for _, found, lines_before in shelves:
        formats.update(found.formats)
        never &= found.never
        ledger.join(found.findings, found.rest, found.stated, lines_before)
        mixtures.join(found.met, lines_before)
    return Manifest(files={}, formats=dict(formats), never=never)

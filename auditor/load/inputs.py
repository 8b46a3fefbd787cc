"""One input: from the store if it is there unchanged, else read, converted and stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from auditor.errors import UnreadableError
from auditor.load.blocks import Reader
from auditor.load.convert import Conversion
from auditor.load.detect import COLUMNS_SHOWN, Detected
from auditor.load.formats import FORMATS, LONG_FORM, Shape
from auditor.load.kinds import nested, open_reader
from auditor.load.ledger import CODES, Fault, Finding, Ledger, shown
from auditor.load.readings import readings
from auditor.load.rows import write_rows
from auditor.load.sharded import Into, Reading, can_be_cut, store_shards
from auditor.load.sources import Source
from auditor.load.stamps import stamp
from auditor.load.store import Manifest, Shelf, Store, store_name
from auditor.load.streams import CHUNK, Stream, Tap
from auditor.load.work import Tick
from checks.contract import Role

_NO_COLUMNS = Shape(FORMATS[-1], ())
"""Reads records for the faults among them alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """How the user wants records to be understood."""

    mapping: Mapping[str, str]
    input_format: str | None


@dataclass(frozen=True, slots=True)
class Stored:
    """An input whose rows lie in the store."""

    manifest: Manifest
    shelves: tuple[Shelf, ...]
    changed: bool = False
    """Somebody wrote to the file while it was read."""

    def rows(self, role: Role) -> int:
        """How many rows of a role it has."""
        files = (shelf.manifest.files.get(role) for shelf in self.shelves)
        return sum(file.rows for file in files if file)


@dataclass(frozen=True, slots=True)
class Unread:
    """An input that holds nothing that can be read, and why."""

    why: str
    sha256: str
    columns: tuple[str, ...]
    """Those its records have, if their names are the trouble."""
    facts: tuple[str, ...]
    findings: tuple[Finding, ...]


def load_input(source: Source, choice: Choice, into: Into) -> Stored | Unread:
    """The stored rows of an input, read now if they are not in the store."""
    try:
        return _find(source, choice, into) or _read(source, choice, into)
    except OSError as error:
        why = f"cannot be read: {error.strerror or error}; check the file and your rights to it"
        return Unread(why, "", (), (), ())


def _find(source: Source, choice: Choice, into: Into) -> Stored | None:
    """The store of a file that has not changed, or whose content is known from elsewhere."""
    store = into.store
    if source.path is None or not source.path.is_file():
        return None
    now = stamp(source.path.stat())
    sha256 = None if into.work.verify else store.known_hash(source.path, now)
    if sha256 is None:
        if not store.holds_input_of(now.size):
            return None
        sha256 = _hash(source.path, source.name, now.size, into.work.tick)
        if stamp(source.path.stat()) == now:
            store.remember(source.path, now, sha256)
    found = store.find(_name(source, choice, sha256, now.size))
    return _shelved(store, *found) if found else None


def _shelved(store: Store, folder: Path, manifest: Manifest) -> Stored | None:
    """A stored input with its shards, if all of these are there."""
    if not manifest.pieces:
        return Stored(manifest, (Shelf(folder, manifest),))
    shelves = []
    for piece in manifest.pieces:
        if (found := store.find(piece.store)) is None:
            return None
        shelves.append(Shelf(*found, piece.lines_before))
    return Stored(manifest, tuple(shelves))


def _hash(path: Path, name: str, size: int, tick: Tick) -> str:
    view = memoryview(bytearray(CHUNK))
    with path.open("rb", buffering=0) as file:
        tap = Tap(file)
        while tap.readinto(view):
            tick(f"hashing {name}", tap.position, size)
        return tap.digest()


def _name(source: Source, choice: Choice, sha256: str, size: int) -> str:
    return store_name(sha256, size, (source.role, list(choice.mapping.items()), choice.input_format))


def _read(source: Source, choice: Choice, into: Into) -> Stored | Unread:
    ledger, store = Ledger(), into.store
    stream = Stream(source.path, ledger)
    try:
        with store.building() as folder:
            manifest, shards = _fill(folder, source, choice, stream, ledger, into)
            sha256 = manifest.sha256 or stream.digest()
            manifest = replace(manifest, sha256=sha256, facts=ledger.facts, findings=ledger.findings)
            size = stream.size if manifest.pieces else stream.position
            found = store.keep(folder, _name(source, choice, sha256, size), manifest)
        changed = stream.changed()
        if source.path is not None and stream.stamp is not None and not changed:
            store.remember(source.path, stream.stamp, sha256)
        return Stored(found[1], shards or (Shelf(*found),), changed)
    except UnreadableError as error:
        return Unread(str(error), stream.digest(), error.columns, ledger.facts, ledger.findings)
    finally:
        stream.close()


def _fill(
    folder: Path, source: Source, choice: Choice, stream: Stream, ledger: Ledger, into: Into
) -> tuple[Manifest, tuple[Shelf, ...]]:
    """Write the rows of an input into a folder, or its shards into the store."""
    shards: tuple[Shelf, ...] = ()
    if stream.whole and not stream.head.strip():
        return _empty(ledger), shards
    reader = open_reader(stream, source.name, ledger)
    sample = list(reader.sample())
    detected = Detected(sample, choice.mapping, choice.input_format)
    if not sample:
        return _empty(ledger, reader), shards
    if detected.shape is None:
        alone = nested(sample[0]) if len(sample) == 1 and stream.whole else None
        raise UnreadableError(alone or detected.unknown(), detected.kinds)

    def tick(done: int) -> None:
        into.work.tick(f"reading {source.name}", done, stream.size)

    if source.path is not None and can_be_cut(stream, reader, detected):
        reading = Reading(source.role, detected.shape, detected.rules)
        made, shards = store_shards(source.path, stream, reading, ledger, into, tick)
    else:
        conversion = Conversion(detected.shape, source.role, detected.rules, ledger)
        blocks = reader.blocks(detected.shape)
        files = write_rows(folder, blocks, conversion, tick=lambda: tick(stream.position))
        made = Manifest(files=files, formats=dict(conversion.formats), never=conversion.never)
    if not made.formats:
        return _empty(ledger), ()
    _state_columns(detected, ledger)
    manifest = replace(
        made,
        format=detected.shape.format.name,
        columns=tuple(detected.kinds),
        label=detected.shape.names.get("label", ""),
        notes=tuple(readings(detected.shape, detected.rules)),
    )
    return manifest, shards


def _empty(ledger: Ledger, reader: Reader | None = None) -> Manifest:
    """What is known about an input without a single row: it is empty, or all of its records are bad.

    Raises:
        UnreadableError: it has records, but none that could be used.
    """
    unseen = sum(len(block.lines) for block in reader.blocks(_NO_COLUMNS)) if reader else 0
    if unseen:
        message = f"none of the records at its beginning can be read, so the format of {unseen:,} later ones is unknown"
        raise UnreadableError(message)
    first = next((found for found in ledger.findings if CODES[found.code].lost), None)
    if first is None:
        ledger.add(Fault("empty-file", "holds no record"))
        return Manifest(files={})
    place = "" if first.line is None else f"line {first.line:,}: "
    message = f"none of its {ledger.lost:,} records can be used; {place}{first.what}; {CODES[first.code].fix}"
    raise UnreadableError(message)


def _state_columns(detected: Detected, ledger: Ledger) -> None:
    for column, meant in detected.misspelt:
        what = f"the column {shown(column, 40)} is not used, but looks like {meant}"
        ledger.add(Fault("misspelt-column", what, None, f"$.{shown(column, 40)}"))
    if by_chance := detected.by_chance:
        way = f"--input-format {LONG_FORM} makes equal texts one item"
        ledger.state(
            f"{by_chance:,} texts looked at have two labelers, too few for judgements of items ({way})"
        )
    unused = [shown(column, 40) for column in detected.unused]
    if unused:
        more = f" and {len(unused) - COLUMNS_SHOWN:,} more" if len(unused) > COLUMNS_SHOWN else ""
        ledger.state(f"columns not used: {', '.join(unused[:COLUMNS_SHOWN])}{more}")

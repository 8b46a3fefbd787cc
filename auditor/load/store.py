"""Canonical rows on disk: Arrow files under a key of their content, so that unchanged files are parsed once.

Layout of the cache folder: `stores/<bytes of the input>-<key>/` holds the Arrow files and the manifest of one input
(with the hash of its first bytes behind the key: of one shard of an input), `known/<hash of the path>` says which content
a file had when it was last seen, `building/` holds what is not complete. Everything belongs to its owner alone, is moved
into place when it is complete, and can be deleted at any time.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pyarrow as pa
from msgspec import Struct

from auditor.errors import DataError
from auditor.load.cachefolder import FOLDERS, explained, make_folder
from auditor.load.checksums import checked, with_checksum
from auditor.load.jsonfaults import ERRORS
from auditor.load.ledger import Finding
from auditor.load.mixtures import Met
from auditor.load.private import write_private
from auditor.load.stamps import Stamp, stamp
from checks.measures import Role

VERSION = 8
"""Of the stored columns and the manifest; stores of other versions are not looked at."""
MANIFEST = "manifest"
_ARROW = ".arrow"
_SECRET = 32
_STALE = 24 * 3600
"""Seconds after which an unfinished store is what a crash left behind."""


class StoredFile(Struct, frozen=True):
    """One Arrow file of a store."""

    name: str
    rows: int
    stamp: Stamp


class Piece(Struct, frozen=True):
    """A shard of a file that is stored on its own."""

    store: str
    """Name of its store."""
    lines_before: int
    """Lines of the file before it."""


class Manifest(Struct, frozen=True, kw_only=True):
    """What is known about one input besides its rows."""

    files: dict[str, StoredFile]
    """By role (judgements of a role's rows as `train-labels`), or by number where the rows are those of several inputs."""
    sha256: str = ""
    format: str = ""
    formats: dict[str, int] = {}
    """Rows by format."""
    never: frozenset[str] = frozenset()
    """Canonical columns that no record of such formats can offer."""
    columns: tuple[str, ...] = ()
    """All columns that the user's records were seen to have."""
    label: str = ""
    """The user's column that `label` was read from."""
    facts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What the user should know about how the file was understood."""
    findings: tuple[Finding, ...] = ()
    """Of a shard those that are listed."""
    pieces: tuple[Piece, ...] = ()
    """The shards that hold the rows, where the file is stored in shards."""
    lines: int = 0
    """Lines of a shard."""
    rest: dict[str, int] = {}
    """Findings of a shard that are not listed, by code."""
    stated: dict[str, int] = {}
    """Facts of a shard, with how often each was seen."""
    met: tuple[Met, ...] = ()
    """Values of a shard by column and type."""


class Shelf(NamedTuple):
    """A complete store with rows of an input: all of them, or those of a shard."""

    folder: Path
    manifest: Manifest
    lines_before: int = 0
    """Lines of the file before it."""

    def path(self, role: Role) -> Path:
        """The Arrow file with the rows of a role."""
        return self.folder / self.manifest.files[role].name


class Store:
    """The stores below one cache folder."""

    def __init__(self, cache: Path) -> None:
        self.cache = cache
        with explained(cache):
            for folder in (cache, *(cache / name for name in FOLDERS)):
                make_folder(folder)
        self._sweep()

    @contextlib.contextmanager
    def building(self) -> Iterator[Path]:
        """A folder to build a store in; what is left of it goes away, whatever happens."""
        with explained(self.cache):
            folder = Path(tempfile.mkdtemp(dir=self.cache / "building"))  # with mode 0700
        try:
            with explained(self.cache):
                yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def keep(self, folder: Path, name: str, manifest: Manifest) -> tuple[Path, Manifest]:
        """Complete a store and move it into place; if another process was faster, its store stands."""
        content = msgspec.json.encode(manifest, order="sorted")
        write_private(folder / MANIFEST, with_checksum(content))
        place = self.cache / "stores" / name
        with explained(self.cache), _unless_there():
            folder.rename(place)
        # What stood there may have been damaged, and be gone now.
        if (found := self.find(name)) is None and folder.exists():
            with explained(self.cache), _unless_there():
                folder.rename(place)
        return found or self.demand(name)

    def find(self, name: str) -> tuple[Path, Manifest] | None:
        """A complete store and its manifest; a damaged one is taken away."""
        place = self.cache / "stores" / name
        if not place.is_dir():
            return None
        if manifest := read_manifest(place):
            return place, manifest
        self.discard(name)
        return None

    def demand(self, name: str) -> tuple[Path, Manifest]:
        """A store that was complete a moment ago.

        Raises:
            DataError: it is not there any more.
        """
        if found := self.find(name):
            return found
        message = f"the cache folder {self.cache} was changed while it was in use; try again"
        raise DataError(message)

    def discard(self, name: str) -> None:
        """Take a store away."""
        with self.building() as folder, contextlib.suppress(OSError):
            (self.cache / "stores" / name).rename(folder / "damaged")

    def secret(self) -> bytes:
        """32 random bytes that stay the same for this cache."""
        place = self.cache / "secret"
        if not place.exists():
            with self.building() as folder, contextlib.suppress(FileExistsError):
                write_private(folder / "secret", secrets.token_bytes(_SECRET))
                os.link(folder / "secret", place)
        found = place.read_bytes()
        if len(found) == _SECRET:
            return found
        place.unlink()  # somebody cut it short
        return self.secret()

    def holds_input_of(self, size: int) -> bool:
        """Whether some stored input had this many bytes, so that hashing a file may save parsing it."""
        return any((self.cache / "stores").glob(f"{size}-*"))

    def sizes(self) -> dict[str, list[int]]:
        """Bytes of the shards that are stored, by how they begin."""
        found = defaultdict[str, list[int]](list)
        for place in (self.cache / "stores").iterdir():
            match place.name.split("-"):
                case [size, _, beginning] if size.isdigit():
                    found[beginning].append(int(size))
        return found

    def known_hash(self, path: Path, now: Stamp) -> str | None:
        """SHA-256 of a file that has not changed since it was remembered."""
        try:
            seen = msgspec.json.decode(self._known(path).read_bytes(), type=tuple[Stamp, str])
        except (OSError, *ERRORS):
            return None
        return seen[1] if seen[0] == now else None

    def remember(self, path: Path, seen: Stamp, sha256: str) -> None:
        """Remember the content of a file, unless it may change again without getting a new time."""
        if seen.racy:
            return
        with self.building() as folder:
            entry = folder / "entry"
            write_private(entry, msgspec.json.encode((seen, sha256)))
            entry.replace(self._known(path))

    def recall(self, name: str) -> bytes | None:
        """What was last kept under a name; None if it is not whole."""
        try:
            return checked((self.cache / "known" / name).read_bytes())
        except OSError:
            return None

    def keep_last(self, name: str, content: bytes) -> None:
        """Keep something under a name in the place of what was kept there."""
        with self.building() as folder:
            write_private(folder / "entry", with_checksum(content))
            (folder / "entry").replace(self.cache / "known" / name)

    def _known(self, path: Path) -> Path:
        name = hashlib.sha256(os.fsencode(path.resolve())).hexdigest()
        return self.cache / "known" / name

    def _sweep(self) -> None:
        """Remove what crashed runs left behind."""
        for folder in (self.cache / "building").iterdir():
            with contextlib.suppress(OSError):
                if time.time() - folder.stat().st_mtime > _STALE:
                    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _unless_there() -> Iterator[None]:
    """Moving a folder fails where one stands already."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise


def store_name(sha256: str, size: int, choice: object) -> str:
    """The name of the store of an input of this content, read in the way that `choice` describes."""
    key = hashlib.sha256(msgspec.json.encode((VERSION, sha256, choice), order="deterministic")).hexdigest()
    return f"{size}-{key[:40]}"


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a store; None if the store is damaged: torn, or changed by somebody else."""
    try:
        found = (folder / MANIFEST).read_bytes()
        if (content := checked(found)) is None:
            return None
        manifest = msgspec.json.decode(content, type=Manifest)
        sound = all(_is_sound(folder / file.name, file) for file in manifest.files.values())
    except (OSError, *ERRORS, pa.ArrowException):
        return None
    return manifest if sound else None


def _is_sound(path: Path, file: StoredFile) -> bool:
    inside = Path(file.name).name == file.name
    if not inside or stamp(path.stat()) != file.stamp:
        return False
    return path.suffix != _ARROW or open_table(path).num_rows == file.rows


def stored_file(path: Path, rows: int) -> StoredFile:
    """The entry of a finished file in the manifest."""
    return StoredFile(path.name, rows, stamp(path.stat()))


def open_table(path: Path) -> pa.Table:
    """The rows of a stored file, mapped and not read.

    Raises:
        OSError: the file cannot be opened; pyarrow.ArrowException: it is no Arrow file.
    """
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()

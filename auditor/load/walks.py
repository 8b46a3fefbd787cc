"""Walks over the texts of train (`checks.text.walk`), kept beside the rows they are about."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import msgspec
import pyarrow as pa

from auditor.load.arrayfile import read_arrays, write_arrays
from auditor.load.memories import kept_memory
from auditor.load.probes import kept_probe
from auditor.load.store import Manifest, Store, store_name, stored_file
from auditor.load.trees import flat, nested
from checks.contract import Data, Part, Split, TextSettings
from checks.text.memory import ALIKE, EDITED
from checks.text.probe import probe
from checks.text.scan import walks
from checks.text.texts import Texts, text_arrays
from checks.text.walk import Walk, Walker

_FILE = "walk"


class Walks:
    """The walks that hold train against one eval side."""

    def __init__(self, store: Store, evals: Split | None, text: TextSettings) -> None:
        self._store, self._probe = store, kept_probe(store, evals, text)
        self._key = self._probe.key()
        self.text = text
        self.evals = () if evals is None else tuple(part.path for part in evals.parts if part.path)
        """Where the eval rows are stored."""

    def supply(self, data: Data) -> None:
        """Let checks take the walks from here."""
        data.supply(probe, lambda _: self._probe)
        data.supply(walks, lambda data: tuple(self._all(data)))
        for what in (ALIKE, EDITED):
            data.supply(what.empty, partial(kept_memory, self._store, what))

    def _all(self, data: Data) -> Iterator[Walk]:
        done, rows = 0, data.train.rows
        for part in data.train.parts:
            yield self.of(part)
            done += part.table.num_rows
            data.tick("comparing", done, rows)

    def of(self, part: Part) -> Walk:
        """The walk over a part of train: the one that is kept, or a new one."""
        if part.path is not None and (found := self._find(part.path)):
            return found
        begun = self.begin()
        for batch in part.table.to_batches():
            begun.see(batch)
        return begun.finish(part)

    def begin(self) -> Begun:
        """A walk over rows that are being stored."""
        return Begun(self, Walker(self._probe))

    def keep(self, path: Path, walk: Walk) -> Walk:
        """Keep the walk over a stored file."""
        with self._store.building() as folder:
            write_arrays(folder / _FILE, flat({_FILE: walk}))
            files = {_FILE: stored_file(folder / _FILE, len(walk.prints.words))}
            self._store.keep(folder, self._name(path), Manifest(files=files))
        return self._find(path) or walk

    def _find(self, path: Path) -> Walk | None:
        found = self._store.find(self._name(path))
        if found is None:
            return None
        try:
            return nested(Walk, _FILE, read_arrays(found[0] / _FILE))
        except (ValueError, KeyError, msgspec.MsgspecError):
            self._store.discard(self._name(path))
            return None

    def _name(self, path: Path) -> str:
        return "walk-" + store_name("", 0, (path.parent.name, path.name, self._key))


class Begun:
    """A walk that has begun."""

    def __init__(self, walks: Walks, walker: Walker) -> None:
        self._walks, self._walker = walks, walker

    def see(self, batch: pa.RecordBatch) -> None:
        """Walk on over the next rows."""
        self._walker.see(text_arrays(batch))

    def finish(self, part: Part) -> Walk:
        """The whole walk, now that all rows of the part were seen; kept if they are stored."""
        walk = self._walker.done(Texts(Split(role="train", parts=(part,))))
        return walk if part.path is None else self._walks.keep(part.path, walk)

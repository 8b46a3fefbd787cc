"""The eval side, made ready once: a later audit that holds other training rows against it takes it from the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any, get_type_hints

import msgspec

from auditor.load.arrayfile import read_arrays, write_arrays
from auditor.load.store import Manifest, Store, store_name, stored_file
from auditor.load.trees import flat, nested
from checks.contract import Split, TextSettings
from checks.text.probe import VERSION, Probe, prepare
from checks.text.texts import Texts

_FILE = "probe"
_GIVEN = ("settings", "texts")
_KEPT = tuple(field.name for field in fields(Probe) if field.name not in _GIVEN)


def kept_probe(store: Store, evals: Split | None, settings: TextSettings) -> Probe:
    """The probe that is kept for these eval rows, or a new one; kept if the rows are stored."""
    if evals is None or not all(part.path for part in evals.parts):
        return prepare(evals, settings)
    paths = [(part.path.parent.name, part.path.name) for part in evals.parts if part.path]
    name = "probe-" + store_name("", 0, (paths, repr((VERSION, settings))))
    if found := _find(store, name, evals, settings):
        return found
    made = prepare(evals, settings)
    with store.building() as folder:
        write_arrays(folder / _FILE, flat({field: getattr(made, field) for field in _KEPT}))
        files = {_FILE: stored_file(folder / _FILE, evals.rows)}
        store.keep(folder, name, Manifest(files=files))
    return made


def _find(store: Store, name: str, evals: Split, settings: TextSettings) -> Probe | None:
    found = store.find(name)
    if found is None:
        return None
    kinds = get_type_hints(Probe)
    try:
        arrays = read_arrays(found[0] / _FILE)
        kept = {field: nested(kinds[field], field, arrays) for field in _KEPT}
    except (ValueError, KeyError, msgspec.MsgspecError):
        store.discard(name)
        return None
    make: Callable[..., Any] = Probe
    probe: Probe = make(settings=settings, texts=Texts(evals), **kept)
    return probe

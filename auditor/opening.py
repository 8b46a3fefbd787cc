"""Files and settings -> the data that checks and commands work on."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.errors import DataError
from auditor.load.dataset import Loaded, Request, load_sources
from auditor.load.sketchinput import beside, find_sketch
from auditor.load.sources import find_sources
from auditor.load.work import Work
from auditor.settings import Settings
from checks.contract import Data, TextSettings


@dataclass(frozen=True, slots=True)
class Opened:
    """What was read."""

    loaded: Loaded
    data: Data
    notes: tuple[str, ...]
    """On the files, and on the review sheets."""


def open_data(settings: Settings, text: TextSettings, work: Work) -> Opened:
    """Read the files that the settings name, and the review sheets about them.

    Raises:
        DataError: they cannot be used at all.
    """
    sources, told = find_sources(settings.train, settings.eval)
    sketch = find_sketch(sources, settings.key_file)
    if sketch is None and settings.key_file is not None:
        message = f"{settings.key_file} is a key for a sketch, and --eval names none; name the sketch or leave out --key-file"
        raise DataError(message)
    request = Request(
        train=settings.train, eval=settings.eval, mapping=settings.map, input_format=settings.input_format
    )
    files = sources if sketch is None else [one for one in sources if one.role == "train"]
    loaded = load_sources(files, request, work, text=text, notes=told)
    if sketch is not None:
        loaded = beside(loaded, sketch)
    data = Data(
        train=loaded.train,
        eval=loaded.eval,
        sketch=None if sketch is None else sketch.sketch,
        labels=loaded.labels,
        ledger=loaded.ledger,
        text=text,
        impossible=loaded.impossible,
        memory=work.memory,
        scratch=str(work.cache / "building"),
        tick=work.tick,
    )
    if loaded.walks is not None:
        loaded.walks.supply(data)
    if settings.vectors:
        from auditor.load.vectorfiles import open_vectors
        from checks.rewritten.vectors import vectors

        given = open_vectors(settings.vectors, data)
        data.supply(vectors, lambda _data: given)
    if not settings.reviewed:
        return Opened(loaded, data, loaded.notes)
    from auditor.review.readback import read_back

    found = read_back(data, settings.reviewed)
    return Opened(loaded, data.but(reviewed=found.reviewed), (*loaded.notes, *found.notes))

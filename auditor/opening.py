"""Files and settings -> the data that checks and commands work on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from auditor.load.dataset import Loaded, Request, load
from auditor.load.sketchinput import beside, find_sketch
from auditor.settings import Settings
from checks.contract import Data, TextSettings


@dataclass(frozen=True, slots=True)
class Opened:
    """What was read."""

    loaded: Loaded
    data: Data
    notes: tuple[str, ...]
    """On the files, and on the review sheets."""


def open_data(
    settings: Settings,
    text: TextSettings,
    *,
    cache: Path,
    verify: bool,
    memory: int | None = None,
    processes: int | None = None,
    tick: Callable[[str, int, int], None],
) -> Opened:
    """Read the files that the settings name, and the review sheets about them.

    Raises:
        DataError: they cannot be used at all.
    """
    sketch = find_sketch(settings.train, settings.eval, settings.key_file)
    request = Request(
        train=settings.train,
        eval=() if sketch else settings.eval,
        mapping=settings.map,
        input_format=settings.input_format,
    )
    loaded = load(request, cache=cache, text=text, verify=verify, processes=processes, tick=tick)
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
        memory=memory,
        scratch=str(cache / "building"),
        tick=tick,
    )
    if loaded.walks is not None:
        loaded.walks.supply(data)
    if not settings.reviewed:
        return Opened(loaded, data, loaded.notes)
    from auditor.review.readback import read_back

    found = read_back(data, settings.reviewed)
    return Opened(loaded, data.but(reviewed=found.reviewed), (*loaded.notes, *found.notes))

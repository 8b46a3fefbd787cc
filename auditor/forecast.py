"""What an audit will cost, told before a long one begins."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from auditor.load.sources import ARCHIVES, find_sources
from auditor.load.store import Store
from auditor.load.streams import stamp
from auditor.settings import Settings
from auditor.wording import duration, size

LONG = 30.0
"""Seconds from which a forecast is worth a line."""
PER_GB = 14.0
"""CPU seconds for a gigabyte of JSON Lines, of which ten can be shared by processes (1M chats of 1.1 GB: 15 on a server
core of 2022; half of that on the fastest cores of today, twice as much on a busy machine)."""
SHARED = 10.0
BASE, GROWTH = 350e6, 0.2
"""Bytes of memory for libraries and buffers, and for each byte that is read (1M chats of 1.1 GB: 560 MB)."""
PACKED = 4.0
"""Bytes in a byte of an archive, about."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What reading and comparing the files that are not in the store will take."""

    bytes_: float
    seconds: float
    memory: float
    processes: int

    def __str__(self) -> str:
        by = f" with {self.processes} processes" if self.processes > 1 else ""
        return (
            f"{size(self.bytes_)} to read: about {duration(self.seconds)}{by} and "
            f"{size(self.memory)} of memory. What is read is kept, so the next audit takes less."
        )


def forecast(settings: Settings, cache: Path, processes: int | None) -> Forecast:
    """The forecast for an audit."""
    from auditor.load.crew import WORTH, usable_processors

    store = Store(cache)
    sources, _ = find_sources(settings.train, settings.eval)
    sizes = []
    for path in (source.path for source in sources if source.path is not None):
        now = stamp(path.stat())
        if store.known_hash(path, now) is None:
            sizes.append(now.size * (PACKED if path.suffix in ARCHIVES[1:] else 1))
    bytes_ = sum(sizes)
    number = processes or (usable_processors() if bytes_ >= WORTH else 1)
    seconds = (PER_GB - SHARED + SHARED / number) * bytes_ / 1e9
    return Forecast(bytes_, seconds, BASE * number + GROWTH * bytes_, number)

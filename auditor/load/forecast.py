"""What an audit will cost, told before a long one begins."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass

from auditor.load.crew import WORTH, usable_processors
from auditor.load.sources import ARCHIVES, Source
from auditor.load.stamps import stamp
from auditor.load.store import Store
from auditor.wording import duration, size

LONG = 30.0
"""Seconds from which a forecast is worth a line."""
PER_GB, SHARED = 14.0, 11.5
"""CPU seconds for a gigabyte of JSON Lines, and how many of them processes can share (`tests/bench/scale.py`: 1M chats of
1.1 GB take 15 to 18 on shared cores of a server, 12 to 14 of them for reading and comparing)."""
BASE, GROWTH = 350e6, 0.32
"""Bytes of memory for libraries and buffers, and for each byte that is read (a whole audit of 1M chats of 1.1 GB takes
694 MB, one of 10M 3.8 GB)."""
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


def forecast(sources: Iterable[Source], store: Store, processes: int | None) -> Forecast:
    """The forecast for the files of an audit that are not in the store."""
    sizes = []
    for path in (source.path for source in sources if source.path is not None):
        with contextlib.suppress(OSError):  # the reader tells what is the matter
            now = stamp(path.stat())
            if store.known_hash(path, now) is None:
                sizes.append(now.size * (PACKED if path.suffix in ARCHIVES[1:] else 1))
    bytes_ = sum(sizes)
    number = processes or (usable_processors() if bytes_ >= WORTH else 1)
    seconds = (PER_GB - SHARED + SHARED / number) * bytes_ / 1e9
    return Forecast(bytes_, seconds, BASE * number + GROWTH * bytes_, number)

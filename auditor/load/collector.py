"""Less garbage collection: little of what is made here is in cycles."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def without_collector() -> Iterator[None]:
    """No garbage collection: reading makes millions of objects and no cycles, and looking for them costs a quarter."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def collect_rarely() -> None:
    """Look for cycles after 100,000 new objects and not after 700, as Python does: imports alone have it look 360 times,
    which takes a tenth of a small audit. For processes of our own; what a notebook does is its own business."""
    gc.set_threshold(100_000, 20, 20)

"""What was found out about pairs of texts, kept from audit to audit."""

from __future__ import annotations

import contextlib

import numpy as np

from auditor.load.store import Store, store_name
from checks.contract import Data
from checks.text.memory import Judged, Memory, Remembered

MOST = 1 << 20
"""Pairs that are kept, in 40 to 64 MB; further ones are judged again in every audit. Tool default: a million rows have
about 60,000, and a million are judged in ten seconds."""


def kept_memory(store: Store, what: Remembered, data: Data) -> Memory:
    """What was found out in the last audit with these settings."""
    name = f"{what.name}-" + store_name("", 0, repr((what.version, data.text)))
    known = None
    with contextlib.suppress(ValueError):
        if (content := store.recall(name)) is not None:
            columns = np.frombuffer(content, np.uint64).reshape(-1, 4 + what.width)
            known = Judged(columns[:, :4], columns[:, 4:].copy().view(np.float64))

    def keep(pairs: Judged) -> None:
        columns = np.column_stack((pairs.names, np.ascontiguousarray(pairs.values).view(np.uint64)))
        store.keep_last(name, columns[:MOST].tobytes())

    return Memory(what.width, known, keep)

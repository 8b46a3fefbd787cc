"""Similarities of pairs of texts, kept from audit to audit."""

from __future__ import annotations

import contextlib

import numpy as np

from auditor.load.store import Store, store_name
from checks.contract import TextSettings
from checks.text.alike import VERSION, Alike, Memory

MOST = 1 << 20
"""Pairs that are kept, in 40 MB; further ones are measured again in every audit. Tool default: a million rows have about
60,000, and a million are measured in ten seconds."""


def kept_pairs(store: Store, settings: TextSettings) -> Memory:
    """What was judged in the last audit with these settings."""
    name = "alike-" + store_name("", 0, repr((VERSION, settings)))
    known = None
    with contextlib.suppress(ValueError):
        if (content := store.recall(name)) is not None:
            columns = np.frombuffer(content, np.uint64).reshape(-1, 5)
            known = Alike(columns[:, :4], columns[:, 4].copy().view(np.float64))

    def keep(pairs: Alike) -> None:
        columns = np.column_stack((pairs.names, pairs.similarity.view(np.uint64)))
        store.keep_last(name, columns[:MOST].tobytes())

    return Memory(known, keep)

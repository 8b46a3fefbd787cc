"""How affected eval rows stand in train, and how much of them does, as counts."""

from __future__ import annotations

import numpy as np
import polars as pl

from checks.contract import Chart, Evidence
from checks.text.leaks import CLEAN, EXACT, NAMES, Leaks
from checks.text.witnesses import SEVERITIES, Witnesses


def severity_table(found: Leaks, pairs: Witnesses) -> Evidence:
    """Eval rows by kind, the surest first, and by what of them train has, the most severe first."""
    rows = np.flatnonzero(found.kind > CLEAN)
    counts = np.zeros((EXACT + 1, len(SEVERITIES)), np.int64)
    np.add.at(counts, (found.kind[rows], pairs.severity[rows]), 1)
    kinds = [kind for kind in reversed(NAMES) if counts[kind].any()]
    columns = {
        SEVERITIES[severity].replace(" ", "_"): counts[kinds, severity]
        for severity in reversed(range(len(SEVERITIES)))
        if counts[:, severity].any()
    }
    table = pl.DataFrame({"found": [NAMES[kind] for kind in kinds], **columns})
    chart = Chart(picture="stack", label="found", values=tuple(columns))
    return Evidence("Affected eval rows, and what of them stands in train", table, chart=chart)

"""A table with columns for each labeler against the same judgements, one a record.

    python tests/bench/panels.py WIDE LONG [--map COLUMN=ROLE]...   (roles of WIDE)

The two must come to the same judgements, items and ties.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from auditor.load.dataset import Request, load
from auditor.load.work import Work


def figures(path: str, mapping: Mapping[str, str]) -> dict[str, object]:
    """What must be the same, and what was found besides."""
    with tempfile.TemporaryDirectory() as cache:
        start = time.process_time()
        loaded = load(Request(train=(path,), mapping=mapping), Work(cache=Path(cache)))
        seconds = time.process_time() - start
        if loaded.labels is None:
            sys.exit(f"{path} holds no judgements: {loaded.inputs[0].error or loaded.inputs[0].facts}")
        found = loaded.labels.collect()
        ties = loaded.train.frame.select(pl.col("label").is_null().sum()).collect().item()
    return {
        "judgements": found.height,
        "items": found["row"].n_unique(),
        "ties": ties,
        "per labeler": _counted(found["labeler"]),
        "per label": _counted(found["label"]),
        "items by judgements": _counted(found.group_by("row").len()["len"]),
        "findings": _counted(loaded.ledger["code"]),
        "CPU s": round(seconds, 2),
    }


def _counted(values: pl.Series) -> dict[object, int]:
    return dict(sorted(Counter(values.to_list()).items()))


def main() -> None:
    """Print both sides."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("wide")
    options.add_argument("long")
    options.add_argument("--map", dest="mapping", action="append", default=[])
    given = options.parse_args()
    mapping = dict(pair.rsplit("=", 1) for pair in given.mapping)
    wide, long = figures(given.wide, mapping), figures(given.long, {})
    for name, figure in wide.items():
        print(f"{name:20} {'the same' if figure == long[name] else f'here {long[name]}, there'} {figure}")


if __name__ == "__main__":
    main()

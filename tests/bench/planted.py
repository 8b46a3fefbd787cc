"""What the audit of a planted corpus finds, held against what was planted.

    python -m tests.bench.planted FOLDER [FOLDER ...]

Each folder holds train.jsonl, eval.jsonl and truth.jsonl as `tests/bench/corpus.py` writes them; what the same audit
costs, `tests/bench/scale.py` measures.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from tests import oracle
from tests.bench.stages import Corpus, searched

LINE = "{:<44} {:>12} {:>12} {:>12}"
MOST = 50_000
"""Reported near pairs that are held against the oracle, drawn at random: it takes a millisecond for each."""
PAIRS = pl.Schema({"kind": pl.String, "row": pl.Int64, "kept_row": pl.Int64})


def main() -> None:
    """Print a table of findings for each folder."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", type=Path, nargs="+")
    for folder in parser.parse_args().folders:
        with tempfile.TemporaryDirectory() as scratch:
            searched(Corpus.of(folder), Path(scratch) / "cache", Path(scratch) / "found")
            print(f"\n{folder.name}")
            findings(folder, Path(scratch) / "found")


def table_of(found: Path, check: str) -> pl.DataFrame:
    """The pairs that a check reports, as `stages` saved them; they come first where there are any."""
    table = pl.read_parquet(found / f"{check}-0.parquet")
    return table if "kind" in table.columns else pl.DataFrame(schema=PAIRS)


def findings(folder: Path, found: Path) -> None:
    """Hold what was reported against the planted truth, similarities worked out anew by the oracle."""
    truth = [json.loads(line) for line in (folder / "truth.jsonl").read_text().splitlines()]
    copies = table_of(found, "duplicates")
    removed = set(copies["row"].to_list())
    dups = [one for one in truth if one["rel"] == "dup"]
    near = copies.filter(kind="near")
    held = near.sample(min(len(near), MOST), seed=1)
    wanted = {row for one in dups for row in (one["a"], one["b"])} | set(held["row"]) | set(held["kept_row"])
    texts = dict(texts_of(folder / "train.jsonl", wanted))
    print(LINE.format("planted duplicates", "planted", "found", "share"))
    for name, pairs in by_similarity(dups, texts).items():
        hit = sum(one["a"] in removed or one["b"] in removed for one in pairs)
        print(LINE.format(name, len(pairs), hit, f"{hit / len(pairs):.4f}"))
    similar = [
        oracle.jaccard(texts[a], texts[b], "auto") for a, b in held.select("row", "kept_row").iter_rows()
    ]
    wrong = sum(value < 0.8 - 1e-9 for value in similar)
    of = f" (of {len(near):,})" if len(held) < len(near) else ""
    print(LINE.format(f"reported near pairs{of} / below .8", len(similar), wrong, ""))
    leaks = table_of(found, "leakage").filter(pl.col("kind") != "template")
    leaked = set(leaks.filter(pl.col("kind") != "suspected")["row"])
    either = set(leaks["row"])
    planted = [one for one in truth if one["rel"] == "leak"]
    print(LINE.format("planted leaks", "planted", "leaked", "either tier"))
    for kind, number in sorted(Counter(one["kind"] for one in planted).items()):
        rows = [one["a"] for one in planted if one["kind"] == kind]
        shares = [f"{sum(row in found for row in rows) / number:.3f}" for found in (leaked, either)]
        print(LINE.format(kind, number, *shares))
    clean = {one["a"] for one in planted}
    print(LINE.format("eval rows not planted", "", len(leaked - clean), len(either - clean)))


def by_similarity(pairs: list[dict], texts: dict[int, str]) -> dict[str, list[dict]]:
    """Planted pairs by kind; near ones by whether they reach the threshold under our fold."""
    groups: dict[str, list[dict]] = {}
    for one in pairs:
        name = one["kind"]
        if name == "near":
            alike = oracle.jaccard(texts[one["a"]], texts[one["b"]], "auto") >= 0.8
            name = "near, J >= .8" if alike else "near, J < .8"
        groups.setdefault(name, []).append(one)
    return dict(sorted(groups.items()))


def texts_of(path: Path, rows: set[int]) -> Iterator[tuple[int, str]]:
    """The compared texts of some rows: user and assistant turns."""
    with path.open("rb") as lines:
        for row, line in enumerate(lines):
            if row in rows:
                messages = json.loads(line)["messages"]
                yield row, "\n".join(one["content"] for one in messages if one["role"] != "system")


if __name__ == "__main__":
    main()

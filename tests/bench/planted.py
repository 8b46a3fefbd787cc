"""What the audit of a planted corpus costs and finds.

    python tests/bench/planted.py FOLDER [FOLDER ...]

Each folder holds train.jsonl, eval.jsonl and truth.jsonl as `tests/bench/corpus.py` writes them. Every measurement
runs in a process of its own; CPU seconds are user + system of that process and its children, memory is the peak of
its anonymous pages (the mapped store is not counted).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
LINE = "{:<44} {:>12} {:>12} {:>12}"


def main() -> None:
    """Measure each folder and print a table of cost and of findings."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        measure(given.folders[0], given.child)
        return
    for folder in given.folders:
        with tempfile.TemporaryDirectory() as scratch:
            costs(folder, Path(scratch))
            findings(folder, Path(scratch))


def costs(folder: Path, scratch: Path) -> None:
    """Print what a first and a second audit cost, stage by stage."""
    _, first, second = [child(folder, scratch, cache) for cache in ("warm-up", "store", "store")]
    print(
        f"\n{folder.name}: {first['rows']:,} training rows, {first['evals']:,} eval rows, {first['megabytes']:,.0f} MB"
    )
    print(LINE.format("CPU seconds", "first audit", "second", ""))
    for stage in first["cpu"]:
        print(LINE.format(stage, f"{first['cpu'][stage]:.2f}", f"{second['cpu'][stage]:.2f}", ""))
    total = [sum(run["cpu"].values()) - run["cpu"]["imports"] for run in (first, second)]
    print(LINE.format("read + duplicates + leakage", f"{total[0]:.2f}", f"{total[1]:.2f}", ""))
    print(
        LINE.format(
            "peak anonymous memory, MB", f"{first['anonymous']:.0f}", f"{second['anonymous']:.0f}", ""
        )
    )


def child(folder: Path, scratch: Path, cache: str) -> dict:
    """One measurement in a fresh process.

    The warm-up is one like the others, its store deleted: it compiles the kernels, and on a virtual machine whose host
    has yet to provide the memory that a gigabyte of store takes, it asks for that memory, which costs 2 to 3 seconds.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, __file__, str(folder), "--child", str(scratch / cache)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    if cache == "warm-up":
        shutil.rmtree(scratch / cache)
    return json.loads(done.stdout.splitlines()[-1])


def measure(folder: Path, cache: Path) -> None:
    """Read, find duplicates, find leaks; prints the costs as JSON and leaves the evidence beside the cache."""
    peak = [0.0]
    threading.Thread(target=watch_memory, args=(peak,), daemon=True).start()
    spent = {"start": cpu_seconds()}
    from auditor.load.dataset import Request, load
    from checks.contract import Data
    from checks.duplicates import Duplicates
    from checks.leakage import Leakage

    spent["imports"] = cpu_seconds()
    names = (str(folder / "train.jsonl"),), (str(folder / "eval.jsonl"),)
    loaded = load(Request(train=names[0], eval=names[1]), cache=cache)
    data = Data(train=loaded.train, eval=loaded.eval, ledger=loaded.ledger)
    spent["read"] = cpu_seconds()
    from checks.text.scan import scan

    data.once(scan)
    spent["scan (words, hashes, bands, index)"] = cpu_seconds()
    duplicates = Duplicates().run(data)
    spent["duplicates"] = cpu_seconds()
    leakage = Leakage().run(data)
    spent["leakage"] = cpu_seconds()
    for result, name in ((duplicates, "duplicates"), (leakage, "leakage")):
        for evidence in result.evidence:
            evidence.table.write_parquet(cache.parent / f"{name}.parquet")
    stages = list(spent)
    cpu = {stage: spent[stage] - spent[before] for before, stage in pairwise(stages)}
    size = (folder / "train.jsonl").stat().st_size / 1e6
    rows = {"rows": data.train.rows, "evals": data.eval.rows, "megabytes": size}
    print(json.dumps({"cpu": cpu, "anonymous": peak[0], **rows}))


def cpu_seconds() -> float:
    """User and system seconds of this process and its finished children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def watch_memory(peak: list[float]) -> None:
    """Keep the highest number of anonymous megabytes seen."""
    while True:
        status = Path("/proc/self/status").read_text()
        found = [line for line in status.splitlines() if line.startswith("RssAnon")]
        peak[0] = max(peak[0], int(found[0].split()[1]) / 1024 if found else 0)
        time.sleep(0.02)


def findings(folder: Path, scratch: Path) -> None:
    """Hold what was reported against the planted truth, similarities worked out anew by the oracle."""
    import polars as pl

    sys.path.insert(0, str(ROOT))
    from tests import oracle

    truth = [json.loads(line) for line in (folder / "truth.jsonl").read_text().splitlines()]
    copies = pl.read_parquet(
        scratch / "duplicates.parquet", columns=["kind", "row", "kept_row", "similarity"]
    )
    removed = set(copies["row"].to_list())
    dups = [one for one in truth if one["rel"] == "dup"]
    near = copies.filter(kind="near")
    wanted = {row for one in dups for row in (one["a"], one["b"])} | set(near["row"]) | set(near["kept_row"])
    texts = dict(texts_of(folder / "train.jsonl", wanted))
    print(LINE.format("planted duplicates", "planted", "found", "share"))
    for name, pairs in by_similarity(dups, texts, oracle).items():
        hit = sum(one["a"] in removed or one["b"] in removed for one in pairs)
        print(LINE.format(name, len(pairs), hit, f"{hit / len(pairs):.4f}"))
    similar = [
        oracle.jaccard(texts[a], texts[b], "auto") for a, b in near.select("row", "kept_row").iter_rows()
    ]
    wrong = sum(value < 0.8 - 1e-9 for value in similar)
    print(LINE.format("reported near pairs / below .8", len(similar), wrong, ""))
    leaks = pl.read_parquet(scratch / "leakage.parquet", columns=["kind", "row"])
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


def by_similarity(pairs: list[dict], texts: dict[int, str], oracle) -> dict[str, list[dict]]:
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

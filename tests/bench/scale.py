"""What the search for duplicates and leaks costs on large files, and that no circumstance changes what it finds.

    python -m tests.bench.scale FOLDER [--edited FOLDER] [--same FOLDER] [--runs 3] [--brief] [--scratch DIR]

FOLDER holds train.jsonl and eval.jsonl, and truth.jsonl if what was planted is to be held against what was found, as
`tests/bench/corpus.py` writes them. Measured are, each in processes of its own (`tests/bench/stages.py` says how):

- a cold run from the raw files to the findings, rows and walks stored on the way, stage by stage;
- a run from the store; one with another eval file, for which no walks are kept; `auditor audit` from the store, and
  again with nothing changed;
- a run of each `--edited` corpus, the first one with some rows changed, beside the store of the first;
- cold runs with two and three processes and with 256 MB for arrays, and of each `--same` corpus, which has the same rows
  in another order.

The kernels are compiled before, by a run on the head of the file, and each file is read before each run, so that it
lies in the system's memory. Findings are compared in full: with other processes or less memory, and for an edited corpus against a
cold run of it, every table of evidence must be the same; in another order the measures, the notes and every row of
evidence, with the hash of its folded text in place of its place and its excerpts. Which of several rows with the same
text (or prompt) is shown follows from their order, and so may the name of an edit that is of format only.

One line a measurement: CPU seconds, their share of the cold run's, wall seconds, peak anonymous megabytes, the load of
the machine, without which the seconds say little, and what was compared, or the CPU seconds of each stage. 1,000,000 rows take some minutes and 4 GB of disk.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import polars as pl

from tests.bench.planted import findings
from tests.bench.stages import Corpus, Spent, Stages, searched, spent

LINE = "{:<44} {:>9} {:>9} {:>9} {:>9} {:>6}  {}"
HEAD = 80 << 20
"""Bytes that a run must read so that every kernel is compiled: files under 64 MB are not stored in shards."""
SMALL = 256 << 20
"""Bytes; the least that `auditor audit --memory` takes."""
ROWS = 10
"""Eval rows that another eval file lacks."""


def main() -> None:
    """Measure each folder and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--edited", type=Path, action="append", default=[], metavar="FOLDER")
    parser.add_argument("--same", type=Path, action="append", default=[], metavar="FOLDER")
    parser.add_argument(
        "--runs", type=int, default=1, help="cold runs; the one of the fewest CPU seconds counts"
    )
    parser.add_argument("--brief", action="store_true", help="compare no findings of two runs")
    parser.add_argument("--scratch", type=Path, help="where the store goes; by default a temporary folder")
    given = parser.parse_args()
    for folder in given.folders:
        with tempfile.TemporaryDirectory(dir=given.scratch) as scratch:
            bench = Bench(folder, Path(scratch))
            bench.costs(given.runs)
            for other in given.edited:
                bench.edit(other, compare=not given.brief)
            if not given.brief:
                bench.circumstances(given.same)
            if (folder / "truth.jsonl").exists():
                findings(folder, bench.found)


class Bench:
    """Measurements of one corpus."""

    def __init__(self, folder: Path, scratch: Path) -> None:
        self._corpus, self._scratch, self._name = Corpus.of(folder), scratch, folder.name
        self._cache, self._number, self._cold = scratch / "cache", 0, 0.0
        self.found = scratch / "found"
        """What the cold run found."""

    def costs(self, runs: int) -> None:
        """A cold run, warm ones, and the command."""
        self._warm_up()
        cold = min((self._fresh(self._corpus) for _ in range(runs)), key=lambda one: one[0].whole.cpu)
        stages, self.found = cold
        self._cold = sum(stages.cpu.values())
        size = self._corpus.train.stat().st_size
        rows = f"{stages.rows:,} training rows ({size / 1e6:,.0f} MB), {stages.evals:,} eval rows"
        print(f"\n{self._name}: {rows}, {stages.parts} parts")
        print(LINE.format("", "CPU s", "of cold", "wall s", "MB", "load", "").rstrip(), flush=True)
        for stage in stages.cpu:
            self._line(f"  {stage}", stages.cpu[stage], stages.wall[stage])
        self._stages("cold run", stages, "")
        self._stages("from the store", self._search(self._corpus)[0])
        self._stages("from the store, another eval file", self._search(self._other_eval())[0])
        for name in ("auditor audit -q, from the store", "auditor audit -q, nothing changed"):
            done = self._audit(self._corpus.train)
            self._whole(name, done, "" if done.code in (0, 1) else f"exit code {done.code}")

    def edit(self, folder: Path, *, compare: bool) -> None:
        """Another corpus, much of which is in the store, and whether it makes a difference that it is."""
        stages, found = self._search(Corpus.of(folder))
        self._stages(folder.name, stages)
        if compare:
            again, anew = self._fresh_elsewhere(Corpus.of(folder))
            self._stages(f"  {folder.name}, cold", again, difference(found, anew))

    def circumstances(self, same: list[Path]) -> None:
        """Cold runs under other circumstances, and whether they make a difference."""
        for processes in (1, 2, 3):
            stages, found = self._fresh_elsewhere(self._corpus, processes=processes)
            name = f"cold, {processes} process{'es' if processes > 1 else ''}"
            self._stages(name, stages, difference(self.found, found))
        stages, found = self._fresh_elsewhere(self._corpus, memory=SMALL)
        self._stages(f"cold, {SMALL >> 20} MB for arrays", stages, difference(self.found, found))
        for folder in same:
            stages, found = self._fresh_elsewhere(Corpus.of(folder))
            self._stages(f"cold, {folder.name}", stages, difference(self.found, found, moved=True))

    def _warm_up(self) -> None:
        head = self._scratch / "head.jsonl"
        with self._corpus.train.open("rb") as file:
            head.write_bytes(file.read(HEAD) + file.readline())
        self._fresh(replace(self._corpus, train=head))
        self._audit(head)  # the kernels of the other checks
        head.unlink()

    def _audit(self, train: Path) -> Spent:
        paths = [str(train), "--eval", str(self._corpus.eval)]
        return spent([sys.executable, "-P", "-m", "auditor", "audit", *paths, "-q"], self._cache)

    def _other_eval(self) -> Corpus:
        other = self._scratch / "eval.jsonl"
        with self._corpus.eval.open("rb") as file:
            other.write_bytes(b"".join(file.readlines()[ROWS:]))
        return replace(self._corpus, eval=other)

    def _search(self, corpus: Corpus, **how: int) -> tuple[Stages, Path]:
        self._number += 1
        found = self._scratch / f"found-{self._number}"
        with corpus.train.open(
            "rb"
        ) as file:  # what the system took out of memory costs 2 CPU seconds a gigabyte
            while file.read(1 << 24):
                pass
        return searched(corpus, self._cache, found, **how), found

    def _fresh(self, corpus: Corpus, **how: int) -> tuple[Stages, Path]:
        """A search with nothing in the cache but machine code."""
        for path in self._cache.iterdir() if self._cache.exists() else ():
            if path.name != "kernels":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        return self._search(corpus, **how)

    def _fresh_elsewhere(self, corpus: Corpus, **how: int) -> tuple[Stages, Path]:
        """The same, while the store is kept for others."""
        aside = self._scratch / "aside"
        self._cache.rename(aside)
        if (aside / "kernels").exists():  # NUMBA_CACHE_DIR may say another place
            shutil.copytree(aside / "kernels", self._cache / "kernels")
        try:
            return self._search(corpus, **how)
        finally:
            shutil.rmtree(self._cache)
            aside.rename(self._cache)

    def _stages(self, name: str, stages: Stages, note: str | None = None) -> None:
        cpu, wall = sum(stages.cpu.values()), sum(stages.wall.values())
        parts = ", ".join(f"{stage} {part:.1f}" for stage, part in stages.cpu.items())
        self._line(name, cpu, wall, stages.whole, parts if note is None else note)

    def _whole(self, name: str, done: Spent, note: str) -> None:
        self._line(name, done.cpu, done.wall, done, note)

    def _line(self, name: str, cpu: float, wall: float, whole: Spent | None = None, note: str = "") -> None:
        beside = (f"{whole.memory:,.0f}", f"{whole.load:.1f}") if whole else ("", "")
        line = LINE.format(name, f"{cpu:.2f}", f"{cpu / self._cold:.3f}", f"{wall:.2f}", *beside, note)
        print(line.rstrip(), flush=True)


def difference(one: Path, two: Path, *, moved: bool = False) -> str:
    """The first difference between two folders of findings, or "identical"; with `moved`, places do not count."""
    reports = [json.loads((folder / "report.json").read_text()) for folder in (one, two)]
    for check in reports[0]:
        for part in ("measures", "notes", "titles"):
            ours, theirs = (report[check][part] for report in reports)
            if ours != theirs:
                told = next((pair for pair in zip(ours, theirs, strict=False) if pair[0] != pair[1]), "")
                return f"{check}: {len(ours)} and {len(theirs)} {part} {told}"
        for number, (title, excerpts) in enumerate(
            zip(reports[0][check]["titles"], reports[0][check]["excerpts"], strict=True)
        ):
            tables = [pl.read_parquet(folder / f"{check}-{number}.parquet") for folder in (one, two)]
            if moved:
                tables = [_anywhere(table, excerpts) for table in tables]
            if not tables[0].equals(tables[1]):
                return f"{title}: {_first_difference(*tables)}"
    return "identical"


def _anywhere(table: pl.DataFrame, excerpts: list[str]) -> pl.DataFrame:
    """Evidence without places and excerpts, in an order that follows from what is left."""
    places = [name for name in table.columns if name.rsplit("_", 1)[-1] in ("row", "file", "line")]
    return table.drop(*places, *excerpts).sort(pl.all())


def _first_difference(one: pl.DataFrame, two: pl.DataFrame) -> str:
    """How many rows stand in one of two tables alone (more often than in the other), and the first of them."""
    if one.schema != two.schema:
        return f"columns {one.columns} and {two.columns}"
    counted = [table.group_by(pl.all()).len("times").sort(pl.all()) for table in (one, two)]
    alone = [
        counted[i].join(counted[1 - i], on=counted[0].columns, how="anti", nulls_equal=True) for i in (0, 1)
    ]
    shown = [table.row(0) if len(table) else None for table in alone]
    return f"{len(alone[0])} and {len(alone[1])} rows of {len(one)} and {len(two)}: {shown[0]} / {shown[1]}"


if __name__ == "__main__":
    main()

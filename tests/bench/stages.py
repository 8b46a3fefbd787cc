"""The search for duplicates and leaks in a process of its own, stage by stage; `scale.py` and `planted.py` start it.

    python -P stages.py TRAIN EVAL CACHE FOUND [--processes N] [--memory BYTES]

Reads the files (or takes them from the store below CACHE), runs the checks `duplicates` and `leakage` and prints the CPU
and wall seconds of each stage as JSON. What was found goes to the folder FOUND: report.json holds the measures and notes,
each table of evidence is a Parquet file, in which `content` columns beside those that name rows hold the 128-bit hash of
the folded text, so that tables can be compared whatever the places of the rows.

From the other side, `spent` runs any command and says what it cost. CPU seconds are user + system of the whole process
tree. Memory is the peak of its anonymous pages, added up over all its processes, as /proc tells (0 where there is none):
mapped files, such as the store, are not counted, since the system can drop them at any time.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Spent:
    """What a command cost."""

    cpu: float
    wall: float
    memory: float
    """Megabytes."""
    load: float
    """Load average of the last minute when it ended: what else ran beside it makes CPU seconds dearer."""
    code: int
    out: str


@dataclass(frozen=True)
class Corpus:
    """The files of a corpus."""

    train: Path
    eval: Path

    @classmethod
    def of(cls, folder: Path) -> Corpus:
        """Those of a folder."""
        return cls(folder / "train.jsonl", folder / "eval.jsonl")


@dataclass(frozen=True)
class Stages:
    """One search."""

    whole: Spent
    cpu: Mapping[str, float]
    wall: Mapping[str, float]
    rows: int
    evals: int
    parts: int


def searched(
    corpus: Corpus, cache: Path, found: Path, *, processes: int | None = None, memory: int | None = None
) -> Stages:
    """Search a corpus in a process of its own; saving what was found is no stage, but costs part of the whole."""
    limits = {"--processes": processes, "--memory": memory}
    options = [str(word) for pair in limits.items() if pair[1] is not None for word in pair]
    paths = (str(path) for path in (corpus.train, corpus.eval, cache, found))
    done = spent([sys.executable, "-P", __file__, *paths, *options], cache)
    if done.code:
        message = f"the search of {corpus.train} ended with exit code {done.code}"
        raise RuntimeError(message)
    return Stages(done, **json.loads(done.out.splitlines()[-1]))


def spent(command: list[str], cache: Path) -> Spent:
    """Run a command of ours with a cache folder; what it says about itself goes to our stderr."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "AUDITOR_CACHE_DIR": str(cache)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # no user compiles all sources in every run: .3 seconds
    begun, peak, over = time.perf_counter(), [0.0], threading.Event()
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, stdout=out, env=environment)
        watch = threading.Thread(target=_watch, args=(process.pid, peak, over))
        watch.start()
        _, status, used = os.wait4(process.pid, 0)  # the one way to the costs of just this tree
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - begun
        over.set()
        watch.join()
        out.seek(0)
        said = out.read()
    cpu = used.ru_utime + used.ru_stime
    return Spent(cpu, wall, peak[0], os.getloadavg()[0], process.returncode, said)


def _watch(pid: int, peak: list[float], over: threading.Event) -> None:
    """Keep the highest number of anonymous megabytes seen."""
    while not over.wait(0.02):
        peak[0] = max(peak[0], sum(map(_anonymous, _tree(pid))))


def _tree(pid: int) -> Iterator[int]:
    """A process and all that it started."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:  # it ended in the meantime
            continue
        for child in children:
            yield from _tree(int(child))


def _anonymous(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("RssAnon"))


def measure(corpus: Corpus, cache: Path, found: Path, processes: int | None, memory: int | None) -> None:
    """Search, save what was found and print the costs as JSON; nothing of ours is imported before the clock runs."""
    stamps = {"": (0.0, time.perf_counter())}

    def passed(stage: str) -> None:
        used = os.times()
        cpu = used.user + used.system + used.children_user + used.children_system
        stamps[stage] = (cpu, time.perf_counter())

    from auditor.load.collector import collect_rarely

    collect_rarely()  # as the command line does, before it imports all else
    from auditor.load.work import Work
    from auditor.opening import open_data
    from auditor.settings import Settings
    from checks.contract import TextSettings
    from checks.duplicates import Duplicates
    from checks.leakage import Leakage
    from checks.text.scan import scan

    passed("imports")
    settings = Settings(train=(str(corpus.train),), eval=(str(corpus.eval),))
    data = open_data(settings, TextSettings(), Work(cache=cache, memory=memory, processes=processes)).data
    made = data.once(scan)
    passed("read + walk")
    results = []
    for check in (Duplicates(), Leakage()):
        results.append((check.id, check.run(data)))
        passed(check.id)
    stages = list(stamps.items())
    cpu, wall = ({stage: now[i] - last[i] for (_, last), (stage, now) in pairwise(stages)} for i in (0, 1))
    _save(results, {"train": made.train.text, "eval": made.probe.prints.text}, found)
    rows = {"rows": data.train.rows, "evals": data.eval.rows, "parts": len(data.train.parts)}
    print(json.dumps({"cpu": cpu, "wall": wall, **rows}))


def _save(results, texts, found: Path) -> None:
    import polars as pl

    found.mkdir(parents=True)
    report = {}
    for check, result in results:
        titles = [evidence.title for evidence in result.evidence]
        report[check] = {
            "measures": [asdict(one) for one in result.measures],
            "notes": result.notes,
            "titles": titles,
            "excerpts": [evidence.excerpts for evidence in result.evidence],
        }
        for number, evidence in enumerate(result.evidence):
            table = evidence.table
            for name in (name for name in table.columns if name.endswith("row")):
                of_eval = name == "row" and table["split"].first() == "eval"
                hashes = texts["eval" if of_eval else "train"][table[name].to_numpy()]
                content = pl.Series(
                    [f"{one:016x}{two:016x}" for one, two in hashes.tolist()], dtype=pl.String
                )
                table = table.with_columns(content.alias(name.replace("row", "content")))
            table.write_parquet(found / f"{check}-{number}.parquet")
    (found / "report.json").write_text(json.dumps(report))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("train", "eval", "cache", "found"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--processes", type=int)
    parser.add_argument("--memory", type=int, help="bytes")
    given = parser.parse_args()
    measure(Corpus(given.train, given.eval), given.cache, given.found, given.processes, given.memory)

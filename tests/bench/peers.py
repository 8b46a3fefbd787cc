"""Near-duplicates by this project and by others, side by side: cost, pairs found, false pairs.

    pip install --group peers        (or each tool in an environment of its own, see --python)
    python -m tests.bench.peers FOLDER [--rows TOOL=N] [--python TOOL=PATH] [--only TOOL] [--runs 3]

FOLDER holds train.jsonl and truth.jsonl as `tests/bench/corpus.py` writes them. Every tool works on the same texts
(user and assistant turns) in a process of its own and looks for Jaccard similarities of at least .8 on sets of word
5-grams, with 128 permutations and else its own defaults; how, `tests/bench/peers_tools.py` says. All of them but this
project get their texts folded into words already, so that they compare the very same sets. CPU seconds are user +
system of the process, reading the file, imports and compilation left out (the column "start" holds these), the median
of the runs; memory is the peak of the process with everything in it.

A pair counts as found if the tool would leave one of its rows out. False are pairs that a tool reports and that are
below .8 (an exact join by the oracle of the tests knows all that are not), or, of tools that name no pairs, rows they
would leave out though nothing is near them. 100,000 rows take some minutes and 4 GB.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests import oracle
from tests.bench.exact_join import texts_of
from tests.bench.peers_tools import MISSING, TOOLS
from tests.bench.peers_truth import Truth, planted_pairs, score, truth_of

ROOT = Path(__file__).parent.parent.parent
HEADER = """
| tool | rows | CPU s | times ours | start | peak MB | planted pairs found | all pairs found | false |
|---|---|---|---|---|---|---|---|---|"""
OURS = "auditor"


@dataclass(frozen=True)
class Corpus:
    """The first rows of train."""

    texts: list[str]
    folded: list[str]
    """Their folded words, joined by single spaces."""
    truth: Truth

    def within(self, rows: int) -> Corpus:
        """Fewer rows."""
        return Corpus(self.texts[:rows], self.folded[:rows], self.truth.within(rows))


@dataclass(frozen=True)
class Runs:
    """How tools are run."""

    number: int = 1
    pythons: Mapping[str, str] | None = None
    """Interpreter of tools that have an environment of their own."""


def main() -> None:
    """Measure every tool and print a table in Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", choices=TOOLS, action="append", help="of the tools")
    parser.add_argument(
        "--rows", type=choice, action="append", default=[], metavar="TOOL=N", help="the first alone"
    )
    parser.add_argument("--python", type=choice, action="append", default=[], metavar="TOOL=PATH")
    parser.add_argument("--runs", type=int, default=1)
    given = parser.parse_args()
    corpus = read(given.folder)
    truth = corpus.truth
    print(
        f"{truth.rows:,} rows, {len(truth.pairs):,} pairs at or above .8; {len(truth.planted):,} planted near ones"
    )
    print(HEADER)
    rows = {name: int(number) for name, number in given.rows}
    for line in lines(given.only or list(TOOLS), corpus, rows, Runs(given.runs, dict(given.python))):
        print(line, flush=True)


def choice(said: str) -> tuple[str, str]:
    """TOOL=VALUE."""
    name, equals, value = said.partition("=")
    if name not in TOOLS or not equals:
        message = f"{said!r} does not begin with one of {', '.join(TOOLS)} and ="
        raise argparse.ArgumentTypeError(message)
    return name, value


def read(folder: Path) -> Corpus:
    """Texts, words and truth of a corpus."""
    texts = texts_of(folder / "train.jsonl")
    words = [oracle.fold(text) for text in texts]
    truth = truth_of(words, planted_pairs(folder / "truth.jsonl"))
    return Corpus(texts, [" ".join(one) for one in words], truth)


def lines(names: list[str], corpus: Corpus, rows: Mapping[str, int], runs: Runs) -> Iterator[str]:
    """A line for every tool; ours is measured on as few rows as a tool gets, too."""
    ours: dict[int, float] = {}
    for name in names:
        part = corpus.within(rows.get(name, corpus.truth.rows))
        if part.truth.rows not in ours:
            found = measured(OURS, part, runs)
            ours[part.truth.rows] = float(found["cpu"])
        if name != OURS:
            found = measured(name, part, runs)
        yield line_of(name, found, part.truth, ours[part.truth.rows])


def line_of(name: str, found: dict, truth: Truth, ours: float) -> str:
    """One line of the table."""
    if "why" in found:
        return f"| {name} | {truth.rows:,} | {found['why']} |" + " |" * 6
    result = score(found, truth)
    cells = (
        f"{name} {found['version']}".strip(), f"{truth.rows:,}", f"{found['cpu']:.2f}", f"{found['cpu'] / ours:.1f}",
        f"{found['start']:.1f}", f"{found['memory']:,.0f}", f"{result.planted:,} of {len(truth.planted):,}",
        f"{result.pairs:,} of {len(truth.pairs):,}", f"{result.false:,}",
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def measured(name: str, corpus: Corpus, runs: Runs) -> dict:
    """What a tool reports and costs in the median run, or why there is nothing to say of it."""
    texts = corpus.texts if TOOLS[name].raw else corpus.folded
    python = (runs.pythons or {}).get(name, sys.executable)
    with tempfile.TemporaryDirectory() as scratch:
        given = Path(scratch) / "texts.jsonl"
        given.write_text("".join(json.dumps(text) + "\n" for text in texts))
        reports = [child(name, python, Path(scratch)) for _ in range(runs.number)]
    if failed := [one for one in reports if "why" in one]:
        return failed[0]
    middle = median(one["cpu"] for one in reports)
    return min(reports, key=lambda one: abs(one["cpu"] - middle))


def child(name: str, python: str, scratch: Path) -> dict:
    """One run in a process of its own, offline, with nothing kept outside its folder but our compiled kernels."""
    result = scratch / "result.json"
    script = Path(__file__).with_name("peers_tools.py")
    quiet = {
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HOME": str(scratch),
        "TMPDIR": str(scratch),
    }
    path = {"PYTHONPATH": str(ROOT)} if name == OURS else {}
    done = subprocess.run(
        [python, "-P", script, name, scratch / "texts.jsonl", result],
        env={**os.environ, "PYTHONPATH": "", **quiet, **path}, cwd=scratch, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        return {"why": f"{'not installed' if done.returncode == MISSING else 'failed'}: {said[-1]}"}
    return json.loads(result.read_bytes())


if __name__ == "__main__":
    main()

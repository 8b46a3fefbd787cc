"""How many hidden rewrites are found, what is flagged where there are none, and what looking for them costs.

    python -m tests.bench.rewrites [--train FILE --eval FILE] [--seeds N]
    python -m tests.bench.rewrites --clean TRAIN EVAL [--map COLUMN=ROLE ...] [--show N]
    python -m tests.bench.rewrites --cost FOLDER

The first hides the rewrites of half of GSM8K's test questions in its train and counts how many of them are found and how
many of the other half are flagged, by prompts alone and with answers, each planted once and three times; FILE are GSM8K's
own, without them the questions of `sample_data/ready` are taken, which have no answers. The second counts what is flagged in
two files that should share nothing, and prints pairs to be judged by people. The third measures a folder with train.jsonl
and eval.jsonl, beyond what the audit needs anyway, after one run that compiles.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from checks.contract import Data, TextSettings
from checks.places import whole
from checks.rewritten import scoring
from checks.rewritten.find import Found, bonus, find
from checks.text.clusters import eval_clusters
from checks.text.leaks import BY_PROMPT, leaks
from tests import helpers

ROOT = Path(__file__).parents[2]
REWRITES = ROOT / "tests/data/gsm8k_rewrites/rephrase_gsm8k.jsonl.gz"
LINE = "{:<28} {:>8} {:>8} {:>9} {:>9} {:>9} {:>7}"
Row = tuple[str, str]


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--train", type=Path, default=ROOT / "sample_data/ready/train.jsonl")
    parser.add_argument("--eval", type=Path, default=ROOT / "sample_data/ready/eval.jsonl")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--clean", nargs=2, metavar=("TRAIN", "EVAL"))
    parser.add_argument("--map", action="append", default=[], metavar="COLUMN=ROLE")
    parser.add_argument("--show", type=int, default=0)
    parser.add_argument("--cost", type=Path)
    given = parser.parse_args()
    if given.cost:
        cost(given.cost)
    elif given.clean:
        clean(given.clean, dict(one.split("=", 1) for one in given.map), given.show)
    else:
        hidden(rows_of(given.train), rows_of(given.eval), given.seeds)


def rows_of(path: Path) -> list[Row]:
    """Questions and answers of a file."""
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [(one["question"], one.get("answer", "")) for one in map(json.loads, raw.splitlines())]


def rewrites() -> list[Row]:
    """The rewrite of each test question of GSM8K, and its answer; a few are empty."""
    texts = [json.loads(line)["text"] for line in gzip.decompress(REWRITES.read_bytes()).splitlines()]
    parts = [text.removeprefix("Question: ").partition("\nAnswer:") for text in texts]
    return [(ask, say.rpartition("####")[2].strip()) for ask, _, say in parts]


def audit_of(train: Sequence[Row], evals: Sequence[Row], *, answers: bool) -> Data:
    """Rows in memory, with their answers or without."""
    if not answers:
        return helpers.data([ask for ask, _ in train], [ask for ask, _ in evals])
    return helpers.data(
        helpers.stored("train", helpers.turns_of(train)), helpers.stored("eval", helpers.turns_of(evals))
    )


def found_in(data: Data) -> Found:
    """What is found, or an error that says why nothing was looked for."""
    found = data.once(find)
    if isinstance(found, str):
        raise SystemExit(found)
    return found


def hidden(train: list[Row], evals: list[Row], seeds: int) -> None:
    """Hide the rewrites of half of the eval rows, and look for them."""
    said = any(answer for _, answer in train)
    print(LINE.format("hidden rewrites", "found", "strong", "others", "strong", "planted", "CPU s"))
    for answers in (False, True)[: 1 + said]:
        for copies in (1, 3):
            for seed in range(seeds):
                name = f"{'answers' if answers else 'prompts'}, {copies} copies, seed {seed}"
                print(LINE.format(name, *one_half(train, evals, seed, copies, answers=answers)), flush=True)


def one_half(train: list[Row], evals: list[Row], seed: int, copies: int, *, answers: bool) -> tuple[str, ...]:
    """Shares found and flagged for one random half."""
    other = rewrites()
    order = list(range(len(evals)))
    random.Random(seed).shuffle(order)  # noqa: S311  no secret
    planted = [row for row in order[: len(order) // 2] if other[row][0]]
    rest = order[len(order) // 2 :]
    data = audit_of([*train, *[other[row] for row in planted] * copies], evals, answers=answers)
    leaked = data.once(leaks)
    start = time.process_time()
    judged = found_in(data).judged
    spent = time.process_time() - start
    own = {
        int(row): (int(by), float(score))
        for row, by, score in zip(judged.row, judged.train, judged.score, strict=True)
    }
    exact = set() if leaked is None else set(np.flatnonzero(leaked.kind >= BY_PROMPT).tolist())
    hits = [row in exact or own.get(row, (-1,))[0] == len(train) + place for place, row in enumerate(planted)]
    strong = [
        hit and (row in exact or own[row][1] >= scoring.STRONG)
        for hit, row in zip(hits, planted, strict=True)
    ]
    false = [own[row][1] for row in rest if row in own]
    return (
        f"{np.mean(hits):.1%}", f"{np.mean(strong):.1%}", f"{len(false) / len(rest):.2%}",
        f"{sum(score >= scoring.STRONG for score in false) / len(rest):.2%}", f"{len(planted)}", f"{spent:.2f}",
    )  # fmt: skip


def opened(train: str, evals: str, mapping: dict[str, str], cache: Path) -> Data:
    """Two files as an audit reads them."""
    from auditor.load.work import Work
    from auditor.opening import open_data
    from auditor.settings import Settings

    settings = Settings(train=(train,), eval=(evals,), map=mapping)
    return open_data(settings, TextSettings(), Work(cache=cache)).data


def clean(files: Sequence[str], mapping: dict[str, str], show: int) -> None:
    """Count what is flagged in two files, and print some of the pairs, spread over all scores."""
    with tempfile.TemporaryDirectory() as scratch:
        data = opened(files[0], files[1], mapping, Path(scratch))
        start = time.process_time()
        found = found_in(data)
        judged = found.judged
        strong = int((judged.score >= scoring.STRONG).sum())
        decoys = int((found.decoys.score >= scoring.STRONG).sum())
        print(
            f"{found.checked:,} eval rows looked for ({found.unscored:,} too short): {len(judged.row):,} flagged "
            f"({len(judged.row) / max(found.checked, 1):.2%}), {strong:,} strong, "
            f"{int((judged.kind == scoring.TEMPLATE).sum()):,} with other numbers, "
            f"{int((judged.score < scoring.REVIEW).sum()):,} by their answer (worth {bonus(found.chance):.1f}); decoys "
            f"{len(found.decoys.row):,} and {decoys:,} strong of {found.decoy_rows:,}; "
            f"{time.process_time() - start:.1f} CPU s"
        )
        if data.eval is None or not len(judged.row):
            return
        some = np.unique(np.linspace(0, len(judged.row) - 1, show).astype(np.int64))
        pairs = (whole(data.eval, judged.row[some]), whole(data.train, judged.train[some]))
        for place, ours, theirs in zip(some.tolist(), *pairs, strict=True):
            print(
                f"{judged.score[place]:.2f} {scoring.KINDS[judged.kind[place]]}\n  {ours[:300]!r}\n  {theirs[:300]!r}"
            )


def cost(folder: Path) -> None:
    """CPU seconds and memory of the search by itself: the first one compiles and shows the memory, the second the time."""
    more = 0.0
    with tempfile.TemporaryDirectory() as scratch:
        for measured in (False, True):
            data = opened(str(folder / "train.jsonl"), str(folder / "eval.jsonl"), {}, Path(scratch))
            data.once(leaks)
            data.once(eval_clusters)
            before, start = peak(), time.process_time()
            found = found_in(data)
            more = max(more, peak() - before)
            if measured:
                print(
                    f"{data.train.rows:,} x {data.eval.rows if data.eval else 0:,} rows: "
                    f"{time.process_time() - start:.1f} CPU s, {more:,.0f} MB, {len(found.judged.row):,} flagged"
                )


def peak() -> float:
    """Most memory that was in use so far, in MB."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (1 << 20 if sys.platform == "darwin" else 1 << 10)


if __name__ == "__main__":
    main()

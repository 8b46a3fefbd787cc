"""What is said of data with planted wrong labels: rate, interval and verdict of the model alone.

    python tests/bench/noise_verdicts.py FILE [FILE ...] [--seeds N]

FILE is read as `tests/bench/noise_planted.py` says. Each is thinned out to several sizes and numbers of classes; made-up
texts come on top. Ends with an error if an interval lies wholly above 5 % at a true rate of up to 3 %, or wholly below
at 10 % or more. What was wrong in the files before counts as right.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from noise_planted import Labelled, Slip, audited, made_up, mislabelled, read, thinned

RATES = (0.0, 0.01, 0.02, 0.03, 0.05, 0.1, 0.15, 0.2)
SIZES = ((1000, 10), (2000, 30), (5000, 1000))
"""Rows and (at most so many) classes."""
LINE = "{:<26} {:>6} {:>7} {:<8} {:>6} {:>9} {:>7} {:>17} {:>17} {:>8} {:>6}"


class Run(NamedTuple):
    """One data set with planted mistakes."""

    name: str
    data: Labelled
    rate: float
    slip: Slip
    seed: int


def main() -> None:
    """Print a line for each run, then how many of which verdict there are, and stop on a false one."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--seeds", type=int, default=1)
    given = parser.parse_args()
    print(
        LINE.format(
            "data", "rows", "classes", "slips", "true", "accuracy", "value", "interval", "random slips",
            "verdict", "CPU s",
        )
    )  # fmt: skip
    verdicts = Counter[tuple[str, str]]()
    false = list[Run]()
    for run in runs(given.files, given.seeds):
        verdict = told(run)
        side = "<= 3 %" if run.rate <= 0.03 else ">= 10 %" if run.rate >= 0.1 else "between"
        verdicts[side, verdict] += 1
        if (side, verdict) in {("<= 3 %", "FAIL"), (">= 10 %", "PASS")}:
            false.append(run)
    for (side, verdict), number in sorted(verdicts.items()):
        print(f"true rate {side:<8} {verdict:<8} {number}")
    if false:
        names = ", ".join(f"{run.name} {run.slip} {run.rate} seed {run.seed}" for run in false)
        message = f"{len(false)} of {verdicts.total()} verdicts are false: {names}"
        raise SystemExit(message)


def runs(files: list[Path], seeds: int) -> Iterator[Run]:
    """Every data set at every rate, slips of both kinds."""
    for seed in range(seeds):
        sets = [
            (f"made up {classes}", made_up(rows, classes, hard=hard, seed=seed))
            for rows, classes, hard in ((1000, 2, 0.1), (3000, 5, 0.2), (5000, 20, 0.1))
        ]
        for path in files:
            whole = read(path)
            sets += [(path.parent.name[-20:], thinned(whole, rows, classes, seed)) for rows, classes in SIZES]
        for name, data in sets:
            for rate in RATES:
                slips: tuple[Slip, ...] = ("uniform", "pair") if rate else ("uniform",)
                for slip in slips:
                    yield Run(name, data, rate, slip, seed)


def told(run: Run) -> str:
    """PASS, FAIL, astride or unknown, by the limit of the shipped policy; prints the run."""
    from auditor.gates import position
    from auditor.policy import gates_for, load_policy
    from checks.labels.suspicion import examined
    from checks.noise import Noise

    labels, wrong = mislabelled(run.data, run.rate, run.slip, run.seed)
    data = audited(run.data.texts, labels)
    start = time.process_time()
    measures = {found.name: found for found in Noise().run(data).measures}
    spent = time.process_time() - start
    gates = gates_for(load_policy(None), task=None, stage="before-training", require=(), classes=0)
    limit = next(one for gate in gates for one in gate.limits if one.measure == "noise_rate")
    rate = measures.get("model_noise_rate")
    named = {"inside": "PASS", "outside": "FAIL", "astride": "astride"}
    verdict = named[position(limit, rate)] if rate is not None else "unknown"
    found = data.once(examined)
    shown = [
        f"{100 * low:.2f} - {100 * high:.2f} %"
        for low, high in ((rate.interval if rate else (0, 1)), found.slips.interval)
    ]
    print(
        LINE.format(
            run.name, len(labels), run.data.classes, run.slip, f"{100 * wrong.mean():.1f} %", f"{found.accuracy:.3f}",
            f"{100 * rate.value:.2f} %" if rate else "", *shown, verdict, f"{spent:.2f}",
        ),
        flush=True,
    )  # fmt: skip
    return verdict


if __name__ == "__main__":
    main()

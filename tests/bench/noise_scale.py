"""What the model of the labels costs on many rows: CPU seconds and peak anonymous memory.

    python tests/bench/noise_scale.py [ROWS ...]

Made-up texts of 20 classes, 5 % of the labels wrong; each number of rows (100,000 and 1,000,000 if none are given) runs
in a process of its own, after a warm-up that compiles the kernels. The store is held in memory here, not mapped, so the
memory of the model is the peak over what was there before it began.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
from noise_planted import audited, average_precision, made_up, mislabelled

CLASSES, RATE = 20, 0.05
LINE = "{:>10} {:>10} {:>10} {:>12} {:>12} {:>9} {:>8} {:>18}"


def main() -> None:
    """Print a line for each number of rows."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rows", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        measure(given.rows[0])
        return
    print(
        LINE.format("rows", "prints s", "model s", "model MB", "before MB", "accuracy", "AP", "interval"),
        flush=True,
    )
    for rows in (1000, *given.rows):
        done = subprocess.run(
            [sys.executable, __file__, str(rows), "--child"], check=True, capture_output=True, text=True
        )
        if rows > 1000:
            print(LINE.format(*json.loads(done.stdout.splitlines()[-1])), flush=True)


def measure(rows: int) -> None:
    """Examine the labels of made-up texts and print the figures as JSON."""
    from checks.labels.suspicion import examined
    from checks.text.clusters import train_clusters

    made = made_up(rows, CLASSES)
    labels, wrong = mislabelled(made, RATE, "uniform", 0)
    data = audited(made.texts, labels)
    del made
    start = time.process_time()
    data.once(train_clusters)
    middle = time.process_time()
    before = anonymous()
    peak = [before]
    threading.Thread(target=watch, args=(peak,), daemon=True).start()
    found = data.once(examined)
    spent = time.process_time() - middle
    score = np.full(rows, np.inf, np.float32)
    score[found.rows] = found.score
    low, high = (f"{100 * end:.2f}" for end in found.slips.interval)
    figures = [
        f"{rows:,}", f"{middle - start:.1f}", f"{spent:.1f}", f"{peak[0] - before:,.0f}", f"{before:,.0f}",
        f"{found.accuracy:.3f}", f"{average_precision(wrong, score):.3f}", f"{low} - {high} %",
    ]  # fmt: skip
    print(json.dumps(figures))


def anonymous() -> float:
    """Anonymous megabytes of this process."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("RssAnon"))


def watch(peak: list[float]) -> None:
    """Keep the highest number of anonymous megabytes seen."""
    while True:
        peak[0] = max(peak[0], anonymous())
        time.sleep(0.02)


if __name__ == "__main__":
    main()

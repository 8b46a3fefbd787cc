"""Agreement on public crowds against published figures, consensus labels against gold, and speed.

    python tests/bench/agreement.py [--snow FOLDER]

FOLDER holds rte, temp and wsd.standardized.tsv of R. Snow et al. 2008 (worker, item, response, gold). Without it, only
speed is measured.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from time import process_time

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from checks.labels import consensus
from checks.labels.alpha import alpha, alpha_interval, class_alphas
from checks.labels.cohen import judged_together
from checks.labels.consensus import Consensus
from checks.labels.kappas import fleiss, gwet, pairwise_agreement
from checks.labels.votes import scaled, tally

ALPHAS = {"rte": 0.24147876613880936, "temp": 0.22341341257778025, "wsd": 0.937200337459697}
LINE = "{:<44} {:>12} {:>12}"


def main() -> None:
    """Measure what was asked for and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--snow", type=Path)
    asked = parser.parse_args()
    print(LINE.format("", "found", "known"))
    for name, known in ALPHAS.items() if asked.snow else ():
        crowd(name, pl.read_csv(asked.snow / f"{name}.standardized.tsv", separator="\t"), known)
    for items, judges, classes in ((333_333, 3, 5), (333_333, 3, 1000), (100_000, 10, 5), (100_000, 3, 10)):
        speed(items, judges, classes)


def numbered(column: pl.Series) -> np.ndarray:
    """Values as numbers from 0."""
    return column.cast(pl.String).rank("dense").to_numpy().astype(np.int64) - 1


def crowd(name: str, table: pl.DataFrame, known: float) -> None:
    """Alpha, kappas, and both consensus labels against gold under several priors."""
    scale, code = scaled(table["response"].cast(pl.String))
    unit, worker = numbered(table["orig_id"]), numbered(table["!amt_worker_ids"])
    votes = tally(unit, code, len(scale.labels))
    print(LINE.format(f"{name}: alpha, nominal", f"{alpha(votes, 'nominal'):.12f}", f"{known:.12f}"))
    print(f"  {pairwise_agreement(votes)[0]}\n  {fleiss(votes)}\n  {gwet(votes, votes.classes)}")
    gold = table.select("gold", unit=unit).unique("unit").sort("unit")["gold"].cast(pl.String)
    shipped = consensus.PRIOR
    for prior in (0.1, shipped, 4.0):
        consensus.PRIOR = prior
        found = consensus.consensus(unit, worker, code, len(scale.labels))
        weighed, majority = (
            right(found, codes, scale.labels, gold) for codes in (found.weighed, found.majority)
        )
        print(
            LINE.format(
                f"{name}: Dawid-Skene, prior {prior:g}, and majority", f"{weighed:.4f}", f"{majority:.4f}"
            )
        )
    consensus.PRIOR = shipped


def right(found: Consensus, codes: np.ndarray, labels: pl.Series, gold: pl.Series) -> float:
    """Share of items labelled as in gold; a tie is right in proportion."""
    named = labels.gather(pl.Series(codes).replace(-1, None))
    votes = found.votes
    most = np.maximum.reduceat(votes.votes, votes.starts)[votes.unit] == votes.votes
    hit = np.bincount(votes.unit, most * (labels.gather(votes.code) == gold.gather(votes.unit)).to_numpy())
    split = hit / np.bincount(votes.unit, most)
    return float(np.where(named.is_null(), split, (named == gold).fill_null(value=False)).mean())


def speed(items: int, judges: int, classes: int) -> None:
    """CPU seconds of each statistic on made-up judgements."""
    draw = np.random.default_rng(0)
    item = np.repeat(np.arange(items), judges)
    order = draw.permutation(len(item))
    truth = draw.integers(0, classes, items)[item]
    code = np.where(draw.random(len(item)) < 0.8, truth, draw.integers(0, classes, len(item)))[order]
    item, who = item[order], (np.tile(np.arange(judges), items) * 20 + draw.integers(0, 20, len(item)))[order]
    frame = pl.DataFrame({"row": item, "labeler": pl.Series(who).cast(pl.String), "code": code})
    started = process_time()
    votes = tally(item, code, classes)
    value = alpha(votes, "nominal")
    took = {"alpha": process_time() - started}
    steps = {
        "interval": lambda: alpha_interval(votes, "nominal"),
        "classes": lambda: class_alphas(votes),
        "kappas": lambda: (pairwise_agreement(votes), fleiss(votes), gwet(votes, classes)),
        "pairs of labelers": lambda: judged_together(frame),
        "Dawid-Skene": lambda: consensus.consensus(item, who, code, classes),
    }
    for name, step in steps.items():
        started = process_time()
        step()
        took[name] = process_time() - started
    shown = ", ".join(f"{name} {seconds:.2f}" for name, seconds in took.items())
    print(f"{len(item):,} labels, {judges} judges, {classes:,} classes, alpha {value:.3f}; CPU s: {shown}")


if __name__ == "__main__":
    main()

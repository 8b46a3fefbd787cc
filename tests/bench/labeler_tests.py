"""How often the tests of labelers accuse the honest, how often they find the bad, and what they cost.

    OMP_NUM_THREADS=1 python -m tests.bench.labeler_tests [FILE.tsv ...] [--crowds N]

Each file is tab-separated with `!amt_worker_ids`, `orig_id`, `response` and `gold`, as the data sets of Snow et al.
(2008) are published: whoever is named is held against their share of right answers.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import polars as pl

from checks.labels import deviation
from checks.labels.concentration import expected_labelers
from checks.labels.judgements import Judgements, cast_votes, coded, first_of_each, majority_of_others
from checks.labels.relabel import Doubts, relabel
from checks.labels.stretches import WINDOW, stretches
from tests import helpers
from tests.crowds import Crowd, labelled, stream

CROWDS = (
    Crowd(), Crowd(judges=2), Crowd(classes=2), Crowd(judges=5, classes=10), Crowd(judges=5, each=80),
    Crowd(judges=10, classes=2), Crowd(classes=20), Crowd(labelers=100, each=60, judges=5),
)  # fmt: skip


def main() -> None:
    """Print one table per question."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--crowds", type=int, default=40, help="simulated crowds a line (default 40)")
    given = parser.parse_args()
    honest_and_bad(given.crowds)
    sleepers(given.crowds)
    intervals()
    cost()
    for path in given.files:
        published(path)


def honest_and_bad(crowds: int) -> None:
    """False positives of both tests on honest crowds with topics, and whom `deviations` names of bad ones."""
    line = "{:>8} {:>7} {:>6} {:>5}   {:>8} {:>6} {:>8} {:>6}   {:>9} {:>9} {:>12} {:>13}"
    print(
        line.format(
            "labelers", "classes", "judges", "each", "use", "p<.05", "agree", "p<.05", "bias .2", "slips .2",
            "honest too", "clean crowds",
        )
    )  # fmt: skip
    for crowd in CROWDS:
        told = [deviation.test(coded(labelled(crowd, seed).frame)) for seed in range(crowds)]
        rates = []
        for tails in (np.concatenate([one.use for one in told]), np.concatenate([one.agree for one in told])):
            known = tails[~np.isnan(tails)]
            rates += [
                f"{len(known) / len(tails):.2f}",
                f"{(known < 0.05).mean():.3f}" if len(known) else "-",
            ]
        found, others = [], 0
        for harm in ({"bias": 0.2}, {"slips": 0.2}):
            hits = [_named(_with(crowd, **harm), seed) for seed in range(crowds)]
            found.append(np.mean([hit for hit, _ in hits]))
            others += sum(more for _, more in hits)
        clean = np.mean([_named(crowd, seed)[1] > 0 for seed in range(crowds)])
        print(
            line.format(
                crowd.labelers, crowd.classes, crowd.judges, crowd.each, *rates,
                *(f"{share:.2f}" for share in found), f"{others / (2 * crowds * crowd.labelers):.4f}", f"{clean:.3f}",
            )
        )  # fmt: skip


def _with(crowd: Crowd, **harm: float) -> Crowd:
    return Crowd(labelers=crowd.labelers, each=crowd.each, judges=crowd.judges, classes=crowd.classes, **harm)


def _named(crowd: Crowd, seed: int) -> tuple[bool, int]:
    """Whether the bad labeler is named, and how many others; of a clean crowd all are others."""
    made = labelled(crowd, seed)
    judgements = coded(made.frame)
    found = set(judgements.labelers.filter(pl.Series(deviation.deviations(judgements).deviating)))
    bad = {made.bad} if crowd.bias or crowd.slips else set()
    return bool(found & bad), len(found - bad)


def sleepers(crowds: int) -> None:
    """False alarms on clean streams and stretches found, beside a scan by shuffling (999 times, at .05 / labelers)."""
    line = "{:<38} {:>12} {:>8} {:>14} {:>8}"
    print("\n" + line.format("streams of 20 labelers", "crowds named", "found", "by shuffling", "found"))
    for size, classes, stay, lazy in (
        (300, 4, 0.0, 0), (300, 4, 0.95, 0), (1000, 20, 0.98, 0), (300, 4, 0.0, 25), (300, 4, 0.95, 25),
        (300, 4, 0.95, 40), (300, 20, 0.95, 25), (1000, 4, 0.95, 40),
    ):  # fmt: skip
        told: list[tuple[bool, bool, bool, bool]] = []
        for seed in range(crowds):
            rng = np.random.default_rng(seed)
            streams = [
                stream(rng, size, classes=classes, stay=stay, lazy=lazy if one == 7 else 0)
                for one in range(20)
            ]
            names = set(
                stretches(
                    np.repeat(np.arange(20), size),
                    *(np.concatenate(part) for part in zip(*streams, strict=True)),
                ).labeler.tolist()
            )
            shuffled = {
                one
                for one, (expected, label) in enumerate(streams)
                if _shuffled(rng, label != expected) <= 0.05 / 20
            }
            bad = {7} if lazy else set()
            told.append((bool(names - bad), 7 in names, bool(shuffled - bad), 7 in shuffled))
        name = f"{size} judgements, {classes} classes, stay {stay:g}, lazy {lazy}"
        print(line.format(name, *(f"{share:.2f}" for share in np.mean(told, axis=0))))


def _shuffled(rng: np.random.Generator, differs: np.ndarray, times: int = 999) -> float:
    orders = np.concatenate([differs[None], rng.permuted(np.tile(differs, (times, 1)), axis=1)])
    sums = np.pad(orders, ((0, 0), (1, 0))).cumsum(axis=1)
    worst = (sums[:, WINDOW:] - sums[:, :-WINDOW]).max(axis=1)
    return float((worst >= worst[0]).mean())


def intervals(times: int = 2000) -> None:
    """Coverage of the interval of the effective number."""
    line = "{:<22} {:>10} {:>8} {:>8} {:>10}"
    print("\n" + line.format("effective labelers", "judgements", "truth", "covered", "no end"))
    shares = {
        "5 equal": np.full(5, 0.2), "5 unequal": np.array([0.5, 0.2, 0.15, 0.1, 0.05]),
        "80 : 20": np.array([0.8, 0.2]), "50 by Zipf's law": 1 / np.arange(1, 51),
    }  # fmt: skip
    for name, given in shares.items():
        share = given / given.sum()
        truth = 1 / (share**2).sum()
        for judgements in (30, 100, 1000, 10_000):
            rng = np.random.default_rng(0)
            found = []
            for _ in range(times):
                counts = rng.multinomial(judgements, share)
                found += [measure.interval for measure in expected_labelers(counts[counts > 0])]
            held = np.mean([low <= truth <= high for low, high in found])
            print(line.format(name, judgements, f"{truth:.2f}", f"{held:.3f}", times - len(found)))


def cost() -> None:
    """CPU seconds for a million judgements."""
    line = "{:>9} {:>8} {:>7} {:>9} {:>11} {:>9}"
    print("\n" + line.format("labelers", "classes", "judges", "numbers", "deviations", "stretches"))
    for people, classes, judges in ((10_000, 1000, 3), (100, 1000, 3), (4000, 100, 5), (20, 5, 2)):
        rng = np.random.default_rng(0)
        items = 1_000_000 // judges
        first = rng.integers(0, people, items)
        who = (first[:, None] + np.arange(judges)) % people
        truth = rng.integers(0, classes, items)
        label = np.where(rng.random(who.shape) < 0.2, rng.integers(0, classes, who.shape), truth[:, None])
        frame = pl.DataFrame(
            {"row": np.repeat(np.arange(items), judges), "labeler": who.ravel(), "label": label.ravel()}
        ).with_columns(pl.col("labeler", "label").cast(pl.String))
        clock = [time.process_time()]
        judgements = coded(frame)
        clock.append(time.process_time())
        deviation.deviations(judgements)
        clock.append(time.process_time())
        _stretches(judgements)
        clock.append(time.process_time())
        print(line.format(people, classes, judges, *(f"{spent:.2f}" for spent in np.diff(clock))))


def _stretches(judgements: Judgements) -> list[str]:
    expected = majority_of_others(judgements, cast_votes(judgements))
    known = expected >= 0
    found = stretches(judgements.labeler[known], expected[known], judgements.label[known]).labeler
    return judgements.labelers.gather(found).to_list()


def published(path: Path) -> None:
    """Whom the tests name in a published data set, with their share of right answers."""
    table = pl.read_csv(path, separator="\t", infer_schema=False)
    frame = first_of_each(
        table.select(
            pl.col("orig_id").rank("dense").cast(pl.Int64).alias("row") - 1,
            pl.col("!amt_worker_ids").alias("labeler"), pl.col("response").alias("label"), "gold",
        )
    )  # fmt: skip
    judgements = coded(frame)
    found = deviation.deviations(judgements)
    right = frame.group_by("labeler").agg(right=(pl.col("label") == pl.col("gold")).mean(), judged=pl.len())
    result = deviation.deviation_result(judgements, found)
    print(f"\n{path.name}: {len(frame):,} judgements, {len(right)} labelers, {found.tested.sum()} tested")
    print(f"lazy: {', '.join(_stretches(judgements)) or 'nobody'}")
    if not result.evidence:
        return
    named = result.evidence[0].table.join(right.drop("judged"), on="labeler", maintain_order="left")
    with pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_width_chars=160, tbl_hide_dataframe_shape=True):
        print(named)
    for name, part in (
        ("named", right.join(named, on="labeler", how="semi")),
        ("others", right.join(named, on="labeler", how="anti")),
    ):
        share = (part["right"] * part["judged"]).sum() / part["judged"].sum()
        print(f"{name}: {share:.3f} right of {part['judged'].sum():,}")
    nobody = np.zeros(len(judgements.labelers), np.bool_)
    again = relabel(
        helpers.data(["" for _ in range(int(judgements.row.max()) + 1)]),
        judgements,
        Doubts(found.deviating, nobody, np.zeros(len(judgements), np.bool_)),
    )
    first = again.evidence[0].table.join(frame, on=["row", "labeler"], maintain_order="left")
    wrong = (first["label"] != first["gold"]).sum()
    print(f"re-label first: {again.notes[0]} Wrong are {wrong:,}.")


if __name__ == "__main__":
    main()

"""What 200 reviewed rows settle on real texts whose labels were made wrong, with the model that the audit uses.

    python -m tests.bench.review_planted FILE.csv TEXT LABEL [RUNS]

TEXT and LABEL are columns. Labels are made wrong at random ("slips") or by the class that the model confuses most with
the right one ("confusions"); what was wrong before counts as right. One line for each rate: average precision of the
ranking, and how often of so many sheets of 200 rows the interval held the truth and settled the question of 5 %.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

from auditor.review.sheet import population_of
from checks.contract import Data
from checks.labels.suspicion import Suspicion, examined
from tests import helpers
from tests.bench.review_design import LIMIT, Population, one_sheet, two_sheets

LINE = "{:<11}{:>6}{:>8}{:>12}{:>9}{:>12}{:>9}{:>8}"


def audit(texts: list[str], labels: list[str]) -> Data:
    return Data(train=helpers.stored("train", {"text": texts, "label": labels}))


def planted(labels: list[str], like: dict[str, str], rate: float, kind: str) -> list[str]:
    """The labels, some of them wrong."""
    rng, names = helpers.seeded(rate), sorted(set(labels))
    return [
        label
        if rng.random() >= rate
        else like[label]
        if kind == "confusions"
        else rng.choice([name for name in names if name != label])
        for label in labels
    ]


def most_like(data: Data) -> dict[str, str]:
    """For each class the one that the model would most often say instead."""
    found = data.once(examined)
    assert isinstance(found, Suspicion)
    names = np.array(found.classes)
    return {
        name: str(names[np.bincount(found.other[found.given == n]).argmax()])
        for n, name in enumerate(found.classes)
    }


def main() -> None:
    """Print a table of all settings."""
    path, text, label, *more = sys.argv[1:]
    runs = int(more[0]) if more else 300
    with Path(path).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    texts, right = [row[text] for row in rows], [row[label] for row in rows]
    like = most_like(audit(texts, right))
    print(
        LINE.format("errors", "rate", "ranking", "one: cover", "decided", "two: cover", "decided", "misled")
    )
    for kind in ("slips", "confusions"):
        for rate in (0.01, 0.02, 0.05, 0.08, 0.10):
            labels = planted(right, like, rate, kind)
            found = population_of(audit(texts, labels))
            wrong = np.array([a != b for a, b in zip(labels, right, strict=True)])[found["row"].to_numpy()]
            hits = wrong[np.argsort(found["score"].fill_null(0).to_numpy(), kind="stable")]
            precision = (np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean()
            stratum = found["stratum"].to_numpy()
            expected = found["wrong"].fill_null(0).to_numpy()
            guess = np.array([expected[stratum == h].mean() for h in range(stratum.max() + 1)])
            truth, told, misled = wrong.mean(), [], 0
            for design in (one_sheet, two_sheets):
                ends = [
                    design(np.random.default_rng(run), Population(wrong, stratum, guess))
                    for run in range(runs)
                ]
                low, high = np.array(ends).T
                told += [f"{((low <= truth) & (truth <= high)).mean():.3f}"]
                told += [f"{((low > LIMIT) | (high < LIMIT)).mean():.2f}"]
                misled += (((low > LIMIT) & (truth <= LIMIT)) | ((high < LIMIT) & (truth > LIMIT))).sum()
            shown = (kind, f"{truth:.1%}", f"{precision:.2f}", *told, f"{misled / (2 * runs):.3f}")
            print(LINE.format(*shown), flush=True)


if __name__ == "__main__":
    main()

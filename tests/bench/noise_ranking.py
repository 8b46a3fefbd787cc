"""How well wrong labels are ranked, and what that costs, beside cleanlab's best score on the usual model.

    pip install --group bench
    python tests/bench/noise_ranking.py FILE [FILE ...]

FILE is read as `tests/bench/noise_planted.py` says. The peer: scores of cleanlab on the out-of-fold probabilities of a
logistic regression on TF-IDF of words and pairs (five folds), the best of its five scores in hindsight, which no user
could choose. CPU seconds are of one process after a warm-up; ours hold the fingerprints of all texts, which an audit
makes anyway, in a column of their own.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from collections import defaultdict
from pathlib import Path

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

import numpy as np
from noise_planted import Slip, audited, average_precision, made_up, mislabelled, read, thinned
from numpy.typing import NDArray

SIZES, RATE, SEEDS = (1000, 5000), 0.05, 3
SLIPS: tuple[Slip, ...] = ("uniform", "pair")
LINE = "{:<24} {:>6} {:<8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>7}"


def main() -> None:
    """Print the means over the seeds for each file, size and kind of slips, then over all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=Path, nargs="+")
    files = parser.parse_args().files
    warm = made_up(200, 2)
    ours(warm.texts, warm.labels)
    theirs(warm.texts, warm.labels, warm.labels == 0)
    print(
        LINE.format("data", "rows", "slips", "AP", "AP peer", "CPU s", "prints", "CPU peer", "ratio"),
        "best score of the peer",
    )
    totals = defaultdict[tuple[int, str], list[list[float]]](list)
    for path in files:
        whole = read(path)
        for rows in SIZES:
            for slip in SLIPS:
                found = [one(thinned(whole, rows, whole.classes, seed), slip, seed) for seed in range(SEEDS)]
                totals[rows, slip] += [figures for figures, _ in found]
                table(path.parent.name[-24:], rows, slip, [figures for figures, _ in found])
                print("   ", ", ".join(name for _, name in found), flush=True)
    for (rows, slip), figures in totals.items():
        table("mean", rows, slip, figures)
        print()


def table(name: str, rows: int, slip: str, figures: list[list[float]]) -> None:
    """One line of means."""
    mean = np.mean(figures, axis=0).tolist()
    shown = [f"{value:.3f}" for value in mean[:2]] + [f"{value:.2f}" for value in mean[2:]]
    print(LINE.format(name, rows, slip, *shown, f"{mean[4] / mean[2]:.1f}"), end="")


def one(data, slip: Slip, seed: int) -> tuple[list[float], str]:
    """AP, AP of the peer, CPU seconds, those of the fingerprints, those of the peer; and its best score."""
    labels, wrong = mislabelled(data, RATE, slip, seed)
    score, spent, prints = ours(data.texts, labels)
    peer, best, cost = theirs(data.texts, labels, wrong)
    return [average_precision(wrong, score), peer, spent, prints, cost], best


def ours(texts: list[str], labels: NDArray[np.int64]) -> tuple[NDArray[np.float32], float, float]:
    """The score of each row (low is suspicious; rows that are not looked at come last), CPU seconds, and of the prints."""
    from checks.labels.suspicion import examined
    from checks.text.clusters import train_clusters

    data = audited(texts, labels)
    start = time.process_time()
    data.once(train_clusters)
    middle = time.process_time()
    found = data.once(examined)
    spent = time.process_time() - middle
    score = np.full(len(texts), np.inf, np.float32)
    score[found.rows] = found.score
    return score, spent, middle - start


def theirs(texts: list[str], labels: NDArray[np.int64], wrong: NDArray[np.bool_]) -> tuple[float, str, float]:
    """The best average precision of any score of cleanlab, its name, and CPU seconds of model and one score."""
    from cleanlab.rank import get_label_quality_scores
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold

    warnings.simplefilter("ignore")  # classes of fewer rows than folds
    _, labels = np.unique(labels, return_inverse=True)
    start = time.process_time()
    terms = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True).fit_transform(texts)
    chances = np.full((len(texts), int(labels.max()) + 1), 1e-9)
    for seen, held in StratifiedKFold(5, shuffle=True, random_state=0).split(terms, labels):
        model = LogisticRegression(max_iter=200).fit(terms[seen], labels[seen])
        chances[np.ix_(held, model.classes_)] = model.predict_proba(terms[held])
    chances /= chances.sum(axis=1, keepdims=True)
    get_label_quality_scores(labels, chances)
    spent = time.process_time() - start
    found = dict[str, float]()
    for method in ("self_confidence", "normalized_margin", "confidence_weighted_entropy"):
        for adjusted in (False, True):
            if adjusted and method == "confidence_weighted_entropy":
                continue  # which cleanlab refuses
            name = method + " adjusted" * adjusted
            try:
                score = get_label_quality_scores(labels, chances, method=method, adjust_pred_probs=adjusted)
            except ValueError:  # a class is never predicted, so there is nothing to adjust by
                continue
            found[name] = average_precision(wrong, score)
    best = max(found, key=lambda name: found[name])
    return found[best], best, spent


if __name__ == "__main__":
    main()

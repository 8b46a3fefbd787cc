"""The near-duplicates of a corpus against an exact join: every pair of texts at or above the threshold.

    python tests/bench/exact_join.py FOLDER

FOLDER holds train.jsonl and eval.jsonl as `tests/bench/corpus.py` writes them. The join folds and shingles with the
oracle of the tests and finds all pairs by prefix filtering (S. Chaudhuri, V. Ganti, R. Kaushik 2006: two sets of
similarity t share one of their n - ceil(t n) + 1 rarest members), so it has nothing in common with MinHash. 100,000 rows
take some minutes and 4 GB.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from math import ceil
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent.parent
THRESHOLD = 0.8
LINE = "{:<58} {:>10}"

Sets = list[np.ndarray]


def main() -> None:
    """Join, audit, and print how many pairs and rows differ."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    sys.path.insert(0, str(ROOT))
    from tests import oracle

    train, evals = (texts_of(folder / f"{name}.jsonl") for name in ("train", "eval"))
    words = [oracle.fold(text) for text in (*train, *evals)]
    pairs = exact_pairs(words, oracle)
    inner = {(a, b) for a, b in pairs if b < len(train)}
    across = {b - len(train) for a, b in pairs if a < len(train) <= b}
    keeper, similarity, near = audited(folder)
    stays = keeper == np.arange(len(keeper))
    missed = [(a, b) for a, b in inner if stays[a] and stays[b]]
    print(LINE.format("rows of train / eval", f"{len(train):,} / {len(evals):,}"))
    print(LINE.format("pairs in train at or above .8, exact join", f"{len(inner):,}"))
    print(LINE.format("of these, both rows stay (missed)", f"{len(missed):,}"))
    left = np.flatnonzero(~stays & (similarity < 1))
    wrong = sum((min(a, keeper[a]), max(a, keeper[a])) not in pairs for a in left.tolist())
    print(LINE.format("near rows left out / not in the exact join (false)", f"{len(left):,} / {wrong:,}"))
    print(LINE.format("eval rows at or above .8, exact join", f"{len(across):,}"))
    print(LINE.format("of these missed / false", f"{len(across - near):,} / {len(near - across):,}"))


def texts_of(path: Path) -> list[str]:
    """What is compared of each record: its messages without the system prompt."""
    with path.open("rb") as lines:
        records = map(json.loads, lines)
        return [
            "\n".join(one["content"] for one in record["messages"] if one["role"] != "system")
            for record in records
        ]


def exact_pairs(words: list[list[str]], oracle) -> set[tuple[int, int]]:
    """All pairs of texts (lower number first) that are near, by the shingles that the default setting compares them by."""
    short = np.array([len(one) < oracle.SHORT for one in words])
    ids: dict[object, int] = {}

    def members(row: int, kind: str) -> np.ndarray:
        made = oracle.shingles(words[row], kind)
        return np.sort(np.array([ids.setdefault(one, len(ids)) for one in made], np.int64))

    by_words = [members(row, "w5") if not short[row] else np.zeros(0, np.int64) for row in range(len(words))]
    found = set(joined(by_words))
    ids.clear()
    longest = 2 * oracle.SHORT  # a text of fewer than 30 words has no near one of 60
    by_characters = [
        members(row, "c5") if len(words[row]) < longest else np.zeros(0, np.int64)
        for row in range(len(words))
    ]
    return found | {(a, b) for a, b in joined(by_characters) if short[a] or short[b]}


def joined(sets: Sets) -> Iterator[tuple[int, int]]:
    """Every pair of sets whose Jaccard similarity reaches the threshold."""
    sizes = np.array([len(one) for one in sets])
    rows, members = np.repeat(np.arange(len(sets)), sizes), np.concatenate(sets)
    rarity = np.bincount(members)
    order = np.lexsort((members, rarity[members], rows))
    rank = np.arange(len(members)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    prefix = np.array([size - ceil(THRESHOLD * size) + 1 for size in sizes.tolist()])
    kept = rank < np.repeat(prefix, sizes)
    rows, members = rows[order][kept], members[order][kept]
    order = np.lexsort((rows, members))
    rows, members = rows[order], members[order]
    bounds = np.flatnonzero(np.concatenate(([True], members[1:] != members[:-1], [True])))
    candidates: set[tuple[int, int]] = set()
    for start, stop in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        group = rows[start:stop].tolist()
        for i, a in enumerate(group):
            candidates.update(
                (a, b)
                for b in group[i + 1 :]
                if min(sizes[a], sizes[b]) >= THRESHOLD * max(sizes[a], sizes[b])
            )
    for a, b in candidates:
        both = len(np.intersect1d(sets[a], sets[b], assume_unique=True))
        if both >= (THRESHOLD - 1e-12) * (sizes[a] + sizes[b] - both):
            yield a, b


def audited(folder: Path) -> tuple[np.ndarray, np.ndarray, set[int]]:
    """Keeper and similarity of each training row, and the eval rows that are near a training row."""
    from auditor.load.dataset import Request, load
    from auditor.load.work import Work
    from checks.contract import Data
    from checks.text.clusters import train_clusters
    from checks.text.leaks import NEAR, leaks

    with tempfile.TemporaryDirectory() as cache:
        files = {name: (str(folder / f"{name}.jsonl"),) for name in ("train", "eval")}
        loaded = load(Request(**files), Work(cache=Path(cache)))
        data = Data(train=loaded.train, eval=loaded.eval)
        clusters, found = data.once(train_clusters), data.once(leaks)
        near = set(np.flatnonzero(found.kind >= NEAR).tolist()) if found else set()
        return clusters.keeper, clusters.similarity, near


if __name__ == "__main__":
    main()

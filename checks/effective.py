"""Effective rows: what is left to learn from after everything that adds nothing is taken out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from checks.contract import Data, Split
from checks.faults import eval_faults, train_faults, usable
from checks.sketched import sketch_leaks
from checks.text.clusters import Clusters, eval_clusters, train_clusters
from checks.text.leaks import leaks
from checks.unpaired import verdicts


@dataclass(frozen=True, slots=True)
class Effective:
    """The waterfall from readable to effective rows of a split."""

    keeper: NDArray[np.int64]
    """For each row that counts, the row that represents it; -1 for rows that are unusable or leaked."""
    unusable: int
    """Rows with a fault that makes them worthless."""
    exact: int
    """Usable rows that repeat the folded text of another usable row."""
    near: int
    """Distinct texts that are near-duplicates of another one."""
    leaked: int
    """Distinct texts lost because all their rows hold an eval row or its prompt."""
    rows: int
    """What is left: distinct, usable, free of leaks."""


def effective_train(data: Data) -> Effective:
    """Effective training rows; use it as `data.once(effective_train)`."""
    found = data.once(leaks) or data.once(sketch_leaks)
    leaked = found.train if found is not None else np.zeros(data.train.rows, np.bool_)
    good = usable(data.once(train_faults), data.train.rows).to_numpy()
    return _effective(_told_apart(data.once(train_clusters), data.train), good, leaked)


def effective_eval(data: Data) -> Effective | None:
    """Effective eval rows (leaks are counted on the training side); use it as `data.once(effective_eval)`."""
    clusters = data.once(eval_clusters)
    if data.eval is None or clusters is None:
        return None
    good = usable(data.once(eval_faults), data.eval.rows).to_numpy()
    return _effective(_told_apart(clusters, data.eval), good, np.zeros(data.eval.rows, np.bool_))


def _told_apart(clusters: Clusters, split: Split) -> Clusters:
    """Clusters in which a good and a bad answer (KTO) that are nearly the same each stay: the difference teaches."""
    flags = verdicts(split)
    if flags is None:
        return clusters
    # Copies of one text stay one, whatever their flags.
    bad = (flags.fill_null("") == "false").to_numpy()[clusters.first]
    _, first, key = np.unique(2 * clusters.keeper + bad, return_index=True, return_inverse=True)
    return replace(clusters, keeper=first[key].astype(np.int64))


def _effective(clusters: Clusters, good: NDArray[np.bool_], leaked: NDArray[np.bool_]) -> Effective:
    texts, distinct = len(np.unique(clusters.first[good])), len(np.unique(clusters.keeper[good]))
    left = len(np.unique(clusters.keeper[good & ~leaked]))
    usable_rows = int(good.sum())
    return Effective(
        keeper=np.where(good & ~leaked, clusters.keeper, -1),
        unusable=len(good) - usable_rows,
        exact=usable_rows - texts,
        near=texts - distinct,
        leaked=distinct - left,
        rows=left,
    )

"""The rows of one role with what tells which of their texts are the same."""

from __future__ import annotations

from dataclasses import dataclass

from checks.contract import Data, Split
from checks.text.clusters import Clusters, eval_clusters, train_clusters
from checks.text.prints import Prints
from checks.text.scan import scan
from checks.text.texts import Texts, eval_texts, train_texts


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One role's rows; arrays have one entry a row."""

    split: Split
    texts: Texts
    prints: Prints
    clusters: Clusters


def train_side(data: Data) -> Side:
    """The rows of train."""
    return Side(data.train, data.once(train_texts), data.once(scan).train, data.once(train_clusters))


def eval_side(data: Data) -> Side | None:
    """The rows of eval, None without an eval split."""
    texts, prints, clusters = data.once(eval_texts), data.once(scan).eval, data.once(eval_clusters)
    if data.eval is None or texts is None or prints is None or clusters is None:
        return None
    return Side(data.eval, texts, prints, clusters)

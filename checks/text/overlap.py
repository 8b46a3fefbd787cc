"""Where eval texts stand in training texts: candidates of every detector, judged one by one.

Four detectors propose pairs: equal folded texts, equal prompts, shared MinHash bands, shared 5-grams. Each pair is
then measured exactly (`checks.text.align`), and only measurements decide. Rows with the same folded text are one
here; what holds for the first of them holds for all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from checks.contract import Data
from checks.text.clusters import train_clusters
from checks.text.containment import best
from checks.text.join import nearest
from checks.text.lookup import find_all, lookup
from checks.text.prints import Prints
from checks.text.scan import Scan, scan
from checks.text.walk import Pairs

COMMON_SHARE, COMMON_ROWS = 0.01, 20
"""A prompt that this share of the training rows (and this many) repeat is a template, not a leak. Tool default: a prompt
that was copied from eval comes with one answer or a few, not with a hundredth of the data."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Judged pairs of a training and an eval row; only first rows of exact groups appear."""

    train: NDArray[np.int64]
    eval: NDArray[np.int64]
    jaccard: NDArray[np.float64]
    coverage: NDArray[np.float64]
    """Share of the eval row's words that stand in order in the training row."""
    prompt_coverage: NDArray[np.float64]
    """The same for the words of its prompt; 0 where the prompt is the whole text or missing."""
    exact: NDArray[np.bool_]
    """Equal folded texts."""
    proposed: NDArray[np.bool_]
    """Shape (pairs, 3): by equal hashes or a shared MinHash band, by 5-grams of the eval text, by those of its prompt."""
    same_prompt: NDArray[np.bool_]
    """Per eval row: its prompt stands word for word as a prompt in train."""
    template_prompt: NDArray[np.bool_]
    """Per eval row: so many training rows have that prompt that it is a template."""
    prompt_witness: NDArray[np.int64]
    """Per eval row: the first training row with that prompt; -1 if there is none."""
    crowded: NDArray[np.bool_]
    """Per eval row: it had so many candidates that some were not judged."""


def overlap(data: Data) -> Overlap | None:
    """All judged pairs, None without an eval split; use it as `data.once(overlap)`."""
    if data.eval is None:
        return None
    made, train = data.once(scan), data.once(train_clusters)
    pairs, first = made.pairs, made.probe.first
    rows = train.first[pairs.train]
    _, once = np.unique(np.stack((rows, pairs.eval), axis=1), axis=0, return_index=True)
    pairs = pairs._replace(train=rows).take(once)
    kept, crowded = _still_best(pairs, made)
    pairs = pairs.take(kept)
    same_prompt, template, witness = _prompts(made.train, ~train.exact, made.probe.prints)
    return Overlap(
        train=pairs.train,
        eval=pairs.eval,
        jaccard=pairs.jaccard,
        coverage=pairs.coverage[:, 0],
        prompt_coverage=pairs.coverage[:, 1],
        exact=(made.train.text[pairs.train] == made.probe.prints.text[pairs.eval]).all(axis=1),
        proposed=np.column_stack((pairs.close, pairs.hits > 0)),
        same_prompt=same_prompt,
        template_prompt=template,
        prompt_witness=witness,
        crowded=(made.crowded | crowded)[first],
    )


def _still_best(pairs: Pairs, made: Scan) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which pairs would be judged had train been walked in one part, and per eval row whether there are more."""
    probe, texts = made.probe, made.train.text[:, 0]
    kept, crowded = np.zeros(len(pairs.train), np.bool_), np.zeros(len(probe.first), np.bool_)
    close = np.flatnonzero(pairs.close)
    places, over = nearest(np.stack((pairs.train[close], pairs.eval[close]), axis=1), texts, probe.most)
    kept[close[places]] = True
    crowded[over] = True
    for hits in pairs.hits.T:
        held = np.flatnonzero(hits)
        found = np.stack((pairs.train[held], pairs.eval[held], hits[held]), axis=1)
        places, over = best(found, texts[pairs.train[held]])
        kept[held[places]] = True
        crowded[over] = True
    return kept, crowded


def _prompts(
    train: Prints, stays: NDArray[np.bool_], evals: Prints
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.int64]]:
    """Per eval row: same prompt in train, template prompt, first training row with it (see `Overlap`).

    Only training rows that `stays` marks are counted: copies of one row do not make its prompt a template.
    """
    separate = (evals.asked > 0) & (evals.asked < evals.words)
    known = lookup(evals.prompt[separate], np.flatnonzero(separate))
    wanted, place = known.keys, find_all(np.ascontiguousarray(train.prompt), known)
    hits = np.flatnonzero((place >= 0) & (train.asked > 0) & stays)
    number = np.bincount(place[hits], minlength=max(len(wanted), 1))
    first = np.full(max(len(wanted), 1), -1, np.int64)
    first[place[hits][::-1]] = hits[::-1]
    mine = np.minimum(np.searchsorted(wanted, evals.prompt), max(len(wanted) - 1, 0))
    same = separate & (number[mine] > 0)
    limit = max(COMMON_ROWS, COMMON_SHARE * int(stays.sum()))
    return same, same & (number[mine] >= limit), np.where(same, first[mine], -1)

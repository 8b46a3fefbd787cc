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
from checks.text.align import coverages
from checks.text.clusters import eval_clusters, train_clusters
from checks.text.jaccard import similarities
from checks.text.prints import Bands, Prints
from checks.text.scan import Scan, scan
from checks.text.texts import eval_texts, train_texts

CROWD = 1 << 16
"""Pairs of one band bucket up to which all are judged: half a second of comparing. Larger ones are counted as crowded."""
TURNS = 16
"""In a larger bucket each text is paired with this many of the other side, in turn."""
ALIKE = 0.6
"""Coverage from which a pair that only shares 5-grams is worth a Jaccard similarity too."""
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
    made, train, evals = data.once(scan), data.once(train_clusters), data.once(eval_clusters)
    if data.eval is None or made.eval is None or evals is None:
        return None
    close, crowded = [_equal(made.train.text, made.eval.text)], [np.flatnonzero(made.left)]
    for ours, theirs in (
        (made.train.by_words, made.eval.by_words),
        (made.train.by_characters, made.eval.by_characters),
    ):
        pairs, crowd = join(ours, ~train.exact, theirs, ~evals.exact)
        close.append(pairs)
        crowded.append(crowd)
    pairs = np.concatenate((*close, made.candidates.astype(np.int64)))
    pairs = np.stack((train.first[pairs[:, 0]], evals.first[pairs[:, 1]]), axis=1)
    number_close = sum(map(len, close))
    pairs, index = np.unique(
        pairs, axis=0, return_index=True
    )  # the first of equal pairs, so a close one if any is
    jaccard, coverage = _judge(data, made, pairs, index < number_close)
    same_prompt, template, witness = _prompts(made.train, ~train.exact, made.eval)
    full = np.zeros(len(evals.first), np.bool_)
    full[evals.first[np.concatenate(crowded)]] = True
    return Overlap(
        train=pairs[:, 0],
        eval=pairs[:, 1],
        jaccard=jaccard,
        coverage=coverage[:, 0],
        prompt_coverage=coverage[:, 1],
        exact=(made.train.text[pairs[:, 0]] == made.eval.text[pairs[:, 1]]).all(axis=1),
        same_prompt=same_prompt,
        template_prompt=template,
        prompt_witness=witness,
        crowded=full[evals.first],
    )


def _judge(
    data: Data, made: Scan, pairs: NDArray[np.int64], close: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Jaccard similarity (0 where neither bands nor coverage suggest any) and coverages of each pair."""
    train, evals = data.once(train_texts), data.once(eval_texts)
    if evals is None or made.lists is None:
        return np.zeros(len(pairs)), np.zeros((len(pairs), 2))
    coverage = coverages(train, made.lists, pairs)
    jaccard, alike = np.zeros(len(pairs)), np.flatnonzero(close | (coverage[:, 0] >= ALIKE))
    jaccard[alike] = similarities(train, evals, pairs[alike], word_size=made.cut.words, short=made.cut.short)
    return jaccard, coverage


def _equal(train: NDArray[np.uint64], evals: NDArray[np.uint64]) -> NDArray[np.int64]:
    """A pair for each training row and one eval row with the same 128-bit text hash."""
    order = np.argsort(evals[:, 0], kind="stable")
    place = np.minimum(np.searchsorted(evals[order, 0], train[:, 0]), len(evals) - 1)
    hits = (
        np.flatnonzero((evals[order[place]] == train).all(axis=1) & train.any(axis=1))
        if len(evals)
        else np.zeros(0, np.int64)
    )
    return np.stack((hits, order[place[hits]] if len(evals) else hits), axis=1)


def _prompts(
    train: Prints, stays: NDArray[np.bool_], evals: Prints
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.int64]]:
    """Per eval row: same prompt in train, template prompt, first training row with it (see `Overlap`).

    Only training rows that `stays` marks are counted: copies of one row do not make its prompt a template.
    """
    separate = (evals.asked > 0) & (evals.asked < evals.words)
    wanted = np.unique(evals.prompt[separate])
    place = np.minimum(np.searchsorted(wanted, train.prompt), max(len(wanted) - 1, 0))
    asked = (train.asked > 0) & stays
    hits = np.flatnonzero((wanted[place] == train.prompt) & asked) if len(wanted) else place[:0]
    number = np.bincount(place[hits], minlength=max(len(wanted), 1))
    first = np.full(max(len(wanted), 1), -1, np.int64)
    first[place[hits][::-1]] = hits[::-1]
    mine = np.minimum(np.searchsorted(wanted, evals.prompt), max(len(wanted) - 1, 0))
    same = separate & (number[mine] > 0)
    limit = max(COMMON_ROWS, COMMON_SHARE * int(stays.sum()))
    return same, same & (number[mine] >= limit), np.where(same, first[mine], -1)


def join(
    train: Bands, train_stays: NDArray[np.bool_], evals: Bands, eval_stays: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of a training and an eval row that share a band, and the eval rows of crowded buckets.

    In a bucket of more than `CROWD` pairs each row is paired with `TURNS` rows of the other side in turn, so that
    the cost stays linear where templates fill both sides.
    """
    chosen = np.flatnonzero(eval_stays[evals.rows])
    rows = evals.rows[chosen]
    pairs, crowded = [np.zeros((0, 2), np.int64)], [np.zeros(0, np.int64)]
    for ours, theirs in zip(train.keys, evals.keys[:, chosen], strict=True):
        order = np.argsort(theirs, kind="stable")
        theirs = theirs[order]
        maybe = np.zeros(1 << 20, np.bool_)  # small enough for the cache: most training keys end here
        maybe[theirs >> 12] = True
        hits = np.flatnonzero(maybe[ours >> 12])
        hits = hits[train_stays[train.rows[hits]]]
        low = np.searchsorted(theirs, ours[hits], "left")
        many = np.searchsorted(theirs, ours[hits], "right") - low
        hits, low, many = hits[many > 0], low[many > 0], many[many > 0]
        by_key = np.argsort(low, kind="stable")
        hits, low, many = hits[by_key], low[by_key], many[by_key]
        turn = np.arange(len(low)) - np.searchsorted(low, low, "left")
        ours_many = np.searchsorted(low, low, "right") - np.searchsorted(low, low, "left")
        crowd = ours_many * many > CROWD
        take = np.where(
            crowd, np.minimum(many, np.maximum(TURNS, -(-TURNS * many // np.maximum(ours_many, 1)))), many
        )
        left = np.repeat(np.arange(len(low)), take)
        step = np.arange(len(left)) - np.repeat(np.cumsum(take) - take, take)
        right = low[left] + (turn[left] * take[left] + step) % many[left]
        pairs.append(np.stack((train.rows[hits[left]], rows[order[right]]), axis=1))
        crowded.append(rows[order[right[crowd[left]]]])
    return np.unique(np.concatenate(pairs), axis=0), np.unique(np.concatenate(crowded))

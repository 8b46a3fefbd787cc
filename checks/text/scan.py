"""The one pass over every text of an audit: fingerprints of both splits, and the pairs between them, judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from checks.contract import Data, Split
from checks.text import minhash
from checks.text.minhash import Banding
from checks.text.prints import Prints, Shingling, joined, shingling
from checks.text.probe import Probe, probe
from checks.text.room import room
from checks.text.texts import Texts
from checks.text.walk import Pairs, Walk, Walker, together


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What the pass over all texts yields."""

    cut: Shingling
    banding: Banding
    bits: int
    """Signature bits kept per row."""
    train: Prints
    eval: Prints | None
    probe: Probe
    """The eval side, empty without an eval split."""
    pairs: Pairs
    """Of all parts of train."""
    crowded: NDArray[np.bool_]
    """Per eval row, whether a part had more candidates than were judged."""
    phrase_rows: NDArray[np.int64]
    """Training rows that hold each phrase of the probe."""


def walks(data: Data) -> Sequence[Walk]:
    """A walk over each file of train; seed it where they are known (`data.seed(walks, ...)`)."""
    return tuple(_walked(data))


def _walked(data: Data) -> Iterator[Walk]:
    against, done, rows = data.once(probe), 0, data.train.rows
    for part in data.train.parts:
        texts, walker = Texts(Split(role="train", parts=(part,))), Walker(against)
        for _, batch in texts:
            walker.see(batch)
            done += len(batch.prompts)
            data.tick("comparing", done, rows)
        yield walker.done(texts)


def scan(data: Data) -> Scan:
    """The walks of `data` as one; use it as `data.once(scan)`."""
    against, made = data.once(probe), data.once(walks)
    firsts = np.cumsum([0, *(len(walk.prints.words) for walk in made)])[:-1].tolist()
    return Scan(
        cut=shingling(data.text),
        banding=minhash.banding(data.text.threshold, data.text.recall, data.text.permutations),
        bits=min(128, data.text.permutations),
        train=joined([walk.prints for walk in made], data.once(room).joined),
        eval=None if data.eval is None else against.prints,
        probe=against,
        pairs=together([walk.pairs for walk in made], firsts),
        crowded=np.logical_or.reduce([walk.crowded for walk in made]),
        phrase_rows=np.sum([walk.phrase_rows for walk in made], axis=0),
    )


def promising(
    made: Scan, left: Prints, right: Prints, pairs: NDArray[np.int64], least: int
) -> NDArray[np.bool_]:
    """Which pairs of rows agree in at least `least` signature bits, of the kind of shingle they are compared by."""
    few = np.minimum(left.words[pairs[:, 0]], right.words[pairs[:, 1]]) < made.cut.short
    by_characters = few if made.cut.words else np.ones(len(pairs), np.bool_)
    good = np.zeros(len(pairs), np.bool_)
    for chosen, ours, theirs in (
        (~by_characters, left.by_words, right.by_words),
        (by_characters, left.by_characters, right.by_characters),
    ):
        one = ours.bits[np.searchsorted(ours.rows, pairs[chosen, 0])]
        two = theirs.bits[np.searchsorted(theirs.rows, pairs[chosen, 1])]
        good[chosen] = made.bits - np.bitwise_count(one ^ two).sum(axis=1, dtype=np.int64) >= least
    return good

"""The search for rewrites from beginning to end: which eval rows seem to stand in train in other words, and by which row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks.contract import Data, Split
from checks.places import Places
from checks.rewritten import scoring
from checks.rewritten.answers import agreements, answers
from checks.rewritten.evalside import Side, among_decoys, eval_side
from checks.rewritten.frequencies import counted
from checks.rewritten.fusing import fused
from checks.rewritten.lanes import LOWEST, Lane, backgrounds, lane
from checks.rewritten.spans import WHOLE, spans
from checks.rewritten.vectors import vectors
from checks.text.leaks import BY_PROMPT, leaks
from checks.text.texts import Texts, eval_texts, train_texts

FEWEST = 200
"""Different wordings in train below which nothing is measured: how rare a word is cannot be told from fewer."""
AGREES = 0.9
"""Share of rewrites whose answer is told and the same."""
COMMON = 0.1
"""Share of neighbours with the same answer from which it says nothing: of classes and yes or no the nearer agree more often
than the others, by which chance is measured (Banking77: half of all neighbours, nearly all of the nearest)."""
SHORT = 12
"""Different terms of an eval row up to which it is short: all that a rewrite can keep of it is too little for a high score."""
RELIEFS = (1.0, 0.5)
"""By how much less a short row may score, the first by which no more than `ALLOWED` of the decoys are flagged. Of 25 reworded
questions of sociology (MMLU) among 5,600 others 10 reach the score and 5 more come within 1 of it; of 1,040 questions of MMLU
among 3,500 others .5 % do."""
ALLOWED = 0.01
DECOYS = 25
"""Short rows that were looked for among decoys, at least; with fewer nothing is relieved."""
SAMPLE = 2_000
"""Pairs of neighbours by which it is measured how often answers agree by chance, at most."""
ENOUGH = 50
"""Such pairs, at least; with fewer an agreement counts for nothing."""


class BestPairs(NamedTuple):
    """The best pair of each eval row that has one worth a look, best first."""

    row: NDArray[np.int64]
    train: NDArray[np.int64]
    part: NDArray[np.int64]
    """Which part of the eval row was compared, see `spans.KINDS`."""
    at: Places
    """Where that part is."""
    train_at: Places
    """Where the part of the training row is that it was compared with."""
    kind: NDArray[np.int64]
    """See `scoring.KINDS`."""
    score: NDArray[np.float64]
    order: NDArray[np.float64]
    dice: NDArray[np.float64]
    """Agreement of the numbers; NaN where one side has none."""
    cosine: NDArray[np.float64]
    next_eval: NDArray[np.float64]
    """NaN where vectors proposed the pair, since nobody looked."""
    next_train: NDArray[np.float64]
    vectors: NDArray[np.float64]
    """What vectors added to the score; 0 where there are none."""
    agrees: NDArray[np.int8]
    """1 the same answer, 0 another one, -1 not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the search found."""

    judged: BestPairs
    checked: int
    """Eval rows that were looked for: not leaked, and of enough words."""
    unscored: int
    """Eval rows that are not leaked and have too few words."""
    decoys: BestPairs
    """The same among decoys: half of the eval rows, in which the other half is looked for."""
    decoy_rows: int
    """Eval rows that were looked for among decoys."""
    decoy_pool: int
    """Eval rows among which they were looked for."""
    chance: float | None
    """How often neighbours that are no rewrites have the same answer; None where answers cannot be told."""
    vectors: bool | None
    """Whether vectors took part; None where there are none."""
    relief: float
    """By how much less short rows may score."""


def bonus(chance: float | None) -> float:
    """How much lower a score may be if the answers agree: the logarithm of how much more often those of rewrites do."""
    if chance is None or chance > COMMON:
        return 0.0
    return float(np.clip(np.log(AGREES / max(chance, 1e-6)), 0, scoring.REVIEW - LOWEST))


def find(data: Data) -> Found | str:
    """Look for rewrites; a sentence that says why, where that cannot be done. Use it as `data.once(find)`."""
    train, evals, leaked = data.once(train_texts), data.once(eval_texts), data.once(leaks)
    if evals is None or leaked is None or data.eval is None:
        return "there is no eval text"
    rows = 3 * len(train)
    data.tick("looking for rewrites", 0, rows)
    known = counted(train, evals)
    if known.distinct < FEWEST:
        return (
            f"train has {known.distinct:,} different prompt{'s' * (known.distinct != 1)}; how rare a word is can be told from {FEWEST} or more, so no "
            "rewrite was looked for"
        )
    clean = leaked.kind < BY_PROMPT
    side, by = eval_side(data, evals, known.weights, clean), known.weights
    real = lane(
        side.sought, by, train, known.fresh,
        paragraphs=True, tick=lambda done: data.tick("looking for rewrites", len(train) + done, rows),
    )  # fmt: skip
    decoys = [side.decoys[first + spans(batch, paragraphs=False).rows] for first, batch in evals]
    fake = lane(among_decoys(side), by, evals, decoys, paragraphs=False, tick=lambda _done: None)
    given = data.once(vectors)
    both = None if given is None else fused(given, side, by, real, fake)
    real, fake = both or (real, fake)
    agree, fake_agree, chance = _answers(data.train, data.eval, side, real, fake)
    hot = [_hot(side, one, same, chance) for one, same in ((real, agree), (fake, fake_agree))]
    kept = [real.take(hot[0]), fake.take(hot[1])]
    back = backgrounds(
        side, by, kept, train, known.fresh,
        tick=lambda done: data.tick("looking for rewrites", 2 * len(train) + done, rows),
    )  # fmt: skip
    relief = _relief(side, kept[1], back[1])
    return Found(
        judged=_judged(side, kept[0], back[0], agree[hot[0]], chance, relief),
        checked=int(side.asked.sum()),
        unscored=int((clean & ~side.asked).sum()),
        decoys=_judged(side, kept[1], back[1], fake_agree[hot[1]], chance, relief),
        decoy_rows=int((side.asked & ~side.decoys).sum()),
        decoy_pool=int(side.decoys.sum()),
        chance=chance,
        vectors=None if given is None else both is not None,
        relief=relief,
    )


def _short(side: Side, one: Lane) -> NDArray[np.bool_]:
    """Pairs whose eval item has few terms."""
    return np.diff(side.sought.items.bags)[one.pairs.item] <= SHORT


def _least(
    side: Side, one: Lane, agree: NDArray[np.int8], chance: float | None, relief: float
) -> NDArray[np.float64]:
    """The score that each pair needs."""
    less = np.maximum(np.where(agree == 1, bonus(chance), 0.0), np.where(_short(side, one), relief, 0.0))
    return np.asarray(scoring.REVIEW - less)


def _hot(side: Side, one: Lane, agree: NDArray[np.int8], chance: float | None) -> NDArray[np.int64]:
    """The pairs that may be worth a look: a neighbour in train can only lower their score."""
    return np.flatnonzero(one.scores() >= _least(side, one, agree, chance, RELIEFS[0]))


def _relief(side: Side, fake: Lane, back: NDArray[np.float64]) -> float:
    """By how much less short rows may score, as decoys allow."""
    short = np.zeros(len(side.asked), np.bool_)
    items = np.flatnonzero((np.diff(side.sought.items.bags) <= SHORT) & (side.kinds == WHOLE))
    short[side.rows[items]] = True
    rows = int((short & side.asked & ~side.decoys).sum())
    if rows < DECOYS:
        return 0.0
    some, score = _short(side, fake), fake.scores(back)
    for relief in RELIEFS:
        flagged = np.unique(side.rows[fake.pairs.item[some & (score >= scoring.REVIEW - relief)]])
        if len(flagged) <= ALLOWED * rows:
            return relief
    return 0.0


def _answers(
    train: Split, evals: Split, side: Side, real: Lane, fake: Lane
) -> tuple[NDArray[np.int8], NDArray[np.int8], float | None]:
    """Whether the answers of the pairs of both lanes agree, and how often they do by chance."""
    tops = [one.scores() >= LOWEST for one in (real, fake)]
    others = np.flatnonzero(~tops[0])
    others = (
        others[np.unique(np.linspace(0, len(others) - 1, SAMPLE).astype(np.int64))] if len(others) else others
    )
    wanted = [np.union1d(np.flatnonzero(tops[0]), others), np.flatnonzero(tops[1])]
    rows = [side.rows[one.pairs.item[some]] for one, some in zip((real, fake), wanted, strict=True)]
    theirs = [one.pairs.row[some] for one, some in zip((real, fake), wanted, strict=True)]
    ours = answers(evals, Texts(evals), np.concatenate((*rows, theirs[1])))
    said = answers(train, real.source, theirs[0])
    out = [np.full(len(one.pairs.item), -1, np.int8) for one in (real, fake)]
    out[0][wanted[0]] = agreements(ours, said, rows[0], theirs[0])
    out[1][wanted[1]] = agreements(ours, ours, rows[1], theirs[1])
    told = out[0][others]
    known = int((told >= 0).sum())
    chance = (int((told == 1).sum()) + 1) / (known + 2) if known >= ENOUGH else None
    return out[0], out[1], chance


def _judged(
    side: Side,
    one: Lane,
    back: NDArray[np.float64],
    agree: NDArray[np.int8],
    chance: float | None,
    relief: float,
) -> BestPairs:
    """The best pair of each eval row among those that are worth a look."""
    score = one.scores(back)
    good = np.flatnonzero(score >= _least(side, one, agree, chance, relief))
    row = side.rows[one.pairs.item[good]]
    order = good[np.lexsort((one.pairs.start[good], one.pairs.row[good], -score[good], row))]
    row = side.rows[one.pairs.item[order]]
    best = order[np.flatnonzero(np.diff(row, prepend=-1))]
    best = best[np.lexsort((side.rows[one.pairs.item[best]], -score[best]))]
    found, pairs = one.features.take(best), one.pairs.take(best)
    both = (found.ours > 0) & (found.theirs > 0)
    return BestPairs(
        row=side.rows[pairs.item],
        train=pairs.row,
        part=side.kinds[pairs.item].astype(np.int64),
        at=side.places.take(pairs.item),
        train_at=Places(pairs.start, pairs.size),
        kind=scoring.kinds(found.dice, found.ours, found.theirs),
        score=score[best],
        order=found.order,
        dice=np.where(both, found.dice, np.nan),
        cosine=found.cosine,
        next_eval=pairs.other,
        next_train=back[best],
        vectors=one.extra[best],
        agrees=agree[best],
    )

"""The audit of the data with leaks planted in them, and how many of these it found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from auditor.errors import DataError
from auditor.selftest.alterations import ALTERATIONS, SURE
from auditor.selftest.planting import Plant, alone, plants, rows_of, with_rows
from checks.contract import Data
from checks.intervals import wilson
from checks.rewrites import Rewrites
from checks.rewritten.find import Found, find
from checks.text.clusters import eval_clusters
from checks.text.leaks import BY_PROMPT, CLEAN, SUSPECT, Leaks, leaks
from checks.text.texts import Texts, eval_texts, train_texts

SUSPECTED, LEAKED = 1, 2
_SHIPPED = Rewrites()


class Share(Struct, frozen=True):
    """A share with its 95 % Wilson interval; null where nothing was counted."""

    value: float | None
    low: float
    high: float


class Tier(Struct, frozen=True):
    """What one tier of the audit found of a kind: leaked alone, or leaked and suspected together."""

    found: int
    """Eval rows found through the row that was planted for them."""
    recall: Share
    """Of the rows that were judged."""
    false: int
    """Eval rows flagged through a row of this kind that was not made of them, nor of one like them."""
    precision: float | None
    """found / (found + false)."""


class Kind(Struct, frozen=True, kw_only=True):
    """How one kind of leak was found."""

    name: str
    told: str
    needs: str
    planted: int
    judged: int
    """Planted rows but those that a row planted for another one matches better."""
    decoys: int
    """Training rows altered in the same way, which leak nothing."""
    leaked: Tier
    either: Tier

    @property
    def sound(self) -> bool:
        """Whether every row was found that has to be."""
        return self.name not in SURE or self.leaked.found == self.judged


class Trial(Struct, frozen=True, kw_only=True):
    """A self-test: what was planted and what of it was found."""

    schema: int
    seed: int
    train_rows: int
    eval_rows: int
    leaked_before: int
    suspected_before: int
    """Eval rows flagged in the data as they are; nothing is planted for them."""
    free: int
    """Eval rows that something could be planted of: clean, not blank, of equal ones the first."""
    each: int
    """Rows wanted of a kind."""
    planned: int
    """Rows aimed at: fewer than wanted where the data are small."""
    kinds: tuple[Kind, ...]
    controls: int
    """Eval rows that were clean and for which nothing was planted, nor for one like them."""
    false_leaked: int
    false_suspected: int
    """Controls that were flagged all the same."""
    rewrites: str | None
    """Why no rewrites were looked for; None where they were."""

    @property
    def sound(self) -> bool:
        """Whether every exact and normalised copy was found."""
        return all(kind.sound for kind in self.kinds)


class _Tally(NamedTuple):
    """What the audit says of the data with plants."""

    flag: NDArray[np.int64]
    """Per eval row: 0 clean, 1 suspected, 2 leaked."""
    through: NDArray[np.int64]
    """Per eval row: number of the plant it matches best; -1 where that is a row of the user or nothing."""
    controls: NDArray[np.bool_]
    """Per eval row: it was clean, and nothing was planted for it or for one like it."""


def try_out(data: Data, *, each: int, seed: int, rewrites: Rewrites = _SHIPPED) -> Trial:
    """Plant leaks in memory, look for them as an audit does, and count.

    Args:
        data: train and eval; neither is changed.
        each: rows to plant of each kind. Where the data are small it is fewer, so that at least as many clean eval
            rows stay without a plant as a kind has.
        seed: another seed plants other rows.
        rewrites: the check of rewrites as the audit asks it; whether it looks at all, the rows of the user decide.

    Raises:
        DataError: there is nothing to plant, or nothing to plant it in.
    """
    if data.eval is None or not {"train.text", "eval.text"} <= data.offers():
        why = "name the eval file with --eval FILE" if data.sketch is None else "a sketch holds none"
        message = f"a self-test needs the texts of train and eval; {why}"
        raise DataError(message)
    why_not = rewrites.too_many(data)
    before = _seen(data, why_not)
    free = _free(data, before)
    planned = min(each, max(1, len(free) // (len(ALTERATIONS) + 1)))
    chosen = _chosen(data, free, each=planned, seed=seed)
    after = _seen(data.but(train=with_rows(data.train, [plant.row for plant in chosen])), why_not)
    sources = np.array([plant.source for plant in chosen if plant.source is not None])
    kin = _leaks(data.but(train=alone(list(rows_of(Texts(data.eval), sources)))))
    controls = before.clean & ~before.unseen & (kin.kind == CLEAN)
    controls[sources] = False
    through = np.where(after.witness >= data.train.rows, after.witness - data.train.rows, -1)
    tally = _Tally(after.flag, through, controls)
    kinds = tuple(_kind(number, chosen, tally) for number in range(len(ALTERATIONS)))
    stays, false = before.flag, np.bincount(tally.flag[tally.controls], minlength=3).tolist()
    return Trial(
        schema=1,
        seed=seed,
        train_rows=data.train.rows,
        eval_rows=data.eval.rows,
        leaked_before=int((stays == LEAKED).sum()),
        suspected_before=int((stays == SUSPECTED).sum()),
        free=len(free),
        each=each,
        planned=planned,
        kinds=kinds,
        controls=int(tally.controls.sum()),
        false_leaked=false[LEAKED],
        false_suspected=false[SUSPECTED],
        rewrites=before.told,
    )


class _Seen(NamedTuple):
    """What the audit says of each eval row, by its wording or in other words."""

    flag: NDArray[np.int64]
    """0 clean, 1 suspected, 2 leaked."""
    witness: NDArray[np.int64]
    """The training row that it matches best, -1 if none."""
    clean: NDArray[np.bool_]
    """Not even a template."""
    unseen: NDArray[np.bool_]
    told: str | None
    """Why no rewrites were looked for."""


def _seen(data: Data, why_not: str | None) -> _Seen:
    """What the checks of leakage and of rewrites say: a rewrite counts as suspected where wording alone shows nothing.

    Args:
        data: with or without plants.
        why_not: why no rewrites are looked for, if so.
    """
    found = _leaks(data)
    other: Found | str = why_not or data.once(find)
    flag, witness, clean = _flags(found), found.witness.copy(), found.kind == CLEAN
    if isinstance(other, str):
        return _Seen(flag, witness, clean, found.unseen, other)
    rows = other.judged.row
    new = flag[rows] == 0
    flag[rows[new]], witness[rows[new]], clean[rows] = SUSPECTED, other.judged.train[new], False
    return _Seen(flag, witness, clean, found.unseen, None)


def _leaks(data: Data) -> Leaks:
    found = data.once(leaks)
    if found is None:
        raise DataError("a self-test needs eval rows")
    return found


def _flags(found: Leaks) -> NDArray[np.int64]:
    flags: NDArray[np.int64] = (found.kind >= SUSPECT).astype(np.int64) + (found.kind >= BY_PROMPT)
    return flags


def _free(data: Data, before: _Seen) -> NDArray[np.int64]:
    """Eval rows that something can be planted of: clean as things stand, and of equal ones the first."""
    copies = data.once(eval_clusters)
    repeated = copies.exact if copies is not None else np.zeros(len(before.flag), np.bool_)
    free = np.flatnonzero(before.clean & ~before.unseen & ~repeated)
    if not len(free):
        raise DataError(
            "no eval row can be planted: each is blank or found in train already; audit them first"
        )
    return free


def _chosen(data: Data, free: NDArray[np.int64], *, each: int, seed: int) -> tuple[Plant, ...]:
    evals = data.once(eval_texts)
    chosen = plants(data.once(train_texts), evals, free, each=each, seed=seed) if evals else ()
    if not chosen:
        raise DataError("no training row holds a word, so there is nothing to plant leaks among")
    return chosen


def _kind(number: int, chosen: Sequence[Plant], tally: _Tally) -> Kind:
    """Count one kind: its own rows where they are judged, and the controls that it flagged."""
    ours = [(place, plant.source) for place, plant in enumerate(chosen) if plant.kind == number]
    planted = [(place, row) for place, row in ours if row is not None]
    judged = [(place, row) for place, row in planted if tally.through[row] in (place, -1)]
    blamed = tally.controls & np.isin(tally.through, [place for place, _ in ours])

    def tier(least: int) -> Tier:
        found = sum(bool(tally.flag[row] >= least and tally.through[row] == place) for place, row in judged)
        false = int((tally.flag[blamed] >= least).sum())
        share = found / len(judged) if judged else None
        low, high = wilson(share or 0.0, len(judged))
        precision = found / (found + false) if found + false else None
        return Tier(found, Share(share, low, high), false, precision)

    alteration = ALTERATIONS[number]
    return Kind(
        name=alteration.name,
        told=alteration.told,
        needs=alteration.needs,
        planted=len(planted),
        judged=len(judged),
        decoys=len(ours) - len(planted),
        leaked=tier(LEAKED),
        either=tier(SUSPECTED),
    )

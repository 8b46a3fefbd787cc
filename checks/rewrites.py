"""Rewrites: eval examples that stand in training data in other words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from checks.contract import Data, Measure, Result
from checks.intervals import wilson
from checks.places import unquoted
from checks.rewritten import scoring
from checks.rewritten.find import SHORT, BestPairs, Found, bonus, find
from checks.rewritten.shown import review_list
from checks.rewritten.vectors import vectors

NOISE = 3
"""Times the noise floor that rewrites must exceed to be more than noise."""


@dataclass(frozen=True, slots=True)
class Rewrites:
    """Few eval examples stand in training data in other words, or with other numbers.

    What word-for-word detectors cannot see, without a model: eval rows that `leakage` counts as leaked are taken out, the
    others are compared prompt against prompt (the whole row where there is no prompt), and by score each has one best
    training row. score = 4.25 order + 8.5 margin + 5.4 numbers + 3.25 ln(1 + shared) - 15.6, like the logarithm of odds, but
    no probability. Terms are words without their endings, numbers by value, parts of identifiers, pairs of Han, kana, Thai
    or Hangul characters; each weighs its idf among the different prompts of both sides. order: longest common subsequence by
    weight, as a share of the lighter text (the first 400 terms of each). margin: cosine of the two, less that of the
    training text to the nearest other eval row or to the nearest other training text that is no copy of the same eval row.
    numbers: (agreement as multisets - .5) * min(1, count / 6); .9 is added where four and more agree to .8. shared: weight of
    the common terms in nats * 9.15 / ln(rows).

    `suspected_rewrites`: score of at least .9, numbers kept or none. `strong_rewrites`: those of at least 2.9.
    `template_copies`: score of at least .9, numbers on both sides and fewer than 80 % of them the same.
    `answer_supported_rewrites`: those of either kind whose score is lower, by no more than ln(.9 / chance), at most 2.9, and
    whose final number, few words or label are the same as those of the training row; chance is how often neighbours that
    are no rewrites agree, measured on up to 2,000 pairs; above one in ten, as of classes, agreement counts for nothing. Unit:
    eval rows, of those that were looked for.
    Rows of up to 12 different terms need .5 or 1 less, where no more than 1 % of such decoys are flagged by it.
    `unscored_eval_rows`: not leaked, but of fewer than four different terms.
    `decoy_floor`, `strong_decoy_floor`: what the same search flags where nothing can be: half of the eval rows stand in as
    training rows, the other half is looked for among them; share of that half, and the share with a strong rewrite.
    `rewrites_beyond_noise`: strong rewrites less three times what the strong floor predicts, with the interval of that floor;
    an estimate. The floor is not scaled to the size of train: of GSM8K's clean rows one is strong among 300 training rows as
    among 2,300.

    In prompts of 400 bytes and more the last question is compared by itself, too, and in training prompts of 1,500 and more
    each paragraph of 80: a question after a passage, a turn of a long chat. The pair that counts is the best of these.

    With vectors of the user (`--vectors`), pairs that they propose are looked at, too, and a score gains -ln p - 1 - ln r, from
    0 to 8 nats: p is how often decoys show such a margin (cosine of the pair, less that of the training row to any other
    eval row), r how many times more rows train has than there are decoys. 3.6 such nats make a suspect without any words.

    Nothing is measured, with vectors or without, where train has fewer than 200 different prompts: how rare a word is cannot
    be told from fewer.

    Errors: a list for review, no verdict. Of 657 LLM rewrites hidden in GSM8K it finds 94 % by score and 98 % with the
    answers at 1 % of clean rows flagged; rewrites of questions of ten words about half, of code in another programming language 58 to 74 %.
    Translations into another language share no words and are found only with vectors. Two tasks that ask the same by nature (intents of
    customers, exercises of one textbook) are flagged, too; the numbers and both texts tell.
    Source: S1 (zero overlap between training data and eval set); Yang et al. 2023, Rethinking Benchmark and Contamination
    for Language Models with Rephrased Samples (rewrites that n-grams miss raise scores as exact copies do).
    """

    id: ClassVar[str] = "rewrites"
    title: ClassVar[str] = "Eval examples that stand in training data in other words"
    needs: ClassVar[frozenset[str]] = frozenset({"train.text", "eval.text"})
    measures: ClassVar[tuple[str, ...]] = (
        "suspected_rewrites",
        "strong_rewrites",
        "template_copies",
        "answer_supported_rewrites",
        "rewrites_beyond_noise",
        "decoy_floor",
        "strong_decoy_floor",
        "unscored_eval_rows",
    )

    most_rows: int = 100_000
    """Training rows up to which rewrites are looked for: as many as take about 5 CPU seconds. Above, nothing is measured
    and the report says so; a larger number asks for it."""
    most_eval_rows: int = 100_000
    """The same of eval rows, all of which are held in memory. Tool default: as many as of train; an eval set of so many rows is
    rarely one."""

    def __post_init__(self) -> None:
        for name, most in (("most-rows", self.most_rows), ("most-eval-rows", self.most_eval_rows)):
            if most < 0:
                message = f"{name} is {most}; it must be 0 or more"
                raise ValueError(message)

    def too_many(self, data: Data) -> str | None:
        """Why nothing is looked for in data of this size, and how to ask for it; None where it is."""
        for split, name, most in (
            (data.train, "most-rows", self.most_rows),
            (data.eval, "most-eval-rows", self.most_eval_rows),
        ):
            if split is not None and split.rows > most:
                return (
                    f"{split.role} has {split.rows:,} rows and the setting {name} is {most:,}; ask for it with "
                    f"[check.rewrites] {name} = {split.rows} in auditor.toml"
                )
        return None

    def run(self, data: Data) -> Result:
        """Search, count, and list what people should look at."""
        if data.eval is None or not data.eval.rows:
            return Result((), (), ("eval has no rows that could be looked for.",))
        if why := self.too_many(data):
            return Result((), (), (f"not looked for: {why}.", *_vectors_left(data)))
        found = data.once(find)
        if isinstance(found, str):
            return Result((), (), (found + ".", *_vectors_left(data)))
        evidence = [review_list(data.train, data.eval, found.judged)] if len(found.judged.row) else []
        return Result(
            (*_counts(found), *_floors(found), _unscored(found, data.eval.rows)),
            tuple(evidence),
            (*_of_vectors(found), *_notes(found, data.train.rows), *unquoted(*evidence)),
        )


def _vectors_left(data: Data) -> Iterator[str]:
    """That vectors were given in vain, where nothing was looked for."""
    if data.once(vectors) is not None:
        yield "Vectors took no part, since nothing was looked for."


def _strong(judged: BestPairs) -> int:
    return int(((judged.score >= scoring.STRONG) & (judged.kind == scoring.REWRITE)).sum())


def _counts(found: Found) -> Iterator[Measure]:
    judged, of = found.judged, found.checked
    by_score = judged.score >= scoring.REVIEW
    for name, flags in (
        ("suspected_rewrites", by_score & (judged.kind == scoring.REWRITE)),
        ("template_copies", by_score & (judged.kind == scoring.TEMPLATE)),
        ("answer_supported_rewrites", ~by_score),
    ):
        yield Measure(name=name, value=int(np.sum(flags)), of=of)
    yield Measure(name="strong_rewrites", value=_strong(judged), of=of)


def _floors(found: Found) -> Iterator[Measure]:
    """What decoys show, and what is left of the strong rewrites beyond it."""
    rows, strong = found.decoy_rows, _strong(found.decoys)
    if rows == 0:
        return
    for name, count in (("decoy_floor", len(found.decoys.row)), ("strong_decoy_floor", strong)):
        share = count / rows
        yield Measure(
            name=name, value=share, kind="share", of=rows, interval=wilson(share, rows), basis="estimated"
        )
    low, high = wilson(strong / rows, rows)
    most, beyond, least = (
        max(0.0, _strong(found.judged) - NOISE * found.checked * share)
        for share in (low, strong / rows, high)
    )
    yield Measure(
        name="rewrites_beyond_noise",
        value=beyond,
        of=found.checked,
        interval=(least, most),
        basis="estimated",
    )


def _unscored(found: Found, rows: int) -> Measure:
    return Measure(name="unscored_eval_rows", value=found.unscored, of=rows)


def _of_vectors(found: Found) -> Iterator[str]:
    """Whether vectors took part, where there are some."""
    if found.vectors is None:
        return
    if not found.vectors:
        yield "Vectors took no part: what they say is judged by decoys, and so few eval rows make none."
        return
    listed = found.judged.vectors
    yield f"Vectors took part: they raise the score of {(listed > 0).sum():,} of the {len(listed):,} pairs listed."


def _notes(found: Found, pool: int) -> Iterator[str]:
    if found.decoy_rows:
        yield (
            f"Noise floor: of {found.decoy_rows:,} eval rows looked for among {found.decoy_pool:,} others, where no rewrite "
            f"is expected, {len(found.decoys.row):,} were flagged, {_strong(found.decoys):,} of them as strong rewrites. The "
            f"pool in train is another one, of {pool:,} rows; the floor is not scaled to it."
        )
    if found.relief:
        yield f"Eval rows of up to {SHORT} different words need {found.relief:g} less, since decoys as short are not flagged by it."
    if found.chance is not None:
        lower = bonus(found.chance)
        says = f"lowers the score that is needed by {lower:.2g}" if lower else "counts for nothing"
        yield (
            f"Neighbours that are no rewrites have the same answer in {found.chance:.1%} of cases; so the same answer {says}."
        )
    weak = "" if found.vectors else "; translations into another language are found only with --vectors"
    yield f"This is a list for review, not a verdict{weak}."

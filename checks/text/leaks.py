"""Which eval rows leak into training and how, from the judged pairs of `checks.text.overlap`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from checks.contract import Data, Measure
from checks.measures import Counted
from checks.text.clusters import eval_clusters, train_clusters
from checks.text.lookup import find_all, lookup
from checks.text.overlap import Overlap, overlap
from checks.text.prints import Prints
from checks.text.probe import PROMPT
from checks.text.scan import scan
from checks.text.sketched import Sketched
from checks.text.templates import only_templates, template_prompts, templates
from checks.text.texts import train_texts

LEAKED_COVERAGE = 0.9
"""Share of an eval text (or prompt) in order inside a training text from which it counts as leaked: of 1,000 planted
leaks 96 % of the light edits and all others reach it, of 9,000 rows without a leak none does by its whole text."""
SUSPECTED = 0.6
"""Coverage or Jaccard similarity from which a pair is worth a look: 92 % of light paraphrases, 1 % of clean rows."""

CLEAN, TEMPLATE, SUSPECT, BY_PROMPT, CONTAINED, NEAR, EXACT = range(7)
"""How an eval row is affected, from least to most; from `BY_PROMPT` on it counts as leaked."""
NAMES = {
    TEMPLATE: "template",
    SUSPECT: "suspected",
    BY_PROMPT: "same prompt",
    CONTAINED: "contained",
    NEAR: "near",
    EXACT: "exact",
}
"""As reports name them; clean rows are not listed."""
COUNTED = Counted(
    by="kind",
    measures={
        **{NAMES[kind]: "leaked_eval_rows" for kind in (BY_PROMPT, CONTAINED, NEAR, EXACT)},
        NAMES[SUSPECT]: "suspected_eval_rows",
    },
)
"""Which measure counts a row of each kind."""


@dataclass(frozen=True, slots=True)
class Leaks:
    """The verdict on each eval row, with its strongest witness in train."""

    kind: NDArray[np.int64]
    """Per eval row: `CLEAN` ... `EXACT`."""
    witness: NDArray[np.int64]
    """Per eval row: the training row it matches best, -1 if none."""
    jaccard: NDArray[np.float64]
    coverage: NDArray[np.float64]
    prompt_coverage: NDArray[np.float64]
    """Per eval row: what was measured against its witness."""
    matches: NDArray[np.int64]
    """Per eval row: distinct training texts that match it."""
    train: NDArray[np.bool_]
    """Per training row: it holds a leaked eval row or its prompt."""
    unseen: NDArray[np.bool_]
    """Per eval row: nothing to compare, no detector can see it."""
    short: NDArray[np.bool_]
    """Per eval row: too short or too common to be looked for inside longer texts; only whole texts are compared."""
    crowded: NDArray[np.bool_]
    """Per eval row that is not leaked: it had more candidates than were judged."""
    judged: NDArray[np.int64]
    """Candidate pairs of distinct texts that were measured, by what became of them: `CLEAN` ... `EXACT`."""
    proposed: NDArray[np.int64]
    """The same for each way to find candidates (see `overlap.Overlap.proposed`); some pairs are found in several ways. Of a
    sketch the ways are not told apart: shape (0, kinds)."""

    def counts(self) -> dict[str, NDArray[np.bool_]]:
        """Which eval rows each measure of the leakage check counts."""
        return {
            "exact_leaked_eval_rows": self.kind == EXACT,
            "near_leaked_eval_rows": self.kind >= NEAR,
            "contained_eval_rows": self.kind == CONTAINED,
            "prompt_leaked_eval_rows": self.kind == BY_PROMPT,
            "leaked_eval_rows": self.kind >= BY_PROMPT,
            "suspected_eval_rows": self.kind == SUSPECT,
            "template_eval_rows": self.kind == TEMPLATE,
            "unchecked_eval_rows": self.unseen,
            "short_eval_rows": self.short,
            "crowded_eval_rows": self.crowded,
        }


def unread(data: Data) -> Measure:
    """Training records that could not be read: any of them may be an eval row."""
    lost = data.lost("train")
    return Measure(name="unread_train_records", value=lost, of=data.train.records + lost)


def leaks(data: Data) -> Leaks | None:
    """Leaks of eval into train, None without an eval split; use it as `data.once(leaks)`."""
    made, pairs = data.once(scan), data.once(overlap)
    train, evals = data.once(train_clusters), data.once(eval_clusters)
    if pairs is None or evals is None:
        return None
    rows = made.probe.prints
    kinds = _pair_kinds(data, pairs, rows)
    strength = kinds + np.maximum.reduce((pairs.jaccard, pairs.coverage, pairs.prompt_coverage)) / 2
    ties = made.train.text[pairs.train, 0]  # by content: the order of rows must not decide
    order = np.lexsort((ties, strength, pairs.eval))
    order = order[kinds[order] > CLEAN]
    last = np.ones(len(order), np.bool_)
    last[:-1] = pairs.eval[order[1:]] != pairs.eval[order[:-1]]
    best = np.full(len(rows.words), -1, np.int64)
    best[pairs.eval[order[last]]] = order[last]
    best = best[evals.first]
    found = best >= 0

    def measured(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(found, values[best], 0.0) if len(values) else np.zeros(len(best))

    kind = np.where(found, kinds[best], CLEAN) if len(kinds) else np.full(len(best), CLEAN)
    witness = np.where(found, pairs.train[best], -1) if len(kinds) else np.full(len(best), -1)
    by_prompt = _by_prompt(data, pairs, rows)
    long_prompt = by_prompt == BY_PROMPT
    witness = np.where(by_prompt > kind, pairs.prompt_witness, witness)
    prompt_coverage = np.where(by_prompt > kind, 1.0, measured(pairs.prompt_coverage))
    kind = np.maximum(kind, by_prompt)
    held = np.zeros(len(train.first), np.bool_)
    held[pairs.train[kinds >= BY_PROMPT]] = True
    asked = lookup(rows.prompt[long_prompt], np.flatnonzero(long_prompt))
    same = (find_all(np.ascontiguousarray(made.train.prompt), asked) >= 0) & (made.train.asked > 0)
    matches = np.bincount(pairs.eval[order], minlength=len(best))[evals.first]
    return Leaks(
        kind,
        witness,
        measured(pairs.jaccard),
        measured(pairs.coverage),
        prompt_coverage,
        np.maximum(matches, kind > CLEAN),
        held[train.first] | same,
        unseen=rows.blank,
        short=~made.probe.seen & ~rows.blank,
        crowded=pairs.crowded & (kind < BY_PROMPT),
        judged=np.bincount(kinds, minlength=EXACT + 1),
        proposed=np.array([np.bincount(kinds[by], minlength=EXACT + 1) for by in pairs.proposed.T]),
    )


def _by_prompt(data: Data, pairs: Overlap, rows: Prints) -> NDArray[np.int64]:
    """What each eval row is by its prompt alone, word for word the prompt of a training row."""
    of_templates = template_prompts(data.once(scan).probe.lists, data.once(templates))
    long_prompt = ~pairs.template_prompt & ~of_templates & (rows.asked >= PROMPT)
    kinds = np.where(long_prompt, BY_PROMPT, np.where(of_templates, TEMPLATE, SUSPECT))
    kinds[~pairs.same_prompt] = CLEAN
    return kinds


def kinds_of(
    pairs: Overlap | Sketched,
    words: NDArray[np.int32],
    asked: NDArray[np.int32],
    template: NDArray[np.bool_],
    *,
    leaked: float,
    threshold: float,
) -> NDArray[np.int64]:
    """What each pair says about its eval row, by coverage and similarity.

    Args:
        pairs: what is judged.
        words: words of each eval text.
        asked: words of each prompt.
        template: eval rows with a prompt that many training rows have.
        leaked: coverage from which a row counts as leaked.
        threshold: Jaccard similarity from which texts are near copies.
    """
    prompt = np.where(asked[pairs.eval] >= PROMPT, pairs.prompt_coverage, 0.0)
    suspect = np.maximum.reduce((pairs.jaccard, pairs.coverage, prompt)) >= SUSPECTED
    kinds = np.where(suspect, SUSPECT, CLEAN)
    kinds[(prompt >= leaked) & ~template[pairs.eval]] = BY_PROMPT
    kinds[(pairs.coverage >= leaked) & (words[pairs.eval] >= PROMPT)] = CONTAINED
    kinds[pairs.jaccard >= threshold] = NEAR
    return kinds


def _pair_kinds(data: Data, pairs: Overlap, rows: Prints) -> NDArray[np.int64]:
    """What each judged pair says about its eval row."""
    kinds = kinds_of(
        pairs, rows.words, rows.asked, pairs.template_prompt,
        leaked=LEAKED_COVERAGE, threshold=data.text.threshold,
    )  # fmt: skip
    affected = np.flatnonzero((kinds > CLEAN) & ~pairs.exact)
    shared = np.stack((pairs.train[affected], pairs.eval[affected]), axis=1)
    lists, known = data.once(scan).probe.lists, data.once(templates)
    kinds[affected[only_templates(data.once(train_texts), lists, shared, known)]] = TEMPLATE
    kinds[pairs.exact] = EXACT
    return kinds

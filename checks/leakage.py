"""Leakage: eval examples that also stand in training data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checks.contract import EXCERPT, Chart, Data, Evidence, Measure, Result, Split
from checks.groups import shared_groups
from checks.measures import Counted
from checks.places import QUOTED, around, place, shown, unquoted
from checks.sketched import sketch_result
from checks.text.edits import EDITS
from checks.text.leaks import (
    BY_PROMPT,
    CLEAN,
    CONTAINED,
    COUNTED,
    EXACT,
    NAMES,
    NEAR,
    SUSPECT,
    TEMPLATE,
    Leaks,
    leaks,
    unread,
)
from checks.text.scan import Scan, scan
from checks.text.severity import severity_table
from checks.text.templates import templates, wordings
from checks.text.texts import eval_texts
from checks.text.visibility import Visibility, power_table, powers, visibility
from checks.text.witnesses import SEVERITIES, Witnesses, witnesses

_WAYS = ("equal hash or MinHash band", "5-grams of the text", "5-grams of the prompt")
_SHOWN_FIRST = (NEAR, CONTAINED, BY_PROMPT, EXACT, SUSPECT, TEMPLATE)
"""Order of the evidence: what a reader would not have found by searching comes first."""


@dataclass(frozen=True, slots=True)
class Leakage:
    """Eval examples that also stand in training data.

    Each eval row counts once, under the strongest kind: `exact_leaked_eval_rows` (its folded text is that of a
    training row), `near_leaked_eval_rows` (Jaccard similarity of at least `threshold`, exact ones included),
    `contained_eval_rows` (not near, but at least .9 of its words stand in order inside a training row; from 8 words),
    `prompt_leaked_eval_rows` (none of these, but the same holds for its prompt; from 8 words). `leaked_eval_rows` is
    near + contained + prompt. `suspected_eval_rows`: not leaked, but coverage or Jaccard in .6 to the limit, or a
    prompt that train has too but that is under 8 words or a template; for review. `template_eval_rows`: alike, but not
    equal, and every run of five words that the two texts share is a template: more than 20 distinct eval texts (and
    .2 % of them) and as many training rows hold it; no leak. `leaking_train_rows`: training
    rows that hold a leaked eval row or its prompt.

    `severity_eval_rows`: the leaked rows by what of them stands in the training row they match best: prompt and answer
    (the label, where that is the answer), prompt, answer, or context only, where nine in ten words around the question
    stand there and less than half of the question (the last sentence of the prompt, or the first of several lines).
    Each pair is told by its kind of edit, the least that explains all of them: format only (also a number written
    otherwise), number changed, entity swapped (names and numbers; names are words with a capital inside a sentence),
    negation flipped (in 13 languages), words changed.

    Rows that are no strangers: `shared_group_eval_rows`, those whose document, conversation or user train has too, of
    those that name one; `same_period_share`, the share of eval rows with a time that lie between the first and the
    last time of train.

    What could be seen: `unread_train_records` of train could not be read, so that nobody knows whether they are eval
    rows; without a training record nothing is known at all. `unchecked_eval_rows` have nothing to compare (blank).
    `short_eval_rows` are only compared as whole texts, not looked for inside longer ones, since they have fewer than 5
    words or only phrases: runs of five words that more than 20 distinct eval texts, and .2 % of them, share.
    `crowded_eval_rows` are not leaked and had more candidates than were judged: the 256 texts that hold most of it, and
    those that share a MinHash band (16 to 4,096, the fewer the more eval rows share it too). Unit: eval rows.

    Candidates: equal hashes, MinHash-LSH, an index of eval word 5-grams (whole row and prompt; of those over 31 grams
    every second, fourth ... by hash value, at least about 16), of which a training row must hold a quarter and two (of
    fewer than 3 one): a row of 8 to 12 words that one changed word cuts in two may be missed. Every candidate is
    measured exactly; coverage is the longest common subsequence of words with the best window of the training row.
    Not found: paraphrases and translations (see `rewrites`). Planted in 1M rows: 100 % of exact, normalised, embedded, lightly edited
    and same-prompt leaks, 90 % of light paraphrases in either tier.
    Where eval is a sketch (`auditor sketch`), the same is measured by keyed hashes: coverage is estimated from runs of
    shared five-word phrases, whose order on the eval side is not known (leaked from .85), and the similarity of rows
    under 30 words from summaries, so a pass is unverified. Of 905 leaks in 100,000 rows it finds 888 and suspects 17; of
    8,687 clean rows it calls 1 leaked and suspects 56.
    Source: S1 (zero overlap between training data and eval set).
    """

    id: ClassVar[str] = "leakage"
    title: ClassVar[str] = "Eval examples that also stand in training data"
    needs: ClassVar[frozenset[str]] = frozenset({"train.text", "eval.wording"})
    measures: ClassVar[tuple[str, ...]] = (
        "exact_leaked_eval_rows",
        "near_leaked_eval_rows",
        "contained_eval_rows",
        "prompt_leaked_eval_rows",
        "leaked_eval_rows",
        "suspected_eval_rows",
        "template_eval_rows",
        "leaking_train_rows",
        "unread_train_records",
        "unchecked_eval_rows",
        "short_eval_rows",
        "crowded_eval_rows",
        "severity_eval_rows",
        "shared_group_eval_rows",
        "same_period_share",
    )

    def run(self, data: Data) -> Result:
        """Count the tiers and show each affected eval row beside the training row it matches best."""
        if data.sketch is not None:
            return sketch_result(data)
        found, pairs, sight = data.once(leaks), data.once(witnesses), data.once(visibility)
        if found is None or pairs is None or sight is None or data.eval is None:
            return Result(())
        rows = data.eval.rows
        measures = [
            Measure(name=name, value=int(flags.sum()), of=rows) for name, flags in found.counts().items()
        ]
        held = Measure(name="leaking_train_rows", value=int(found.train.sum()), of=data.train.rows)
        measures += [held, unread(data)]
        severe = np.bincount(pairs.severity[found.kind >= BY_PROMPT], minlength=len(SEVERITIES))
        measures += [
            Measure(name="severity_eval_rows", group=name, value=int(number), of=rows)
            for name, number in reversed([*zip(SEVERITIES, severe, strict=True)][1:])  # no template is a leak
        ]
        groups = shared_groups(data)
        evidence = [
            *(_affected(data.train, data.eval, found, pairs) if (found.kind > CLEAN).any() else ()),
            *groups.evidence,
            *_wordings(data),
            *(_sight(data, data.eval, found, sight) if rows else []),
        ]
        return Result(
            (*measures, *groups.measures),
            tuple(evidence),
            (*_notes(data, found), *groups.notes, *unquoted(*evidence)),
        )


def _affected(train: Split, evals: Split, found: Leaks, pairs: Witnesses) -> tuple[Evidence, ...]:
    rank = np.full(EXACT + 1, len(_SHOWN_FIRST))
    rank[list(_SHOWN_FIRST)] = range(len(_SHOWN_FIRST))
    rows = np.flatnonzero(found.kind > CLEAN)
    coverage = np.maximum(found.coverage, found.prompt_coverage)
    rows = rows[np.lexsort((rows, -coverage[rows], rank[found.kind[rows]]))]
    text, train_text = _excerpts(evals, rows, train, found.witness[rows], pairs.start[rows])
    table = pl.concat(
        [
            place(evals, rows),
            place(train, found.witness[rows], "train_"),
            pl.DataFrame(
                {
                    "text": text,
                    "train_text": train_text,
                    "severity": _named(SEVERITIES, pairs.severity[rows]),
                    "edit": _named(EDITS, pairs.edit[rows]),
                    "changed_words": pairs.changed[rows],
                    "jaccard": _measured(found.jaccard[rows]),
                    "coverage": _measured(found.coverage[rows]),
                    "prompt_coverage": _measured(found.prompt_coverage[rows]),
                    "matches": found.matches[rows],
                }
            ),
        ],
        how="horizontal",
    )
    kinds = pl.Series("kind", [NAMES[kind] for kind in found.kind[rows].tolist()], dtype=pl.String)
    table = table.select(pl.lit("eval").alias("split"), kinds, pl.all())
    kept = [(name, int((found.kind == kind).sum())) for kind, name in reversed(NAMES.items())]
    counts = ", ".join(f"{count:,} {name}" for name, count in kept if count)
    title = f"Eval rows ({counts}) and the training row each matches best"
    return Evidence(title, table, ("text", "train_text"), counted=COUNTED), severity_table(found, pairs)


_SEEN = Chart(picture="bars", label="detector", values=("share",), unit="share")


def _named(names: tuple[str, ...], numbers: NDArray[np.int64]) -> pl.Series:
    return pl.Series(names, dtype=pl.String).gather(pl.Series(numbers))


def _measured(values: NDArray[np.float64]) -> pl.Series:
    """Null where nothing was measured because nothing suggested that there is any."""
    return pl.Series(values).replace(0.0, None)


def _excerpts(
    evals: Split,
    rows: NDArray[np.int64],
    train: Split,
    witness: NDArray[np.int64],
    start: NDArray[np.int64],
) -> tuple[pl.Series, pl.Series]:
    """Both texts of each pair, the training text cut to where the eval text stands in it, from byte `start` on."""
    ours, theirs = [], []
    pairs = zip(shown(evals, rows[:QUOTED]), shown(train, witness[:QUOTED]), start.tolist(), strict=False)
    for text, other, begin in pairs:
        short = around(text, 0, EXCERPT)
        ours.append(short)
        theirs.append(around(other, len(other.encode()[:begin].decode()), len(short)))
    rest = [None] * max(0, len(rows) - QUOTED)
    return pl.Series(ours + rest, dtype=pl.String), pl.Series(theirs + rest, dtype=pl.String)


def _sight(data: Data, evals: Split, found: Leaks, sight: Visibility) -> list[Evidence]:
    """What each detector can find, what it could see, what became of its candidates, and the rows it could not see."""
    seen = [(name, int(flags.sum())) for name, flags in sight.seen.items()]
    seen.append(("none of them", int(found.unseen.sum())))
    saw = pl.DataFrame(seen, schema=["detector", "eval_rows"], orient="row").with_columns(
        share=pl.col("eval_rows") / evals.rows
    )
    tables = [
        Evidence("What each detector can find", power_table(powers(data))),
        Evidence("Eval rows that each detector could see", saw, chart=_SEEN),
    ]
    if pairs := int(found.judged.sum()):
        ended = [
            *((NAMES[kind], int(found.judged[kind])) for kind in reversed(NAMES)),
            ("nothing", int(found.judged[CLEAN])),
        ]
        ways = pl.DataFrame([_yield(*way) for way in zip(_WAYS, found.proposed, strict=True)])
        tables.append(Evidence("Candidate pairs by what points to them, and how many were confirmed", ways))
        became = pl.DataFrame(ended, schema=["found_to_be", "pairs"], orient="row")
        title = f"What the {pairs:,} candidate pairs of distinct texts were found to be when measured"
        tables.append(Evidence(title, became.with_columns(share=pl.col("pairs") / pairs)))
    if len(rows := sight.partly):
        by, lacking = (_listed(flags, rows) for flags in (sight.seen, sight.lacking))
        table = place(evals, rows).select(
            pl.lit("eval").alias("split"), pl.all(), by.alias("seen_by"), lacking.alias("not_seen")
        )
        tables.append(Evidence("Eval rows that some detector could not see", table, counted=Counted()))
    return tables


def _listed(flags: dict[str, NDArray[np.bool_]], rows: NDArray[np.int64]) -> pl.Series:
    """For each of the rows the names of the flags that are set."""
    table = pl.DataFrame({name: flag[rows] for name, flag in flags.items()})
    names = [pl.when(pl.col(name)).then(pl.lit(name)) for name in flags]
    return table.select(pl.concat_str(names, separator=", ", ignore_nulls=True)).to_series()


def _notes(data: Data, found: Leaks) -> tuple[str, ...]:
    made = data.once(scan)
    recall = made.banding.recall(data.text.threshold)
    judged, leaked = int(found.judged.sum()), int(found.judged[BY_PROMPT:].sum())
    share = (
        f"{leaked:,} of {judged:,} candidate pairs were leaks when measured ({leaked / judged:.0%})."
        if judged
        else ""
    )
    return (
        (
            f"Near-duplicates at Jaccard {data.text.threshold:g} are found with a probability of {recall:.4%}; suspected "
            f"ones at .6 only with {made.banding.recall(0.6):.0%} unless a 5-gram points to them."
        ),
        *filter(None, [share]),
        "Paraphrases of eval rows are what the check rewrites looks for; translations it finds only with --vectors.",
        *_left_out(made),
    )


def _wordings(data: Data) -> list[Evidence]:
    """The templates of both sides in words."""
    against, known, evals = data.once(scan).probe, data.once(templates), data.once(eval_texts)
    if evals is None or not len(known.grams):
        return []
    found = wordings(against.lists, against.first, evals, known)
    columns = {
        "phrase": [one.text[:EXCERPT] for one in found],
        "words": [one.text.count(" ") + 1 for one in found],
    }
    counts = {"eval_rows": [one.eval_rows for one in found], "train_rows": [one.train_rows for one in found]}
    title = "Templates: wording that many rows of both sides share, which alone is no leak"
    return [Evidence(title, pl.DataFrame(columns | counts), ("phrase",))]


def _yield(way: str, ended: NDArray[np.int64]) -> dict[str, object]:
    """How many of the candidates that one detector proposed were worth it."""
    pairs, leaked, suspected = int(ended.sum()), int(ended[BY_PROMPT:].sum()), int(ended[SUSPECT])
    share = (leaked + suspected) / pairs if pairs else None
    return {
        "found_by": way,
        "pairs": pairs,
        "leaked": leaked,
        "suspected": suspected,
        "confirmed_share": share,
    }


def _left_out(made: Scan) -> tuple[str, ...]:
    if not len(made.probe.phrases):
        return ()
    count, least = f"{len(made.probe.phrases):,}", f"{int(made.probe.phrase_rows.min()):,}"
    which = f"that {least} or more distinct eval texts share"
    return (f"{count} phrases of five words {which} did not count in the search inside longer texts.",)

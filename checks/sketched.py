"""Leakage against a sketch: eval rows that nobody here may see, found in training data by keyed hashes.

The measures are those of `checks.leakage` and mean the same, with two differences. Coverage is estimated from runs of
shared five-word phrases (`checks.text.runs`), since the order of the eval words is not known, and the similarity of
short rows from summaries; what rests on them is an estimate, so a pass is shown as unverified.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checks.contract import Basis, Data, Evidence, Measure, Result
from checks.places import place, quote, unquoted
from checks.text.clusters import train_clusters
from checks.text.leaks import BY_PROMPT, CLEAN, COUNTED, EXACT, NAMES, SUSPECT, Leaks, kinds_of, unread
from checks.text.overlap import COMMON_ROWS, COMMON_SHARE
from checks.text.probe import PROMPT
from checks.text.scan import scan
from checks.text.sketched import COMMON, CROWD, Sketched, sketched

LEAKED = 0.85
"""Estimated coverage from which a row counts as leaked. Against the text (from .9, 100,000 planted chats, 8,000 eval rows)
.9 loses 32 of 746 leaks, nearly all of them edited words that stand close together, .85 loses 19 and .8 10; of 546
suspected rows .9 calls 18 leaked, .85 40 and .8 70; of 6,692 clean ones 1, 1 and 3."""
_MEASURED = frozenset(
    {"exact_leaked_eval_rows", "unchecked_eval_rows", "short_eval_rows", "crowded_eval_rows"}
)
"""Measures that equal hashes and the search itself tell; all others rest on estimates of coverage or similarity."""


def sketch_leaks(data: Data) -> Leaks | None:
    """Leaks of a sketch into train, None without one; use it as `data.once(sketch_leaks)`."""
    found = data.once(sketched)
    if found is None or data.sketch is None:
        return None
    rows, copies = data.sketch.rows, data.once(train_clusters)
    names = data.once(scan).train.text[:, 0]  # by content: the order of rows must not choose a witness
    by, asked_first = _prompts(found, names)
    template = by >= max(COMMON_ROWS, COMMON_SHARE * int((~copies.exact).sum()))
    kinds = kinds_of(found, rows.words, rows.asked, template, leaked=LEAKED, threshold=data.text.threshold)
    kinds[found.exact] = EXACT
    strength = kinds + np.maximum.reduce((found.jaccard, found.coverage, found.prompt_coverage)) / 2
    order = np.lexsort((names[found.train], strength, found.eval))
    order = order[kinds[order] > CLEAN]
    best = np.full(len(rows.words), -1, np.int64)
    best[found.eval[order]] = order  # of several values for a row the last one stays
    best = best[found.first]
    none = np.append(kinds, CLEAN), np.append(found.train, -1)
    kind, witness = none[0][best], none[1][best]
    long_prompt = (by > 0) & ~template & (rows.asked >= PROMPT)
    by_prompt = np.where(long_prompt, BY_PROMPT, np.where(by > 0, SUSPECT, CLEAN))
    asked = by_prompt > kind
    held = np.zeros(len(copies.first), np.bool_)
    held[found.train[kinds >= BY_PROMPT]] = True
    held |= np.isin(found.asked, found.prompt[long_prompt])
    distinct = np.unique(np.stack((found.eval[order], found.train[order]), axis=1), axis=0)
    matches = np.bincount(distinct[:, 0], minlength=len(best))[found.first]
    kind, unseen = np.maximum(kind, by_prompt), rows.text.max(axis=1) == 0
    return Leaks(
        kind=kind,
        witness=np.where(asked, asked_first, witness),
        jaccard=np.append(found.jaccard, 0.0)[best],
        coverage=np.append(found.coverage, 0.0)[best],
        prompt_coverage=np.where(asked, 1.0, np.append(found.prompt_coverage, 0.0)[best]),
        matches=np.maximum(matches, kind > CLEAN),
        train=held[copies.first],
        unseen=unseen,
        short=~found.searched & ~unseen,
        crowded=found.crowded & (kind < BY_PROMPT),
        judged=np.bincount(kinds, minlength=EXACT + 1),
        proposed=np.zeros((0, EXACT + 1), np.int64),
    )


def _prompts(found: Sketched, names: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Per eval row: distinct training texts with its prompt, and that of the lowest name (-1 if there is none)."""
    rows = np.flatnonzero(found.asked >= 0)
    rows = rows[np.argsort(names[rows], kind="stable")]
    number = int(found.prompt.max(initial=-1)) + 1
    first = np.full(number + 1, -1, np.int64)
    first[found.asked[rows][::-1]] = rows[::-1]
    by = np.append(np.bincount(found.asked[rows], minlength=number), 0)
    return by[found.prompt], first[found.prompt]


def sketch_result(data: Data) -> Result:
    """Measures, evidence and notes of the leakage check where eval is a sketch."""
    found, pairs = data.once(sketch_leaks), data.once(sketched)
    if found is None or pairs is None or data.sketch is None:
        return Result(())
    rows = len(found.kind)
    counts = {name: flags for name, flags in found.counts().items() if name != "template_eval_rows"}
    bases: dict[str, Basis] = {name: "measured" if name in _MEASURED else "estimated" for name in counts}
    measures = [
        Measure(name=name, value=int(flags.sum()), of=rows, basis=bases[name])
        for name, flags in counts.items()
    ]
    held = Measure(
        name="leaking_train_rows", value=int(found.train.sum()), of=data.train.rows, basis="estimated"
    )
    evidence = (_affected(data, data.sketch.name, found),) if (found.kind > CLEAN).any() else ()
    return Result(
        (*measures, held, unread(data)), evidence, (*_notes(data.sketch.name, pairs), *unquoted(*evidence))
    )


def _affected(data: Data, name: str, found: Leaks) -> Evidence:
    """Each affected eval row, by its number alone, beside the training row it matches best."""
    rows = np.flatnonzero(found.kind > CLEAN)
    coverage = np.maximum(found.coverage, found.prompt_coverage)
    rows = rows[np.lexsort((rows, -coverage[rows], -found.kind[rows]))]
    measured = {
        "jaccard": found.jaccard[rows],
        "coverage": found.coverage[rows],
        "prompt_coverage": found.prompt_coverage[rows],
    }
    table = pl.DataFrame(
        {
            "split": ["eval"] * len(rows),
            "kind": [NAMES[kind] for kind in found.kind[rows].tolist()],
            "row": rows,
            "file": [name] * len(rows),
            "line": pl.Series([None] * len(rows), dtype=pl.Int64),
            "eval_row": rows,
        }
    )
    witness = found.witness[rows]
    values = [pl.Series(title, numbers).replace(0.0, None) for title, numbers in measured.items()]
    table = table.hstack(place(data.train, witness, "train_")).with_columns(
        quote(data.train, witness).alias("train_text"), *values, matches=pl.Series(found.matches[rows])
    )
    kept = [(kind, int((found.kind == number).sum())) for number, kind in reversed(NAMES.items())]
    told = ", ".join(f"{count:,} {kind}" for kind, count in kept if count)
    return Evidence(
        f"Rows of the sketch ({told}) and the training row each matches best",
        table,
        ("train_text",),
        counted=COUNTED,
    )


def _notes(name: str, found: Sketched) -> tuple[str, ...]:
    notes = (
        f"Eval is the sketch {name}: what rests on coverage, or on the similarity of rows under 30 words, is estimated.",
        "Rows of the sketch are told by their number from 0; whoever made it can look them up.",
        "Paraphrases and translations of eval rows are not looked for.",
    )
    if not found.common:
        return notes
    which = (
        f"{found.common:,} phrases of five words that more than {COMMON:,} of {found.sampled:,} sampled training rows or "
        f"more than {CROWD:,} eval rows share did not count in the search."
    )
    return (*notes, which)

"""What the search for eval texts in train could see: which detector looks at which eval row, and how much it finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checks.contract import Data
from checks.text.grams import GRAM
from checks.text.leaks import SUSPECTED, leaks
from checks.text.scan import scan

EXACT, WORDS, CHARACTERS, CONTAINED, PROMPT = DETECTORS = (
    "exact", "near by words", "near by characters", "contained", "prompt",
)  # fmt: skip
CONTAINED_RECALL = 1.0, 0.87
"""Of 250 leaks with light edits, planted in 100,000 rows, all are found, of 125 light paraphrases 87 % (see
`containment.PER_ITEM`); what stands word for word inside a longer text always is, since every 5-gram is looked up."""


class Power(NamedTuple):
    """What a detector is expected to find among what it looks for, in rows that it can see."""

    detector: str
    finds: str
    recall: float
    """Share of the leaks (or copies) that it finds."""
    suspected: float | None
    """Share of what is only suspected; None where the detector looks for equal texts."""
    known_from: str


@dataclass(frozen=True, slots=True)
class Visibility:
    """Which eval rows each detector could see."""

    seen: dict[str, NDArray[np.bool_]]
    """By detector, those of this audit in the order of `DETECTORS`: a flag per eval row."""
    lacking: dict[str, NDArray[np.bool_]]
    """What some detector could not see, by what that is: a flag per eval row."""

    @property
    def partly(self) -> NDArray[np.int64]:
        """Rows that some detector could not see: those that no detector could see first, then in row order."""
        number = np.sum([*self.seen.values()], axis=0)
        some = np.logical_or.reduce([*self.lacking.values()])
        rows = np.flatnonzero(some)
        order: NDArray[np.int64] = rows[np.argsort(number[rows] > 0, kind="stable")]
        return order


def visibility(data: Data) -> Visibility | None:
    """Which eval rows each detector could see, None without an eval split; use it as `data.once(visibility)`."""
    made, found = data.once(scan), data.once(leaks)
    if made.eval is None or found is None:
        return None
    words, asked, cut = made.eval.words, made.eval.asked, made.cut
    separate = (asked > 0) & (asked < words)
    seen = {EXACT: ~made.eval.blank}
    if cut.words:
        seen[WORDS] = words >= max(cut.words_from, 1)
    if cut.characters_below:
        seen[CHARACTERS] = (words > 0) & (words < cut.characters_below)
    near = np.logical_or.reduce([seen[name] for name in (WORDS, CHARACTERS) if name in seen])
    seen[CONTAINED] = made.probe.seen
    if separate.any():
        seen[PROMPT] = separate
    lacking = {
        "anything: it is blank": ~seen[EXACT],
        "near: it holds no word": seen[EXACT] & ~near,
        "contained: it has fewer than five words": seen[EXACT] & (words < GRAM),
        "contained: all its phrases are common": (words >= GRAM) & ~made.probe.seen,
        "some candidates: it has too many": found.crowded,
    }
    return Visibility(seen, lacking)


def near_powers(data: Data) -> tuple[Power, ...]:
    """What the search for copies and near copies is expected to find."""
    made, threshold = data.once(scan), data.text.threshold
    cut, banding = made.cut, made.banding
    kinds = [(WORDS, f"word {cut.words}-grams")] if cut.words else []
    kinds += [(CHARACTERS, "character 5-grams")] if cut.characters_below else []
    found, suspected = banding.recall(threshold), banding.recall(SUSPECTED)
    bands = f"{banding.bands} bands of {banding.rows} hash values"
    return (
        Power(EXACT, "equal folded texts", 1.0, None, "128-bit hashes of all"),
        *(Power(name, f"Jaccard {threshold:g} of {of}", found, suspected, bands) for name, of in kinds),
    )


def powers(data: Data) -> tuple[Power, ...]:
    """What each detector of leaks is expected to find."""
    return (
        *near_powers(data),
        Power(CONTAINED, "a text in a longer one", *CONTAINED_RECALL, "250 and 125 planted"),
        Power(PROMPT, "equal prompts", 1.0, None, "64-bit hashes of all"),
    )


def power_table(found: tuple[Power, ...]) -> pl.DataFrame:
    """The same as a table of evidence."""
    return pl.DataFrame(found, schema=[*Power._fields], orient="row")

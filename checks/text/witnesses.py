"""Each affected eval row beside the training row it matches best: what was edited, and how much of the row leaked."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checks.contract import ROLES, Data, Split
from checks.text.clusters import train_clusters
from checks.text.edits import compare, compare_same, tokens
from checks.text.leaks import BY_PROMPT, CLEAN, NEAR, SUSPECT, SUSPECTED, TEMPLATE, Leaks, leaks
from checks.text.memory import EDITED
from checks.text.passages import ASKED, INSIDE, WHOLE, passages
from checks.text.probe import PROMPT
from checks.text.texts import CHUNK, TextArrays, Texts, eval_texts, train_texts

TEMPLATES, CONTEXT, ANSWER, QUESTION, BOTH = range(5)
SEVERITIES = ("template only", "context only", "answer", "prompt", "prompt and answer")
"""What of an eval row stands in train, from least to most severe: what many rows of both sides share; what is not asked; its answer alone;
its prompt, so that the right answer may be known; all of it."""
MOSTLY = 0.5
"""Share of the words of a question that must stand in train; with fewer it is another question."""
PASSAGE = 0.9
"""Share of the words around the question that must, for the rest to be one passage (as `leaks.LEAKED_COVERAGE`)."""
LEAST = 3
"""Words of a sentence that can be a question: "Answer:" is none."""
_SENTENCES = re.compile(r"(?<=[.?!\u3002\uff1f\uff01])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Witnesses:
    """One entry per eval row; rows that are not affected have -1."""

    edit: NDArray[np.int64]
    """Kind of edit, a place in `edits.EDITS`."""
    changed: NDArray[np.int64]
    """Words that differ by more than format."""
    severity: NDArray[np.int64]
    """A place in `SEVERITIES`."""
    start: NDArray[np.int64]
    """Byte of the training text at which the matching passage begins."""


class _Pairs(NamedTuple):
    """Eval rows beside their witnesses; one entry per pair, in the order of the witnesses."""

    train: Texts
    evals: Texts
    witness: NDArray[np.int64]
    rows: NDArray[np.int64]
    sides: NDArray[np.int64]
    labelled: NDArray[np.bool_]

    def take(self, places: NDArray[np.int64]) -> _Pairs:
        """Some of the pairs."""
        return self._replace(
            witness=self.witness[places],
            rows=self.rows[places],
            sides=self.sides[places],
            labelled=self.labelled[places],
        )

    def texts(self) -> tuple[TextArrays, NDArray[np.int64], TextArrays]:
        """The training texts, for each pair the number of its one, and the eval text of each pair."""
        wanted, numbers = np.unique(self.witness, return_inverse=True)
        return self.train.pick(wanted), numbers, self.evals.pick(self.rows)


class _Parts(NamedTuple):
    """An eval text, cut where its answer begins."""

    prompt: str
    answer: str
    has_prompt: bool


def witnesses(data: Data) -> Witnesses | None:
    """The edits of all affected rows, None without an eval split; use it as `data.once(witnesses)`."""
    found, train, evals = data.once(leaks), data.once(train_texts), data.once(eval_texts)
    if found is None or evals is None or data.eval is None:
        return None
    out = np.full((4, len(found.kind)), -1, np.int64)
    rows = np.flatnonzero(found.kind > CLEAN)
    rows = rows[np.argsort(found.witness[rows], kind="stable")]
    sides, labelled, known = _sides(found), _same_label(data, found), data.once(EDITED.empty)
    for first in range(0, len(rows), CHUNK):
        chosen = rows[first : first + CHUNK]
        pairs = _Pairs(train, evals, found.witness[chosen], chosen, sides[chosen], labelled[chosen])
        out[:, chosen] = known.judged(_names(pairs), partial(_judged, pairs)).T
    known.keep()
    out[2, found.kind == TEMPLATE] = TEMPLATES
    return Witnesses(*out)


def _sides(found: Leaks) -> NDArray[np.int64]:
    """What to compare: rows that match as a whole, as a part of the training text, or by their prompt alone."""
    suspect = (found.kind == SUSPECT) | (found.kind == TEMPLATE)
    asked = (found.kind == BY_PROMPT) | (suspect & (np.maximum(found.jaccard, found.coverage) < SUSPECTED))
    whole = (found.kind >= NEAR) | (suspect & (found.jaccard >= SUSPECTED))
    return np.where(asked, ASKED, np.where(whole, WHOLE, INSIDE))


def _same_label(data: Data, found: Leaks) -> NDArray[np.bool_]:
    """Which rows have the label of their witness or of a copy of it, where the label is the answer."""
    labels = [each for split in data.splits if (each := _labels(split)) is not None]
    if len(labels) < len(ROLES):
        return np.zeros(len(found.kind), np.bool_)
    known = pl.DataFrame({"text": data.once(train_clusters).first, "label": labels[0]}).drop_nulls().unique()
    asked = pl.DataFrame({"text": found.witness, "label": labels[1]})
    same = asked.join(known.with_columns(same=True), on=["text", "label"], how="left", maintain_order="left")
    return same["same"].fill_null(value=False).to_numpy()


def _labels(split: Split) -> pl.Series | None:
    if "label" not in split.stored or "response_bytes" in split.stored:
        return None
    return split.frame.select("label").collect()["label"]


def _names(pairs: _Pairs) -> NDArray[np.uint64]:
    """What tells pairs apart: both texts as they are written, and all else that the judgement of a pair depends on."""
    left, numbers, right = pairs.texts()
    train, evals = left.data.tobytes(), right.data.tobytes()
    begins, bounds = left.bounds.tolist(), right.bounds.tolist()
    told = np.column_stack((np.diff(right.bounds), right.prompts, pairs.sides, pairs.labelled))
    out = bytearray()
    for n, number in enumerate(numbers.tolist()):
        own = hashlib.blake2b(told[n].tobytes(), digest_size=32)
        own.update(evals[bounds[n] : bounds[n + 1]])
        own.update(train[begins[number] : begins[number + 1]])
        out += own.digest()
    return np.frombuffer(bytes(out), np.uint64).reshape(-1, 4)


def _judged(every: _Pairs, some: NDArray[np.int64]) -> NDArray[np.float64]:
    """Edit, changed words, severity and beginning of the passage of some pairs, shape (pairs, 4)."""
    pairs = every.take(some)
    left, numbers, right = pairs.texts()
    places = passages(left, numbers, right, pairs.sides)
    out = np.empty((len(numbers), 4))
    train, evals = left.data.tobytes(), right.data.tobytes()
    begins, bounds = left.bounds.tolist(), right.bounds.tolist()
    for n, number in enumerate(numbers.tolist()):
        side, start = int(pairs.sides[n]), int(places.start[n])
        text, asked = evals[bounds[n] : bounds[n + 1]], int(right.prompts[n])
        passage = train[begins[number] + start : begins[number] + places.stop[n]].decode()
        parts = _Parts(text[: max(asked, 0)].decode(), text[max(asked, 0) :].decode(), asked >= 0)
        ours = parts.prompt if side == ASKED else parts.prompt + parts.answer
        ours = ours if side == WHOLE else _trimmed(ours)
        edit, changed, shared = (compare_same if places.same[n] else compare)(ours, passage)
        out[n] = edit, changed, _severity(parts, side, shared, labelled=bool(pairs.labelled[n])), start
    return out


def _trimmed(text: str) -> str:
    """A text from its first letter or digit to its last, as passages are cut."""
    first = next((i for i, character in enumerate(text) if character.isalnum()), 0)
    last = next((i for i, character in enumerate(reversed(text)) if character.isalnum()), 0)
    return text[first : len(text) - last]


def _severity(parts: _Parts, side: int, shared: list[bool] | None, *, labelled: bool) -> int:
    """What of an eval row stands in the training text, by the words that both have (None: all of them)."""
    has_answer = bool(parts.answer.strip()) and side != ASKED
    full = BOTH if has_answer or labelled else QUESTION
    if not parts.has_prompt or not parts.prompt.strip():
        return BOTH
    if shared is None:
        return full
    size = len(shared) - (len(tokens(parts.answer)) if has_answer else 0)
    asked = _is_asked(parts.prompt, shared[:size])
    if not has_answer:
        return full if asked else CONTEXT
    answered = sum(shared[size:]) >= SUSPECTED * max(len(shared) - size, 1)
    return (BOTH if answered else QUESTION) if asked else (ANSWER if answered else CONTEXT)


def _is_asked(prompt: str, shared: list[bool]) -> bool:
    """Whether the question stands in train, and not just what surrounds it.

    The question is the last sentence of the prompt, or its first line where more lines follow.
    """
    if not shared or sum(shared) < MOSTLY * len(shared):
        return False
    last = 0
    for sentence in reversed(_SENTENCES.split(prompt)):
        last += len(tokens(sentence))
        if last >= LEAST:
            break
    line = len(tokens(prompt.strip().partition("\n")[0]))
    for question, rest in ((shared[-last:], shared[:-last]), (shared[:line], shared[line:])):
        passage = len(rest) >= PROMPT and sum(rest) >= PASSAGE * len(rest)
        if passage and sum(question) < MOSTLY * len(question):
            return False
    return True

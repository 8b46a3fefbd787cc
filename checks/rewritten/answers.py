"""Whether two rows have the same answer: the same final number, the same label or the same few words."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checks.contract import Split
from checks.text.texts import Texts

WORDS = 8
"""Words of an answer that is compared as a whole; longer ones are compared by their final number."""
END = 500
"""Characters at the end of an answer in which its final number is looked for."""
_NUMBER = r"[-\u2212]?\$?\d[\d,]*(?:\.\d+)?"
_SAID = re.compile(
    rf"(?:####|\\boxed\{{|answers? *(?:is|are|=|:)|final answer[^\w\n]{{0,4}}|A:)[\s*$]*({_NUMBER})",
    re.IGNORECASE,
)
"""What says that a number is the answer: GSM8K's ####, LaTeX's box, "the answer is"."""
_LAST = re.compile(_NUMBER)
_ARTICLES = frozenset(("a", "an", "the"))


def final(answer: str) -> str | None:
    """What an answer comes down to, in a form in which equal ones are equal; None if that cannot be told."""
    answer = answer[-END:]
    if said := _SAID.findall(answer):
        return _value(said[-1])
    words = [word for word in re.findall(r"\w+(?:[.,]\d+)*", answer.casefold()) if word not in _ARTICLES]
    numbers = _LAST.findall(answer.strip().rsplit("\n", 1)[-1])
    if len(numbers) == 1 and len(words) <= WORDS:
        return _value(numbers[0])
    if words and len(words) <= WORDS:
        return " ".join(words)
    return _value(numbers[-1]) if numbers else None


def _value(number: str) -> str:
    plain = number.replace("\u2212", "-").replace("$", "").replace(",", "")
    return f"#{float(plain):.10g}"


def answers(split: Split, texts: Texts, rows: NDArray[np.int64]) -> dict[int, str]:
    """The final answers of some rows: of their response, else their label. Rows without one are left out."""
    wanted = np.unique(rows)
    found = dict[int, str]()
    if split.holds("response_bytes"):
        for row, answer in zip(wanted.tolist(), _responses(texts, wanted), strict=True):
            if answer and (told := final(answer)) is not None:
                found[row] = told
    elif split.holds("label"):
        labels = split.take(pl.Series(wanted), "label")["label"]
        for row, label in zip(wanted.tolist(), labels.to_list(), strict=True):
            if label is not None:
                found[row] = str(label).strip().casefold()
    return found


def _responses(texts: Texts, rows: NDArray[np.int64]) -> Sequence[str]:
    picked = texts.pick(rows)
    data, bounds, prompts = picked.data.tobytes(), picked.bounds.tolist(), picked.prompts.tolist()
    return [
        "" if prompt < 0 else data[start + prompt + 1 : stop].decode()
        for start, stop, prompt in zip(bounds[:-1], bounds[1:], prompts, strict=True)
    ]


def agreements(
    ours: dict[int, str], theirs: dict[int, str], eval_rows: NDArray[np.int64], train_rows: NDArray[np.int64]
) -> NDArray[np.int8]:
    """For each pair 1 for the same answer, 0 for another one, -1 where one side has none that can be told."""
    out = np.full(len(eval_rows), -1, np.int8)
    for n, (mine, other) in enumerate(zip(eval_rows.tolist(), train_rows.tolist(), strict=True)):
        if mine in ours and other in theirs:
            out[n] = ours[mine] == theirs[other]
    return out

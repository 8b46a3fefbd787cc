"""Splits and audits made in memory, and the real data of `tests/data`."""

# ruff: noqa: RUF001 - the samples hold characters that look like others on purpose

from __future__ import annotations

import csv
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import get_args

import polars as pl
import pyarrow as pa

from checks.contract import Check, Data, Part, Role, Shingle, Split, TextSettings

SAMPLES = (
    "The quick brown fox jumps over 13 lazy dogs, doesn't it?",
    "Größe, STRASSE und Straße: ǅ ﬁne ﬃ Ⅷ ²³ ½ ℃ ①",
    "我们昨天在北京吃了烤鸭。々〆〇 豈 﨎 𠀀𪛖 㐀",
    "ひらがなとカタカナ、ﾊﾝｶｸ ﾊﾟﾝ ㌖ ㍿ 𛀂",
    "ภาษาไทยไม่มีช่องว่าง ๑๒๓ น้ำ ພາສາລາວ ໜ",
    "हिन्दी में क्षत्रिय और श्री लिखते हैं १२३",
    "한국어 맞춤법 검사기 \u1112\u1161\u11ab\u1100\u1173\u11af",
    "صلى الله ﷺ ﷽ ﻻ العَرَبِيَّةُ ٣٤",
    "co\u00adoperate zero\u200bwidth \u200dj\u200co\u2060in \ufeffbom e\u0301 \U000e0041\ufe0f",
    "👩‍👩‍👧‍👦 ❤️ 🇩🇪 😀",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝒶𝓁𝓅𝒽𝒶 𐐀𐐨 𞤀 𝟘𝟙",
    "İstanbul ıssız ΣΊΣΥΦΟΣ ᾳ ͅ ŉ ẞ Ǆ",
    "שָׁלוֹם עולם ქართული Ⴀ ᎣᏏᏲ ꭰ Ա և",
    "tab\tline\nreturn\r\u2028\u00a0\u3000_-–—…",
    "",
    " \n\t ",
)
"""Sentences in which folding can go wrong: scripts, ligatures, marks, joiners, wide and narrow forms."""

DATA = Path(__file__).with_name("data")
SHINGLES: tuple[Shingle, ...] = get_args(Shingle)


def table(
    texts: Sequence[str], prompts: Sequence[int | None] | None = None, batch: int | None = None
) -> pa.Table:
    """Stored rows; `prompts` are sizes in bytes, `batch` is the number of rows in a record batch."""
    columns = {
        "text": pa.array(texts, pa.large_string()),
        "line": pa.array(range(1, len(texts) + 1), pa.int64()),
    }
    if prompts is not None:
        columns["prompt_bytes"] = pa.array(prompts, pa.int32())
    whole = pa.table(columns)
    return (
        whole if batch is None else pa.Table.from_batches(whole.to_batches(max_chunksize=batch), whole.schema)
    )


def split(
    role: Role, texts: Sequence[str], *, prompts: Sequence[int | None] | None = None, batch: int | None = None
) -> Split:
    """A split of one file."""
    return Split(role=role, parts=(Part(file=f"{role}.jsonl", table=table(texts, prompts, batch)),))


def asked(role: Role, turns: Sequence[tuple[str, str]]) -> Split:
    """A split of (prompt, response) rows, stored as the readers do: the prompt, a newline, the response."""
    return split(
        role, [f"{ask}\n{say}" for ask, say in turns], prompts=[len(ask.encode()) for ask, _ in turns]
    )


def data(
    train: Sequence[str] | Split,
    evals: Sequence[str] | Split | None = None,
    *,
    shingle: Shingle = "auto",
    threshold: float = 0.8,
) -> Data:
    """An audit of texts or of splits."""
    return Data(
        train=train if isinstance(train, Split) else split("train", train),
        eval=evals if isinstance(evals, Split) or evals is None else split("eval", evals),
        text=TextSettings(shingle=shingle, threshold=threshold),
    )


def column(path: str, name: str) -> list[str]:
    """One column of a CSV file of the real data."""
    with (DATA / path).open(encoding="utf-8", newline="") as file:
        return [row[name] for row in csv.DictReader(file)]


def seeded(seed: float) -> random.Random:
    """Random draws that are the same in every run."""
    return random.Random(seed)  # noqa: S311 - nothing here is a secret


def vocabulary(size: int, *, seed: float) -> list[str]:
    """Distinct made-up words of two to eleven letters."""
    rng = seeded(seed)
    words = dict[str, None]()
    while len(words) < size:
        words["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(2, 11)))] = None
    return list(words)


def edited(rng: random.Random, words: Sequence[str], known: Sequence[str], edits: int) -> list[str]:
    """A copy of some words with a few of them left out, replaced or put in."""
    out = list(words)
    for _ in range(edits):
        place = rng.randrange(len(out) + 1)
        out[place : place + rng.randint(0, 1)] = [rng.choice(known)] * rng.randint(0, 1)
    return out


def planted(rng: random.Random, known: Sequence[str], *, rows: int, words: tuple[int, int]) -> list[str]:
    """Texts of which half are new and half are copies of an earlier one: exact, folded alike, or edited a little."""
    texts = list[str]()
    for _ in range(rows):
        if not texts or rng.random() < 0.5:
            text = " ".join(rng.choices(known, k=rng.randint(*words)))
        else:
            source = rng.choice(texts)
            edits = 1 + len(source.split()) // rng.choice((10, 20, 40))
            text = rng.choice(
                (source, source.upper() + "!", *[" ".join(edited(rng, source.split(), known, edits))] * 4)
            )
        texts.append(text)
    return texts


TYPES = {
    "line": pa.int64(),
    "label_list": pa.large_list(pa.large_string()),
    "prompt_bytes": pa.int32(),
    "response_bytes": pa.int32(),
    "system": pa.string_view(),
}
"""Stored columns that are not large strings."""


def stored(role: Role, *files: Mapping[str, Sequence[object]]) -> Split:
    """A split of one or several files given by their stored columns; lines are numbered from 1 if none are given."""
    parts = []
    for number, columns in enumerate(files):
        rows = len(next(iter(columns.values())))
        arrays = {
            name: pa.array(values, TYPES.get(name, pa.large_string()))
            for name, values in {"line": range(1, rows + 1), **columns}.items()
        }
        parts.append(Part(file=f"{role}{number}.jsonl", table=pa.table(arrays)))
    return Split(role=role, parts=tuple(parts))


def label_lists(*lists: Sequence[str] | None) -> dict[str, Sequence[object]]:
    """Stored columns of rows with lists of labels, as readers make them."""
    kept = [sorted(set(labels)) or None if labels else None for labels in lists]
    return {"label": [labels and " | ".join(labels) for labels in kept], "label_list": kept}


def turns_of(pairs: Sequence[tuple[str, str]], **more: Sequence[object]) -> dict[str, Sequence[object]]:
    """Stored columns of (prompt, response) rows, as `stored` takes them."""
    return {
        "text": [f"{ask}\n{say}" for ask, say in pairs],
        "prompt_bytes": [len(ask.encode()) for ask, _ in pairs],
        "response_bytes": [len(say.encode()) for _, say in pairs],
        **more,
    }


def judgements(rows: Sequence[tuple[int, str | None, str | None]], *, role: Role = "train") -> pl.LazyFrame:
    """One judgement a line: (row of the item, labeler, label)."""
    schema = {"row": pl.Int64, "labeler": pl.String, "label": pl.String}
    frame = pl.LazyFrame(list(rows), schema=schema, orient="row")
    return frame.select(pl.lit(role).alias("split"), pl.all())


def measured(check: Check, audit: Data) -> dict[str, float]:
    """What a check measures, by name; a measure of a group is called name[group]."""
    return {
        found.name if found.group is None else f"{found.name}[{found.group}]": found.value
        for found in check.run(audit).measures
    }

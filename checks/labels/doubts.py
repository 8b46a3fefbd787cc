"""The rows and classes that a model of the labels suspects, as evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from checks.contract import Chart, Evidence, Split
from checks.labels.suspicion import Suspicion
from checks.places import brief, place, quote, quoting

POINTS = 41
"""Points of a curve."""
Doubted = Mapping[str | None, Suspicion]
"""What the model found by question; None where there is one question."""


def suspected_rows(split: Split, doubted: Doubted) -> tuple[Evidence, ...]:
    """Rows that are wrong with a probability above a half, the most suspicious of each question first."""
    tables = [_rows(split, question, found) for question, found in doubted.items()]
    return _shown("Labels that a model doubts", tables, ("text",))


def confused_classes(doubted: Doubted) -> tuple[Evidence, ...]:
    """Pairs of classes by how many rows of the one the model would give to the other."""
    tables = [_pairs(question, found) for question, found in doubted.items()]
    return _shown("Classes that a model confuses", tables, ())


def found_by_looking(doubted: Doubted) -> tuple[Evidence, ...]:
    """Wrong labels that judging the most suspicious ones again is expected to find, of all labels, for a picture.

    Of several questions, each of which has its own rate, the first alone; the title names it.
    """
    if not doubted:
        return ()
    question, found = next(iter(doubted.items()))
    wrong = np.sort(found.wrong.astype(np.float64))[::-1]
    total = np.concatenate(([0.0], np.cumsum(wrong)))
    enough = int(np.searchsorted(total, 0.99 * total[-1]))
    last = min(len(wrong), max(enough, len(wrong) // 20))
    looked = np.unique(np.linspace(0, last, POINTS).astype(np.int64))
    table = pl.DataFrame({"judged_again": looked / len(wrong), "found_wrong": total[looked] / len(wrong)})
    chart = Chart(
        picture="curve",
        label="judged_again",
        values=("found_wrong",),
        unit="share",
        measure="noise_rate",
        along="share of the labels judged again, the most suspicious first",
        places="share",
    )
    named = f" ({question})" if len(doubted) > 1 else ""
    return (Evidence(f"Wrong labels that judging again would find, by the model{named}", table, chart=chart),)


def _shown(title: str, tables: Sequence[pl.DataFrame], excerpts: tuple[str, ...]) -> tuple[Evidence, ...]:
    table = pl.concat(tables) if tables else pl.DataFrame()
    if table.is_empty():
        return ()
    if table["question"].null_count() == table.height:
        table = table.drop("question")
    names = [name for name in ("question", "label", "model_says") if name in table.columns]
    return (Evidence(title, brief(table, *names), excerpts, quoting(table, *names)),)


def _rows(split: Split, question: str | None, found: Suspicion) -> pl.DataFrame:
    chosen = np.flatnonzero(found.wrong > 0.5)
    chosen = chosen[np.lexsort((found.rows[chosen], found.score[chosen]))]
    rows, names = found.rows[chosen], pl.Series(found.classes, dtype=pl.String)
    return place(split, rows).select(
        pl.lit(split.role).alias("split"),
        pl.all(),
        pl.lit(question, pl.String).alias("question"),
        label=names.gather(pl.Series(found.given[chosen])),
        model_says=names.gather(pl.Series(found.other[chosen])),
        p_wrong=pl.Series(found.wrong[chosen].astype(np.float64)).round(3),
        text=quote(split, rows),
    )


def _pairs(question: str | None, found: Suspicion) -> pl.DataFrame:
    chosen = np.flatnonzero(found.wrong > 0.5)
    names = pl.Series(found.classes, dtype=pl.String)
    sizes = np.bincount(found.given, minlength=len(found.classes))
    pairs = (
        pl.DataFrame({"given": found.given[chosen], "other": found.other[chosen]})
        .group_by("given", "other")
        .len("rows")
        .filter(pl.col("rows") > 1)  # a single row is in the table of rows
        .sort(["rows", "given", "other"], descending=[True, False, False])
    )
    return pairs.select(
        pl.lit(question, pl.String).alias("question"),
        label=names.gather(pairs["given"]),
        model_says=names.gather(pairs["other"]),
        rows=pl.col("rows").cast(pl.Int64),
        of=pl.Series(sizes[pairs["given"].to_numpy()]),
    )

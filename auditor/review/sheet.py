"""Which rows go on a review sheet, and what it says of each."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import polars as pl
from numpy.typing import NDArray

from auditor.errors import DataError
from auditor.review.identity import row_ids
from checks.contract import EXCERPT, Data
from checks.labels.classes import distinct_labels
from checks.labels.nearby import CANDIDATES, nearest
from checks.labels.reviewed import REVIEWED
from checks.labels.strata import allot, keys_of, strata
from checks.labels.suspicion import Suspicion, examined
from checks.places import place, whole
from checks.unpaired import verdicts

TEXT = 2_000
"""Characters of a text that a sheet shows: about a page, more is not read."""
NEAREST = 2
"""Rows of the class that the model would say, for comparison."""
COLUMNS = (
    "id", "file", "line", "text", "label", "verdict", "correct_label", "why", "nearest", "suspicion", "stratum",
    "stratum_rows", "draw",
)  # fmt: skip
"""Of a sheet: what is judged and the judgement first, what the model thinks behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Rows to be reviewed."""

    table: pl.DataFrame
    """One line a row, with `COLUMNS`."""
    classes: tuple[str, ...]
    """All labels of train, sorted."""
    population: int
    """Labelled rows that the sheet was drawn from, those that are reviewed already among them."""
    notes: tuple[str, ...]


def check_reviewable(data: Data) -> None:
    """Raise DataError for data that a review sheet cannot be made of."""
    if "label" not in data.train.stored or not data.train.holds("label"):
        message = "a review sheet needs labels, and the training data has none; name their column with --map COLUMN=label"
        raise DataError(message)
    if verdicts(data.train) is not None:
        message = (
            "a review sheet needs labels that are classes; those of this data say which answers are good"
        )
        raise DataError(message)
    if no_classes := data.once(distinct_labels).no_classes:
        message = f"a review sheet needs labels that are classes: {no_classes}"
        raise DataError(message)
    if "text" not in data.train.stored:
        message = "a review sheet needs texts to read; name their column with --map COLUMN=text"
        raise DataError(message)


def population_of(data: Data) -> pl.DataFrame:
    """`row`, `label`, `text_mark`, `id`, `stratum`, `score`, `wrong`, `other` of the labelled rows, in row order.

    `wrong` is the share of wrong labels that the model expects of such a row, `other` the class it would rather say.
    Rows with the same text and label share a stratum. Rows that no model looked at lie in a stratum of their own.
    """
    rows = row_ids(data.train)
    found = data.once(examined)
    if not isinstance(found, Suspicion):
        none = {"score": pl.Float32, "wrong": pl.Float32, "other": pl.String}
        return rows.with_columns(
            pl.lit(0, pl.Int64).alias("stratum"),
            *(pl.lit(None, kind).alias(name) for name, kind in none.items()),
        )
    scored = pl.DataFrame(
        {
            "row": pl.Series(found.rows, dtype=pl.UInt32),
            "score": found.score,
            "wrong": found.wrong,
            "other": pl.Series(found.classes).gather(pl.Series(found.other)),
        }
    )
    keys = rows.join(scored, on="row", how="semi", maintain_order="left")
    stratum = strata(found.score, _content(keys))
    scored = scored.with_columns(stratum=pl.Series(stratum))
    return rows.join(scored, on="row", how="left", maintain_order="left").with_columns(
        stratum=pl.col("stratum").fill_null(int(stratum.max()) + 1).min().over("id")
    )


def draw_mark(population: pl.DataFrame) -> str:
    """A hash of the rows and their strata: sheets with the same one were drawn from the same strata."""
    parts = population.group_by("id", "stratum").len().sort("id", "stratum")
    text = parts.select(pl.format("{} {} {}", "id", "stratum", "len").str.join("\n")).item()
    return blake2b(text.encode(), digest_size=6).hexdigest() + "-d"


def make_sheet(data: Data, *, rows: int, seed: int) -> Sheet:
    """Draw `rows` labelled rows of train; what `data.reviewed` has is not drawn again and steers where the new ones lie.

    Raises:
        DataError: the data has nothing to review.
    """
    check_reviewable(data)
    population = population_of(data)
    chosen = _draw(population, data.reviewed, rows, seed)
    if chosen.is_empty():
        message = f"all {population.height:,} labelled rows are reviewed; no row is left for another sheet"
        raise DataError(message)
    sizes = population.group_by("stratum").agg(stratum_rows=pl.len())
    chosen = chosen.join(sizes, on="stratum", how="left", maintain_order="left")
    numbers = _rows(chosen)
    near, left_out = _nearest(data, population, chosen)
    shown = place(data.train, numbers).select("file", "line")
    table = chosen.with_columns(
        shown["file"],
        shown["line"],
        text=pl.Series([_cut(text, TEXT) for text in whole(data.train, numbers)], dtype=pl.String),
        verdict=pl.lit(""),
        correct_label=pl.lit(""),
        why=_why(),
        nearest=pl.Series(near, dtype=pl.String),
        suspicion=pl.col("wrong").cast(pl.Float64).round(3),
        stratum=pl.col("stratum") + 1,
        draw=pl.lit(draw_mark(population)),
    ).select(COLUMNS)
    classes = tuple(population["label"].unique().sort().to_list())
    return Sheet(
        table=table,
        classes=classes,
        population=population.height,
        notes=(*_remarks(data, population), *left_out),
    )


def _remarks(data: Data, population: pl.DataFrame) -> tuple[str, ...]:
    found = data.once(examined)
    if not isinstance(found, Suspicion):
        return (f"No model ranks the rows ({found.why}), so they are a simple random sample.",)
    unseen = population["score"].null_count()
    if not unseen:
        return ()
    return (f"{unseen:,} rows, blank or alone in their class, no model can rank: a stratum of their own.",)


def _draw(population: pl.DataFrame, reviewed: pl.DataFrame | None, rows: int, seed: int) -> pl.DataFrame:
    """The rows of the sheet: the most suspicious stratum first, each in the order of its draw.

    So the rows of a stratum that are judged from its first one on are a random sample of it, however many they are.
    """
    done = pl.DataFrame(schema=REVIEWED) if reviewed is None else reviewed
    known = population.join(done.drop_nulls("row").select("row"), on="row", how="semi").select("id").unique()
    copy = pl.int_range(pl.len(), dtype=pl.UInt64).over("id").alias("copy")
    keyed = population.with_columns(copy)
    keyed = keyed.with_columns(
        place=pl.Series(keys_of(_content(keyed), keyed["copy"].to_numpy(), seed), dtype=pl.UInt64)
    )
    # the first of its copies in the draw stands for all: it comes first as often as it has copies
    distinct = keyed.sort("place", "row").unique("id", keep="first", maintain_order=True)
    left = distinct.join(known, on="id", how="anti", maintain_order="left")
    count = int(population["stratum"].to_numpy().max()) + 1
    lots = np.arange(count)
    sizes = _per(left, count) + (judged := _per(distinct.join(known, on="id", how="semi"), count))
    counts = allot(sizes, _expected(population, done, lots), rows, judged)
    return pl.concat(left.filter(stratum=int(lot)).head(int(counts[lot])) for lot in lots)


def _per(rows: pl.DataFrame, count: int) -> NDArray[np.int64]:
    return np.bincount(rows["stratum"].to_numpy(), minlength=count).astype(np.int64)


def _expected(population: pl.DataFrame, done: pl.DataFrame, lots: NDArray[np.int64]) -> NDArray[np.float64]:
    """The share of wrong labels each stratum is taken to have: by the results so far, else by the model."""
    guess = dict(population.group_by("stratum").agg(pl.col("wrong").mean()).drop_nulls().rows())
    overall = population["wrong"].mean() or 0.0
    by_model = np.array([guess.get(lot, overall) for lot in lots.tolist()])
    judged = done.drop_nulls(["stratum", "wrong", "copies"])
    wrong = np.array([judged.filter(pl.col("stratum") == lot + 1)["wrong"].sum() for lot in lots])
    known = np.array([judged.filter(pl.col("stratum") == lot + 1).height for lot in lots])
    shares: NDArray[np.float64] = np.where(known > 0, (wrong + 0.5) / (known + 1), by_model)
    return shares


def _content(rows: pl.DataFrame) -> NDArray[np.uint64]:
    """64 bits of the id of each row."""
    text = pl.col("id").str.slice(0, 16).str.to_integer(base=16, dtype=pl.UInt64)
    label = pl.col("id").str.tail(8).str.to_integer(base=16, dtype=pl.UInt64)
    found: NDArray[np.uint64] = rows.select(text ^ (label * 0x100000001)).to_series().to_numpy()
    return found


def _why() -> pl.Expr:
    rounded = pl.col("wrong").cast(pl.Float64).round(2)
    p = pl.when(rounded < 0.01).then(pl.lit("under 0.01")).otherwise(pl.format("of {}", rounded))
    return (
        pl.when(pl.col("wrong").is_null())
        .then(pl.lit("drawn at random; no model looked at it"))
        .when(pl.col("wrong") > 0.5)
        .then(pl.format("the model would rather say {} (wrong with a probability {})", "other", p))
        .otherwise(
            pl.format(
                "drawn for comparison; not suspected (wrong with a probability {}; next would be {})",
                p,
                "other",
            )
        )
    )


def _nearest(data: Data, population: pl.DataFrame, chosen: pl.DataFrame) -> tuple[list[str], tuple[str, ...]]:
    """For each chosen row the nearest ones of the class that the model would say; and notes on what was not looked at."""
    found, capped, pruned = [""] * chosen.height, False, False
    asked = chosen.with_row_index("key").drop_nulls("other")
    for (other,), group in asked.group_by("other", maintain_order=True):
        pool = population.filter(pl.col("label") == other).unique("id", keep="first").sort("id")
        capped |= pool.height > CANDIDATES
        near, fewer = nearest(data, _rows(group), _rows(pool.head(CANDIDATES)), most=NEAREST)
        pruned |= fewer
        keys = np.repeat(group["key"].to_numpy(), NEAREST)[near.ravel() >= 0].tolist()
        where = place(data.train, near[near >= 0])
        texts = whole(data.train, where["row"].to_numpy())
        for key, file, line, text in zip(keys, where["file"], where["line"], texts, strict=True):
            said = f"{file}:{line} says {other}: {_cut(text, EXCERPT)}"
            found[key] = f"{found[key]}\n{said}" if found[key] else said
    left_out = {
        f"The nearest rows were looked for among {CANDIDATES:,} of each class of more, drawn at random.": capped,
        "Where a class has more character runs than can be kept, its nearest rows were looked for by the frequent ones.": pruned,
    }
    return found, tuple(note for note, true in left_out.items() if true)


def _rows(table: pl.DataFrame) -> NDArray[np.int64]:
    return table["row"].cast(pl.Int64).to_numpy()


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]} [more]"

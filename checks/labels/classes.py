"""The column of labels itself: whether its values are classes, and classes that are one but for their spelling."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from checks.contract import FURTHER, LABEL_LIST, Data, Split
from checks.places import place

FEWEST = 50
"""Labelled rows from which it can be told that labels are no classes; with 50 a share of a half is known to 14 points."""
DISTINCT = 0.5
"""Share of distinct labels above which they are no classes: the typical label then has a single row, and nothing can be
learned of a class from one. Of public sets even Clinc150, with 150 classes, has a share of .01."""
MANY = 10_000
"""Classes above which none is told by itself: no report could name them."""

_NUMBER = re.compile(r"([+-]?\d+)(?:\.(\d*?)0*)?")


@dataclass(frozen=True, slots=True)
class Distinct:
    """How many labels there are."""

    labels: int
    """Different ones."""
    rows: int
    """Rows that have one."""
    combined: bool = False
    """A label is the whole list of those that a row has."""

    @property
    def share(self) -> float:
        """Distinct labels per labelled row; 0 without any."""
        return self.labels / self.rows if self.rows else 0.0

    @property
    def no_classes(self) -> str:
        """Why the labels are no classes, as a note; empty where they may be."""
        if self.rows < FEWEST or self.share <= DISTINCT:
            return ""
        if self.combined:
            return f"{self.rows:,} rows have {self.labels:,} different combinations of labels, too many to be classes."
        return (
            f"{self.rows:,} labelled rows have {self.labels:,} different labels: this is no column of classes. Name the "
            "one that is with --map COLUMN=label, or read the labels as answers with --map COLUMN=response."
        )

    @property
    def uncounted(self) -> str:
        """Why classes are not told one by one, as a note; empty where they are."""
        too_many = f"{self.labels:,} labels are rather texts than classes: none was counted by itself."
        return self.no_classes or (too_many if self.labels > MANY else "")


def distinct_labels(data: Data) -> Distinct:
    """Labels of the training rows, a list of labels being one; use it as `data.once(distinct_labels)`."""
    return labels_of(data.train)


def labels_of(split: Split) -> Distinct:
    """How many labels a split has, a list of labels being one."""
    if "label" not in split.stored:
        return Distinct(0, 0)
    labels = split.frame.select("label").drop_nulls()
    found, rows = labels.select(labels=pl.col("label").n_unique(), rows=pl.len()).collect().row(0)
    return Distinct(found, rows, LABEL_LIST in split.stored)


def distinct_classes(data: Data) -> Distinct:
    """The same, each label of a list by itself; use it as `data.once(distinct_classes)`."""
    whole = data.once(distinct_labels)
    if not whole.combined:
        return whole
    return Distinct(each_label(data.train).select("label").unique().collect().height, whole.rows)


def each_label(split: Split) -> pl.LazyFrame:
    """`row`, `label` of each label that a row has: one line, or one for each label of a list."""
    if "label" not in split.stored:
        return pl.LazyFrame(schema={"row": pl.UInt32, "label": pl.String})
    labels = split.frame.select(pl.col("row").cast(pl.UInt32), "label")
    if LABEL_LIST in split.stored:
        each = pl.coalesce(LABEL_LIST, pl.concat_list("label"))  # also of files with one label a row
        labels = split.frame.select(pl.col("row").cast(pl.UInt32), label=each).explode("label")
    return labels.drop_nulls("label")


@dataclass(frozen=True, slots=True, eq=False)
class Variants:
    """Labels that are others but for their spelling."""

    labels: int
    """Different labels, of all columns that hold classes."""
    table: pl.DataFrame
    """`column` (of further labels; null for `label`), `like` (the most frequent spelling), `label`, `by` (what it
    differs by; null for the most frequent one), `train` and `eval` (rows, or judgements where several people judge an
    item), and the place of the first. The spellings of one class stand together, the most frequent class and spelling
    first."""

    @property
    def extra(self) -> int:
        """Labels that would go away if each class were spelled in one way."""
        return len(self.table) - self.table["by"].null_count()


def variants(data: Data) -> Variants:
    """Labels of train and eval that are another label of their column but for the spelling, see `spelled_alike`."""
    stored = frozenset[str]().union(*(split.stored for split in data.splits))
    labels, found = 0, [_NONE]
    for column in sorted(name for name in stored if name == "label" or name.startswith(FURTHER)):
        counts = _counts(data, column)
        if Distinct(counts.height, int(counts["rows"].sum())).no_classes:
            continue
        labels += counts.height
        name = pl.lit(None if column == "label" else column.removeprefix(FURTHER), pl.String)
        found.append(_placed(data, _several(counts)).select(name.alias("column"), *_NONE.columns[1:]))
    return Variants(labels, pl.concat(found))


def spelled_alike(label: str) -> str:
    """What a label has in common with its other spellings.

    Compatible characters (Unicode's NFKC) and case are folded, white space is one space, and numbers lose the zeros
    that end their fraction: 1, 1.0 and 1.00 are one label. 01 is not: codes begin with zeros.
    """
    return _number(_spaced(_compatible(_compatible(label).casefold())))


def _compatible(label: str) -> str:
    return unicodedata.normalize("NFKC", label)


def _spaced(label: str) -> str:
    return " ".join(label.split())


def _number(label: str) -> str:
    found = _NUMBER.fullmatch(label)
    return label if found is None else found[1] + (f".{found[2]}" if found[2] else "")


_DIFFERENCES: Mapping[str, Callable[[str], str]] = {
    "case": str.casefold, "white space": _spaced, "number": _number, "characters": _compatible,
}  # fmt: skip


def _difference(label: str, like: str) -> str | None:
    """What a label differs from another spelling by: not every difference can be seen."""
    if label == like:
        return None
    alone = (name for name, fold in _DIFFERENCES.items() if fold(label) == fold(like))
    return next(alone, "several")


_NONE = pl.DataFrame(
    schema={
        **dict.fromkeys(("column", "like", "label", "by"), pl.String),
        **dict.fromkeys(("train", "eval"), pl.Int64),
        "split": pl.String,
        "row": pl.Int64,
        "file": pl.String,
        "line": pl.Int64,
    }
)


def _counts(data: Data, column: str) -> pl.DataFrame:
    """label, rows (train, eval, together), split and row of the first, of every label of a column."""
    given = pl.concat([_given(data, split, column) for split in data.splits])
    return given.group_by("label", maintain_order=True).agg(
        pl.col("train", "eval", "rows").sum(), pl.col("split", "row").first()
    )


def _several(counts: pl.DataFrame) -> pl.DataFrame:
    """The labels with other spellings, those of one class together, and what each differs by from which."""
    keys = [spelled_alike(label) for label in counts["label"]]
    counts = counts.with_columns(key=pl.Series(keys, dtype=pl.String)).filter(pl.len().over("key") > 1)
    counts = (
        counts.with_columns(most=pl.col("rows").sum().over("key"))
        .sort(["most", "key", "rows", "label"], descending=[True, False, True, False])
        .with_columns(like=pl.col("label").first().over("key"))
    )
    pairs = counts.select("label", "like").iter_rows()
    return counts.with_columns(by=pl.Series([_difference(*pair) for pair in pairs], dtype=pl.String))


def _given(data: Data, split: Split, column: str) -> pl.DataFrame:
    """label, rows and the first of them, of one split: of the judgements of items, where there are any, else of rows."""
    frames = list[pl.LazyFrame]()
    if column in split.stored:
        further = split.frame.select(pl.col("row").cast(pl.UInt32), label=pl.col(column))
        frames.append(each_label(split) if column == "label" else further)
    if column == "label" and data.labels is not None and "label" in data.labels.collect_schema():
        judged = data.labels.filter(split=split.role).select(pl.col("row").cast(pl.UInt32), "label")
        frames = [*(own.join(judged, on="row", how="anti") for own in frames), judged]
    nothing = pl.LazyFrame(schema={"row": pl.UInt32, "label": pl.String})
    rows = pl.concat([nothing, *frames]).drop_nulls("label").group_by("label")
    counts = rows.agg(rows=pl.len().cast(pl.Int64), row=pl.col("row").min()).sort("label")
    by_role = {
        role: pl.col("rows") if role == split.role else pl.lit(0, pl.Int64) for role in ("train", "eval")
    }
    return counts.with_columns(split=pl.lit(split.role), **by_role).collect()


def _placed(data: Data, table: pl.DataFrame) -> pl.DataFrame:
    """The table with file and line of its rows."""
    numbered, parts = table.with_row_index("at"), list[pl.DataFrame]()
    for split in data.splits:
        own = numbered.filter(split=split.role)
        parts.append(own.drop("row").hstack(place(split, own["row"].cast(pl.Int64).to_numpy())))
    return pl.concat(parts).sort("at")

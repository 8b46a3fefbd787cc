"""A labeling batch: who labels which text, as a table and in the formats of labeling tools."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import polars as pl
from numpy.typing import NDArray

from auditor.review.writing import Format, choices_of, csv_of, jsonl_of, question_of, records_of, tasks_of
from auditor.sampling.assignment import apart, assign
from checks.contract import Data
from checks.labels.classes import distinct_labels
from checks.places import place, whole

COLUMNS = ("item", "text", "label", "labeler", "file", "line")
"""Of a batch; filled, `auditor audit` reads it as judgements of items."""
_EMPTY = ("label",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What is to be labelled."""

    table: pl.DataFrame
    """One line for each labeler of each item, with `COLUMNS`; the items of a labeler in the order drawn."""
    classes: tuple[str, ...]
    """Labels that train has, sorted; none where the labels are texts or not known yet."""
    met: int
    """Items that one of their labelers has judged before, because nobody else was left for them."""


def make_batch(data: Data, rows: NDArray[np.int64], *, overlap: int, labelers: tuple[str, ...]) -> Batch:
    """Assign some rows: `overlap` of them to two labelers each, the others to one.

    Raises:
        DataError: there are too few labelers for that.
    """
    who, met = apart(assign(len(rows), overlap, max(len(labelers), 1)), _known(data, rows, labelers))
    texts, where = whole(data.train, rows), place(data.train, rows)
    names = labelers or ("",)
    entries = [
        (_name(texts[item]), texts[item], "", names[one], where["file"][item], where["line"][item])
        for item, ones in enumerate(who)
        for one in ones
    ]
    table = pl.DataFrame(
        entries, schema=dict.fromkeys(COLUMNS[:5], pl.String) | {"line": pl.Int64}, orient="row"
    )
    return Batch(table=table, classes=_classes(data), met=met)


def _known(data: Data, rows: NDArray[np.int64], labelers: tuple[str, ...]) -> list[frozenset[int]]:
    """Which of the labelers judged each row before."""
    if data.labels is None or "labeler" not in data.labels.collect_schema():
        return [frozenset()] * len(rows)
    places = {row: place for place, row in enumerate(rows.tolist())}
    code = {name: number for number, name in enumerate(labelers)}
    given = data.labels.filter(pl.col("split") == "train", pl.col("labeler").is_in(labelers))
    found = [set[int]() for _ in places]
    for row, labeler in given.select("row", "labeler").unique().collect().iter_rows():
        if row in places:
            found[places[row]].add(code[labeler])
    return [frozenset(one) for one in found]


def _name(text: str) -> str:
    """What tells an item; with a dash, so that no spreadsheet takes it for a number."""
    digest = blake2b(text.encode(), digest_size=10).hexdigest()
    return f"{digest[:10]}-{digest[10:]}"


def _classes(data: Data) -> tuple[str, ...]:
    if "label" not in data.train.stored or data.once(distinct_labels).no_classes:
        return ()
    labels = data.train.frame.select("label").drop_nulls().unique().sort("label").collect()
    return tuple(labels["label"].to_list())


def _label_studio_config(batch: Batch) -> bytes:
    lines = [
        "<View>",
        '  <Header value="$labeler"/>',
        '  <Text name="text" value="$text"/>',
        *choices_of("label", batch.classes, more=' required="true"'),
        "</View>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _argilla_settings(batch: Batch) -> bytes:
    lines = [
        '"""Makes the data set `labeling`; then `dataset.records.from_json(path)` and, when it is labelled, `to_json`."""',
        "import argilla as rg",
        "",
        "settings = rg.Settings(",
        "    fields=[rg.TextField(name='text')],",
        f"    questions=[{question_of('label', batch.classes, required=True)}],",
        "    metadata=[rg.TermsMetadataProperty(name=name) for name in ('item', 'labeler', 'file')]",
        "    + [rg.IntegerMetadataProperty(name='line')],",
        ")",
        "dataset = rg.Dataset(name='labeling', settings=settings)",
    ]
    return ("\n".join(lines) + "\n").encode()


def _argilla(batch: Batch) -> bytes:
    """One record for each labeler of an item, so its id names both."""
    both = pl.format("{}/{}", "item", "labeler").alias("id")
    return records_of(batch.table.with_columns(both), shown=("text",), asked=_EMPTY, key="id")


FORMATS: tuple[Format[Batch], ...] = (
    Format("csv", lambda batch: csv_of(batch.table)),
    Format("jsonl", lambda batch: jsonl_of(batch.table)),
    Format(
        "label-studio",
        lambda batch: tasks_of(batch.table, empty=_EMPTY),
        (".config.xml", _label_studio_config),
    ),
    Format("argilla", _argilla, (".settings.py", _argilla_settings)),
)

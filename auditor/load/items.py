"""Judgements, one record per item and labeler, as items and labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from auditor.load.store import Manifest, Store, StoredFile, create_private, store_name, stored_file
from auditor.load.writer import TYPES, RowWriter
from checks.labels.judgements import first_of_each

LABELS = "labels"


def store_items(store: Store, judgements: Sequence[Path]) -> tuple[Path, Manifest]:
    """A store of the items behind some stored judgements, and of the judgements by item.

    File `0`, `1`, ... of its manifest holds the items that first appear in that file of judgements; `labels` holds
    `part` and `row` (which item), `labeler`, `label` and `time`.
    """
    name = "items-" + store_name("", 0, [f"{path.parent.name}/{path.name}" for path in judgements])
    if found := store.find(name):
        return found
    with store.building() as folder:
        files = _write(folder, judgements)
        return store.keep(folder, name, Manifest(files=files))


def _write(folder: Path, judgements: Sequence[Path]) -> dict[str, StoredFile]:
    table = pl.concat(
        [
            pl.scan_ipc(path).with_columns(part=pl.lit(part, pl.UInt32))
            for part, path in enumerate(judgements)
        ],
        how="diagonal",
    ).collect()
    items = _items(table).with_columns(row=pl.int_range(pl.len(), dtype=pl.UInt32).over("part"))
    files = {}
    for part in range(len(judgements)):
        rows = items.filter(part=part)
        if rows.height:
            files[str(part)] = _write_rows(folder / f"{part}.arrow", rows)
    kept = [name for name in ("labeler", "label", "time") if name in table.columns]
    places = items.select("item", "part", "row")
    labels = (
        table.select("item", *kept).join(places, on="item", how="left", maintain_order="left").drop("item")
    )
    path = folder / f"{LABELS}.arrow"
    create_private(path)
    labels.write_ipc(path)
    files[LABELS] = stored_file(path, labels.height)
    return files


def _items(judgements: pl.DataFrame) -> pl.DataFrame:
    """One row per item in the order of first appearance: its first record, with the label that most labelers gave.

    A labeler has one vote on an item, their first label; judgements without a name are one vote each.
    """
    labelled = judgements.drop_nulls("label")
    if "labeler" in labelled.columns:
        unnamed = labelled.filter(pl.col("labeler").is_null())
        labelled = pl.concat([first_of_each(labelled, "item"), unnamed])
    votes = labelled.group_by("item", "label").agg(votes=pl.len())
    most = votes.filter(pl.col("votes") == pl.col("votes").max().over("item"))
    agreed = most.filter(pl.len().over("item") == 1).select("item", "label")
    first = judgements.unique("item", keep="first", maintain_order=True)
    return first.drop("label", "labeler", "time", strict=False).join(
        agreed, on="item", how="left", maintain_order="left"
    )


def _write_rows(path: Path, rows: pl.DataFrame) -> StoredFile:
    writer = RowWriter(path)
    for batch in rows.drop("item").to_arrow().to_batches():
        writer.write(
            {name: batch.column(name).cast(TYPES[name]) for name in batch.schema.names if name in TYPES}
        )
    return writer.close()

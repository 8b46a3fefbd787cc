"""Judgements, one record per item and labeler, as items and labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from auditor.load.private import create_private
from auditor.load.store import Manifest, Store, StoredFile, store_name, stored_file
from auditor.load.writer import RowWriter, type_of
from checks.contract import FURTHER, LABEL_LIST
from checks.labels.judgements import majority

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
    """One row per item in the order of first appearance: its first record, with the labels that most labelers gave."""
    labels = [name for name in judgements.columns if name == "label" or name.startswith(FURTHER)]
    items = judgements.unique("item", keep="first", maintain_order=True)
    items = items.drop(*labels, LABEL_LIST, "labeler", "time", strict=False)
    for label in labels:
        items = items.join(majority(judgements, "item", label), on="item", how="left", maintain_order="left")
    return items


def _write_rows(path: Path, rows: pl.DataFrame) -> StoredFile:
    writer = RowWriter(path)
    for batch in rows.drop("item", "part", "row").to_arrow().to_batches():
        writer.write({name: batch.column(name).cast(type_of(name)) for name in batch.schema.names})
    return writer.close()

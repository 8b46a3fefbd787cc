"""Stored inputs as the splits that checks look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pyarrow as pa

from auditor.load.formats import LONG_FORM
from auditor.load.inputs import Stored, Unread
from auditor.load.items import LABELS, store_items
from auditor.load.ledger import Finding
from auditor.load.rows import JUDGED
from auditor.load.sources import Source
from auditor.load.store import Shelf, Store, open_table
from auditor.load.writer import TYPES
from checks.contract import Part, Role, Split


@dataclass(frozen=True, slots=True)
class File:
    """An input and what became of it."""

    source: Source
    found: Stored | Unread

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What its reader found."""
        return self.found.findings if isinstance(self.found, Unread) else self.found.manifest.findings

    @property
    def columns(self) -> tuple[str, ...]:
        """The user's columns, as far as they are known."""
        return self.found.columns if isinstance(self.found, Unread) else self.found.manifest.columns


class Assembled(NamedTuple):
    """One role's rows and what goes with them."""

    split: Split | None
    labels: list[pl.LazyFrame]
    impossible: frozenset[str]


def nothing(role: Role) -> Split:
    """A split without rows."""
    schema = pa.schema([(name, TYPES[name]) for name in ("line", "text")])
    return Split(role=role, parts=(Part(file="", table=schema.empty_table()),))


def assemble(role: Role, files: Sequence[File], store: Store) -> Assembled:
    """The split of a role, its judgements, and the names that its formats can never offer."""
    sources = _stored(role, files)
    if not sources:
        empty = any(file.source.role == role and isinstance(file.found, Stored) for file in files)
        return Assembled(nothing(role) if empty else None, [], frozenset())
    long = [shelf.path(role) for _, found, shelf in sources if found.manifest.format == LONG_FORM]
    place, items = store_items(store, long) if long else (Path(), None)
    parts: list[Part] = []
    labels: list[pl.LazyFrame] = []
    firsts: list[int] = []
    first = records = 0
    for name, found, shelf in sources:
        is_long, path = found.manifest.format == LONG_FORM, shelf.path(role)
        if is_long and items is not None:
            firsts.append(first)
            records += shelf.manifest.files[role].rows
            entry = items.files.get(str(len(firsts) - 1))
            if entry is None:  # all of its items stand in earlier files too
                continue
            path = place / entry.name
        table = open_table(path)
        parts.append(Part(file=name, table=table, path=path, lines_before=shelf.lines_before))
        if not is_long:
            records += table.num_rows
            if "labeler" in table.column_names:
                labels.append(_own_judgements(role, path, first, table.column_names))
            if judged := shelf.manifest.files.get(role + JUDGED):
                labels.append(_panel_judgements(role, shelf.folder / judged.name, first))
        first += table.num_rows
    if items is not None:
        labels.append(_judgements(role, place / items.files[LABELS].name, firsts))
    columns = {found.manifest.label for _, found, _ in sources if found.manifest.label}
    split = Split(
        role=role,
        parts=tuple(parts),
        merged=records - first,
        label_column=columns.pop() if len(columns) == 1 else None,
    )
    never = frozenset.intersection(*(found.manifest.never for _, found, _ in sources)) - split.columns
    return Assembled(split, labels, frozenset(f"{role}.{column}" for column in never))


def _stored(role: Role, files: Sequence[File]) -> list[tuple[str, Stored, Shelf]]:
    """Display name, input and shelf of all rows of this role."""
    return [
        (file.source.name, file.found, shelf)
        for file in files
        if isinstance(file.found, Stored)
        for shelf in file.found.shelves
        if role in shelf.manifest.files
    ]


def _own_judgements(role: Role, path: Path, first: int, columns: Sequence[str]) -> pl.LazyFrame:
    """Rows that name who labelled them, as judgements."""
    label = pl.col("label") if "label" in columns else pl.lit(None, pl.String).alias("label")
    time = ["time"] if "time" in columns else []
    return (
        pl.scan_ipc(path)
        .select("labeler", label, *time)
        .with_row_index("row", offset=first)
        .select(pl.lit(role).alias("split"), pl.all())
    )


def _panel_judgements(role: Role, path: Path, first: int) -> pl.LazyFrame:
    """What labelers with columns of their own said."""
    frame = pl.scan_ipc(path).with_columns(pl.lit(role).alias("split"), row=pl.col("row") + first)
    return frame.select("split", "row", "labeler", "label")


def _judgements(role: Role, path: Path, firsts: Sequence[int]) -> pl.LazyFrame:
    """Stored judgements, their items as rows of the whole split."""
    offset = pl.col("part").replace_strict(list(range(len(firsts))), list(firsts), return_dtype=pl.UInt32)
    frame = pl.scan_ipc(path).with_columns(pl.lit(role).alias("split"), row=pl.col("row") + offset)
    return frame.select("split", "row", pl.all().exclude("split", "row", "part"))


def notes_on(files: Sequence[File]) -> Iterator[str]:
    """What the user should know about how the files were understood."""
    formats: dict[Role, dict[str, str]] = {}
    contents: dict[str, File] = {}
    for file in files:
        if isinstance(file.found, Unread):
            continue
        name, role, manifest = file.source.name, file.source.role, file.found.manifest
        if file.found.changed:
            yield f"{name} was written to while it was read; run the audit again when it is complete."
        yield from (f"{name}: {note}" for note in manifest.notes)
        if len(manifest.formats) > 1:
            counts = ", ".join(f"{count:,} {of}" for of, count in sorted(manifest.formats.items()))
            yield f"{name} mixes formats ({counts}); each record was read by its own."
        if role == "train" and (rows := file.found.rows("eval")):
            yield f"{name} has a split column: {rows:,} of its rows are eval data."
        if manifest.format:
            formats.setdefault(role, {}).setdefault(manifest.format, name)
        other = contents.setdefault(manifest.sha256, file)
        if other.source.role != role and manifest.formats:
            yield f"{other.source.name} (train) and {name} (eval) have identical content."
    for role, known in formats.items():
        if len(known) > 1:
            examples = ", ".join(f"{of} ({name})" for of, name in known.items())
            yield f"The {role} files have different formats: {examples}."

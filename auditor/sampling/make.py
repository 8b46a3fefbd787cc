"""One batch from files to file: read, filter, draw, write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from auditor.auditing import policy_of
from auditor.errors import DataError
from auditor.load.cachefolder import in_use
from auditor.load.sources import Source, find_sources
from auditor.load.work import Work
from auditor.newfile import check_new, write_new
from auditor.opening import Opened, open_data
from auditor.packing import packed
from auditor.planning.steps import POC
from auditor.registry import filled
from auditor.report.plain import plain
from auditor.review.save import save_sheet
from auditor.review.writing import Format, format_of, targets
from auditor.sampling.allotment import Drawn, draw
from auditor.sampling.assignment import overlap_of
from auditor.sampling.batch import FORMATS, Batch, make_batch
from auditor.sampling.candidates import Candidates, Purpose, candidates
from auditor.sampling.records import items, records
from auditor.settings import Settings
from checks.contract import Data, TextSettings
from checks.yields import labelled_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be drawn."""

    rows: int
    purpose: Purpose
    seed: int
    labelers: tuple[str, ...] = ()
    overlap: str | None = None
    style: str | None = None
    force: bool = False


@dataclass(frozen=True, slots=True)
class Sampled:
    """What was written, in words."""

    told: str
    lines: tuple[str, ...]
    """A table, safe to print."""
    notes: tuple[str, ...]


def sample_files(settings: Settings, to: Path, asked: Asked, work: Work) -> Sampled:
    """Draw rows of the training data that the settings name, and write them to a new file.

    Raises:
        PolicyError: a setting is wrong.
        DataError: the files cannot be sampled, no row is left, or the file cannot be written.
    """
    _check(asked)
    format_ = format_of(to, asked.style, FORMATS) if asked.purpose == "labeling" else None
    sources, _ = find_sources(settings.train, settings.eval)
    _check_targets(settings, sources, to, format_, force=asked.force)
    text = filled(TextSettings, policy_of(settings).text, "[text]")
    with in_use(work.cache):
        opened = open_data(settings, text, work)
        unread = next((one.error for one in opened.loaded.inputs if one.error), None)
        if unread:
            raise DataError(unread)
        if "text" not in opened.data.train.stored:
            raise DataError("rows without a text cannot be drawn; name its column with --map COLUMN=text")
        work.tick("drawing rows", 0, 0)
        found = candidates(opened.data, purpose=asked.purpose, seed=asked.seed)
        if not len(found.rows):
            message = f"no row is left to draw: {_lost(found) or 'the files hold none'}"
            raise DataError(message)
        drawn = draw(opened.data, found, asked.rows)
        rows = drawn.rows
        if format_ is None:
            notes = _write_records(opened.data, rows, sources, to, force=asked.force)
            told = f"{to}: {len(rows):,} rows for a proof of concept"
        else:
            told, notes = _write_batch(opened.data, rows, to, asked, format_)
    return Sampled(
        told=told,
        lines=(*_steps(found, len(rows)), *_allotment(found, drawn)),
        notes=(*_notes(opened, found, asked, len(rows)), *notes),
    )


def _check(asked: Asked) -> None:
    """Refuse what does not go together."""
    if asked.purpose == "poc" and (asked.labelers or asked.overlap is not None or asked.style is not None):
        raise DataError(
            "--labelers, --overlap and --format are for --purpose labeling; a PoC sample holds your own records"
        )
    names = asked.labelers
    if names and not any(names):
        message = (
            f"--labelers {','.join(names)!r} names nobody; write --labelers ann,bob,eve, or leave it out"
        )
        raise DataError(message)
    if any(not name for name in names) or len(set(names)) < len(names):
        message = (
            f"--labelers {','.join(names)} names one twice, or one without a name; name each labeler once"
        )
        raise DataError(message)
    if asked.overlap is not None and not names:
        raise DataError("--overlap needs the labelers: --labelers ann,bob,eve")
    overlap_of(asked.overlap, asked.rows)


def _check_targets(
    settings: Settings, sources: Sequence[Source], to: Path, format_: Format[Batch] | None, *, force: bool
) -> None:
    inputs = [source.path for source in sources if source.path is not None]
    inputs += [Path(one) for one in (settings.file, settings.policy, settings.key_file) if one]
    for target in targets(to, format_) if format_ is not None else (to,):
        check_new(target, inputs, force=force)


def _write_records(
    data: Data, rows: NDArray[np.int64], sources: Sequence[Source], to: Path, *, force: bool
) -> tuple[str, ...]:
    """Write the user's own records; of items that several records are about, text and label."""
    if data.train.merged:
        columns = [name for name in ("text", "label") if name in data.train.stored]
        found = data.train.take(pl.Series(rows), *columns).select(columns)
        written = items(found, to)
    else:
        paths = {source.name: source.path for source in sources if source.path is not None}
        written = records(data.train, rows, paths, to)
    write_new(to, packed(to.name, written.content), force=force)
    return written.notes


def _write_batch(
    data: Data, rows: NDArray[np.int64], to: Path, asked: Asked, format_: Format[Batch]
) -> tuple[str, tuple[str, ...]]:
    overlap = overlap_of(asked.overlap, len(rows))
    batch = make_batch(data, rows, overlap=overlap, labelers=asked.labelers)
    files = save_sheet(batch, to, format_, force=asked.force)
    told = f"{to}: {len(rows):,} items to label"
    notes = [f"{files[1]} holds the labeling interface of {format_.name}."] if len(files) > 1 else []
    if batch.met:
        notes.append(
            f"{batch.met:,} items go to somebody who judged them before: there are too few other labelers."
        )
    if asked.labelers:
        loads = [batch.table.filter(pl.col("labeler") == name).height for name in asked.labelers]
        told += f", {overlap:,} of them by two of {len(asked.labelers)} labelers, {min(loads):,} to {max(loads):,} each"
    if asked.overlap is not None and not asked.overlap.strip().endswith("%") and "." not in asked.overlap:
        wanted = int(asked.overlap)
        if wanted > len(rows):
            notes.append(
                f"{wanted:,} items were to be judged by two; there are {len(rows):,}, so all of them are."
            )
    return told, tuple(notes)


def _steps(found: Candidates, drawn: int) -> Iterator[str]:
    """How many rows each filter took."""
    left = found.waterfall[0][1]
    yield f"{found.waterfall[0][0]:<24}{left:>9,}"
    for name, taken in found.waterfall[1:]:
        left -= taken
        if taken:
            yield f"{name:<24}{-taken:>9,}{left:>9,}"
    yield f"{'drawn':<24}{drawn:>9,} of {len(found.rows):,} different texts"


def _lost(found: Candidates) -> str:
    """How many rows each filter took, in words; nothing where none took any."""
    taken = [f"{count:,} {name}" for name, count in found.waterfall[1:] if count]
    return f"of {found.waterfall[0][1]:,} rows {', '.join(taken)}" if taken else ""


def _allotment(found: Candidates, drawn: Drawn) -> Iterator[str]:
    rows, strata = len(drawn.rows), len(found.strata)
    told = (
        "in proportion and at least one of each"
        if rows >= strata
        else f"one of each of the {rows:,} largest, none of {strata - rows:,} others"
    )
    yield f"by {found.by}, {told}:"
    for name, count, size in zip(found.strata, drawn.counts.tolist(), drawn.sizes.tolist(), strict=True):
        yield f"  {plain(name)}: {count:,} of {size:,}"


def _notes(opened: Opened, found: Candidates, asked: Asked, drawn: int) -> Iterator[str]:
    yield from opened.notes
    data = opened.data
    if drawn < asked.rows:
        why = f": {lost}" if (lost := _lost(found)) else ""
        yield f"{asked.rows:,} rows were asked for, {drawn:,} are there{why}."
    if drawn < len(found.strata):
        yield f"{drawn:,} rows cannot hold one of each of {len(found.strata):,} strata; the largest have one."
    if data.eval is None and data.sketch is None:
        yield "There is no eval set, so leaks were not looked for; name it with --eval."
    if asked.purpose == "poc":
        if not POC[0] <= drawn <= POC[1]:
            yield f"S1 trains a proof of concept on {POC[0]} to {POC[1]} real examples; these are {drawn:,}."
        if not data.once(labelled_rows).any():
            yield "No row has a label or an answer yet, so nothing can be trained on them before they are labelled."
    elif found.again:
        yield "All usable rows have labels, so these are to be judged once more; the labels they have are not shown."

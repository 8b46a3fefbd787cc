"""Loads what an audit is about: every input as canonical rows, with what its reader found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from auditor.errors import DataError, suggest
from auditor.load.assemble import File, assemble, notes_on, nothing
from auditor.load.collector import without_collector
from auditor.load.detect import check_choice
from auditor.load.forecast import LONG, forecast
from auditor.load.inputs import Choice, Stored, Unread, load_input
from auditor.load.ledger import ledger_frame
from auditor.load.panels import JUDGEMENT, matching
from auditor.load.sharded import Into
from auditor.load.sources import Source, find_sources
from auditor.load.store import Store
from auditor.load.walks import Walks
from auditor.load.work import Work
from checks.contract import LEDGER, ROLES, Role, Split, TextSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to load, as the user named it."""

    train: tuple[str, ...]
    eval: tuple[str, ...] = ()
    mapping: Mapping[str, str] = field(default_factory=dict)
    """Column -> role."""
    input_format: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One file that was named."""

    role: Role
    path: str
    sha256: str | None
    """Of its bytes on disk; None where they could not be read."""
    rows: int
    """Records that could be used."""
    format: str | None
    facts: tuple[str, ...]
    error: str | None
    """Why nothing of it could be read, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Everything that was read."""

    train: Split
    eval: Split | None
    labels: pl.LazyFrame | None
    """One row per judgement, see `checks.contract.Data`."""
    ledger: pl.DataFrame
    impossible: frozenset[str]
    inputs: tuple[Input, ...]
    notes: tuple[str, ...]
    walks: Walks | None = None
    """How train is held against eval, if that was asked for."""


def load(request: Request, work: Work, *, text: TextSettings | None = None) -> Loaded:
    """Read all inputs, or take them from the store where they are there unchanged.

    Args:
        request: the files and how to understand them.
        work: where rows are stored, and what may be used for it.
        text: how texts are compared, if they are to be walked over at all.

    Raises:
        DataError: the request names what does not exist, or the cache cannot be written.
    """
    sources, notes = find_sources(request.train, request.eval)
    return load_sources(sources, request, work, text=text, notes=notes)


def load_sources(
    sources: Sequence[Source],
    request: Request,
    work: Work,
    *,
    text: TextSettings | None = None,
    notes: tuple[str, ...] = (),
) -> Loaded:
    """The same of files that were found already; `notes` tells about that."""
    check_choice(request.mapping, request.input_format)
    store = Store(work.cache)
    expected = forecast(sources, store, work.processes)
    if expected.seconds >= LONG:
        work.say(str(expected))
    choice = Choice(mapping=request.mapping, input_format=request.input_format)
    files, walks = _read([one for one in sources if one.role == "eval"], choice, Into(store, work)), None
    if text is not None:  # the eval side comes first: train is held against it while it is read
        walks = Walks(store, assemble("eval", files, store).split, text)
    files = _read([one for one in sources if one.role == "train"], choice, Into(store, work, walks)) + files
    _check_mapping(request.mapping, files)
    train, evals = (assemble(role, files, store) for role in ROLES)
    if text is not None and any(map(_has_eval_rows, files)):
        walks = Walks(store, evals.split, text)
    labels = [*train.labels, *evals.labels]
    return Loaded(
        train=train.split or nothing("train"),
        eval=evals.split,
        labels=pl.concat(labels, how="diagonal") if labels else None,
        ledger=pl.concat([pl.DataFrame(schema=LEDGER), *map(_ledger, files)]),
        impossible=train.impossible | evals.impossible,
        inputs=tuple(map(_input, files)),
        notes=(*notes, *notes_on(files)),
        walks=walks,
    )


def _read(sources: Sequence[Source], choice: Choice, into: Into) -> list[File]:
    with without_collector():
        return [File(source, load_input(source, choice, into)) for source in sources]


def _has_eval_rows(file: File) -> bool:
    """Whether some rows of a training file are eval rows."""
    return file.source.role == "train" and isinstance(file.found, Stored) and file.found.rows("eval") > 0


def _check_mapping(mapping: Mapping[str, str], files: list[File]) -> None:
    """Refuse a mapped column that no file has.

    Raises:
        DataError: with the nearest column.
    """
    known = sorted({column for file in files for column in file.columns})
    lower = {name.lower() for name in known}
    for column, role in mapping.items():
        found = any(matching(column, known)) if role == JUDGEMENT else column.lower() in lower
        if known and not found:
            message = f"--map {column}={role}: no record has a column {column!r}{suggest(column, known)}"
            raise DataError(message)


def _ledger(file: File) -> pl.DataFrame:
    return ledger_frame(file.findings, file.source.role, file.source.name)


def _input(file: File) -> Input:
    found = file.found
    if isinstance(found, Unread):
        error = f"{file.source.name} {found.why}"
        return Input(
            role=file.source.role, path=file.source.name, sha256=found.sha256 or None, rows=0, format=None,
            facts=found.facts, error=error,
        )  # fmt: skip
    return Input(
        role=file.source.role,
        path=file.source.name,
        sha256=found.manifest.sha256,
        rows=sum(found.manifest.formats.values()),
        format=found.manifest.format or None,
        facts=found.manifest.facts,
        error=None,
    )

"""The report: what every output is made from, saved as JSON and read back on a machine without the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from auditor.frameworks.evaluation import DisagreementModel, Evaluation
from auditor.planning.model import Todo
from auditor.report.plain import visible_json
from checks.measures import Basis, Chart, Counted, Kind

if TYPE_CHECKING:
    from auditor.report.frames import Frames

VerdictName = Literal["PASS", "WARN", "UNKNOWN", "BLOCK"]
SCHEMA = 1
BROKEN = ("crashed", "failed to load")
"""Reasons why a check has no result that lie in the check and not in the data."""
Number = int | float
"""Counts stay whole numbers on the way to disk and back."""
HEAD = 1_000
"""Most rows of an evidence table that the report itself holds."""


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was read."""

    role: str
    path: str
    sha256: str | None
    """Of the bytes on disk; null where they could not be read."""
    rows: int
    """Readable records."""
    format: str | None
    facts: tuple[str, ...] = ()
    """What was found out while reading: compression, delimiter, encoding."""
    error: str | None = None
    """Why the file could not be read, and what to do."""


class LimitModel(msgspec.Struct, frozen=True, kw_only=True):
    """What was demanded."""

    at_least: Number | None
    at_most: Number | None
    level: Literal["warn", "unknown", "block"]
    resolved_from: str | None
    """How the policy arrived at the number, where it is not a constant."""


class RulingModel(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one limit."""

    check: str
    measure: str
    group: str | None
    value: Number | None
    limit: LimitModel
    verdict: VerdictName
    why: str
    cite: str
    fix: str


class GateModel(msgspec.Struct, frozen=True, kw_only=True):
    """One question about the data and its answer."""

    id: str
    question: str
    verdict: VerdictName
    required: bool
    reason: str
    """Why the gate is (not) required, where the user said so."""
    rulings: tuple[RulingModel, ...]


class MeasureModel(msgspec.Struct, frozen=True, kw_only=True):
    """One number that a check measured."""

    name: str
    group: str | None
    value: Number | None
    """Null where the check found no number."""
    kind: Kind
    of: int | None
    interval: tuple[Number | None, Number | None] | None
    """95 %; null on a side that is open."""
    basis: Basis
    by: str = ""
    """What the number rests on, where there are several ways to it."""
    currency: str = ""
    """Of money, where it is not US dollars."""


class EvidenceModel(msgspec.Struct, frozen=True, kw_only=True):
    """A table that shows why."""

    title: str
    rows: int
    file: str | None
    """Parquet file with all rows, beside the saved report; null if it was not saved."""
    excerpts: tuple[str, ...]
    """Columns that quote the user's text."""
    head: tuple[dict[str, Any], ...]
    """The first rows, at most `HEAD`."""
    labels: tuple[str, ...] = ()
    """Columns of labels that are texts themselves."""
    chart: Chart | None = None
    """How the table is drawn, where a picture says more."""
    fingerprints: tuple[str, ...] = ()
    """What identifies each row of `head` from one audit to the next; none for tables that name no places."""
    counted: Counted | None = None
    """Which measure counts each row; null: those of the worst limit of the check."""


class NotRunModel(msgspec.Struct, frozen=True):
    """Why a check has no result."""

    kind: str
    why: str


class OutcomeModel(msgspec.Struct, frozen=True, kw_only=True):
    """What a check found."""

    title: str
    measures: tuple[MeasureModel, ...] = ()
    evidence: tuple[EvidenceModel, ...] = ()
    notes: tuple[str, ...] = ()
    not_run: NotRunModel | None = None


class TaskRowModel(msgspec.Struct, frozen=True, kw_only=True):
    """What one source says of the rows a task needs, scaled to the number of classes."""

    task: str
    source: str
    minimum: Number
    recommended: Number | None
    good: Number | None
    judged: bool
    """Whether the row takes part in the verdict."""
    note: str


class AnswerModel(msgspec.Struct, frozen=True, kw_only=True):
    """How a question stands that only people or result files can answer."""

    id: str
    text: str
    sources: tuple[str, ...]
    state: Literal["yes", "no", "unknown"]
    """Of a question for a number or a choice `yes` once there is an answer."""
    answer: str | None
    """In words; null while nobody knows."""
    basis: Basis | None
    why: str
    by: str
    """Who declared it, as are the next two; empty where nobody did."""
    on: str
    proof: str
    contradicted: str
    """What was declared, where a measurement says otherwise."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """An audit, or a decision with all that it rests on."""

    schema: int
    verdict: VerdictName
    task: str | None
    stage: str
    inputs: tuple[Input, ...]
    gates: tuple[GateModel, ...]
    tasks: tuple[TaskRowModel, ...]
    sources: dict[str, str] = {}
    """Title of each source that citations call by a short name."""
    outcomes: dict[str, OutcomeModel]
    answers: tuple[AnswerModel, ...] = ()
    """Of a decision: how each question stands."""
    frameworks: tuple[Evaluation, ...] = ()
    """Of a decision: what each framework says."""
    disagreements: tuple[DisagreementModel, ...] = ()
    """Of a decision: where the sources say different things."""
    notes: tuple[str, ...] = ()
    todo: Todo | None = None
    """What to do next, in order, with what it costs; null in reports of before there was any."""
    settings: dict[str, Any] = {}
    versions: dict[str, str] = {}

    @property
    def failed_inputs(self) -> tuple[Input, ...]:
        """Files that could not be read."""
        return tuple(found for found in self.inputs if found.error is not None)

    @property
    def broken(self) -> tuple[str, ...]:
        """Checks that have no result for a reason of their own."""
        return tuple(
            name for name, found in self.outcomes.items() if found.not_run and found.not_run.kind in BROKEN
        )

    @property
    def crashed(self) -> tuple[str, ...]:
        """Checks that crashed."""
        return tuple(
            name
            for name, found in self.outcomes.items()
            if found.not_run is not None and found.not_run.kind == "crashed"
        )

    def to_polars(self) -> Frames:
        """Measures and evidence as frames: `.measures`, and `.evidence[check][title]`."""
        from auditor.report.frames import frames

        return frames(self)

    def to_json(self) -> bytes:
        """The report as indented JSON; a value that is not there is null."""
        return (
            visible_json(msgspec.json.format(msgspec.json.encode(self), indent=2).decode()).encode() + b"\n"
        )

    def _repr_html_(self) -> str:
        """The report as a notebook shows it."""
        from auditor.report.html.notebook import frame

        return frame(self)

    @classmethod
    def from_json(cls, content: bytes) -> Report:
        """Read a saved report.

        Raises:
            msgspec.MsgspecError: the content is no report, or one of another schema.
        """
        found = msgspec.json.decode(content, type=cls)
        if found.schema != SCHEMA:
            message = f"the report has schema {found.schema}; this auditor reads schema {SCHEMA}"
            raise msgspec.ValidationError(message)
        return found

"""The whole vocabulary of a check: canonical rows in, measures and evidence out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar, cast

import polars as pl
import pyarrow as pa

from checks.measures import ROLES, Answer, Basis, Chart, Kind, Measure, Range, Role, Shingle, TextSettings
from checks.schemas import FURTHER, GROUPS, LABEL_LIST, LEDGER, RESULTS, RUNS

if TYPE_CHECKING:
    from checks.measures import Counted
    from checks.text.sketch import Sketch

__all__ = [
    "EXCERPT", "FURTHER", "GROUPS", "LABEL_LIST", "LEDGER", "RESULTS", "ROLES", "RUNS", "Answer", "Basis", "Chart", "Check",
    "Data", "Evidence", "Kind", "Measure", "Part", "Range", "Result", "Role", "Shingle", "Split", "TextSettings",
]  # fmt: skip

T = TypeVar("T")
EXCERPT = 300
"""Longest excerpt of a record that evidence may carry, in characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The readable records of one input file, or of a run of its lines, as stored rows.

    `table` is a memory map where the rows come from the store, so holding it costs no memory; `path` is that store
    file, which polars scans lazily. A part made from a frame in memory has no path.
    """

    file: str
    table: pa.Table
    path: Path | None = None
    lines_before: int = 0
    """Lines of the file before this part, which its column `line` does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """One role's rows, in two views of the same stored data.

    `frame` is for polars expressions, `batches` for kernels (zero-copy Arrow buffers). Rows are numbered from 0 over
    the readable records of the role, file after file in the order the user named them; `file` and `line` say where
    a row stands in the user's own data.

    Stored columns: `line` and, where the format offers them, `text`, `prompt_bytes`, `response_bytes`, `system`,
    `rejected`, `label`, `label_list`, `label:COLUMN`, `labeler`, `source`, `time`, `id`, `document`, `conversation`,
    `user`, `turns`. The prompt is the first `prompt_bytes` bytes of the text and the response follows it after one
    newline, so a text is stored once; `frame` has both as columns.
    `turns` stands wherever `text` does and holds one letter a message: s system, u user, a assistant, w an assistant
    message of weight 0, c a tool call, t tool, x unknown; a capital is a blank one. A blank label or labeler is null.

    Where each row has several labels, as a list, `label_list` holds them, distinct and sorted, and `label` the same
    joined by " | ". Where the user named several columns of labels, `label` is the first and `label:COLUMN` each other.
    """

    role: Role
    parts: tuple[Part, ...]
    merged: int = 0
    """Readable records that are no rows of their own: further judgements of an item, one a record."""
    label_column: str | None = None
    """The user's column that `label` was read from, where it is the same in all files."""

    @property
    def rows(self) -> int:
        """Number of readable records."""
        return sum(part.table.num_rows for part in self.parts)

    @property
    def records(self) -> int:
        """Number of readable records: the rows, and the judgements that were merged into them."""
        return self.rows + self.merged

    @property
    def stored(self) -> frozenset[str]:
        """Names of the columns that `batches` can give."""
        return frozenset[str]().union(*(part.table.column_names for part in self.parts))

    @property
    def columns(self) -> frozenset[str]:
        """Names of the canonical columns that `frame` has."""
        shown = {
            "prompt_bytes": {"prompt"},
            "response_bytes": {"response"},
            "rejected": {"rejected", "chosen"},
        }
        return frozenset({"row", "file"}).union(*(shown.get(name, {name}) for name in self.stored))

    @property
    def frame(self) -> pl.LazyFrame:
        """The canonical columns as a lazy frame; only columns that are used are read."""
        frames = [
            (
                pl.scan_ipc(part.path) if part.path else cast(pl.DataFrame, pl.from_arrow(part.table)).lazy()
            ).with_columns(file=pl.lit(part.file), line=pl.col("line") + part.lines_before)
            for part in self.parts
        ]
        frame = pl.concat(frames, how="diagonal") if len(frames) > 1 else frames[0]
        columns = self.columns
        if "response_bytes" in self.stored and "prompt_bytes" not in self.stored:
            frame = frame.with_columns(prompt_bytes=pl.lit(None, pl.Int32))
        spans = {name: made for name, made in _SPANS.items() if name in columns}
        return frame.with_row_index("row").with_columns(**spans).select(sorted(columns))

    def batches(self, *columns: str) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Yield (number of the batch's first row, batch of the stored `columns`) in row order, zero-copy.

        Raises:
            KeyError: no file has one of the columns.
        """
        if unknown := set(columns) - self.stored:
            message = f"{self.role} has no column {', '.join(sorted(unknown))}"
            raise KeyError(message)
        first = 0
        for part in self.parts:
            table = part.table
            for name in columns:
                if name not in table.column_names:
                    kind = next(
                        p.table.schema.field(name).type for p in self.parts if name in p.table.column_names
                    )
                    table = table.append_column(name, pa.nulls(table.num_rows, kind))
            for batch in table.select(list(columns)).to_batches():
                yield first, batch
                first += batch.num_rows

    def holds(self, column: str) -> bool:
        """Whether a stored column has a value in some row."""
        return column in self.stored and any(
            batch.column(0).null_count < len(batch) for _, batch in self.batches(column)
        )

    def take(self, rows: pl.Series, *columns: str) -> pl.DataFrame:
        """`row`, `file`, `line` and `columns` of some rows, one line for each entry of `rows`, in their order."""
        wanted = rows.cast(pl.UInt32).alias("row").to_frame().lazy()
        found = self.frame.select("row", "file", "line", *columns).join(wanted.unique(), on="row", how="semi")
        return wanted.join(found, on="row", how="left", maintain_order="left").collect()


_TEXT = pl.col("text").cast(pl.Binary)
_START = pl.when(pl.col("prompt_bytes").is_null()).then(0).otherwise(pl.col("prompt_bytes") + 1)
_RESPONSE = pl.when(pl.col("response_bytes").is_not_null()).then(
    _TEXT.bin.slice(_START, pl.col("response_bytes")).cast(pl.String)
)
_SPANS = {
    "prompt": pl.when(pl.col("prompt_bytes").is_not_null()).then(
        _TEXT.bin.slice(0, pl.col("prompt_bytes")).cast(pl.String)
    ),
    "response": _RESPONSE,
    "chosen": _RESPONSE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """Everything an audit hands to its checks."""

    train: Split
    eval: Split | None = None
    sketch: Sketch | None = None
    """An eval set that nobody may see, in the place of its rows."""
    labels: pl.LazyFrame | None = None
    """One row per judgement: `split`, `row` (of the item in its split), `labeler`, `label`, `time` where known."""
    ledger: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=LEDGER))
    """What the readers found, see `LEDGER`."""
    text: TextSettings = field(default_factory=TextSettings)
    reviewed: pl.DataFrame | None = None
    """Rows of train that somebody judged again, see `checks.labels.reviewed`; None if there was no review."""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    """What only people know, by the id of the question."""
    prices: Mapping[str, Range] = field(default_factory=dict)
    """What things cost, by name."""
    assumed: frozenset[str] = frozenset()
    """Names of prices that nobody stated: a default stands in."""
    currency: str = "USD"
    """Of all prices and answers."""
    results: pl.DataFrame | None = None
    """How models did on single examples, see `RESULTS`."""
    impossible: frozenset[str] = frozenset()
    """Dotted names that the format of the data can never offer: `train.label` of plain chats."""
    memory: int | None = None
    """Bytes that checks should keep to, with larger arrays in files; None: half of the machine's."""
    scratch: str | None = None
    """Folder for these files, which have no name there; None: the system's for temporary files."""
    tick: Callable[[str, int, int], None] = field(default=lambda _what, _done, _of: None, compare=False)
    """Called with (what is being done, rows done, rows in all) during long work."""
    _made: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    _supplied: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def once(self, make: Callable[[Data], T]) -> T:
        """Compute what several checks share (fingerprints, effective rows) one time per audit."""
        if make not in self._made:
            self._made[make] = self._supplied.get(make, make)(self)
        value: T = self._made[make]
        return value

    def supply(self, make: Callable[[Data], T], by: Callable[[Data], T]) -> None:
        """Let `once(make)` call `by`, a shorter way to the same value."""
        self._supplied[make] = by

    def but(self, *, train: Split | None = None, reviewed: pl.DataFrame | None = None) -> Data:
        """The same audit with another train or another review; what was supplied stays."""
        review = self.reviewed if reviewed is None else reviewed
        other = replace(self, train=train or self.train, reviewed=review)
        other._supplied.update(self._supplied)
        return other

    def knowing(
        self,
        *,
        answers: Mapping[str, Answer],
        prices: Mapping[str, Range],
        assumed: frozenset[str],
        currency: str,
        results: pl.DataFrame | None,
    ) -> Data:
        """The same audit with what people know and what models did; what was computed of the rows stays."""
        other = replace(
            self, answers=answers, prices=prices, assumed=assumed, currency=currency, results=results
        )
        other._supplied.update(self._supplied)
        other._made.update(self._made)
        return other

    @property
    def splits(self) -> tuple[Split, ...]:
        """Train and, where there is one, eval."""
        return (self.train,) if self.eval is None else (self.train, self.eval)

    def lost(self, role: Role) -> int:
        """Records of a role that could not be used."""
        return int(self.ledger.filter(lost=True, split=role)["records"].sum())

    def offers(self) -> frozenset[str]:
        """Dotted names of what is present: `train.text`, `eval.wording` (its text or a sketch of it),
        `labels.labeler`, `results` and `results.poc`, `answers` and `answers.target-quality`."""
        names = {f"{split.role}.{column}" for split in self.splits for column in split.columns}
        if self.sketch is not None or "eval.text" in names:
            names.add("eval.wording")
        if self.labels is not None:
            names |= {f"labels.{column}" for column in self.labels.collect_schema()}
        if self.results is not None:
            names |= {f"results.{run}" for run in self.results["run"].unique()} | {"results"}
        if self.answers:
            names.add("answers")
        return frozenset(names | {f"answers.{name}" for name in self.answers})


@dataclass(frozen=True, slots=True)
class Evidence:
    """A table that shows why: `split`, `row`, `file`, `line`, and at most two excerpts of `EXCERPT` characters."""

    title: str
    table: pl.DataFrame
    excerpts: tuple[str, ...] = ()
    """Columns that quote the user's text; `--redact` leaves them out."""
    labels: tuple[str, ...] = ()
    """Columns of labels that are texts themselves, longer than any name; `--redact` leaves them out, too."""
    chart: Chart | None = None
    """How the table is drawn, where a picture says more."""
    counted: Counted | None = None
    """Which measure counts each row; None: those of the worst limit of the check."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a check measured. Every sample, cap, truncation or approximation behind it is a note."""

    measures: tuple[Measure, ...]
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[str, ...] = ()


class Check(Protocol):
    """A frozen dataclass: its fields are the settings that a policy may override.

    A setting without sense is refused in `__post_init__` by a ValueError that names the bounds.

    The docstring is its documentation: first a claim that a data lead understands, then the definition, unit,
    formula, errors and source of each measure. `auditor explain` prints it.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    needs: ClassVar[frozenset[str]]
    """Dotted names the data must offer; without them the check is skipped and says so."""
    measures: ClassVar[tuple[str, ...]]
    """Names that `run` may return; limits are held against these."""

    def run(self, data: Data) -> Result:
        """Measure. Must not change `data` and must not know any limit."""
        ...

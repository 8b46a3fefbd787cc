"""Plain records: whatever wrote them, told by the usual names of their columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from auditor.errors import DataError, suggest
from auditor.load.blocks import Record
from auditor.load.ledger import shown
from auditor.load.resultfiles.content import Numbered
from auditor.load.resultfiles.entries import Entry, amount_of, failure_of, name_of, words_of

NAMES: Mapping[str, tuple[str, ...]] = {
    "id": (
        "id", "example_id", "sample_id", "question_id", "item_id", "test_id", "eval_id", "row_id", "custom_id", "doc_id",
        "qid", "uid", "uuid", "key",
    ),
    "position": ("order", "index", "idx", "row", "position", "example"),
    "output": (
        "output", "model_output", "response", "completion", "prediction", "predicted", "generated_text", "generation",
        "model_answer", "pred",
    ),
    "failure": (
        "failure", "failure_type", "failure_mode", "failure_category", "failure_class", "failure_reason", "error_type",
        "error_category",
    ),
    "valid": ("valid", "is_valid", "valid_json", "json_valid", "valid_format", "format_valid", "format_ok", "schema_valid"),
    "seconds": ("seconds", "latency", "latency_s", "latency_seconds", "duration", "duration_s", "elapsed", "time_s"),
    "milliseconds": ("latency_ms", "duration_ms", "elapsed_ms", "time_ms", "milliseconds", "ms"),
    "cost": ("cost", "cost_usd", "total_cost", "price", "usd"),
}  # fmt: skip
"""Role -> the column names it goes by, compared without case and with _ for what parts words, the preferred one first."""
SCORES = (
    "score", "correct", "is_correct", "accuracy", "acc", "pass", "passed", "success", "right", "exact_match", "em", "f1",
    "rating", "grade", "quality", "reward",
)  # fmt: skip
"""Column names of scores; with several of them it must be said which one counts."""


def entries(name: str, records: Numbered, metric: str | None) -> Iterator[Entry]:
    """The results in a file of records.

    Args:
        name: of the file, for messages.
        records: with their lines.
        metric: the column of the score, where the user names one.

    Raises:
        DataError: no column is a score.
    """
    seen: dict[str, None] = {}
    scored = False
    for line, record in records:
        layout = _layout(tuple(record), metric)
        seen |= dict.fromkeys(record)
        scored = scored or bool(layout.scores)
        yield _entry(line, record, layout)
    if seen and not scored:
        raise DataError(_no_score(name, list(seen), metric))


class _Layout(NamedTuple):
    """What the columns of a record are."""

    roles: Mapping[str, str]
    scores: tuple[str, ...]


@lru_cache(64)
def _layout(columns: tuple[str, ...], metric: str | None) -> _Layout:
    """The columns by role; a file has few sets of columns, if more than one."""
    found = {_folded(column): column for column in reversed(columns)}
    scores = [found[known] for known in SCORES if known in found]
    if metric is not None and (column := metric if metric in columns else found.get(_folded(metric))):
        scores.append(column)
    named = {
        role: next((found[name] for name in names if name in found), None) for role, names in NAMES.items()
    }
    roles = {role: column for role, column in named.items() if column is not None and column not in scores}
    return _Layout(roles, tuple(dict.fromkeys(scores)))


def _entry(line: int, record: Record, layout: _Layout) -> Entry:
    def of(role: str) -> Any:  # noqa: ANN401  any value of a record
        return record[layout.roles[role]] if role in layout.roles else None

    seconds, milliseconds = of("seconds"), of("milliseconds")
    return Entry(
        line=line,
        scores={column: record[column] for column in layout.scores},
        id=name_of(of("id")),
        position=whole(of("position")),
        output=words_of(of("output")),
        failure=failure_of(of("failure")),
        valid=of("valid"),
        seconds=in_seconds(milliseconds) if seconds is None else seconds,
        cost=of("cost"),
    )


def in_seconds(milliseconds: Any) -> Any:  # noqa: ANN401  any value of a record
    """Milliseconds in seconds; what is no amount stays as it is written, for it is refused later."""
    try:
        number = amount_of(milliseconds)
    except ValueError:
        return milliseconds
    return None if number is None else number / 1000


def whole(value: Any) -> int | None:  # noqa: ANN401  as above
    """A whole number; None for everything else."""
    text = name_of(value) or ""
    return int(text) if text.isdecimal() and len(text) < 12 else None


def _folded(column: str) -> str:
    """latencyMs, Latency-MS and "latency ms" are latency_ms."""
    parted = "".join(
        f"_{c}" if c.isupper() and i and column[i - 1].islower() else c for i, c in enumerate(column)
    )
    return "_".join(parted.replace("-", " ").replace("_", " ").split()).lower()


def _no_score(name: str, columns: Iterable[str], metric: str | None) -> str:
    told = [shown(column, 40) for column in columns]
    listed = ", ".join(told[:20]) + (f" and {len(told) - 20:,} more" if len(told) > 20 else "")
    if metric is not None:
        return f"{name} has no metric {shown(metric, 40)!r}{suggest(metric, told, 'its columns are')}"
    return (
        f"{name} has no column with scores (score, correct, accuracy, ...); its columns are {listed}. Name the one that "
        "holds 0 (wrong) to 1 (right) with --metric RUN=COLUMN"
    )


Read = Callable[[str, Numbered, str | None], Iterator[Entry]]

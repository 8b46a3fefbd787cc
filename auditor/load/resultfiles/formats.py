"""Result formats: ONE table that says how each is told and read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import msgspec

from auditor.errors import DataError
from auditor.load.blocks import Record
from auditor.load.jsonfaults import parse
from auditor.load.kinds import nested
from auditor.load.ledger import CODES, Fault, shown
from auditor.load.resultfiles import harness, inspect, openai_evals, promptfoo, records
from auditor.load.resultfiles.content import Content, numbered
from auditor.load.resultfiles.entries import Entry
from auditor.load.resultfiles.records import Read


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultFormat:
    """What one tool writes."""

    name: str
    detect: Callable[[Content], bool]
    read: Callable[[Content, str | None], Iterator[Entry]]
    """The results, given the metric that the user names."""
    main: str | None = None
    """The metric that counts where the user names none."""


def _begins(test: Callable[[Record], bool], content: Content) -> bool:
    return content.records is not None and test(content.first)


def _listed(read: Read, content: Content, metric: str | None) -> Iterator[Entry]:
    return read(content.name, content.records() if content.records else iter(()), metric)


def _averages(content: Content, _metric: str | None) -> Iterator[Entry]:
    message = (
        f"{content.name} holds averages of the lm-evaluation-harness, not the score of each example; run it with "
        "--log_samples and name the samples_*.jsonl file"
    )
    raise DataError(message)


def _document(content: Content, metric: str | None) -> Iterator[Entry]:
    """The only list of objects in a document, or the document as the only record."""
    lists = {}
    for key, raw in content.document.items():
        if bytes(raw).lstrip()[:1] == b"[":
            parts = msgspec.json.decode(raw, type=list[msgspec.Raw])
            if parts and isinstance(parse(bytes(parts[0])), dict):
                lists[key] = parts
    if len(lists) == 1:
        (parts,) = lists.values()
        return records.entries(content.name, numbered(content.name, parts), metric)
    whole = {key: parse(bytes(raw)) for key, raw in content.document.items()}
    for key, value in whole.items():
        if isinstance(value, Fault):
            message = (
                f"{content.name}: {shown(key, 40)} cannot be read: {value.what}; {CODES[value.code].fix}"
            )
            raise DataError(message)
    if not whole or (told := nested(whole)) is None:
        return records.entries(content.name, iter([(1, whole)]), metric)
    message = f"{content.name} {told}"
    raise DataError(message)


def _refused(content: Content, _metric: str | None) -> Iterator[Entry]:
    message = f"{content.name} is an archive, but no log of inspect_ai; unpack it and name the result file"
    raise DataError(message)


RESULT_FORMATS = (
    ResultFormat(name="inspect_ai", detect=inspect.is_archive, read=inspect.archive),
    ResultFormat(name="inspect_ai", detect=inspect.is_log, read=inspect.log),
    ResultFormat(
        name="lm-evaluation-harness",
        detect=lambda content: {"results", "configs"} <= content.document.keys(),
        read=_averages,
    ),
    ResultFormat(name="promptfoo", detect=promptfoo.is_report, read=promptfoo.report, main=promptfoo.MAIN),
    ResultFormat(
        name="promptfoo",
        detect=partial(_begins, promptfoo.is_result),
        read=partial(_listed, promptfoo.results),
        main=promptfoo.MAIN,
    ),
    ResultFormat(
        name="openai-evals",
        detect=partial(_begins, openai_evals.is_events),
        read=partial(_listed, openai_evals.events),
    ),
    ResultFormat(
        name="lm-evaluation-harness",
        detect=partial(_begins, harness.is_harness),
        read=partial(_listed, harness.harness),
    ),
    ResultFormat(
        name="records",
        detect=lambda content: content.records is not None,
        read=partial(_listed, records.entries),
    ),
    ResultFormat(name="records", detect=lambda content: content.archive is None, read=_document),
    ResultFormat(name="archive", detect=lambda _content: True, read=_refused),
)
"""The first format that a file shows is its format; more particular ones come first."""


def format_of(content: Content) -> ResultFormat:
    """The format of a file; there always is one."""
    return next(known for known in RESULT_FORMATS if known.detect(content))

"""Results of promptfoo (`promptfoo eval --output results.json` or `.jsonl`): one for each test, prompt and provider."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from auditor.errors import DataError
from auditor.load.blocks import Record
from auditor.load.jsonfaults import ERRORS
from auditor.load.resultfiles.content import Content, Numbered, numbered
from auditor.load.resultfiles.entries import Entry, name_of, words_of
from auditor.load.resultfiles.records import in_seconds, whole

MAIN = "score"
"""The metric that promptfoo itself goes by."""
BROKEN = 2
"""`failureReason` of a test that no model answered: the provider failed, which tells nothing of the model."""


def is_report(content: Content) -> bool:
    """Whether a document is the JSON output."""
    return "results" in content.document and not content.document.keys().isdisjoint(
        ("evalId", "shareableUrl", "config", "prompts", "stats")
    )


def is_result(record: Record) -> bool:
    """Whether a record is a line of the JSON Lines output."""
    return {"promptIdx", "testIdx"} <= record.keys() or {"gradingResult", "vars", "provider"} <= record.keys()


def report(content: Content, metric: str | None) -> Iterator[Entry]:
    """The results of a JSON output, whose list lies one or two levels deep."""
    raw = content.document["results"]
    try:
        inner = msgspec.json.decode(raw, type=dict[str, msgspec.Raw] | list[msgspec.Raw])
        parts = (
            inner
            if isinstance(inner, list)
            else msgspec.json.decode(inner["results"], type=list[msgspec.Raw])
        )
    except (*ERRORS, KeyError):
        message = f"{content.name} looks like the output of promptfoo, but holds no list results.results; export it again"
        raise DataError(message) from None
    return results(content.name, numbered(content.name, parts), metric)


def results(_name: str, records: Numbered, _metric: str | None) -> Iterator[Entry]:
    """One result for each record."""
    return (_entry(line, record) for line, record in records)


def _entry(line: int, record: Record) -> Entry:
    scores: dict[str, Any] = {}
    if record.get("failureReason") != BROKEN:
        scores = {"score": record.get("score"), "pass": record.get("success")}
        scores |= _dict(record.get("namedScores"))
    test, response = _dict(record.get("testCase")), _dict(record.get("response"))
    given = _dict(record.get("vars")) or _dict(test.get("vars"))
    cost = record.get("cost")
    return Entry(
        line=line,
        scores={name: value for name, value in scores.items() if not isinstance(value, list | dict)},
        id=name_of(given.get("id") or _dict(test.get("metadata")).get("id")),
        position=whole(record.get("testIdx")),
        variant=_variant(record),
        output=words_of(response.get("output")),
        seconds=in_seconds(record.get("latencyMs")),
        cost=response.get("cost") if cost is None else cost,
    )


def _variant(record: Record) -> str:
    """Provider and prompt, by which the results of several models in a file are told apart."""
    provider, prompt = record.get("provider"), record.get("prompt")
    parts = (
        _dict(provider).get("label") or _dict(provider).get("id") or provider,
        _dict(prompt).get("label") or record.get("promptIdx"),
    )
    return " | ".join(" ".join(str(part).split())[:80] for part in parts if isinstance(part, str | int))


def _dict(value: Any) -> Mapping[str, Any]:  # noqa: ANN401  any JSON
    return value if isinstance(value, dict) else {}

"""Event files of OpenAI evals (`oaieval`): a specification, then events, of which some say how a sample did."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from auditor.load.blocks import Record
from auditor.load.resultfiles.content import Numbered
from auditor.load.resultfiles.entries import Entry, name_of, words_of

_NUMBER = re.compile(r"\.(\d{1,9})$")
"""A sample is called SPLIT.NUMBER, its place among the samples from 0."""


def is_events(record: Record) -> bool:
    """Whether a record is an event, or the specification they begin with."""
    return {"sample_id", "type", "data"} <= record.keys() or (
        isinstance(record.get("spec"), dict) and "run_id" in record["spec"]
    )


def events(_name: str, records: Numbered, _metric: str | None) -> Iterator[Entry]:
    """One result for each sample: `correct` of its matches, and whatever numbers were recorded as metrics.

    A sample with several matches was tried several times.
    """
    said: dict[str, str | None] = {}
    lines: dict[str, int] = {}
    scores: dict[str, list[dict[str, Any]]] = {}
    for line, record in records:
        sample, data = name_of(record.get("sample_id")), record.get("data")
        if sample is None or not isinstance(data, dict):
            continue
        lines.setdefault(sample, line)
        if record.get("type") == "sampling":
            said[sample] = words_of(data.get("sampled"))
        elif record.get("type") == "match":
            scores.setdefault(sample, []).append({"correct": data.get("correct")})
        elif record.get("type") == "metrics":
            numbers = {name: value for name, value in data.items() if isinstance(value, bool | int | float)}
            tries = scores.setdefault(sample, [])
            if tries and tries[-1].keys().isdisjoint(numbers):
                tries[-1] |= numbers
            else:
                tries.append(numbers)
    for sample, line in lines.items():
        number = _NUMBER.search(sample)
        for attempt, found in enumerate(scores.get(sample) or [{}], 1):
            yield Entry(
                line=line,
                scores=found,
                id=sample,
                position=int(number[1]) if number else None,
                attempt=attempt,
                output=said.get(sample),
            )

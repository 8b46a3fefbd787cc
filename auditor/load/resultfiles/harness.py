"""Sample files of the lm-evaluation-harness (`--log_samples`): a line for each document and filter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from auditor.load.blocks import Record
from auditor.load.resultfiles.content import Numbered
from auditor.load.resultfiles.entries import Entry, name_of, words_of
from auditor.load.resultfiles.records import whole

KNOWN = frozenset({
    "doc_id", "doc", "target", "arguments", "resps", "filtered_resps", "filter", "metrics", "doc_hash", "prompt_hash",
    "target_hash", "schema_version",
})  # fmt: skip
"""Keys that are no metrics; older versions do not list these under `metrics`."""
NO_FILTER = "none"


def is_harness(record: Record) -> bool:
    """Whether a record is one of a sample file."""
    return "doc_id" in record and not record.keys().isdisjoint(("resps", "filtered_resps"))


def harness(_name: str, records: Numbered, _metric: str | None) -> Iterator[Entry]:
    """One result for each document; a metric is called `metric,filter` as in the harness's own tables.

    Metrics that are no number for one document, such as perplexities of a whole set, are none here.
    """
    found: dict[Any, Entry] = {}
    for line, record in records:
        entry = _entry(line, record)
        first = found.setdefault(_key(entry), entry)
        if first is entry:
            continue
        if again := first.scores.keys() & entry.scores.keys():
            yield replace(entry, scores={name: entry.scores[name] for name in again})  # told as repeated
        found[_key(entry)] = replace(first, scores={**first.scores, **entry.scores})
    yield from found.values()


def _key(entry: Entry) -> Any:  # noqa: ANN401  whatever stands as doc_id
    return entry.line if entry.position is None else entry.position


def _entry(line: int, record: Record) -> Entry:
    kind = record.get("filter") or NO_FILTER
    names = (
        record["metrics"]
        if isinstance(record.get("metrics"), list)
        else [key for key in record if key not in KNOWN]
    )
    scores = {
        (name if kind == NO_FILTER else f"{name},{kind}"): record[name]
        for name in names
        if isinstance(name, str) and isinstance(record.get(name), bool | int | float)
    }
    doc = record.get("doc")
    said = record.get("filtered_resps", record.get("resps"))
    while isinstance(said, list) and len(said) == 1:
        said = said[0]
    return Entry(
        line=line,
        scores=scores,
        id=name_of(doc.get("id")) if isinstance(doc, dict) else None,
        position=whole(record.get("doc_id")),
        output=words_of(said) if isinstance(said, str) else None,
    )

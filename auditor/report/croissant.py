"""A report as Croissant 1.0 (JSON-LD): the files with their hashes, and what was found in the words of its RAI vocabulary.

To be merged into the description of the data set that a repository has: a report knows no licence and no columns.
https://docs.mlcommons.org/croissant/docs/croissant-spec.html
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import msgspec

from auditor.report.findings import failing_rulings
from auditor.report.model import GateModel, Report, RulingModel
from auditor.report.paths import published
from auditor.report.plain import plain, visible_json
from auditor.report.redaction import redacted
from auditor.report.terminal import headline

TABLE = Path(__file__).parent / "croissant.toml"
CONTEXT: dict[str, object] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The context of the specification, which validators hold a file against word by word."""
TYPES = {
    ".csv": "text/csv",
    ".gz": "application/gzip",
    ".json": "application/json",
    ".jsonl": "application/jsonlines",
    ".parquet": "application/vnd.apache.parquet",
    ".tsv": "text/tab-separated-values",
    ".zst": "application/zstd",
}
"""Ending of a file -> its media type."""


class FileObject(msgspec.Struct, frozen=True, kw_only=True, rename={"type": "@type", "id": "@id", "content_url": "contentUrl",
                                                                     "encoding_format": "encodingFormat"}):  # fmt: skip
    """A file of the data set."""

    type: str = "cr:FileObject"
    id: str
    name: str
    description: str
    content_url: str
    encoding_format: str
    sha256: str


def render(report: Report, *, redact: bool) -> str:
    """The file, indented."""
    found, _ = published(redacted(report) if redact else report)
    whole: dict[str, object] = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": "audited-data",
        "description": plain(headline(found).plain),
        "conformsTo": ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"],
        "distribution": [*_files(found)],
        "rai:dataLimitations": [_sentence(one) for one in failing_rulings(found)],
        **_by_gate(found),
    }
    return visible_json(msgspec.json.format(msgspec.json.encode(whole), indent=2).decode()) + "\n"


def _files(report: Report) -> Iterator[FileObject]:
    """The files that were read; one whose hash is not known cannot be described."""
    roles: dict[tuple[str, str], list[str]] = {}
    for one in report.inputs:
        if one.sha256 is not None:
            roles.setdefault((one.path, one.sha256), []).append(f"{one.rows:,} records for {one.role}")
    for (raw, sha256), told in roles.items():
        path = plain(raw)
        yield FileObject(
            id=path,
            name=path,
            description=", ".join(told),
            content_url=quote(path),
            encoding_format=TYPES.get(Path(path).suffix.lower(), "application/octet-stream"),
            sha256=sha256,
        )


def _by_gate(report: Report) -> dict[str, object]:
    """What gates found of which the vocabulary speaks, where anything was measured."""
    table: dict[str, str] = tomllib.loads(TABLE.read_text("utf-8"))["gate"]
    told = {table[gate.id]: _measured(gate) for gate in report.gates if gate.id in table}
    return {name: sentences for name, sentences in sorted(told.items()) if sentences}


def _measured(gate: GateModel) -> list[str]:
    return [_sentence(one) for one in gate.rulings if one.value is not None]


def _sentence(ruling: RulingModel) -> str:
    return plain(f"{ruling.verdict}: {ruling.check}.{ruling.measure} {ruling.why} ({ruling.cite})")

"""The JSON Schema of a saved report, made from the model itself."""

from __future__ import annotations

import msgspec

from auditor.report.model import SCHEMA, Report

ID = f"urn:auditor:report:{SCHEMA}"
"""Names the schema; the number rises when a reader of the old one would be wrong."""


def schema() -> str:
    """JSON Schema 2020-12, indented; the same model gives the same text."""
    found = msgspec.json.schema(Report)
    found["$defs"]["Report"]["properties"]["schema"] = {"const": SCHEMA}
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": ID, **found}
    return msgspec.json.format(msgspec.json.encode(whole, order="deterministic"), indent=2).decode() + "\n"

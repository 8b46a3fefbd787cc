"""A saved report without the user's text."""

from __future__ import annotations

from typing import Any

import msgspec

from auditor.report.model import EvidenceModel, Report


def redacted(report: Report) -> Report:
    """The report without excerpts of the user's text; places, numbers and short labels stay."""
    outcomes = {
        check: msgspec.structs.replace(found, evidence=tuple(map(_without_texts, found.evidence)))
        for check, found in report.outcomes.items()
    }
    return msgspec.structs.replace(report, outcomes=outcomes)


def _without_texts(evidence: EvidenceModel) -> EvidenceModel:
    quoting = {*evidence.excerpts, *evidence.labels}

    def row(cells: dict[str, Any]) -> dict[str, Any]:
        return {name: None if name in quoting else value for name, value in cells.items()}

    return msgspec.structs.replace(evidence, head=tuple(map(row, evidence.head)))

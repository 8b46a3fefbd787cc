"""Which findings of two reports are new, gone or unchanged: by their fingerprints, which hang on texts, not on rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from auditor.report.findings import named, spots_of
from auditor.report.model import EvidenceModel, Report

FIRST = 5
"""Places that are named of those that are new, or gone."""


class FindingsMoved(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the rows of one table."""

    check: str
    title: str
    """Without what it counts."""
    new: int
    gone: int
    unchanged: int
    first_new: tuple[str, ...]
    """Where the first of them stand now."""
    first_gone: tuple[str, ...]
    """Where the first of them stood."""
    partial: bool
    """One of the reports has only the first rows of this table, so new and gone may be rows that moved past its end."""


def findings_moved(old: Report, new: Report) -> Iterator[FindingsMoved]:
    """What moved in each table that names rows at fault, in the order of the newer report.

    A table that one of the reports lacks is empty there if that report has its check.
    """
    before, after = _tables(old), _tables(new)
    for name in dict.fromkeys([*after, *before]):
        check, title = name
        was, now = before.get(name), after.get(name)
        if (was is None and not _ran(old, check)) or (now is None and not _ran(new, check)):
            continue
        ours, theirs = _marks(was), _marks(now)
        fresh = [mark for mark in theirs if mark not in ours]
        lost = [mark for mark in ours if mark not in theirs]
        yield FindingsMoved(
            check=check,
            title=title,
            new=len(fresh),
            gone=len(lost),
            unchanged=len(ours) - len(lost),
            first_new=tuple(theirs[mark] for mark in fresh[:FIRST]),
            first_gone=tuple(ours[mark] for mark in lost[:FIRST]),
            partial=any(one is not None and one.rows > len(one.head) for one in (was, now)),
        )


def comparable(old: Report, new: Report) -> str:
    """Why findings cannot be compared; empty if they can."""
    for report, which in ((old, "older"), (new, "newer")):
        placed = [one for _, one in _placed(report)]
        if placed and not any(one.fingerprints for one in placed):
            return f"the {which} report has no fingerprints; it was made by a version that had none"
    if old.settings.get("fingerprints") != new.settings.get("fingerprints"):
        return "their fingerprints were made with different secrets (AUDITOR_FINGERPRINT_KEY)"
    return ""


def _ran(report: Report, check: str) -> bool:
    return check in report.outcomes and report.outcomes[check].not_run is None


def _placed(report: Report) -> Iterator[tuple[tuple[str, str], EvidenceModel]]:
    """Tables of rows at fault, with their checks and names."""
    for check, outcome in report.outcomes.items():
        for name, one in named(outcome.evidence):
            at_fault = one.counted is None or bool(one.counted.measures)
            if at_fault and one.head and spots_of(one.head[0]):
                yield (check, name), one


def _tables(report: Report) -> dict[tuple[str, str], EvidenceModel]:
    return dict(_placed(report))


def _marks(evidence: EvidenceModel | None) -> dict[str, str]:
    """Fingerprint -> place."""
    if evidence is None:
        return {}
    rows: Sequence[dict[str, object]] = evidence.head
    return {
        mark: " ~ ".join(map(str, spots_of(row)))
        for mark, row in zip(evidence.fingerprints, rows, strict=False)
    }

"""The rows behind limits: tables say which measure counts their rows, and the two agree."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from auditor.registry import BUILTIN
from auditor.report.findings import failing_checks, failing_rulings, findings, name_of, spots_of
from auditor.report.model import Report
from tests.report.test_golden import saved
from tests.report.test_sarif import evidence, row, with_evidence

SAMPLES = Path(__file__).parent.parent.parent / "sample_data"
LISTED_ONE_BY_ONE = {
    "Rows that repeat another one", "Eval rows and the training row each matches best", "Faulty rows",
    "Same text, different labels",
}  # fmt: skip
"""Tables with a row for each that the measures count."""


@pytest.mark.parametrize(
    "name", ["broken", "labelled", "leaky", "noisy", "preference", "sharegpt", "single-labeler"]
)
def test_tables_hold_as_many_rows_as_the_measures_count(auditor, monkeypatch, name):
    monkeypatch.chdir(SAMPLES / name)
    report = Report.from_json(auditor("audit", "--format", "json").out.encode())
    known = {check.id: check.measures for check in BUILTIN}
    for check, outcome in report.outcomes.items():
        values = {one.name: one.value for one in outcome.measures if one.group is None}
        for one in outcome.evidence:
            if one.counted is None:
                continue
            assert set(one.counted.measures.values()) <= set(known[check])
            assert not one.counted.by or one.counted.by in one.head[0]
            assert bool(one.counted.by) != ("" in one.counted.measures) or not one.counted.measures
            rows = Counter(
                one.counted.measures.get(str(cells.get(one.counted.by)) if one.counted.by else "")
                for cells in one.head
            )
            rows.pop(None, None)
            if name_of(one) in LISTED_ONE_BY_ONE and one.rows == len(one.head):
                assert rows == {measure: values[measure] for measure in rows}
                assert not [m for m in set(one.counted.measures.values()) - set(rows) if values.get(m)]


def test_the_worst_comes_first():
    verdicts = [ruling.verdict for ruling in failing_rulings(saved())]
    assert verdicts == sorted(verdicts, key=["BLOCK", "UNKNOWN", "WARN"].index)
    assert "PASS" not in verdicts
    assert failing_checks(saved()) == list(dict.fromkeys(one.check for one in failing_rulings(saved())))


def test_every_row_at_fault_is_in_one_finding():
    rows = [row(n, other=n % 7) for n in range(1, 200)] + [row(None, file=None)]
    report = with_evidence(saved(), evidence(rows))
    found = [one for _, one in findings(report, failing_rulings(report)) if one.title == "Planted"]
    assert sum(len(one.spots) for one in found) == 199
    assert len(found) == 7
    for one in found:
        others = {(spot.file, spot.line) for spot in one.others}
        theirs = [cells for cells in rows[:-1] if {(s.file, s.line) for s in spots_of(cells)[1:]} == others]
        assert [spot.line for spot in one.spots] == [cells["line"] for cells in theirs]

"""A report as frames: every measure and every row that it holds."""

from __future__ import annotations

import msgspec
import polars as pl

from auditor.report.frames import MEASURES
from auditor.report.model import EvidenceModel, MeasureModel, OutcomeModel, Report
from tests.report.test_golden import saved
from tests.report.test_sarif import evidence, row, with_evidence


def test_every_measure_is_a_row():
    report = saved()
    found = report.to_polars().measures
    assert found.schema == MEASURES
    wanted = [
        (check, one.name, one.group, one.value)
        for check, outcome in report.outcomes.items()
        for one in outcome.measures
    ]
    assert found.select("check", "measure", "group", "value").rows() == wanted
    (noise,) = found.filter(measure="noise_rate").rows(named=True)
    (model,) = (one for one in report.outcomes["noise"].measures if one.name == "noise_rate")
    assert (noise["low"], noise["high"]) == model.interval
    assert (noise["kind"], noise["of"], noise["basis"], noise["by"]) == (
        model.kind,
        model.of,
        model.basis,
        model.by,
    )


def test_every_row_of_evidence_is_there_with_its_fingerprint():
    report = saved()
    found = report.to_polars().evidence
    assert list(found) == list(report.outcomes)
    for check, outcome in report.outcomes.items():
        assert len(found[check]) == len(outcome.evidence)
        for table, one in zip(found[check].values(), outcome.evidence, strict=True):
            assert table.drop("fingerprint", strict=False).to_dicts() == list(one.head)
            assert not one.fingerprints or table["fingerprint"].to_list() == list(one.fingerprints)
    assert "Eval rows and the training row each matches best" in found["leakage"]


def test_a_missing_number_an_open_interval_and_odd_cells():
    measure = MeasureModel(
        name="m", group=None, value=None, kind="count", of=None, interval=(None, 2.5), basis="estimated"
    )
    tables = tuple(
        EvidenceModel(title=title, rows=2, file=None, excerpts=(), head=head)
        for title, head in (("t (1)", ({"a": 1, "b": [1]}, {"a": None, "b": None})), ("t (2)", ({"a": 1.5}, {"a": 2})), ("e", ()))
    )  # fmt: skip
    report: Report = msgspec.structs.replace(
        saved(), outcomes={"c": OutcomeModel(title="C", measures=(measure,), evidence=tables)}
    )
    frames = report.to_polars()
    assert frames.measures.row(0, named=True)["high"] == 2.5
    assert frames.measures["value"].to_list() == [None]
    assert list(frames.evidence["c"]) == ["t", "t (2)", "e"]
    assert frames.evidence["c"]["t (2)"]["a"].to_list() == [1.5, 2.0]
    assert frames.evidence["c"]["e"].equals(pl.DataFrame())


def test_names_of_tables_hold_no_counts_and_are_told_apart():
    titles = (
        "What the 1,234 candidate pairs were (3 near), told", "What the 9 candidate pairs were, told", "12 rows of 5.",
        "3-grams of utf8", "7",
    )  # fmt: skip
    tables = [evidence([row(1)], total=1) for _ in titles]
    tables = [msgspec.structs.replace(one, title=title) for one, title in zip(tables, titles, strict=True)]
    report = with_evidence(saved(), *tables)
    assert list(report.to_polars().evidence["leakage"]) == [
        "What the candidate pairs were, told", "What the candidate pairs were, told (2)", "rows of.", "3-grams of utf8", "",
    ]  # fmt: skip

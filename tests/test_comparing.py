"""What moved between two reports: nothing between equal ones, and every planted change by its name and direction."""

from __future__ import annotations

import msgspec
import pytest

from auditor.comparing import Change, compare
from auditor.errors import DataError
from auditor.frameworks.evaluation import Evaluation
from auditor.report.comparison import comparison_markdown, comparison_text
from auditor.report.model import (
    AnswerModel,
    GateModel,
    Input,
    LimitModel,
    MeasureModel,
    OutcomeModel,
    Report,
    RulingModel,
)
from auditor.report.reading import read_report


def measure(value: float | None, group: str | None = None) -> MeasureModel:
    return MeasureModel(
        name="leaked", group=group, value=value, kind="count", of=200, interval=None, basis="measured"
    )


def answer(said: str | None, basis: str | None = "declared") -> AnswerModel:
    return AnswerModel(
        id="rag-tried", text="Tried?", sources=("S1",), state="yes" if said else "unknown", answer=said,
        basis=basis if said else None, why="", by="", on="", proof="", contradicted="",
    )  # fmt: skip


def evaluation(verdict: str) -> Evaluation:
    return Evaluation(
        id="ladder", title="Ladder", source="S2", kind="ladder", about="", verdict=verdict, leaning="hold", possible=(),
        scores=(), columns=(), items=(), carried=(), unknown=(), flips=(), warnings=(), notes=(), tables=(),
    )  # fmt: skip


def report(
    *, verdict="BLOCK", leaked=3.0, said="yes", framework="hold", rows=100, version="1", required=True
) -> Report:
    limit = LimitModel(at_least=None, at_most=0, level="block", resolved_from=None)
    ruling = RulingModel(
        check="leakage",
        measure="leaked",
        group=None,
        value=leaked,
        limit=limit,
        verdict=verdict,
        why="",
        cite="S1",
        fix="",
    )
    return Report(
        schema=1,
        verdict=verdict,
        task=None,
        stage="before-training",
        inputs=(Input(role="train", path="train.jsonl", sha256="ab" * 32, rows=rows, format="chat"),),
        gates=(
            GateModel(
                id="leakage", question="?", verdict=verdict, required=True, reason="", rulings=(ruling,)
            ),
            GateModel(id="origin", question="?", verdict=verdict, required=required, reason="", rulings=()),
        ),
        tasks=(),
        outcomes={"leakage": OutcomeModel(title="Leaks", measures=(measure(leaked), measure(leaked, "a")))},
        answers=(answer(said),),
        frameworks=(evaluation(framework),),
        settings={"check": {"leakage": {"sample": 10}}},
        versions={"auditor": version},
    )


def test_equal_reports_have_not_moved():
    found = compare(report(), report())
    assert found.changes == ()
    assert found.unchanged == 1 + 2 + 1 + 1 + 1 + 2 + 2
    assert comparison_text(found) == "BLOCK, as before\n\n10 others are what they were.\n"


def test_every_change_is_told_with_its_direction():
    new = report(verdict="PASS", leaked=0.0, said=None, framework="go", rows=90, version="2", required=False)
    found = compare(report(), new)
    assert found.changes == (
        Change(part="verdict", id="", before="BLOCK", after="PASS", direction="better"),
        Change(part="gate", id="leakage", before="BLOCK", after="PASS", direction="better"),
        Change(part="gate", id="origin", before="BLOCK", after=None, direction="changed"),
        Change(part="framework", id="ladder", before="hold", after="go", direction="changed"),
        Change(part="answer", id="rag-tried", before="yes (declared)", after="unknown (open)", direction="changed"),
        Change(part="input", id="train train.jsonl", before="100 records, sha256 abababababab", after="90 records, sha256 abababababab", direction="changed"),
        Change(part="setting", id="version.auditor", before="1", after="2", direction="changed"),
        Change(part="measure", id="leakage.leaked", before="3 of 200", after="0 of 200", direction="better"),
        Change(part="measure", id="leakage.leaked of a", before="3 of 200", after="0 of 200", direction="better"),
    )  # fmt: skip
    assert found.unchanged == 1
    assert all(change.direction != "worse" for change in found.changes)


@pytest.mark.parametrize(
    ("before", "after", "direction"), [(0, 3, "worse"), (3, 1, "better"), (None, 1, "changed")]
)
def test_a_measure_moves_toward_its_limit_or_away(before, after, direction):
    found = compare(report(leaked=before), report(leaked=after))
    moved = [change.direction for change in found.changes if change.part == "measure"]
    assert moved == [direction] * 2


def test_a_measure_that_nothing_limits_is_neither_better_nor_worse():
    old, new = (msgspec.structs.replace(report(leaked=value), gates=()) for value in (1, 2))
    assert {change.direction for change in compare(old, new).changes} == {"changed"}


def test_lines_fit_and_hostile_names_stay_text():
    new = msgspec.structs.replace(report(), settings={"map": {"x\x1b[31m|`<b>" * 9: "a" * 90}})
    found = compare(report(), new)
    text = comparison_text(found)
    assert "\x1b" not in text
    assert "\\x1b[31m" in text
    table = [line for line in comparison_markdown(found).splitlines() if line.startswith("| \\~")]
    assert table
    assert all(line.replace("\\|", "").count("|") == 5 and "<b>" not in line for line in table)


def test_reports_are_read_from_files_and_folders(tmp_path):
    (tmp_path / "report.json").write_bytes(report().to_json())
    assert read_report(tmp_path) == read_report(tmp_path / "report.json")
    for name, content, said in (
        ("no.json", None, "cannot be read"),
        ("bad.json", b"{}", "is no report of auditor"),
    ):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=said):
            read_report(tmp_path / name)


def test_values_of_which_the_denominator_alone_moved_are_counted_not_listed():
    def sized(of: int, value: float = 3.0) -> Report:
        one = msgspec.structs.replace(measure(value), of=of)
        made = report()
        return msgspec.structs.replace(
            made, outcomes={"leakage": OutcomeModel(title="Leaks", measures=(one,))}
        )

    found = compare(sized(200), sized(199))
    assert [one.only_of for one in found.changes] == [True]
    for text in (comparison_text(found), comparison_markdown(found)):
        assert "199" not in text
        assert "Of 1 measure only the denominator moved." in text
    moved = compare(sized(200), sized(199, 2.0))
    assert [one.only_of for one in moved.changes] == [False]
    assert "3 of 200 -> 2 of 199" in comparison_text(moved)
    assert "denominator" not in comparison_text(moved)

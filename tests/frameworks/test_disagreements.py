"""Where sources disagree: both sides, what follows from each, and what it comes to here."""

from __future__ import annotations

from auditor.frameworks.disagreements import disagreements, shipped_disagreements
from auditor.frameworks.evaluate import evaluate
from auditor.questions import shipped_questions
from tests.frameworks.answering import FRAMEWORKS, answered
from tests.frameworks.test_evaluate import TASK_API


def found(topic, **values):
    standings = answered(**values)
    evaluations = [evaluate(framework, standings) for framework in FRAMEWORKS.values()]
    return next(one for one in disagreements(evaluations, standings) if topic in one.topic)


def test_every_side_names_a_source_and_what_follows():
    for table in shipped_disagreements():
        assert len(table.side) >= 2
        assert table.tool
        for side in table.side:
            assert side.source[:2] in {"S0", "S1", "S2", "S3", "S4"}
            assert side.says
            assert side.follows
            assert side.framework in ("", *FRAMEWORKS)
            assert {side.yes, side.no} <= {"", *shipped_questions()}


def test_the_worked_example_is_moderate_by_score_and_strong_by_difference():
    matter = found("How many indicators", **TASK_API)
    assert matter.here == "disagree"
    assert [side.here.split(":")[0] for side in matter.sides] == [
        "fine-tune candidate", "moderate candidate, evaluate carefully", "strong candidate",
    ]  # fmt: skip


def test_all_indicators_and_no_anti_indicator_leave_nothing_to_disagree_on():
    everything = TASK_API | {"reduce_cost": True, "data_sovereignty": True}
    assert found("How many indicators", **everything).here == "agree"


def test_three_hundred_eval_rows_are_enough_for_one_source_only():
    matter = found("How large does the eval set", eval_1000=False, eval_50=True)
    assert matter.here == "disagree"
    assert [side.here for side in matter.sides] == [
        "Do you have 1,000 or more eval examples? no: no by Ann", "Do you have at least 50 labelled test examples? yes: yes by Ann",
    ]  # fmt: skip
    assert found("How large does the eval set", eval_1000=False).here == "unknown"


def test_what_cannot_be_computed_is_not_claimed():
    matter = found("divided by 10 or by 11")
    assert matter.here == "-"
    assert {side.here for side in matter.sides} == {""}


def test_facts_as_root_cause_count_in_opposite_ways():
    assert found("fact accuracy", facts_root_cause=True).here == "disagree"


def test_sides_that_go_by_one_question_tell_its_answer_once():
    for said, state in (
        (True, "yes: yes by Ann"),
        (False, "no: no by Ann"),
        (None, "unknown: nobody answered it"),
    ):
        sides = found("tone, style and format", target_met=said).sides
        assert [side.here for side in sides] == [
            f"Does the best of prompt, few-shot and RAG reach the target quality? {state}",
            "goes by the same answer as S4",
        ]

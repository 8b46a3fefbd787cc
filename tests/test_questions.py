"""How questions stand: measured beats declared, and what nobody measured or declared is unknown."""

from __future__ import annotations

import pytest

from auditor.errors import PolicyError
from auditor.gates import NotRun
from auditor.questions import Given, Standing, read_questions, shipped_questions, standings
from checks.contract import Measure, Result
from checks.measures import Range

QUESTIONS = read_questions(
    """
[question.large]
text = "Are there 1,000 eval examples?"
kind = "yes-no"
sources = ["S1"]
measured = [{ check = "eval_set", measure = "effective_eval_rows", at-least = 1000 }]

[question.fails]
text = "Do 30 % fail?"
kind = "yes-no"
sources = ["S1"]
[[question.fails.measured]]
check = "results"
measure = "failure_rate"
group = "few-shot"
at-least = 0.3
[[question.fails.measured]]
check = "results"
measure = "failure_rate"
group = "baseline"
at-least = 0.3

[question.reached]
text = "Is the target reached?"
kind = "yes-no"
sources = ["S1"]
measured = [{ check = "results", measure = "shortfall", at-most = 0, no-needs = "rag" }]

[question.tried]
text = "Was it tried?"
kind = "yes-no"
sources = ["S1"]
measured = [{ check = "results", measure = "failure_rate", group = "few-shot", at-least = 0, least-of = 50 }]

[question.calls]
text = "How many calls?"
kind = "number"
sources = ["S1"]
""",
    "questions.toml",
)


def stands(name: str, given: Given | None = None, **measures: Measure) -> Standing:
    outcomes = {check: Result((measure,)) for check, measure in measures.items()}
    return standings(QUESTIONS, {name: given} if given else {}, outcomes)[name]


def rows(value: float) -> Measure:
    return Measure(name="effective_eval_rows", value=value, of=5_000)


def rate(value: float, low: float, high: float, group: str = "few-shot", of: int = 200) -> Measure:
    return Measure(name="failure_rate", kind="share", value=value, interval=(low, high), group=group, of=of)


def test_what_nobody_knows_is_unknown():
    found = stands("large")
    assert (found.state, found.value, found.basis) == ("unknown", None, None)
    assert found.why == "nobody answered it, and eval_set.effective_eval_rows was not measured"
    assert stands("calls").why == "nobody answered it"


def test_what_is_declared_stands_with_who_says_so():
    found = stands("large", Given(value=True, by="Ann", on="2026-11-01"))
    assert (found.state, found.basis, found.why) == ("yes", "declared", "yes by Ann on 2026-11-01")
    assert stands("large", Given(value=False)).why == "no, nobody says who"
    found = stands("calls", Given(value=Range(1e6, 2e6, 3e6), by="Bob"))
    assert (found.state, found.why) == ("yes", "2,000,000 (1,000,000 to 3,000,000) by Bob")


@pytest.mark.parametrize(("value", "state"), [(1_000, "yes"), (999, "no")])
def test_a_measurement_decides(value, state):
    found = stands("large", eval_set=rows(value))
    assert (found.state, found.basis, found.contradicted) == (state, "measured", "")


def test_a_measurement_beats_what_was_declared_and_names_the_contradiction():
    found = stands("large", Given(value=True, by="Ann"), eval_set=rows(300))
    assert found.state == "no"
    assert found.contradicted == (
        "declared yes by Ann; measured: eval_set.effective_eval_rows is 300 of 5,000; wanted at least 1,000"
    )
    assert not stands("large", Given(value=False), eval_set=rows(300)).contradicted


def test_a_measurement_that_cannot_decide_leaves_it_open_whatever_was_declared():
    found = stands("fails", Given(value=True, by="Ann"), results=rate(0.32, 0.26, 0.39))
    assert (found.state, found.value) == ("unknown", None)
    assert "which this many examples cannot decide" in found.why
    assert "declared yes by Ann" in found.contradicted


def test_the_first_measure_that_is_there_decides():
    both = Result((rate(0.5, 0.4, 0.6, group="baseline"), rate(0.1, 0.05, 0.2)))
    assert standings(QUESTIONS, {}, {"results": both})["fails"].state == "no"
    assert stands("fails", results=rate(0.5, 0.4, 0.6, group="baseline")).state == "yes"
    assert stands("fails", results=rate(0.5, 0.4, 0.6, group="poc")).state == "unknown"


def shortfall(value: float, group: str | None = None) -> Measure:
    return Measure(name="shortfall", kind="points", value=value, interval=(value - 1, value + 1), group=group)


def test_no_is_said_only_once_the_rest_was_measured_too():
    """What RAG might reach is not known from a prompt that does not reach it; what one of them reaches is reached."""
    alone = stands("reached", Given(value=True, by="Ann"), results=shortfall(30))
    assert alone.state == "unknown"
    assert alone.why.endswith("but rag has no results, and may reach it")
    both = Result((shortfall(30), shortfall(30, "rag")))
    assert standings(QUESTIONS, {}, {"results": both})["reached"].state == "no"
    assert stands("reached", results=shortfall(-30)).state == "yes"


def test_a_single_answer_is_no_trial():
    assert stands("tried", results=rate(0.5, 0.1, 0.9, of=49)).state == "unknown"
    assert stands("tried", Given(value=False), results=rate(0.5, 0.1, 0.9, of=49)).state == "no"
    assert stands("tried", results=rate(0.5, 0.3, 0.7, of=50)).state == "yes"


def test_a_measure_of_nothing_and_a_check_that_did_not_run_decide_nothing():
    assert stands("fails", Given(value=True), results=rate(0, 0, 1, of=0)).basis == "declared"
    assert standings(QUESTIONS, {}, {"eval_set": NotRun("crashed", "a bug")})["large"].state == "unknown"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[question.x]\ntext = 'x'\nkind = 'yes-no'\nsources = []\nchoises = []", "unknown key 'choises'; did you mean 'choices'?"),
        ("[question.x]\ntext = 'x'\nkind = 'maybe'\nsources = []", "maybe"),
        ("[question.x]\ntext = 'x'\nkind = 'choice'\nsources = []", "has to list its choices"),
        ("[question.x]\ntext = 'x'\nkind = 'number'\nsources = []\nchoices = ['a']", "has no choices"),
        ("[question.x]\ntext = 'x'\nkind = 'number'\nsources = []\nmeasured = [{check = 'a', measure = 'b', at-least = 1}]", "only a yes-no question"),
        ("[question.x]\ntext = 'x'\nkind = 'yes-no'\nsources = []\nmeasured = [{check = 'a', measure = 'b'}]", "neither at-least nor at-most"),
        ("[question.x", "not valid TOML"),
    ],
)  # fmt: skip
def test_questions_that_cannot_be_meant_are_refused(content, said):
    with pytest.raises(PolicyError) as error:
        read_questions(content, "mine.toml")
    assert said in str(error.value)
    assert "mine.toml" in str(error.value)


def test_every_shipped_question_that_is_measured_names_a_measure_that_exists():
    from auditor.registry import discover

    found, _ = discover()
    for name, question in shipped_questions().items():
        for one in question.measured:
            assert one.measure in found[one.check].measures, name

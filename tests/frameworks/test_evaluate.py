"""Verdicts of the sources' frameworks: nothing answered, everything answered, and every worked example."""

from __future__ import annotations

import msgspec
import pytest

from auditor.frameworks.evaluate import UNKNOWN, evaluate
from auditor.frameworks.evaluation import Evaluation
from auditor.questions import Given, standings
from checks.contract import Measure, Result
from tests.frameworks.answering import FRAMEWORKS, LIBRARY, answered, only
from tests.helpers import seeded

STEPS = {
    "prompt_variations": True, "foundation_models": True, "retrieval_optimised": True, "few_shot_used": True,
    "prompt_structured": True,
}  # fmt: skip
TASK_API = {
    **STEPS, "target_met": False, "needs_consistency": True, "domain_knowledge": True, "brand_voice": True,
    "reduce_cost": False, "latency_tight": True, "data_sovereignty": False, "requirements_change": False,
    "low_volume": False, "exploration": False, "rows_1000": True,
}  # fmt: skip
"""S0's case study: format, concepts, voice and latency speak for fine-tuning; 10K conversations, stable requirements."""


def verdict(name, **values):
    return evaluate(FRAMEWORKS[name], answered(**values)).verdict


def leaning(name, **values):
    return evaluate(FRAMEWORKS[name], answered(**values)).leaning


def score(name, of, **values):
    found = evaluate(FRAMEWORKS[name], answered(**values))
    return next(one for one in found.scores if one.name == of)


# ---- nothing answered ----


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_answering_nothing_yields_unknown(name):
    framework = FRAMEWORKS[name]
    found = evaluate(framework, answered())
    assert found.verdict == UNKNOWN
    assert found.leaning in ("unknown", "none")
    assert len(found.possible) > 1
    assert found.unknown == framework.questions
    assert found.carried == ()
    assert not found.warnings
    assert all(item.holds == "unknown" and item.counts == "-" for item in found.items)


def test_a_question_that_nobody_asked_is_unknown_too():
    found = evaluate(FRAMEWORKS["four"], {})
    assert found.verdict == UNKNOWN
    assert {answer.why for item in found.items for answer in item.answers} == {"nobody asked"}


@pytest.mark.parametrize("name", [name for name, one in FRAMEWORKS.items() if one.space is not None])
def test_everything_answered_leaves_one_verdict(name):
    framework = FRAMEWORKS[name]
    for said in (True, False):
        found = evaluate(framework, only(framework, dict.fromkeys(framework.questions, said)))
        assert found.verdict != UNKNOWN
        assert len(found.possible) == 1
        assert found.leaning == found.possible[0].leaning
        assert not found.unknown
        assert found.carried


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_an_evaluation_survives_the_way_to_disk(name):
    found = evaluate(FRAMEWORKS[name], answered(**TASK_API, goal=("voice",), problem=("company-voice",)))
    assert msgspec.json.decode(msgspec.json.encode(found), type=Evaluation) == found


# ---- S0: Task API ----


def test_task_api_has_hit_the_ceiling():
    assert verdict("ceiling", **TASK_API) == "ceiling hit: a genuine fine-tuning candidate"


def test_task_api_scores_four_of_eleven_which_is_moderate():
    found = score("confidence", "score", **TASK_API)
    assert found.value == pytest.approx(4 / 11)
    assert f"{found.value:.2f}" == "0.36"
    assert verdict("confidence", **TASK_API) == "moderate candidate, evaluate carefully"
    assert "divides its worked example by 10: (4 - 0) / 10 = 0.4" in " ".join(
        FRAMEWORKS["confidence"].table.notes
    )


def test_task_api_is_moderate_with_the_sources_ten_as_well():
    bands = FRAMEWORKS["confidence"].table.band
    assert bands[1].at_least <= 4 / 10 <= bands[0].more_than


def test_task_api_differs_by_four_which_is_strong():
    assert score("difference", "difference", **TASK_API).value == 4
    assert verdict("difference", **TASK_API) == "strong candidate: proceed to fine-tuning"
    counted = score("difference", "indicators", **TASK_API)
    assert (counted.value, counted.of) == (4, 6)
    assert score("difference", "anti-indicators", **TASK_API).value == 0


def test_task_api_is_a_candidate_by_the_tree():
    assert verdict("tree", **TASK_API) == "fine-tune candidate"


@pytest.mark.parametrize("step", STEPS)
def test_one_step_unchecked_keeps_optimising(step):
    assert verdict("ceiling", **TASK_API | {step: False}).startswith("keep optimising prompts")
    assert verdict("tree", **TASK_API | {step: False}).startswith("keep optimizing prompts")


def test_prompts_that_suffice_have_no_ceiling():
    met = TASK_API | {"target_met": True, "latency_tight": False} | dict.fromkeys(
        ("sign_format", "sign_terminology", "sign_voice_drift", "sign_knowledge_unused", "sign_instruction_limit"), False
    )  # fmt: skip
    assert verdict("ceiling", **met) == "no ceiling: prompts do what is wanted"
    assert verdict("ceiling", **met | {"sign_voice_drift": True}).startswith("ceiling hit")


def test_three_indicators_are_not_more_than_three():
    three = TASK_API | {"latency_tight": False}
    assert verdict("tree", **three) == "consider RAG improvements or model switch"
    assert verdict("difference", **three).startswith("strong")


def test_two_anti_indicators_are_not_fewer_than_two():
    one = TASK_API | {"exploration": True}
    assert verdict("tree", **one) == "fine-tune candidate"
    assert verdict("tree", **one | {"low_volume": True}) == "address anti-indicators first"


@pytest.mark.parametrize(
    ("pro", "contra", "by_score", "by_difference"),
    [
        (6, 0, "strong", "strong"), (5, 0, "moderate", "strong"), (3, 0, "moderate", "strong"),
        (2, 0, "weak", "moderate"), (1, 0, "weak", "moderate"), (0, 0, "weak", "weak"), (6, 5, "weak", "moderate"),
        (6, 3, "moderate", "strong"), (2, 3, "weak", "weak"),
    ],
)  # fmt: skip
def test_bands_of_score_and_difference(pro, contra, by_score, by_difference):
    framework = FRAMEWORKS["confidence"]
    groups = {
        group: [item.wanted for item in framework.items if item.table.group == group]
        for group in ("indicators", "anti-indicators")
    }
    answers = {}
    for group, counting in (("indicators", pro), ("anti-indicators", contra)):
        for number, wanted in enumerate(groups[group]):
            answers |= {name: said == (number < counting) for name, said in wanted.items()}
    assert evaluate(framework, only(framework, answers)).verdict.startswith(by_score)
    assert evaluate(FRAMEWORKS["difference"], only(framework, answers)).verdict.startswith(by_difference)


def test_weights_of_the_source_are_shown():
    weights = [item.table.weight for item in FRAMEWORKS["indicators"].items]
    assert weights == [
        "High",
        "High",
        "Medium",
        "Medium",
        "Medium",
        "High",
        "High",
        "High",
        "High",
        "Medium",
        "High",
    ]


# ---- S1: gates, checklist, exercises ----

PRINTED = {
    "eval_1000": False, "few_shot_fails": False, "rag_tried": False, "failures_behaviour": False,
    "facts_root_cause": True, "rows_1000": False, "labeling_budget": False, "smaller_model": False,
    "new_safety_policy": False, "retraining_pipeline": False, "named_owner": False, "poc_gains": False,
}  # fmt: skip
"""The answers in S1's code: one yes, to fact accuracy."""
GATES_OPEN = {"gate_prompt_ceiling": True, "gate_eval_ready": True, "gate_roi": True, "gate_retraining": True}


def test_the_checklist_as_printed_has_no_point_because_its_only_yes_is_reversed():
    found = evaluate(FRAMEWORKS["checklist"], answered(**PRINTED))
    assert (found.scores[0].value, found.scores[0].of) == (0, 10)
    assert found.verdict == "not yet"
    (fact,) = [item for item in found.items if item.reversed]
    assert fact.answers[0].state == "yes"
    assert (fact.holds, fact.counts) == ("no", "against")
    assert "RAG solves it" in fact.note
    assert "counted reversed" in " ".join(found.notes)


def test_seven_points_explore_and_six_do_not():
    six = PRINTED | dict.fromkeys(
        ("eval_1000", "few_shot_fails", "rag_tried", "failures_behaviour", "smaller_model"), True
    )
    six |= {"facts_root_cause": False}
    assert score("checklist", "items", **six).value == 6
    assert verdict("checklist", **six) == "not yet"
    assert verdict("checklist", **six | {"poc_gains": True}) == "explore SFT"


def test_labelled_pairs_without_budget_are_half_a_point_and_count_none():
    assert score("checklist", "items", rows_1000=True, labeling_budget=False).value == 0
    assert score("checklist", "items", rows_1000=True, labeling_budget=True).value == 1


def test_a_verdict_that_holds_whatever_is_open_is_given():
    four_no = {"eval_1000": False, "rag_tried": False, "smaller_model": False, "poc_gains": False}
    found = evaluate(FRAMEWORKS["checklist"], answered(**four_no))
    assert found.verdict == "not yet"
    assert len(found.unknown) == 8
    assert set(found.carried) == {"eval-1000", "rag-tried", "smaller-model", "poc-gains"}


def test_exercise_1_a_helpdesk_at_sixty_percent_of_policy_questions_turns_to_rag_first():
    # Policies are facts, and nobody has shown that RAG does not solve them: gate 1 is shut, whatever the others say.
    found = evaluate(FRAMEWORKS["gates"], answered(gate_prompt_ceiling=False))
    assert found.verdict == "hold: stick with prompt and RAG"
    assert found.leaning == "hold"
    assert found.carried == ("gate.prompt-ceiling",)
    assert verdict("problem", problem=("internal-wiki",)).startswith(
        "RAG; SFT when citation precision tops out"
    )
    seen = evaluate(FRAMEWORKS["failures"], answered(rag_tried=False, facts_root_cause=True)).warnings
    assert [warning.split(":")[0] for warning in seen] == [
        "SFT before RAG",
        "The failures are failures of facts",
    ]


def test_exercise_2_company_voice_ranks_few_shot_before_sft_and_needs_no_rag():
    assert verdict("problem", problem=("company-voice",)) == "prompt + few-shot; SFT if that stalls"
    assert verdict("approach", goal=("voice",)) == "persona tuning (a variant of SFT)"
    matrix = evaluate(FRAMEWORKS["matrix"], answered(needs_consistency=True))
    style = next(item for item in matrix.items if item.text == "Style/format matters")
    assert dict(zip(matrix.columns, style.cells, strict=True)) == {
        "prompting/few-shot": "sometimes", "RAG": "no", "fine-tuning": "YES",
    }  # fmt: skip


def test_exercise_3_an_roi_of_a_third_is_no_ship():
    # ($0.030 - $0.001) x 100,000 calls = $2,900 of savings against $7,900 of costs
    roi = Measure(name="roi", value=2_900 / 7_900, kind="score")
    found = standings(LIBRARY.questions, {}, {"economics": Result((roi,))})
    assert found["roi-positive"].state == "no"
    assert "0.3671" in found["roi-positive"].why
    assert "bring the one-year ROI above 1.0" in evaluate(FRAMEWORKS["operations"], found).verdict
    assert verdict("gates", **GATES_OPEN | {"gate_roi": False}) == "hold: rework the numbers"


def test_exercise_4_a_poc_that_gains_one_point_names_three_next_moves():
    gain = Measure(name="gain_points", value=1, kind="points", interval=(-2.0, 4.0))
    found = standings(LIBRARY.questions, {}, {"results": Result((gain,))})
    assert found["poc-gains"].state == "no"
    (warning,) = evaluate(FRAMEWORKS["failures"], found).warnings
    assert "more data will not fix it" in warning
    for move in ("send facts to RAG", "check the labels", "try another model"):
        assert move in warning


def test_all_four_gates_put_fine_tuning_on_the_table():
    assert verdict("gates", **GATES_OPEN) == "fine-tuning is on the table: start with a PoC"
    for gate, remedy in (
        ("gate_prompt_ceiling", "stick with prompt and RAG"), ("gate_eval_ready", "build the eval set first"),
        ("gate_roi", "rework the numbers"), ("gate_retraining", "use API and prompt instead"),
    ):  # fmt: skip
        assert verdict("gates", **GATES_OPEN | {gate: False}) == f"hold: {remedy}"
        assert verdict("gates", **GATES_OPEN | {gate: None}) == UNKNOWN


def test_operations_name_what_is_missing_and_warn_of_a_base_model():
    framework = FRAMEWORKS["operations"]
    answers = dict.fromkeys(framework.questions, True)
    assert evaluate(framework, only(framework, answers)).verdict == "ready to operate a fine-tuned model"
    base = evaluate(framework, only(framework, answers | {"starts-from-instruct": False}))
    assert base.verdict == "ready to operate a fine-tuned model"
    assert len(base.warnings) == 1
    no_guidelines = evaluate(framework, only(framework, answers | {"written-guidelines": False}))
    assert no_guidelines.verdict == (
        "not ready to operate: label with several people, written guidelines and agreement checks"
    )


# ---- S2: ladder, matrix, real-world example ----


def test_the_ladder_stays_on_the_first_rung_that_is_not_shown_to_have_failed():
    rungs = ["prompt_limit", "few_shot_limit", "rag_limit", "fine_tune_limit"]
    expected = ["rung 1", "rung 2", "rung 3", "rung 4", "rung 5"]
    for reached in range(5):
        values = {name: number < reached for number, name in enumerate(rungs)}
        assert verdict("ladder", **values).startswith(expected[reached])


def test_s2_real_world_example_justifies_fine_tuning():
    # A support bot in the brand's voice: the prompt gets 80 %, five examples 90 %, 2,000 real responses 97 %.
    case = {
        "prompt_limit": True, "few_shot_limit": True, "rag_limit": True, "fine_tune_limit": False,
        "knowledge_external": False, "needs_consistency": True, "data_changes": False, "latency_tight": False,
        "rows_500": True, "reduce_cost": False, "task_narrow": True, "explainability": False,
    }  # fmt: skip
    assert verdict("ladder", **case) == "rung 4: fine-tune"
    assert verdict("matrix", **case) == "fine-tuning"
    assert leaning("matrix", **case) == "for"
    assert verdict("approach", goal=("voice",)).startswith("persona tuning")


def test_the_matrix_is_that_of_the_source():
    cells = {item.table.text: item.table.cells for item in FRAMEWORKS["matrix"].items}
    assert cells == {
        "Knowledge is external": ("no", "YES", "no"),
        "Style/format matters": ("sometimes", "no", "YES"),
        "Data changes frequently": ("n/a", "YES", "no"),
        "Need low latency": ("sometimes", "sometimes", "YES"),
        "Have < 500 examples": ("YES", "n/a", "no"),
        "Need to reduce cost": ("no", "no", "YES"),
        "Task is narrow": ("YES", "sometimes", "YES"),
        "Task is general": ("YES", "sometimes", "risky"),
        "Need explainability": ("YES", "YES", "no"),
    }


def test_a_general_task_warns():
    found = evaluate(FRAMEWORKS["matrix"], answered(task_narrow=False))
    assert "risky" in found.warnings[0]
    assert not evaluate(FRAMEWORKS["matrix"], answered(task_narrow=True)).warnings


def test_up_to_date_knowledge_is_for_rag():
    only_these = {
        "knowledge_external": True, "needs_consistency": False, "data_changes": True, "latency_tight": False,
        "rows_500": True, "reduce_cost": False, "task_narrow": False, "explainability": True,
    }  # fmt: skip
    assert verdict("matrix", **only_these) == "RAG"


# ---- S3, S4, choices, alternatives ----


def test_prerequisites_and_the_lower_ends_of_their_ranges():
    outcomes = {
        "eval_set": Result((Measure(name="effective_eval_rows", value=50),)),
        "yields": Result((Measure(name="usable_rows", value=200),)),
    }
    found = standings(LIBRARY.questions, {}, outcomes)
    assert [found[name].state for name in ("eval-50", "eval-1000", "rows-200", "rows-500")] == [
        "yes",
        "no",
        "yes",
        "no",
    ]
    yes = dict.fromkeys(FRAMEWORKS["prerequisites"].questions, True)
    assert evaluate(FRAMEWORKS["prerequisites"], only(FRAMEWORKS["prerequisites"], yes)).leaning == "for"


@pytest.mark.parametrize(
    ("goal", "instead"),
    [
        ("adds_facts", "use RAG"), ("general_intelligence", "more capable model"), ("one_off", "few-shot"),
        ("fixes_safety", "guardrails"), ("new_data_types", "multimodal model"),
    ],
)  # fmt: skip
def test_goals_that_fine_tuning_does_not_reach(goal, instead):
    said = verdict("when-not", **{goal: True})
    assert said.startswith("the goal is not one for fine-tuning")
    assert instead in said


def test_any_no_to_the_four_questions_is_premature():
    yes = {"rows_1000": True, "team_maintains": True, "few_shot_used": True, "generic_insufficient": True}
    assert verdict("four", **yes) == "fine-tuning is not premature"
    for name in yes:
        assert verdict("four", **{name: False}).startswith("fine-tuning is premature")
        assert verdict("four", **yes | {name: None}) == UNKNOWN


@pytest.mark.parametrize(
    ("goal", "approach"),
    [
        ("knowledge", "supervised fine-tuning"), ("voice", "persona tuning"), ("format", "instruction"),
        ("api-calls", "function calling"), ("safety", "DPO"), ("vocabulary", "continued pretraining"),
    ],
)  # fmt: skip
def test_each_goal_has_its_approach(goal, approach):
    found = evaluate(FRAMEWORKS["approach"], answered(goal=(goal,)))
    assert found.verdict.startswith(approach)
    assert found.leaning == "none"
    assert found.carried == ("goal",)


def test_two_problems_that_lean_differently_hold():
    found = evaluate(FRAMEWORKS["problem"], answered(problem=("real-time-facts", "refusal-tone")))
    assert found.verdict == "DPO (small batch); RAG with tool calls; never SFT"
    assert found.leaning == "hold"
    assert leaning("problem", problem=("real-time-facts",)) == "against"


def test_alternatives_come_before_fine_tuning_and_the_hybrid_behind():
    none = {"facts_root_cause": False, "fails_alike": True, "prompt_overloaded": False}
    assert (
        verdict("alternatives", **none, needs_consistency=True, data_changes=False) == "no alternative left"
    )
    assert verdict("alternatives", **none, needs_consistency=True, data_changes=True).startswith(
        "fine-tuning and RAG together"
    )
    knowledge = none | {"facts_root_cause": True, "sign_knowledge_unused": False}
    assert verdict("alternatives", **knowledge).startswith(
        "try first: better RAG (chunk optimization, hybrid search"
    )
    assert "better RAG" not in verdict("alternatives", **knowledge | {"sign_knowledge_unused": True})
    assert verdict("alternatives", **none | {"fails_alike": False}) == "try first: another foundation model"
    assert "decomposition" in verdict("alternatives", prompt_overloaded=True, latency_tight=False)
    assert verdict("alternatives", prompt_overloaded=True, latency_tight=True) == UNKNOWN


@pytest.mark.parametrize("item", FRAMEWORKS["failures"].items, ids=lambda item: item.table.text)
def test_every_failure_mode_warns_when_its_evidence_is_seen_and_only_then(item):
    framework = FRAMEWORKS["failures"]
    quiet = {name: not wanted for one in framework.items for name, wanted in one.wanted.items()}
    assert evaluate(framework, only(framework, quiet)).warnings == ()
    seen = evaluate(framework, only(framework, quiet | dict(item.wanted)))
    assert seen.warnings == (item.table.warn,)
    assert seen.verdict == "failure modes seen"


# ---- measured beats declared; contradictions; monotonicity ----


def test_a_declared_yes_against_a_measured_no_is_named():
    outcomes = {"eval_set": Result((Measure(name="effective_eval_rows", value=300),))}
    given = {"eval-1000": Given(value=True, by="Ann", on="2026-11-21")}
    found = evaluate(FRAMEWORKS["checklist"], standings(LIBRARY.questions, given, outcomes))
    item = found.items[0]
    assert (item.holds, item.answers[0].basis) == ("no", "measured")
    assert "declared yes by Ann" in item.answers[0].contradicted
    assert "300" in item.answers[0].contradicted


ORDER = {
    "ceiling": ["keep optimising prompts", "no ceiling", "ceiling hit"],
    "confidence": ["weak", "moderate", "strong"],
    "difference": ["weak", "moderate", "strong"],
    "indicators": ["more speaks against", "as much", "more speaks for"],
    "tree": ["keep optimizing", "consider RAG", "address anti", "fine-tune candidate"],
    "gates": ["hold", "fine-tuning is on the table"],
    "checklist": ["not yet", "explore SFT"],
    "operations": ["not ready", "ready"],
    "ladder": ["rung 1", "rung 2", "rung 3", "rung 4", "rung 5"],
    "prerequisites": ["not before", "the prerequisites"],
    "four": ["fine-tuning is premature", "fine-tuning is not premature"],
}


@pytest.mark.parametrize("name", ORDER)
def test_an_item_more_never_makes_the_verdict_worse(name):
    """From any answers, whichever question comes to speak for it; and from nothing to everything."""
    framework, chance = FRAMEWORKS[name], seeded(len(name))
    better = {}
    for item in framework.items:
        for question, wanted in item.wanted.items():
            better.setdefault(question, wanted == (item.table.side == "for"))

    def rank(answers):
        (said,) = (verdict.says for verdict in framework.space.possible(answers))
        return next(number for number, start in enumerate(ORDER[name]) if said.startswith(start))

    for _ in range(20):
        share = chance.random()
        answers = {question: best == (chance.random() < share) for question, best in better.items()}
        before = rank(answers)
        for question in chance.sample(list(better), len(better)):
            answers[question] = better[question]
            assert rank(answers) >= before
            before = rank(answers)
        assert before == len(ORDER[name]) - 1
    assert rank({question: not best for question, best in better.items()}) == 0

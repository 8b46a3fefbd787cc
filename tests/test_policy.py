"""Policies: strict TOML, compulsory sources, limits that are resolved to numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.auditing import _checks
from auditor.errors import PolicyError
from auditor.gates import Verdict, rule
from auditor.policy import gates_for, load_policy, overlay
from auditor.tables import FOLDER, STAGES, PolicyTable, read_table
from checks.contract import Measure, Result

LIMIT = '[[gate.volume.limit]]\ncheck = "size"\nmeasure = "effective_rows"\nat-least = 7\ncite = "me"\n'


def gates(policy, **kwargs):
    found = gates_for(
        policy, **{"task": None, "stage": "before-training", "require": (), "classes": 0, **kwargs}
    )
    return {gate.id: gate for gate in found}


def test_every_shipped_policy_loads_and_limits_only_what_is_measured():
    for path in FOLDER.glob("*.toml"):
        if path.stem not in ("tasks", "prices"):
            policy = load_policy(path.stem)
            _checks(policy)  # raises for a limit on an unknown check or measure
            assert policy.name == path.stem


def test_every_limit_of_the_base_policy_has_source_and_remedy():
    for gate in load_policy(None).gates.values():
        assert gate.question.endswith("?")
        for limit in gate.limit:
            assert limit.cite, limit
            assert limit.fix, limit


@pytest.mark.parametrize(
    ("task", "stage", "required"),
    [
        (None, "before-labeling", {"structure", "volume", "leakage", "eval-set"}),
        (None, "before-training", {"structure", "volume", "leakage", "eval-set", "labelers"}),
        ("domain-chat", "before-training", {"structure", "volume", "leakage", "eval-set", "labelers"}),
        ("classification", "before-labeling", {"structure", "volume", "leakage", "eval-set"}),
        (
            "classification", "before-training",
            {"structure", "volume", "leakage", "eval-set", "labelers", "label-quality", "balance"},
        ),
    ],
)  # fmt: skip
def test_required_gates_per_task_and_stage(task, stage, required):
    found = gates(load_policy(None), task=task, stage=stage)
    assert {gate_id for gate_id, gate in found.items() if gate.required} == required
    assert set(found) >= {"balance", "label-quality"}, "gates that are not required are still shown"


def test_require_adds_a_gate_and_knows_its_name():
    assert gates(load_policy(None), require=("balance",))["balance"].required
    with pytest.raises(PolicyError, match="did you mean 'balance'"):
        gates(load_policy(None), require=("balanse",))


def test_a_gate_is_dropped_only_with_a_reason_that_is_shown():
    table = read_table(b'[gate.labelers]\nrequired = false\nreason = "one expert by law"', "mine")
    gate = gates(overlay(load_policy(None), table, "mine"))["labelers"]
    assert not gate.required
    assert gate.reason == "one expert by law"
    with pytest.raises(PolicyError, match="needs a reason"):
        read_table(b"[gate.labelers]\nrequired = false", "mine")


def test_limits_are_resolved_to_numbers_that_say_how():
    volume = gates(load_policy(None), task="classification", classes=77)["volume"]
    least = {(limit.measure, limit.level): limit.at_least for limit in volume.limits}
    assert least["effective_rows", "block"].value == 2_025
    assert least["effective_rows", "block"].resolved_from == (
        "balanced minimum of task classification: S1 3,850, S2 200"
    )
    assert least["effective_rows", "warn"].value == 8_700
    assert least["class_rows", "block"].value == 50


def test_per_class_minimums_hold_for_classification_alone():
    assert "class_rows" not in {
        limit.measure for limit in gates(load_policy(None), task="style")["volume"].limits
    }


def test_a_user_limit_replaces_the_shipped_one_on_the_same_measure_and_level():
    policy = overlay(load_policy(None), read_table(LIMIT.encode(), "mine"), "mine")
    found = [limit for limit in gates(policy)["volume"].limits if limit.measure == "effective_rows"]
    assert [(limit.at_least.value, limit.level) for limit in found] == [(6_000, "warn"), (7, "block")]


def test_a_policy_extends_another(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('extends = "poc"\nstance = "lenient"\n')
    policy = load_policy(str(path))
    assert (policy.name, policy.stance) == ("mine", "lenient")
    rows = [limit for limit in gates(policy)["volume"].limits if limit.measure == "effective_rows"]
    assert rows[0].at_least.value == 100


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param("stanse = 'strict'", "unknown key 'stanse'; did you mean 'stance'", id="key"),
        pytest.param("stance = 'stric'", "did you mean 'strict'", id="stance"),
        pytest.param(
            "[gate.volume]\nquestoin = 'x'",
            r"\[gate.volume\]: unknown key 'questoin'; did you mean 'question'",
            id="gate key",
        ),
        pytest.param(LIMIT.replace("at-least", "at-leest"), "did you mean 'at-least'", id="limit key"),
        pytest.param(LIMIT.replace('cite = "me"', ""), "has no cite", id="no source"),
        pytest.param(LIMIT.replace("at-least = 7", ""), "neither at-least nor at-most", id="no bound"),
        pytest.param(LIMIT.replace("7", "'minimun'"), "did you mean 'minimum'", id="named bound"),
        pytest.param(LIMIT + 'level = "maybe"', "Invalid enum value 'maybe'", id="level"),
        pytest.param(
            "[gate.volum]\nrequired = true", "there is no gate 'volum'; did you mean 'volume'", id="gate"
        ),
        pytest.param("[gate", "is not valid TOML", id="not TOML"),
        pytest.param("[required]\nbefore-trainin = []", "before-trainin", id="stage"),
    ],
)
def test_mistakes_are_named_with_a_way_out(written, said):
    with pytest.raises(PolicyError, match=said):
        overlay(load_policy(None), read_table(written.encode(), "mine.toml"), "mine.toml")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('[check.leekage]\nx = 1', "there is no check 'leekage'; did you mean 'leakage'"),
        ('[check.noise]\nnaer = 1', "has no setting 'naer'; did you mean 'near'"),
        ('[check.noise]\nnear = "high"', "Expected `float`, got `str`"),
        (LIMIT.replace("effective_rows", "efective_rows"), "did you mean 'effective_rows'"),
        (LIMIT.replace('"size"', '"sise"'), "there is no check 'sise'; did you mean 'size'"),
    ],
)  # fmt: skip
def test_checks_and_measures_must_exist(written, said):
    policy = overlay(load_policy(None), read_table(written.encode(), "mine"), "mine")
    with pytest.raises(PolicyError, match=said):
        _checks(policy)


def test_there_is_no_such_policy():
    with pytest.raises(PolicyError, match="shipped are base, poc"):
        load_policy("nowhere.toml")


def test_stages_are_known():
    assert STAGES == ("before-labeling", "before-training")


@pytest.mark.parametrize(
    ("stance", "there"), [("balanced", True), ("lenient", True), ("S1", True), ("S2", False)]
)
def test_a_source_that_states_no_share_for_each_class_demands_none(stance, there):
    policy = overlay(load_policy(None), PolicyTable(stance=stance), "mine")
    measures = {limit.measure for limit in gates(policy, task="classification", classes=77)["volume"].limits}
    assert ("class_rows" in measures) == there


def volume(written: str, **known):
    policy = overlay(load_policy(None), read_table(written.encode(), "mine"), "mine")
    return [one for one in gates(policy, **known)["volume"].limits if one.measure == "effective_rows"]


def test_a_limit_for_one_task_leaves_the_shipped_one_to_the_others():
    mine = LIMIT + 'tasks = ["style"]\n'
    assert [(one.cite, one.at_least.value) for one in volume(mine, task="style") if one.level == "block"] == [
        ("me", 7)
    ]
    shipped = [one for one in volume("", task="extraction") if one.level == "block"]
    assert [one for one in volume(mine, task="extraction") if one.level == "block"] == shipped
    assert len(shipped) == 1


def test_a_limit_for_all_tasks_but_one_leaves_the_shipped_one_to_that():
    mine = LIMIT + 'except-tasks = ["style"]\n'
    for task, cite in (("style", "task table"), ("extraction", "me"), (None, "me")):
        assert [one.cite for one in volume(mine, task=task) if one.level == "block"] == [cite]


def test_a_number_that_no_source_states_is_not_known_and_demands_nothing_less():
    mine = LIMIT.replace("7", '"recommended"')
    (found,) = (one for one in volume(mine, task="continued-pretraining") if one.level == "block")
    ruling = rule(found, {"size": Result((Measure(name="effective_rows", value=10**9),))})
    assert ruling.verdict is Verdict.UNKNOWN
    assert ruling.why == "no source states the number 'recommended' for task continued-pretraining"


@pytest.mark.parametrize("bound", ["inf", "nan", "-inf", '"²%"', '"5 % %"', '".5 %"', '"-1 %"'])
def test_a_bound_must_be_a_number(bound):
    with pytest.raises(PolicyError, match="number"):
        read_table(LIMIT.replace("7", bound).encode(), "mine")


def test_a_policy_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    path = tmp_path / "p.toml"
    path.write_text("")
    monkeypatch.setattr(
        Path, "read_bytes", lambda _: (_ for _ in ()).throw(PermissionError(13, "Permission denied"))
    )
    with pytest.raises(PolicyError, match=r"p.toml' cannot be read: Permission denied"):
        load_policy(str(path))


def test_a_gate_that_is_required_again_loses_the_reason_why_it_was_not():
    parent = read_table(b'[gate.volume]\nrequired = false\nreason = "elsewhere"\n', "a")
    policy = overlay(load_policy(None), parent, "a")
    assert gates(policy)["volume"].reason == "elsewhere"
    required = gates(policy, require=("volume",))["volume"]
    assert (required.required, required.reason) == (True, "")
    child = overlay(policy, read_table(b"[gate.volume]\nrequired = true\n", "b"), "b")
    assert (gates(child)["volume"].required, gates(child)["volume"].reason) == (True, "")


def test_the_sample_of_a_proof_of_concept_passes_with_ten_classes():
    found = gates(load_policy("poc"), task="classification", classes=10)["volume"].limits
    assert [(one.level, one.at_least.value) for one in found if one.measure == "class_rows"] == [("block", 5)]


def test_a_setting_has_one_name_in_both_spellings():
    policy = overlay(load_policy(None), read_table(b"[check.structure]\nmax-tokens = 50\n", "a"), "a")
    policy = overlay(policy, read_table(b"[check.structure]\nmax_tokens = 60\n", "b"), "b")
    assert policy.checks["structure"] == {"max-tokens": 60}
    with pytest.raises(PolicyError, match="'max_tokens' twice"):
        read_table(b"[check.structure]\nmax-tokens = 50\nmax_tokens = 60\n", "a")

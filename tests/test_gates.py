"""Limits on measures: three-way, by group, and never a pass without a measurement."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.gates import Bound, Gate, Limit, NotRun, Verdict, decide, judge, rule
from checks.contract import Measure, Result


def limit(**kwargs) -> Limit:
    bounds = {name: Bound(value=kwargs.pop(name)) for name in ("at_least", "at_most") if name in kwargs}
    return Limit(**{"check": "size", "measure": "rows", "cite": "a source", **bounds, **kwargs})


def measure(value: float, **kwargs) -> Measure:
    return Measure(**{"name": "rows", "value": value, **kwargs})


@pytest.mark.parametrize(
    ("value", "interval", "level", "verdict"),
    [
        pytest.param(10, None, "block", Verdict.PASS, id="at the limit keeps to it"),
        pytest.param(12, (10, 14), "block", Verdict.PASS, id="all of the interval inside"),
        pytest.param(9, None, "block", Verdict.BLOCK, id="below"),
        pytest.param(8, (7, 9.9), "block", Verdict.BLOCK, id="all of the interval outside"),
        pytest.param(11, (9, 13), "block", Verdict.UNKNOWN, id="astride, value inside"),
        pytest.param(9, (8, 11), "block", Verdict.UNKNOWN, id="astride, value outside"),
        pytest.param(9, None, "warn", Verdict.WARN, id="a warning never blocks"),
        pytest.param(9, (8, 11), "warn", Verdict.WARN, id="a warning is never worse than that"),
    ],
)
def test_three_ways_of_at_least(value, interval, level, verdict):
    assert judge(limit(at_least=10, level=level), measure(value, interval=interval)) is verdict


def test_an_estimate_that_keeps_to_the_limit_is_unverified():
    found = rule(limit(at_most=10), {"size": Result((measure(3, basis="estimated"),))})
    assert found.verdict is Verdict.WARN
    assert "nobody verified" in found.why


def test_an_estimate_that_fails_fails():
    assert judge(limit(at_most=1), measure(3, basis="estimated")) is Verdict.BLOCK


@pytest.mark.parametrize(
    ("outcome", "absent"),
    [
        pytest.param(NotRun("skipped", "no eval"), True, id="skipped"),
        pytest.param(NotRun("not applicable", "chats have no label"), True, id="not applicable"),
        pytest.param(NotRun("crashed", "KeyError"), False, id="crashed"),
        pytest.param(NotRun("failed to load", "ImportError"), False, id="failed to load"),
        pytest.param(Result(()), True, id="the check did not measure it"),
        pytest.param(None, False, id="no such check"),
    ],
)
def test_not_measured_is_unknown_and_never_passes(outcome, absent):
    outcomes = {} if outcome is None else {"size": outcome}
    decision = decide(Gate(id="g", question="?", limits=(limit(at_least=1),)), outcomes)
    assert decision.verdict is Verdict.UNKNOWN
    assert rule(limit(at_least=1, level="warn"), outcomes).verdict is Verdict.WARN
    assert (rule(limit(at_least=1, optional=True), outcomes) is None) == absent, (
        "only what the data cannot have"
    )


def test_a_gate_without_a_ruling_cannot_be_told():
    assert decide(Gate(id="g", question="?", limits=()), {}).verdict is Verdict.UNKNOWN


def test_groups_are_held_one_by_one_and_the_worst_are_named():
    outcomes = {"size": Result(tuple(measure(n, group=f"class {n}") for n in (60, 10, 55, 49)))}
    found = rule(limit(at_least=50), outcomes)
    assert found.verdict is Verdict.BLOCK
    assert found.measure.group == "class 10"
    assert found.why == "2 of 4 groups miss at least 50: class 10 10 (lacks 40), class 49 49 (lacks 1)"


def test_a_share_of_the_denominator():
    small = Limit(check="size", measure="rows", at_most=Bound(value=0.01, of_measure=True), cite="a source")
    assert judge(small, measure(10, of=1_000)) is Verdict.PASS
    assert judge(small, measure(11, of=1_000)) is Verdict.BLOCK


def test_the_reason_shows_number_denominator_interval_and_limit():
    share = measure(0.031, kind="share", of=900, interval=(0.02, 0.045))
    assert rule(limit(at_most=0.05), {"size": Result((share,))}).why == (
        "3.1 % of 900 (95 %: 2 % to 4.5 %); wanted at most 5 %"
    )


def test_verdicts_order_so_that_the_worst_is_the_whole():
    assert Verdict.PASS < Verdict.WARN < Verdict.UNKNOWN < Verdict.BLOCK


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 100))
def test_a_wider_interval_never_turns_a_failure_into_a_pass(low, width, bound):
    narrow = judge(limit(at_least=bound), measure(low, interval=(low, low + width / 2)))
    wide = judge(limit(at_least=bound), measure(low, interval=(low, low + width)))
    assert not (narrow is Verdict.BLOCK and wide is Verdict.PASS)
    assert not (wide is Verdict.PASS and narrow is not Verdict.PASS)


def test_a_limit_on_a_count_is_told_by_the_first_whole_number_that_keeps_it():
    small = Limit(check="size", measure="rows", at_most=Bound(value=0.05, of_measure=True), cite="a source")
    assert rule(small, {"size": Result((measure(4, of=70),))}).why == "4 of 70; wanted at most 3"


def test_nothing_of_nothing_is_no_pass():
    found = rule(limit(at_least=0), {"size": Result((measure(0, of=0),))})
    assert found.verdict is Verdict.UNKNOWN
    assert "nothing to measure" in found.why


def test_a_limit_on_coverage_leaves_open_what_was_not_seen():
    coverage = limit(at_most=5, level="unknown")
    assert judge(coverage, measure(6)) is Verdict.UNKNOWN
    assert judge(coverage, measure(5)) is Verdict.PASS
    assert rule(coverage, {"size": NotRun("skipped", "no data")}).verdict is Verdict.UNKNOWN


def test_a_gate_of_which_nothing_was_measured_cannot_be_told():
    gate = Gate(id="g", question="?", limits=(limit(at_most=5, level="warn"),))
    for nothing in (NotRun("skipped", "no data"), Result((measure(0, of=0),)), Result(())):
        found = decide(gate, {"size": nothing})
        assert found.verdict is Verdict.UNKNOWN
        assert [one.verdict for one in found.rulings] == [Verdict.UNKNOWN], "it reads as the gate does"
    both = Gate(id="g", question="?", limits=(*gate.limits, limit(at_least=1)))
    worse = decide(both, {"size": Result((measure(0, of=0),))})
    assert [one.verdict for one in worse.rulings] == [Verdict.WARN, Verdict.BLOCK], "the worst it can be"
    assert decide(gate, {"size": Result((measure(0, of=1),))}).verdict is Verdict.PASS


@pytest.mark.parametrize("kind", ["score", "points", "money"])
def test_a_percentage_of_what_has_no_denominator_is_not_known(kind):
    found = rule(
        Limit(check="size", measure="rows", cite="me", at_most=Bound(value=0.05, of_measure=True)),
        {"size": Result((measure(0.9, kind=kind, of=100),))},
    )
    assert found.verdict is Verdict.UNKNOWN
    assert "write the limit as a number" in found.why


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_groups_without_a_finite_number_do_not_break_the_audit(value):
    groups = Result((measure(value, group="a"), measure(3, group="b")))
    assert rule(limit(at_least=5), {"size": groups}).verdict is not Verdict.PASS


def test_groups_are_said_to_miss_a_limit_only_if_they_do():
    estimates = Result(tuple(measure(1, group=name, basis="estimated") for name in "ab"))
    said = rule(limit(at_most=5), {"size": estimates}).why
    assert said.startswith("2 of 2 groups are estimates that nobody verified")
    astride = Result((measure(5, group="a", interval=(3, 8)), measure(1, group="b")))
    said = rule(limit(at_most=5), {"size": astride}).why
    assert said.startswith("1 of 2 groups cannot be told from at most 5: a 5")

"""The worked examples of the articles, to the cent."""

from __future__ import annotations

import numpy as np
import pytest

from checks.measures import Range
from checks.money.draws import estimate
from checks.money.models import BREAK_EVEN, MODELS, ROI, WAYS, leaves

BY_NAME = {model.name: model for model in MODELS}
S1 = {
    "rows-to-label": 5_000, "label": 1, "gpu": 500, "monthly-upkeep": 200,
    "price-per-call-now": 0.03, "price-per-call-after": 0.001, "calls-per-year": 1_000_000,
}  # fmt: skip
S0 = {
    "upfront-hours": 60, "hourly-rate": 100, "training-runs": 0,
    "api-savings-per-month": 1_500, "quality-value-per-month": 500, "ongoing-cost-per-month": 500,
}  # fmt: skip
S0_PARTS = {
    "data-preparation-hours": 30, "evaluation-hours": 15, "deployment-hours": 15, "inference-per-month": 600,
    "monitoring-hours-per-month": 7.5, "retraining-hours-per-quarter": 15,
}  # fmt: skip


def known(*given: dict[str, float], **more: float) -> dict[str, Range]:
    every = {name: value for one in given for name, value in one.items()}
    every |= {name.replace("_", "-"): value for name, value in more.items()}
    return {name: Range(value, value, value) for name, value in every.items()}


def value(name, amounts):
    found = estimate(BY_NAME[name], amounts)
    assert found is not None
    assert found.interval is None, "what is known exactly has no interval"
    return found.value


# The articles


def test_one_year_roi_of_s1():
    assert value("first_year_cost", known(S1)) == 7_900
    assert value("first_year_savings", known(S1)) == pytest.approx(29_000, rel=1e-12)
    assert round(value("roi", known(S1)), 2) == 3.67


def test_exercise_3_of_s1_is_no_ship():
    assert round(value("roi", known(S1, calls_per_year=100_000)), 2) == 0.37


def test_break_even_of_s0():
    assert value("break_even_months", known(S0)) == 4


def test_labeling_of_s1():
    assert value("labeler_days", known(rows_to_label=5_000, rows_per_labeler_day=50)) == 100
    assert value("labeling_cost", known(rows_to_label=5_000, label=1)) == 5_000
    assert value("labeling_cost", known(rows_to_label=5_000, label=5)) == 25_000


@pytest.mark.parametrize(
    ("tokens", "epochs", "cost"),
    [(1_041_667, 3, 25), (4_166_667, 3, 100), (3_125_000, 1, 25), (12_500_000, 1, 100)],
)
def test_a_thousand_examples_cost_25_to_100_dollars_at_s3(tokens, epochs, cost):
    """At 3 epochs that is 1,042 to 4,167 tokens an example, at 1 epoch 3,125 to 12,500."""
    found = value("hosted_training_cost", known(training_tokens=tokens, epochs=epochs, hosted_training=8))
    assert round(found, 2) == cost


def test_ten_million_requests_a_month_at_a_tenth_of_the_price_s4():
    """S2's prices of an email: $0.005 before, $0.0005 after."""
    prices = known(price_per_call_now=0.005, price_per_call_after=0.0005, calls_per_year=12 * 10_000_000)
    assert value("call_price_ratio", prices) == pytest.approx(10)
    assert value("first_year_savings", prices) == pytest.approx(540_000)


def test_self_hosted_training_of_s3():
    found = estimate(BY_NAME["lora_training_cost"], {"lora-training": Range(50, 275, 500)})
    assert found.value == 275
    assert 50 < found.interval[0] < 275 < found.interval[1] < 500
    found = estimate(BY_NAME["full_training_cost"], {"full-training": Range(500, 2_750, 5_000)})
    assert 500 < found.interval[0] < found.value == 2_750 < found.interval[1] < 5_000


# What follows from other inputs


def test_ways_to_inputs_that_nobody_stated():
    base = {
        name: number for name, number in S0.items() if name not in ("upfront-hours", "ongoing-cost-per-month")
    }
    found = value("break_even_months", known(base, S0_PARTS))
    assert found == pytest.approx(6_000 / (2_000 - (600 + (7.5 + 5) * 100)))


def test_savings_a_month_are_a_twelfth_of_the_years():
    base = {name: number for name, number in S0.items() if name != "api-savings-per-month"}
    found = value("break_even_months", known(base, S1))
    assert found == pytest.approx(6_000 / (29_000 / 12))


def test_a_call_of_a_hosted_model():
    tokens = known(input_tokens_per_call=900, output_tokens_per_call=100, hosted_input=0.3, hosted_output=1.2)
    price = (900 * 0.3 + 100 * 1.2) / 1e6
    assert value("hosted_call_price", tokens) == pytest.approx(price)
    base = {name: number for name, number in S1.items() if name != "price-per-call-after"}
    assert value("first_year_savings", {**known(base), **tokens}) == pytest.approx((0.03 - price) * 1e6)


def test_what_is_stated_goes_before_what_follows():
    given = known(S0, S0_PARTS, S1)
    assert value("break_even_months", given) == 4
    used, missing = leaves(BREAK_EVEN.inputs, given)
    assert set(used) == set(S0)
    assert missing == ()


def test_what_is_missing_is_named_by_what_people_are_asked():
    assert leaves(ROI.inputs, ["label", "gpu", "price-per-call-now"]) == (
        ("label", "gpu", "price-per-call-now"),
        ("rows-to-label", "monthly-upkeep", "price-per-call-after", "calls-per-year"),
    )
    assert estimate(ROI, known(label=1)) is None
    assert leaves(("upfront-hours",), ["evaluation-hours"]) == ((), ("upfront-hours",))


# Edges


def test_no_calls_save_nothing():
    assert value("roi", known(S1, calls_per_year=0)) == 0
    assert value("first_year_savings", known(S1, calls_per_year=0)) == 0


def test_what_costs_nothing_has_no_roi():
    nothing = known(S1, rows_to_label=0, gpu=0, monthly_upkeep=0)
    assert estimate(ROI, nothing) is None
    assert value("first_year_cost", nothing) == 0
    assert estimate(BY_NAME["call_price_ratio"], known(S1, price_per_call_after=0)) is None


def test_a_dearer_model_loses_money():
    dearer = known(S1, price_per_call_after=0.05)
    assert value("first_year_savings", dearer) == pytest.approx(-20_000)
    assert value("roi", dearer) == pytest.approx(-20_000 / 7_900)


@pytest.mark.parametrize("savings", [0, 1])
def test_without_net_savings_it_never_breaks_even(savings):
    given = known(S0, api_savings_per_month=savings, quality_value_per_month=0)
    assert value("break_even_months", given) == np.inf
    assert value("break_even_months", known(S0, upfront_hours=0, ongoing_cost_per_month=2_000)) == np.inf


def test_what_needs_no_investment_pays_at_once():
    assert value("break_even_months", known(S0, upfront_hours=0)) == 0


def test_labels_are_an_upfront_cost_too():
    assert value("break_even_labeled_months", known(S0, rows_to_label=3_000, label=1)) == 6


def test_every_formula_and_way_names_its_inputs():
    """A formula that reads an input it does not name fails; one that names an input it ignores is found."""
    rules = [(one.name, one.inputs, [one.top, *filter(None, [one.bottom])]) for one in MODELS]
    rules += [(name, way.inputs, [way.formula]) for name, way in WAYS.items()]
    for name, inputs, formulas in rules:
        of = {one: np.array([3.0 + number]) for number, one in enumerate(inputs)}
        for one in inputs:
            moved = {**of, one: of[one] * 2}
            assert any(formula(of) != formula(moved) for formula in formulas), (name, one)

"""What fine-tuning costs and brings: from answers, prices and results to numbers, and nothing out of the air."""

from __future__ import annotations

import dataclasses
import math

import polars as pl
import pytest

from auditor.errors import PolicyError
from auditor.prices import load_prices, price_table
from auditor.registry import DECISION, configure, discover
from checks.contract import RESULTS, Data, Result
from checks.economics import Economics
from checks.measures import Range
from checks.money.inputs import names
from checks.money.models import MODELS
from tests import helpers

S1 = {
    "rows-to-label": 5_000, "price-per-call-now": 0.03, "price-per-call-after": 0.001, "calls-per-year": 1_000_000
}  # fmt: skip
S0 = {
    "upfront-hours": 60, "hourly-rate": 100, "api-savings-per-month": 1_500, "quality-value-per-month": 500,
    "ongoing-cost-per-month": 500,
}  # fmt: skip
TALKS = [(f"where is order number {n}", f"it left our house on day {n}") for n in range(40)]
ORDERS = helpers.stored("train", helpers.turns_of(TALKS))


def audit(answers=None, prices=None, results=None, train=ORDERS) -> Data:
    """An audit with answers, the table's prices with some of one's own, and costs of calls by run."""
    ranges = {
        name: value if isinstance(value, Range | bool | str) else Range(value, value, value)
        for name, value in (answers or {}).items()
    }
    loaded = load_prices(prices)
    costs = [
        {"run": run, "example": n, "score": 1.0, "cost": cost}
        for run, each in (results or {}).items()
        for n, cost in enumerate(each)
    ]
    return dataclasses.replace(
        helpers.data(train), answers=ranges, prices=loaded.values, assumed=loaded.defaults,
        currency=loaded.currency, results=pl.DataFrame(costs, RESULTS) if results else None,
    )  # fmt: skip


def reckoned(data: Data, **settings) -> Result:
    result = Economics(**settings).run(data)
    assert all(note.endswith(".") for note in result.notes)
    for measure in result.measures:
        assert measure.name in Economics.measures
        assert not math.isnan(measure.value)
        if measure.interval:
            assert measure.interval[0] <= measure.value <= measure.interval[1]
    return result


def measures(data: Data, **settings):
    return {one.name: one for one in reckoned(data, **settings).measures}


def values(data: Data):
    return {name: one.value for name, one in measures(data).items()}


def noted(data: Data, *words: str) -> bool:
    return any(all(word in note for word in words) for note in reckoned(data).notes)


def tables(data: Data, **settings):
    return {one.title: one.table for one in reckoned(data, **settings).evidence}


# The worked examples, through the check


def test_the_worked_examples_of_s1_and_s0():
    found = measures(audit(S1 | S0))
    assert (found["first_year_cost"].value, round(found["first_year_savings"].value)) == (7_900, 29_000)
    assert round(found["roi"].value, 2) == 3.67
    assert found["break_even_months"].value == 4
    assert found["break_even_months"].interval is None, "all of it is stated"
    assert found["labeler_days"].value == 100
    assert found["labeling_cost"].value == 5_000
    assert values(audit(S1 | {"calls-per-year": 100_000}))["roi"] == pytest.approx(0.367, abs=0.001)


def test_a_default_range_makes_an_interval_and_is_named():
    roi = measures(audit(S1))["roi"]
    low, high = roi.interval
    assert low == pytest.approx(29_000 / (2_900 + 5_000 * 4.3675), rel=0.001), (
        "97.5 % of the triangle 1, 1, 5"
    )
    assert high == roi.value
    assert roi.by == "answers and the default of label, gpu, monthly-upkeep"
    assert roi.basis == "declared"


def test_how_often_the_targets_are_reached_is_told():
    data = audit(S1 | S0 | {"hourly-rate": Range(50, 100, 250)})
    said = [note for note in reckoned(data).notes if note.endswith(" of 100,000 draws.")]
    shares = {
        target: int(share.split()[0].replace(",", "")) / 1_000
        for target, share in (note.split(" in ") for note in said)
    }
    assert shares["ROI is 1 or more"] > shares["ROI is 1.5 or more"] > 0
    # What is paid back in six months: 60 hours at up to 150, in the triangle from 50 over 100 to 250.
    below = 1 - (250 - 150) ** 2 / ((250 - 50) * (250 - 100))
    assert shares["It breaks even within 6 months"] == pytest.approx(100 * below, abs=0.1)
    assert not any("or more in" in note for note in reckoned(audit(S1, {"label": 1})).notes)


def test_what_is_stated_exactly_is_exact():
    roi = measures(audit(S1, {"label": 1, "gpu": 500, "monthly-upkeep": 200}))["roi"]
    assert roi.interval is None
    assert roi.by == "answers and your prices"


def test_one_currency_is_told():
    assert noted(audit(S1, {"currency": "EUR", "rate": 0.9}), "All money is in EUR.")
    assert not noted(audit(S1), "All money")
    found = measures(audit(S1, {"currency": "EUR", "rate": 0.9}))
    assert (found["first_year_cost"].currency, found["roi"].currency) == ("EUR", "")
    assert measures(audit(S1))["first_year_cost"].currency == ""
    assert values(audit(S1, {"currency": "EUR", "rate": 0.9}))["first_year_cost"] == pytest.approx(
        0.9 * 7_900
    )


def test_prices_an_answer_overrides():
    assert values(audit(S0 | {"hourly-rate": 50}, {"hourly-rate": 70}))["break_even_months"] == 2


# Nothing is assumed


def test_without_the_benefits_there_is_no_verdict_on_them():
    data = audit({"rows-to-label": 100})
    assert set(values(data)) == {
        "first_year_cost", "labeling_cost", "labeler_days", "hosted_training_cost", "lora_training_cost",
        "full_training_cost", "hosted_call_price",
    }  # fmt: skip
    assert (
        reckoned(data)
        .notes[0]
        .startswith("Not reckoned for want of price-per-call-now, calls-per-year: roi,")
    )
    assert noted(data, "for want of api-savings-per-month: break_even_months")


def test_answers_that_are_no_numbers_are_no_numbers():
    data = audit({"calls-per-year": True, "rows-to-label": "many", "hourly-rate": 100})
    assert not {"roi", "labeling_cost"} & set(values(data))


def test_the_examples_of_the_sources_never_stand_in():
    answered = audit({"rows-to-label": 5_000})
    examples = {name for name, price in price_table().items() if price.example}
    assert not examples & set(
        tables(answered)["What was reckoned with"].filter(pl.col("from") != "left out")["input"]
    )


def test_every_input_is_asked_or_priced_or_measured():
    asked = {
        "rows-to-label", "upfront-hours", "price-per-call-now", "price-per-call-after", "calls-per-year", *price_table()
    }  # fmt: skip
    assert set(names()) - asked == {"training-tokens", "input-tokens-per-call", "output-tokens-per-call"}


def test_the_hours_and_fees_of_s0_come_together():
    benefits = {name: S0[name] for name in ("api-savings-per-month", "ongoing-cost-per-month")}
    whole = values(audit(benefits))["break_even_months"]
    assert whole == pytest.approx((60 * 100 + 27.5) / 1_000)
    stated = audit(benefits | {"upfront-hours": 60})
    assert values(stated)["break_even_months"] == 6
    assert noted(stated, "training-runs counts as 0", "S0 reckons with 5 to 50 of them")
    own = audit(benefits | {"upfront-hours": 60}, {"training-runs": 1_000})
    assert values(own)["break_even_months"] == 7
    assert noted(own, "quality-value-per-month counts as 0")


def test_savings_of_calls_hold_the_inference():
    data = audit(S1 | {"upfront-hours": 60, "hourly-rate": 20})
    assert values(data)["break_even_months"] == pytest.approx(1_200 / (29_000 / 12 - 12.5 * 20))
    assert noted(data, "inference-per-month counts as 0")
    stated = audit({"api-savings-per-month": 5_000, "upfront-hours": 60, "hourly-rate": 20})
    assert values(stated)["break_even_months"] == pytest.approx(1_200 / (5_000 - 600 - 12.5 * 20))


def test_that_quality_stays_equal_is_said():
    assert noted(audit(S1), "only if quality stays equal (S1)")
    assert not noted(audit({"rows-to-label": 5}), "quality stays equal")


# What is measured


def test_hosted_training_is_tokens_times_epochs_times_price():
    found = measures(audit({"rows-to-label": 1}, {"epochs": 2, "hosted-training": 8}))["hosted_training_cost"]
    tokens = sum(max(12 * 4 / 3, len(f"{ask}\n{say}") / 4.5) + 4 for ask, say in TALKS)
    assert found.value == pytest.approx(tokens * 2 * 8 / 1e6)
    assert found.basis == "estimated"
    low, high = found.interval
    assert found.value * 0.85 < low < found.value < high < found.value / 0.85


def test_training_is_done_more_than_once():
    data = audit({"rows-to-label": 1}, {"lora-training": 100, "training-iterations": [2, 2.5, 3]})
    found = tables(data)["What training costs"].rows_by_key("training", unique=True)
    assert found["lora_training_cost"] == (100, 100, 100, 250)
    assert set(found) == {"hosted_training_cost", "lora_training_cost", "full_training_cost"}
    assert found["full_training_cost"][3] == 2.5 * 2_750


def test_a_call_costs_what_its_tokens_cost():
    found = measures(audit(S1))["hosted_call_price"]
    parts = [(16 + 4, len(say) / len(f"{ask}\n{say}")) for ask, say in TALKS]
    read = sum(tokens * (1 - share) for tokens, share in parts) / 40
    written = sum(tokens * share for tokens, share in parts) / 40
    assert found.value == pytest.approx((read * 0.3 + written * 1.2) / 1e6)
    answers = {name: value for name, value in S1.items() if name != "price-per-call-after"}
    without = measures(audit(answers))
    assert without["first_year_savings"].value == pytest.approx((0.03 - found.value) * 1e6)
    assert without["roi"].basis == "estimated", "so that a pass on it is shown as unverified"
    assert "estimated tokens" in without["roi"].by


def test_texts_without_responses_have_no_price_of_a_call():
    found = values(audit(S1, train=helpers.split("train", ["one text", "another"])))
    assert "hosted_call_price" not in found
    assert found["hosted_training_cost"] > 0


def test_result_files_that_tell_costs_go_before_answers():
    results = {"baseline": [0.01] * 50, "rag": [0.02, 0.04] * 50, "poc": [0.002] * 30}
    data = audit(S1, results=results)
    found = measures(data)
    assert found["call_price_ratio"].value == pytest.approx(0.03 / 0.002)
    assert found["call_price_ratio"].by == "results"
    assert noted(data, "price-per-call-now is the mean cost of 100 calls in the results of rag: 0.03.")
    assert noted(data, "price-per-call-after was answered with 0.001, but measured as 0.002")
    assert not noted(data, "price-per-call-now was answered"), "0.03 is what was measured"
    low, high = found["call_price_ratio"].interval
    error = pl.Series(results["rag"]).std() / 10
    assert (high - low) / 2 * 0.002 == pytest.approx(1.96 * error, rel=0.05), "as wide as the mean is sure"


def test_costs_that_are_none_are_left_out_and_told():
    data = audit(S1, results={"rag": [0.03, -1.0, math.nan, math.inf]})
    assert noted(data, "3 of 4 costs in the results")
    assert measures(data)["first_year_savings"].value == pytest.approx(29_000)
    assert values(audit(S1, results={"rag": [None, None]}))["roi"] == pytest.approx(29_000 / 7_900)


# What flips it


def test_what_flips_the_roi_is_sorted_by_how_little_it_takes():
    found = tables(audit(S1))["What flips the ROI"]
    assert found["change"].drop_nulls().abs().is_sorted()
    assert set(found["target"]) == {1.0, 1.5}
    first = found.row(0, named=True)
    assert (first["input"], first["target"]) == ("price-per-call-now", 1.5)
    label = found.filter(pl.col("input") == "label", pl.col("target") == 1.5).row(0, named=True)
    assert label["flips_at"] == pytest.approx((29_000 / 1.5 - 2_900) / 5_000)
    assert label["in_its_range"]
    assert label["result_at_high"] == pytest.approx(29_000 / 27_900)


def test_savings_stated_in_two_ways_that_disagree_are_told():
    assert noted(
        audit(S1 | S0), "api-savings-per-month is stated as 1,500, but calls", "save 2,416.67 a month"
    )
    assert not noted(audit(S1 | S0 | {"api-savings-per-month": 2_420}), "but calls")
    assert not noted(audit(S1 | S0 | {"api-savings-per-month": Range(1_000, 1_500, 3_000)}), "but calls")
    assert not noted(audit(S1), "but calls")


def test_what_flips_the_break_even():
    found = tables(audit(S0))["What flips the break-even"]
    assert set(found["target"]) == {6.0}
    rate = found.filter(pl.col("input") == "hourly-rate").row(0, named=True)
    assert (rate["flips_at"], rate["change"]) == (pytest.approx(150), pytest.approx(0.5))


def test_targets_are_settings():
    assert set(tables(audit(S1), roi_targets=(2.0,))["What flips the ROI"]["target"]) == {2.0}
    assert "What flips the ROI" not in tables(audit(S1), roi_targets=())


@pytest.mark.parametrize("setting", ["roi_targets", "break_even_targets"])
@pytest.mark.parametrize("target", [0.0, -1.0, math.nan, math.inf])
def test_targets_without_sense_are_refused(setting, target):
    with pytest.raises(PolicyError, match=f"{setting} has .*; each must be a number above 0"):
        configure(Economics, {setting: [1.0, target]})


# Edges


def test_never_is_infinite_and_told():
    data = audit(S0 | {"ongoing-cost-per-month": 3_000})
    assert values(data)["break_even_months"] == math.inf
    assert noted(data, "It never breaks even")
    open_end = audit(S0 | {"ongoing-cost-per-month": Range(500, 500, 5_000)})
    assert measures(open_end)["break_even_months"].interval[1] == math.inf
    assert noted(open_end, "the interval is open")


def test_no_calls_no_cost_and_a_dearer_model():
    assert values(audit(S1 | {"calls-per-year": 0}))["roi"] == 0
    free = {"label": 0, "gpu": 0, "monthly-upkeep": 0}
    assert "roi" not in values(audit(S1, free))
    assert noted(audit(S1, free), "There is no roi of what costs nothing.")
    assert values(audit(S1 | {"price-per-call-after": 0.05}))["roi"] < 0
    assert values(audit(S1 | {"price-per-call-after": 0}))["first_year_savings"] == pytest.approx(30_000)


@pytest.mark.parametrize("value", [Range(-1, 5, 9), Range(0, 5, math.inf), Range(0, 1, 1e300)])
def test_answers_without_sense_are_told_and_not_reckoned_with(value):
    data = audit(S1 | {"calls-per-year": value})
    assert "roi" not in values(data)
    assert noted(
        data, "calls-per-year is ", "which is not reckoned with: it must be 0 or more, at most 1e+15"
    )


def test_savings_and_quality_may_be_below_nothing():
    found = values(audit(S0 | {"quality-value-per-month": -250}))
    assert found["break_even_months"] == 8
    assert values(audit(S0 | {"api-savings-per-month": -100}))["break_even_months"] == math.inf
    assert noted(audit(S0 | {"hourly-rate": -1}), "hourly-rate is -1, which is not reckoned with")


def test_no_rows_to_label_take_no_time():
    found = values(audit(S1 | {"rows-to-label": 0}))
    assert (found["labeler_days"], found["labeling_cost"], found["first_year_cost"]) == (0, 0, 2_900)


def test_no_training_rows():
    data = audit(S1, train=helpers.split("train", []))
    assert "hosted_training_cost" not in values(data)
    assert noted(data, "for want of training-tokens: hosted_training_cost")


def test_the_order_of_answers_and_a_second_run_change_nothing():
    answers = S1 | S0 | {"calls-per-year": Range(1e5, 1e6, 3e6)}
    one, other = reckoned(audit(answers)), reckoned(audit(dict(reversed(answers.items()))))
    assert one.measures == other.measures
    assert one.notes == other.notes
    for left, right in zip(one.evidence, other.evidence, strict=True):
        assert left.table.equals(right.table)


def test_all_that_it_declares_can_be_measured():
    assert set(values(audit(S1 | S0))) == set(Economics.measures) == {model.name for model in MODELS}


def test_it_is_listed_but_runs_only_where_there_are_answers():
    assert Economics in DECISION
    assert "economics" in discover()[0]
    assert not Economics.needs <= audit().offers()
    assert Economics.needs <= audit({"rows-to-label": 1}).offers()


def test_the_picture_of_the_roi_holds_its_range_and_what_each_input_does():
    """Each input is set to its ends, all others as expected, and the whole is reckoned anew."""
    answers = S1 | {"calls-per-year": Range(4e5, 1e6, 3e6), "price-per-call-now": Range(0.02, 0.03, 0.05)}
    (picture,) = [
        one for one in reckoned(audit(answers)).evidence if one.chart and one.chart.measure == "roi"
    ]
    roi = measures(audit(answers))["roi"]
    first, *others = picture.table.iter_rows()
    assert first == ("all inputs together", roi.interval[0], roi.value, roi.interval[1])
    widths = [high - low for _, low, _, high in others]
    assert widths == sorted(widths, reverse=True)
    for name, low, value, high in others:
        assert value == roi.value
        if name in answers:
            ends = (answers[name].low, answers[name].high)
            anew = sorted(values(audit(answers | {name: end}))["roi"] for end in ends)
            assert [low, high] == pytest.approx(anew)
    assert {"calls-per-year", "price-per-call-now"} <= {name for name, *_ in others}


def test_what_is_known_exactly_or_never_comes_has_no_picture():
    exact = {"label": 1, "gpu": 0, "monthly-upkeep": 0}
    pictures = [one.chart.measure for one in Economics().run(audit(S1, exact)).evidence if one.chart]
    assert "roi" not in pictures
    assert [one.chart for one in Economics().run(audit({})).evidence if one.chart] == []

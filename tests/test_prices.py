"""The price table of the articles, figure by figure, and how a user's own prices lie on top of it."""

from __future__ import annotations

import math
import re

import pytest

from auditor.errors import PolicyError
from auditor.prices import load_prices, price_table
from auditor.tasks import task_table
from checks.measures import Range

# name, source, low, expected, high
STATED = {
    ("label", "S1", 1, 1, 5), ("gpu", "S1", 500, 500, 500), ("monthly-upkeep", "S1", 200, 200, 200),
    ("price-per-call-now", "S1", 0.03, 0.03, 0.03), ("price-per-call-after", "S1", 0.001, 0.001, 0.001),
    ("calls-per-year", "S1", 1e6, 1e6, 1e6), ("rows-per-labeler-day", "S1", 50, 50, 50),
    ("hourly-rate", "S0", 100, 100, 100), ("data-preparation-hours", "S0", 20, 30, 40),
    ("evaluation-hours", "S0", 10, 15, 20), ("deployment-hours", "S0", 10, 15, 20),
    ("training-runs", "S0", 5, 27.5, 50), ("inference-per-month", "S0", 200, 600, 1_000),
    ("monitoring-hours-per-month", "S0", 5, 7.5, 10), ("retraining-hours-per-quarter", "S0", 10, 15, 20),
    ("api-savings-per-month", "S0", 1_000, 1_500, 2_000), ("quality-value-per-month", "S0", 500, 500, 500),
    ("ongoing-cost-per-month", "S0", 500, 500, 500),
    ("hosted-training", "S3", 8, 8, 8), ("training-iterations", "S3", 2, 2.5, 3),
    ("lora-training", "S3", 50, 275, 500), ("full-training", "S3", 500, 2_750, 5_000),
    ("hosted-input", "S3", 0.3, 0.3, 0.3), ("hosted-output", "S3", 1.2, 1.2, 1.2),
    ("epochs", "tool default", 3, 3, 3),
}  # fmt: skip
EXAMPLES = {
    "price-per-call-now", "price-per-call-after", "calls-per-year", "api-savings-per-month",
    "quality-value-per-month", "ongoing-cost-per-month",
}  # fmt: skip


def refused(overrides, said):
    with pytest.raises(PolicyError, match=re.escape(said)):
        load_prices(overrides)


# The table


def test_every_figure_of_the_sources_is_there():
    found = {
        (name, price.source.partition(":")[0], price.range.low, price.range.expected, price.range.high)
        for name, price in price_table().items()
    }
    assert found == STATED


def test_each_price_is_dated_sourced_and_of_one_currency():
    for name, price in price_table().items():
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", price.date), name
        assert price.source in task_table().sources or price.source.startswith("tool default: "), name
        assert price.currency == ("USD" if price.kind == "money" else ""), name
        assert price.unit, name


def test_the_hours_of_the_first_version_sum_up_as_the_source_says():
    names = ("data-preparation-hours", "evaluation-hours", "deployment-hours")
    parts = [price_table()[name].range for name in names]
    assert [sum(getattr(one, part) for one in parts) for part in ("low", "expected", "high")] == [40, 60, 80]


# Nothing or little stated


@pytest.mark.parametrize("overrides", [None, {}])
def test_without_overrides_the_table_stands_but_for_its_examples(overrides):
    prices = load_prices(overrides)
    assert set(prices.values) == set(price_table()) - EXAMPLES
    assert prices.values["label"] == Range(1, 1, 5)
    assert prices.currency == "USD"
    assert prices.own == frozenset()
    assert prices.defaults == set(prices.values)
    assert prices.origin("label") == "S1, 2026-11-21"
    assert prices.origin("epochs") == "tool default, 2026-11-21"


@pytest.mark.parametrize("written", [1.5, [1.5, 1.5, 1.5], {"low": 1.5, "expected": 1.5, "high": 1.5}])
def test_a_price_is_written_in_three_ways(written):
    prices = load_prices({"label": written})
    assert prices.values["label"] == Range(1.5, 1.5, 1.5)
    assert prices.own == {"label"}
    assert prices.origin("label") == "your price"
    assert load_prices({"label": [1, 2, 5]}) == load_prices({"label": {"high": 5, "low": 1, "expected": 2}})


def test_an_example_that_the_user_states_is_used():
    prices = load_prices({"quality-value-per-month": 500})
    assert prices.values["quality-value-per-month"] == Range(500, 500, 500)


def test_a_price_may_be_nothing():
    assert load_prices({"label": 0}).values["label"] == Range(0, 0, 0)


def test_labels_may_cost_otherwise_by_source():
    prices = load_prices({"label-by-source": {"crowd": 0.5, "experts": [4, 5, 9]}})
    assert prices.label_by_source == {"crowd": Range(0.5, 0.5, 0.5), "experts": Range(4, 5, 9)}
    assert prices.own == frozenset()


def test_the_order_of_what_is_stated_changes_nothing():
    stated = {"label": 2, "gpu": [1, 2, 3], "epochs": 4}
    one, other = load_prices(stated), load_prices(dict(reversed(stated.items())))
    assert list(one.values.items()) == list(other.values.items())


# Currencies


def test_a_rate_converts_money_and_nothing_else():
    prices = load_prices({"currency": "eur", "rate": 0.5, "label": 2})
    assert prices.currency == "EUR"
    assert prices.values["label"] == Range(2, 2, 2)
    assert prices.values["lora-training"] == Range(25, 137.5, 250)
    assert prices.values["rows-per-labeler-day"] == Range(50, 50, 50)
    assert prices.values["evaluation-hours"] == Range(10, 15, 20)


def test_who_states_every_price_needs_no_rate():
    own = {name: 1 for name, price in price_table().items() if price.kind == "money" and not price.example}
    assert load_prices({"currency": "EUR", **own}).currency == "EUR"
    missing = {name: price for name, price in own.items() if name != "gpu"}
    refused({"currency": "EUR", **missing}, "how many EUR make one USD), or state your own gpu")


def test_mixed_currencies_are_refused():
    refused({"currency": "EUR", "label": 2}, "the table's prices are in USD and currencies must not mix")
    mixed = {"low": 1, "expected": 1, "high": 1, "currency": "EUR"}
    refused({"label": mixed}, "[prices] label is in EUR, the other prices are in USD")
    assert load_prices({"label": mixed | {"currency": "usd"}}).values["label"] == Range(1, 1, 1)
    refused({"rate": 0.9}, "all prices are in USD")


@pytest.mark.parametrize("currency", ["euro", "€", "", 3, None, True, "E1R"])
def test_what_is_no_currency(currency):
    refused({"currency": currency}, "is no currency")


# What has no sense


@pytest.mark.parametrize("value", [-1, -0.01, math.nan, math.inf, -math.inf, 10**400, 1e16])
def test_numbers_that_no_price_can_be(value):
    refused({"label": value}, "readiness.toml: [prices] label = ")
    refused({"label": [0, 1, value]}, "has no sense: it must be 0 or more, at most 1e+15")
    refused({"currency": "EUR", "rate": value}, "[prices] rate = ")


@pytest.mark.parametrize("name", ["rows-per-labeler-day", "epochs", "training-iterations"])
def test_what_is_divided_by_is_not_nothing(name):
    refused({name: 0}, f"[prices] {name} = 0 has no sense: it must be above 0")


@pytest.mark.parametrize("value", ["1 EUR", True, None, object()])
def test_what_is_no_number(value):
    refused({"label": value}, "is no price: write a number")


def test_ranges_that_fall_or_lack_something():
    refused({"label": [3, 2, 1]}, "3, 2, 1 must not fall")
    refused({"label": [1, 2]}, "has 2 numbers; a range has three")
    refused({"label": {"low": 1, "high": 2}}, "lacks expected")
    refused({"label": {"low": 1, "expectd": 2, "high": 3}}, "no key 'expectd'; did you mean 'expected'?")
    refused({"currency": "EUR", "rate": [1, 2, 3]}, "is no price: write a number")


def test_unknown_names_get_a_suggestion():
    refused({"labels": 1}, "[prices] has no price 'labels'; did you mean 'label'?")
    refused({"label-by-source": 3}, "is no table of prices")
    refused({"label-by-source": {"crowd": -1}}, "[prices] label-by-source, 'crowd' = -1 has no sense")


def test_where_it_stands_is_told():
    with pytest.raises(PolicyError, match=r"money\.toml: \[prices\] label"):
        load_prices({"label": -1}, "money.toml")

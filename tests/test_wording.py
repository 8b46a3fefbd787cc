"""Numbers as people read them: none is rounded to the limit that it misses."""

from __future__ import annotations

import pytest

from auditor.wording import amount, bounds, number
from checks.contract import Measure


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (1234567, "count", "1,234,567"), (0.4437, "share", "44.4 %"), (1, "share", "100 %"), (0, "share", "0 %"),
        (0.80004, "share", "80.004 %"), (1 - 1e-15, "share", "100 %"), (0.29, "share", "29 %"), (2.99999, "score", "2.99999"),
        (2.5, "score", "2.5"), (26.08123, "score", "26.08"), (3, "score", "3"), (12345.678, "score", "12,345.7"),
        (4.96, "points", "4.96 points"), (1234.4, "money", "$1,234"), (0.00039, "money", "$0.00039"),
        (7_900.0, "money", "$7,900"), (1.0, "money", "$1"), (-20_000.4, "money", "-$20,000"), (99.999, "money", "$100"),
        (float("inf"), "time", "never"), (4.0, "time", "4"),
    ],
)  # fmt: skip
def test_numbers(value, kind, text):
    assert number(value, kind) == text


def test_an_amount_has_its_denominator_and_its_interval():
    found = Measure(name="m", value=0.25, kind="share", of=1_000, interval=(0.2, 0.3))
    assert amount(found) == "25 % of 1,000 (95 %: 20 % to 30 %)"


def test_money_has_its_currency():
    found = Measure(name="m", value=7_900, kind="money", interval=(1_000, 9_000), currency="EUR")
    assert amount(found) == "EUR 7,900 (95 %: EUR 1,000 to EUR 9,000)"


def test_limits_on_counts_are_the_first_whole_number_that_keeps_them():
    assert bounds(10.2, None, "count") == "at least 11"
    assert bounds(None, 10.8, "count") == "at most 10"
    assert bounds(0.1, 0.2, "share") == "at least 10 % and at most 20 %"

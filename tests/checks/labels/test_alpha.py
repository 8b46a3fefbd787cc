"""Alpha: published figures, every pair by brute force, the interval by simulation and by resampling."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.labels import alpha as module
from checks.labels.alpha import alpha, alpha_interval, class_alphas, disagreement
from checks.labels.votes import scaled, tally
from tests import helpers
from tests.checks.labels import oracle
from tests.tulu import preferences

LEVELS = ("nominal", "ordinal", "interval")
UNITS = st.lists(st.lists(st.sampled_from("12345"), max_size=6), min_size=1, max_size=12)


def counted(units):
    """Votes of units that are lists of labels, and the numbers behind the codes."""
    rows = [(unit, label) for unit, labels in enumerate(units) for label in labels]
    scale, code = scaled(pl.Series([label for _, label in rows], dtype=pl.String))
    unit = np.array([unit for unit, _ in rows], np.int64)
    return tally(unit, code, len(scale.labels)), scale.values


def simulated(draw, *, items, classes=3, judges=3, right=0.8):
    item = np.repeat(np.arange(items), judges)
    truth = draw.integers(0, classes, items)[item]
    return tally(
        item, np.where(draw.random(len(item)) < right, truth, draw.integers(0, classes, len(item))), classes
    )


OBSERVERS = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")
"""Four observers of twelve units (K. Krippendorff 2011, section C)."""


@pytest.mark.parametrize(
    ("level", "printed"), [("nominal", 0.7434), ("ordinal", 0.8154), ("interval", 0.8491)]
)
def test_the_published_example(level, printed):
    units = [[label for label in said if label != "."] for said in zip(*OBSERVERS, strict=True)]
    votes, values = counted(units)
    assert alpha(votes, level, values) == pytest.approx(printed, abs=5e-5)


def test_perfect_agreement_is_one_and_its_interval_is_no_point():
    votes, values = counted([["1"] * 2, ["2"] * 2, ["3"] * 2] * 10)
    for level in LEVELS:
        found = alpha_interval(votes, level, values)
        assert found.value == 1
        assert found.interval[1] == 1
        assert 0.8 < found.interval[0] < 0.85, "2 of 30 units may well disagree unseen"


@settings(max_examples=150)
@given(UNITS, st.sampled_from(LEVELS))
def test_alpha_against_all_pairs(units, level):
    votes, values = counted(units)
    expected = oracle.alpha(units, level, {label: float(label) for label in "12345"})
    assert alpha(votes, level, values) == (None if expected is None else pytest.approx(expected, abs=1e-12))


@pytest.mark.parametrize("level", LEVELS)
def test_large_numbers_lose_nothing(level):
    units = [
        [str(10**9 + int(label)) for label in unit]
        for unit in (["1", "2"], ["1", "1"], ["3", "2"], ["3", "3"])
    ]
    votes, values = counted(units)
    assert alpha(votes, level, values) == pytest.approx(
        oracle.alpha(units, level, {label: float(label) for unit in units for label in unit}), abs=1e-12
    )


@settings(max_examples=40)
@given(UNITS)
def test_two_labels_have_one_alpha(units):
    votes, values = counted([["1" if label < "3" else "2" for label in unit] for unit in units])
    nominal = alpha(votes, "nominal")
    for level in ("ordinal", "interval") if values is not None else ():
        assert alpha(votes, level, values) == (None if nominal is None else pytest.approx(nominal))


@settings(max_examples=60)
@given(UNITS)
def test_class_alpha_is_alpha_of_the_class_against_the_rest(units):
    votes, _values = counted(units)
    found = class_alphas(votes)
    labels = sorted({label for unit in units for label in unit})
    for code, label in enumerate(labels):
        expected = oracle.alpha([["x" if other == label else "y" for other in unit] for unit in units])
        assert (code in found) == (expected is not None)
        if expected is not None:
            assert found[code].value == pytest.approx(expected)
            assert found[code].interval[0] <= found[code].value <= found[code].interval[1]


def test_the_interval_of_a_class_is_that_of_its_own_votes():
    """Linearised for all classes at once, against the same of votes for the class and for the rest."""
    votes = simulated(np.random.default_rng(1), items=400, classes=4)
    for code, found in class_alphas(votes).items():
        binary = [[str(int(label == code)) for label in np.repeat(votes.code[votes.unit == unit], votes.votes[votes.unit == unit])] for unit in range(400)]  # fmt: skip
        one, _ = counted(binary)
        error = 1.959963984540054 * np.sqrt(
            (module._influence(one, module._sums(one, "nominal", None), "nominal") ** 2).sum()
        )
        assert found.interval == pytest.approx((found.value - error, found.value + error))


@pytest.mark.parametrize("level", LEVELS)
def test_both_intervals_agree_where_units_are_many(level, monkeypatch):
    votes, values = simulated(np.random.default_rng(2), items=3000, classes=5), np.arange(5.0)
    drawn = alpha_interval(votes, level, values)
    monkeypatch.setattr(module, "CELLS", 0)
    linear = alpha_interval(votes, level, values)
    assert linear.interval == pytest.approx(drawn.interval, abs=0.003)
    assert ("bootstrap" in drawn.by, "linearised" in linear.by) == (True, True)


@pytest.mark.parametrize("level", LEVELS)
def test_what_a_unit_adds_is_the_derivative_by_its_weight(level):
    """Units repeated many times, one of them once more: the change of alpha, over the change of weight."""
    units = [["1", "2", "2"], ["3", "3"], ["1", "1"], ["2", "3"], ["3", "3", "1", "3"]]
    many = 2000
    votes, values = counted(units * many)
    added = module._influence(votes, module._sums(votes, level, values), level)[: len(units)]
    base = alpha(votes, level, values)
    for unit, expected in enumerate(added):
        more, _ = counted(units * many + [units[unit]])
        assert alpha(more, level, values) - base == pytest.approx(expected, rel=1e-2, abs=1e-9)


@pytest.mark.parametrize(("items", "right"), [(30, 0.8), (50, 0.97), (200, 0.6)])
def test_the_interval_holds_the_truth(items, right):
    truth = alpha(simulated(np.random.default_rng(3), items=100_000, right=right), "nominal")
    draw = np.random.default_rng(4)
    found = [alpha_interval(simulated(draw, items=items, right=right), "nominal") for _ in range(100)]
    assert sum(one.interval[0] <= truth <= one.interval[1] for one in found) >= 90


def test_the_order_of_judgements_changes_nothing():
    draw = np.random.default_rng(5)
    unit, code = draw.integers(0, 60, 300), draw.integers(0, 3, 300)
    order = draw.permutation(300)
    one, other = tally(unit, code, 3), tally(59 - unit[order], code[order], 3)
    assert alpha_interval(one, "ordinal").interval == pytest.approx(alpha_interval(other, "ordinal").interval)
    assert disagreement(one).seen == pytest.approx(disagreement(other).seen)


@pytest.mark.parametrize("units", [[], [["1"]], [["1"], ["2"]], [["1", "1"], ["1", "1", "1"]]])
def test_where_nothing_can_be_told(units):
    votes, _values = counted(units)
    assert alpha(votes, "nominal") is None
    assert alpha_interval(votes, "nominal") is None
    assert class_alphas(votes) == {}


def test_a_thousand_classes_take_no_table():
    draw = np.random.default_rng(6)
    item = np.repeat(np.arange(50_000), 2)
    label = np.where(draw.random(100_000) < 0.9, item % 1000, draw.integers(0, 1000, 100_000))
    votes = tally(item, label, 1000)
    assert alpha(votes, "nominal") == pytest.approx(0.81, abs=0.01)
    assert len(class_alphas(votes)) == 1000


def test_interval_needs_numbers():
    votes, _ = counted([["1", "2"]])
    with pytest.raises(ValueError, match="numbers behind the labels"):
        alpha(votes, "interval")


def real(path, item, label, **spelled):
    table = pl.read_csv(helpers.DATA / path, schema_overrides={label: pl.String})
    return tallied(table.with_columns(**spelled), item, label)


def tallied(table, item, label):
    scale, code = scaled(table[label])
    unit = table[item].rank("dense").to_numpy().astype(np.int64) - 1
    return tally(unit, code, len(scale.labels)), scale


@pytest.mark.parametrize(
    ("level", "known"),
    [("nominal", 0.42881741680644436), ("ordinal", 0.6450883779480088), ("interval", 0.7285511560064861)],
)
def test_levels_of_abuse(level, known):
    votes, scale = real("convabuse/train_long.csv", "item_id", "is_abuse")
    assert scale.labels.to_list() == ["-3", "-2", "-1", "0", "1"]
    assert scale.level == "ordinal"
    assert votes.units == 2494
    assert alpha(votes, level, scale.values) == pytest.approx(known, abs=1e-12)


def test_abuse_or_not():
    negative = pl.col("is_abuse").str.starts_with("-").cast(pl.String)
    votes, _ = real("convabuse/train_long.csv", "item_id", "is_abuse", is_abuse=negative)
    assert alpha(votes, "nominal") == pytest.approx(0.6512749350520646, abs=1e-12)


def test_preferences_with_repeats_kept():
    """127 of 996 items were judged more than once, in nine of the records by the same evaluator again."""
    votes, _ = tallied(preferences(), "item", "preferred")
    assert votes.units == 127
    assert alpha(votes, "nominal") == pytest.approx(0.39522696692868775, abs=1e-12)

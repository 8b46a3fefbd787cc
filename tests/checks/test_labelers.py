"""Labelers: spread work does not fire; concentration, ownership and overlap by hand and against scipy."""

from fractions import Fraction
from math import exp, log

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from checks.contract import Data
from checks.labelers import Labelers
from checks.labels.significance import binomial_tails, false_discovery
from tests import helpers


def audit(judgements: pl.LazyFrame, *, evals: bool = False) -> Data:
    return Data(
        train=helpers.split("train", ["text"]),
        eval=helpers.split("eval", ["other"]) if evals else None,
        labels=judgements,
    )


def tail(successes: int, trials: int, chance: float) -> float:
    return float(binomial_tails(np.array([float(successes)]), trials, np.array([chance]))[0])


def labelers(*rows: tuple[int, str | None, str | None], **settings) -> dict[str, float]:
    return helpers.measured(Labelers(**settings), audit(helpers.judgements(rows)))


def given_by(**counts: int) -> list[tuple[int, str | None, str | None]]:
    """So many judgements by each labeler, every one of another item and in turn of class x, y and z."""
    names = [name for name, count in counts.items() for _ in range(count)]
    return [(row, name, "xyz"[row % 3]) for row, name in enumerate(names)]


def test_evenly_spread_work_does_not_fire():
    rows = [(row, labeler, "xy"[row % 2]) for row in range(200) for labeler in ("ann", "bob", "eve", "我")]
    assert labelers(*rows) == {
        "labelers": 4, "top_labeler_share": 0.25, "effective_labelers": pytest.approx(4), "entropy_labelers": pytest.approx(4),
        "anonymous_share": 0, "owned_classes_share": 0, "overlap_items": 200, "overlap_share": 1,
        "repeated_judgements": 0, "expected_effective_labelers": pytest.approx(4, abs=0.02), "lazy_labelers": 0,
        "relabel_judgements": 0, "labeler_variants": 0,
    }  # fmt: skip


def test_shares_by_hand():
    """Six, three and one of ten named judgements: 1 / (.36 + .09 + .01); two more have no name."""
    rows = [*given_by(ann=6, bob=3, eve=1), (10, None, "x"), (11, None, "y")]
    found = labelers(*rows)
    assert found["labelers"] == 3
    assert found["top_labeler_share"] == 0.6
    assert found["effective_labelers"] == pytest.approx(float(1 / Fraction(46, 100)))
    assert found["entropy_labelers"] == pytest.approx(
        exp(-(0.6 * log(0.6) + 0.3 * log(0.3) + 0.1 * log(0.1)))
    )
    assert found["anonymous_share"] == pytest.approx(2 / 12)
    result = Labelers().run(audit(helpers.judgements(rows)))
    assert {m.name: m.of for m in result.measures if m.name.endswith("share")} == {
        "top_labeler_share": 10, "anonymous_share": 12, "overlap_share": 12,
    }  # fmt: skip
    assert result.evidence[0].table.rows() == [("ann", 6, 0.6), ("bob", 3, 0.3), ("eve", 1, 0.1)]


@settings(max_examples=40)
@given(st.lists(st.integers(1, 50), min_size=1, max_size=12))
def test_concentration_against_exact_fractions(counts):
    found = labelers(*given_by(**{f"labeler{n}": count for n, count in enumerate(counts)}))
    total = sum(counts)
    herfindahl = sum(Fraction(count, total) ** 2 for count in counts)
    assert found["labelers"] == len(counts)
    assert found["top_labeler_share"] == pytest.approx(max(counts) / total)
    assert found["effective_labelers"] == pytest.approx(float(1 / herfindahl))
    assert found["entropy_labelers"] == pytest.approx(np.exp(stats.entropy(counts)))
    assert 1 - 1e-9 <= found["effective_labelers"] <= found["entropy_labelers"] + 1e-9 <= len(counts) + 1e-8


def test_one_labeler_of_everything():
    found = labelers(*given_by(ann=90))
    assert (found["labelers"], found["top_labeler_share"], found["effective_labelers"]) == (1, 1, 1)
    assert found["owned_classes_share"] == 0, "who labels everything owns no class in particular"


def test_items_judged_by_several():
    rows = [(0, "ann", "x"), (0, "bob", "x"), (1, "ann", "x"), (1, "ann", "y"), (2, "ann", "x"), (2, None, "x"), (3, "bob", "x"),
            (3, "ann", "y"), (3, "eve", "x"), (4, None, "x")]  # fmt: skip
    found = labelers(*rows)
    assert (found["overlap_items"], found["overlap_share"]) == (2, 0.4)


def test_an_owned_class_by_hand():
    """Ann gave 27 of 30 labels of class x and 30 of 90 in all; the other classes are mixed."""
    rows = [("ann", "x")] * 27 + [("bob", "x")] * 2 + [("eve", "x")]
    rows += [("ann", "y"), ("ann", "y"), ("ann", "z")] + [("bob", "y")] * 14 + [("eve", "y")] * 14
    rows += [("bob", "z")] * 14 + [("eve", "z")] * 15
    result = Labelers().run(audit(helpers.judgements([(row, *who) for row, who in enumerate(rows)])))
    measure = next(m for m in result.measures if m.name == "owned_classes_share")
    assert (measure.value, measure.of) == (pytest.approx(1 / 3), 3)
    table = result.evidence[1].table
    assert table.select("label", "labeler", "labels", "of", "share").rows() == [("x", "ann", 27, 30, 0.9)]


@pytest.mark.parametrize(
    ("mine", "others", "share", "owned"),
    [
        pytest.param(20, 0, 0.8, True, id="all of twenty"),
        pytest.param(19, 0, 0.8, None, id="nineteen are too few to tell"),
        pytest.param(16, 4, 0.8, True, id="four in five"),
        pytest.param(15, 5, 0.8, False, id="three in four"),
        pytest.param(15, 5, 0.75, True, id="three in four where that is the limit"),
    ],
)
def test_from_which_share_a_class_is_owned(mine, others, share, owned):
    rows = (
        [("ann", "x")] * mine
        + [("bob", "x")] * others
        + [(name, "y") for name in ("bob", "eve", "joe") for _ in range(40)]
    )
    found = labelers(*[(row, *who) for row, who in enumerate(rows)], owner_share=share)
    assert found["owned_classes_share"] == {True: 0.5, False: 0, None: 0}[owned]


def test_a_busy_labeler_owns_no_class_for_being_busy():
    """Ann gave 75 % of all labels and 80 to 90 % of some classes: less than half as much again."""
    rows = [("ann", f"class {n}") for n in range(8) for _ in range(18 if n % 2 else 12)]
    rows += [("bob", f"class {n}") for n in range(8) for _ in range(2 if n % 2 else 8)]
    assert labelers(*[(row, *who) for row, who in enumerate(rows)])["owned_classes_share"] == 0


def test_random_work_over_many_classes_owns_nothing():
    """Six labelers, 1,000 classes: with so many classes some look owned by chance, were it not for the correction."""
    draw = np.random.default_rng(1)
    classes, who = draw.integers(0, 1000, 24_000), draw.integers(0, 6, 24_000)
    rows = [(row, f"labeler {a}", f"class {b}") for row, (a, b) in enumerate(zip(who, classes, strict=True))]
    found = labelers(*rows, owner_share=0.4)
    assert found["owned_classes_share"] <= 0.001


def test_no_class_of_twenty_judgements_is_no_finding():
    assert "owned_classes_share" not in labelers(*given_by(ann=5, bob=5))


@given(st.integers(0, 400), st.integers(1, 400), st.floats(0, 1))
def test_the_binomial_tail_is_that_of_scipy(successes, trials, chance):
    successes = min(successes, trials)
    expected = stats.binom.sf(successes - 1, trials, chance)
    assert tail(successes, trials, chance) == pytest.approx(expected, rel=1e-9, abs=1e-300)


@pytest.mark.parametrize(
    ("successes", "trials", "chance"), [(30_000, 100_000, 0.295), (900, 1000, 0.2), (1, 10**6, 1e-6)]
)
def test_the_binomial_tail_of_large_numbers(successes, trials, chance):
    expected = stats.binom.sf(successes - 1, trials, chance)
    assert tail(successes, trials, chance) == pytest.approx(expected, rel=1e-6)


@given(
    st.lists(st.sampled_from([0.0, 0.001, 0.01, 0.0125, 0.02, 0.03, 0.05, 0.2, 1.0]), max_size=12),
    st.sampled_from([0.05, 0.2]),
)
def test_false_discovery_against_a_loop(tails, rate):
    """Benjamini and Hochberg: with the tails in order, the largest k with p(k) <= k/m * rate; reject all up to it."""
    limit = -1.0
    for k, tail in enumerate(sorted(tails), 1):
        if tail <= rate * k / len(tails):
            limit = tail
    assert false_discovery(np.array(tails), rate).tolist() == [tail <= limit for tail in tails]


def test_labelers_who_also_labelled_eval():
    train = helpers.judgements(given_by(ann=5, bob=5, eve=5))
    evals = helpers.judgements(
        [(0, "bob", "x"), (1, "joe", "x"), (2, "bob", "y"), (3, None, "x")], role="eval"
    )
    data = audit(pl.concat([train, evals]), evals=True)
    measure = Labelers().run(data).measures[-1]
    assert (measure.name, measure.value, measure.of) == ("shared_labelers", 1, 2)
    assert helpers.measured(Labelers(), data)["labelers"] == 3, "counted on train alone"
    assert "shared_labelers" not in helpers.measured(Labelers(), audit(train, evals=True))
    assert "shared_labelers" not in helpers.measured(Labelers(), audit(pl.concat([train, evals])))


def test_judgements_without_a_label_column():
    data = audit(helpers.judgements(given_by(ann=2, bob=1)).drop("label"))
    found = helpers.measured(Labelers(), data)
    assert found["labelers"] == 2
    assert "owned_classes_share" not in found


def test_labels_that_are_all_null():
    found = labelers((0, "ann", None), (1, "bob", None))
    assert found["labelers"] == 2
    assert "owned_classes_share" not in found


@pytest.mark.parametrize("rows", [[], [(0, None, "x"), (1, None, "y")]])
def test_nobody_is_named(rows):
    result = Labelers().run(audit(helpers.judgements(rows)))
    assert result.measures == ()
    assert "no training row names" in result.notes[0]


def test_a_labeler_judges_an_item_once():
    assert (
        labelers((0, "ann", "x"), (0, "ann", "x"), (0, "ann", "x"), (1, "bob", "x"))["top_labeler_share"]
        == 0.5
    )


def test_repeated_judgements_are_counted_and_said():
    """Ann repeats herself twice on one item, the second time otherwise; who is not named repeats nothing."""
    rows = [
        (0, "ann", "x"),
        (0, "ann", "x"),
        (0, "ann", "y"),
        (0, "bob", "x"),
        (1, None, "x"),
        (1, None, "x"),
    ]
    result = Labelers().run(audit(helpers.judgements(rows)))
    measure = next(m for m in result.measures if m.name == "repeated_judgements")
    assert (measure.value, measure.of, measure.kind) == (2, 6, "count")
    assert result.notes[0].startswith("2 of 6 judgements repeat one of the same labeler")
    assert Labelers().run(audit(helpers.judgements(rows[3:]))).notes == ()


def test_one_judgement():
    found = labelers((0, "ann", "x"))
    assert (found["labelers"], found["overlap_share"], found["anonymous_share"]) == (1, 0, 0)


def test_without_judgements_nothing_is_measured():
    assert Labelers().run(helpers.data(["a"])).measures == ()


def test_rows_that_wait_for_their_labeler_are_no_judgements():
    waiting = [(row, who, None) for row, who in enumerate(["bob", "cyd"] * 40, start=60)]
    assert labelers(*given_by(ann=60), *waiting) == labelers(*given_by(ann=60))
    assert labelers((0, "ann", "x"), (0, "bob", None), (0, "cyd", None))["overlap_items"] == 0
    assert labelers(*((row, who, None) for row, who, _ in waiting))["labelers"] == 2, "nobody labels here"

"""Balance: chance alone never shows, planted shifts do, and classes that are missing on one side are counted."""

import numpy as np
import polars as pl
import pytest

from checks import balance as balance_module
from checks.balance import Balance, shift
from checks.contract import Data
from tests import helpers

NULL_RUNS = 200


def audit(train: dict, evals: dict | None = None) -> Data:
    split = None if evals is None else helpers.stored("eval", evals)
    return Data(train=helpers.stored("train", train), eval=split)


def balance(train: dict, evals: dict | None = None) -> dict[str, float]:
    return helpers.measured(Balance(), audit(train, evals))


def shares(classes: int, moved: float = 0.0) -> np.ndarray:
    """Equal shares, or with `moved` of all rows moved from the first half of the classes to the second."""
    half = classes // 2
    equal = np.full(classes, 1 / classes)
    before = np.arange(classes) < half
    return equal * np.where(before, 1 - moved * classes / half, 1 + moved * classes / (classes - half))


def runs(classes: int, moved: float, sizes: tuple[int, int], number: int) -> list[tuple[float, float, float]]:
    """Shifts measured on `number` draws of train and eval whose true distance is `moved`."""
    draw = np.random.default_rng(classes)
    return [
        shift(draw.multinomial(sizes[0], shares(classes)), draw.multinomial(sizes[1], shares(classes, moved)))
        for _ in range(number)
    ]


@pytest.fixture
def few_draws(monkeypatch):
    """A third of the draws: the same rule in a third of the time."""
    monkeypatch.setattr(balance_module, "DRAWS", 299)


@pytest.mark.usefixtures("few_draws")
@pytest.mark.parametrize(
    ("classes", "sizes"), [(3, (5000, 1000)), (77, (20_000, 1000)), (150, (20_000, 500))]
)
def test_chance_alone_raises_no_alarm(classes, sizes):
    """What a policy rules on is the lower end where the test rejects, held against a shift of 5 %."""
    certain = np.array([low for _, low, _ in runs(classes, 0, sizes, NULL_RUNS)])
    assert certain.max() <= 0.05
    assert np.mean(certain > 0) <= 0.03, "the test rejects at p < .01"


@pytest.mark.usefixtures("few_draws")
@pytest.mark.parametrize(
    ("classes", "sizes", "number"),
    [(3, (1000, 100), NULL_RUNS), (77, (600, 200), NULL_RUNS), (1000, (2000, 300), 10)],
)
def test_chance_alone_shows_in_one_audit_of_few_rows_in_a_hundred(classes, sizes, number):
    certain = [low for _, low, _ in runs(classes, 0, sizes, number)]
    assert np.mean(np.array(certain) > 0.05) <= 0.03


@pytest.mark.usefixtures("few_draws")
@pytest.mark.parametrize(
    ("classes", "moved", "sizes"),
    [(3, 0.1, (5000, 1000)), (3, 0.2, (1000, 200)), (77, 0.2, (5000, 1000)), (150, 0.2, (5000, 1000))],
)
def test_a_shift_of_ten_or_twenty_points_is_found(classes, moved, sizes):
    found = runs(classes, moved, sizes, 20)
    assert np.mean([low > 0.05 for _, low, _ in found]) >= 0.8
    assert np.mean([low <= moved for _, low, _ in found]) >= 0.95, "never more certain than the truth"


@pytest.mark.usefixtures("few_draws")
@pytest.mark.parametrize(
    ("classes", "moved", "sizes"),
    [(3, 0.2, (5000, 1000)), (77, 0.1, (1000, 200)), (77, 0.2, (5000, 1000)), (77, 0.0, (1000, 200))],
)
def test_the_interval_covers_the_true_distance(classes, moved, sizes):
    found = runs(classes, moved, sizes, 40)
    assert np.mean([low <= moved + 1e-12 and moved <= high + 1e-12 for _, low, high in found]) >= 0.9


def test_the_distance_is_half_the_sum_of_differences():
    """Large samples of .5 / .3 / .2 against .3 / .3 / .4: 20 points, and next to nothing is chance."""
    value, low, high = shift(np.array([50_000, 30_000, 20_000]), np.array([30_000, 30_000, 40_000]))
    assert value == pytest.approx(0.2, abs=1e-3)
    assert 0.19 < low < 0.2 < high < 0.21


def test_equal_and_disjoint_distributions():
    value, low, _ = shift(np.array([500, 500]), np.array([50, 50]))
    assert (value, low) == (0, 0)
    value, low, high = shift(np.array([500, 0]), np.array([0, 500]))
    assert (low, high) == (pytest.approx(value), pytest.approx(value))
    assert 0.99 < value <= 1
    assert shift(np.array([7]), np.array([3])) == (0, 0, 0)


@pytest.mark.parametrize("seed", range(8))
def test_the_interval_contains_the_value_and_is_the_same_in_every_run(seed):
    draw = np.random.default_rng(seed)
    train, evals = draw.integers(0, 30, (2, 12))
    value, low, high = shift(train, evals)
    assert 0 <= low <= value <= high <= 1
    assert shift(train, evals) == (value, low, high)


def test_a_small_shift_of_many_rows_is_certain_but_small():
    """Three points among a million rows: any test rejects, but the distance stays under the limit of 5 %."""
    draw = np.random.default_rng(1)
    value, low, high = shift(draw.multinomial(10**6, shares(5)), draw.multinomial(10**5, shares(5, 0.03)))
    assert 0.02 < low < 0.03 < high < 0.04
    assert value == pytest.approx(0.03, abs=0.005)


def test_eval_drawn_like_train_does_not_fire():
    draw = np.random.default_rng(2)
    train, evals = (
        {
            "text": ["x" * n for n in draw.integers(1, 200, size)],
            "label": [f"class {n}" for n in draw.integers(0, 4, size)],
        }
        for size in (2000, 400)
    )
    found = balance(train, evals)
    assert found["certain_label_shift"] == found["certain_length_shift"] == 0
    assert found["classes_missing_in_eval"] == found["classes_only_in_eval"] == 0
    assert 0.2 < found["smallest_class_share"] <= found["largest_class_share"] < 0.3


def test_classes_by_hand():
    train, evals = {"label": [*"aaaaaabbbc", None]}, {"label": [*"aabbdd", "größe", None]}
    found = balance(train, evals)
    assert (found["largest_class_share"], found["smallest_class_share"]) == (0.6, 0.1)
    assert (found["classes_missing_in_eval"], found["classes_only_in_eval"]) == (1, 2)
    result = Balance().run(audit(train, evals))
    assert result.evidence[0].table.rows() == [
        ("a", 6, 2),
        ("b", 3, 2),
        ("c", 1, 0),
        ("d", 0, 2),
        ("größe", 0, 1),
    ]
    assert {m.name: m.of for m in result.measures} == {
        "largest_class_share": 10, "smallest_class_share": 10, "classes_missing_in_eval": 5, "classes_only_in_eval": 5,
        "label_shift_tvd": 7, "certain_label_shift": 7,
    }  # fmt: skip


def drawn(sets: list[tuple[list[str], float]], rows: int, seed: int) -> dict:
    """Rows with lists of labels, drawn from sets with their shares."""
    chosen = np.random.default_rng(seed).choice(len(sets), rows, p=[share for _, share in sets])
    return helpers.label_lists(*(sets[n][0] for n in chosen))


SETS = [(["a", "b"], 0.4), (["c", "d", "e"], 0.4), (["f"], 0.19), (["a", "b", "c", "d", "e", "f", "g"], 0.01)]


@pytest.mark.usefixtures("few_draws")
def test_labels_that_always_come_together_do_not_fire():
    """Counted as if each were a row of its own, they vary more than chance."""
    certain = [
        balance(drawn(SETS, 600, seed), drawn(SETS, 200, 1000 + seed))["certain_label_shift"]
        for seed in range(60)
    ]
    assert np.mean(np.array(certain) > 0) <= 0.03


def test_a_shift_of_lists_is_found():
    moved = [(labels, share + (0.2, -0.2, 0, 0)[n]) for n, (labels, share) in enumerate(SETS)]
    found = balance(drawn(SETS, 2000, 1), drawn(moved, 500, 2))
    assert 0.1 < found["certain_label_shift"] < 0.2 < 0.25 > found["label_shift_tvd"]


def test_lists_of_labels_by_hand():
    train = helpers.label_lists(["a", "b"], ["a"], ["a", "b", "c"], None, ["a"])
    evals = helpers.label_lists(["b"], ["d", "a"])
    result = Balance().run(audit(train, evals))
    assert result.evidence[0].table.rows() == [("a", 4, 1), ("b", 2, 1), ("c", 1, 0), ("d", 0, 1)]
    found = {m.name: (m.value, m.of) for m in result.measures}
    assert found["largest_class_share"] == (1, 4)
    assert found["smallest_class_share"] == (0.25, 4)
    assert found["classes_missing_in_eval"] == found["classes_only_in_eval"] == (1, 4)
    assert found["label_shift_tvd"][1] == 2, "rows"


@pytest.mark.parametrize(
    ("parts", "rows"),
    [
        ([], []),
        ([1.0, 2.0], [1, 2]),
        ([0.5, 0.5], [1, 0]),
        ([1 / 3] * 3, [1, 0, 0]),
        ([0.4, 1.8, 0.8], [0, 2, 1]),
    ],
)
def test_parts_of_rows_are_rounded_to_as_many_rows(parts, rows):
    assert balance_module._whole(pl.Series(parts, dtype=pl.Float64)).tolist() == rows


def test_planted_shifts_of_labels_and_of_lengths():
    train = {"text": ["x" * (10 + n % 90) for n in range(2000)], "label": ["a", "b"] * 1000}
    longer = {"text": ["x" * (40 + n % 90) for n in range(500)], "label": ["a", "a", "a", "b"] * 125}
    found = balance(train, longer)
    assert 0.15 < found["certain_label_shift"] < 0.25 < 0.26 > found["label_shift_tvd"] > 0.23
    # a third of eval is longer than all of train; of the lengths of train a third is shorter than all of eval
    assert 0.25 < found["certain_length_shift"] < 1 / 3 + 0.02
    assert balance(train, train)["certain_length_shift"] == 0


def test_lengths_that_are_all_the_same():
    found = balance({"text": ["same"] * 50}, {"text": ["same"] * 20})
    assert (found["length_shift_tvd"], found["certain_length_shift"]) == (0, 0)
    assert balance({"text": ["short"] * 300}, {"text": ["not so short"] * 300})["certain_length_shift"] > 0.9


def test_without_eval_only_train_is_described():
    data = audit({"text": ["a", "b"], "label": ["x", "x"]})
    assert helpers.measured(Balance(), data) == {"largest_class_share": 1, "smallest_class_share": 1}
    assert "no eval file" in Balance().run(data).notes[0]


def test_labels_that_are_not_there_yet():
    assert balance({"label": [None] * 3}, {"label": [None] * 2}) == {}
    assert balance({"label": [None] * 3}) == {}
    assert balance({"text": ["a"]}, {"label": ["x"]}) == {}


def test_eval_labels_that_are_not_there_yet_miss_no_class():
    assert "classes_missing_in_eval" not in balance({"label": ["x", "y"]}, {"label": [None, None]})


def test_eval_without_a_label_column():
    found = balance({"label": ["x", "y"]}, {"source": ["web"]})
    assert found == {"largest_class_share": 0.5, "smallest_class_share": 0.5}


@pytest.mark.parametrize(("train", "evals"), [(0, 0), (0, 3), (3, 0), (1, 1)])
def test_none_or_one(train, evals):
    found = balance(
        {"text": ["a"] * train, "label": ["x"] * train}, {"text": ["a"] * evals, "label": ["x"] * evals}
    )
    assert {name: value for name, value in found.items() if value not in (0, 1)} == {}
    assert ("label_shift_tvd" in found) == ("length_shift_tvd" in found) == (train > 0 and evals > 0)


def test_a_thousand_classes():
    names = [f"class {n}" for n in range(1000)]
    found = balance({"label": names * 3}, {"label": names[:999]})
    assert (found["classes_missing_in_eval"], found["classes_only_in_eval"]) == (1, 0)
    assert found["largest_class_share"] == found["smallest_class_share"] == 0.001
    assert found["certain_label_shift"] == 0

"""Eval set: what is independent, what is clean, and what that many rows can show."""

import pytest
from scipy import optimize, stats

from checks.contract import Data
from checks.eval_set import EvalSet
from checks.intervals import mcnemar_size
from tests import helpers

WORDS = helpers.vocabulary(3000, seed=111)


def texts(rows: int, *, seed: int = 1, words: int = 60) -> list[str]:
    rng = helpers.seeded(seed)
    return [" ".join(rng.sample(WORDS, words)) for _ in range(rows)]


def eval_set(train, evals, **settings) -> dict[str, float]:
    return helpers.measured(EvalSet(**settings), helpers.data(train, evals))


def gain(rows: int, discordance: float) -> float:
    """Smallest gain with 80 % power, by a root search on the power itself."""

    def missing(g: float) -> float:
        spread = max(discordance, g)
        reject_from = stats.norm.ppf(0.975) * (spread / rows) ** 0.5
        return float(stats.norm.sf((reject_from - g) / ((spread - g * g) / rows) ** 0.5)) - 0.8

    return float(optimize.brentq(missing, 1e-4, 0.999))


@pytest.mark.parametrize("rows", [50, 120, 400])
def test_different_rows_all_count(rows):
    found = eval_set(["some training text"], texts(rows))
    half_width = 100 * stats.binomtest(rows // 2, rows).proportion_ci(0.95, "wilson").high - 50
    assert found == {
        "eval_rows": rows, "effective_eval_rows": rows, "clean_eval_rows": rows, "effective_clean_eval_rows": rows,
        "detectable_gain_points": pytest.approx(100 * gain(rows, 0.2), abs=1e-3),
        "clean_detectable_gain_points": pytest.approx(100 * gain(rows, 0.2), abs=1e-3),
        "half_width_points": pytest.approx(half_width),
    }  # fmt: skip


def test_copies_count_once_and_leaks_are_not_clean():
    """Ten texts; one has two exact copies, one a near copy that leaks with it, one leaks exactly, one row is faulty."""
    base = texts(10)
    near = base[1].replace(base[1].split()[30], "changed")
    evals = [*base, base[0].upper(), base[0] + "!", near, "a faulty row"]
    rows = helpers.stored("eval", {"text": evals, "turns": ["u"] * 13 + ["x"]})
    found = eval_set(helpers.split("train", [base[2], base[1], "other"]), rows)
    assert (found["eval_rows"], found["effective_eval_rows"]) == (14, 10)
    assert (found["clean_eval_rows"], found["effective_clean_eval_rows"]) == (10, 8)
    assert found["detectable_gain_points"] == pytest.approx(100 * gain(10, 0.2), abs=1e-3)
    assert found["clean_detectable_gain_points"] == pytest.approx(100 * gain(8, 0.2), abs=1e-3)


def test_the_clean_rows_are_listed_with_their_ids():
    base = texts(6)
    evals = helpers.stored(
        "eval", {"text": [*base, base[1], ""], "id": [f"q{n}" for n in range(8)], "turns": ["u"] * 7 + ["U"]}
    )
    train = helpers.split("train", [base[1].upper(), " ".join(base[3].split()[:45])])
    result = EvalSet().run(Data(train=train, eval=evals))
    evidence, _ = result.evidence
    assert evidence.title == "Clean eval rows"
    assert evidence.table.select("split", "row", "file", "line", "id", "suspected").rows() == [
        ("eval", row, "eval0.jsonl", row + 1, f"q{row}", row == 3) for row in (0, 2, 3, 4, 5)
    ]
    assert "5 of 6 effective rows are left" in result.notes[1]


def test_nothing_is_listed_where_all_rows_are_clean_or_none_is():
    base = texts(4)
    for train in (["other"], base):
        (gains,) = EvalSet().run(helpers.data(train, base)).evidence
        assert gains.title != "Clean eval rows"
    assert eval_set(base, base)["clean_detectable_gain_points"] == 100


def test_rows_that_no_detector_sees_are_not_clean():
    assert eval_set(["some text"], [*texts(3), "", " "])["clean_eval_rows"] == 3


def test_a_text_with_one_leaking_copy_is_not_clean():
    words = texts(1)[0].split()
    other = [*words[:30], "changed", *words[31:]]
    leaking = " ".join([*WORDS[:40], *other[26:34], *WORDS[40:80]])
    rows = [" ".join(words), " ".join(other)]
    assert eval_set([leaking], rows)["clean_eval_rows"] == 2, "eight words of sixty are no leak"
    assert eval_set([rows[1] + " " + " ".join(WORDS[:90])], rows)["clean_eval_rows"] == 0


def test_suspected_rows_still_count_as_clean():
    new = texts(2, words=20)
    found = eval_set(
        helpers.asked("train", [("hi there", new[0])]), helpers.asked("eval", [("hi there", new[1])])
    )
    assert (found["effective_eval_rows"], found["clean_eval_rows"]) == (1, 1)


def test_five_points_need_about_626_rows():
    """The worked figures: 312, 626 and 940 rows at a discordance of .1, .2 and .3."""
    rows = texts(626, words=12)
    assert eval_set(["x"], rows)["detectable_gain_points"] == pytest.approx(5.0, abs=0.01)
    assert eval_set(["x"], rows[:312], discordance=0.1)["detectable_gain_points"] == pytest.approx(
        5.0, abs=0.01
    )
    note = EvalSet().run(helpers.data(["x"], rows)).notes[0]
    assert "20%" in note
    assert "3.5 points at 10%, 5.0 points at 20%, 6.1 points at 30%" in note


def test_all_rows_the_same_are_one():
    found = eval_set(["x"], ["the same question again"] * 500)
    assert (found["eval_rows"], found["effective_eval_rows"], found["detectable_gain_points"]) == (
        500,
        1,
        100,
    )


def test_no_rows_show_nothing():
    assert eval_set(["x"], []) == {
        "eval_rows": 0, "effective_eval_rows": 0, "clean_eval_rows": 0, "effective_clean_eval_rows": 0,
        "detectable_gain_points": 100, "clean_detectable_gain_points": 100, "half_width_points": 50,
    }  # fmt: skip


def test_without_eval_nothing_is_measured():
    assert EvalSet().run(helpers.data(["x"])).measures == ()


def test_train_without_text():
    found = eval_set(helpers.stored("train", {"id": ["x"]}), helpers.split("eval", texts(3)))
    assert found["effective_eval_rows"] == 3


@pytest.mark.parametrize("labels", [None, [None] * 3])
def test_eval_without_labels_can_show_nothing_where_train_has_classes(labels):
    train = helpers.stored("train", {"text": texts(3), "label": ["x", "y", None]})
    evals = helpers.stored("eval", {"text": texts(3)} | ({"label": labels} if labels else {}))
    assert eval_set(train, evals) == {"eval_rows": 3}
    assert "--map COLUMN=label" in EvalSet().run(Data(train=train, eval=evals)).notes[0]
    some = helpers.stored("eval", {"text": texts(3), "label": ["x", None, None]})
    assert eval_set(train, some)["effective_eval_rows"] == 1


def test_the_picture_of_gains_goes_through_this_eval_set():
    """Each point is checked by going up from nothing until the rows suffice."""
    (gains,) = EvalSet().run(helpers.data(["x"], texts(335, words=12))).evidence
    points = dict(gains.table.iter_rows())
    assert gains.chart.at == 335
    assert sorted(points) == list(points)
    assert min(points) == 100
    assert max(points) == 2000
    for rows, points_shown in list(points.items())[::7]:
        gain = next(
            g / 10_000 for g in range(1, 10_000) if mcnemar_size(g / 10_000, max(0.2, g / 10_000)) <= rows
        )
        assert points_shown == pytest.approx(100 * gain, abs=0.011)
    assert points[335] == eval_set(["x"], texts(335, words=12))["detectable_gain_points"]


def test_a_set_of_a_few_rows_has_a_picture_and_an_empty_one_none():
    (gains,) = EvalSet().run(helpers.data(["x"], texts(3, words=12))).evidence
    assert gains.table["eval_rows"][0] == 3
    assert EvalSet().run(helpers.data(["x"], [])).evidence == ()

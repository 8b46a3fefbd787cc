"""Results of models: what prompting reaches, what it fails at, and what fine-tuning gains."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl
import pytest

from checks.contract import RESULTS, Data, Range, Result
from checks.intervals import wilson
from checks.paired.mcnemar import mid_p, needed, score_interval
from checks.results import Results
from tests import helpers

WORDS = helpers.vocabulary(2000, seed=301)
ROWS = 200


def texts(rows: int = ROWS) -> list[str]:
    rng = helpers.seeded(7)
    return [" ".join(rng.sample(WORDS, 20)) for _ in range(rows)]


def run(name: str, scores: Sequence[float | None], **columns: Sequence[object]) -> pl.DataFrame:
    """A result file's rows; examples are numbered in order."""
    count = len(scores)
    made = {
        "run": [name] * count, "example": range(count), "id": [f"q{n}" for n in range(count)], "score": scores,
        "file": [f"{name}.jsonl"] * count, "line": range(1, count + 1), **columns,
    }  # fmt: skip
    return pl.DataFrame({column: made.get(column, [None] * count) for column in RESULTS}, schema=RESULTS)


def data(*runs: pl.DataFrame, evals: Sequence[str] | None = None, **more) -> Data:
    made = helpers.data(["an unlike training row"], texts() if evals is None else evals)
    return replace(made, results=pl.concat(runs), **more)


def right(count: int, rows: int = ROWS) -> list[float]:
    """So many right answers, evenly spread."""
    return [float((n * count) // rows != ((n + 1) * count) // rows) for n in range(rows)]


def measured(audit: Data, **settings) -> dict[str, float]:
    return helpers.measured(Results(**settings), audit)


def of(result: Result, name: str, group: str | None = None):
    return next(one for one in result.measures if (one.name, one.group) == (name, group))


def test_a_prompt_that_never_fails():
    result = Results().run(data(run("baseline", [1.0] * ROWS)))
    found = {(one.name, one.group): one.value for one in result.measures}
    assert found == {
        ("quality", "baseline"): 1, ("failure_rate", "baseline"): 0, ("unscored_eval_rows", "baseline"): 0,
        ("unclassified_failures", None): 0,
    }  # fmt: skip
    assert result.evidence == ()
    assert result.notes == ()


def test_a_prompt_that_fails_on_a_third():
    result = Results().run(data(run("few-shot", right(134))))
    rate = of(result, "failure_rate", "few-shot")
    assert (rate.value, rate.of) == (66 / ROWS, ROWS)
    assert rate.interval == pytest.approx(wilson(66 / ROWS, ROWS))
    assert of(result, "quality", "few-shot").value == pytest.approx(134 / ROWS)
    (table,) = result.evidence
    assert table.table.height == 66
    assert table.table.select("split", "row", "file", "line", "run", "id", "score", "result_file", "result_line").row(0) == (
        "eval", 0, "eval.jsonl", 1, "few-shot", "q0", 0.0, "few-shot.jsonl", 1,
    )  # fmt: skip
    assert table.excerpts == ("text", "output")
    assert "No failure of few-shot has a type" in result.notes[0]


def test_examples_without_a_score_are_not_failures():
    scores = [None] * 20 + [1.0] * 90 + [0.0] * 80
    result = Results().run(data(run("rag", scores)))
    assert of(result, "quality", "rag").value == pytest.approx(90 / 170)
    missing = of(result, "unscored_eval_rows", "rag")
    assert (missing.value, missing.of) == (30, ROWS)
    assert "rag: 30 of 200 eval rows have no score; they are left out" in result.notes[0]


def test_grades_fail_below_the_pass_score():
    scores = [0.2, 0.4, 0.5, 0.6, 1.0] * 40
    assert measured(data(run("baseline", scores)))["failure_rate[baseline]"] == 0.4
    assert measured(data(run("baseline", scores)), pass_score=0.6)["failure_rate[baseline]"] == pytest.approx(
        0.6
    )


def test_what_failures_are_about():
    words = ["tone"] * 30 + ["Hallucination"] * 10 + ["odd"] * 8 + [None] * 2 + [None] * 150
    result = Results().run(data(run("baseline", [0.0] * 50 + [1.0] * 150, failure=words)))
    found = {one.name: one.value for one in result.measures}
    assert found["behaviour_failure_share"] == 30 / 48
    assert found["fact_failure_share"] == pytest.approx(10 / 48)
    assert found["other_failure_share"] == pytest.approx(8 / 48)
    assert found["unclassified_failures"] == 2
    assert of(result, "behaviour_failure_share").interval == pytest.approx(wilson(30 / 48, 48))
    assert "Failure types that are neither behaviour nor facts by their words: 'odd' (8)." in result.notes
    types = result.evidence[-1].table
    assert types.rows() == [
        ("baseline", "tone", "behaviour", 30), ("baseline", "Hallucination", "fact", 10), ("baseline", "odd", "other", 8),
    ]  # fmt: skip


def test_failures_are_those_of_the_best_prompt():
    bad = run("baseline", [0.0] * 100 + [1.0] * 100, failure=["tone"] * 100 + [None] * 100)
    good = run("rag", [0.0] * 20 + [1.0] * 180, failure=["facts"] * 20 + [None] * 180)
    poc = run("poc", [0.0] * 10 + [1.0] * 190, failure=["tone"] * 10 + [None] * 190)
    found = measured(data(bad, good, poc))
    assert (found["fact_failure_share"], found["behaviour_failure_share"]) == (1, 0)


def test_the_target_and_what_is_missing_to_it():
    target = {"target-quality": Range(0.88, 0.9, 0.92)}
    result = Results().run(data(run("baseline", right(120)), run("rag", right(160)), answers=target))
    best, base = (of(result, "target_shortfall_points", group) for group in (None, "baseline"))
    assert (best.value, base.value) == pytest.approx((10, 30))
    low, high = wilson(0.8, ROWS)
    assert best.interval == pytest.approx((88 - 100 * high, 92 - 100 * low))
    assert best.by == "rag"
    reached = measured(data(run("rag", right(190)), answers=target))
    assert reached["target_shortfall_points"] == pytest.approx(-5)


def test_a_target_outside_0_to_1_is_told():
    target = {"target-quality": Range(90, 90, 90)}
    result = Results().run(data(run("baseline", right(120)), answers=target))
    assert "target_shortfall_points" not in {one.name for one in result.measures}
    assert any("must lie in 0 to 1" in note for note in result.notes)


def test_the_gain_on_the_same_examples():
    before, after = [1.0] * 120 + [0.0] * 80, [0.0] * 5 + [1.0] * 145 + [0.0] * 50
    result = Results().run(data(run("baseline", before), run("poc", after)))
    gain = of(result, "gain_points")
    assert gain.value == pytest.approx(12.5)
    assert gain.interval == pytest.approx(tuple(100 * edge for edge in score_interval(30, 5, ROWS)))
    found = {one.name: one.value for one in result.measures}
    assert found["gain_p"] == pytest.approx(mid_p(30, 5))
    assert found["gain_discordance"] == pytest.approx(35 / ROWS)
    assert found["gain_examples_needed"] == needed(0.05, 35 / ROWS)
    assert found["gain_examples"] == found["gain_effective_examples"] == ROWS
    assert gain.interval[0] > 5
    assert not found.keys() & {"gain_power", "gain_examples_to_settle"}
    (about,) = (note for note in result.notes if "gain_" in note)
    assert about.startswith(
        "gain_examples_needed is about a gain of exactly 5 points where the two differ on 17.5% of"
    )
    lost = next(one for one in result.evidence if "passed and the PoC failed" in one.title)
    assert lost.table["row"].to_list() == [0, 1, 2, 3, 4]
    assert lost.excerpts == ("output", "poc_output")


def test_an_undecided_gain_says_how_many_examples_would_settle_it():
    before, after = [1.0] * 120 + [0.0] * 80, [0.0] * 10 + [1.0] * 134 + [0.0] * 56
    result = Results().run(data(run("baseline", before), run("poc", after)))
    settle = of(result, "gain_examples_to_settle").value
    assert settle > ROWS
    assert any(f"about {settle:,} would settle whether it is 5 points" in note for note in result.notes)
    assert 0 < of(result, "gain_power").value < 1
    assert any(
        "gain_power and gain_examples_needed are about a gain of exactly 5 points" in note
        for note in result.notes
    )


def test_a_gain_that_is_not_reached_leaves_nothing_to_settle():
    result = Results().run(data(run("baseline", right(150)), run("poc", right(100))))
    assert of(result, "gain_points").interval[1] < 5
    assert not {one.name for one in result.measures} & {"gain_power", "gain_examples_to_settle"}
    assert not any("would settle" in note for note in result.notes)


def test_examples_that_only_one_run_has_do_not_count():
    before, after = [1.0] * 100 + [None] * 100, [None] * 50 + [0.0] * 10 + [1.0] * 140
    found = measured(data(run("baseline", before), run("poc", after)))
    assert (found["gain_examples"], found["gain_points"]) == (50, -20)


def test_the_poc_is_held_against_the_prompt_it_gains_least_over():
    runs = [
        run("baseline", right(100)),
        run("few-shot", right(150)),
        run("rag", right(140)),
        run("poc", right(170)),
    ]
    result = Results().run(data(*runs))
    assert of(result, "gain_points").value == pytest.approx(10)
    assert "few-shot" in of(result, "gain_points").by
    assert of(result, "gain_by_run_points", "baseline").value == pytest.approx(35)


def test_a_run_on_few_of_the_examples_is_not_what_the_poc_is_held_against():
    few = run("rag", [1.0] * 20 + [None] * 180)
    found = measured(data(run("baseline", right(100)), few, run("poc", right(150))))
    assert found["gain_points"] == pytest.approx(25)
    assert found["gain_examples"] == ROWS


def test_grades_are_compared_by_their_means():
    before, after = [0.25, 0.5, 0.75, 0.5] * 50, [0.5, 0.5, 0.75, 0.75] * 50
    result = Results().run(data(run("baseline", before), run("poc", after)))
    assert of(result, "gain_points").value == pytest.approx(12.5)
    assert of(result, "gain_p").value < 0.001


def test_near_copies_are_worth_one_example():
    base = texts(50)
    evals = [text if n < 3 else text.replace(text.split()[9], "changed") for text in base for n in range(4)]
    scores = [one for one in right(30, 50) for _ in range(4)]
    better = [one for one in right(40, 50) for _ in range(4)]
    audit = data(run("baseline", scores), run("poc", better), evals=evals)
    alone = data(run("baseline", right(30, 50)), run("poc", right(40, 50)), evals=base)
    copies, once = Results().run(audit), Results().run(alone)
    for name, group in (("failure_rate", "baseline"), ("quality", "poc"), ("gain_points", None)):
        found, expected = of(copies, name, group), of(once, name, group)
        assert (found.value, *found.interval) == pytest.approx((expected.value, *expected.interval))
    assert of(copies, "gain_p").value == pytest.approx(of(once, "gain_p").value)
    assert of(copies, "gain_effective_examples").value == pytest.approx(50)
    assert any("200 results are worth 50 independent ones" in note for note in copies.notes)


def test_without_text_each_example_counts():
    evals = helpers.stored("eval", {"id": [f"q{n}" for n in range(ROWS)]})
    result = Results().run(
        Data(train=helpers.split("train", ["x"]), eval=evals, results=run("baseline", right(100)))
    )
    assert of(result, "quality", "baseline").interval == pytest.approx(wilson(0.5, ROWS))
    assert any("counts as independent" in note for note in result.notes)
    assert "text" not in result.evidence[0].table.columns


def test_without_an_eval_set_that_may_be_seen():
    runs = pl.concat([run("baseline", right(100)), run("poc", right(150)[:150])])
    result = Results().run(Data(train=helpers.split("train", ["x"]), results=runs))
    assert of(result, "unscored_eval_rows", "poc").value == 50
    assert "row" not in result.evidence[0].table.columns
    assert result.evidence[0].table["result_line"].to_list()[:2] == [1, 3]


def test_related_tasks():
    before, after = (
        run("related-before", [1.0] * 80 + [0.0] * 20),
        run("related-after", [1.0] * 70 + [0.0] * 30),
    )
    result = Results().run(data(run("poc", right(100)), before, after))
    change = of(result, "related_change_points")
    assert change.value == pytest.approx(-10)
    assert change.interval == pytest.approx(tuple(100 * edge for edge in score_interval(0, 10, 100)))
    assert of(result, "quality", "related-after").of == 100
    assert ("unscored_eval_rows", "related-after") not in {(one.name, one.group) for one in result.measures}


def test_format_latency_and_cost():
    base = run(
        "rag", right(100), valid=[True] * 196 + [False] * 4, seconds=[1.0, 3.0] * 100, cost=[0.01] * ROWS
    )
    poc = run("poc", right(150), valid=[True] * 200, seconds=[0.5, 0.7] * 100, cost=[0.001, 0.003] * 100)
    result = Results().run(data(base, poc))
    assert of(result, "valid_share", "rag").interval == pytest.approx(wilson(0.98, ROWS))
    assert of(result, "valid_change_points").value == pytest.approx(2)
    assert of(result, "mean_seconds", "rag").value == pytest.approx(2)
    assert of(result, "mean_cost", "rag").interval is None, "always the same price"
    low, high = of(result, "mean_cost", "poc").interval
    assert low < 0.002 < high


def test_an_output_that_is_invalid_and_so_not_scored_counts_as_invalid():
    base = run("baseline", [None] * 50 + [1.0] * 150, valid=[False] * 50 + [True] * 150)
    assert measured(data(base))["valid_share[baseline]"] == 0.75


def test_a_poc_alone_has_no_gain():
    result = Results().run(data(run("poc", right(150))))
    assert "gain_points" not in {one.name for one in result.measures}
    assert any("its gain is not known" in note for note in result.notes)


def test_nothing_scored_is_nothing_measured():
    result = Results().run(data(run("baseline", [None] * 3)))
    assert (result.measures, result.evidence) == ((), ())
    assert Results().run(data(pl.DataFrame(schema=RESULTS))).measures == ()


def test_the_order_of_rows_changes_nothing():
    runs = [
        run("baseline", right(100), failure=["tone", None] * 100), run("rag", right(130)), run("poc", right(150)),
        run("related-before", right(60, 80)), run("related-after", right(50, 80)),
    ]  # fmt: skip
    audit = data(*runs)
    shuffled = replace(data(*runs), results=pl.concat(runs).sample(fraction=1, shuffle=True, seed=3))
    first, second = Results().run(audit), Results().run(shuffled)
    assert second.measures == first.measures
    assert second.notes == first.notes
    assert all(a.table.equals(b.table) for a, b in zip(first.evidence, second.evidence, strict=True))


def every(audit_of=data) -> Result:
    """The check on results in which everything can be measured, and the gain is not decided."""
    words = ["tone", "facts", "odd", None] * 50
    more = {
        "valid": [True, False] * 100,
        "seconds": [1.0, 2.0] * 100,
        "cost": [0.1, 0.2] * 100,
        "output": ["said " * 200] * ROWS,
    }
    runs = [run("baseline", right(100), failure=words, **more), run("poc", right(112), failure=words, **more)]
    runs += [run("related-before", right(50, 80)), run("related-after", right(50, 80))]
    return Results().run(audit_of(*runs, answers={"target-quality": Range(0.9, 0.9, 0.9)}))


def test_all_measures_can_be_measured():
    result = every()
    assert {one.name for one in result.measures} == set(Results.measures)
    keys = [(one.name, one.group) for one in result.measures]
    assert len(set(keys)) == len(keys)
    for one in result.measures:
        low, high = one.interval or (one.value, one.value)
        assert low <= one.value <= high, one
    assert all(note.endswith(".") for note in result.notes)


def test_excerpts_are_short():
    for evidence in every().evidence:
        assert evidence.table.height
        assert len(evidence.excerpts) <= 2
        for column in evidence.table.select(pl.col(pl.String)):
            assert (column.drop_nulls().str.len_chars() <= 300).all()


@pytest.mark.parametrize(
    "settings", [{"pass_score": 0}, {"pass_score": 1.5}, {"gain_points": 0}, {"gain_points": 101}]
)
def test_settings_without_sense_are_refused(settings):
    with pytest.raises(ValueError, match="it must lie above 0"):
        Results(**settings)

"""The check: what is counted, what it is held against, and what people are shown."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from auditor.gates import Verdict, decide, position
from auditor.policy import gates_for, load_policy
from checks.contract import Result
from checks.rewrites import Rewrites
from checks.rewritten.find import find
from checks.rewritten.shown import review_list
from tests import helpers
from tests.checks.rewritten.test_find import questions


def planted(rows: int):
    """GSM8K with so many rewrites of eval rows behind the rows of train."""
    train, evals, rewrites = questions()
    return helpers.data([*train, *(rewrites[row][0] for row in range(rows))], evals)


def gate(result: Result):
    gates = gates_for(load_policy(None), task=None, stage="before-training", require=("rewrites",), classes=0)
    (asked,) = (one for one in gates if one.id == "rewrites")
    return decide(asked, {"rewrites": result})


def test_a_clean_set_passes():
    result = Rewrites().run(planted(0))
    found = {one.name: one for one in result.measures}
    assert set(found) == set(Rewrites.measures)
    assert found["suspected_rewrites"].value + found["template_copies"].value <= 0.012 * 1319
    assert found["rewrites_beyond_noise"].value <= 0.004 * 1319
    low, high = found["decoy_floor"].interval
    assert low <= found["decoy_floor"].value <= high <= 0.02
    assert found["decoy_floor"].of == pytest.approx(660, abs=60)
    assert gate(result).verdict is Verdict.WARN  # an estimate that nobody verified
    (ruling, *_) = gate(result).rulings
    assert position(ruling.limit, found["rewrites_beyond_noise"]) == "inside"


def test_it_counts_in_no_verdict_unless_it_is_asked_for():
    gates = gates_for(load_policy(None), task=None, stage="before-training", require=(), classes=0)
    assert [one.required for one in gates if one.id == "rewrites"] == [False]


def test_planted_rewrites_are_counted_warned_of_and_listed():
    result = Rewrites().run(planted(200))
    found = {one.name: one.value for one in result.measures}
    assert found["suspected_rewrites"] + found["template_copies"] >= 180
    assert found["strong_rewrites"] >= 120
    assert found["rewrites_beyond_noise"] >= 100
    assert gate(result).verdict is Verdict.WARN
    (shown,) = result.evidence
    table = shown.table
    assert shown.title.startswith("Eval rows that train seems to hold in other words (")
    assert shown.excerpts == ("text", "train_text")
    assert table["score"].is_sorted(descending=True)
    own = table.filter(pl.col("train_row") == pl.col("row") + len(questions()[0]))
    assert len(own) >= 180
    assert set(table["kind"]) == {"suspected rewrite", "template copy"}
    assert set(table["tier"]) == {"review", "strong"}
    assert table["row"].n_unique() == len(table)
    assert (table.filter(kind="template copy")["numbers"] == "numbers changed").all()
    assert own["train_line"].to_list() == [row + 1 for row in own["train_row"]]
    assert table["answer"].null_count() == len(table)  # prompts alone have none
    assert any(note.startswith("Noise floor: of ") for note in result.notes)


def test_the_list_quotes_the_part_that_was_compared_and_masks_what_stands_around_it():
    train, evals, rewrites = questions()
    turns = [rewrites[row][0] for row in range(0, 60, 4)]
    rng, words = helpers.seeded(8), helpers.vocabulary(3_000, seed=9)
    mail = "jane.doe@corporate-mail.com"
    chats = [
        "\n".join([*(" ".join(rng.choices(words, k=40)) for _ in range(6)), f"{mail} {turn}", *turns[:1]])
        for turn in turns
    ]
    table = Rewrites().run(helpers.data(train + chats, evals)).evidence[0].table
    own = table.filter(pl.col("train_row") >= len(train))
    assert len(own) >= 10
    for row, number, quoted in own.select("row", "train_row", "train_text").iter_rows():
        turn = turns[number - len(train)] if row else turns[0]
        assert turn[:40] in quoted, row
    assert "corporate" not in "".join(own["train_text"])
    assert "***" in "".join(own["train_text"])


def test_rows_stand_under_the_measure_that_counts_them():
    data = planted(40)
    judged = data.once(find).judged
    lowered = judged._replace(score=np.where(np.arange(len(judged.row)) % 3, judged.score, 0.0))
    shown = review_list(data.train, data.eval, lowered)
    values = {one.name: one.value for one in Rewrites().run(data).measures}
    assert set(shown.counted.measures.values()) <= set(values)
    low = shown.table.filter(kind="answer-supported")
    assert low["score"].to_list() == [0.0] * -(-len(judged.row) // 3)
    assert shown.counted.measures["answer-supported"] == "answer_supported_rewrites"
    assert f"{len(low)} answer-supported)" in shown.title
    assert (shown.table.filter(pl.col("kind") != "answer-supported")["score"] > 0).all()
    as_found = review_list(data.train, data.eval, judged).table
    assert len(as_found.filter(kind="template copy")) == values["template_copies"]


def test_above_its_limit_of_rows_nothing_is_measured_and_the_report_says_how_to_ask():
    data = planted(0)
    result = Rewrites(most_rows=2_000).run(data)
    assert result.measures == ()
    assert result.notes == (
        (
            "not looked for: train has 2,300 rows and the setting most-rows is 2,000; ask for it with [check.rewrites] "
            "most-rows = 2300 in auditor.toml."
        ),
    )
    assert gate(result).verdict is Verdict.UNKNOWN
    with pytest.raises(ValueError, match="most-rows is -1"):
        Rewrites(most_rows=-1)


def test_eval_rows_have_a_limit_of_their_own():
    result = Rewrites(most_eval_rows=1_318).run(planted(0))
    assert result.measures == ()
    assert "eval has 1,319 rows and the setting most-eval-rows is 1,318; ask for it" in result.notes[0]
    with pytest.raises(ValueError, match="most-eval-rows is -1"):
        Rewrites(most_eval_rows=-1)


def test_what_is_beyond_noise_is_an_estimate_as_wide_as_the_floor_that_it_rests_on():
    train, evals, rewrites = questions()
    result = Rewrites().run(helpers.data([*train, *(rewrites[row][0] for row in range(40))], evals[:40]))
    found = {one.name: one for one in result.measures}
    beyond, floor = found["rewrites_beyond_noise"], found["strong_decoy_floor"]
    assert beyond.basis == "estimated"
    strong = found["strong_rewrites"].value
    assert strong >= 20
    assert beyond.interval == tuple(max(0, strong - 3 * beyond.of * share) for share in floor.interval[::-1])
    assert beyond.interval[0] < beyond.value <= beyond.interval[1]
    assert gate(result).verdict is Verdict.WARN
    (said,) = (note for note in result.notes if note.startswith("Noise floor"))
    assert f"of {floor.of} eval rows looked for among " in said
    assert "of 2,340 rows" in said


def test_small_sets_are_told_and_unknown():
    train, evals, rewrites = questions()
    result = Rewrites().run(helpers.data([*train[:100], rewrites[0][0]], evals))
    assert result.measures == ()
    assert "200 or more" in result.notes[0]
    assert gate(result).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("evals", [[], ["one row alone that nobody wrote before"]])
def test_hardly_any_eval_rows(evals):
    result = Rewrites().run(helpers.data(questions()[0], evals))
    assert not result.evidence
    assert all(one.value == 0 for one in result.measures)


def test_short_rows_are_counted_as_not_looked_for():
    train, evals, _ = questions()
    found = helpers.measured(Rewrites(), helpers.data(train, [*evals[:50], "yes", "no", ""]))
    assert found["unscored_eval_rows"] == 3

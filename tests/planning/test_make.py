"""The plan: every number by hand, and what it says where something cannot be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from auditor.load.work import Work
from auditor.planning.make import plan_files
from auditor.planning.model import Plan, Step, Target
from auditor.prices import load_prices
from auditor.settings import Settings
from tests import helpers
from tests.commands import labelled_rows, plain_rows, texts, write


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def plan(
    train: Sequence[Mapping[str, Any]],
    evals: Sequence[Mapping[str, Any]] | None = None,
    prices: Mapping[str, Any] | None = None,
    **settings: Any,
) -> Plan:
    write("train.jsonl", train)
    if evals is not None:
        write("eval.jsonl", evals)
    asked = Settings(train=("train.jsonl",), eval=("eval.jsonl",) if evals is not None else (), **settings)
    made, failed = plan_files(asked, load_prices(prices), Work(cache=Path("cache")))
    assert not failed
    assert msgspec.json.decode(made.to_json(), type=Plan) == made
    return made


def steps(made: Plan) -> dict[str, Step]:
    return {one.id: one for one in made.steps}


def count(step: Step) -> tuple[float, float, float | None]:
    assert step.count is not None
    return step.count.low, step.count.expected, step.count.high


def target(made: Plan, level: str, group: str | None = None) -> Target:
    (found,) = (one for one in made.targets if (one.level, one.group) == (level, group))
    return found


def answered(rows: int, seed: int, **more: str) -> list[dict[str, Any]]:
    return [{"prompt": text, "response": text[::-1], **more} for text in texts(rows, seed)]


def test_enough_rows_need_no_labels() -> None:
    made = plan(answered(5_100, 2), answered(1_000, 3), task="style")
    assert made.headline.startswith("No more rows are needed: 5,100 usable ones are there.")
    assert not {"rows-minimum", "rows-recommended", "eval-minimum", "eval-gain", "leaks"} & set(steps(made))
    assert target(made, "minimum").short == target(made, "recommended").short == 0
    assert target(made, "good").short == 20_000 - 5_100


def test_the_levels_are_those_of_task_and_stance() -> None:
    rows = answered(300, 2)
    needs = {
        stance: [
            target(plan(rows, task="style", stance=stance), level).need
            for level in ("minimum", "recommended")
        ]
        for stance in ("strict", "balanced", "lenient", "S2")
    }
    assert needs == {
        "strict": [1_000, 5_000],
        "balanced": [750, 3_500],
        "lenient": [500, 2_000],
        "S2": [500, 2_000],
    }


def test_copies_are_paid_for_and_do_not_count() -> None:
    rows = answered(300, 2)
    found = target(plan([*rows, *rows[:100]], task="style"), "minimum")
    assert (found.have, found.of, found.short) == (300, 400, 450)
    assert found.usable_share == 0.75
    assert found.label.expected == 600
    assert found.label.high is not None
    assert found.label.high >= ceil(450 * 400 / 200), "only 200 of 400 rows repeat no other"


def test_money_and_days() -> None:
    rows = answered(350, 2)
    own = {"label": [0.5, 2, 4], "rows-per-labeler-day": [40, 50, 100], "currency": "EUR", "rate": 1}
    step = steps(plan(rows, prices=own, task="style"))["rows-minimum"]
    low, expected, high = count(step)
    assert (low, expected) == (400, 400)
    assert step.money is not None
    assert step.days is not None
    assert high is not None
    assert (step.money.low, step.money.expected, step.money.high) == (200, 800, 4 * high)
    assert (step.days.low, step.days.expected, step.days.high) == (4, 8, pytest.approx(high / 40))
    assert "800 EUR" in plan(rows, answered(1_000, 3), prices=own, task="style").headline


def test_five_thousand_rows_are_100_labeler_days_and_5000_dollars() -> None:
    step = steps(plan(plain_rows(6_000, 2), task="domain-chat"))["rows-minimum"]
    assert step.days is not None
    assert step.money is not None
    assert (step.days.expected, step.money.expected) == (100, 5_000), "S1's figures"


def test_rows_that_wait_are_labelled_first() -> None:
    rows = answered(200, 2) + [{"prompt": text, "response": ""} for text in texts(150, 4)]
    found = target(plan(rows, task="style"), "minimum")
    assert (found.have, found.waiting) == (200, 150)
    assert found.new.expected == 400
    assert found.label.expected == 550


def test_nothing_labelled_is_said() -> None:
    made = plan(plain_rows(600, 2), plain_rows(1_000, 3), task="style")
    assert target(made, "minimum").have == 0
    assert target(made, "minimum").waiting == 600
    assert any("nothing is labelled yet" in one.what for one in made.unknown)
    assert count(steps(made)["labelers"]) == (3, 3, 3)
    assert count(steps(made)["overlap"]) == (200, 200, 200)


def test_only_distinct_rows_are_labelled_where_nothing_is_yet() -> None:
    rows = plain_rows(400, 2)
    found = target(plan([*rows, *rows[:200]], task="style"), "minimum")
    assert (found.waiting, found.short, found.usable_share) == (400, 750, None)
    assert (found.label.low, found.label.expected, found.label.high) == (750, 750, 750)
    assert found.new.expected == ceil(350 * 600 / 400), "a third of what is found are copies"


def test_a_recommendation_below_the_minimum_is_no_step() -> None:
    rows = [{"prompt": text, "chosen": text[::-1], "rejected": text[1:]} for text in texts(100, 2)]
    made = plan(rows, task="preference")
    assert target(made, "minimum").need > target(made, "recommended").need
    assert "rows-minimum" in steps(made)
    assert "rows-recommended" not in steps(made)


def test_no_task_is_said_and_not_assumed() -> None:
    made = plan(answered(300, 2))
    assert made.task is None
    assert any("none is named" in one.what and "--task" in one.settle for one in made.unknown)


def test_without_eval_the_numbers_are_the_least_there_can_be() -> None:
    made = plan(answered(300, 2), task="style")
    assert count(steps(made)["eval-minimum"]) == (525, 525, None)
    assert count(steps(made)["eval-gain"]) == (626, 626, None), "METHODS: 626 at a discordance of .2"
    assert made.steps[0].id == "eval-minimum", "S1: the eval set first"
    assert any("rows that leak are not deducted" in note for note in made.notes)


def test_eval_rows_count_without_copies() -> None:
    train, evals = answered(300, 2), answered(500, 3)
    made = plan(train, [*evals, *evals[:100], *train[:50]], task="style")
    step = steps(made)["eval-gain"]
    assert (step.have, step.need) == (550, 626), "what leaks is taken out of train, so it counts"
    assert count(step)[1] == ceil(76 * 650 / 550)
    leaks = steps(made)["leaks"]
    assert (count(leaks)[1], leaks.have, leaks.money) == (50, 50, None)
    assert made.targets[0].have == 250, "what leaks is not usable"


def test_classes_that_lack_rows() -> None:
    rows = labelled_rows(900, 2)
    rare = [{**row, "label": "rare"} for row in labelled_rows(20, 5)]
    made = plan([*rows, *rare], plain_rows(10, 3), task="classification")
    found = target(made, "minimum", "rare")
    assert (found.need, found.have, found.of, found.short) == (50, 20, 20, 30)
    assert found.at_random is not None
    assert found.at_random.expected == ceil(found.label.expected * 920 / 20)
    step = steps(made)["rows-minimum"]
    assert step.count == found.label, "there are enough rows in all"
    assert "1 rare classes" in step.what


def test_wrong_labels_are_deducted_from_new_rows() -> None:
    """Every item judged by three, one of ten judgements wrong: the majority is nearly always right, single ones are not."""
    rng = helpers.seeded(4)
    base = list(texts(400, 2))

    def judged(times: int) -> list[dict[str, Any]]:
        return [
            {
                "text": text,
                "label": rng.choice("ab") if rng.random() < 0.2 else "ab"[n % 2],
                "annotator": f"w{who}",
                "item": n,
            }
            for n, text in enumerate(base)
            for who in range(times)
        ]

    found = target(plan(judged(3), task="classification", map={"item": "item"}), "recommended")
    assert found.usable_share is not None
    assert 0.9 < found.usable_share < 1
    assert found.money.expected == pytest.approx(3 * found.label.expected)


def test_the_busiest_labeler_waits() -> None:
    rows = [{**row, "annotator": "ann" if n % 10 else "bob"} for n, row in enumerate(labelled_rows(900, 2))]
    made = steps(plan(rows, task="classification"))
    assert count(made["spread"])[1] == ceil(810 / 0.4 - 900)
    assert made["spread"].money is None, "they are part of the labels that are counted elsewhere"
    assert count(made["labelers"])[1] == 1


def test_overlap_is_a_share_of_what_there_will_be() -> None:
    rows = labelled_rows(900, 2)
    made = plan(rows, task="classification", stance="S1")
    whole = 900 + int(next(one.label.expected for one in made.targets if one.short))
    assert count(steps(made)["overlap"])[1] == max(200, ceil(0.05 * whole))


def test_unknown_labelers_are_said() -> None:
    made = plan(answered(300, 2), task="style")
    assert any("how many labelers" in one.what for one in made.unknown)
    assert not {"labelers", "overlap"} & set(steps(made))


def sourced() -> list[dict[str, Any]]:
    """Two sources: half of what the agency brought are copies."""
    desk, agency = answered(300, 2, source="desk"), answered(150, 4, source="agency")
    return [*desk, *agency, *agency]


def test_which_source_gives_most_for_the_money() -> None:
    first, second = plan(sourced(), task="style").suppliers
    assert (first.group, first.usable_share, first.standing) == ("desk", 1.0, "best")
    assert (second.group, second.usable_share, second.standing) == ("agency", 0.5, "behind")
    assert (first.per_100.expected, second.per_100.expected) == (100, 50)


def test_a_cheaper_source_may_give_more() -> None:
    prices = {"label": 2, "label-by-source": {"agency": 0.5}}
    first, second = plan(sourced(), prices=prices, task="style").suppliers
    assert (first.group, first.per_100.expected, second.per_100.expected) == ("agency", 100, 50)
    assert second.standing == "behind"
    free, _ = plan(sourced(), prices={"label-by-source": {"agency": 0}}, task="style").suppliers
    assert (free.group, free.per_100.high) == ("agency", None)


def test_one_source_is_no_choice() -> None:
    assert plan(answered(300, 2, source="desk"), task="style").suppliers == ()


def test_rows_of_pretraining_need_no_label() -> None:
    made = plan(plain_rows(300, 2), task="continued-pretraining")
    step = steps(made)["rows-minimum"]
    assert count(step)[1] == 100_000 - 300
    assert step.money is not None
    assert step.money.expected == 0
    assert "to add reach the minimum" in made.headline


def test_the_poc_policy_asks_for_its_own_numbers() -> None:
    made = plan(answered(60, 2), task="style", policy="poc")
    assert [target(made, level).need for level in ("minimum", "recommended")] == [100, 500]


def test_row_order_and_a_second_run_change_nothing() -> None:
    rows, evals = sourced(), answered(40, 7)
    first = plan(rows, evals, task="style")
    assert plan(rows, evals, task="style") == first
    helpers.seeded(1).shuffle(rows)
    shuffled = plan(rows, evals, task="style")
    same = [name for name in Plan.__struct_fields__ if name != "inputs"]
    assert [getattr(shuffled, name) for name in same] == [getattr(first, name) for name in same]


def test_limits_without_a_step_are_listed_besides() -> None:
    made = plan([*answered(300, 2), {"prompt": "", "response": "hello there"}], task="style")
    assert [(one.gate, one.measure) for one in made.besides][:1] == [("structure", "empty_turns")]


def test_a_review_is_asked_for_where_noise_is_not_known() -> None:
    made = plan(
        [{"text": text, "label": f"{n % 2}"} for n, text in enumerate(texts(600, 2))], task="classification"
    )
    assert count(steps(made)["review"])[1] >= 200
    assert any("how many labels are wrong" in one.what for one in made.unknown)


def by_labelers(rows: int) -> list[dict[str, Any]]:
    return [{**row, "annotator": ("ann", "bob", "eve")[n % 3]} for n, row in enumerate(answered(rows, 2))]


def test_no_more_rows_are_judged_again_than_there_are() -> None:
    made = plan(by_labelers(60), task="style")
    overlap = steps(made)["overlap"]
    assert count(overlap)[1] == 200
    assert "--rows 60 --to again.csv judges the 60 usable rows there are once more" in overlap.how
    assert overlap.how.endswith("the other 140 with --overlap 140 when further rows are labelled")
    assert any("have 60 rows judged by a second person" in one.settle for one in made.unknown)
    many = steps(plan(by_labelers(300), task="style"))["overlap"]
    assert many.how.endswith("--rows 200 --to again.csv")


def test_rows_that_wait_are_judged_by_two_from_the_start() -> None:
    waiting = [{"prompt": text, "response": ""} for text in texts(150, 4)]
    made = plan([*by_labelers(300), *waiting], task="style")
    assert steps(made)["overlap"].how.endswith("--rows 200 --to again.csv --overlap 200")


def test_rows_are_called_right_only_where_that_is_known() -> None:
    made = plan(answered(300, 2), task="style")
    assert any("how many labels are wrong" in one.what for one in made.unknown)
    assert "100.0% of the labelled rows are usable" in steps(made)["rows-minimum"].why
    assert not any("and right" in one.why for one in made.steps)
    again = [
        {"text": text, "label": "ab"[n % 2], "annotator": who, "item": n}
        for n, text in enumerate(texts(300, 2))
        for who in ("ann", "bob", "eve")
    ]
    known = plan(again, task="classification", map={"item": "item"})
    assert any("of the labelled rows are usable and right" in one.why for one in known.steps)


def test_a_price_of_nobody_is_said() -> None:
    prices = {"label-by-source": {"agncy": 0.5, "desk": 2}}
    (note,) = (one for one in plan(sourced(), prices=prices, task="style").notes if "label-by-source" in one)
    assert note.startswith("The price of 'agncy' in label-by-source is not used")
    assert note.endswith("did you mean 'agency'?")
    own = {"label-by-source": {"agency": 0.5, "desk": 2}}
    assert not any("label-by-source" in one for one in plan(sourced(), prices=own, task="style").notes)
    none = plan(answered(300, 2), prices=own, task="style").notes
    assert sum("is not used" in one for one in none) == 2

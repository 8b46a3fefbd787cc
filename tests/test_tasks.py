"""The worked table of resolved minimums: what each stance makes of the sources, by hand."""

from __future__ import annotations

import pytest

from auditor.errors import PolicyError
from auditor.tasks import ANY, check_stance, check_task, resolve, rows_for, task_rows, task_table

# task, source, minimum, recommended, good
STATED = {
    ("classification", "S1", 500, 2_000, 5_000), ("classification", "S2", 200, 2_000, None),
    ("extraction", "S2", 500, 5_000, None),
    ("style", "S1", 1_000, 5_000, 20_000), ("style", "S2", 500, 2_000, None),
    ("persona", "S0", 500, 2_000, None), ("format", "S0", 500, 2_000, None),
    ("domain-knowledge", "S2", 1_000, 10_000, None), ("domain-sft", "S0", 1_000, 10_000, None),
    ("domain-chat", "S1", 5_000, 20_000, 100_000), ("open-generation", "S2", 2_000, 20_000, None),
    ("instruction", "S1", 50_000, 200_000, 1_000_000), ("function-calling", "S0", 1_000, 5_000, None),
    ("preference", "S1", 1_000, 5_000, 20_000), ("preference", "S0", 10_000, None, None),
    ("continued-pretraining", "S0", 100_000, None, None),
    (ANY, "S1", 5_000, None, None), (ANY, "S3", 200, 2_000, None), (ANY, "S4", 1_000, 10_000, None),
    (ANY, "S0", 1_000, None, None),
}  # fmt: skip

# task, classes, then (minimum, recommended) for strict, balanced and lenient
WORKED = [
    ("classification", 3, (200, 2_000), (175, 1_300), (150, 600)),
    ("classification", 10, (500, 2_000), (350, 2_000), (200, 2_000)),
    ("classification", 77, (3_850, 15_400), (2_025, 8_700), (200, 2_000)),
    ("extraction", 0, (500, 5_000), (500, 5_000), (500, 5_000)),
    ("style", 0, (1_000, 5_000), (750, 3_500), (500, 2_000)),
    ("persona", 0, (500, 2_000), (500, 2_000), (500, 2_000)),
    ("format", 0, (500, 2_000), (500, 2_000), (500, 2_000)),
    ("domain-knowledge", 0, (1_000, 10_000), (1_000, 10_000), (1_000, 10_000)),
    ("domain-sft", 0, (1_000, 10_000), (1_000, 10_000), (1_000, 10_000)),
    ("domain-chat", 0, (5_000, 20_000), (5_000, 20_000), (5_000, 20_000)),
    ("open-generation", 0, (2_000, 20_000), (2_000, 20_000), (2_000, 20_000)),
    ("instruction", 0, (50_000, 200_000), (50_000, 200_000), (50_000, 200_000)),
    ("function-calling", 0, (1_000, 5_000), (1_000, 5_000), (1_000, 5_000)),
    ("preference", 0, (10_000, 5_000), (5_500, 5_000), (1_000, 5_000)),
    ("continued-pretraining", 0, (100_000, None), (100_000, None), (100_000, None)),
    (ANY, 0, (5_000, 10_000), (1_000, 6_000), (200, 2_000)),
]


@pytest.mark.parametrize(
    ("task", "classes", "strict", "balanced", "lenient"), WORKED, ids=lambda value: str(value)
)
def test_each_stance_resolves_the_worked_table(task, classes, strict, balanced, lenient):
    for stance, expected in (("strict", strict), ("balanced", balanced), ("lenient", lenient)):
        found = [
            resolve(rows_for(task), column, stance=stance, classes=classes, what=task)
            for column in ("minimum", "recommended")
        ]
        assert tuple(None if one is None else one.value for one in found) == expected, stance


def test_the_worked_table_covers_every_task():
    assert {row[0] for row in WORKED} == {*task_table().tasks, ANY}


def test_eval_minimums():
    values = [
        resolve(task_table().eval, "minimum", stance=stance, classes=0, what="eval").value
        for stance in ("strict", "balanced", "lenient", "S1", "S3")
    ]
    assert values == [1_000, 525, 50, 1_000, 50]


def test_a_source_by_name_decides_alone_and_says_what_the_others_say():
    found = resolve(
        rows_for("classification"), "minimum", stance="S2", classes=77, what="task classification"
    )
    assert found.value == 200
    assert found.how == "minimum of task classification after S2; all: S1 3,850, S2 200"


def test_a_source_that_says_nothing_is_an_error_that_names_those_that_do():
    with pytest.raises(PolicyError, match="S4 says nothing about task style; S1, S2 do"):
        resolve(rows_for("style"), "minimum", stance="S4", classes=0, what="task style")


def test_rows_of_any_decide_only_without_a_task():
    assert {row.task for row in rows_for(None)} == {ANY}
    assert {row.task for row in rows_for("style")} == {"style"}


def test_the_whole_table_of_the_sources_is_there():
    stated = {(row.task, row.source, row.minimum, row.recommended, row.good) for row in task_table().rows}
    assert stated == STATED
    assert set(task_table().sources) == {row.source for row in task_table().rows}


def test_the_rows_that_decide_are_those_of_the_stance():
    def sources(task, stance):
        return [[(row.task, row.source) for row in rows] for rows in task_rows(task, stance)]

    both = [("style", "S1"), ("style", "S2")]
    shown = [(ANY, row.source) for row in rows_for(ANY)]
    assert sources("style", "strict") == [both, shown]
    assert sources("style", "S2") == [both[1:], [both[0], *shown]]
    assert sources(None, "balanced") == [shown, []]
    assert sources(None, "S3") == [[(ANY, "S3")], [one for one in shown if one[1] != "S3"]]


@pytest.mark.parametrize("stance", ["strict", "balanced", "lenient", "S0", "S4"])
def test_stances_that_exist(stance):
    check_stance(stance)


def test_unknown_names_get_a_suggestion():
    with pytest.raises(PolicyError, match="did you mean 'strict'"):
        check_stance("stric")
    with pytest.raises(PolicyError, match="did you mean 'classification'"):
        check_task("clasification")

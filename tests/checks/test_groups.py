"""Groups on both sides and the period of train, against plain Python."""

import random
from collections import Counter
from collections.abc import Sequence

import pytest

from checks.contract import EXCERPT, GROUPS, Data, Result
from checks.groups import NOBODY, shared_groups
from tests import helpers

Names = Sequence[str | None]


def found(train: dict[str, Names], evals: dict[str, Names]) -> Result:
    rows = [len(next(iter(columns.values()))) for columns in (train, evals)]
    sides = [
        helpers.stored(role, {"text": [f"{role} {n}" for n in range(size)], **columns})
        for role, size, columns in zip(("train", "eval"), rows, (train, evals), strict=True)
    ]
    return shared_groups(Data(train=sides[0], eval=sides[1]))


def measured(result: Result) -> dict[str | None, tuple[float, int | None]]:
    return {measure.group: (measure.value, measure.of) for measure in result.measures}


@pytest.mark.parametrize("kind", GROUPS)
def test_different_groups_share_nothing(kind):
    result = found({kind: ["a", "b", "A"]}, {kind: ["c", "d", "e"]})
    assert measured(result) == {kind: (0, 3)}
    assert result.evidence == ()
    assert result.notes == ()


def test_without_such_columns_nothing_is_measured():
    assert found({"id": ["a"]}, {"id": ["a"]}) == Result(())
    assert shared_groups(helpers.data(["a"])) == Result(())
    assert found({"document": [None]}, {"document": [None]}) == Result(())


@pytest.mark.parametrize("seed", range(5))
def test_rows_of_shared_groups_are_those_of_plain_python(seed):
    rng = random.Random(seed)  # noqa: S311
    names = [*"abcdefghij", " a ", "", None, "Unknown", "[deleted]"]
    sides = [{kind: [rng.choice(names) for _ in range(40)] for kind in GROUPS} for _ in range(2)]
    result = found(*sides)
    for kind in GROUPS:
        ours, theirs = (
            [name.strip() for name in side[kind] if name and name.strip().lower() not in NOBODY]
            for side in sides
        )
        shared = [name for name in theirs if name in ours]
        assert measured(result)[kind] == (len(shared), len(theirs))
        table = result.evidence[0].table.filter(kind=kind)
        assert dict(table.select("group", "eval_rows").rows()) == dict(Counter(shared))
        assert table["train_rows"].to_list() == [Counter(ours)[name] for name in table["group"]]
        assert f"{40 - len(theirs)} of 40 eval rows name no {kind}." in result.notes


def test_the_evidence_names_groups_and_the_first_row_of_each_side():
    result = found({"user": ["x", "b", "b", "a"]}, {"user": ["a", "c", "b", "b"]})
    (evidence,) = result.evidence
    assert evidence.labels == ("group",), "--redact leaves the names out"
    columns = ("row", "line", "train_row", "train_line", "group", "eval_rows", "train_rows")
    assert evidence.table.select(columns).rows() == [(2, 3, 1, 2, "b", 2, 2), (0, 1, 3, 4, "a", 1, 1)]


def test_one_side_without_the_column_is_told():
    result = found({"document": ["a"]}, {"id": ["a"]})
    assert result.measures == ()
    assert result.notes == (
        "The train rows name their document, those of eval do not, so no group can be compared.",
    )


def test_long_and_hostile_names_stay_short():
    name = "=cmd|' /C calc'!A0\x1b[31m" + "x" * 900
    (evidence,) = found({"user": [name]}, {"user": [name]}).evidence
    assert len(evidence.table["group"][0]) == EXCERPT


def test_row_order_changes_no_count():
    names = [f"g{n % 7}" for n in range(60)]
    expected = measured(found({"document": names}, {"document": names[3:6]}))
    assert measured(found({"document": names[::-1]}, {"document": names[5:2:-1]})) == expected


@pytest.mark.parametrize(
    ("evals", "share", "said"),
    [
        (["2025-01-15", "2025-02-01", "2025-03-31"], 1, "3 of 3"),
        (["2025-04-01", "2025-05-01", "2026-01-01"], 0, "0 of 3"),
        (["2025-01-01", "2024-12-31", "2025-04-01", None, "soon"], 1 / 3, "1 of 3"),
        (["1735689600", "1.7434656e9", "2025-03-31T00:00:00Z"], 2 / 3, "2 of 3"),
    ],
)
def test_eval_rows_within_the_period_of_train(evals, share, said):
    result = found({"time": ["2025-01-01", None, "2025-03-31", "2025-02-02"]}, {"time": evals})
    (measure,) = result.measures
    assert (measure.name, measure.kind, measure.of) == ("same_period_share", "share", 3)
    assert measure.value == pytest.approx(share)
    assert result.notes[0].startswith(
        f"{said} eval rows with a time lie within the period of train (2025-01-01 to 2025-03-31)"
    )


@pytest.mark.parametrize("times", [["soon", "later"], ["2025-01-01", "2025-01-01"], ["1e300", "1e300"]])
def test_times_that_tell_no_period(times):
    result = found({"time": times}, {"time": ["2025-01-01"]})
    assert result.measures == ()
    assert "tell no period" in result.notes[0]

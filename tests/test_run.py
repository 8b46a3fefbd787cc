"""Checks x data -> outcomes: what could not run, or crashed, or returned rubbish, is a value and never a pass."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, ClassVar

import numpy as np
import polars as pl
import pytest

from auditor.gates import NotRun
from auditor.registry import BUILTIN
from auditor.run import run
from checks.contract import Data, Evidence, Measure, Result
from tests import helpers


@dataclass(frozen=True)
class Mine:
    """A check that does what it is told."""

    id: ClassVar[str] = "mine"
    title: ClassVar[str] = "Mine"
    needs: ClassVar[frozenset[str]] = frozenset({"train.text"})
    measures: ClassVar[tuple[str, ...]] = ("rows",)

    does: Any = lambda _data: Result((Measure(name="rows", value=1),))

    def run(self, data: Data) -> Result:
        """Do it."""
        return self.does(data)


@dataclass(frozen=True)
class Needy:
    """A check that needs what the data may lack."""

    needs: frozenset[str]
    id: ClassVar[str] = "needy"
    title: ClassVar[str] = "Needy"
    measures: ClassVar[tuple[str, ...]] = ()

    def run(self, _data: Data) -> Result:
        """Nothing to measure."""
        return Result(())


def outcome(check, data=None, **more):
    found = run([check], data or helpers.data(["one text"]), broken={}, **more)
    assert list(found) == [check.id]
    return found[check.id]


def doing(value) -> Mine:
    return Mine(does=lambda _data: value)


# Clean


def test_a_check_that_can_run_runs():
    assert outcome(Mine()) == Result((Measure(name="rows", value=1),))
    assert outcome(Needy(frozenset())) == Result(())
    assert outcome(Needy(frozenset({"train.text", "train.file", "train.row"}))) == Result(())


def test_outcomes_keep_the_order_of_the_checks_and_broken_ones_come_last():
    broken = {"a": NotRun("failed to load", "why")}
    seen: list[str] = []
    data = replace(helpers.data(["x"]), tick=lambda what, _done, _of: seen.append(what))
    found = run([Mine(), Needy(frozenset())], data, broken=broken)
    assert list(found) == ["mine", "needy", "a"]
    assert seen == ["checking mine", "checking needy"]


def test_every_check_of_ours_has_an_outcome_on_bare_data():
    found = run([check() for check in BUILTIN], helpers.data(["x"]), broken={})
    assert list(found) == [check.id for check in BUILTIN]
    assert not [name for name, made in found.items() if isinstance(made, NotRun) and made.kind == "crashed"]


def test_numbers_of_numpy_become_pythons_own():
    measure = Measure(
        name="rows",
        value=np.float32(0.5),
        of=np.int64(3),
        kind="share",
        interval=(np.float64(0.25), np.int8(1)),
    )
    (found,) = outcome(doing(Result((measure,)))).measures
    assert (found.value, found.of, found.interval) == (0.5, 3, (0.25, 1))
    assert [type(value) for value in (found.value, found.of, *found.interval)] == [float, int, float, int]


def test_whole_numbers_stay_whole():
    (found,) = outcome(doing(Result((Measure(name="rows", value=np.uint64(2**60 + 1)),)))).measures
    assert found.value == 2**60 + 1


def test_a_number_that_is_none_is_kept_for_the_report_to_show():
    (found,) = outcome(doing(Result((Measure(name="rows", value=math.nan),)))).measures
    assert math.isnan(found.value)


# What could not run


@pytest.mark.parametrize(
    ("needs", "why"),
    [
        ({"eval.text"}, "name the eval file with --eval FILE"),
        ({"labels.labeler"}, "--map COLUMN=labeler"),
        ({"train.label"}, "--map COLUMN=label"),
        ({"answers.budget"}, "the data has no answers.budget"),
    ],
)
def test_what_the_data_lacks_is_named_with_a_way_out(needs, why):
    found = outcome(Needy(frozenset(needs)))
    assert found.kind == "skipped"
    assert why in found.why


def test_what_the_format_can_never_offer_is_not_applicable():
    data = Data(train=helpers.split("train", ["x"]), impossible=frozenset({"train.label"}))
    assert outcome(Needy(frozenset({"train.label", "eval.text"})), data) == NotRun(
        "not applicable", "data of this format has no train.label"
    )


# Crashes


def crash(error: BaseException) -> Mine:
    def does(_data):
        raise error

    return Mine(does=does)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("of some kind"),
        SystemExit(0),
        SystemExit("of some kind"),
        RecursionError(),
        MemoryError(),
        EOFError(),
    ],
    ids=repr,
)
def test_a_crash_is_a_value_that_says_where(error):
    found = outcome(crash(error))
    assert found.kind == "crashed"
    assert found.why.startswith(f"{type(error).__name__} at test_run.py:")
    assert found.why.endswith(str(error))


def test_a_panic_of_polars_is_a_crash():
    def does(_data):
        raise pl.exceptions.PanicException("index out of bounds")

    assert outcome(Mine(does=does)).kind == "crashed"


def test_ctrl_c_is_no_crash():
    with pytest.raises(KeyboardInterrupt):
        outcome(crash(KeyboardInterrupt()))


def test_one_crash_hides_no_other_result():
    found = run([crash(ValueError("x")), Needy(frozenset())], helpers.data(["x"]), broken={})
    assert found["needy"] == Result(())


def test_a_redacted_crash_does_not_quote():
    assert "secret" in outcome(crash(ValueError("secret"))).why
    found = outcome(crash(ValueError("secret")), redact=True)
    assert found.why.startswith("ValueError at test_run.py:")
    assert "secret" not in found.why


# Rubbish


FRAME = pl.DataFrame({"x": [1]})


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        (None, "returned NoneType and no Result"),
        ({"rows": 1}, "returned dict and no Result"),
        (Result([Measure(name="rows", value=1)]), "the measures that run() returned are no tuple of Measure"),
        (Result((1,)), "are no tuple of Measure"),
        (Result((), (FRAME,)), "are no tuple of Evidence"),
        (Result((), (), "one note"), "the notes that run() returned are no tuple of str"),
        (Result((), (Evidence("t", FRAME.lazy()),)), "'t' is no frame of plain values"),
        (Result((), (Evidence("t", pl.DataFrame({"x": [object()]})),)), "'t' is no frame of plain values"),
        (Result((Measure(name="other", value=1),)), "'other' which is not among its measures"),
        (Result((Measure(name="rows", value=None),)), "that is no number"),
        (Result((Measure(name="rows", value="7"),)), "that is no number"),
        (Result((Measure(name="rows", value=Decimal(7)),)), "that is no number"),
        (Result((Measure(name="rows", value=1, interval=(0, None)),)), "that is no number"),
        (Result((Measure(name="rows", value=1, interval=(0, 1, 2)),)), "too many values"),
        (Result((Measure(name="rows", value=50, interval=(100, 0)),)), "that lies outside its interval"),
        (Result((Measure(name="rows", value=50, interval=(0, 1)),)), "that lies outside its interval"),
        (Result((Measure(name="rows", value=1, kind="rows"),)), "of an unknown kind 'rows'"),
        (Result((Measure(name="rows", value=1, basis="guessed"),)), "of an unknown basis 'guessed'"),
        (Result((Measure(name="rows", value=1, group=3),)), "whose group is no string"),
        (Result((Measure(name="rows", value=1, of=2.5),)), "whose denominator is no whole number"),
    ],
)
def test_rubbish_is_a_crash_that_says_what_is_wrong(returned, said):
    found = outcome(doing(returned))
    assert found.kind == "crashed"
    assert said in found.why


def test_a_crash_inside_a_library_is_placed_in_the_check():
    class Deep(Mine):
        def run(self, _data):
            return pl.DataFrame({"x": [1]}).select("y")

    assert "test_run.py:" in outcome(Deep()).why

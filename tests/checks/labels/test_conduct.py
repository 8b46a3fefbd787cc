"""How labelers went about it, through the check: clean work names nobody, planted conduct is named with its places."""

import numpy as np
import polars as pl
import pytest

from checks.contract import Data, Result
from checks.labelers import Labelers
from checks.labels.conduct import conduct
from tests import helpers
from tests.crowds import Crowd, Model, labelled

FINDINGS = ("deviating_labelers", "lazy_labelers", "speeding_labelers", "labeler_variants")


def audit(frame: pl.DataFrame, evals: pl.DataFrame | None = None) -> Data:
    def judged(role: str, judgements: pl.DataFrame) -> pl.LazyFrame:
        return judgements.lazy().select(pl.lit(role).alias("split"), pl.all())

    frames = [judged("train", frame), *([] if evals is None else [judged("eval", evals)])]
    return Data(
        train=helpers.split("train", [f"text {row}" for row in range(frame["row"].max() + 1)]),
        eval=None if evals is None else helpers.split("eval", ["one", "two"]),
        labels=pl.concat(frames, how="diagonal"),
    )


def table(result: Result, title: str) -> pl.DataFrame:
    return next(one.table for one in result.evidence if one.title.startswith(title))


def timed(frame: pl.DataFrame, seconds: float = 8, seed: int = 0) -> pl.DataFrame:
    """The judgements with times at which each labeler gave theirs, one after the other."""
    gaps = np.random.default_rng(seed).exponential(seconds, len(frame)) + 0.5
    frame = frame.with_columns(gap=pl.Series(gaps))
    return frame.with_columns(time=(1.7e9 + pl.col("gap").cum_sum().over("labeler")).cast(pl.String)).drop(
        "gap"
    )


@pytest.mark.parametrize("seed", range(3))
def test_clean_work_names_nobody(seed):
    found = helpers.measured(Labelers(), audit(timed(labelled(Crowd(labelers=10, each=200), seed).frame)))
    assert {name: found[name] for name in FINDINGS} == dict.fromkeys(FINDINGS, 0)
    assert found["deviating_share"] == 0


def test_planted_conduct_is_named():
    """One with biased labels, one with forty judgements without a look, one who needs a second for each."""
    made = labelled(Crowd(labelers=10, each=300, bias=0.4, topics=False), seed=1)
    others = sorted(set(made.frame["labeler"]) - {made.bad})
    lazy, fast = others[0], others[1]
    frame = timed(made.frame)
    number = pl.int_range(pl.len()).over("labeler")
    asleep = (pl.col("labeler") == lazy) & number.is_between(100, 139)
    quick = (1.7e9 + number + 0.3 * (number % 2)).cast(pl.String)
    frame = frame.with_columns(
        label=pl.when(asleep).then(pl.lit("class 00")).otherwise("label"),
        time=pl.when(pl.col("labeler") == fast).then(quick).otherwise("time"),
    )
    result = Labelers().run(audit(frame))
    found = {measure.name: measure.value for measure in result.measures}
    assert [found[name] for name in FINDINGS] == [2, 1, 1, 0]
    assert set(table(result, "Labelers who deviate")["labeler"]) == {made.bad, lazy}, (
        "sleep over-uses a label, too"
    )
    stretch = table(result, "Lazy stretches").row(0, named=True)
    assert stretch["labeler"] == lazy
    rows = frame.filter(asleep)["row"]
    assert abs(stretch["row"] - rows[0]) < 150
    assert abs(stretch["last_row"] - rows[-1]) < 150
    assert (stretch["line"], stretch["last_line"]) == (stretch["row"] + 1, stretch["last_row"] + 1)
    assert stretch["differing"] > 0.5 > stretch["differing_elsewhere"]
    assert table(result, "Labelers who speed")["labeler"].to_list() == [fast]
    first = table(result, "Re-label first")
    assert found["relabel_judgements"] == first.height
    assert {"labeler deviates", "lazy stretch"} <= set(first["reason"])
    assert first["text"].to_list() == [f"text {row}" for row in first["row"]]


def test_times_that_are_none_or_of_batches_are_a_note():
    frame = labelled(Crowd(labelers=5, each=60), seed=2).frame
    for time, told in (("yesterday", "No time is a date"), ("2024-05-01", "of batches or whole minutes")):
        result = Labelers().run(audit(frame.with_columns(time=pl.lit(time))))
        assert "speeding_labelers" not in {measure.name for measure in result.measures}
        assert any(told in note for note in result.notes)


def test_ids_that_differ_by_spelling_stay_apart_and_are_named():
    names = ["7", "7.0", " 7 ", "Anna", "anna "]
    frame = pl.DataFrame({"row": range(100), "labeler": [names[n % 5] for n in range(100)], "label": "x"})
    result = Labelers().run(audit(frame, pl.DataFrame({"row": [0], "labeler": ["ANNA"], "label": ["x"]})))
    found = {measure.name: (measure.value, measure.of) for measure in result.measures}
    assert found["labelers"] == (5, None)
    assert found["labeler_variants"] == (6, 6)
    assert table(result, "Labelers who may be")["labeler"].to_list()[:2] == ["“ 7 ”", "“7”"]


def test_labelers_of_both_sides_are_listed():
    frame = pl.DataFrame({"row": range(30), "labeler": ["ann", "bob", "eve"] * 10, "label": "x"})
    evals = pl.DataFrame({"row": [0, 1, 1], "labeler": ["bob", "bob", "joe"], "label": "x"})
    result = Labelers().run(audit(frame, evals))
    assert table(result, "Labelers of both").rows() == [("bob", 10, 2)]


def test_singly_labelled_rows_are_held_against_the_model():
    rng = np.random.default_rng(5)
    who, truth = rng.integers(0, 6, 3000), rng.integers(0, 4, 3000)
    label = np.where(rng.random(3000) < 0.03, rng.integers(0, 4, 3000), truth)
    label = np.where((who == 2) & (rng.random(3000) < 0.4), rng.integers(0, 4, 3000), label)
    asleep = np.flatnonzero(who == 4)[200:240]
    label[asleep] = 1
    guess = np.where(rng.random(3000) < 0.9, truth, rng.integers(0, 4, 3000))
    differs = guess != label
    model = Model(
        np.arange(3000), np.where(differs, 0.8, 0.02).astype(np.float32),
        np.where(differs, -1, 1).astype(np.float32), guess.astype(np.int32), tuple("wxyz"),
    )  # fmt: skip
    frame = pl.DataFrame(
        {"row": range(3000), "labeler": [f"p{n}" for n in who], "label": ["wxyz"[n] for n in label]}
    )
    result = conduct(audit(frame), frame, model)
    found = {measure.name: measure.value for measure in result.measures}
    assert found["suspicious_labelers"] == 1
    assert found["lazy_labelers"] >= 1
    assert "deviating_labelers" not in found
    assert table(result, "Labelers with many")["labeler"].to_list() == ["p2"]
    stretch = table(result, "Lazy stretches").row(0, named=True)
    assert stretch["labeler"] == "p4"
    assert stretch["row"] - asleep[0] in range(-60, 61)
    assert {"suspicious labeler", "lazy stretch"} == set(table(result, "Re-label first")["reason"])
    assert conduct(audit(frame), frame, None).measures == (), (
        "without a model there is nothing to hold them against"
    )


def test_three_of_eight_annotators_of_convabuse_deviate():
    """Real judgements on a scale of abuse: annotator 5 gives 0 where the others give 1, two use it a tenth otherwise."""
    frame = pl.read_csv(helpers.DATA / "convabuse" / "train_long.csv", infer_schema=False)
    items = pl.col("item_id").rank("dense").cast(pl.Int64) - 1
    result = Labelers().run(audit(frame.select(row=items, labeler="annotator", label="is_abuse")))
    found = {measure.name: measure.value for measure in result.measures}
    assert found["deviating_share"] == pytest.approx(0.363, abs=0.001)
    assert found["lazy_labelers"] == 0
    named = table(result, "Labelers who deviate")
    assert named["labeler"].to_list() == ["Annotator7", "Annotator5", "Annotator1"]
    fifth = named.row(1, named=True)
    assert (fifth["by"], fifth["over_used"], fifth["under_used"]) == ("both", "0", "1")
    assert fifth["effect"] == pytest.approx(0.249, abs=0.001)
    assert table(result, "Judgements to re-label")["labeler"][0] == "Annotator5"

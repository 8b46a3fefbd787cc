"""Eval noise: clean eval labels do not fire; contradictions against a loop; the rate holds planted mistakes."""

from collections import Counter, defaultdict

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.gates import Verdict, decide
from auditor.policy import gates_for, load_policy
from checks.contract import Data, Measure, Result
from checks.eval_noise import EvalNoise
from tests import helpers, oracle
from tests.bench.noise_planted import Labelled, made_up, mislabelled

WORDS = helpers.vocabulary(3000, seed=141)
A, B, C = (" ".join(WORDS[80 * n : 80 * n + 80]) for n in range(3))
WHOLE = made_up(1400, 3, own=0.6, hard=0, seed=9)
TRAIN, EVAL = (Labelled(WHOLE.texts[part], WHOLE.labels[part]) for part in (slice(900), slice(900, None)))
Rows = list[tuple[str, str | None]]


def rows(data: Labelled) -> Rows:
    return [(text, f"c{label}") for text, label in zip(data.texts, data.labels.tolist(), strict=True)]


def audit(train: Rows, evals: Rows, judged: pl.LazyFrame | None = None) -> Data:
    train_split, eval_split = (
        helpers.stored(role, {"text": [text for text, _ in side], "label": [label for _, label in side]})
        for role, side in (("train", train), ("eval", evals))
    )
    return Data(train=train_split, eval=eval_split, labels=judged)


def noise(train: Rows, evals: Rows, **options) -> dict[str, Measure]:
    return {one.name: one for one in EvalNoise(**options).run(audit(train, evals)).measures}


def bank(path: str) -> Labelled:
    _, labels = np.unique(helpers.column(path, "category"), return_inverse=True)
    return Labelled(helpers.column(path, "text"), labels)


def test_consistent_labels_do_not_fire():
    found = EvalNoise().run(audit([(A, "x"), (B, "y")], [(A.upper(), "x"), (C, "x"), (C, "x"), ("", "y")]))
    assert {one.name: (one.value, one.of) for one in found.measures} == {
        "unrated_eval_rows": (4, 4),
        "contradicted_eval_rows": (0, 4), "certain_wrong_eval_rows": (0, 4), "train_contradicted_eval_rows": (0, 4),
    }  # fmt: skip
    assert found.evidence == ()


def test_contradictions_by_hand():
    """Within eval A has x, x, y; train gives B another label in another spelling, and C the same and another."""
    train = [(B.upper(), "y"), (C, "x"), (C, "z"), (A, None)]
    found = EvalNoise().run(audit(train, [(A, "x"), (B, "x"), (A + "!", "y"), (A, "x"), (C, "x"), (C, None)]))
    assert {one.name: (one.value, one.of) for one in found.measures} == {
        "unrated_eval_rows": (5, 5),
        "contradicted_eval_rows": (3, 5), "certain_wrong_eval_rows": (1, 5), "train_contradicted_eval_rows": (2, 5),
    }  # fmt: skip
    within, across = found.evidence
    assert within.table.select("split", "row", "label").rows() == [("eval", 0, "x"), ("eval", 2, "y"), ("eval", 3, "x")]  # fmt: skip
    assert across.table.select("split", "row", "label", "other_row", "other_label").rows() == [
        ("eval", 1, "x", 0, "y"), ("eval", 4, "x", 2, "z"),
    ]  # fmt: skip
    assert across.table["other_file"].to_list() == ["train0.jsonl"] * 2
    assert across.excerpts == ("text",), "so that --redact leaves it out"


TEXTS = st.sampled_from(["a", "A!", "b", "c d", "C-D", "我", "e", "", " "])
LABELLED = st.lists(st.tuples(TEXTS, st.sampled_from(["x", "y", "z", None])), min_size=1, max_size=20)


@settings(max_examples=40)
@given(LABELLED, LABELLED)
def test_contradictions_against_a_loop(train, evals):
    def folded(side):
        groups = defaultdict[tuple[str, ...], list[str]](list)
        for text, label in side:
            if label is not None and text.strip():
                groups[tuple(oracle.fold(text))].append(label)
        return groups

    here, there = folded(evals), folded(train)
    split = [labels for labels in here.values() if len(set(labels)) > 1]
    found = noise(train, evals)
    if not any(label for _, label in evals):
        assert found == {}
        return
    assert found["contradicted_eval_rows"].value == sum(map(len, split))
    assert found["certain_wrong_eval_rows"].value == sum(
        len(one) - max(Counter(one).values()) for one in split
    )
    assert found["train_contradicted_eval_rows"].value == sum(
        any(other != label for other in there[text]) for text, labels in here.items() for label in labels
    )


@pytest.mark.parametrize(("rate", "slip"), [(0.0, "uniform"), (0.02, "uniform"), (0.05, "pair"), (0.1, "uniform"), (0.1, "pair")])  # fmt: skip
def test_the_interval_holds_what_was_planted(rate, slip):
    train, evals = bank("banking77/train.csv"), bank("banking77/test.csv")
    labels, wrong = mislabelled(evals, rate, slip, seed=3)
    found = noise(rows(train)[::4], rows(Labelled(evals.texts, labels))[::3])
    told, truth = found["eval_noise_rate"], float(wrong[::3].mean())
    assert told == Measure(**{**_fields(found["model_eval_noise_rate"]), "name": "eval_noise_rate"})
    assert told.basis == "estimated"
    low, high = told.interval
    assert low <= truth + 0.003, "some labels are wrong as they come"
    assert truth <= high < truth + 0.05


def _fields(measure: Measure) -> dict[str, object]:
    return {name: getattr(measure, name) for name in Measure.__dataclass_fields__}


@pytest.mark.parametrize("rate", [0.0, 0.1])
def test_noise_in_train_is_none_in_eval(rate):
    slipped, _ = mislabelled(TRAIN, rate, "uniform", seed=2)
    found = noise(rows(Labelled(TRAIN.texts, slipped)), rows(EVAL))
    assert found["model_eval_noise_rate"].interval[0] < 0.01
    assert found["model_eval_noise_rate"].interval[1] < 0.05


def test_planted_labels_are_listed_first_and_other_rows_are_not():
    labels, wrong = mislabelled(EVAL, 0.05, "uniform", seed=4)
    evidence = EvalNoise().run(audit(rows(TRAIN), rows(Labelled(EVAL.texts, labels)))).evidence
    doubted = next(one for one in evidence if one.title == "Labels that a model doubts")
    assert doubted.table["split"].unique().to_list() == ["eval"]
    assert wrong[doubted.table["row"].to_numpy()].mean() > 0.8
    assert np.isin(np.flatnonzero(wrong), doubted.table["row"].to_numpy()).mean() > 0.6


def test_rows_that_leak_teach_nothing_of_themselves():
    """Copied with their wrong labels, they would look right."""
    labels, wrong = mislabelled(EVAL, 0.2, "uniform", seed=5)
    evals = rows(Labelled(EVAL.texts, labels))
    bad = [row for row, slipped in zip(evals, wrong, strict=True) if slipped]
    result = EvalNoise().run(audit(rows(TRAIN) + bad, evals))
    found = {one.name: one for one in result.measures}
    assert found["model_eval_noise_rate"].of == len(evals) - len(bad)
    said = f"{len(bad)} labelled eval rows that leak into train are not estimated: the model saw them."
    assert said in result.notes


def test_labels_that_train_does_not_have_are_left_out_and_told():
    evals = rows(EVAL)
    evals[:30] = [(text, "unheard-of") for text, _ in evals[:30]]
    result = EvalNoise().run(audit(rows(TRAIN), evals))
    assert {one.name: one.of for one in result.measures}["model_eval_noise_rate"] == len(evals) - 30
    assert (
        "30 eval rows with labels that the model did not learn from train are not estimated." in result.notes
    )


@pytest.mark.parametrize("label", [None, "c0"])
def test_where_train_teaches_nothing_eval_is_judged_by_itself(label):
    result = EvalNoise().run(audit([(A, label), (B, label)], rows(EVAL)))
    assert any("learned from eval itself" in note for note in result.notes)
    low, high = {one.name: one.interval for one in result.measures}["eval_noise_rate"]
    assert low < 0.01
    assert high < 0.06


def test_few_rows_are_not_estimable_and_a_few_copies_do_not_decide():
    result = EvalNoise().run(audit(rows(TRAIN), [*rows(EVAL)[:40], *rows(EVAL)[:9]]))
    assert not {"eval_noise_rate", "repeated_eval_noise_rate"} & {one.name for one in result.measures}
    assert result.notes == (
        "The noise rate of eval is not known: too little was judged twice, and there is no estimate.",
        "By a model the noise rate is not estimable: 40 distinct labelled texts are too few for a model; it takes 50.",
    )


def test_labels_that_the_model_cannot_say_are_not_estimable():
    mixed = np.random.default_rng(6).permutation(EVAL.labels)
    found = noise(rows(TRAIN), rows(Labelled(EVAL.texts, mixed)))
    assert "eval_noise_rate" not in found
    assert found["unrated_eval_rows"].value == found["unrated_eval_rows"].of == len(mixed)
    assert found["eval_model_accuracy"].value < 0.5


def test_items_judged_by_several_decide():
    judged = helpers.judgements(
        [(row, who, f"c{EVAL.labels[row]}" if row % 10 or who == "ann" else "c9") for row in range(100) for who in ("ann", "bob")],
        role="eval",
    )  # fmt: skip
    found = {one.name: one for one in EvalNoise().run(audit(rows(TRAIN), rows(EVAL), judged)).measures}
    assert found["eval_noise_rate"].by == "100 items that several labelers judged"
    assert found["eval_noise_rate"].value == pytest.approx(0.05, abs=0.01)
    assert "least_model_eval_noise_rate" in found


def test_the_order_of_rows_changes_nothing():
    labels, _ = mislabelled(EVAL, 0.05, "uniform", seed=7)
    evals = rows(Labelled(EVAL.texts, labels))
    assert noise(rows(TRAIN), evals) == noise(rows(TRAIN)[::-1], evals[::-1])


def test_good_and_bad_answers_are_no_classes():
    columns = {
        "text": ["ask\nsay"] * 4,
        "response_bytes": [3] * 4,
        "prompt_bytes": [3] * 4,
        "label": ["true", "false"] * 2,
    }
    split = helpers.stored("eval", columns)
    assert EvalNoise().run(Data(train=helpers.stored("train", columns), eval=split)) == Result(())


def test_labels_that_are_texts_are_told():
    evals = [(text, f"{label} {n}") for n, (text, label) in enumerate(rows(EVAL)[:60])]
    result = EvalNoise().run(audit(rows(TRAIN), evals))
    assert result.measures == ()
    assert "this is no column of classes" in result.notes[0]


@pytest.mark.parametrize("name", ["near", "least_accuracy", "least_skill"])
@pytest.mark.parametrize("value", [0, 1.1])
def test_settings_without_sense_are_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} is {value:g}"):
        EvalNoise(**{name: value})


@pytest.mark.parametrize(
    ("rate", "verdict"), [(0.0, Verdict.WARN), (0.2, Verdict.BLOCK), (0.6, Verdict.UNKNOWN)]
)
def test_wrong_labels_shut_the_gate_of_the_eval_set(rate, verdict):
    labels, _ = mislabelled(EVAL, rate, "uniform", seed=8)
    result = EvalNoise().run(audit(rows(TRAIN), rows(Labelled(EVAL.texts, labels))))
    assert told({"eval_noise": result}) is verdict


def test_without_labels_of_eval_the_gate_says_nothing_of_them():
    assert told({"eval_noise": Result(())}) is Verdict.PASS


def told(outcomes: dict[str, Result]) -> Verdict:
    """The verdict of the gate, all else being well."""
    policy = load_policy(None)
    gates = gates_for(policy, task=None, stage="before-training", require=("eval-ready",), classes=0)
    gate = next(one for one in gates if one.id == "eval-ready")
    size = Measure(name="effective_eval_rows", value=1000, of=1000)
    leak = Measure(name="leaked_eval_rows", value=0, of=1000)
    return decide(gate, {"eval_set": Result((size,)), "leakage": Result((leak,)), **outcomes}).verdict

"""What holds for every built-in check: it says what it measures, measures what it says, and means what rows mean."""

import dataclasses
import math
import random
import re
from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.registry import BUILTIN, DECISION
from checks import leakage, places, structure
from checks.contract import EXCERPT, LEDGER, Check, Data, Result
from checks.labels.reviewed import REVIEWED
from checks.leakage import Leakage
from checks.size import Size
from checks.structure import Structure
from tests import helpers

WORDS = helpers.vocabulary(3000, seed=131)
CHECKS = [pytest.param(check, id=check.id) for check in BUILTIN]
EVERY = [*CHECKS, *(pytest.param(check, id=check.id) for check in DECISION)]
"""With those that need answers or results, which their own tests make."""
Row = tuple[str, str, str, str]
"""Prompt, response, label, turns."""


def sentence(rng: random.Random, size: int) -> str:
    return " ".join(rng.sample(WORDS, size))


def rich(seed: int = 1) -> tuple[list[Row], list[Row], list[tuple[int, str, str]]]:
    """Training rows, eval rows and judgements in which every check has something to measure."""
    rng = helpers.seeded(seed)
    # Labels can be learned.
    train = [
        (sentence(rng, 10), f"{sentence(rng, 40)} {label} {label}ish {label}able", label, "ua")
        for label in "xyz" * 30
    ]
    evals = [(sentence(rng, 10), sentence(rng, 40), "xyw"[n % 3], "ua") for n in range(30)]
    near = sentence(rng, 90).split()
    train += [(*train[0][:2], label, "ua") for label in "xyy"]  # copies, one of them contradicts
    train += [(train[1][0].upper(), train[1][1], "y", "ua")] * 2
    train += [(" ".join(near[:10]), " ".join(near[10:]), "x", "ua")]
    train += [(" ".join(near[:10]), " ".join([*near[10:89], "changed"]), "y", "ua")]
    train += [("", "", "x", "UA"), ("ask", "{{x}}\x01", "y", "uua"), ("ask", "say jo.ho@firm.io", "z", "ux")]
    evals += [
        train[0],
        train[5],
        (train[6][0], sentence(rng, 30), "x", "ua"),
        (" ", "\n", "x", "UA"),
        ("hi", "you", "y", "ua"),
    ]
    evals += [evals[0], evals[0]]
    train += [
        ("hi", sentence(rng, 20), "x", "ua"),
        ("a", f"{sentence(rng, 60)} {evals[3][0]} {evals[3][1]}", "y", "ua"),
    ]
    judged = [
        (row, labeler, rng.choice("xxxyz"))
        for row in range(80)
        for labeler in rng.sample(["ann", "bob", "eve"], 2)
    ]
    return train, evals, judged


def audit(
    train: Sequence[Row],
    evals: Sequence[Row] | None,
    judged: Sequence[tuple[int, str, str]] | None = None,
    *,
    reviewed: Sequence[dict[str, object]] = (),
    moods: Sequence[str] = (),
    eval_judged: Sequence[tuple[int, str, str]] = ((0, "bob", "x"),),
) -> Data:
    def split(role, rows):
        columns = helpers.turns_of(
            [row[:2] for row in rows], label=[row[2] for row in rows], turns=[row[3] for row in rows]
        )
        when = ("2026-01-0" if role == "train" else "2026-01-1") + "{}"
        columns |= {
            "document": [f"d{n}" for n in range(len(rows))],
            "time": [when.format(n % 5) for n in range(len(rows))],
            "source": [("web", "shop")[len(ask) % 2] for ask, *_ in rows],
        }
        if rows and role == "train":
            columns["rejected"] = [say if say[:1] in "abc" else "another answer" for _, say, *_ in rows]
            columns |= {"label:mood": moods} if moods else {}
        return helpers.stored(role, columns)

    times = pl.Series([str(1.7e9 + n * (9 + n % 3)) for n in range(len(judged or ()))], dtype=pl.String)
    frames = (
        [
            helpers.judgements(judged).with_columns(time=times),
            helpers.judgements(eval_judged, role="eval"),
        ]
        if judged
        else []
    )
    ledger = pl.DataFrame(
        [{"split": "train", "file": "f", "line": 1, "code": "bad", "lost": lost, "what": "w", "records": 2} for lost in (True, False)],
        schema=LEDGER,
    )  # fmt: skip
    return Data(
        train=split("train", train), eval=None if evals is None else split("eval", evals),
        labels=pl.concat(frames, how="diagonal") if frames else None, ledger=ledger,
        reviewed=pl.DataFrame(reviewed, REVIEWED) if reviewed else None,
    )  # fmt: skip


def made(check: type[Check]) -> Check:
    return Structure(max_tokens=60) if check is Structure else check()


def every_measure(data: Data) -> dict[str, float]:
    """All measures of all checks that can run."""
    found = {}
    for check in BUILTIN:
        if check.needs <= data.offers():
            found |= {
                f"{check.id}.{name}": value for name, value in helpers.measured(made(check), data).items()
            }
    return found


@pytest.mark.parametrize("check", EVERY)
def test_a_check_is_a_frozen_dataclass_that_says_what_it_needs(check):
    assert dataclasses.is_dataclass(check)
    assert check.__dataclass_params__.frozen
    assert re.fullmatch("[a-z][a-z_]*", check.id)
    assert check.title
    assert not check.title.endswith(".")
    assert check.needs
    assert all(re.fullmatch(r"(train|eval|labels)\.[a-z_]+|answers|results", name) for name in check.needs)
    assert len(set(check.measures)) == len(check.measures) > 0
    assert made(check) == made(check), "settings are values"


def test_ids_are_unique():
    assert len({check.id for check in (*BUILTIN, *DECISION)}) == len(BUILTIN) + len(DECISION)


@pytest.mark.parametrize("check", EVERY)
def test_the_documentation_begins_with_a_claim_and_names_every_measure(check):
    claim, blank, *rest = (check.__doc__ or "").splitlines()
    assert claim.endswith(".")
    assert claim[0].isupper()
    assert blank == ""
    assert "Source: " in check.__doc__
    described = set(re.findall("`([a-z_0-9]+)`", " ".join(rest)))
    assert set(check.measures) <= described


@pytest.mark.parametrize("check", EVERY)
def test_settings_are_documented_and_have_defaults(check):
    source = check.__module__
    for field in dataclasses.fields(check):
        assert field.default is not dataclasses.MISSING, f"{source}: {field.name}"


def numbers_hold(check: type[Check], result: Result) -> None:
    for measure in result.measures:
        assert measure.name in check.measures
        assert math.isfinite(measure.value)
        assert measure.value >= (-1 if measure.kind == "score" else 0)
        if measure.of is not None:
            assert measure.value <= (1 if measure.kind == "share" else measure.of), measure
        if measure.interval is not None:
            low, high = measure.interval
            assert math.isfinite(low)
            assert math.isfinite(high)
            assert low <= measure.value <= high, measure
    keys = [(measure.name, measure.group) for measure in result.measures]
    assert len(set(keys)) == len(keys)


def tables_hold(result: Result) -> None:
    for evidence in result.evidence:
        assert evidence.title
        assert evidence.table.height > 0
        assert {*evidence.excerpts, *evidence.labels} <= set(evidence.table.columns)
        assert len(evidence.excerpts) <= 2
        if "row" in evidence.table.columns:
            assert {"split", "file", "line"} <= set(evidence.table.columns)
        for column in evidence.table.select(pl.col(pl.String)):
            assert (column.str.len_chars() <= EXCERPT).all()
            assert column.name in evidence.excerpts or "text" not in column.name
    assert all(note.endswith(".") for note in result.notes)


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_measures_what_it_declares(check):
    train, evals, judged = rich()
    graded = [
        (row, who, str((row + n * (row % 7 == 0)) % 3))
        for row in range(80)
        for n, who in enumerate(("ann", "bob"))
    ]
    alone = [(row, ("ann", "bob")[row % 2], train[row][2]) for row in range(80)]
    reviewed = [
        {"row": row, "wrong": row == 3, "stratum": 0, "stratum_rows": 90, "copies": 1,
         "label": train[4][2] if row == 3 else None}
        for row in range(20)
    ]  # fmt: skip
    names = set()
    two = audit(train, evals, judged, moods=["gu"[n % 2] for n in range(len(train))])
    learnable = rich(2)[0][:90] * 2
    twice = [(row, who, learnable[row][2]) for row in range(80) for who in ("ann", "bob")]
    solid = audit(train, learnable, judged, eval_judged=twice)
    many = audit([*train, *(row for seed in (3, 4, 5) for row in rich(seed)[0])], evals, judged)
    for data in (
        two,
        solid,
        many,
        *(audit(train, evals, said, reviewed=reviewed) for said in (judged, graded, alone)),
    ):
        assert check.needs <= data.offers()
        result = made(check).run(data)
        numbers_hold(check, result)
        tables_hold(result)
        names |= {measure.name for measure in result.measures}
    assert names == set(check.measures), (
        "on rich data, judged by three in words, by two in grades, or each row by one, or eval by two, all of them"
    )


@pytest.mark.parametrize("check", CHECKS)
def test_excerpts_that_end_somewhere_are_a_note(check, monkeypatch):
    for module in (places, leakage, structure):
        monkeypatch.setattr(module, "QUOTED", 1)
    result = made(check).run(audit(*rich()))
    for evidence in result.evidence:
        ends = "text" in evidence.excerpts and evidence.table.height > 1
        said = [note for note in result.notes if "Excerpts are given for the first 1 rows of" in note]
        assert not ends or any(evidence.title in note or "same fault" in note for note in said), (
            evidence.title
        )


@pytest.mark.parametrize("check", CHECKS)
def test_labels_that_are_whole_texts_stay_short_and_are_told_as_quotes(check):
    rng = helpers.seeded(9)
    long = {label: f"{label} {sentence(rng, 90)}" for label in "wxyz"}
    train, evals, judged = rich()
    train, evals = (
        [(ask, say, long[label], turns) for ask, say, label, turns in rows] for rows in (train, evals)
    )
    owned = [(row, "eve", long["w"]) for row in range(80)]
    data = audit(train, evals, [(row, who, long[label]) for row, who, label in judged] + owned)
    result = made(check).run(data)
    numbers_hold(check, result)
    tables_hold(result)
    for measure in result.measures:
        assert len(measure.group or "") <= EXCERPT
    for evidence in result.evidence:
        labels = {name for name in evidence.table.columns if "label" in name and "labeler" not in name}
        quoted = {name for name in labels if evidence.table.schema[name] == pl.String}
        assert quoted <= {*evidence.excerpts, *evidence.labels}, evidence.title


SMALL = [
    pytest.param([("q", "a", "x", "ua")], None, id="one row, no eval"),
    pytest.param([("q", "a", "x", "ua")], [("q", "a", "x", "ua")], id="one row on both sides"),
    pytest.param([], None, id="no rows"),
    pytest.param([("q", "a", "x", "ua")], [], id="no eval rows"),
    pytest.param([], [("q", "a", "x", "ua")], id="no training rows"),
    pytest.param([], [], id="no rows at all"),
    pytest.param([("", "", None, "")] * 3, [("", "", None, "")], id="nothing in them"),
    pytest.param([("q", "a", None, "ua")] * 3, [("q", "a", None, "ua")], id="labels all null"),
    pytest.param([(f"q{n}", "a", "x", "ua") for n in range(60)], [("q0", "a", "x", "ua")], id="one class"),
    pytest.param(
        [(f"q{n}", "a", "x" if n else "y", "ua") for n in range(60)],
        [("q", "b", "z", "ua")],
        id="a class of one row",
    ),
    pytest.param(
        [(f"q{n}", "a", ("x", "X ", None)[n % 3], "ua") for n in range(60)],
        None,
        id="one class, two spellings",
    ),
    pytest.param([("我", "größe", "一", "ua")] * 50, [("我", "größe", "一", "ua")] * 9, id="all the same"),
    pytest.param(
        [(f"q{n}", "a", f"{n}", None) for n in range(1000)], [("q", "b", "0", None)], id="1,000 classes"
    ),
]


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(("train", "evals"), SMALL)
def test_the_numbers_hold_at_the_edges(check, train, evals):
    data = audit(train, evals)
    if check.needs <= data.offers():
        numbers_hold(check, made(check).run(data))


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_does_not_change_the_data(check):
    data = audit(*rich())
    before = [split.frame.collect() for split in data.splits], data.ledger.clone()
    made(check).run(data)
    assert all(
        split.frame.collect().equals(frame) for split, frame in zip(data.splits, before[0], strict=True)
    )
    assert data.ledger.equals(before[1])


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_rows_changes_no_measure(seed):
    rng = helpers.seeded(seed)
    train, evals, judged = rich(seed)
    expected = every_measure(audit(train, evals, judged))
    order, other = rng.sample(range(len(train)), len(train)), rng.sample(range(len(evals)), len(evals))
    moved = [(order.index(row), labeler, label) for row, labeler, label in rng.sample(judged, len(judged))]
    shuffled = audit([train[row] for row in order], [evals[row] for row in other], moved)
    assert every_measure(shuffled) == pytest.approx(expected)


TEXTS = st.lists(st.integers(0, 25), min_size=1, max_size=25)


@settings(max_examples=15)
@given(TEXTS, TEXTS)
def test_doubling_every_training_row_leaves_the_effective_rows(numbers, evals):
    rng = helpers.seeded(5)
    texts = [sentence(rng, 60) for _ in range(20)]
    texts += [text.replace(text.split()[30], "changed") for text in texts[:6]]
    train, other = [texts[n] for n in numbers], [texts[n] for n in evals[: len(evals) // 3]]
    once, twice = (helpers.measured(Size(), helpers.data(rows, other)) for rows in (train, train * 2))
    assert twice["effective_rows"] == once["effective_rows"]
    assert twice["repeated_rows"] == once["repeated_rows"] + len(train)


@settings(max_examples=15)
@given(st.integers(0, 39), st.sampled_from(["copy", "upper", "near", "inside", "prompt"]))
def test_one_more_leaked_row_is_one_more_leaked_eval_row(row, kind):
    rng = helpers.seeded(6)
    train, evals = ([(sentence(rng, 12), sentence(rng, 60)) for _ in range(40)] for _ in range(2))
    ask, say = train[row]
    words = say.split()
    leaked = {
        "copy": (ask, say),
        "upper": (ask.upper(), f"«{say}»!"),
        "near": (ask, " ".join([*words[:30], "changed", *words[31:]])),
        "inside": (" ".join(words[10:20]), " ".join(words[20:50])),
        "prompt": (ask, sentence(rng, 60)),
    }[kind]

    def count(rows: list[tuple[str, str]]) -> float:
        data = helpers.data(helpers.asked("train", train), helpers.asked("eval", rows))
        return helpers.measured(Leakage(), data)["leaked_eval_rows"]

    before = [*evals, train[0]]
    assert count(before) == 1
    assert count([*before, leaked]) == 2
    assert count([*before, (sentence(rng, 12), sentence(rng, 60))]) == 1

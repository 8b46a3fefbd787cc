"""The self-test: what is planted is what it says, and what is counted is what was found."""

# ruff: noqa: RUF001 - punctuation of Chinese texts

from __future__ import annotations

import re
from math import ceil

import msgspec
import numpy as np
import pytest

from auditor.errors import DataError
from auditor.selftest import trial as tried
from auditor.selftest.alterations import ALTERATIONS, Others, Row
from auditor.selftest.planting import plants
from auditor.selftest.show import as_json, as_text
from auditor.selftest.trial import Trial, try_out
from checks.intervals import wilson
from checks.rewrites import Rewrites
from checks.text.leaks import BY_PROMPT, EXACT, NEAR, SUSPECT, leaks
from checks.text.texts import Texts
from tests import helpers, oracle

WORDS = helpers.vocabulary(4_000, seed=77)
MAKE = {one.name: one for one in ALTERATIONS}
ROWS = [
    Row("How many sheep has Ann?", "She has 12 sheep and 3 dogs, which makes 15 of them, doesn't it? Yes indeed she does so."),
    Row(None, "One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen 18"),
    Row("Only a prompt of 30 words " + "and so on " * 9, None),
    Row("问题是什么？我们昨天在北京吃了烤鸭吗", "是的，我们昨天吃了2只烤鸭，在北京的一家小饭馆里。"),
    Row(None, " ".join(helpers.SAMPLES)),
]  # fmt: skip


def others(seed: int = 1) -> Others:
    rng = helpers.seeded(seed)
    rows = [Row(f"ask{n}", " ".join(rng.choices(WORDS, k=30))) for n in range(20)]
    return Others(rows, np.random.default_rng(seed))


def turns(rows: int, seed: int) -> list[tuple[str, str]]:
    """Unrelated prompts and answers, with two numbers in each."""
    rng = helpers.seeded(seed)
    return [
        (" ".join(rng.choices(WORDS, k=12)), " ".join([*rng.choices(WORDS, k=25), *(str(rng.randrange(100, 1000)) for _ in range(2))]))
        for _ in range(rows)
    ]  # fmt: skip


def audit(train: int = 400, evals: int = 180):
    return helpers.data(helpers.asked("train", turns(train, 3)), helpers.asked("eval", turns(evals, 4)))


def counts(trial: Trial) -> dict[str, tuple[int, int, int]]:
    return {kind.name: (kind.judged, kind.leaked.found, kind.either.found) for kind in trial.kinds}


# alterations


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("seed", range(5))
def test_a_normalised_row_has_other_bytes_and_the_same_folded_words(row, seed):
    made = MAKE["normalised"].make(row, others(seed))
    assert made.text != row.text
    for new, old in zip(made, row, strict=True):
        assert (new is None) == (old is None)
        assert oracle.fold(new or "") == oracle.fold(old or "")


@pytest.mark.parametrize("row", [row for row in ROWS if MAKE["light edit"].suits(row, others())])
@pytest.mark.parametrize("seed", range(5))
def test_a_light_edit_changes_at_most_six_percent_of_the_words(row, seed):
    made = MAKE["light edit"].make(row, others(seed))
    before, after = row.text.split(), made.text.split()
    if len(before) > 16:  # scripts without spaces are looked at below
        assert 1 <= changed(before, after) <= max(1, round(0.06 * row.words)) + row.text.count("'")
    assert made != row


def changed(before: list[str], after: list[str]) -> int:
    return max(len(before), len(after)) - oracle.common_subsequence(before, after)


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("seed", range(5))
def test_an_embedded_row_stands_whole_between_twice_its_words(row, seed):
    made = MAKE["embedded"].make(row, others(seed))
    before, found, after = made.text.partition(row.text)
    assert found
    assert len(before.split()) + len(after.split()) >= 2 * len(row.text.split())
    assert before.split()
    assert after.split()


def test_the_same_prompt_has_an_answer_of_a_training_row():
    known = others()
    made = MAKE["same prompt"].make(ROWS[0], known)
    assert made.ask == ROWS[0].ask
    assert made.say in known.answers


@pytest.mark.parametrize("seed", range(5))
def test_one_number_changes_into_another_of_as_many_digits(seed):
    made = MAKE["number changed"].make(ROWS[0], others(seed))
    before, after = (re.findall("[0-9]+", row.text) for row in (ROWS[0], made))
    assert sum(old != new for old, new in zip(before, after, strict=True)) == 1
    assert list(map(len, before)) == list(map(len, after))
    assert re.sub("[0-9]", "", made.text) == re.sub("[0-9]", "", ROWS[0].text)


@pytest.mark.parametrize("row", ROWS)
def test_a_truncated_row_is_the_begin_or_the_end(row):
    ends = set()
    for seed in range(8):
        made = MAKE["truncated"].make(row, others(seed))
        assert made.words == ceil(0.6 * row.words)
        starts = row.text.startswith(made.text)
        assert starts or row.text.endswith(made.text)
        assert made.ask is None or row.ask is None or made.ask == row.ask[-len(made.ask) :] or starts
        ends.add(starts)
    assert ends == {True, False}


@pytest.mark.parametrize("row", ROWS)
def test_marked_up_rows_keep_their_words_in_order(row):
    forms = {MAKE["markup"].make(row, others(seed)).text for seed in range(30)}
    assert len(forms) == 4
    wanted = oracle.fold(row.text)
    for text in forms:
        assert oracle.common_subsequence(wanted, oracle.fold(text)) == len(wanted)


@pytest.mark.parametrize("seed", range(5))
def test_a_reworded_row_keeps_its_question_last_and_hardly_a_run_of_five_words(seed):
    row = Row(
        "Ann buys 3 large boxes of pencils at the store. Every box holds 24 pencils, and she gives half of them to her "
        "friend Bob. He needs many pencils for his work. How many pencils does Ann keep in total?", None,
    )  # fmt: skip
    made = MAKE["reworded"].make(row, others(seed))
    before, after = (oracle.fold(one.text) for one in (row, made))
    assert made.text.rstrip("?").split()[-1] in {"total", "overall", "in", "keep", "retain"}
    shared = set(oracle.word_grams(before, 5)) & set(oracle.word_grams(after, 5))
    assert len(shared) <= 0.25 * len(before)
    assert {"Ann", "Bob", "pencils"} <= set(re.findall(r"\w+", made.text))
    assert "three" in after


@pytest.mark.parametrize("row", [ROWS[1], ROWS[3]])
@pytest.mark.parametrize("seed", range(5))
def test_swapped_numbers_are_all_others_and_nothing_else_changes(row, seed):
    made = MAKE["number-swapped"].make(row, others(seed))
    before, after = (re.findall("[0-9]+", one.text) for one in (row, made))
    assert all(old != new for old, new in zip(before, after, strict=True))
    assert list(map(len, before)) == list(map(len, after))
    assert re.sub("[0-9]", "", made.text) == re.sub("[0-9]", "", row.text)


def test_what_a_row_must_have_is_asked_for():
    suiting = {name: [one.suits(row, others()) for row in ROWS] for name, one in MAKE.items()}
    assert suiting["same prompt"] == [True, False, True, True, False]
    assert suiting["number changed"] == [True, True, True, True, True]
    blank = [one.name for one in ALTERATIONS if one.suits(Row("", " …\n"), others())]
    assert blank == ["exact"]
    assert not MAKE["same prompt"].suits(
        ROWS[0], Others([Row(None, "no answers here")], np.random.default_rng(1))
    )


def test_many_short_rows_surround_a_long_one_in_good_time():
    row = Row(None, "word " * 20_000)
    made = MAKE["embedded"].make(row, Others([Row(None, "a")], np.random.default_rng(1)))
    assert made.words == 60_000


# what is counted


def test_unrelated_data_have_no_false_finding_and_every_plant_is_found():
    trial = try_out(audit(), each=16, seed=0)
    assert (trial.leaked_before, trial.suspected_before, trial.rewrites) == (0, 0, None)
    assert (trial.false_leaked, trial.false_suspected) == (0, 0)
    assert trial.controls == 180 - 10 * 16
    all_found = {kind.name: (16, 16, 16) for kind in trial.kinds}
    cut, other = (counts(trial)[name] for name in ("truncated", "reworded"))
    assert counts(trial) == all_found | {"truncated": (16, cut[1], 16), "reworded": (16, other[1], other[2])}
    assert other[1] < 8 < 14 <= other[2]
    assert trial.sound
    assert all(kind.decoys == kind.planted for kind in trial.kinds)
    assert all(kind.either.precision in (1, None) for kind in trial.kinds)
    assert trial.kinds[0].leaked.recall == tried.Share(1.0, *wilson(1, 16))


def test_whether_rewrites_are_looked_for_the_rows_of_the_user_decide_and_not_the_planted_ones():
    trial = try_out(audit(), each=4, seed=0, rewrites=Rewrites(most_rows=400))
    assert trial == try_out(audit(), each=4, seed=0)
    assert counts(trial)["reworded"][2] > counts(trial)["reworded"][1]
    said = try_out(audit(), each=4, seed=0, rewrites=Rewrites(most_rows=399)).rewrites
    assert said is not None
    assert said.startswith("train has 400 rows and the setting most-rows is 399;")


def test_what_leaks_already_is_never_planted():
    train, evals = turns(300, 5), turns(120, 6)
    data = helpers.data(helpers.asked("train", train + evals[:60]), helpers.asked("eval", evals))
    trial = try_out(data, each=50, seed=0)
    assert (trial.leaked_before, trial.free, trial.planned) == (60, 60, 5)
    assert sum(kind.planted for kind in trial.kinds) == 50
    assert trial.controls == 10
    free = np.arange(60, 120)
    chosen = plants(Texts(data.train), Texts(data.eval), free, each=6, seed=0)
    sources = [plant.source for plant in chosen if plant.source is not None]
    assert len(set(sources)) == len(sources)
    assert set(sources) <= set(free.tolist())


def test_copies_in_eval_are_planted_once_and_are_no_false_finding():
    train, evals = turns(300, 5), turns(90, 6)
    twice = [*evals, *evals[:80], *[(ask, f"{say} indeed") for ask, say in evals[:40]]]
    trial = try_out(
        helpers.data(helpers.asked("train", train), helpers.asked("eval", twice)), each=50, seed=0
    )
    assert trial.free == 90 + 40, "of equal rows one"
    assert (trial.false_leaked, trial.false_suspected) == (0, 0)
    assert trial.sound


def test_the_same_seed_plants_the_same_and_another_seed_others():
    first, again, other = (as_json(try_out(audit(), each=8, seed=seed)) for seed in (1, 1, 2))
    assert first == again != other
    texts = Texts(audit().train), Texts(audit().eval)
    drawn = [plants(*texts, np.arange(180), each=5, seed=seed) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_the_data_stay_as_they_are():
    data = audit()
    before = [split.frame.collect() for split in data.splits]
    try_out(data, each=5, seed=0)
    assert all(split.frame.collect().equals(old) for split, old in zip(data.splits, before, strict=True))


def test_rows_that_not_every_kind_can_be_made_of():
    train, evals = ([say.rsplit(" ", 2)[0] for _, say in turns(200, seed)] for seed in (5, 6))
    evals = [*evals[:60], *(f"{text} {n} {n + 7}" for n, text in enumerate(evals[60:67]))]
    trial = try_out(helpers.data(train, evals), each=3, seed=0)
    planted = {kind.name: kind.planted for kind in trial.kinds}
    assert planted == dict.fromkeys(MAKE, 3) | {"same prompt": 0}
    said = as_text(trial)
    assert "same prompt: 0 planted; no other clean eval row has what it takes: a prompt" in " ".join(
        said.split()
    )


# counting, held against a detector that does as it is told


def told(monkeypatch, verdict) -> Trial:
    """A trial in which `verdict(planted rows, kind, witness)` writes what the audit of the planted data says."""
    seen: list[int] = []

    def detector(data):
        seen.append(data.train.rows)
        found = leaks(helpers.data(["nothing in common"], data.eval))
        if len(seen) == 2:
            chosen = plants(Texts(audit().train), Texts(audit().eval), np.arange(180), each=10, seed=0)
            verdict(chosen, found.kind, found.witness)
        return found

    monkeypatch.setattr(tried, "leaks", detector)
    monkeypatch.setattr(tried, "find", lambda _data: "told not to")
    trial = try_out(audit(), each=10, seed=0)
    assert len(seen) == 3
    return trial


def test_a_detector_that_sees_nothing_fails(monkeypatch):
    trial = told(monkeypatch, lambda *_: None)
    assert not trial.sound
    assert all(found == (10, 0, 0) for found in counts(trial).values())
    assert {kind.leaked.precision for kind in trial.kinds} == {None}
    assert "please report" in as_text(trial)


@pytest.mark.parametrize(("missed", "sound"), [("exact", False), ("normalised", False), ("truncated", True)])
def test_only_copies_that_must_be_found_make_it_fail(monkeypatch, missed, sound):
    def verdict(chosen, kind, witness):
        for place, plant in enumerate(chosen):
            if plant.source is not None:
                wrong = ALTERATIONS[plant.kind].name == missed and plant.source % 2
                kind[plant.source] = SUSPECT if wrong else EXACT
                witness[plant.source] = 400 + place

    trial = told(monkeypatch, verdict)
    assert trial.sound is sound
    judged, leaked, either = counts(trial)[missed]
    assert (judged, either) == (10, 10)
    assert 0 < leaked < 10


def test_false_findings_are_laid_to_the_kind_they_come_from(monkeypatch):
    def verdict(chosen, kind, witness):
        sources = {plant.source for plant in chosen}
        controls = [row for row in range(180) if row not in sources]
        decoy = next(place for place, plant in enumerate(chosen) if plant.source is None and plant.kind == 2)
        other = next(
            place for place, plant in enumerate(chosen) if plant.source is not None and plant.kind == 3
        )
        kind[controls[:5]], witness[controls[:5]] = NEAR, 400 + decoy
        kind[controls[5:8]], witness[controls[5:8]] = SUSPECT, 400 + other
        kind[controls[8]], witness[controls[8]] = BY_PROMPT, 17

    trial = told(monkeypatch, verdict)
    assert trial.controls == 80
    assert (trial.false_leaked, trial.false_suspected) == (6, 3)
    assert [(kind.leaked.false, kind.either.false) for kind in trial.kinds] == [
        (0, 0), (0, 0), (5, 5), (0, 3), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0),
    ]  # fmt: skip
    assert [kind.leaked.precision for kind in trial.kinds][2] == 0


def test_a_row_found_through_the_copy_of_another_is_not_counted(monkeypatch):
    def verdict(chosen, kind, witness):
        mine = [(place, plant.source) for place, plant in enumerate(chosen) if plant.source is not None]
        for place, row in mine:
            kind[row], witness[row] = NEAR, 400 + place
        witness[mine[0][1]] = 400 + mine[25][0]  # the first exact copy
        witness[mine[1][1]] = 3  # a row of the user's own

    trial = told(monkeypatch, verdict)
    exact = trial.kinds[0]
    assert (exact.planted, exact.judged, exact.leaked.found) == (10, 9, 8)
    assert "exact: 1 of 10 planted rows are not counted" in as_text(trial)


# edges


@pytest.mark.parametrize(
    ("train", "evals", "said"),
    [
        (["some words"], None, "name the eval file with --eval"),
        (["some words"], [], "no eval row can be planted"),
        (["some words"], ["some words", " "], "no eval row can be planted"),
        ([], ["some words"], "no training row holds a word"),
        (["…", ""], ["some words"], "no training row holds a word"),
    ],
)
def test_nothing_to_plant_or_to_plant_in(train, evals, said):
    with pytest.raises(DataError, match=said):
        try_out(helpers.data(train, evals), each=5, seed=0)


def test_one_row_on_each_side():
    trial = try_out(helpers.data(["a training row"], ["an eval text"]), each=50, seed=0)
    assert (trial.planned, trial.controls, trial.sound) == (1, 0, True)
    assert [kind.planted for kind in trial.kinds] == [0, 1, 0, 0, 0, 0, 0, 0, 0, 0]


def test_scripts_joiners_and_rows_without_words():
    evals = [f"{text} {n}" for n, text in enumerate(helpers.SAMPLES * 4)] + ["😀", "👩‍👩‍👧‍👦 ❤️", "…", "?!"]
    trial = try_out(helpers.data(turns_text(30), evals), each=6, seed=0)
    assert trial.sound


def turns_text(rows: int) -> list[str]:
    return [f"{ask}\n{say}" for ask, say in turns(rows, 8)]


def test_the_table_is_narrow_plain_and_quotes_nobody():
    hostile = ["\x1b[31mred\u202e evil <script>alert(1)</script> =1+1 " + text for text in turns_text(60)]
    trial = try_out(helpers.data(turns_text(90)[60:], hostile), each=5, seed=0)
    said = as_text(trial)
    for line in said.splitlines():
        assert len(line) < 80
        assert line.isprintable()
        assert line == line.rstrip()
    assert "evil" not in said + as_json(trial)
    assert {kind.name for kind in trial.kinds} <= set(re.findall(r"^[a-z -]+[a-z]", said, re.MULTILINE))


def test_the_json_is_that_of_the_trial():
    trial = try_out(audit(100, 40), each=3, seed=0)
    assert msgspec.json.decode(as_json(trial), type=Trial) == trial

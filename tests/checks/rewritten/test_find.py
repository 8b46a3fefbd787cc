"""The search: clean data show nothing, planted rewrites are found, and scores are those of the oracle."""

from __future__ import annotations

import gzip
import json
from functools import cache

import numpy as np
import pytest

from checks.contract import Data
from checks.rewritten import find as searching
from checks.rewritten import frequencies, scoring
from checks.rewritten.answers import final
from checks.rewritten.find import Found, bonus, find
from checks.text.leaks import BY_PROMPT, leaks
from tests import helpers, rewrite_oracle

ROOT = helpers.DATA.parents[1]


def lines(path: str) -> list[dict]:
    raw = (ROOT / path).read_bytes()
    return [json.loads(line) for line in (gzip.decompress(raw) if path.endswith(".gz") else raw).splitlines()]


@cache
def questions() -> tuple[list[str], list[str], list[tuple[str, str]]]:
    """GSM8K: train, eval, and a rewrite of each eval question with its answer."""
    train, evals = (
        [one["question"] for one in lines(f"sample_data/ready/{name}.jsonl")] for name in ("train", "eval")
    )
    written = [one["text"] for one in lines("tests/data/gsm8k_rewrites/rephrase_gsm8k.jsonl.gz")]
    parts = [text.removeprefix("Question: ").partition("\nAnswer:") for text in written]
    return train, evals, [(ask, say.rpartition("####")[2].strip()) for ask, _, say in parts]


def search(data: Data) -> Found:
    found = data.once(find)
    assert isinstance(found, Found), found
    return found


def hits(found: Found) -> dict[int, int]:
    return dict(zip(found.judged.row.tolist(), found.judged.train.tolist(), strict=True))


def with_answers(train: list[tuple[str, str]], evals: list[tuple[str, str]]) -> Data:
    return helpers.data(
        helpers.stored("train", helpers.turns_of(train)), helpers.stored("eval", helpers.turns_of(evals))
    )


# clean data first


def test_questions_of_one_collection_are_no_rewrites():
    train, evals, _ = questions()
    found = search(helpers.data(train, evals))
    assert found.checked == len(evals)
    assert len(found.judged.row) <= 0.012 * len(evals)
    assert (found.judged.score >= scoring.STRONG).sum() <= 0.004 * len(evals)
    assert len(found.decoys.row) <= 0.012 * found.decoy_rows


def test_unrelated_texts_show_nothing():
    rng, words = helpers.seeded(3), helpers.vocabulary(2_000, seed=4)
    texts = [" ".join(rng.choices(words, k=25)) for _ in range(600)]
    assert hits(search(helpers.data(texts[:400], texts[400:]))) == {}


# planted


@pytest.mark.parametrize("copies", [1, 3])
def test_rewrites_by_a_language_model_are_found(copies):
    train, evals, rewrites = questions()
    planted = [row for row in range(0, len(evals), 2) if rewrites[row][0]]
    more = [rewrites[row][0] for row in planted] * copies
    got = hits(search(helpers.data(train + more, evals)))
    recall = np.mean([got.get(row) == len(train) + place for place, row in enumerate(planted)])
    assert recall >= 0.93
    assert np.mean([row in got for row in range(1, len(evals), 2)]) <= 0.01


def test_several_rewrites_of_one_row_do_not_hide_each_other():
    train, evals, rewrites = questions()
    planted = [row for row in range(0, 400, 2) if rewrites[row][0]]
    thrice = [
        f"{before}{rewrites[row][0]}" for before in ("", "Tell me: ", "Here is one more. ") for row in planted
    ]
    got = hits(search(helpers.data(train + thrice, evals)))
    assert np.mean([row in got for row in planted]) >= 0.9


def test_equal_answers_find_more_at_no_cost():
    train, evals, rewrites = questions()
    planted = [row for row in range(0, len(evals), 2) if rewrites[row][0]]
    numbers = helpers.seeded(1).choices([str(n) for n in range(2, 200)], k=len(train))  # what the set lacks
    asked = [*zip(train, numbers, strict=True), *(rewrites[row] for row in planted)]
    said = [(ask, rewrites[row][1] or "1") for row, ask in enumerate(evals)]
    got = hits(search(with_answers(asked, said)))
    recall = np.mean([got.get(row) == len(train) + place for place, row in enumerate(planted)])
    assert recall >= 0.97
    assert np.mean([row in got for row in range(1, len(evals), 2)]) <= 0.012


def test_other_numbers_make_a_template_copy():
    train, evals, _ = questions()
    changed = [evals[row].translate(str.maketrans("123456789", "234567891")) for row in range(300)]
    data = helpers.data(train + changed, evals)
    found = search(data)
    got = hits(found)
    kinds = dict(zip(found.judged.row.tolist(), found.judged.kind.tolist(), strict=True))
    leaked = data.once(leaks)
    assert leaked is not None
    left = [row for row in range(300) if leaked.kind[row] < BY_PROMPT]  # the others are near copies
    assert len(left) >= 50
    caught = [row for row in left if got.get(row) == len(train) + row]
    assert len(caught) >= 0.9 * len(left)
    assert {kinds[row] for row in caught} == {scoring.TEMPLATE}


def test_one_that_counts_nothing_makes_no_template_copy():
    train, evals, _ = questions()
    asked = "He buys a house for $80,000 and then puts in $50,000 in repairs."
    (row,) = (place for place, text in enumerate(evals) if asked in text)
    reworded = (
        "A man named Josh wants to flip houses. The first one costs him $80,000, and repairs cost another $50,000. "
        "Since its worth rose by 150%, what is Josh's profit?"
    )
    judged = search(helpers.data([*train, reworded], evals)).judged
    (place,) = np.flatnonzero(judged.train == len(train))
    assert (judged.row[place], judged.kind[place], judged.dice[place]) == (row, scoring.REWRITE, 1)


def test_the_question_after_a_passage_is_compared_by_itself():
    train, evals, rewrites = questions()
    rng, words = helpers.seeded(8), helpers.vocabulary(3_000, seed=9)
    rows = [row for row in range(300) if rewrites[row][0].count("?") == 1 and len(rewrites[row][0]) < 300]
    asked = [
        " ".join(rng.choices(words, k=90)) + ".\n" + rewrites[row][0].replace(". ", ", ") for row in rows
    ]
    got = hits(search(helpers.data(train + asked, evals)))
    assert np.mean([got.get(row) == len(train) + place for place, row in enumerate(rows)]) >= 0.8


def test_a_turn_of_a_long_chat_is_compared_by_itself():
    train, evals, rewrites = questions()
    rng, words = helpers.seeded(8), helpers.vocabulary(3_000, seed=9)
    rows = [row for row in range(200) if rewrites[row][0]]
    turns = [
        "\n".join(
            [*(" ".join(rng.choices(words, k=100)) for _ in range(3)), rewrites[row][0], " ".join(words[:90])]
        )
        for row in rows
    ]
    got = hits(search(helpers.data(train + turns, evals)))
    assert np.mean([got.get(row) == len(train) + place for place, row in enumerate(rows)]) >= 0.85


# what the order of rows and copies change


def test_the_order_of_rows_changes_nothing():
    train, evals, rewrites = questions()
    rows = [*train[:700], *(rewrites[row][0] for row in range(0, 300, 3))]
    one = search(helpers.data(rows, evals[:500]))
    turned = search(helpers.data(rows[::-1], evals[:500][::-1]))
    back = {499 - row: len(rows) - 1 - place for row, place in hits(turned).items()}
    assert back == hits(one)
    assert sorted(turned.judged.score) == pytest.approx(sorted(one.judged.score), abs=1e-4)


def test_batches_change_nothing():
    train, evals, rewrites = questions()
    rows = [*train[:500], *(rewrites[row][0] for row in range(0, 200, 3))]
    whole = hits(search(helpers.data(rows, evals[:300])))
    cut = Data(
        train=helpers.split("train", rows, batch=77), eval=helpers.split("eval", evals[:300], batch=50)
    )
    assert hits(search(cut)) == whole
    assert whole


# the oracle


def test_scores_are_those_of_the_oracle(monkeypatch):
    monkeypatch.setattr(frequencies, "_FEWEST", 23)  # no two terms share a counter
    train, evals, rewrites = questions()
    rows = [*train[:240], *(rewrites[row][0] for row in range(0, 60, 2))]
    asked = [text for text in evals[:90] if len(text) < 400]
    wanted = rewrite_oracle.best_pairs(rows, asked)
    found = search(helpers.data(rows, asked))
    flagged = {row: one for row, one in enumerate(wanted) if one.score >= scoring.REVIEW}
    got = hits(found)
    assert {row: one.train for row, one in flagged.items()} == got
    assert len(got) >= 20
    for place, row in enumerate(found.judged.row.tolist()):
        assert found.judged.score[place] == pytest.approx(flagged[row].score, abs=2e-3)
        assert found.judged.order[place] == pytest.approx(flagged[row].order, abs=1e-3)


# answers


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("She has 3 and 4, so\n#### 1,007", "#1007"),
        ("#### 18.0", "#18"),
        ("The answer is $12.50.", "#12.5"),
        ("so \\boxed{42}", "#42"),
        ("12.0", "#12"),
        ("B", "b"),
        ("The Eiffel Tower", "eiffel tower"),
        ("eiffel  tower!", "eiffel tower"),
        (
            "First 3 apples go, then 4 more are bought by her mother,\nwhich makes 7 of them in all now, as said",
            "#7",
        ),
        ("A long answer that has many words and comes to no number at all", None),
        ("", None),
        ("-3", "#-3"),
    ],
)
def test_final_answers(said, wanted):
    assert final(said) == wanted


def test_answers_that_all_share_lower_nothing():
    assert bonus(None) == 0
    assert bonus(0.95) == 0
    assert bonus(0.01) == pytest.approx(2.9)
    assert 0 < bonus(0.1) < bonus(0.07) < 2.9
    assert bonus(0.2) == 0


def test_yes_and_no_support_nothing():
    train, evals, _ = questions()
    rng = helpers.seeded(5)
    asked, said = ([(text, rng.choice(["yes", "no"])) for text in texts] for texts in (train, evals))
    found = search(with_answers(asked, said))
    assert found.chance == pytest.approx(0.5, abs=0.05)
    assert (found.judged.score >= scoring.REVIEW).all()


# short rows


def test_short_rows_need_less_where_decoys_allow_it(monkeypatch):
    rng, words = helpers.seeded(3), helpers.vocabulary(1_500, seed=4)
    train = [" ".join(rng.choices(words, k=10)) for _ in range(800)]
    evals = [rng.sample(words, k=7) for _ in range(200)]
    kept = [rng.sample(row, k=3 + place % 4) for place, row in enumerate(evals[:100])]
    planted = [" ".join([*row, *rng.choices(words, k=4)]) for row in kept]
    data = helpers.data(train + planted, [" ".join(row) for row in evals])
    found = search(data)
    assert found.relief == searching.RELIEFS[0]
    assert set(hits(found)) <= set(range(100))
    monkeypatch.setattr(searching, "RELIEFS", (0.0,))
    strict = search(helpers.data(train + planted, [" ".join(row) for row in evals]))
    assert set(hits(strict)) < set(hits(found))
    assert (strict.judged.score >= scoring.REVIEW).all()


def test_short_rows_that_resemble_each_other_get_no_relief():
    rng, words = helpers.seeded(3), helpers.vocabulary(1_500, seed=4)
    frames = [" ".join(rng.choices(words, k=6)) for _ in range(40)]
    evals = [f"{frame} {rng.choice(words)}" for frame in frames for _ in range(5)]
    train = [" ".join(rng.choices(words, k=10)) for _ in range(600)]
    assert search(helpers.data(train, evals)).relief == 0


# edges


def test_few_wordings_are_said_to_be_too_few():
    train, evals, _ = questions()
    told = helpers.data(train[:50] * 20, evals[:50]).once(find)
    assert told == (
        "train has 50 different prompts; how rare a word is can be told from 200 or more, so no rewrite was looked for"
    )


@pytest.mark.parametrize(
    "evals",
    [
        ["the same question again and again"] * 30,
        ["", " ", "?"],
        ["12 + 13", "1 2 3 4 5", "3.50"],
        ["one row alone that nobody wrote before"],
        ["a", "b", "c"],
    ],
)
def test_odd_eval_sets_flag_nothing(evals):
    train, _, _ = questions()
    found = helpers.data(train, evals).once(find)
    assert isinstance(found, str) or hits(found) == {}


@pytest.mark.parametrize("train", [["x"] * 1000, [str(n) for n in range(1000)], [""] * 500, ["\n \n"]])
def test_odd_training_sets_flag_nothing(train):
    _, evals, _ = questions()
    found = helpers.data(train, evals[:100]).once(find)
    assert isinstance(found, str) or hits(found) == {}


def test_rows_that_leak_word_for_word_are_not_looked_for():
    train, evals, _ = questions()
    found = search(helpers.data([*train, *evals[:100]], evals))
    assert found.checked == len(evals) - 100
    assert not set(hits(found)) & set(range(100))


def test_repeated_eval_rows_are_found_all_the_same():
    train, evals, rewrites = questions()
    rows = [row for row in range(0, 200, 2) if rewrites[row][0]]
    once = hits(search(helpers.data(train + [rewrites[row][0] for row in rows], evals)))
    twice = hits(search(helpers.data(train + [rewrites[row][0] for row in rows], evals + evals)))
    assert {row % len(evals) for row in twice} >= set(once)
    assert searching.FEWEST == 200

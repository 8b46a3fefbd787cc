"""Effective rows against a recount with sets of what was planted."""

import random

import numpy as np
import pytest

from checks.contract import Data
from checks.effective import Effective, effective_eval, effective_train
from tests import helpers, oracle

WORDS = helpers.vocabulary(3000, seed=71)


def sentence(rng: random.Random, size: int = 60) -> list[str]:
    return rng.sample(WORDS, size)


def plant(rng: random.Random, number: int) -> list[tuple[int, str, str]]:
    """(subject, text, turns) of rows about `number` subjects: copies, copies folded alike, one near copy, faulty rows.

    A near copy differs in one of 60 words, so the Jaccard similarity of the 5-grams is 51 / 61.
    """
    rows = []
    for subject in range(number):
        words = sentence(rng)
        near = [*words[:30], "changed", *words[31:]]
        for _ in range(rng.randint(1, 4)):
            text = rng.choice((" ".join(words), " ".join(words).upper() + "!", " ".join(near)))
            rows.append((subject, text, rng.choice(("u", "u", "u", "x"))))
    rng.shuffle(rows)
    return rows


def audit(rows: list[tuple[int, str, str]], evals: list[str] | None) -> Data:
    train = helpers.stored(
        "train", {"text": [text for _, text, _ in rows], "turns": [turns for *_, turns in rows]}
    )
    return helpers.data(train, evals)


def recounted(rows: list[tuple[int, str, str]], leaked: set[int]) -> dict[str, int]:
    usable = [(subject, tuple(oracle.fold(text))) for subject, text, turns in rows if turns == "u"]
    texts, subjects = set(usable), {subject for subject, _ in usable}
    return {
        "unusable": len(rows) - len(usable),
        "exact": len(usable) - len(texts),
        "near": len(texts) - len(subjects),
        "leaked": len(subjects & leaked),
        "rows": len(subjects - leaked),
    }


def counts(found: Effective) -> dict[str, int]:
    return {name: getattr(found, name) for name in ("unusable", "exact", "near", "leaked", "rows")}


def test_rows_that_each_say_something_new_all_count():
    rng = helpers.seeded(1)
    found = effective_train(helpers.data([" ".join(sentence(rng, size)) for size in range(1, 60)]))
    assert counts(found) == {"unusable": 0, "exact": 0, "near": 0, "leaked": 0, "rows": 59}
    assert found.keeper.tolist() == list(range(59))


@pytest.mark.parametrize("seed", range(6))
def test_the_waterfall_is_that_of_a_recount_with_sets(seed):
    rng = helpers.seeded(seed)
    rows = plant(rng, 60)
    by_subject = {subject: text for subject, text, _ in rows}
    leaked = set(rng.sample(sorted(by_subject), 15)) if seed else set()
    evals = [by_subject[subject] for subject in sorted(leaked)] + [" ".join(sentence(rng)) for _ in range(10)]
    data = audit(rows, evals if seed else None)
    found = effective_train(data)
    assert counts(found) == recounted(rows, leaked)
    assert found.unusable + found.exact + found.near + found.leaked + found.rows == len(rows)
    for row, (subject, _, turns) in enumerate(rows):
        assert (found.keeper[row] >= 0) == (turns == "u" and subject not in leaked)
        assert found.keeper[row] < 0 or rows[found.keeper[row]][0] == subject


def test_eval_rows_count_alike_but_lose_none_to_leaks():
    rng = helpers.seeded(9)
    rows = plant(rng, 40)
    evals = helpers.stored(
        "eval", {"text": [text for _, text, _ in rows], "turns": [turns for *_, turns in rows]}
    )
    found = effective_eval(helpers.data([rows[0][1]], evals))
    assert found is not None
    assert counts(found) == recounted(rows, set())


def test_a_text_counts_while_one_of_its_rows_is_usable():
    text = " ".join(WORDS[:40])
    assert effective_train(audit([(0, text, "x"), (0, text, "u"), (0, text, "x")], None)).rows == 1
    assert effective_train(audit([(0, text, "x"), (0, text, "x")], None)).rows == 0


def test_a_text_counts_while_one_of_its_near_copies_does_not_leak():
    """The eval row is eight words around the one that differs: one copy holds them all, the other seven."""
    words = WORDS[:60]
    other = [*words[:30], "changed", *words[31:]]
    both = audit([(0, " ".join(words), "u"), (0, " ".join(other), "u")], [" ".join(words[26:34])])
    found = effective_train(both)
    assert counts(found) == {"unusable": 0, "exact": 0, "near": 1, "leaked": 0, "rows": 1}
    assert sorted(found.keeper >= 0) == [False, True]
    alone = audit([(0, " ".join(words), "u")], [" ".join(words[26:34])])
    assert counts(effective_train(alone)) == {"unusable": 0, "exact": 0, "near": 0, "leaked": 1, "rows": 0}


def test_all_rows_the_same():
    found = effective_train(helpers.data(["Same text"] * 700))
    assert counts(found) == {"unusable": 0, "exact": 699, "near": 0, "leaked": 0, "rows": 1}
    assert len(np.unique(found.keeper)) == 1


def test_blank_rows_are_not_copies_of_each_other_but_unusable():
    rows = [(0, "", "U"), (1, " ", "U"), (2, "text", "u")]
    assert counts(effective_train(audit(rows, None))) == {
        "unusable": 2,
        "exact": 0,
        "near": 0,
        "leaked": 0,
        "rows": 1,
    }


def test_blank_rows_without_turns_teach_nothing_either():
    train = helpers.stored("train", {"text": ["", " \n", "text"], "turns": [None, None, "u"]})
    assert effective_train(helpers.data(train)).rows == 1


def test_no_eval_split():
    assert effective_eval(helpers.data(["a"])) is None


def test_no_rows():
    assert effective_train(helpers.data([])).rows == 0
    found = effective_eval(helpers.data(["a"], []))
    assert found is not None
    assert found.rows == 0

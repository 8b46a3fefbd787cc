"""Templates: what many rows of both sides share is told from what one row leaked into another."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.leakage import Leakage
from checks.text.leaks import BY_PROMPT, EXACT, NEAR, TEMPLATE, leaks
from checks.text.phrases import FREQUENT
from checks.text.scan import scan
from checks.text.templates import Templates, only_templates, template_prompts, templates, wordings
from checks.text.texts import eval_texts, train_texts
from checks.text.wordlists import word_lists
from tests import helpers, oracle

WORDS = helpers.vocabulary(3000, seed=91)
LETTER = (
    "thank you for writing to us we are sorry that your parcel has not arrived in time please send us the number of "
    "your order and one of our colleagues will look into the matter within two working days and come back to you"
)
MANY = FREQUENT + 10


def letters(rows: int, start: int = 0, specific: int = 1) -> list[str]:
    """One template, filled in with words of their own."""
    return [f"{LETTER} {' '.join(WORDS[start + row * specific :][:specific])}" for row in range(rows)]


def kinds(train, evals) -> list[int]:
    found = leaks(helpers.data(train, evals))
    assert found is not None
    return found.kind.tolist()


def test_without_templates_nothing_is_one():
    rng = helpers.seeded(1)
    train, evals = ([" ".join(rng.choices(WORDS, k=30)) for _ in range(300)] for _ in range(2))
    data = helpers.data(train, [*evals[:250], *train[:50]])
    assert len(data.once(templates).grams) == 0
    measured = helpers.measured(Leakage(), data)
    assert (measured["template_eval_rows"], measured["exact_leaked_eval_rows"]) == (0, 50)
    assert not [one for one in Leakage().run(data).evidence if "Templates" in one.title]


def test_rows_made_from_one_template_are_not_leaked_into_each_other():
    train, evals = letters(MANY), letters(MANY, start=1000)
    assert kinds(train, evals) == [TEMPLATE] * MANY
    result = Leakage().run(helpers.data(train, evals))
    measured = {one.name: one.value for one in result.measures if one.group is None}
    assert measured["template_eval_rows"] == MANY
    assert (
        measured["leaked_eval_rows"]
        == measured["near_leaked_eval_rows"]
        == measured["suspected_eval_rows"]
        == 0
    )
    assert measured["leaking_train_rows"] == 0
    (phrases,) = [one.table for one in result.evidence if "Templates" in one.title]
    assert phrases.rows() == [(LETTER, len(LETTER.split()), MANY, MANY)]
    affected = next(one.table for one in result.evidence if one.title.startswith("Eval rows ("))
    assert set(affected["kind"]) == {"template"}
    assert set(affected["severity"]) == {"template only"}


def test_what_is_leaked_besides_the_template_is_a_leak():
    """Seven words of its own that both have: what they share is more than the template."""
    evals = letters(MANY, start=1000, specific=7)
    train = [*letters(MANY), f"{evals[3]} and more", evals[5]]
    found = kinds(train, evals)
    assert (found[3], found[5]) == (NEAR, EXACT)
    assert {kind for row, kind in enumerate(found) if row not in (3, 5)} <= {TEMPLATE}


def test_wording_that_one_side_alone_repeats_is_no_template():
    assert TEMPLATE not in kinds(letters(3), letters(MANY, start=1000)), "three training rows are no template"
    assert TEMPLATE not in kinds(letters(MANY), letters(5, start=1000)), "nor are five eval rows"
    assert set(kinds(letters(3), letters(MANY, start=1000))) == {NEAR}


def test_a_template_asks_no_question():
    """The same prompt in many rows of both sides, each with an answer of its own; and one prompt of its own."""
    rng = helpers.seeded(3)
    ask = "write a short poem about the season you like best"
    own = "which of these poems would your grandmother have liked best"
    train = [(ask, " ".join(rng.choices(WORDS, k=12))) for _ in range(MANY)]
    evals = [(ask, " ".join(rng.choices(WORDS, k=12))) for _ in range(MANY)]
    others = [(" ".join(rng.choices(WORDS, k=9)), " ".join(rng.choices(WORDS, k=12))) for _ in range(3000)]
    train += [*others[:2900], (own, "the first")]
    found = kinds(
        helpers.asked("train", train), helpers.asked("eval", [*evals, *others[2900:], (own, "no other")])
    )
    assert set(found[:MANY]) == {TEMPLATE}
    assert found[-1] == BY_PROMPT


@given(st.lists(st.lists(st.integers(0, 6), max_size=16), max_size=8), st.lists(st.lists(st.integers(0, 6), max_size=16), max_size=8),
       st.sets(st.tuples(*[st.integers(0, 6)] * 5), max_size=30))  # fmt: skip
def test_pairs_and_prompts_by_brute_force(train, evals, known):
    """Sequences of seven words, some of whose runs of five are templates."""
    texts, needles = ([" ".join(f"w{word}" for word in row) for row in rows] for rows in (train, evals))
    spelled = {tuple(f"w{word}" for word in run) for run in known}
    data = helpers.data(texts, needles)
    ours, theirs = data.once(train_texts), data.once(eval_texts)
    assert theirs is not None
    runs = [" ".join(run) for run in sorted(spelled)]
    made = helpers.data(["x"], runs).once(eval_texts)
    assert made is not None
    hashes = _grams(made, len(runs))
    grams = Templates(np.unique(hashes), np.zeros(len(hashes), np.int64), np.zeros(len(hashes), np.int64))
    pairs = np.array([(a, b) for a in range(len(texts)) for b in range(len(needles))], np.int64).reshape(
        -1, 2
    )
    lists = word_lists((batch for _, batch in theirs), texts=len(needles), room=sum(map(len, evals)))
    found = only_templates(ours, lists, pairs, grams)
    for (a, b), only in zip(pairs.tolist(), found.tolist(), strict=True):
        shared = set(oracle.word_grams(texts[a].split(), 5)) & set(oracle.word_grams(needles[b].split(), 5))
        assert only == (bool(shared) and shared <= spelled)
    asked = lists._replace(asked=np.diff(lists.bounds))
    for row, only in enumerate(template_prompts(asked, grams).tolist()):
        held = set(oracle.word_grams(needles[row].split(), 5)) if len(needles[row].split()) >= 5 else set()
        assert only == (bool(held) and held <= spelled)


def _grams(texts, number: int) -> np.ndarray:
    """The hash of each text of five words."""
    from checks.text.grams import hash_grams

    lists = word_lists((batch for _, batch in texts), texts=number, room=5 * number)
    out = np.zeros(number, np.uint64)
    for row in range(number):
        hash_grams(lists.words[5 * row : 5 * row + 5], 5, 5, out[row : row + 1])
    return out


def test_wordings_are_the_longest_stretches():
    """Two templates around words of their own, in capitals and with marks: told as they are compared."""
    rng = helpers.seeded(5)
    evals = [
        f"Dear Sir, We Beg To Inform You: {' '.join(rng.choices(WORDS, k=9))} — yours very truly, the café."
        for _ in range(MANY)
    ]
    train = [
        f"dear sir we beg to inform you {' '.join(rng.choices(WORDS, k=9))} yours very truly the cafe"
        for _ in range(MANY + 7)
    ]
    data = helpers.data(train, evals)
    against, texts = data.once(scan).probe, data.once(eval_texts)
    assert texts is not None
    told = wordings(against.lists, against.first, texts, data.once(templates))
    assert {(one.text, one.eval_rows, one.train_rows) for one in told} == {
        ("dear sir we beg to inform you", MANY, MANY + 7),
        ("yours very truly the cafe", MANY, MANY + 7),
    }


@pytest.mark.parametrize("rows", [0, 1])
def test_no_rows_have_no_templates(rows):
    data = helpers.data(["a b c d e f"] * rows, ["a b c d e f"] * rows)
    assert Counter(leaks(data).kind.tolist()) == Counter([EXACT] * rows)

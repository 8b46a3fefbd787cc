"""Unpaired preferences: a good and a bad answer to one prompt neither contradict nor repeat each other."""

import pytest

from checks.balance import Balance
from checks.contract import Data
from checks.duplicates import Duplicates
from checks.eval_set import EvalSet
from checks.noise import Noise
from checks.size import Size
from checks.unpaired import verdicts
from tests import helpers

WORDS = helpers.vocabulary(2000, seed=141)
ASK = " ".join(WORDS[:20])
GOOD, OTHER = (" ".join(WORDS[start : start + 80]) for start in (100, 300))
BAD, WORSE = (" ".join([*WORDS[100:179], word]) for word in ("changed", "wrong"))


def flagged(*rows: tuple[str, str | None]) -> dict[str, object]:
    """Stored columns of answers to one prompt, with their flags."""
    return helpers.turns_of([(ASK, say) for say, _ in rows], label=[flag for _, flag in rows])


def audit(*rows: tuple[str, str | None], **more) -> Data:
    return Data(train=helpers.stored("train", flagged(*rows)), **more)


def test_flags_of_answers_are_told_from_classes():
    split = audit((GOOD, "true"), (BAD, "False"), (OTHER, None)).train
    flags = verdicts(split)
    assert flags is not None
    assert flags.to_list() == ["true", "false", None]


@pytest.mark.parametrize(
    "columns",
    [
        flagged((GOOD, "x"), (BAD, "y")),
        flagged((GOOD, "true"), (BAD, "maybe")),
        flagged((GOOD, None), (BAD, None)),
        {**flagged((GOOD, "true"), (BAD, "false")), "response_bytes": [5, None]},
        {"text": ["a", "b"], "label": ["true", "false"]},
        helpers.turns_of([(ASK, GOOD)]),
    ],
)
def test_what_is_no_flag_of_an_answer(columns):
    assert verdicts(helpers.stored("train", columns)) is None


def test_good_and_bad_answers_do_not_contradict_each_other():
    result = Noise().run(audit((GOOD, "true"), (BAD, "false"), (GOOD, "false")))
    assert (result.measures, result.evidence) == ((), ())
    assert "which answers are good" in result.notes[0]
    assert helpers.measured(Noise(), audit((GOOD, "x"), (BAD, "y")))["near_contradictions"] == 1


def test_a_good_and_a_bad_answer_that_are_nearly_the_same_each_count():
    """The good one stays, and one of the two bad ones, which are nearly the same; a copy counts once."""
    rows = [
        (GOOD, "true"),
        (BAD, "false"),
        (WORSE, "false"),
        (GOOD, "true"),
        (GOOD, "false"),
        (OTHER, "false"),
    ]
    found = helpers.measured(Size(), audit(*rows))
    assert (found["repeated_rows"], found["near_rows"], found["effective_rows"]) == (2, 1, 3)
    assert helpers.measured(Duplicates(), audit(*rows))["near_duplicate_rows"] == 2
    classes = helpers.measured(Size(), audit(*((say, flag[0]) for say, flag in rows)))
    assert (classes["near_rows"], classes["effective_rows"]) == (2, 2)


def test_eval_answers_too():
    evals = helpers.stored("eval", flagged((GOOD, "true"), (BAD, "false")))
    data = audit((OTHER, "true"), eval=evals)
    assert helpers.measured(EvalSet(), data)["effective_eval_rows"] == 2
    assert helpers.measured(Balance(), data)["classes_only_in_eval"] == 1

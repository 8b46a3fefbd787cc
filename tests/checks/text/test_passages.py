"""The passage of a training text that an eval text resembles, against all passages there are."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.text import passages as module
from checks.text.passages import ASKED, INSIDE, WHOLE, closest, passages
from checks.text.texts import Texts
from tests import helpers, oracle
from tests.checks.text.test_differences import distance

WORDS = helpers.vocabulary(3000, seed=71)
LETTERS = st.lists(st.sampled_from("abc"), max_size=9)


def found(
    train: Sequence[str], evals: Sequence[str], side: int = INSIDE, prompts=None
) -> list[tuple[str, bool]]:
    """The passage of each training text, and whether its words are the same."""
    rows = np.arange(len(train))
    left = Texts(helpers.split("train", train)).pick(rows)
    right = Texts(helpers.split("eval", evals, prompts=prompts)).pick(rows)
    made = passages(left, rows, right, np.full(len(rows), side))
    return [
        (train[n].encode()[made.start[n] : made.stop[n]].decode(), bool(made.same[n]))
        for n in range(len(train))
    ]


@given(LETTERS, LETTERS)
def test_no_run_of_words_is_closer(needle, hay):
    codes = [np.array([ord(letter) for letter in side], np.uint64) for side in (needle, hay)]
    low, high = closest(codes[0], len(needle), codes[1], 0, len(hay))
    runs = {(i, j): distance(needle, hay[i:j]) for i in range(len(hay) + 1) for j in range(i, len(hay) + 1)}
    assert runs[low, high] == min(runs.values()) if needle else low == high


@pytest.mark.parametrize("size", [1, 4, 5, 30, 255, 256, 257, 600])
@pytest.mark.parametrize("around", [0, 7, 400])
def test_an_embedded_text_is_cut_out(size, around):
    rng = helpers.seeded(size)
    text = " ".join(rng.sample(WORDS[1000:], size))
    row = f"{' '.join(WORDS[:around])}\n«{text.upper()}» {' '.join(WORDS[around : 2 * around])}"
    assert found([row], [text]) == [(text.upper(), True)]


@pytest.mark.parametrize("size", [12, 80, 700])
def test_edits_at_both_ends_stay_inside(size):
    rng = helpers.seeded(size)
    words = rng.sample(WORDS, size)
    other = ["start", *words[1 : size // 2], *words[size // 2 + 1 : -1], "end"]
    row = " ".join([*WORDS[:90], *other, *WORDS[90:180]])
    assert found([row], [" ".join(words)]) == [(" ".join(other), False)]


def test_whole_texts_are_compared_from_end_to_end():
    assert found(["Before: the TEXT, after."], ["the text"], WHOLE) == [("Before: the TEXT, after.", False)]
    assert found(["«The TEXT!»"], ["the text"], WHOLE) == [("«The TEXT!»", True)]


def test_a_prompt_is_looked_for_alone():
    ask, say = " ".join(WORDS[:12]), " ".join(WORDS[20:40])
    row = f"{' '.join(WORDS[50:99])}: {ask}? {' '.join(WORDS[100:150])}"
    assert found([row], [f"{ask}\n{say}"], ASKED, [len(ask)]) == [(ask, True)]


def test_nothing_in_common_and_nothing_at_all():
    assert found(["", "a b", "😀"], ["x", "", "a"]) == [("", False), ("", True), ("", False)]


@pytest.mark.parametrize("sample", [sample for sample in helpers.SAMPLES if oracle.fold(sample)])
def test_words_of_every_script_are_placed(sample):
    """The passage between two known words holds the words of the sample, and the bytes are those of whole characters."""
    for row in (f"first {sample} last", f"{sample}\n{sample}"):
        ((passage, same),) = found([row], [sample])
        assert same
        assert oracle.fold(passage) == oracle.fold(sample)


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_can_be_cut(train, text):
    train, text = (side.encode("utf-8", "ignore").decode() for side in (train, text))
    ((passage, same),) = found([train], [text])
    assert same == (oracle.fold(passage) == oracle.fold(text)) or not oracle.fold(text)


def test_a_text_longer_than_its_ends_is_cut_alike(monkeypatch):
    rng = helpers.seeded(9)
    words = rng.sample(WORDS, 2_000)
    row = " ".join([*WORDS[:500], *words[:900], "new", *words[905:], *WORDS[500:900]])
    ((passage, same),) = found([row], [" ".join(words)])
    assert passage == " ".join([*words[:900], "new", *words[905:]])
    assert not same
    assert module.END < 2_000

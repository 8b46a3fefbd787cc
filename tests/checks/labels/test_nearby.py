"""The nearest rows against the cosine of plain counts of character runs."""

from __future__ import annotations

from collections import Counter
from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.contract import Data
from checks.labels import nearby
from checks.labels.nearby import nearest
from tests import helpers, oracle

WORDS = helpers.vocabulary(60, seed=11)


def audit(texts: list[str]) -> Data:
    return Data(train=helpers.stored("train", {"text": texts}))


def runs(text: str) -> Counter[str]:
    return Counter(f" {word} "[i : i + 4] for word in oracle.fold(text) for i in range(max(1, len(word) - 1)))


def cosines(text: str, candidates: list[str]) -> list[float]:
    """How like a text is each candidate; 0 where it is the same text."""
    counts = [runs(one) for one in candidates]
    held = Counter(run for one in counts for run in one)

    def weigh(one: Counter[str]) -> dict[str, float]:
        known = {run: count for run, count in one.items() if run in held}
        weights = {
            run: (1 + log(count)) * (1 + log((1 + len(counts)) / (1 + held[run])))
            for run, count in known.items()
        }
        length = sqrt(sum(weight**2 for weight in weights.values()))
        return {run: weight / length for run, weight in weights.items()}

    ours = weigh(runs(text))
    return [
        0.0
        if oracle.fold(text) == oracle.fold(one)
        else sum(w * weigh(c).get(run, 0) for run, w in ours.items())
        for one, c in zip(candidates, counts, strict=True)
    ]


def assert_nearest(texts: list[str], asked: int, most: int) -> None:
    """The first `asked` texts among all: those found are as alike as any loop finds, in falling order."""
    pool = np.arange(len(texts))
    found, pruned = nearest(audit(texts), pool[:asked], pool, most=most)
    assert not pruned
    for key, near in enumerate(found.tolist()):
        alike = cosines(texts[key], texts)
        wanted = [one for one in sorted(alike, reverse=True) if one > 1e-6][:most]
        assert [alike[row] for row in near if row >= 0] == pytest.approx(wanted, abs=1e-5)
        assert near[len(wanted) :] == [-1] * (most - len(wanted))


@settings(max_examples=25)
@given(
    st.lists(
        st.lists(st.sampled_from([*WORDS[:9], "我们", "ab"]), max_size=6).map(" ".join),
        min_size=1,
        max_size=12,
    )
)
def test_the_nearest_rows_are_those_of_a_plain_loop(texts):
    assert_nearest(texts, 3, 2)


def test_real_questions():
    assert_nearest(helpers.column("banking77/train.csv", "text")[:150], 20, 3)


def test_rows_of_another_wording_are_not_near():
    found, _ = nearest(
        audit(["alpha beta", "gamma delta", "", "!?"]), np.array([0]), np.array([1, 2, 3]), most=2
    )
    assert found.tolist() == [[-1, -1]]


def test_the_text_itself_is_none_however_it_is_written():
    texts = ["My card is lost", "MY CARD IS LOST!", "my card was lost", "a loan"]
    found, _ = nearest(audit(texts), np.array([0]), np.array([1, 2, 3]), most=2)
    assert found.tolist() == [[2, -1]]


def test_of_equally_alike_rows_the_first_candidate_goes_before():
    texts = ["lost card", "a lost card", "A lost card.", "a lost card"]
    for order in ([1, 2, 3], [3, 1, 2], [2, 3, 1]):
        found, _ = nearest(audit(texts), np.array([0]), np.array(order), most=3)
        assert found.tolist() == [order]


def test_scripts_without_spaces_are_compared_too():
    texts = ["我们昨天吃了烤鸭", "你好世界", "今天我们吃烤鸭"]
    assert nearest(audit(texts), np.array([0]), np.array([1, 2]), most=1)[0].tolist() == [[2]]


def test_without_candidates_none_is_near():
    assert nearest(audit(["a"]), np.array([0]), np.zeros(0, np.int64), most=2)[0].tolist() == [[-1, -1]]
    assert nearest(audit(["a"]), np.zeros(0, np.int64), np.array([0]), most=2)[0].shape == (0, 2)


def test_rows_that_are_compared_in_parts_find_the_same(monkeypatch):
    rng = helpers.seeded(1)
    data, rows = audit([" ".join(rng.choices(WORDS, k=6)) for _ in range(30)]), np.arange(30)
    whole, _ = nearest(data, rows, rows, most=2)
    monkeypatch.setattr(nearby, "CELLS", 200)
    assert np.array_equal(nearest(data, rows, rows, most=2)[0], whole)


def test_more_runs_than_can_be_kept_are_told(monkeypatch):
    texts = [f"shared words {word}" for word in WORDS]
    monkeypatch.setattr(nearby, "WEIGHTS", 20 * len(texts))
    found, pruned = nearest(audit(texts), np.array([0]), np.arange(1, len(texts)), most=2)
    assert pruned
    assert (found >= 1).all()

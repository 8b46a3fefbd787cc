"""Similarities that are remembered, against measuring all of them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from checks.text.clusters import train_clusters
from checks.text.memory import ALIKE, EDITED, Judged, Memory
from checks.text.witnesses import witnesses
from tests import helpers

WORDS = helpers.vocabulary(800, seed=91)
PAIRS = st.lists(st.tuples(*[st.integers(0, 2)] * 4), max_size=12)


def truth(names: np.ndarray) -> np.ndarray:
    """Two numbers that follow from the four hashes."""
    return np.stack(
        [(names * np.array(by, np.uint64)).sum(axis=1) / 100.0 for by in ([1, 3, 9, 27], [5, 1, 7, 2])],
        axis=1,
    )


def judged(memory: Memory, pairs) -> tuple[list[list[float]], int]:
    """What a memory says of pairs, and how many of them it asks for."""
    names, asked = np.array(pairs, np.uint64).reshape(-1, 4), list[int]()

    def judge(places):
        asked.extend(places.tolist())
        return truth(names[places])

    found = memory.judged(names, judge)
    assert found.tolist() == truth(names).tolist()
    return found.tolist(), len(asked)


@given(PAIRS, PAIRS)
def test_what_is_remembered_is_what_is_measured(first, second):
    kept = list[Judged]()
    one = Memory(2, None, kept.append)
    assert judged(one, first)[1] == len(first)
    one.keep()
    assert len(kept) == bool(first)
    other = Memory(2, *kept)
    again = judged(other, first)[1]
    assert again <= len(first) - len({*first}) or len({(a, c) for a, _, c, _ in first}) < len({*first})
    judged(other, second)


def test_nothing_is_kept_when_all_was_known():
    kept = list[Judged]()
    one = Memory(2, None, kept.append)
    judged(one, [(1, 2, 3, 4), (1, 2, 9, 4)])
    one.keep()
    one.keep()
    assert len(kept) == 1
    other = Memory(2, kept[0], kept.append)
    assert judged(other, [(1, 2, 3, 4), (1, 2, 9, 4)])[1] == 0
    other.keep()
    assert len(kept) == 1
    assert judged(other, [(9, 4, 1, 2)])[1] == 1, "the other way round it is another pair"
    other.keep()
    assert len(kept[1].names) == 3


def test_clusters_are_the_same_with_a_memory():
    rng = helpers.seeded(5)
    texts = helpers.planted(rng, WORDS, rows=200, words=(20, 60))
    plain = train_clusters(helpers.data(texts))
    kept = list[Judged]()
    for turn in range(2):
        data = helpers.data(texts)
        data.supply(ALIKE.empty, lambda _: Memory(1, kept[0] if kept else None, kept.append))
        made = train_clusters(data)
        assert made.keeper.tolist() == plain.keeper.tolist()
        assert made.similarity.tolist() == plain.similarity.tolist()
        assert len(kept) == 1, f"turn {turn}: what is known is not kept again"
    assert plain.near.any()
    wrong = kept[0]._replace(values=np.zeros_like(kept[0].values))
    data.supply(ALIKE.empty, lambda _: Memory(1, wrong))
    data._made.clear()
    assert train_clusters(data).near.sum() < plain.near.sum(), "it is the memory that is asked"


def test_witnesses_are_the_same_with_a_memory():
    rng = helpers.seeded(6)
    evals = [" ".join(rng.sample(WORDS, 40)) for _ in range(30)]
    train = [
        text if i % 3 else text.replace(" ", " - ", 4) + f" and {WORDS[i]}" for i, text in enumerate(evals)
    ]
    plain = witnesses(helpers.data(train, evals))
    kept = list[Judged]()
    for turn in range(2):
        data = helpers.data(train, evals)
        data.supply(EDITED.empty, lambda _: Memory(4, kept[0] if kept else None, kept.append))
        made = witnesses(data)
        for name in ("edit", "changed", "severity", "start"):
            assert getattr(made, name).tolist() == getattr(plain, name).tolist(), name
        assert len(kept) == 1, f"turn {turn}: what is known is not kept again"
    other = helpers.data([text.upper() for text in train], evals)
    other.supply(EDITED.empty, lambda _: Memory(4, kept[0]))
    assert (
        witnesses(other).edit.tolist()
        == witnesses(helpers.data([t.upper() for t in train], evals)).edit.tolist()
    )
    wrong = kept[0]._replace(values=kept[0].values + 1)
    data = helpers.data(train, evals)
    data.supply(EDITED.empty, lambda _: Memory(4, wrong))
    assert witnesses(data).edit.tolist() == (plain.edit + (plain.edit >= 0)).tolist(), (
        "it is the memory that is asked"
    )

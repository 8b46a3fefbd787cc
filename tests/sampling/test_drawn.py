"""What is drawn: no copies, no leaks, the same whatever the order; compared by brute force with code of its own."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from auditor.sampling.allotment import draw
from auditor.sampling.candidates import Candidates, Purpose, candidates
from checks.contract import Data
from tests import helpers, oracle

WORDS = helpers.vocabulary(1500, seed=41)


def corpus(seed: int, rows: int = 300) -> tuple[list[str], list[str]]:
    """Training texts, half of them copies of others, and eval texts of which some stand in train."""
    rng = helpers.seeded(seed)
    train = helpers.planted(rng, WORDS, rows=rows, words=(12, 60))
    evals = [" ".join(rng.choices(WORDS, k=30)) for _ in range(20)]
    evals += [" ".join(helpers.edited(rng, text.split(), WORDS, 1)) for text in rng.sample(train, 10)]
    return train, evals


def drawn(data: Data, rows: int, *, purpose: Purpose = "poc", seed: int = 0) -> tuple[list[int], Candidates]:
    found = candidates(data, purpose=purpose, seed=seed)
    return draw(data, found, rows).rows.tolist(), found


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_drawn_twice_and_nothing_leaks(seed):
    train, evals = corpus(seed)
    rows, _ = drawn(helpers.data(train, evals), 100, seed=seed)
    texts = [train[row] for row in rows]
    assert len(rows) == len(set(rows)) > 40
    assert oracle.near_pairs(texts, "auto", 0.8) == set()
    assert max(oracle.best_matches(evals, texts, "auto")) < 0.8
    for text in evals:
        assert all(oracle.containment(oracle.fold(text), oracle.fold(other)) < 0.9 for other in texts)


@pytest.mark.parametrize("seed", range(3))
def test_rows_that_stand_for_others_are_no_copies_either(seed):
    """The first choice of many groups is unusable: what stands in for it may be nearly what stands in for another."""
    rng = helpers.seeded(seed)
    base = [" ".join(rng.choices(WORDS, k=40)) for _ in range(40)]
    texts = [
        " ".join(helpers.edited(rng, text.split(), WORDS, rng.randint(0, 4)))
        for text in base
        for _ in range(8)
    ]
    labels = [None if rng.random() < 0.5 else rng.choice("xy") for _ in texts]
    data = Data(train=helpers.stored("train", {"text": texts, "label": labels}))
    rows, found = drawn(data, 400)
    assert found.doubtful.any(), "or the test tests nothing"
    assert oracle.near_pairs([texts[row] for row in rows], "auto", 0.8) == set()
    assert all(labels[row] for row in rows)


@pytest.mark.parametrize("purpose", ["poc", "labeling"])
def test_row_order_changes_nothing_and_a_seed_everything(purpose):
    train, evals = corpus(3)
    rng = helpers.seeded(1)
    labels = [None if n % 3 else "xy"[n % 2] for n in range(len(train))]
    order = rng.sample(range(len(train)), len(train))

    def batch(places: list[int], seed: int) -> list[str]:
        columns = {"text": [train[n] for n in places], "label": [labels[n] for n in places]}
        data = Data(train=helpers.stored("train", columns), eval=helpers.split("eval", evals))
        return [train[places[row]] for row in drawn(data, 30, purpose=purpose, seed=seed)[0]]

    first = batch(list(range(len(train))), seed=5)
    assert first == batch(order, seed=5)
    assert set(first) != set(batch(order, seed=6))


def test_the_waterfall_by_hand():
    a, b, c, d = (" ".join(WORDS[60 * n : 60 * n + 60]) for n in range(4))
    near = a.replace(WORDS[30], "changed")
    rows = [(a, "x"), (a.upper(), "x"), (near, "y"), (b, "y"), (c, "x"), (d, None)]
    data = Data(
        train=helpers.stored("train", {"text": [row[0] for row in rows], "label": [row[1] for row in rows]}),
        eval=helpers.split("eval", [c]),
    )
    places, found = drawn(data, 10)
    assert found.waterfall == (
        ("found in the files", 6), ("unreadable", 0), ("unusable", 1), ("leaking from eval", 1), ("exact copies", 1),
        ("near copies", 1),
    )  # fmt: skip
    assert len(places) == 2


def test_a_labeling_batch_holds_what_nobody_labelled():
    texts = [" ".join(helpers.seeded(n).choices(WORDS, k=40)) for n in range(12)]
    rows = [(text, "x") for text in texts[:6]] + [(text, None) for text in texts[6:]] + [(texts[0], None)]
    train = helpers.stored("train", {"text": [row[0] for row in rows], "label": [row[1] for row in rows]})
    places, found = drawn(Data(train=train), 100, purpose="labeling")
    assert sorted(places) == [6, 7, 8, 9, 10, 11]
    assert dict(found.waterfall)["labelled already"] == 6
    assert dict(found.waterfall)["copies of labelled rows"] == 1
    assert not found.again
    labelled = Data(train=helpers.stored("train", {"text": texts, "label": ["x"] * 12}))
    places, found = drawn(labelled, 100, purpose="labeling")
    assert (len(places), found.again) == (12, True)


def test_strata_are_labels_then_sources_then_lengths():
    texts = [" ".join(helpers.seeded(n).choices(WORDS, k=10 + n % 40)) for n in range(120)]
    labels, sources = (
        ["common" if n % 10 else "rare" for n in range(120)],
        ["web" if n % 4 else "desk" for n in range(120)],
    )
    by = {}
    for columns in ({"label": labels, "source": sources}, {"source": sources}, {}):
        data = Data(train=helpers.stored("train", {"text": texts, **columns}))
        places, found = drawn(data, 20)
        names = np.array(found.strata)[found.stratum]
        of = dict(zip(found.rows.tolist(), names.tolist(), strict=True))
        by[found.by] = Counter(of[place] for place in places)
    assert by == {
        "label": {"common": 18, "rare": 2}, "source": {"web": 15, "desk": 5}, "length": by["length"],
    }  # fmt: skip
    assert set(by["length"]) == {"short", "middle", "long"}
    assert max(by["length"].values()) - min(by["length"].values()) <= 1


def test_all_rows_may_be_gone():
    text = " ".join(WORDS[:40])
    assert drawn(helpers.data([text, text], [text]), 10)[0] == []
    assert drawn(helpers.data([]), 10)[0] == []


def test_labels_that_are_no_classes_are_no_strata():
    texts = [" ".join(helpers.seeded(n).choices(WORDS, k=30)) for n in range(90)]
    data = Data(train=helpers.stored("train", {"text": texts, "label": [f"answer {n}" for n in range(90)]}))
    assert drawn(data, 10)[1].by == "length"

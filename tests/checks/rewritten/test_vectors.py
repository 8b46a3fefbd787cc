"""Vectors of the user: held against a brute-force oracle, and what they change in the search."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.rewrites import Rewrites
from checks.rewritten import vectors as module
from checks.rewritten.find import find
from checks.rewritten.vectors import Vectors, margins, nearest, surprise, unit, vectors
from tests import helpers
from tests.checks.rewritten.test_find import hits, questions, search


@pytest.mark.parametrize("room", [1, 7, 1 << 24])
@given(st.integers(1, 40), st.integers(1, 9), st.integers(0, 1000))
@settings(max_examples=25)
def test_the_nearest_rows_are_those_of_the_oracle(room, rows, asked, seed):
    rng = np.random.default_rng(seed)
    source, wanted = rng.normal(size=(rows, 4)), unit(rng.normal(size=(asked, 4)))
    chosen = np.flatnonzero(rng.random(rows) < 0.8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "ROOM", room)
        found = nearest(source, chosen, wanted)
    cosines = wanted @ unit(source).T
    for item in range(asked):
        ranked = sorted(chosen.tolist(), key=lambda row: -cosines[item, row])[: module.NEAREST]
        assert found.row[found.item == item].tolist() == ranked


@pytest.mark.parametrize("room", [1, 1 << 24])
@given(st.integers(2, 9), st.integers(0, 1000))
@settings(max_examples=25)
def test_margins_are_those_of_the_oracle(room, evals, seed):
    rng = np.random.default_rng(seed)
    source, rivals = rng.normal(size=(12, 4)), unit(rng.normal(size=(evals, 4)))
    groups = np.arange(evals)
    groups[1] = groups[0]
    rows, items = rng.integers(12, size=20), rng.integers(evals, size=20)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "ROOM", room)
        found = margins(source, rows, items, rivals, groups)
    for place, (row, item) in enumerate(zip(rows, items, strict=True)):
        cosines = rivals @ unit(source[row : row + 1])[0]
        strangers = cosines[groups != groups[item]]
        wanted = cosines[item] - (strangers.max() if len(strangers) else cosines.min())
        assert found[place] == pytest.approx(wanted, abs=1e-5)


def test_vectors_are_read_in_blocks_that_fit_however_few_are_asked(monkeypatch):
    drawn = np.random.default_rng(3)
    source, asked = drawn.normal(size=(60, 50)), unit(drawn.normal(size=(2, 50)))
    read = []
    monkeypatch.setattr(module, "ROOM", 200)
    monkeypatch.setattr(module, "unit", lambda rows: (read.append(rows.size), unit(rows))[1])
    nearest(source, np.arange(60), asked)
    margins(source, np.arange(60), np.zeros(60, np.int64), asked, np.arange(2))
    assert max(read) == 200
    assert sum(read) == 2 * source.size


def test_what_decoys_show_says_nothing_and_what_they_never_show_says_much():
    decoys = np.random.default_rng(1).normal(size=1000)
    said = surprise(np.array([-1.0, 0.0, 2.0, 4.0, 9.0]), decoys, pool=1)
    assert said[0] == 0
    assert (np.diff(said) >= 0).all()
    assert said[2] == pytest.approx(-np.log(0.023) - 1, abs=0.5)
    assert said[-1] == module.MOST
    many = surprise(np.array([4.0]), decoys, pool=100)
    assert many[0] == pytest.approx(said[3] - np.log(100), abs=1e-6)


def test_equal_decoys_are_no_error():
    assert surprise(np.array([0.5, 0.7]), np.full(10, 0.5), pool=1).tolist() == [0, module.MOST]


def planted(words: bool):
    """Eval rows planted in train, in rewrites or in words of their own, and vectors that know them."""
    train, evals, rewrites = questions()
    rng, drawn = helpers.seeded(4), np.random.default_rng(4)
    known = helpers.vocabulary(3_000, seed=9)
    rows = [row for row in range(0, 600, 2) if rewrites[row][0]]
    texts = [rewrites[row][0] if words else " ".join(rng.choices(known, k=30)) for row in rows]
    sides = [drawn.normal(size=(len(side), 64)).astype(np.float32) for side in (train, evals)]
    near = sides[1][rows] + 0.7 * drawn.normal(size=(len(rows), 64)).astype(np.float32)
    return helpers.data(train + texts, evals), Vectors(np.concatenate((sides[0], near)), sides[1]), rows


def test_vectors_find_what_shares_no_word():
    data, given_vectors, rows = planted(words=False)
    assert not set(hits(search(data))) & set(rows)
    other, _, _ = planted(words=False)
    other.supply(vectors, lambda _data: given_vectors)
    got = hits(search(other))
    first = len(questions()[0])
    assert np.mean([got.get(row) == first + place for place, row in enumerate(rows)]) >= 0.95
    assert len(set(got) - set(rows)) <= 0.02 * 1019
    result = Rewrites().run(other)
    listed = result.evidence[0].table
    own = listed.filter((pl.col("vectors") > 0) & (pl.col("train_row") >= first))
    assert len(own) >= 0.95 * len(rows)
    assert own["next_eval"].null_count() == len(own)  # nobody looked
    assert listed["next_eval"].null_count() < len(listed)
    said = f"they raise the score of {(listed['vectors'] > 0).sum()} of the {len(listed)} pairs listed."
    assert f"Vectors took part: {said}" in result.notes
    assert result.notes[-1] == "This is a list for review, not a verdict."


def test_vectors_that_know_nothing_change_hardly_anything():
    data, _, _ = planted(words=True)
    before = hits(search(data))
    other, _, _ = planted(words=True)
    drawn = np.random.default_rng(9)
    noise = Vectors(
        drawn.normal(size=(other.train.rows, 16)),
        drawn.normal(size=(other.eval.rows if other.eval else 0, 16)),
    )
    other.supply(vectors, lambda _data: noise)
    got = hits(search(other))
    assert set(before.items()) <= set(got.items())
    assert len(got) <= len(before) + 0.02 * 1319


def test_without_decoys_vectors_say_nothing():
    train, evals, _ = questions()
    data = helpers.data(train[:400], evals[:1])
    data.supply(vectors, lambda _data: Vectors(np.ones((400, 2)), np.ones((1, 2))))
    assert hits(data.once(find)) == {}
    said = "Vectors took no part: what they say is judged by decoys, and so few eval rows make none."
    assert said in Rewrites().run(data).notes


def test_without_vectors_no_word_of_them_is_said():
    train, evals, _ = questions()
    notes = Rewrites().run(helpers.data(train[:400], evals[:50])).notes
    assert not [note for note in notes if note.startswith("Vectors")]
    assert notes[-1].endswith("; translations into another language are found only with --vectors.")


@pytest.mark.parametrize("rows", [150, 400])
def test_vectors_that_were_given_in_vain_are_told(rows):
    train, evals, _ = questions()
    check, said = Rewrites(most_rows=399), "Vectors took no part, since nothing was looked for."
    without = check.run(helpers.data(train[:rows], evals[:50]))
    data = helpers.data(train[:rows], evals[:50])
    data.supply(vectors, lambda _data: Vectors(np.ones((rows, 2)), np.ones((50, 2))))
    assert check.run(data).measures == without.measures == ()
    assert check.run(data).notes == (*without.notes, said)
    assert said not in without.notes

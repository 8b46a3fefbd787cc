"""Rows of a sketch: the right sets, in an order that tells nothing, and different under every key."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from checks.text.kernel import kernel
from checks.text.sketch import GRAM, SUMMED, Rows, make_rows
from checks.text.summaries import similarity
from checks.text.texts import Texts
from tests import helpers, oracle

WORDS = helpers.vocabulary(400, seed=3)
KEY = b"0123456789abcdef"


def made(texts, key: bytes = KEY) -> Rows:
    return make_rows(Texts(texts if not isinstance(texts, list) else helpers.split("eval", texts)), key)


def turns(rows: int = 120) -> list[tuple[str, str]]:
    rng = helpers.seeded(5)
    texts = helpers.planted(rng, WORDS, rows=2 * rows, words=(1, 70))
    return list(zip(texts[::2], texts[1::2], strict=True))


def phrases(words: list[str]) -> set[tuple[str, ...]]:
    return {tuple(words[i : i + GRAM]) for i in range(len(words) - GRAM + 1)}


def of_row(rows: Rows, row: int) -> dict[int, bool]:
    chosen = slice(rows.bounds[row], rows.bounds[row + 1])
    return dict(zip(rows.phrases[chosen].tolist(), rows.asked_for[chosen].tolist(), strict=True))


def test_rows_hold_the_sets_of_brute_force():
    pairs = [
        *turns(),
        ("", "only an answer"),
        ("only a prompt", ""),
        ("", ""),
        ("我们昨天在北京", "吃了烤鸭"),
    ]
    rows = made(helpers.asked("eval", pairs))
    found = [of_row(rows, row) for row in range(len(pairs))]
    both = [[oracle.fold(part) for part in pair] for pair in pairs]
    wanted = [phrases(ask + say) for ask, say in both]
    assert rows.words.tolist() == [len(ask + say) for ask, say in both]
    assert rows.asked.tolist() == [len(ask) for ask, _ in both]
    assert [len(one) for one in found] == [len(one) for one in wanted]
    for row, (ask, say) in enumerate(both):
        assert list(found[row]) == sorted(found[row])
        assert sum(found[row].values()) == (len(phrases(ask)) if say else 0)
    for a, b in combinations(range(len(pairs)), 2):
        assert len(found[a].keys() & found[b].keys()) == len(wanted[a] & wanted[b])
        assert (rows.text[a] == rows.text[b]).all() == (
            [*both[a][0], *both[a][1]] == [*both[b][0], *both[b][1]]
        )
        if both[a][0] and both[b][0]:
            assert (rows.prompt[a] == rows.prompt[b]) == (both[a][0] == both[b][0])
    assert (rows.prompt == 0).tolist() == [not ask for ask, _ in both]
    assert rows.short.tolist() == [row for row, count in enumerate(rows.words) if 0 < count < SUMMED]


def test_batches_and_files_change_nothing_and_order_moves_rows_alone():
    texts = [f"{ask} {say}" for ask, say in turns(40)]
    whole = made(texts)
    for batch in (1, 7):
        parted = made(helpers.split("eval", texts, batch=batch))
        assert all(np.array_equal(one, two) for one, two in zip(whole, parted, strict=True))
    back = made(texts[::-1])
    assert np.array_equal(back.text, whole.text[::-1])
    assert [of_row(back, row) for row in range(40)] == [of_row(whole, 39 - row) for row in range(40)]


def test_nothing_is_equal_under_another_key():
    texts = [f"{ask} {say}" for ask, say in turns(40)]
    one, two = made(texts), made(texts, KEY[::-1])
    assert np.array_equal(one.words, two.words)
    for name in ("text", "phrases", "summary"):
        assert not np.isin(getattr(one, name), getattr(two, name)).any(), name


def test_the_order_of_phrases_says_nothing_of_the_order_of_words():
    words = helpers.seeded(6).sample(WORDS, 300)
    alone = [of_row(made([" ".join(words[i : i + GRAM])]), 0) for i in range(296)]
    places = np.argsort(np.argsort([next(iter(one)) for one in alone]))
    assert abs(np.corrcoef(places, np.arange(296))[0, 1]) < 0.2
    assert len(of_row(made([" ".join(words)]), 0)) == 296


def test_no_rows_and_blank_rows():
    assert made([]).bounds.tolist() == [0]
    rows = made(["", " \n", "😀", "…", "hi"])
    assert rows.text.any(axis=1).tolist() == [False, False, True, True, True]
    assert rows.short.tolist() == [4]
    assert rows.bounds.tolist() == [0] * 6


@kernel
def alike(left, right):
    return similarity(left, right)


@pytest.mark.parametrize("edits", [0, 1, 2, 4, 8])
def test_summaries_estimate_the_similarity_of_brute_force(edits):
    rng = helpers.seeded(edits)
    pairs = []
    for _ in range(60):
        words = rng.sample(WORDS, 20)
        pairs.append((" ".join(words), " ".join(helpers.edited(rng, words, WORDS, edits))))
    left, right = made([one for one, _ in pairs]).summary, made([two for _, two in pairs]).summary
    errors = [alike(left[n], right[n]) - oracle.jaccard(*pair, "c5") for n, pair in enumerate(pairs)]
    assert abs(np.mean(errors)) < 0.02
    assert np.abs(errors).max() < 0.2
    assert edits or not np.any(errors)


def test_unrelated_short_texts_look_unrelated():
    rng = helpers.seeded(9)
    rows = made([" ".join(rng.sample(WORDS, 12)) for _ in range(60)]).summary
    assert max(alike(rows[a], rows[b]) for a, b in combinations(range(60), 2)) < 0.4

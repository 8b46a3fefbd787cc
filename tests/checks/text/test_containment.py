"""Containment: which training rows hold enough 5-grams of an eval text or prompt to be aligned with it."""

import math
import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.leakage import Leakage
from checks.text import containment
from checks.text.containment import (
    COMMON,
    FEW,
    PER_ITEM,
    PER_ROW,
    TRIES,
    build_index,
    entries,
    hits,
)
from checks.text.scan import PROMPT, scan
from tests import helpers, oracle

WORDS = helpers.vocabulary(3000, seed=11)


def sentence(rng: random.Random, size: int, words: list[str] = WORDS) -> str:
    return " ".join(rng.choices(words, k=size))


def candidates(train, evals) -> set[tuple[int, int]]:
    return set(map(tuple, scan(helpers.data(train, evals)).candidates.tolist()))


def need(grams: int) -> int:
    return max(1 if grams < FEW else 2, math.ceil(grams / 4))


def indexed(grams: list[int], items: list[int], count: int) -> containment.Index:
    known = sorted(set(zip(grams, items, strict=True)))
    return build_index(
        np.array([gram for gram, _ in known], np.uint64),
        np.array([item for _, item in known], np.int64),
        count,
    )


def kept(*items: np.ndarray) -> list[set[int]]:
    """The grams by which items of these word hashes are indexed."""
    lengths = np.array([len(item) for item in items], np.int64)
    bounds = np.concatenate(([0], np.cumsum(lengths)))
    grams, numbers = entries(np.concatenate(items), bounds[:-1], lengths)
    known = list(zip(grams.tolist(), numbers.tolist(), strict=True))
    assert known == sorted(set(known)), "distinct, by gram and item"
    return [{gram for gram, number in known if number == item} for item in range(len(items))]


def looked_up(index: containment.Index, grams: list[int]) -> list[int]:
    """Items that the index lists for a text of these grams."""
    state = np.stack((index.need.astype(np.int64), np.zeros(len(index.need), np.int64)), axis=1)
    keys, places = np.empty(len(grams), np.uint64), np.empty(len(grams), np.uint64)
    out = np.full(len(index.need) + len(grams), -1, np.int64)
    number = hits(np.array(grams, np.uint64), len(grams), 1, index, state, keys, places, out)
    return out[:number].tolist()


def test_unrelated_texts_are_no_candidates():
    rng = helpers.seeded(1)
    train, evals = [sentence(rng, 40) for _ in range(300)], [sentence(rng, 25) for _ in range(60)]
    assert candidates(train, evals) == set()


def test_one_shared_phrase_is_no_candidate():
    rng = helpers.seeded(2)
    phrase = "as I have said many times before"
    train = [f"{sentence(rng, 20)} {phrase} {sentence(rng, 20)}" for _ in range(20)]
    assert candidates(train, [f"{sentence(rng, 20)} {phrase} {sentence(rng, 20)}"]) == set()


def test_texts_too_short_for_a_gram_are_not_seen():
    made = scan(helpers.data(["a b c d e f g"], ["a b c d", "", "😀", "a b c d e"]))
    assert made.seen.tolist() == [False, False, False, True]
    assert made.candidates.tolist() == [[0, 3]]


@pytest.mark.parametrize("size", [5, 6, 7, 8, 12, 30, 31, 32, 63, 64, 200, 1000])
@pytest.mark.parametrize("around", [0, 1, 50])
def test_an_embedded_text_is_always_a_candidate(size, around):
    rng = helpers.seeded(size)
    evals = [sentence(rng, size) for _ in range(20)]
    train = [f"{sentence(rng, around)} {text} {sentence(rng, around)}" for text in evals]
    assert candidates(train, evals) >= {(row, row) for row in range(20)}


def test_a_prompt_inside_a_training_text_is_a_candidate_of_its_own():
    rng = helpers.seeded(3)
    turns = [(sentence(rng, size), sentence(rng, 100)) for size in range(1, 30)]
    train = [f"{sentence(rng, 10)} {ask}, {sentence(rng, 10)}" for ask, _ in turns]
    found = candidates(train, helpers.asked("eval", turns))
    assert found == {(row, row) for row in range(29) if row + 1 >= PROMPT}


@pytest.mark.parametrize("vocabulary", [4, 8, 40])
def test_candidates_are_those_of_brute_force(vocabulary):
    """Short items keep all grams: none that holds enough distinct grams is lost, none holds fewer in all."""
    rng = helpers.seeded(vocabulary)
    words = WORDS[:vocabulary]
    turns = [
        (sentence(rng, rng.randint(0, 12), words), sentence(rng, rng.randint(0, 12), words)) for _ in range(9)
    ]
    train = [sentence(rng, rng.randint(0, 30), words) for _ in range(60)]
    for _ in range(90):
        text, start, size = " ".join(rng.choice(turns)).split(), rng.randint(0, 10), rng.randint(4, 10)
        train.append(
            " ".join((sentence(rng, 9, words), *text[start : start + size], sentence(rng, 9, words)))
        )
    found = candidates(train, helpers.asked("eval", turns))
    least, most = set(), set()
    for item, (ask, say) in enumerate(turns):
        prompt, text = oracle.fold(ask), oracle.fold(f"{ask}\n{say}")
        for needle in (text, *([prompt] if PROMPT <= len(prompt) < len(text) else [])):
            if len(needle) < 5:
                continue
            wanted = set(oracle.word_grams(needle, 5))
            for row, hay in enumerate(map(oracle.fold, train)):
                there = Counter(oracle.word_grams(hay, 5))
                held = sum(there[gram] for gram in wanted)
                distinct = oracle.containment(needle, hay) * len(wanted)
                least |= {(row, item)} if round(distinct) >= need(len(wanted)) else set()
                most |= {(row, item)} if held >= need(len(wanted)) else set()
    assert least <= found <= most
    assert found


@given(
    st.lists(st.lists(st.integers(0, 30), max_size=20), min_size=1, max_size=6),
    st.lists(st.integers(0, 40), max_size=30),
)
def test_the_index_finds_items_by_their_grams(items, text):
    """Any hashes, also 0 and such that fall on one slot of the table."""
    spread = [
        0,
        1,
        2**64 - 1,
        *(i << 32 for i in range(1, 20)),
        *(i * 0x9E3779B97F4A7C15 % 2**64 for i in range(1, 30)),
    ]
    grams = [spread[gram] for item in items for gram in item]
    numbers = [number for number, item in enumerate(items) for _ in item]
    index = indexed(grams, numbers, len(items))
    assert index.kept.tolist() == [len(set(item)) for item in items]
    present = [gram for gram in set(text) if any(gram in item for item in items)]
    expected = {n for n, item in enumerate(items) if len(set(item) & set(present)) >= index.need[n] and item}
    found = looked_up(index, [spread[gram] for gram in present])
    assert len(found) == len(set(found))
    assert set(found) == expected


@pytest.mark.parametrize(("grams", "hits_needed"), [(1, 1), (2, 1), (3, 2), (8, 2), (9, 3), (12, 3), (31, 8)])
def test_a_quarter_of_the_grams_is_needed_and_never_one_phrase_alone(grams, hits_needed):
    index = indexed(list(range(1, grams + 1)), [0] * grams, 1)
    assert index.need.tolist() == [hits_needed] == [need(grams)]


def test_an_index_of_nothing_matches_nothing():
    index = indexed([], [], 3)
    assert index.kept.tolist() == [0, 0, 0]
    assert looked_up(index, [0, 1, 2**64 - 1]) == []


def test_items_of_many_grams_keep_a_fixed_share():
    rng = np.random.default_rng(3)
    sizes = [0, 1, 4, 5, 9, 20, 35, 36, 67, 68, 1000, 100_000]
    found = [len(grams) for grams in kept(*(rng.integers(0, 2**64, size, np.uint64) for size in sizes))]
    assert found[:7] == [0, 0, 0, 1, 5, 16, 31], "all of them, up to twice PER_ITEM"
    assert all(6 <= number <= 4 * PER_ITEM for number in found[7:])


@pytest.mark.parametrize(("grams", "share"), [(31, 1), (33, 2), (48, 2), (63, 2), (65, 4), (1024, 64)])
def test_the_share_leaves_between_once_and_twice_the_least(grams, share):
    """On average over items: which grams of one item stay is a matter of their hashes."""
    rng = np.random.default_rng(grams)
    items = [rng.integers(0, 2**64, grams + 4, np.uint64) for _ in range(400)]
    mean = np.mean([len(found) for found in kept(*items)])
    assert mean == pytest.approx(grams / share, rel=0.05)


def test_two_items_of_like_size_keep_the_same_of_their_shared_grams():
    words = np.random.default_rng(4).integers(0, 2**64, 300, np.uint64)
    one, other = kept(words, words)
    assert one == other


def test_the_size_of_an_item_is_that_of_its_distinct_grams():
    words = np.random.default_rng(5).integers(0, 2**64, 20, np.uint64)
    (found,) = kept(np.tile(words, 50))
    assert len(found) == 20


def test_an_item_that_repeats_itself_is_still_seen():
    """Two hundred repeats of one sentence are six words, not 1,200."""
    train = [
        "some other text that has nothing to do with it",
        "before " + "the cat sat on the mat " * 200 + "after",
    ]
    made = scan(helpers.data(train, ["the cat sat on the mat " * 200]))
    assert made.seen.tolist() == [True]
    assert made.candidates.tolist() == [[1, 0]]


@pytest.mark.parametrize("repeats", [1, 1000, 1 << 20, (1 << 20) + 5, 3 << 20])
def test_an_item_is_listed_once_however_often_a_text_repeats_its_gram(repeats):
    index = indexed([5], [0], 1)
    assert looked_up(index, [5] * repeats) == [0]


@pytest.mark.parametrize(("repeats", "seen"), [(COMMON, True), (COMMON + 1, False)])
def test_what_many_training_rows_say_is_no_leak(repeats, seen):
    """A sentence of more than 200 rows is a phrase: alone it is not seen, in a longer text the rest still is."""
    rng = helpers.seeded(5)
    phrase, rest = "you are a helpful and honest assistant", sentence(rng, 12)
    train = [f"{phrase} {sentence(rng, 5)}" for _ in range(repeats)] + [sentence(rng, 6) + " " + rest]
    made = scan(helpers.data(train, [phrase, f"{phrase} {rest}", rest]))
    assert made.seen.tolist() == [seen, True, True]
    found = set(map(tuple, made.candidates.tolist()))
    assert {(repeats, 1), (repeats, 2)} <= found
    assert ({(row, 0) for row in range(repeats)} <= found) == seen
    assert seen or not any(item == 0 for _, item in found)


def test_a_text_in_many_rows_of_a_small_training_set_is_a_leak_all_the_same():
    rng = helpers.seeded(6)
    text = sentence(rng, 20)
    train = [f"{sentence(rng, 30)} {text} {sentence(rng, 30)}" for _ in range(50)]
    assert helpers.measured(Leakage(), helpers.data(train, [text]))["contained_eval_rows"] == 1


@pytest.mark.parametrize(("repeats", "common"), [(COMMON, 0), (COMMON + 1, 3)])
def test_phrases_that_were_left_out_are_counted_in_a_note(repeats, common):
    """Seven words are three 5-grams."""
    rng = helpers.seeded(7)
    phrase = "you are a helpful and honest assistant"
    train = [f"{phrase} {sentence(rng, 20)}" for _ in range(repeats)]
    data = helpers.data(train, [f"{phrase} {sentence(rng, 12)}"])
    made = scan(data)
    assert (made.common, made.sampled) == (common, repeats)
    notes = [note for note in Leakage().run(data).notes if "phrases of five words" in note]
    expected = (
        f"3 phrases of five words that more than 200 of {repeats} sampled training rows share did not count"
    )
    assert [note.startswith(expected) for note in notes] == [True] * bool(common)


@given(st.lists(st.lists(st.integers(0, 12), max_size=12), max_size=8))
def test_rows_are_counted_once_for_each_gram(rows):
    spread = [0, 64, 128, 2**63, 1, 65, 7, 8, 9, 71, 72, 73, 1 << 40]
    index = indexed(spread[:8], [0] * 8, 1)
    found, seen = np.zeros(len(index.slots), np.int64), np.full(len(index.slots), -1)
    for number, row in enumerate(rows):
        grams = np.array([spread[gram] for gram in row], np.uint64)
        containment.count_row(grams, len(grams), number, index.slots, found, seen)
    counted = {int(index.slots[slot, 0]): int(found[slot]) for slot in np.flatnonzero(index.slots[:, 1])}
    assert counted == {spread[gram]: sum(gram in row for row in rows) for gram in range(8)}


def test_a_row_with_too_many_items_takes_the_best_and_counts_the_rest():
    """One training row holds parts of 300 eval texts: each is tried a few times, then only the best are."""
    rng = helpers.seeded(6)
    evals = [sentence(rng, 12) for _ in range(300)]
    part = " ".join(" ".join(text.split()[:8]) for text in evals)
    train = [part] * 10 + [f"{part} {evals[7]}"]
    made = scan(helpers.data(train, evals))
    pairs = Counter(made.candidates[:, 1].tolist())
    assert all(pairs[item] + made.left[item] == 11 for item in range(300)), "tried or counted, never lost"
    assert all(pairs[item] >= TRIES for item in range(300))
    assert [10, 7] in made.candidates.tolist(), "the text that is held in full has the largest share"
    by_row = Counter(made.candidates[:, 0].tolist())
    assert all(by_row[row] <= PER_ROW for row in range(TRIES, 11))
    assert made.left.sum() > 0


def test_rows_with_few_items_leave_nothing_out():
    rng = helpers.seeded(7)
    evals = [sentence(rng, 12) for _ in range(PER_ROW)]
    made = scan(helpers.data([" ".join(evals)] * 50, evals))
    assert len(made.candidates) == 50 * PER_ROW
    assert made.left.tolist() == [0] * PER_ROW

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
from checks.text.containment import FEW, MOST, PER_ITEM, best, build_index, entries, hits, look_up
from checks.text.phrases import FREQUENT, FREQUENT_SHARE, phrases
from checks.text.probe import PROMPT, probe
from checks.text.scan import scan
from tests import helpers, oracle

WORDS = helpers.vocabulary(3000, seed=11)


def sentence(rng: random.Random, size: int, words: list[str] = WORDS) -> str:
    return " ".join(rng.choices(words, k=size))


def held(data) -> set[tuple[int, int]]:
    """Pairs of a training and an eval row that share enough 5-grams."""
    pairs = data.once(scan).pairs
    chosen = pairs.hits.any(axis=1)
    return set(zip(pairs.train[chosen].tolist(), pairs.eval[chosen].tolist(), strict=True))


def candidates(train, evals) -> set[tuple[int, int]]:
    return held(helpers.data(train, evals))


def seen(data) -> list[bool]:
    return data.once(probe).seen.tolist()


def need(grams: int) -> int:
    return max(1 if grams < FEW else 2, math.ceil(grams / 4))


def indexed(grams: list[int], items: list[int], count: int) -> containment.Index:
    known = sorted(set(zip(grams, items, strict=True)))
    return build_index(
        np.array([gram for gram, _ in known], np.uint64),
        np.array([item for _, item in known], np.int64),
        count,
        np.zeros(0, np.uint64),
    )


def kept(*items: np.ndarray) -> list[set[int]]:
    """The grams by which items of these word hashes are indexed."""
    lengths = np.array([len(item) for item in items], np.int64)
    bounds = np.concatenate(([0], np.cumsum(lengths)))
    grams, numbers = entries(np.concatenate(items), bounds[:-1], lengths, np.zeros(0, np.uint64))
    known = list(zip(grams.tolist(), numbers.tolist(), strict=True))
    assert known == sorted(set(known)), "distinct, by gram and item"
    return [{gram for gram, number in known if number == item} for item in range(len(items))]


def looked_up(index: containment.Index, grams: list[int]) -> list[int]:
    """Items that the index lists for a text of these grams."""
    state, places = np.zeros(len(index.need), np.int64), np.empty(len(grams), np.int64)
    out = np.full(len(index.need) + len(grams), -1, np.int64)
    known = look_up(np.array(grams, np.uint64), len(grams), 1, index, np.zeros((0, 2), np.int64), places)
    number = hits(places, known, 1, index, state, out)
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
    data = helpers.data(["a b c d e f g"], ["a b c d", "", "😀", "a b c d e"])
    assert seen(data) == [False, False, False, True]
    assert held(data) == {(0, 3)}


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
    """Any hashes of different upper halves, also 0 and such that fall on one slot of the table."""
    spread = [
        0,
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
    data = helpers.data(train, ["the cat sat on the mat " * 200])
    assert seen(data) == [True]
    assert held(data) == {(1, 0)}


@pytest.mark.parametrize("repeats", [1, 1000, 1 << 20, (1 << 20) + 5, 3 << 20])
def test_an_item_is_listed_once_however_often_a_text_repeats_its_gram(repeats):
    index = indexed([5], [0], 1)
    assert looked_up(index, [5] * repeats) == [0]


@pytest.mark.parametrize(("copies", "is_phrase"), [(FREQUENT - 1, False), (FREQUENT, True)])
def test_what_many_eval_texts_say_points_to_none_of_them(copies, is_phrase):
    """A sentence of more than 20 texts is a phrase: alone it is not seen, in a longer text the rest still is."""
    rng = helpers.seeded(5)
    phrase, rest = "you are a helpful and honest assistant", sentence(rng, 12)
    evals = [phrase, *(f"{phrase} {sentence(rng, 12)}" for _ in range(copies - 1)), f"{phrase} {rest}"]
    data = helpers.data([f"{phrase} {sentence(rng, 5)}", f"{sentence(rng, 6)} {rest}"], evals)
    assert seen(data) == [not is_phrase, *[True] * copies]
    found = held(data)
    assert (1, copies) in found
    assert ((0, 0) in found) == (not is_phrase)
    assert data.once(probe).phrase_rows.tolist() == [copies + 1] * 3 * is_phrase, "seven words, three 5-grams"
    assert data.once(scan).phrase_rows.tolist() == [1] * 3 * is_phrase


def test_copies_of_a_text_make_no_phrase():
    """A test set that repeats one row 50 times is held against train all the same."""
    text = sentence(helpers.seeded(8), 20)
    data = helpers.data(["other", f"before {text} after"], [text] * 50)
    assert len(data.once(probe).phrases) == 0
    assert seen(data) == [True] * 50
    assert held(data) == {(1, 0)}


@given(st.lists(st.lists(st.integers(0, 5), max_size=14), max_size=40))
def test_phrases_are_counted_once_for_each_text(texts):
    """By brute force, with a limit that small sets reach."""
    words = np.random.default_rng(1).integers(0, 2**64, 6, np.uint64)
    lists = [words[text] for text in texts]
    bounds = np.concatenate(([0], np.cumsum([len(one) for one in lists]))).astype(np.int64)
    chosen = np.array([row % 7 != 3 for row in range(len(texts))], np.bool_)
    flat = np.concatenate([np.zeros(0, np.uint64), *lists])
    held_by = Counter[tuple[int, ...]]()
    for row, text in enumerate(texts):
        if chosen[row]:
            held_by.update({tuple(text[place : place + 5]) for place in range(len(text) - 4)})
    grams, counts = phrases(flat, bounds, chosen)
    assert sorted(counts.tolist()) == sorted(count for count in held_by.values() if count > FREQUENT)
    assert grams.tolist() == sorted(grams.tolist())


def test_in_a_large_eval_set_a_share_makes_a_phrase(monkeypatch):
    monkeypatch.setattr("checks.text.phrases.FREQUENT", 2)
    monkeypatch.setattr("checks.text.phrases.FREQUENT_SHARE", 0.1)
    rng = helpers.seeded(9)
    evals = [f"{sentence(rng, 8)} so say we all of us" for _ in range(10)]
    evals += [sentence(rng, 8) for _ in range(89)]
    assert len(helpers.data(["x"], evals).once(probe).phrases) == 2
    assert len(helpers.data(["x"], [*evals, "one", "two"]).once(probe).phrases) == 0
    assert FREQUENT_SHARE == 0.002


def test_large_sets_are_counted_in_shares(monkeypatch):
    rng = helpers.seeded(10)
    evals = [f"{sentence(rng, 30)} so say we all of us today" for _ in range(50)]
    whole = helpers.data(["x"], evals).once(probe)
    monkeypatch.setattr("checks.text.phrases._AT_ONCE", 100)
    pieces = helpers.data(["x"], evals).once(probe)
    assert pieces.phrases.tolist() == whole.phrases.tolist()
    assert pieces.phrase_rows.tolist() == whole.phrase_rows.tolist() == [50] * 3


def test_a_text_in_many_rows_of_a_small_training_set_is_a_leak_all_the_same():
    rng = helpers.seeded(6)
    text = sentence(rng, 20)
    train = [f"{sentence(rng, 30)} {text} {sentence(rng, 30)}" for _ in range(50)]
    assert helpers.measured(Leakage(), helpers.data(train, [text]))["contained_eval_rows"] == 1


def test_phrases_that_were_left_out_are_counted_in_a_note():
    rng = helpers.seeded(7)
    phrase = "you are a helpful and honest assistant"
    clean = helpers.data(["x y z"], [f"{phrase} {sentence(rng, 12)}" for _ in range(FREQUENT)])
    assert not [note for note in Leakage().run(clean).notes if "phrases of five words" in note]
    data = helpers.data(["x y z"], [f"{phrase} {sentence(rng, 12)}" for _ in range(FREQUENT + 5)])
    (note,) = [note for note in Leakage().run(data).notes if "phrases of five words" in note]
    assert note.startswith("3 phrases of five words that 25 or more distinct eval texts share did not count")


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 3), st.integers(0, 5)),
        unique_by=lambda one: one[:2],
        max_size=40,
    ),
    st.integers(1, 4),
)
def test_the_best_candidates_of_an_item_are_those_of_brute_force(rows, most):
    """(row, item, text): most hits first, then the lowest text hash; equal texts count once, by their first row."""
    found = np.array([(row, item, 1 + (7 * text + item) % 4) for row, item, text in rows], np.int64).reshape(
        -1, 3
    )
    hits_of = {(row, item): count for row, item, count in found.tolist()}
    texts = np.array([row[2] for row in rows], np.uint64)
    text_of = dict(zip(map(tuple, found[:, :2].tolist()), texts.tolist(), strict=True))
    places, over = best(found, texts, most)
    expected, fuller = set(), set()
    for item in {one[1] for one in hits_of}:
        ranked = sorted((-hits_of[pair], text_of[pair], pair[0]) for pair in hits_of if pair[1] == item)
        firsts, known = [], []
        for count, text, row in ranked:
            if (count, text) not in known:
                known.append((count, text))
                firsts.append((row, item))
        expected |= set(firsts[:most])
        fuller |= {item} if len(firsts) > most else set()
    assert {tuple(found[place, :2].tolist()) for place in places} == expected
    assert set(over.tolist()) == fuller


def test_of_too_many_candidates_the_best_are_judged_and_the_eval_row_is_named():
    """More training texts than are judged hold half of one eval text; one holds all of it."""
    rng = helpers.seeded(6)
    text = sentence(rng, 60)
    half = " ".join(text.split()[:25])
    train = [f"{sentence(rng, 30)} {half} {sentence(rng, 30)}" for _ in range(MOST + 10)]
    data = helpers.data([*train, f"{sentence(rng, 9)} {text}"], [text, sentence(rng, 30)])
    made = data.once(scan)
    assert len(made.pairs.train) == MOST
    assert len(train) in made.pairs.train.tolist(), "the text that holds all of it has the largest share"
    assert made.crowded.tolist() == [True, False]
    measured = helpers.measured(Leakage(), data)
    assert (measured["leaked_eval_rows"], measured["crowded_eval_rows"]) == (1, 0), "leaked all the same"


def test_few_candidates_leave_nothing_out():
    rng = helpers.seeded(7)
    evals = [sentence(rng, 12) for _ in range(40)]
    made = scan(helpers.data([f"{' '.join(evals)} {row}" for row in range(50)], evals))
    assert len(made.pairs.train) == 50 * 40
    assert not made.crowded.any()


def test_an_index_of_more_postings_than_it_can_number_is_refused(monkeypatch):
    monkeypatch.setattr(containment, "_NUMBER", np.uint64(3))
    indexed([1, 2, 3], [0, 0, 0], 1)
    with pytest.raises(ValueError, match="holds 3 of their phrases, and these have 4"):
        indexed([1, 2, 3, 4], [0, 0, 0, 0], 1)


def test_a_text_that_repeats_itself_more_often_than_can_be_counted():
    """The count stops, and neither spills into the next text nor makes an item a candidate twice."""
    index = indexed([7 << 32], [0], 1)
    state, places, out = np.zeros(1, np.int64), np.zeros((1 << 20) + 5, np.int64), np.zeros(4, np.int64)
    assert hits(places, len(places), 1, index, state, out) == 1
    assert state[0] >> 20 == 1
    assert hits(places, 1, 2, index, state, out) == 1
    assert state[0] == (2 << 20) + 1

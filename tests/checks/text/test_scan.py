"""The pass over all texts: fingerprints in row order, the same whatever the batches, files and buffers."""

import random
from collections.abc import Sequence
from itertools import permutations as orders

import numpy as np
import pytest

from checks.contract import Data, Part, Role, Shingle, Split, TextSettings
from checks.text import minhash
from checks.text.grams import hash_characters, hash_grams
from checks.text.minhash import Banding
from checks.text.overlap import overlap
from checks.text.prints import SHORT, Bands, Prints, shingling
from checks.text.scan import Scan, scan
from checks.text.texts import Texts
from checks.text.words import fold_table, read_words
from tests import helpers, oracle

WORDS = helpers.vocabulary(3000, seed=51)


def files(role: Role, texts: Sequence[str], sizes: Sequence[int], batch: int | None = None) -> Split:
    """The texts in files of the given numbers of rows."""
    parts, start = [], 0
    for number, size in enumerate(sizes):
        parts.append(
            Part(file=f"{number}.jsonl", table=helpers.table(texts[start : start + size], batch=batch))
        )
        start += size
    return Split(role=role, parts=tuple(parts))


def bands(made: Bands) -> dict[int, tuple[list[int], list[int]]]:
    """Keys and bits by row."""
    return {
        row: ([int(keys[place]) for keys in made.keys], made.bits[place].tolist())
        for place, row in enumerate(made.rows.tolist())
    }


def prints(made: Prints) -> list[object]:
    return [
        made.words.tolist(), made.asked.tolist(), made.text.tolist(), made.prompt.tolist(), made.control.tolist(),
        made.blank.tolist(), bands(made.by_words), bands(made.by_characters),
    ]  # fmt: skip


def pairs(made: Scan) -> list[tuple[object, ...]]:
    """Judged pairs with all that is known about them."""
    return sorted(zip(*(values.tolist() for values in made.pairs), strict=True), key=repr)


def everything(made: Scan) -> list[object]:
    assert made.eval is not None
    return [
        prints(made.train), prints(made.eval), made.probe.seen.tolist(), made.crowded.tolist(), made.phrase_rows.tolist()
    ]  # fmt: skip


def mixed(rng: random.Random, rows: int) -> list[str]:
    texts = helpers.planted(rng, WORDS, rows=rows, words=(0, 60))
    return [rng.choice(helpers.SAMPLES) if rng.random() < 0.1 else text for text in texts]


def leaky(rng: random.Random, rows: int, evals: int) -> tuple[list[str], list[str]]:
    """Training texts of which some hold an eval text."""
    texts = mixed(rng, evals)
    train = mixed(rng, rows)
    for row in range(0, rows, 5):
        train[row] = f"{train[row]} {rng.choice(texts)} {rng.choice(WORDS)}"
    return train, texts


@pytest.mark.parametrize(
    ("shingle", "words_from", "characters_below"),
    [("auto", 30, 40), ("w5", 1, 0), ("w3", 1, 0), ("c5", 1 << 40, 1 << 40)],
)
def test_which_texts_get_which_bands(shingle: Shingle, words_from, characters_below):
    cut = shingling(TextSettings(shingle=shingle))
    assert (cut.words_from, cut.characters_below) == (words_from, characters_below)
    texts = [" ".join(WORDS[:size]) for size in range(60)]
    made = scan(helpers.data(texts, shingle=shingle)).train
    assert made.by_words.rows.tolist() == [row for row in range(60) if row >= max(1, words_from)]
    assert made.by_characters.rows.tolist() == [row for row in range(1, 60) if row < characters_below]


@pytest.mark.parametrize(("threshold", "below"), [(0.5, 62), (0.6, 52), (0.8, 40), (0.9, 36)])
def test_in_auto_texts_a_little_longer_than_short_ones_have_both_bands(threshold, below):
    cut = shingling(TextSettings(threshold=threshold))
    assert cut.words_from == cut.short == SHORT
    assert cut.characters_below == below >= SHORT / threshold


def test_clean_splits_have_no_candidates():
    rng = helpers.seeded(1)
    train, evals = (
        [" ".join(rng.choices(WORDS, k=rng.randint(0, 60))) for _ in range(500)] for _ in range(2)
    )
    made = scan(helpers.data(train, evals))
    assert not made.pairs.hits.any()
    assert not made.crowded.any()
    assert made.probe.seen.tolist() == [len(text.split()) >= 5 for text in evals]


def test_without_an_eval_split_there_is_nothing_to_look_for():
    made = scan(helpers.data(["a b c d e f"] * 3))
    assert made.eval is None
    assert len(made.pairs.train) == len(made.probe.seen) == len(made.crowded) == 0


@pytest.mark.parametrize("shingle", helpers.SHINGLES)
def test_what_is_counted_is_what_the_oracle_counts(shingle: Shingle):
    rng = helpers.seeded(2)
    turns = [(rng.choice(mixed(rng, 5)), rng.choice(mixed(rng, 5))) for _ in range(200)]
    turns += [(sample, sample) for sample in helpers.SAMPLES] + [("", ""), ("ask", ""), ("", "say")]
    made = scan(helpers.data(helpers.asked("train", turns), shingle=shingle)).train
    texts = [oracle.fold(f"{ask}\n{say}") for ask, say in turns]
    prompts = [oracle.fold(ask) for ask, _ in turns]
    assert made.words.tolist() == list(map(len, texts))
    assert made.asked.tolist() == list(map(len, prompts))
    by_text = dict[tuple[str, ...], set[tuple[int, ...]]]()
    by_prompt = dict[tuple[str, ...], set[int]]()
    for row, (text, prompt) in enumerate(zip(texts, prompts, strict=True)):
        if text:
            by_text.setdefault(tuple(text), set()).add(tuple(made.text[row].tolist()))
        by_prompt.setdefault(tuple(prompt), set()).add(int(made.prompt[row]))
    assert all(len(hashes) == 1 for hashes in (*by_text.values(), *by_prompt.values()))
    assert len(set.union(*by_text.values())) == len(by_text)
    assert len(set.union(*by_prompt.values())) == len(by_prompt)
    assert by_prompt[()] == {0}


def test_prompts_are_optional_row_by_row():
    split = helpers.split("train", ["ask\nsay", "ask say", "\nsay", "ask"], prompts=[3, None, 0, 3])
    made = scan(helpers.data(split)).train
    assert made.asked.tolist() == [1, -1, 0, 1]
    assert made.prompt[0] == made.prompt[3] != 0
    assert made.prompt[1:3].tolist() == [0, 0]
    assert made.text[0].tolist() == made.text[1].tolist() != made.text[2].tolist()


def test_the_text_and_its_prompt_hash_alike_where_they_are_alike():
    made = scan(
        helpers.data(helpers.asked("train", [("Some Words", ""), ("", "some words!"), ("some", "words")]))
    ).train
    assert len(set(map(tuple, made.text.tolist()))) == 1
    assert len(set(made.prompt.tolist())) == 3


@pytest.mark.parametrize("shingle", helpers.SHINGLES)
@pytest.mark.parametrize("size", [1, 2, 4, 5, 29, 30, 39, 40, 200])
def test_fingerprints_are_the_bands_of_the_signature(shingle: Shingle, size):
    """From the text to the band keys by the single kernels, whose parts have tests of their own."""
    text = " ".join(WORDS[:size]).encode()
    data, room = np.frombuffer(text, np.uint8), 11 * len(text) + 192
    folded, words, scratch, grams = np.zeros(room, np.uint8), *np.zeros((3, room), np.uint64)
    _, count, end, _ = read_words(data, 0, len(data), -1, fold_table(), folded, words)
    made = scan(helpers.data([text.decode()], shingle=shingle))
    factors, offsets = minhash.permutations(128)
    for view, number in (
        (made.train.by_words, lambda: hash_grams(words, count, made.cut.words, grams)),
        (made.train.by_characters, lambda: hash_characters(folded, 0, end, scratch, grams)),
    ):
        if not len(view.rows):
            continue
        signature, keys = np.zeros(128, np.uint32), np.zeros((25, 1), np.uint32)
        minhash.sign(grams, number(), factors, offsets, np.zeros(room + 3, np.uint32), signature)
        minhash.band_keys(signature, 5, keys, 0)
        assert [column.tolist() for column in view.keys] == keys.tolist()
        assert view.bits.tolist() == [list(map(int, minhash.one_bits(signature)))]


def test_settings_reach_the_bands():
    made = scan(
        Data(train=helpers.split("train", ["some words"]), text=TextSettings(threshold=0.7, permutations=64))
    )
    assert made.banding == minhash.banding(0.7, 0.999, 64)
    assert made.bits == 64
    assert [len(keys) for keys in made.train.by_characters.keys] == [1] * made.banding.bands
    assert scan(helpers.data(["x"])).banding == Banding(25, 5)


@pytest.mark.parametrize("shingle", helpers.SHINGLES)
def test_batches_and_files_change_nothing(shingle: Shingle):
    train, evals = leaky(helpers.seeded(3), 240, 60)
    whole = helpers.data(train, evals, shingle=shingle)
    expected, judged = everything(scan(whole)), overlaps(whole)
    assert len(judged) > 20
    for batch, sizes in (
        (1, [240]),
        (7, [100, 140]),
        (64, [0, 1, 0, 239]),
        (None, [80, 80, 80]),
        (3, [5, 230, 5]),
    ):
        split, other = files("train", train, sizes, batch), files("eval", evals, [13, 0, 47], batch)
        again = helpers.data(split, other, shingle=shingle)
        assert everything(scan(again)) == expected
        assert overlaps(again) == judged


def overlaps(data: Data) -> list[tuple[object, ...]]:
    """What is left of the judged pairs once copies and parts are put together."""
    made = data.once(overlap)
    assert made is not None
    return sorted(zip(*(getattr(made, name).tolist() for name in made.__slots__[:6]), strict=True))


def test_slices_of_a_table_are_read_at_their_place():
    texts = mixed(helpers.seeded(4), 50)
    table = helpers.table(texts, [len(text.encode()) // 99 for text in texts])
    part = Part(file="a", table=table.slice(13, 20))
    plain = helpers.split("train", texts[13:33], prompts=[len(text.encode()) // 99 for text in texts[13:33]])
    assert prints(scan(helpers.data(Split(role="train", parts=(part,)))).train) == prints(
        scan(helpers.data(plain)).train
    )


def test_the_order_of_the_rows_changes_nothing():
    rng = helpers.seeded(5)
    train, evals = leaky(rng, 200, 50)
    made = scan(helpers.data(train, evals))
    order, other = rng.sample(range(200), 200), rng.sample(range(50), 50)
    again = scan(helpers.data([train[row] for row in order], [evals[row] for row in other]))
    moved = [(order[a], other[b], *values) for a, b, *values in pairs(again)]
    alone = made.pairs.train[made.pairs.hits.any(axis=1)]
    assert len(alone) > 10
    texts, needles = [oracle.fold(text) for text in train], [oracle.fold(text) for text in evals]
    assert sorted((texts[a], needles[b], *map(repr, values)) for a, b, *values in moved) == sorted(
        (texts[a], needles[b], *map(repr, values)) for a, b, *values in pairs(made)
    )
    assert again.probe.seen.tolist() == made.probe.seen[other].tolist()
    old, new = bands(made.train.by_characters), bands(again.train.by_characters)
    assert new == {row: old[order[row]] for row in range(200) if order[row] in old}
    assert again.train.text.tolist() == made.train.text[order].tolist()


def test_one_text_in_every_order_of_its_neighbours():
    """Nothing of one row may reach the next through the reused buffers."""
    texts = ["x" * 3000 + "\0", "", "我們 " * 100, "one two three four five six", "👍"]
    alone = [prints(scan(helpers.data([text])).train)[:5] for text in texts]
    for order in orders(range(5)):
        made = scan(helpers.data([texts[row] for row in order])).train
        together = [[values[place] for values in prints(made)[:5]] for place in range(5)]
        assert together == [[values[0] for values in alone[row]] for row in order]


@pytest.mark.parametrize("batch", [None, 1000])
def test_a_batch_with_more_candidates_than_there_is_room_loses_none(batch, monkeypatch):
    """480 training texts hold 16 eval texts each: 7,680 pairs where the buffer has room for 4,096."""
    rng = helpers.seeded(6)
    evals = [" ".join(rng.choices(WORDS, k=8)) for _ in range(480)]
    train = [
        " ".join((*evals[group : group + 16], f"x{row}")) for row in range(16) for group in range(0, 480, 16)
    ]
    train += ["an end", f"{evals[3]} at the end"]
    made = scan(helpers.data(helpers.split("train", train, batch=batch), evals))
    expected = [(row, row % 30 * 16 + place) for row in range(480) for place in range(16)]
    assert sorted((a, b) for a, b, *_ in pairs(made)) == [*expected, (481, 3)]
    assert not made.crowded.any()
    assert made.train.by_words.rows.tolist() == list(range(480))
    assert made.train.by_characters.rows.tolist() == [480, 481]


def test_phrases_are_counted_once_where_a_batch_is_scanned_twice():
    rng = helpers.seeded(7)
    evals = [f"{' '.join(rng.choices(WORDS, k=8))} so say we all of us" for _ in range(512)]
    train = [" ".join(evals[start : start + 16]) for _ in range(20) for start in range(0, 512, 16)]
    train = [f"{text} x{row}" for row, text in enumerate(train)]
    whole = scan(helpers.data(train, evals))
    pieces = scan(helpers.data(helpers.split("train", train, batch=50), evals))
    assert len(whole.pairs.train) > 1 << 12
    assert pairs(whole) == pairs(pieces)
    assert whole.phrase_rows.tolist() == pieces.phrase_rows.tolist() == [640, 640]


def test_only_the_best_candidates_are_held_on_the_way(monkeypatch):
    """However often the candidates are thinned out, the same ones are left."""
    train, evals = leaky(helpers.seeded(9), 300, 20)
    expected = pairs(scan(helpers.data(helpers.split("train", train, batch=10), evals)))
    monkeypatch.setattr("checks.text.walk._FULL", 1)
    assert pairs(scan(helpers.data(helpers.split("train", train, batch=10), evals))) == expected


@pytest.mark.parametrize(
    ("train", "evals"),
    [([], ["a b c d e f"]), (["a b c d e f"], []), ([], []), ([""], [""]), (["😀"], ["😀"])],
)
def test_splits_without_rows_or_words_can_be_scanned(train, evals):
    made = scan(helpers.data(train, evals))
    assert made.eval is not None
    assert len(made.train.words) == len(train)
    assert len(made.eval.words) == len(made.probe.seen) == len(made.crowded) == len(evals)
    assert not made.pairs.hits.any()


def test_texts_that_expand_most_fit_their_buffers():
    """One character of three bytes that makes six words, and one that makes 33 bytes."""
    train = [*("㌖" * size for size in range(1, 200)), *("ﷺ" * size for size in range(1, 200))]
    made = scan(helpers.data(train, train[50:60]))
    assert made.train.words.tolist() == [*range(6, 1200, 6), *(3 * size + 1 for size in range(1, 200))]


def test_one_giant_row_among_small_ones():
    rng = helpers.seeded(8)
    giant = " ".join(rng.choices(WORDS, k=200_000))
    train = ["small", giant, "", giant.upper(), "small"]
    made = scan(helpers.data(train, [" ".join(giant.split()[5000:5020])]))
    assert made.train.words.tolist() == [1, 200_000, 0, 200_000, 1]
    assert made.train.text[1].tolist() == made.train.text[3].tolist()
    assert [(a, b) for a, b, *_ in pairs(made)] == [(1, 0)], "its copy stands for both"


def test_progress_is_told_after_every_batch():
    told = list[tuple[str, int, int]]()
    made = Data(
        train=helpers.split("train", ["a"] * 5, batch=2),
        tick=lambda what, done, of: told.append((what, done, of)),
    )
    scan(made)
    assert [(done, of) for _, done, of in told] == [(2, 5), (4, 5), (5, 5)]


def test_control_characters_are_seen_by_row():
    made = scan(helpers.data(["fine\n", "bad\x00", "also \x1b[0m bad", "fïne", "é\x07"])).train
    assert made.control.tolist() == [False, True, True, False, True]


def test_texts_of_a_split_are_as_many_as_its_rows():
    assert len(Texts(files("train", ["a"] * 7, [3, 0, 4], batch=2))) == 7

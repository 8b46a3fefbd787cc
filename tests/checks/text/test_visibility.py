"""Which detector could see which eval row, by the words of the oracle, and what each is expected to find."""

import numpy as np
import polars as pl
import pytest

from checks.contract import Data, TextSettings
from checks.text import minhash
from checks.text.visibility import (
    CHARACTERS,
    CONTAINED,
    EXACT,
    PROMPT,
    WORDS,
    Visibility,
    near_powers,
    power_table,
    powers,
    visibility,
)
from tests import helpers, oracle

KNOWN = helpers.vocabulary(3000, seed=95)


def text(seed: int, size: int) -> str:
    return " ".join(helpers.seeded(seed).sample(KNOWN, size))


def seen(data: Data) -> Visibility:
    made = data.once(visibility)
    assert made is not None
    return made


def test_every_detector_sees_a_text_of_thirty_to_forty_words():
    made = seen(
        helpers.data([text(1, 30)], helpers.asked("eval", [(text(n, 12), text(-n, 23)) for n in range(2, 6)]))
    )
    assert [*made.seen] == [EXACT, WORDS, CHARACTERS, CONTAINED, PROMPT]
    assert all(flags.all() for flags in made.seen.values())
    assert not made.partly.size


@pytest.mark.parametrize("shingle", helpers.SHINGLES)
def test_rows_are_seen_by_their_words(shingle):
    texts = [*helpers.SAMPLES, *(text(size, size) for size in (1, 4, 5, 29, 30, 39, 40, 90))]
    made = seen(helpers.data([text(-1, 30)], texts, shingle=shingle))
    words = np.array([len(oracle.fold(each)) for each in texts])
    assert made.seen[EXACT].tolist() == [bool(each.strip()) for each in texts]
    assert made.seen[CONTAINED].tolist() == (words >= 5).tolist()
    assert PROMPT not in made.seen, "no row has a prompt of its own"
    least, most = {"auto": (30, 39), "c5": (999, 999), "w3": (1, 0), "w5": (1, 0)}[shingle]
    if WORDS in made.seen:
        assert made.seen[WORDS].tolist() == (words >= least).tolist()
    if CHARACTERS in made.seen:
        assert made.seen[CHARACTERS].tolist() == ((words > 0) & (words <= most)).tolist()
    assert {WORDS, CHARACTERS} & {*made.seen} == {"auto": {WORDS, CHARACTERS}, "c5": {CHARACTERS}}.get(
        shingle, {WORDS}
    )


def test_rows_that_nobody_sees_come_first():
    made = seen(helpers.data(["some words"], [text(1, 20), "hi", "", "you there", " ", "😀"]))
    assert made.partly.tolist() == [2, 4, 1, 3, 5]
    why = {name: np.flatnonzero(flags).tolist() for name, flags in made.lacking.items() if flags.any()}
    assert why == {
        "anything: it is blank": [2, 4],
        "near: it holds no word": [5],
        "contained: it has fewer than five words": [1, 3, 5],
    }


def test_rows_made_of_common_phrases_are_not_looked_for_inside_others():
    phrase = "please answer the question below"
    made = seen(helpers.data(["x"], [phrase, *(f"{phrase} {text(n, 20)}" for n in range(30))]))
    assert made.lacking["contained: all its phrases are common"].tolist() == [True, *[False] * 30]


def test_no_eval_and_no_rows():
    assert visibility(helpers.data(["a"])) is None
    assert seen(helpers.data(["a"], [])).partly.tolist() == []


@pytest.mark.parametrize("threshold", [0.5, 0.8, 0.95])
@pytest.mark.parametrize("recall", [0.9, 0.999])
def test_the_recall_is_that_of_the_bands_and_no_less_than_asked_for(threshold, recall):
    settings = TextSettings(threshold=threshold, recall=recall)
    found = powers(
        Data(train=helpers.split("train", ["a"]), eval=helpers.split("eval", ["b"]), text=settings)
    )
    bands = minhash.banding(threshold, recall, 128)
    near = {power.detector: power for power in found if power.detector in (WORDS, CHARACTERS)}
    assert len(near) == 2
    for power in near.values():
        assert power.recall == 1 - (1 - threshold**bands.rows) ** bands.bands >= recall
        assert power.suspected == pytest.approx(1 - (1 - 0.6**bands.rows) ** bands.bands)
        assert power.known_from == f"{bands.bands} bands of {bands.rows} hash values"
        assert f"Jaccard {threshold:g}" in power.finds


def test_planted_pairs_at_the_threshold_are_found_as_often_as_it_says():
    """Signatures of sets at Jaccard .8, drawn a thousand times, with few bands so that there is something to miss."""
    bands = minhash.banding(0.8, 0.9, 32)
    rng = np.random.default_rng(1)
    agree = rng.random((1000, bands.bands, bands.rows)) < 0.8
    share = agree.all(axis=2).any(axis=1).mean()
    assert share == pytest.approx(bands.recall(0.8), abs=0.03)


def test_duplicates_and_leaks_tell_the_same_of_the_same_detectors():
    data = helpers.data(["a"], ["b"])
    table = power_table(powers(data))
    assert table.head(3).equals(power_table(near_powers(data)))
    assert table["detector"].to_list() == [EXACT, WORDS, CHARACTERS, CONTAINED, PROMPT]
    assert table.filter(pl.col("detector").is_in((EXACT, PROMPT)))["suspected"].null_count() == 2

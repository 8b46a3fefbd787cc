"""Duplicates: different rows stay, copies are counted against sets and all pairs, and every pair is shown."""

import pytest

from checks.contract import EXCERPT
from checks.duplicates import Duplicates
from tests import helpers, oracle

WORDS = helpers.vocabulary(3000, seed=91)
A, B = (" ".join(WORDS[60 * n : 60 * n + 60]) for n in range(2))
NEAR_A = A.replace(WORDS[30], "changed")


def duplicates(texts, **settings) -> dict[str, float]:
    return helpers.measured(Duplicates(), helpers.data(texts, **settings))


def test_different_rows_are_no_duplicates():
    rng = helpers.seeded(1)
    texts = [" ".join(rng.sample(WORDS, rng.randint(1, 60))) + f" {row}" for row in range(400)]
    texts += [
        f"Please translate this sentence into French: {' '.join(rng.sample(WORDS, 20))}" for _ in range(100)
    ]
    assert duplicates(texts) == {
        "exact_duplicate_rows": 0, "near_duplicate_rows": 0, "largest_cluster_rows": 1, "uncompared_rows": 0,
    }  # fmt: skip
    (powers,) = Duplicates().run(helpers.data(texts)).evidence
    assert powers.title == "What each detector can find"
    assert powers.table["detector"].to_list() == ["exact", "near by words", "near by characters"]
    assert powers.table["recall"].to_list() == [1, *[pytest.approx(1 - (1 - 0.8**5) ** 25)] * 2]


def test_planted_copies_by_hand():
    texts = [A, "other", A.upper(), f"«{A}»\n", NEAR_A, B, NEAR_A, "Other."]
    assert duplicates(texts) == {
        "exact_duplicate_rows": 4, "near_duplicate_rows": 1, "largest_cluster_rows": 5, "uncompared_rows": 0,
    }  # fmt: skip


@pytest.mark.parametrize("shingle", helpers.SHINGLES)
def test_exact_copies_are_those_of_a_set(shingle):
    rng = helpers.seeded(2)
    texts = helpers.planted(rng, WORDS, rows=250, words=(1, 50))
    folded = [tuple(oracle.fold(text)) for text in texts]
    found = duplicates(texts, shingle=shingle)
    assert found["exact_duplicate_rows"] == len(texts) - len(set(folded)) > 10
    distinct = list(dict.fromkeys(" ".join(words) for words in folded))
    pairs = oracle.near_pairs(distinct, shingle, 0.8)
    touched = {row for pair in pairs for row in pair}
    assert 0 < found["near_duplicate_rows"] < len(touched)
    assert (found["near_duplicate_rows"] > 0) == bool(pairs)


def test_lone_near_pairs_lose_one_row_each():
    """Where no row is near to two others, the number of near-duplicates is the number of pairs."""
    rng = helpers.seeded(3)
    texts = []
    for _ in range(100):
        words = rng.sample(WORDS, 50)
        texts += [" ".join(words), " ".join([*words[:25], "changed", *words[26:]])][: rng.randint(1, 2)]
    pairs = oracle.near_pairs(texts, "auto", 0.8)
    assert duplicates(texts)["near_duplicate_rows"] == len(pairs) > 30


def test_the_threshold_is_that_of_the_settings():
    found = {
        threshold: duplicates([A, NEAR_A], threshold=threshold)["near_duplicate_rows"]
        for threshold in (0.83, 0.85)
    }
    assert found == {0.83: 1, 0.85: 0}, "51 of 61 5-grams are .836"


def test_the_evidence_shows_each_left_out_row_beside_the_one_that_stays():
    long = " ".join(WORDS[200:320])
    texts = [A, "other", NEAR_A, long, long.upper()]
    table = Duplicates().run(helpers.data(texts)).evidence[0].table
    assert table["split"].to_list() == ["train"] * 2
    assert table["kind"].to_list() == ["near", "exact"]
    near, exact = table.iter_rows(named=True)
    assert {near["row"], near["kept_row"]} == {0, 2}
    assert near["similarity"] == oracle.jaccard(A, NEAR_A, "auto")
    assert (exact["row"], exact["line"], exact["kept_row"], exact["kept_line"]) == (4, 5, 3, 4)
    assert (exact["text"], exact["kept_text"], exact["similarity"]) == (
        long.upper()[:EXCERPT],
        long[:EXCERPT],
        1.0,
    )


def test_a_row_shown_as_an_exact_copy_stands_beside_its_equal():
    table = Duplicates().run(helpers.data([A, NEAR_A, A, NEAR_A])).evidence[0].table
    assert set(table.filter(kind="exact")["similarity"].to_list()) == {1.0}


def test_all_rows_the_same():
    assert duplicates(["Same text"] * 800) == {
        "exact_duplicate_rows": 799, "near_duplicate_rows": 0, "largest_cluster_rows": 800, "uncompared_rows": 0,
    }  # fmt: skip


def test_blank_rows_are_no_copies_but_equal_symbols_are():
    assert duplicates(["", " ", "\n", "\t"])["exact_duplicate_rows"] == 0
    assert duplicates(["😀", "😀", "😎", "...", "…", "..."])["exact_duplicate_rows"] == 2


@pytest.mark.parametrize("sample", [sample for sample in helpers.SAMPLES if sample.strip()])
def test_copies_in_every_script(sample):
    assert duplicates([sample, f" {sample}\n", "another text"])["exact_duplicate_rows"] == 1


def test_eval_rows_are_no_training_copies():
    assert helpers.measured(Duplicates(), helpers.data([A, B], [A, A]))["exact_duplicate_rows"] == 0


@pytest.mark.parametrize(("texts", "largest"), [([], 0), (["one"], 1), ([""], 1)])
def test_none_or_one(texts, largest):
    assert duplicates(texts) == {
        "exact_duplicate_rows": 0, "near_duplicate_rows": 0, "largest_cluster_rows": largest, "uncompared_rows": 0,
    }  # fmt: skip


@pytest.mark.parametrize("shingle", helpers.SHINGLES)
def test_a_note_says_how_texts_were_compared_and_what_may_be_missed(shingle):
    note = Duplicates().run(helpers.data(["a"], shingle=shingle)).notes[0]
    assert "0.8" in note
    assert "99.9" in note

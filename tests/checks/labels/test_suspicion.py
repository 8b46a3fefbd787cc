"""Suspicion: order and copies change nothing, what cannot be told is said, planted mistakes come first."""

# ruff: noqa: RUF001 - Arabic letters look like others

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.contract import Data
from checks.labels import classifier, suspicion
from checks.labels.suspicion import Suspicion, Unknown, examined, suspicions
from tests import helpers
from tests.bench.noise_planted import Labelled, average_precision, made_up, mislabelled, thinned

SMALL = made_up(240, 3, seed=5)
NAMED = [f"c{label}" for label in SMALL.labels]


def bank(rows: int, classes: int, seed: int = 0) -> Labelled:
    names = helpers.column("banking77/train.csv", "category")
    _, labels = np.unique(names, return_inverse=True)
    whole = Labelled(helpers.column("banking77/train.csv", "text"), labels)
    return thinned(whole, rows, classes, seed)


def audit(texts, labels) -> Data:
    return Data(
        train=helpers.stored(
            "train", {"text": list(texts), "label": [None if one is None else str(one) for one in labels]}
        )
    )


def told(texts, labels) -> Suspicion:
    found = examined(audit(texts, labels))
    assert isinstance(found, Suspicion), found
    return found


def unknown(texts, labels) -> str:
    found = examined(audit(texts, labels))
    assert isinstance(found, Unknown)
    assert suspicions(audit(texts, labels)) is None
    return found.why


def by_row(found: Suspicion) -> pl.DataFrame:
    names = np.array(found.classes, dtype=object)
    return pl.DataFrame(
        {
            "row": found.rows,
            "score": found.score,
            "wrong": found.wrong,
            "given": names[found.given].tolist(),
            "other": names[found.other].tolist(),
        }
    )


@pytest.mark.parametrize(("rows", "classes"), [(1000, 10), (1500, 30)])
def test_clean_labels_are_believed(rows, classes):
    data = bank(rows, classes)
    found = told(data.texts, data.labels)
    assert found.accuracy > 0.85
    assert found.slips.interval[0] < 0.01
    assert max(found.slips.interval[1], found.confusions.interval[1]) < 0.05
    assert np.mean(found.wrong > 0.5) < 0.015


@pytest.mark.parametrize(
    ("rows", "classes", "slip", "precision"),
    [
        (1000, 10, "uniform", 0.85),
        (1000, 10, "pair", 0.4),
        (3000, 77, "uniform", 0.7),
        (3000, 77, "pair", 0.4),
    ],
)
def test_planted_mistakes_come_first(rows, classes, slip, precision):
    data = bank(rows, classes)
    labels, wrong = mislabelled(data, 0.05, slip, 1)
    found = told(data.texts, labels)
    assert found.rows.tolist() == list(range(rows))
    assert average_precision(wrong, found.score) > precision
    low, high = found.slips.interval[0], max(found.slips.interval[1], found.confusions.interval[1])
    assert low <= 0.05 <= high
    if slip == "uniform":
        assert found.slips.rate == pytest.approx(0.05, abs=0.012)


def test_what_is_told_fits_the_rows():
    found = told(SMALL.texts, NAMED)
    assert found.classes == ("c0", "c1", "c2")
    assert found.given.tolist() == SMALL.labels.tolist()
    assert (found.other != found.given).all()
    assert ((found.wrong >= 0) & (found.wrong <= 1)).all()
    assert np.isfinite(found.score).all()
    assert (found.seen, found.fitted, found.learned, found.distinct) == (240, 240, 240, 240)
    assert (found.alone, found.pruned) == (0, False)
    assert found.frequent == np.bincount(SMALL.labels).max() / 240


@settings(max_examples=5, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_row_numbers_alone(rng):
    labels, _ = mislabelled(SMALL, 0.1, "uniform", 3)
    texts = [*SMALL.texts, *SMALL.texts[:20], *SMALL.texts[:10]]
    labels = [*labels, *labels[:20], *((labels[:10] + 1) % 3)]
    order = list(range(len(texts)))
    rng.shuffle(order)
    here, there = told(texts, labels), told([texts[i] for i in order], [labels[i] for i in order])
    assert (here.slips.interval, here.confusions.interval) == (
        there.slips.interval,
        there.confusions.interval,
    )
    back = by_row(there).with_columns(row=pl.Series(order)).sort("row")
    assert by_row(here).equals(back)


def test_copies_are_as_suspicious_as_their_text():
    labels, _ = mislabelled(SMALL, 0.1, "uniform", 3)
    alone = told(SMALL.texts, labels)
    copies = told([*SMALL.texts, *(text.upper() + "!" for text in SMALL.texts)], [*labels, *labels])
    assert np.array_equal(copies.score[:240], alone.score)
    assert np.array_equal(copies.score[240:], alone.score)
    assert (copies.seen, copies.slips.interval) == (240, alone.slips.interval)


def test_one_text_with_two_labels_stays_in_one_fold(monkeypatch):
    """Its other label would tell the model what to say of it."""
    seen = {}

    def spy(terms, labels, folds, classes, size):
        seen.update(
            folds=folds,
            texts=[terms.ids[a:b].tobytes() for a, b in zip(terms.starts, terms.starts[1:], strict=False)],
        )
        return original(terms, labels, folds, classes, size)

    original = classifier.out_of_fold
    monkeypatch.setattr(classifier, "out_of_fold", spy)
    told(
        [*SMALL.texts, *SMALL.texts[:60], *SMALL.texts[:30]],
        [*SMALL.labels, *(SMALL.labels[:60] + 1) % 3, *(SMALL.labels[:30] + 2) % 3],
    )
    folds = {}
    for text, fold in zip(seen["texts"], seen["folds"], strict=True):
        folds.setdefault(text, set()).add(int(fold))
    assert len(seen["folds"]) == 330
    assert all(len(one) == 1 for one in folds.values())


def test_every_class_is_spread_over_all_folds(monkeypatch):
    seen = {}

    def spy(terms, labels, folds, classes, size):
        seen.update(folds=folds, labels=labels)
        return original(terms, labels, folds, classes, size)

    original = classifier.out_of_fold
    monkeypatch.setattr(classifier, "out_of_fold", spy)
    data = bank(800, 40)
    told(data.texts, data.labels)
    for label in range(40):
        counts = np.bincount(seen["folds"][seen["labels"] == label], minlength=5)
        assert np.ptp(counts) <= 1


def test_fewer_than_fifty_texts_are_too_few():
    assert isinstance(told(SMALL.texts[:50], NAMED[:50]), Suspicion)
    assert (
        unknown(SMALL.texts[:49], NAMED[:49])
        == "49 distinct labelled texts are too few for a model; it takes 50"
    )
    assert "49 distinct" in unknown(SMALL.texts[:49] * 3, NAMED[:49] * 3), "copies do not count"


def test_one_class_or_none():
    assert unknown(SMALL.texts, ["x"] * 240) == "there is only one class"
    assert unknown(SMALL.texts, [None] * 240) == "no row is labelled"
    assert unknown(SMALL.texts, ["x"] * 239 + ["y"]) == "fewer than two classes have more than one text"
    assert unknown([], []) == "no row is labelled"


def test_a_class_of_one_text_is_left_out():
    for more, rows in ((["something new here"], 240), (["something new here", "Something new, here!"], 240)):
        found = told([*SMALL.texts, *more], [*NAMED, *["rare"] * len(more)])
        assert (found.alone, len(found.rows), found.classes) == (1, rows, ("c0", "c1", "c2"))
        assert np.array_equal(found.score, told(SMALL.texts, NAMED).score)


def test_a_class_without_words_is_left_out():
    found = told([*SMALL.texts, "", " ", "\n"], [*NAMED, "blank", "blank", "blank"])
    assert (found.classes, len(found.rows)) == (("c0", "c1", "c2"), 240)


def test_rows_without_label_or_text_change_nothing():
    labels, _ = mislabelled(SMALL, 0.1, "uniform", 3)
    alone = told(SMALL.texts, labels)
    found = told([*SMALL.texts, "", " \t", SMALL.texts[0], "more words"], [*labels, "0", "1", None, None])
    assert found.rows.tolist() == list(range(240))
    assert np.array_equal(found.score, alone.score)
    assert found.confusions.interval == alone.confusions.interval


def test_more_than_a_thousand_classes_are_too_many():
    words = helpers.vocabulary(3000, seed=8)
    texts = [f"{words[n % 1001]} {words[1001 + n // 1001]}" for n in range(2002)]
    assert "1,001 classes are too many" in unknown(texts, [f"{n % 1001}" for n in range(2002)])


def test_two_classes():
    data = made_up(600, 2, seed=2)
    labels, wrong = mislabelled(data, 0.1, "uniform", 0)
    found = told(data.texts, labels)
    assert average_precision(wrong, found.score) > 0.4
    assert ((found.other == 1) == (found.given == 0)).all()


def test_a_rare_class():
    """One text in a hundred is of the other class; none of it is doubted without reason, and the mistakes are found."""
    data = made_up(2000, 2, hard=0, own=0.6, seed=3)
    rare = np.flatnonzero(data.labels == 1)[:12]
    kept = np.concatenate((np.flatnonzero(data.labels == 0), rare))
    texts, labels = [data.texts[row] for row in kept], data.labels[kept]
    found = told(texts, labels)
    assert np.mean(found.wrong > 0.5) < 0.01
    assert found.slips.interval[1] < 0.03
    labels = labels.copy()
    labels[:20] = 1
    found = told(texts, labels)
    assert average_precision(np.arange(len(labels)) < 20, found.score) > 0.5


def test_labels_by_chance_are_not_believed():
    labels = np.random.default_rng(0).integers(0, 3, 240)
    found = told(SMALL.texts, labels)
    assert found.accuracy < 0.5
    assert found.skill < 0.2


def test_no_text_says_anything():
    found = told([f"word{n}" for n in range(60)], ["x", "y"] * 30)
    assert found.accuracy <= 0.6
    assert np.isfinite(found.score).all()


def test_texts_of_signs_alone():
    found = examined(audit([chr(0x1F600 + n) for n in range(60)], ["x", "y"] * 30))
    assert isinstance(found, Suspicion | Unknown)


@pytest.mark.parametrize(
    "alphabet", ["的一是不了人我在有他这中大来上国", "กขคงจฉชซณดตถทธนบ", "ابتثجحخدذرزسشصضط"]
)
def test_texts_of_other_scripts(alphabet):
    """Two topics that prefer one half of the characters each."""
    rng = helpers.seeded(4)
    labels = [n % 2 for n in range(300)]
    wanted = [[4] * 8 + [1] * 8, [1] * 8 + [4] * 8]
    texts = ["".join(rng.choices(alphabet, wanted[label], k=rng.randint(20, 40))) for label in labels]
    if alphabet[0] == "ا":
        texts = [" ".join(text[i : i + 3] for i in range(0, len(text), 3)) for text in texts]
    wrong = np.arange(300) < 20
    found = told(texts, np.where(wrong, 1 - np.array(labels), labels))
    assert found.accuracy > 0.7
    assert average_precision(wrong, found.score) > 0.3


def test_long_texts():
    rng = helpers.seeded(6)
    texts = [f"{text} " * 2 + " ".join(rng.choices(SMALL.texts[:20], k=100)) for text in SMALL.texts]
    assert len(told(texts, NAMED).rows) == 240


def test_texts_beyond_the_sample_are_judged_by_it(monkeypatch):
    data = bank(2000, 10)
    labels, wrong = mislabelled(data, 0.05, "uniform", 1)
    whole = told(data.texts, labels)
    monkeypatch.setattr(suspicion, "SAMPLE", 1200)
    monkeypatch.setattr(suspicion, "CHUNK", 150)
    found = told(data.texts, labels)
    assert (found.learned, found.seen, found.distinct) == (1200, 1200, len(whole.rows) and whole.distinct)
    assert found.rows.tolist() == whole.rows.tolist()
    assert found.given.tolist() == whole.given.tolist()
    assert average_precision(wrong, found.score) > average_precision(wrong, whole.score) - 0.1
    assert found.slips.interval[0] <= 0.05 <= found.slips.interval[1]
    monkeypatch.setattr(suspicion, "CHUNK", 1000)
    assert np.array_equal(told(data.texts, labels).score, found.score), "however many are worked on at a time"


def test_every_class_is_in_the_sample(monkeypatch):
    monkeypatch.setattr(suspicion, "SAMPLE", 300)
    monkeypatch.setattr(suspicion, "PER_CLASS", 10)
    data = bank(2000, 10)
    rare = np.flatnonzero(data.labels == 0)[12:]
    kept = np.delete(np.arange(len(data.labels)), rare)
    found = told([data.texts[row] for row in kept], data.labels[kept])
    assert 300 <= found.learned <= 300 + 10 * 10
    assert (found.seen, found.distinct) == (300, found.distinct)
    assert set(found.given.tolist()) == set(range(10))
    assert np.mean(found.wrong[found.given == 0] > 0.5) < 0.5, "its texts are known by those in the sample"

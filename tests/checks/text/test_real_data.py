"""Public data sets with known truths: what stands in both splits, counted by plain sets."""

import json

import numpy as np
import pytest

from checks.contract import Data, Shingle
from checks.text.clusters import eval_clusters, train_clusters
from checks.text.leaks import BY_PROMPT, leaks
from checks.text.overlap import overlap
from tests import helpers

THRESHOLDS = (0.9, 0.8, 0.7)
PASSAGE, ELEMENT = range(2)  # rows of the reference set of decon


def best(data: Data, name: str = "jaccard") -> np.ndarray:
    """Per eval row the largest value over its pairs."""
    made, evals = data.once(overlap), data.once(eval_clusters)
    assert made is not None
    assert evals is not None
    out = np.zeros(len(evals.first))
    np.maximum.at(out, made.eval, getattr(made, name))
    return out[evals.first]


def near_rows(train: list[str], evals: list[str], shingle: Shingle) -> list[int]:
    """How many eval rows are near a training row, for each of the thresholds."""
    found = [helpers.data(train, evals, shingle=shingle, threshold=threshold) for threshold in THRESHOLDS]
    return [int((best(data) >= data.text.threshold).sum()) for data in found]


def banking77() -> tuple[list[str], list[str]]:
    train, test = (helpers.column(f"banking77/{name}.csv", "text") for name in ("train", "test"))
    assert (len(train), len(test)) == (10_003, 3_080)
    return train, test


def word_problems(name: str) -> tuple[list[str], list[str]]:
    train, dev = (helpers.column(f"{name}/{split}.csv", "Question") for split in ("train", "dev"))
    return train, dev


@pytest.mark.parametrize("shingle", helpers.SHINGLES)
def test_banking77_has_25_test_rows_in_train(shingle: Shingle):
    assert best(helpers.data(*banking77(), shingle=shingle), "exact").sum() == 25


@pytest.mark.parametrize(("shingle", "rows"), [("c5", [37, 151, 378]), ("w3", [28, 77, 159])])
def test_banking77_test_rows_near_a_training_row(shingle: Shingle, rows):
    assert near_rows(*banking77(), shingle) == rows


def test_asdiv_a_fold_0_leaks_nothing():
    train, dev = word_problems("asdiv-a")
    assert (len(train), len(dev)) == (979, 238)
    assert best(helpers.data(train, dev), "exact").sum() == 0
    assert near_rows(train, dev, "w3") == [0, 0, 0]
    assert near_rows(train, dev, "c5")[:2] == [0, 0]
    assert (leaks(helpers.data(train, dev)).kind >= BY_PROMPT).sum() == 3, "the same words in the same order"


def test_mawps_fold_0_leaks_a_third_of_its_rows():
    train, dev = word_problems("mawps")
    assert (len(train), len(dev)) == (1537, 384)
    assert best(helpers.data(train, dev), "exact").sum() == 129
    assert near_rows(train, dev, "w3") == [153, 167, 186]


@pytest.mark.parametrize("shingle", helpers.SHINGLES)
@pytest.mark.parametrize("threshold", [0.5, 0.8, 0.9])
def test_mccormick_articles_are_found_without_error(shingle: Shingle, threshold):
    lines = (helpers.DATA / "mccormick/articles_100.train").read_text(encoding="utf-8").splitlines()
    names, texts = zip(*(line.split(" ", 1) for line in lines), strict=True)
    truth = (helpers.DATA / "mccormick/articles_100.truth").read_text(encoding="utf-8").splitlines()
    made = train_clusters(helpers.data(texts, shingle=shingle, threshold=threshold))
    pairs = {frozenset((names[row], names[made.keeper[row]])) for row in np.flatnonzero(made.near)}
    assert pairs == {frozenset(line.split()) for line in truth}
    assert not made.exact.any()


@pytest.mark.parametrize(
    ("name", "covered"),
    [
        ("clean", {}),
        ("demo", {}),
        ("contaminated_at_beginning", {PASSAGE: 1}),
        ("contaminated_middle_position", {PASSAGE: 1}),
        ("contaminated_at_end", {PASSAGE: 1}),
        ("contaminated_punctuation_variation", {PASSAGE: 1}),
        ("contaminated_multiple_in_one", {PASSAGE: 1, ELEMENT: 1}),
        ("contaminated_mixed", {PASSAGE: 1, ELEMENT: 1}),
        ("long_document", {PASSAGE: 1, ELEMENT: 1}),
    ],
)
def test_decon_fixtures_are_covered_where_they_are_contaminated(name, covered):
    def column(path: str, key: str) -> list[str]:
        rows = (helpers.DATA / "decon" / path).read_text(encoding="utf-8").splitlines()
        return [json.loads(row)[key] for row in rows]

    questions = column("reference/question_reference.jsonl", "question")
    found = best(helpers.data(column(f"training/{name}.jsonl", "text"), questions), "coverage")
    assert {int(row): found[row] for row in np.flatnonzero(found >= 0.9)} == covered

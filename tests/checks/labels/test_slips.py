"""The rate of wrong labels: slopes against differences, ends of intervals against a grid, coverage on simulated labels."""

from itertools import product

import numpy as np
import pytest

from checks.labels.slips import (
    LEAST,
    NO_CONFUSION,
    Observed,
    confusable,
    fit,
    likelihood,
    logit,
    posterior,
    probabilities,
    sigmoid,
)

CHI = 1.920729410347062  # half the 95 % quantile of chi-squared with one degree of freedom


def simulated(
    seed: int,
    *,
    rows: int,
    classes: int,
    rate: float,
    share: float = 0.0,
    sharp: tuple[float, float] = (2.0, 1.0),
) -> tuple[Observed, np.ndarray]:
    """Scores, labels drawn from the very model, and which of these are wrong; `share` of them are confusions."""
    draw = np.random.default_rng(seed)
    first, second = draw.normal(size=(2, rows, classes)).astype(np.float32)
    chance = probabilities(first, second, np.array([*np.log(sharp), 0, 0])).astype(float)
    truth = picked(draw, chance)
    alike = draw.random((classes, classes)) ** 4
    np.fill_diagonal(alike, 0)
    alike /= alike.sum(axis=0)  # [g, k]: a text of class k is labelled g
    wrong = draw.random(rows) < rate
    slip = (truth + draw.integers(1, classes, rows)) % classes
    confused = picked(draw, alike.T[truth])
    labels = np.where(wrong, np.where(draw.random(rows) < share, confused, slip), truth).astype(np.int32)
    return Observed(first, second, labels, alike.astype(np.float32)), wrong


def picked(draw: np.random.Generator, chance: np.ndarray) -> np.ndarray:
    """For each row a class by its chance."""
    ends = np.cumsum(chance, axis=1)
    return (ends < draw.random((len(chance), 1)) * ends[:, -1:]).sum(axis=1)


def log_likelihood(seen: Observed, at: np.ndarray) -> float:
    """Row by row, in double precision, with exp of the machine."""
    a, b = np.exp(at[:2])
    rate, share = 1 / (1 + np.exp(-at[2:]))
    total = 0.0
    for one, two, label in zip(seen.first.astype(float), seen.second.astype(float), seen.labels, strict=True):
        chance = np.exp(a * one + b * two - (a * one + b * two).max())
        chance /= chance.sum()
        slip = (1 - chance[label]) / (len(chance) - 1)
        confused = chance @ seen.likeness[label].astype(float)
        total += np.log((1 - rate) * chance[label] + rate * (1 - share) * slip + rate * share * confused)
    return total


POINTS = [
    np.array(at)
    for at in product((-1.0, 0.7), (0.0, 0.5), (logit(0.02), logit(0.3)), (NO_CONFUSION, -1.0, 2.0))
]


@pytest.mark.parametrize("classes", [2, 3, 20])
def test_the_likelihood_row_by_row(classes):
    seen, _ = simulated(1, rows=80, classes=classes, rate=0.1, share=0.5)
    for at in POINTS:
        assert likelihood(seen, at)[0] == pytest.approx(-log_likelihood(seen, at), rel=1e-4)


@pytest.mark.parametrize("classes", [2, 3, 20])
def test_slopes_are_differences(classes):
    seen, _ = simulated(2, rows=60, classes=classes, rate=0.1, share=0.5)
    for at in POINTS:
        _, gradient, products = likelihood(seen, at)
        for i in range(4):
            step = np.eye(4)[i] * 1e-5
            wanted = -(log_likelihood(seen, at + step) - log_likelihood(seen, at - step)) / 2e-5
            assert gradient[i] == pytest.approx(wanted, abs=2e-3 * (1 + abs(wanted)))
        assert np.array_equal(products, products.T)
        assert np.linalg.eigvalsh(products).min() > -1e-6 * np.trace(products)


def test_the_products_are_of_each_row():
    seen, _ = simulated(3, rows=15, classes=4, rate=0.2, share=0.5)
    at = POINTS[-1]
    rows = [
        likelihood(
            Observed(seen.first[i : i + 1], seen.second[i : i + 1], seen.labels[i : i + 1], seen.likeness), at
        )[1]
        for i in range(15)
    ]
    assert likelihood(seen, at)[2] == pytest.approx(sum(np.outer(row, row) for row in rows), rel=1e-6)


def test_probabilities_and_posterior_by_bayes():
    seen, _ = simulated(4, rows=30, classes=5, rate=0.2, share=0.5)
    at = np.array([0.5, 0.1, logit(0.2), logit(0.4)])
    chance = probabilities(seen.first, seen.second, at)
    exact = np.exp(np.exp(0.5) * seen.first.astype(float) + np.exp(0.1) * seen.second)
    exact /= exact.sum(axis=1, keepdims=True)
    assert chance == pytest.approx(exact, abs=1e-6)
    for i, label in enumerate(seen.labels):
        right = 0.8 * exact[i, label]
        wrong = sum(
            exact[i, truth] * 0.2 * (0.6 / 4 + 0.4 * float(seen.likeness[label, truth]))
            for truth in range(5)
            if truth != label
        )
        found = posterior(chance, seen.labels, seen.likeness, at)[i]
        assert found == pytest.approx(wrong / (wrong + right), abs=1e-5)


def test_classes_that_look_alike_are_confusable():
    chance = np.array([[0.7, 0.2, 0.1], [0.6, 0.3, 0.1], [0.1, 0.9, 0.0], [0.0, 0.0, 1.0]], np.float32)
    found = confusable(chance, np.array([0, 0, 1, 2], np.int32))
    wanted = np.array([[0, 1, 0], [0.5 / 0.7, 0, 0], [0.2 / 0.7, 0, 0]])
    assert found == pytest.approx(wanted, abs=1e-6)


def grid_ends(seen: Observed, *, confusion: bool) -> tuple[float, float]:
    """Where the best likelihood over all else falls by `CHI`: a grid, refined, with a simplex-free coordinate search."""

    def profiled(place: float, start: np.ndarray) -> tuple[float, np.ndarray]:
        at = start.copy()
        at[2] = place
        value, size = likelihood(seen, at)[0], 0.5
        while size > 1e-3:
            moves = [
                at + sign * size * np.eye(4)[i]
                for i in (0, 1, *((3,) if confusion else ()))
                for sign in (-1, 1)
                if not (i == 3 and abs(at[3] + sign * size) > 8)
            ]
            values = [likelihood(seen, one)[0] for one in moves]
            if min(values) < value - 1e-7:
                value, at = min(values), moves[int(np.argmin(values))]
            else:
                size /= 2
        return value, at

    at = np.array([0.5, 0.5, logit(0.05), 0.0 if confusion else NO_CONFUSION])
    places = np.linspace(logit(0.001), logit(0.5), 50)
    curve = []
    for place in places:
        value, at = profiled(place, at)
        curve.append(value)
    inside = np.flatnonzero(np.array(curve) <= min(curve) + CHI)
    return sigmoid(places[inside[0]]), sigmoid(places[inside[-1]])


@pytest.mark.parametrize(
    ("classes", "rate", "share"), [(2, 0.1, 0.0), (4, 0.05, 0.0), (4, 0.15, 0.5), (12, 0.1, 0.0)]
)
def test_the_ends_of_the_interval_against_a_grid(classes, rate, share):
    seen, _ = simulated(classes, rows=250, classes=classes, rate=rate, share=share, sharp=(3.0, 2.0))
    for confusion in (False, True):
        low, high = fit(seen, confusion=confusion).interval
        wanted = grid_ends(seen, confusion=confusion)
        step = (logit(0.5) - logit(0.001)) / 49
        assert logit(max(low, 0.001)) == pytest.approx(logit(wanted[0]), abs=1.5 * step)
        assert logit(high) == pytest.approx(logit(wanted[1]), abs=1.5 * step)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("classes", "rows", "rate"),
    [(2, 400, 0.1), (5, 300, 0.05), (5, 300, 0.2), (30, 200, 0.1), (10, 600, 0.02)],
)
def test_the_interval_covers_the_rate_of_simulated_slips(classes, rows, rate):
    """60 runs: at 95 % fewer than 52 have a chance of 1 in 100."""
    fits = [
        fit(simulated(seed, rows=rows, classes=classes, rate=rate, sharp=(4.0, 3.0))[0], confusion=False)
        for seed in range(60)
    ]
    assert sum(low <= rate <= high for low, high in (one.interval for one in fits)) >= 52
    error = np.std([one.rate for one in fits]) / np.sqrt(60)
    assert np.mean([one.rate for one in fits]) == pytest.approx(rate, abs=3 * error + 0.002)


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.3, 1.0])
def test_the_interval_covers_slips_and_confusions_together(share):
    fits = [
        fit(simulated(seed, rows=300, classes=6, rate=0.15, share=share, sharp=(4.0, 3.0))[0], confusion=True)
        for seed in range(60)
    ]
    assert sum(low <= 0.15 <= high for low, high in (one.interval for one in fits)) >= 52


@pytest.mark.parametrize("classes", [2, 5, 50])
def test_no_wrong_labels(classes):
    fits = [
        fit(simulated(seed, rows=300, classes=classes, rate=0, sharp=(4.0, 3.0))[0], confusion=False)
        for seed in range(40)
    ]
    assert sum(one.interval[0] == 0 for one in fits) >= 36
    assert np.mean([one.rate for one in fits]) < 0.01
    assert all(one.interval[0] <= one.rate <= one.interval[1] < 0.2 for one in fits)


def test_a_perfect_model():
    """Scores that tell every label for certain: nothing is wrong, and three in n may still be."""
    labels = np.arange(300, dtype=np.int32) % 3
    scores = np.where(np.arange(3) == labels[:, None], 5.0, -5.0).astype(np.float32)
    found = fit(Observed(scores, scores, labels, np.zeros((3, 3), np.float32)), confusion=False)
    assert (found.interval[0], found.rate < 1e-4) == (0, True)
    assert 0.003 < found.interval[1] < 0.02


def test_a_thousand_classes():
    seen, wrong = simulated(1, rows=300, classes=1000, rate=0.1, sharp=(8.0, 4.0))
    for confusion in (False, True):
        found = fit(seen, confusion=confusion)
        assert found.interval[0] <= 0.1 <= found.interval[1]
    chance = probabilities(seen.first, seen.second, found.at)
    assert np.mean(posterior(chance, seen.labels, seen.likeness, found.at)[wrong] > 0.5) > 0.8


def test_scores_that_say_nothing_leave_everything_open():
    draw = np.random.default_rng(0)
    first, second = draw.normal(size=(2, 500, 4)).astype(np.float32)
    labels = draw.integers(0, 4, 500).astype(np.int32)
    low, high = fit(Observed(first, second, labels, np.zeros((4, 4), np.float32)), confusion=False).interval
    assert (low, high > 0.5) == (0, True)


def test_a_label_that_is_never_predicted():
    """Its likelihood is 0 without slips, so there must be some."""
    labels = np.array([0] * 99 + [1], np.int32)
    scores = np.tile(np.array([[30.0, -30.0]], np.float32), (100, 1))
    found = fit(Observed(scores, scores, labels, np.zeros((2, 2), np.float32)), confusion=False)
    assert np.isfinite(found.at).all()
    assert found.interval[0] <= 0.01 <= found.interval[1]


def test_the_rate_stays_within_its_bounds():
    assert sigmoid(LEAST) < 1e-5
    assert sigmoid(logit(0.3)) == pytest.approx(0.3)

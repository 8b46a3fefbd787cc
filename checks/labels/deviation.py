"""Labelers who label otherwise than the others do on the same items, beyond what chance explains.

Both tests hold each labeler against the labels that their own items were given. Under the null hypothesis the labels of
an item could have gone to its labelers in any order, so a labeler who gets the hard items, or those of one topic, is
not accused of it: only where labels of one item differ is anything to be learned, and the items are the strata.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checks.contract import Evidence, Measure, Result
from checks.labels.judgements import Cast, Judgements, cast_votes, sums
from checks.labels.significance import EFFECT, FALSE, false_discovery
from checks.labels.votes import Floats, Ints
from checks.places import brief, quoting

EXPECTED = 5.0
"""Variance of a class's count from which its distribution is taken for chi-square, in the spirit of Cochran's rule of
five expected (1954); rarer classes are counted together."""
CLASSES = 50
"""Classes told apart for each labeler, those with the most to tell; the others are counted together. Bounds the work."""
INFORMED = 20
"""Judgements, on items whose other labels differ, from which agreement is tested: fewer make no normal sum."""
LEAST_SKEW = 1e-3
"""Skewness below which a gamma variable is as good as normal."""
NEAR = 0.75
"""Share of the largest effect from which labelers are set aside together; reasoned: one biased labeler among three on
every item draws the others along by half of the effect, and by less where there are more."""
ROUNDS = 20
"""Times that labelers are set aside at most: with each the largest effect falls to 3/4, from 1 to .05 in eleven."""


class Tests(NamedTuple):
    """Both tests, one entry per labeler. A tail is NaN where the labeler could not be tested."""

    use: Floats
    """Probability of so different a use of the labels."""
    use_effect: Floats
    """Share of labels by which it differs from the others' on the same items (Mantel-Haenszel difference)."""
    over: Ints
    """Label that is given more often than by the others, by the most."""
    under: Ints
    """Label that is given less often, by the most."""
    agree: Floats
    """Probability of so little agreement with the others."""
    agree_effect: Floats
    """By how much the others of the same items agree more (Mantel-Haenszel difference)."""
    agreement: Floats
    """Mean share of the other labelers of an item who gave the same label."""
    shared: Ints
    """Judgements of items that others judged, too."""


class Deviations(NamedTuple):
    """Who deviates, one entry per labeler, with the tests that say so."""

    tests: Tests
    tested: NDArray[np.bool_]
    by_use: NDArray[np.bool_]
    by_agreement: NDArray[np.bool_]

    @property
    def deviating(self) -> NDArray[np.bool_]:
        """Whom either test names."""
        return self.by_use | self.by_agreement


def deviations(judgements: Judgements) -> Deviations:
    """Test all labelers, again and again without those who deviate the most.

    Who shares items with a biased labeler looks biased the other way. So whoever certainly deviates by at least `NEAR`
    of what anybody certainly does (the lower end of the 90 % interval of the effect) is set aside, and the others are
    tested without them, until no one deviates. In each round a labeler deviates if a test rejects, at 5 % false
    discoveries over both tests of all labelers (Benjamini and Hochberg 1995), and its effect is at least `EFFECT`.
    What is told of a labeler is from the round that set them aside, or from the last one.
    """
    left = judgements.of(np.lexsort((judgements.row, judgements.labeler)))  # sums do not depend on the order
    told = both_tests(left)
    tested = ~np.isnan(told.use) | ~np.isnan(told.agree)
    named = np.zeros((2, len(tested)), np.bool_)
    found = told
    for _ in range(ROUNDS):
        certain = _certain(found)
        largest = certain.max(axis=0, initial=0)
        worst = (largest > 0) & (largest >= NEAR * largest.max(initial=0))
        if not worst.any():
            break
        named |= worst & (certain > 0)
        left = left.of(~worst[left.labeler])
        found = both_tests(left)
        told = _chosen(named[0] | named[1], told, found)
    return Deviations(told, tested, *named)


def _chosen(first: NDArray[np.bool_], told: Tests, found: Tests) -> Tests:
    """What was told of some labelers, what was found of the others."""
    return Tests._make(np.where(first, *both) for both in zip(told, found, strict=True))


def _certain(found: Tests) -> Floats:
    """Lower end of the 90 % interval of both effects (use, agreement) of each labeler; 0 where no test names them."""
    from scipy.special import ndtri

    tails, effects = np.stack((found.use, found.agree)), np.stack((found.use_effect, found.agree_effect))
    testable = ~np.isnan(tails)
    rejected = np.zeros(tails.shape, np.bool_)
    rejected[testable] = false_discovery(tails[testable], FALSE)
    named = rejected & (effects >= EFFECT)
    certain = np.zeros(tails.shape)
    certain[named] = effects[named] * np.maximum(1 - ndtri(FALSE) / ndtri(tails[named]), 1e-9)
    return certain


def both_tests(judgements: Judgements) -> Tests:
    """Test the use of labels and the agreement of each labeler, by the labels of the same items.

    Use of labels: the generalised Cochran-Mantel-Haenszel test with the items as strata (Landis, Heyman and Koch
    1978). Of an item with label shares p a labeler's label is one draw: with O the labels given, E = sum of p and
    V = sum of (diag p - p p'), the statistic (O-E)' V^- (O-E) is chi-square with the rank of V. Agreement: the share
    of the others who gave the same label, with the mean and the variance of that draw; the sum is taken for
    a gamma variable with its three moments (Pearson's type III), since rare disagreement is skewed.
    An effect is the sum of differences over the sum of (m-1)/m, m judgements of the item: the difference between the
    labeler and the others.
    """
    cast = cast_votes(judgements)
    people = len(judgements.labelers)
    several = cast.size[cast.item] > 1
    shared = np.bincount(judgements.labeler[several], minlength=people)
    weight = sums(judgements.labeler, 1 - 1 / cast.size[cast.item], people)
    informed = np.flatnonzero(cast.kinds[cast.item] > 1)
    order = informed[np.lexsort((judgements.row[informed], judgements.labeler[informed]))]
    bounds = np.searchsorted(judgements.labeler[order], np.arange(people + 1))
    use, effect = np.full(people, np.nan), np.zeros(people)
    over, under = np.zeros((2, people), np.int64)
    for labeler in range(people):
        own = order[bounds[labeler] : bounds[labeler + 1]]
        if len(own) > EXPECTED:
            use[labeler], moved, over[labeler], under[labeler] = _label_use(
                cast, cast.item[own], judgements.label[own]
            )
            effect[labeler] = moved / weight[labeler]
    return Tests(use, effect, over, under, *_agreement(judgements, cast, shared, weight), shared)


def _label_use(cast: Cast, items: Ints, given: Ints) -> tuple[float, float, int, int]:
    """Tail of one labeler's chi-square, number of labels that would have to change, label over-used and under-used."""
    from scipy.special import chdtrc

    kinds = cast.kinds[items]
    number = np.repeat(np.arange(len(items)), kinds)
    cells = np.arange(len(number)) + np.repeat(cast.starts[items] - np.cumsum(kinds) + kinds, kinds)
    share = cast.votes.votes[cells] / cast.size[items][number]
    classes, place = np.unique(cast.votes.code[cells], return_inverse=True)
    mine = np.searchsorted(classes, given)
    excess = np.bincount(mine, minlength=len(classes)) - np.bincount(place, share)
    group = _groups(sums(place, share * (1 - share), len(classes)))
    size = int(group.max(initial=0)) + 1
    tail = np.nan
    if size > 1:
        shares = np.bincount(number * size + group[place], share, len(items) * size).reshape(-1, size)
        variance, strength = np.diag(shares.sum(axis=0)) - shares.T @ shares, np.bincount(group, excess)
        values, axes = np.linalg.eigh(variance)
        rank = values > 1e-9 * values[-1]
        statistic = float(((strength @ axes)[rank] ** 2 / values[rank]).sum())
        tail = float(chdtrc(int(rank.sum()), statistic))
    most, least = (int(classes[find(excess)]) for find in (np.argmax, np.argmin))
    return tail, float(np.abs(excess).sum() / 2), most, least


def _groups(variances: Floats) -> Ints:
    """The group of each class: the most variable ones by themselves, all others in the last one; one group tells nothing."""
    order = np.argsort(-variances, kind="stable")
    alone = min(int((variances >= EXPECTED).sum()), CLASSES)
    if alone > 1 and alone < len(variances):
        alone -= 1  # the last one takes the rest in, which may be too little by itself
    group = np.empty(len(variances), np.int64)
    group[order] = np.minimum(np.arange(len(variances)), alone)
    return group


def _agreement(
    judgements: Judgements, cast: Cast, shared: Ints, weight: Floats
) -> tuple[Floats, Floats, Floats]:
    """Tail, effect and mean agreement of each labeler."""
    from scipy.special import gammaincc

    people, of = len(shared), cast.votes.unit
    share = cast.votes.votes / cast.size[of]
    agreeing = (cast.votes.votes - 1) / np.maximum(cast.size[of] - 1, 1)
    mean = np.bincount(of, share * agreeing, len(cast.size))
    away = mean[of] - agreeing
    moments = [np.bincount(of, share * away**power, len(cast.size))[cast.item] for power in (2, 3)]
    variance, third = (np.bincount(judgements.labeler, moment, people) for moment in moments)
    informed = np.bincount(judgements.labeler[moments[0] > 0], minlength=people)
    lacking = np.bincount(judgements.labeler, away[cast.entry], people)
    total = np.bincount(judgements.labeler, agreeing[cast.entry], people)
    with np.errstate(invalid="ignore", divide="ignore"):
        skew = np.maximum(third / variance**1.5, LEAST_SKEW)
        shape = 4 / skew**2
        tails = gammaincc(shape, np.maximum(shape + 2 / skew * lacking / np.sqrt(variance), 0))
        return np.where(informed >= INFORMED, tails, np.nan), lacking / weight, total / shared


def deviation_result(judgements: Judgements, found: Deviations) -> Result:
    """`deviating_labelers` and `deviating_share`, and a table that names them; nothing where nobody could be tested."""
    people, tested = judgements.given, int(found.tested.sum())
    if not tested:
        return Result((), (), ("No labeler shares enough disputed items with others to be tested.",))
    named = np.flatnonzero(found.deviating)
    named = named[np.lexsort((named, -people[named]))]
    measures = (
        Measure(name="deviating_labelers", value=len(named), of=tested),
        Measure(
            name="deviating_share",
            value=float(people[named].sum() / len(judgements)),
            kind="share",
            of=len(judgements),
        ),
    )
    pairs = int((cast_votes(judgements).size > 2).sum()) == 0
    unclear = "No item was judged by more than two, so of two who differ both may be named."
    kinds = len(judgements.labels)
    capped = f"Of {kinds:,} labels the {CLASSES} that vary most on a labeler's items are told apart, the rest count as one."
    notes = ((unclear,) if len(named) and pairs else ()) + ((capped,) if kinds > CLASSES else ())
    if not len(named):
        return Result(measures, (), notes)
    told = Tests._make(column[named] for column in found.tests)
    by = found.by_use[named] + 2 * found.by_agreement[named]
    used = pl.lit(pl.Series(found.by_use[named]))
    effects, tails = np.stack((told.use_effect, told.agree_effect)), np.stack((told.use, told.agree))
    stronger = np.nan_to_num(tails, nan=1.0).argmin(axis=0)[None]
    table = pl.DataFrame(
        {
            "labeler": judgements.labelers.gather(named),
            "judged": people[named],
            "by": np.array(["", "use", "agreement", "both"])[by],
            "effect": np.take_along_axis(effects, stronger, 0)[0],
            "p": np.take_along_axis(tails, stronger, 0)[0],
            "over_used": judgements.labels.gather(told.over),
            "under_used": judgements.labels.gather(told.under),
            "agreement": told.agreement,
            "of_others": told.agreement + told.agree_effect,
        }
    )
    labels = ("over_used", "under_used")
    table = table.with_columns(pl.when(used).then(pl.col(labels)))
    shown = brief(table, "labeler", *labels)
    evidence = Evidence("Labelers who deviate from the others", shown, (), quoting(table, *labels))
    return Result(measures, (evidence,), notes)

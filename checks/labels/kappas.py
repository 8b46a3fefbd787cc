"""Agreement of many judges, corrected for chance: Fleiss' kappa and Gwet's AC1.

Both are (P_a - P_e) / (1 - P_e), with P_a the mean over units of the share of pairs of judgements that agree and pi_c
the mean over units of the share of judgements that are c. Chance is sum pi_c^2 for Fleiss (J. L. Fleiss 1971) and
sum pi_c (1 - pi_c) / (K - 1) for Gwet, which does not take skewed labels for agreement by chance (K. L. Gwet 2008,
"Computing inter-rater reliability and its variance in the presence of high agreement"). Where units have different
numbers of judges every unit weighs the same, as in K. L. Gwet, "Handbook of Inter-Rater Reliability" (2014), chapter 5,
here over the units with two judges or more.
"""

from __future__ import annotations

import numpy as np

from checks.intervals import Z95, wilson
from checks.labels.alpha import disagreement
from checks.labels.estimates import Disagreement, Estimate, estimate
from checks.labels.votes import Floats, Votes


def pairwise_agreement(votes: Votes) -> tuple[Estimate, int]:
    """Share of the pairs of judgements of one unit that agree, and how many pairs there are.

    Wilson's interval with the number of units, each worth as much as it has pairs: (sum p)^2 / sum p^2.
    """
    m = votes.per_unit(votes.votes)
    pairs = m * (m - 1) / 2
    agreeing = votes.per_unit(votes.votes * (votes.votes - 1) / 2)
    share = float(agreeing.sum() / pairs.sum())
    return Estimate(share, wilson(share, float(pairs.sum() ** 2 / (pairs**2).sum()))), int(pairs.sum())


def fleiss(votes: Votes) -> Estimate | None:
    """Fleiss' kappa with a linearised interval; None where all labels are the same."""
    shares = _shares(votes)
    means = votes.per_class(shares) / votes.units
    usual = votes.per_unit(shares * means[votes.code])
    chance = float(means @ means)
    return _corrected(votes, chance, 2 * (usual - chance))


def gwet(votes: Votes, classes: int) -> Estimate | None:
    """Gwet's AC1 among `classes` labels with a linearised interval; None where there is but one."""
    if classes < 2:
        return None
    shares = _shares(votes)
    means = votes.per_class(shares) / votes.units
    usual = votes.per_unit(shares * means[votes.code])
    same = float(means @ means)
    return _corrected(votes, (1 - same) / (classes - 1), -2 * (usual - same) / (classes - 1))


def _shares(votes: Votes) -> Floats:
    """Of each entry: the share of its unit's votes."""
    return votes.votes / votes.per_unit(votes.votes)[votes.unit]


def _corrected(votes: Votes, chance: float, of_chance: Floats) -> Estimate | None:
    """(agreement - chance) / (1 - chance); `of_chance` is what each unit adds to chance, times the number of units."""
    if chance >= 1 - 1e-12:
        return None
    m = votes.per_unit(votes.votes)
    agreeing = votes.per_unit(votes.votes * (votes.votes - 1)) / (m * (m - 1))
    seen = float(agreeing.mean())
    value = (seen - chance) / (1 - chance)
    adds = (agreeing - seen - (1 - value) * of_chance) / (1 - chance) / votes.units
    half = Z95 * float(np.sqrt((adds**2).sum()))
    of = Disagreement(
        seen=1 - seen, chance=1 - chance, units=votes.units, differing=disagreement(votes).differing
    )
    return estimate(value, (value - half, value + half), of)

"""Agreement worked out the slow way: pair by pair, in plain Python."""

from collections import Counter, defaultdict
from itertools import permutations
from math import log

Units = list[list[str]]


def distance(level, counts, values):
    """Squared distance of two labels; ordinal by Krippendorff's sum of the grades between."""
    order = sorted(counts, key=lambda label: values[label])

    def ordinal(a, b):
        low, high = sorted((order.index(a), order.index(b)))
        between = sum(counts[label] for label in order[low : high + 1])
        return (between - (counts[a] + counts[b]) / 2) ** 2

    return {
        "nominal": lambda a, b: float(a != b),
        "ordinal": ordinal,
        "interval": lambda a, b: (values[a] - values[b]) ** 2,
    }[level]


def alpha(units: Units, level="nominal", values=None):
    """Krippendorff's alpha over all ordered pairs; None where it is not defined."""
    units = [unit for unit in units if len(unit) > 1]
    labels = [label for unit in units for label in unit]
    values = values or {label: rank for rank, label in enumerate(sorted(set(labels)))}
    apart = distance(level, Counter(labels), values)
    within = sum(apart(a, b) / (len(unit) - 1) for unit in units for a, b in permutations(unit, 2))
    between = sum(apart(a, b) for a, b in permutations(labels, 2)) / max(len(labels) - 1, 1)
    return 1 - within / between if between else None


def chance_corrected(units: Units, classes):
    """Fleiss' kappa and AC1 with units of equal weight; None where chance explains all."""
    units = [unit for unit in units if len(unit) > 1]
    agree = [sum(a == b for a, b in permutations(unit, 2)) / len(unit) / (len(unit) - 1) for unit in units]
    labels = {label for unit in units for label in unit}
    shares = [sum(unit.count(label) / len(unit) for unit in units) / len(units) for label in labels]
    seen = sum(agree) / len(units)
    by_chance = (
        sum(share**2 for share in shares),
        sum(share * (1 - share) for share in shares) / max(classes - 1, 1),
    )
    return [None if chance > 1 - 1e-9 else (seen - chance) / (1 - chance) for chance in by_chance]


def cohen(pairs):
    """Agreement and Cohen's kappa of (label, label) pairs."""
    seen = sum(a == b for a, b in pairs) / len(pairs)
    first, second = (Counter(one) for one in zip(*pairs, strict=True))
    chance = sum(first[label] * second[label] for label in first) / len(pairs) ** 2
    return seen, None if chance == 1 else (seen - chance) / (1 - chance)


def dawid_skene(judged, classes, prior, steps):
    """EM over (unit, labeler, label) in dictionaries; the right label is one that the unit got.

    Returns probabilities by unit and label, and the log-posterior of each step's rates.
    """
    given = defaultdict(list)
    for unit, labeler, label in judged:
        given[unit].append((labeler, label))
    votes = {unit: Counter(label for _, label in said) for unit, said in given.items()}
    right = sum(max(count.values()) for count in votes.values()) / len(judged)
    start = {
        (a, true, label): prior * max(right if label == true else (1 - right) / max(classes - 1, 1), 1e-6)
        for a in {labeler for _, labeler, _ in judged}
        for true in range(classes)
        for label in range(classes)
    }
    belief = {u: {c: n / count.total() for c, n in count.items()} for u, count in votes.items()}
    posteriors = []
    for _ in range(steps):
        count, frequency = dict(start), dict.fromkeys(range(classes), 1 / classes)
        for unit, said in given.items():
            for true, weight in belief[unit].items():
                frequency[true] += weight
                for labeler, label in said:
                    count[labeler, true, label] += weight
        whole = defaultdict(float)
        for (labeler, true, _), number in count.items():
            whole[labeler, true] += number
        rate = {key: number / whole[key[:2]] for key, number in count.items()}
        total = sum(frequency.values())
        posterior = sum(start[key] * log(rate[key]) for key in rate)
        posterior += sum(log(number / total) / classes for number in frequency.values())
        for unit, said in given.items():
            joint = {}
            for true in belief[unit]:
                joint[true] = frequency[true] / total
                for labeler, label in said:
                    joint[true] *= rate[labeler, true, label]
            posterior += log(sum(joint.values()))
            belief[unit] = {true: number / sum(joint.values()) for true, number in joint.items()}
        posteriors.append(posterior)
    return belief, posteriors

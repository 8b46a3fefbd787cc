"""What is still possible, what would change it and what it rests on, against brute force over all answers."""

from __future__ import annotations

import pytest

from auditor.errors import PolicyError
from auditor.frameworks.evaluate import UNKNOWN, evaluate
from auditor.frameworks.loading import load_frameworks
from tests.frameworks import oracle
from tests.frameworks.answering import FRAMEWORKS, only
from tests.helpers import seeded

SMALL = ["gates", "four", "ladder", "prerequisites", "when-not", "alternatives"]
BAND = '[[band]]\n{bound} = {value}\nsays = "{says}"\n'


def says(framework, answers):
    return {verdict.says for verdict in framework.space.possible(answers)}


def some_answers(framework, chance):
    """A random part of the questions, answered at random."""
    return {
        name: chance.random() < 0.5
        for name in framework.questions
        if chance.random() < chance.choice((0.4, 0.8))
    }


def random_framework(chance, folder, number):
    """A framework of five questions and a few items, some of several questions, some reversed, some sharing questions."""
    questions = ["a", "b", "c", "d", "e"]
    kind = chance.choice(["all", "at-least", "any", "score", "difference", "tree", "matrix"])
    groups = ["left", "right"]
    size = chance.randint(2, 6)
    lines = [f'title = "Random {number}"', 'source = "a test"', f'kind = "{kind}"']
    if kind == "at-least":
        lines.append(f"at-least = {chance.randint(1, size)}")
    if kind in ("score", "difference"):
        lines += ['plus = "left"', 'minus = "right"']
    tables = [f'[question.{name}]\ntext = "{name}?"\nkind = "yes-no"\nsources = ["me"]' for name in questions]
    for item in range(size):
        asked = chance.sample(questions, chance.choice((1, 1, 1, 2, 3)))
        yes = [name for name in asked if chance.random() < 0.7]
        no = [name for name in asked if name not in yes]
        group = groups[item] if item < 2 else chance.choice(groups)
        cells = [chance.choice(["YES", "no", "sometimes"]) for _ in range(3)] if kind == "matrix" else []
        tables.append(
            f'[[item]]\nyes = {yes}\nno = {no}\ntext = "item {item}"\ngroup = "{group}"\ncells = {cells}'
        )
    if kind in ("all", "at-least", "any"):
        tables += ['[met]\nsays = "met"', '[missed]\nsays = "missed"']
    if kind in ("score", "difference"):
        step = 0.25 if kind == "score" else 1
        tables += [
            BAND.format(bound=chance.choice(["at-least", "more-than"]), value=top * step, says=f"band {top}")
            for top in (1, 0)
        ] + ['[[band]]\nsays = "lowest"']  # fmt: skip
    if kind == "tree":
        for node in range(chance.randint(1, 3)):
            bound = chance.choice(
                ["all = true", "at-least = 1", "more-than = 1", "at-most = 1", "less-than = 2"]
            )
            tables.append(
                f'[[node]]\nask = "?"\nof = "{chance.choice(groups)}"\n{bound}\nsays = "stop {node % 2}"'
            )
        tables.append('[end]\nsays = "end"')
    if kind == "matrix":
        tables.append("[worth]\nYES = 1\nno = -1\nsometimes = 0")
        tables += [f'[[column]]\nname = "{name}"' for name in ("x", "y", "z")]
    path = folder / f"random-{number}.toml"
    path.write_text("\n".join(lines + tables).replace("'", '"'), "utf-8")
    return next(one for one in load_frameworks([path]).frameworks if one.id == path.stem)


def compare(framework, answers):
    """Everything that is read off the space, against brute force."""
    found = evaluate(framework, only(framework, answers))
    expected = oracle.possible(framework, answers)
    assert {verdict.says for verdict in found.possible} == expected
    assert (found.verdict == UNKNOWN) == (len(expected) > 1)
    assert set(found.carried) == oracle.carried(framework, answers)
    for tally, shown in zip(framework.tallies, found.scores, strict=True):
        sums = [oracle.total(framework, tally, full) for full in every_completion(framework, answers)]
        assert (shown.low, shown.high) == (min(sums), max(sums))
    flips = {flip.verdict.says: flip for flip in found.flips}
    wanted = oracle.flips(framework, answers)
    assert flips.keys() == wanted.keys()
    for says, sets in wanted.items():
        assert flips[says].size == len(sets[0])
        assert flips[says].in_all == len(sets)
        shown = [{change.question: change.to == "yes" for change in one} for one in flips[says].sets]
        assert len(shown) == min(5, len(sets))
        assert all(one in sets for one in shown)
        assert all(shown.count(one) == 1 for one in shown)


@pytest.mark.parametrize("name", SMALL)
def test_frameworks_of_the_sources_agree_with_brute_force(name):
    framework, chance = FRAMEWORKS[name], seeded(7)
    for _ in range(12):
        compare(framework, some_answers(framework, chance))


@pytest.mark.parametrize("seed", range(8))
def test_frameworks_of_every_kind_agree_with_brute_force(tmp_path, seed):
    chance = seeded(seed)
    for number in range(12):
        framework = random_framework(chance, tmp_path, number + 100 * seed)
        for _ in range(3):
            compare(framework, some_answers(framework, chance))


@pytest.mark.parametrize("name", ["ceiling", "indicators", "confidence", "difference", "checklist", "matrix"])
def test_possible_verdicts_of_large_frameworks_agree_with_brute_force(name):
    framework, chance = FRAMEWORKS[name], seeded(3)
    for _ in range(8):
        answers = {question: chance.random() < 0.6 for question in framework.questions}
        for question in chance.sample(list(answers), min(5, len(answers))):
            del answers[question]
        ways = {oracle.verdict(framework, full) for full in every_completion(framework, answers)}
        assert says(framework, answers) == ways


def every_completion(framework, answers):
    """All ways of answering what is open."""
    full = [dict(answers)]
    for name in framework.questions:
        if name not in answers:
            full = [one | {name: said} for one in full for said in (True, False)]
    return full


def test_what_a_flip_proposes_brings_its_verdict_in_every_framework():
    chance = seeded(11)
    for framework in FRAMEWORKS.values():
        for _ in range(3):
            answers = some_answers(framework, chance) if framework.space else {}
            for flip in evaluate(framework, only(framework, answers)).flips:
                for changes in flip.sets:
                    after = answers | {change.question: change.to == "yes" for change in changes}
                    assert says(framework, after) == {flip.verdict.says}


def test_a_set_that_is_proposed_can_spare_none_of_its_answers():
    framework, answers = FRAMEWORKS["tree"], {}
    for flip in evaluate(framework, only(framework, answers)).flips:
        for changes in flip.sets:
            for left_out in changes:
                less = {one.question: one.to == "yes" for one in changes if one is not left_out}
                assert says(framework, less) != {flip.verdict.says}


def test_an_answer_more_never_allows_more_verdicts():
    chance = seeded(5)
    for framework in FRAMEWORKS.values():
        if framework.space is None:
            continue
        answers = {}
        before = says(framework, answers)
        for name in chance.sample(framework.questions, len(framework.questions)):
            answers[name] = chance.random() < 0.5
            now = says(framework, answers)
            assert now <= before
            before = now
        assert len(before) == 1


def test_too_many_ways_to_count_are_refused(tmp_path):
    path = tmp_path / "wide.toml"
    names = [f"q{number}" for number in range(20)]
    path.write_text(
        'title = "Wide"\nsource = "me"\nkind = "tree"\n'
        + "".join(f'[question.{name}]\ntext = "?"\nkind = "yes-no"\nsources = ["me"]\n' for name in names)
        + "".join(f'[[item]]\nyes = "{name}"\ngroup = "{name}"\n' for name in names)
        + "".join(f'[[node]]\nask = "?"\nof = "{name}"\nat-least = 1\nsays = "{name}"\n' for name in names)
        + '[end]\nsays = "end"\n',
        "utf-8",
    )
    with pytest.raises(PolicyError, match="count in 20 different ways"):
        load_frameworks([path])

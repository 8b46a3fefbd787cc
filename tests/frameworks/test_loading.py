"""Framework files: those that ship, the user's own, and every way to write one wrong."""

from __future__ import annotations

import pytest

from auditor.errors import PolicyError
from auditor.frameworks.evaluate import evaluate
from auditor.frameworks.loading import GATES, load_frameworks
from auditor.questions import shipped_questions
from auditor.registry import BUILTIN
from auditor.tasks import task_table
from tests.frameworks.answering import FRAMEWORKS, LIBRARY, standing

OWN = """
title = "Legal review"
source = "our counsel"
kind = "all"

[met]
says = "cleared"
leaning = "for"

[missed]
says = "not cleared"
leaning = "hold"

[[item]]
yes = "licences"
remedy = "ask counsel"

[[item]]
no = "adds-facts"

[question.licences]
text = "Are the licences of all texts known?"
kind = "yes-no"
sources = ["us"]
"""


def write(folder, content, name="legal.toml"):
    path = folder / name
    path.write_text(content, "utf-8")
    return path


def test_frameworks_come_in_the_order_of_the_rulebook():
    assert list(FRAMEWORKS) == [
        "ceiling", "indicators", "tree", "confidence", "difference", "gates", "checklist", "operations", "ladder",
        "matrix", "prerequisites", "when-not", "four", "approach", "problem", "alternatives", "failures",
    ]  # fmt: skip


def test_every_framework_and_every_question_names_its_source():
    sources = {"S0", "S1", "S2", "S3", "S4"}
    for framework in FRAMEWORKS.values():
        assert framework.table.source[:2] in sources
        assert framework.table.about
    for question in shipped_questions().values():
        assert question.sources
        assert set(question.sources) <= sources
        assert question.text.endswith("?")
        assert question.help
    assert {row.source for row in task_table().rows} <= sources


def test_every_question_is_asked_by_somebody():
    asked = {name for framework in FRAMEWORKS.values() for name in framework.questions}
    numbers = {name for name, question in shipped_questions().items() if question.kind == "number"}
    assert set(shipped_questions()) == (asked - set(GATES)) | numbers


def test_every_measure_that_answers_a_question_is_one_a_check_makes():
    made = {check.id: check.measures for check in BUILTIN}
    for name, question in shipped_questions().items():
        for evidence in question.measured:
            assert evidence.measure in made.get(evidence.check, (evidence.measure,)), name


def test_verdicts_that_are_no_verdict_on_fine_tuning_do_not_lean():
    for name in ("approach",):
        assert {choice.leaning for choice in FRAMEWORKS[name].table.choice} == {"none"}


def test_a_framework_of_ones_own_comes_last_with_its_question(tmp_path):
    library = load_frameworks([write(tmp_path, OWN)])
    own = library.frameworks[-1]
    assert own.id == "legal"
    assert own.questions == ("licences", "adds-facts")
    assert library.questions["licences"].text == "Are the licences of all texts known?"
    answers = {"licences": False, "adds-facts": None}
    found = evaluate(own, {name: standing(name, said, library.questions) for name, said in answers.items()})
    assert found.verdict == "not cleared: ask counsel"
    assert found.source == "our counsel"
    assert "legal" not in {one.id for one in load_frameworks().frameworks}


def test_a_framework_may_replace_one_of_the_sources(tmp_path):
    strict = (
        FRAMEWORKS["four"].table.met.says,
        OWN.replace('kind = "all"', 'kind = "all"\nreplaces = "four"'),
    )
    library = load_frameworks([write(tmp_path, strict[1])])
    assert "four" not in {one.id for one in library.frameworks}
    assert len(library.frameworks) == len(LIBRARY.frameworks)


def test_items_of_another_framework_are_taken_over(tmp_path):
    content = """
title = "Ours"
source = "us"
kind = "difference"
include = ["indicators"]
plus = "indicators"
minus = "anti-indicators"
[[band]]
at-least = 2
says = "go"
[[band]]
says = "stay"
"""
    own = load_frameworks([write(tmp_path, content)]).frameworks[-1]
    assert own.items == FRAMEWORKS["indicators"].items


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param('kind = "all"', 'kind = "al"', "unknown kind 'al'; did you mean 'all'", id="kind"),
        pytest.param("title", "titel", "unknown key 'titel'; did you mean 'title'", id="key"),
        pytest.param("remedy", "remmedy", "item 1: unknown key 'remmedy'; did you mean 'remedy'", id="key of an item"),
        pytest.param("says", "sais", r"\[met\]: unknown key 'sais'; did you mean 'says'", id="key of a verdict"),
        pytest.param("[met]", "[end]", "needs met", id="lacks what its kind needs"),
        pytest.param('"our counsel"', '""', "needs source", id="no source"),
        pytest.param('kind = "all"', 'kind = "all"\nplus = "x"', "has no plus; it has met, missed, of", id="key of another kind"),
        pytest.param('"adds-facts"', '"add-facts"', "item 2: there is no question 'add-facts'; did you mean 'adds-facts'", id="question"),
        pytest.param('"adds-facts"', '"goal"', "'goal' is not a question of yes or no", id="question of another kind"),
        pytest.param('no = "adds-facts"', 'text = "x"', "item 2: needs questions under yes or no", id="item without question"),
        pytest.param('no = "adds-facts"', 'no = ["adds-facts", "one-off"]', "several questions needs a text", id="text"),
        pytest.param('no = "adds-facts"', 'no = "adds-facts"\nyes = "adds-facts"', "each of them once", id="both ways"),
        pytest.param('no = "adds-facts"', "no = 7", "Expected `str | array`", id="type"),
        pytest.param('kind = "all"', 'kind = "all"\nof = "item"', "no item is of group 'item'", id="group"),
        pytest.param('kind = "all"', 'kind = "all"\nreplaces = "fore"', "no such framework; did you mean 'four'", id="replaces"),
        pytest.param('kind = "all"', 'kind = "all"\ninclude = ["indicator"]', "did you mean 'indicators'", id="include"),
        pytest.param('kind = "all"', 'kind = "at-least"\nat-least = 3', "at-least is 3; there are 2 items", id="too many wanted"),
        pytest.param('kind = "all"', 'kind = "at-least"\nat-least = -1', "at-least is -1; there are 2 items", id="fewer than none wanted"),
        pytest.param("[question.licences]", "[question.rag-tried]", "there is such a question already", id="question twice"),
        pytest.param('kind = "yes-no"', 'knd = "yes-no"', r"\[question.licences\]: unknown key 'knd'", id="key of a question"),
        pytest.param('no = "adds-facts"', 'no = "adds-facts"\nreversed = true', "needs a note that says why", id="reversed"),
        pytest.param("[met]", "[met", "is not valid TOML", id="no TOML"),
        pytest.param('leaning = "for"', 'leaning = "up"', "Invalid enum value 'up'", id="leaning"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_file_is_named(tmp_path, old, new, told):
    path = write(tmp_path, OWN.replace(old, new, 1))
    with pytest.raises(PolicyError, match=told) as error:
        load_frameworks([path])
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        pytest.param('kind = "tree"\n[[node]]\nask = "?"\nof = ""\nsays = "a"\n[end]\nsays = "b"',
                     "node 1: write all = true, or a bound", id="node without bound"),
        pytest.param('kind = "difference"\nplus = "x"\nminus = "y"\n[[band]]\nsays = "a"\n[[band]]\nsays = "b"',
                     "every band but the last needs", id="band without bound"),
        pytest.param('kind = "difference"\nplus = "x"\nminus = "x"\n[[band]]\nsays = "b"',
                     "plus and minus are the same group, 'x'", id="one group on both sides"),
        pytest.param('kind = "difference"\nplus = "x"\nminus = "y"\n[[band]]\nat-least = nan\nsays = "a"\n[[band]]\nsays = "b"',
                     "must be finite numbers", id="bound that is no number"),
        pytest.param('kind = "any"\n[met]\nsays = ""\nleaning = "for"\n[missed]\nsays = "b"',
                     "a verdict says nothing", id="verdict without words"),
        pytest.param('kind = "matrix"\n[[column]]\nname = "a"\n[worth]\nYES = 1', "item 1: needs 1 cells", id="cells"),
        pytest.param('kind = "choice"\nasks = "goal"\n[[choice]]\nvalue = "voices"\ntext = "a"\nsays = "b"',
                     "'voices' is no choice of 'goal'; did you mean 'voice'", id="choice"),
        pytest.param('kind = "choice"\nasks = "goal"\n[[choice]]\nvalue = "voice"\ntext = "a"\nsays = "b"',
                     "nothing is said to 'knowledge'", id="choice that is not spoken to"),
        pytest.param('kind = "choice"\nasks = "gaol"\n[[choice]]\nvalue = "voice"\ntext = "a"\nsays = "b"',
                     "there is no question 'gaol'; did you mean 'goal'", id="question of a choice"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_kind_is_named(tmp_path, kind, told):
    items = '\n[[item]]\nyes = "rag-tried"\ngroup = "x"\n[[item]]\nyes = "one-off"\ngroup = "y"\n'
    content = f'title = "t"\nsource = "s"\n{kind}\n{items if "choice" not in kind else ""}'
    with pytest.raises(PolicyError, match=told):
        load_frameworks([write(tmp_path, content)])


def test_more_verdicts_than_bits_are_refused(tmp_path):
    bands = "".join(f'[[band]]\nat-least = {one}\nsays = "{one}"\n' for one in range(33, 0, -1))
    content = (
        'title = "t"\nsource = "s"\nkind = "difference"\nplus = "x"\nminus = "y"\n' + bands
        + '[[band]]\nsays = "0"\n[[item]]\nyes = "one-off"\ngroup = "x"\n[[item]]\nyes = "rag-tried"\ngroup = "y"\n'
    )  # fmt: skip
    with pytest.raises(PolicyError, match="it has 34 verdicts; 32 are the most"):
        load_frameworks([write(tmp_path, content)])


def test_a_cell_that_is_worth_nothing_is_named(tmp_path):
    content = (
        'title = "t"\nsource = "s"\nkind = "matrix"\n[worth]\nYES = 1\n[[column]]\nname = "a"\n'
        '[[item]]\nyes = "one-off"\ncells = ["YESS"]\n'
    )
    with pytest.raises(PolicyError, match=r"cell 'YESS' is not in \[worth\]; did you mean 'YES'"):
        load_frameworks([write(tmp_path, content)])


def test_a_file_that_is_not_there_and_one_of_a_taken_name_are_told(tmp_path):
    with pytest.raises(PolicyError, match="cannot be read: No such file"):
        load_frameworks([tmp_path / "none.toml"])
    with pytest.raises(PolicyError, match="there is a framework 'four' already"):
        load_frameworks([write(tmp_path, OWN, "four.toml")])
    (tmp_path / "latin.toml").write_bytes(b'title = "\xe9"')
    with pytest.raises(PolicyError, match="not UTF-8"):
        load_frameworks([tmp_path / "latin.toml"])
    empty = OWN[: OWN.index("[[item]]")]
    with pytest.raises(PolicyError, match=r"it has no \[\[item\]\]"):
        load_frameworks([write(tmp_path, empty)])

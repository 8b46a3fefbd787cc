"""Answers for tests: standings without any audit."""

from __future__ import annotations

from auditor.frameworks.loading import GATES, load_frameworks
from auditor.questions import Question, Standing

LIBRARY = load_frameworks()
FRAMEWORKS = {framework.id: framework for framework in LIBRARY.frameworks}


def standing(name, value, questions=LIBRARY.questions):
    """A question answered True, False, by words, or None: open."""
    question = questions.get(name) or Question(text=f"{name}?", kind="yes-no", sources=("S1",))
    state = "unknown" if value is None else "no" if value is False else "yes"
    basis = None if value is None else "declared"
    why = "nobody answered it" if value is None else "yes by Ann" if value is not False else "no by Ann"
    return Standing(question=question, state=state, value=value, basis=basis, why=why)


def answered(questions=LIBRARY.questions, **values):
    """Standings of all questions; those named are answered, `_` in a name stands for `-`."""
    given = {name.replace("_", "-").replace("gate-", "gate.", 1): value for name, value in values.items()}
    strange = given.keys() - questions.keys() - set(GATES)
    assert not strange, strange
    return {name: standing(name, given.get(name), questions) for name in (*questions, *GATES)}


def only(framework, answers, questions=LIBRARY.questions):
    """Standings in which the questions of a framework are answered by a mapping, all others open."""
    return {name: standing(name, answers.get(name), questions) for name in framework.questions}

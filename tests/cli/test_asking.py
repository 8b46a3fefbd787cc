"""Answering in the terminal: what is typed stands in the file at once, and what cannot be meant is asked again."""

from __future__ import annotations

import re
import tomllib

import click
import pytest
from click.testing import CliRunner

from auditor.answers import read_answers
from auditor.cli import asking
from auditor.questions import Given, read_questions
from checks.measures import Range

QUESTIONS = read_questions(
    """
[question.tried]
text = "Did you try?"
help = "twice is enough"
kind = "yes-no"
sources = ["S0"]

[question.large]
text = "Is eval large?"
kind = "yes-no"
sources = ["S1"]
measured = [{ check = "eval_set", measure = "effective_eval_rows", at-least = 1000 }]

[question.calls]
text = "How many calls?"
kind = "number"
unit = "a year"
least = 0
sources = ["S1"]

[question.goal]
text = "What for?"
kind = "choices"
choices = ["voice", "format", "facts"]
sources = ["S0"]
""",
    "questions.toml",
)


@pytest.fixture
def ask(tmp_path, monkeypatch):
    monkeypatch.setattr(asking, "shipped_questions", lambda: QUESTIONS)
    path = tmp_path / "readiness.toml"

    def run(*typed: str):
        done = CliRunner().invoke(
            click.Command("ask", callback=lambda: asking.ask_open(path)), input="\n".join(typed) + "\n"
        )
        assert done.exception is None, done.output
        days = {name: one.on for name, one in read_answers(path, QUESTIONS).given.items()}
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", day) for day in days.values())
        return {
            name: (one.value, one.by, one.proof) for name, one in read_answers(path, QUESTIONS).given.items()
        }, done.output

    return run


def test_every_open_question_is_asked_but_not_what_can_be_measured(ask):
    given, said = ask("Ann", "yes", "https://example.org/1", "1e6, 2e6, 3e6", "", "1, 3", "")
    assert given == {
        "tried": (True, "Ann", "https://example.org/1"),
        "calls": (Range(1e6, 2e6, 3e6), "Ann", ""),
        "goal": (("voice", "facts"), "Ann", ""),
    }
    assert "[1/3] Did you try?" in said
    assert "twice is enough" in said
    assert "Is eval large?" not in said


def test_enter_skips_q_ends_and_what_was_said_is_kept(ask):
    given, _ = ask("Ann", "", "5", "", "q")
    assert given == {"calls": (Range(5, 5, 5), "Ann", "")}
    given, said = ask("Bob", "n", "", "")
    assert given == {"calls": (Range(5, 5, 5), "Ann", ""), "tried": (False, "Bob", "")}
    assert "How many calls?" not in said


def test_q_and_the_end_of_the_input_end_it_at_a_link_too_and_keep_the_answer(ask):
    given, said = ask("Ann", "yes", "q")
    assert given == {"tried": (True, "Ann", "")}
    assert "How many calls?" not in said
    given, _ = ask("Bob", "5")
    assert given == {"tried": (True, "Ann", ""), "calls": (Range(5, 5, 5), "Bob", "")}


def test_what_cannot_be_meant_is_asked_again(ask):
    given, said = ask("Ann", "perhaps", "y", "", "many", "-3", "7", "", "9", "voise", "voice", "")
    assert given == {
        "tried": (True, "Ann", ""),
        "calls": (Range(7, 7, 7), "Ann", ""),
        "goal": (("voice",), "Ann", ""),
    }
    assert "-3 cannot be" in said
    assert "did you mean 'voice'?" in said


def test_nothing_is_asked_once_all_is_answered(ask, tmp_path):
    ask("Ann", "yes", "", "1", "", "1", "")
    before = (tmp_path / "readiness.toml").read_bytes()
    _, said = ask("")
    assert "0 questions are open" in said
    assert (tmp_path / "readiness.toml").read_bytes() == before
    assert tomllib.loads(before.decode())["answer"]["tried"]["answer"] == "yes"


def test_a_name_that_nobody_has_is_no_error(monkeypatch):
    def nobody():
        raise OSError

    monkeypatch.setattr("getpass.getuser", nobody)
    assert asking._name() == ""
    assert Given(value=True).by == ""

"""readiness.toml: what is written is read back, and what cannot be meant is refused with place and remedy."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given as over
from hypothesis import strategies as st

from auditor.answering import filled_in, form
from auditor.answers import Answers, RunFile, own_frameworks, read_answers
from auditor.errors import PolicyError
from auditor.questions import Given, read_questions
from checks.measures import Range

QUESTIONS = read_questions(
    """
[question.tried]
text = "Did you try?"
kind = "yes-no"
sources = ["S0"]
group = "First"

[question.calls]
text = "How many calls?"
kind = "number"
unit = "calls a year"
least = 0
most = 1e12
sources = ["S1"]

[question.goal]
text = "What for?"
kind = "choices"
choices = ["voice", "format", "facts"]
sources = ["S0", "S1"]

[question.base]
text = "Which model?"
kind = "choice"
choices = ["base", "instruct"]
sources = ["S1"]

[question.large]
text = "Is eval large?"
kind = "yes-no"
sources = ["S1"]
measured = [{ check = "eval_set", measure = "effective_eval_rows", at-least = 1000 }]
""",
    "questions.toml",
)


def read(tmp_path, content: str) -> Answers:
    path = tmp_path / "readiness.toml"
    path.write_text(content, "utf-8")
    return read_answers(path, QUESTIONS)


def test_a_new_form_asks_everything_and_answers_nothing(tmp_path):
    content = form(QUESTIONS)
    assert read(tmp_path, content) == Answers()
    for name, question in QUESTIONS.items():
        assert f"[answer.{name}]" in content
        assert question.text in content
    assert max(map(len, content.splitlines())) <= 100


def test_answers_are_read(tmp_path):
    found = read(
        tmp_path,
        """
frameworks = ["own.toml"]
[answer.tried]
answer = "yes"
by = "Ann"
on = 2026-11-01
proof = "https://example.org/1"
[answer.calls]
answer = [800_000, 1_000_000, 1_500_000]
[answer.goal]
answer = ["voice", "facts"]
[answer.base]
answer = "instruct"
[answer.large]
answer = "unknown"
[results]
poc = "runs/poc.jsonl"
rag = { file = "rag.json", metric = "acc", model = "large" }
output-schema = "schema.json"
[prices]
label = 2
""",
    )
    assert found.given == {
        "tried": Given(value=True, by="Ann", on="2026-11-01", proof="https://example.org/1"),
        "calls": Given(value=Range(8e5, 1e6, 1.5e6)),
        "goal": Given(value=("voice", "facts")),
        "base": Given(value=("instruct",)),
    }
    assert found.results == {
        "poc": RunFile(str(tmp_path / "runs" / "poc.jsonl")),
        "rag": RunFile(str(tmp_path / "rag.json"), "acc", "large"),
    }
    assert found.output_schema == str(tmp_path / "schema.json")
    assert found.prices == {"label": 2}
    assert own_frameworks(tmp_path / "readiness.toml") == (str(tmp_path / "own.toml"),)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[answer.tired]\nanswer = 'yes'", "readiness.toml:1, [answer.tired]: there is no question 'tired'; did you mean 'tried'?"),
        ("\n\n[answer.tried]\nanswr = 'yes'", "readiness.toml:3, [answer.tried]: unknown key 'answr'; did you mean 'answer'?"),
        ("[answer.tried]\nanswer = 'maybe'", """answer is 'maybe'; write "yes", "no" or "unknown\""""),
        ("[answer.tried]\nanswer = 1", "answer is 1; write"),
        ("[answer.tried]\non = 'last week'", "on = 'last week' is no day"),
        ("[answer.tried]\nby = 7", "by must be a text in quotes"),
        ("[answer.calls]\nanswer = 'many'", "answer is 'many'; write a number"),
        ("[answer.calls]\nanswer = nan", "write a number"),
        ("[answer.calls]\nanswer = true", "write a number"),
        ("[answer.calls]\nanswer = []", "write a number"),
        ("[answer.calls]\nanswer = [1, 2, 3, 4]", "write a number"),
        ("[answer.calls]\nanswer = [3, 2, 1]", "must not fall"),
        ("[answer.calls]\nanswer = -1", "-1 cannot be; it must be at least 0 and at most 1,000,000,000,000"),
        ("[answer.calls]\nanswer = 1e20", "1e+20 is more than the 1,000,000,000,000,000 that can be reckoned with"),
        ("[answer.goal]\nanswer = 'voices'", "there is no choice 'voices'; did you mean 'voice'?"),
        ("[answer.goal]\nanswer = []", "choose of voice, format, facts"),
        ("[answer.base]\nanswer = ['base', 'instruct']", "only one choice is asked for"),
        ("answer = 3", "[answer] must be a table"),
        ("[answer]\ntried = 'yes'", "[answer.tried] must be a table"),
        ("[answers.tried]\nanswer = 'yes'", "unknown key 'answers'; did you mean 'answer'?"),
        ("[results]\nbasline = 'x'", "unknown key 'basline'; did you mean 'baseline'?"),
        ("[results]\npoc = 3", "must be a path in quotes"),
        ("[results]\npoc = { metric = 'acc' }", "must be a path in quotes"),
        ("[results]\npoc = { file = 'x', metrics = 'acc' }", "unknown key 'metrics'; did you mean 'metric'?"),
        ("[results]\npoc = { file = 'x', metric = 3 }", "metric must be a name in quotes"),
        ("[answer.tried", "is not valid TOML"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(tmp_path, content, said):
    with pytest.raises(PolicyError) as error:
        read(tmp_path, content)
    assert said in str(error.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(PolicyError, match="auditor init writes one"):
        read_answers(tmp_path / "readiness.toml", QUESTIONS)


def test_an_answer_is_put_in_and_nothing_else_changes(tmp_path):
    before = form(QUESTIONS) + "\n# a remark of mine\n"
    after = filled_in(before, {"tried": Given(value=False, by="Bob", on="2026-11-21")})
    assert read(tmp_path, after).given == {"tried": Given(value=False, by="Bob", on="2026-11-21")}
    changed = [
        (old, new) for old, new in zip(before.splitlines(), after.splitlines(), strict=True) if old != new
    ]
    assert changed == [
        ('answer = "unknown"', 'answer = "no"'),
        ('by = ""', 'by = "Bob"'),
        ('on = ""', 'on = "2026-11-21"'),
    ]


@pytest.mark.parametrize(
    "content", ["", "[answer.tried]\n# mine\nanswer = 'no' # so far\n[prices]\nlabel = 1\n"]
)
def test_a_file_written_by_hand_takes_answers_too(tmp_path, content):
    given = Given(value=True, by='A "quoted" \\ name', proof="\x7f\u2028 [answer.calls]\nanswer = 3")
    after = filled_in(content, {"tried": given})
    found = read(tmp_path, after)
    assert found.given == {"tried": given}
    assert ("# mine" in after) == ("# mine" in content)
    assert found.prices == ({"label": 1} if content else {})


def test_a_file_in_which_no_answer_can_be_put_is_left_alone():
    with pytest.raises(PolicyError, match=r"write it there by hand|not as auditor init writes it"):
        filled_in("answer = { tried = { answer = 'no' } }\n", {"tried": Given(value=True)})


texts = st.text(st.characters(codec="utf-8"), max_size=30)
numbers = st.floats(0, 1e12).map(lambda value: Range(value, value, value))


@over(
    tried=st.booleans(), calls=numbers, goal=st.lists(st.sampled_from(["voice", "format", "facts"]), min_size=1, unique=True),
    by=texts, on=st.dates().map(date.isoformat), proof=texts,
)  # fmt: skip
def test_whatever_is_put_in_is_read_back(tmp_path_factory, tried, calls, goal, by, on, proof):
    given = {
        "tried": Given(value=tried, by=by, on=on, proof=proof),
        "calls": Given(value=calls),
        "goal": Given(value=tuple(goal), by=by),
    }
    assert read(tmp_path_factory.mktemp("read"), filled_in(form(QUESTIONS), given)).given == given

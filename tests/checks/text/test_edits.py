"""Kinds of edits: what is only format comes first, then each kind alone, then the one that explains them all."""

# ruff: noqa: RUF001 - the samples hold characters that look like others on purpose

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.text.edits import (
    EDITS,
    ENTITY,
    FORMAT,
    IDENTICAL,
    NEGATION,
    NUMBER,
    WORDS,
    Comparison,
    compare,
    compare_same,
)
from tests import helpers

KNOWN = helpers.vocabulary(3000, seed=81)


def kind(ours: str, theirs: str) -> str:
    """The kind of edit, which is the same both ways."""
    one, other = compare(ours, theirs), compare(theirs, ours)
    assert one.edit == other.edit
    assert one.changed == other.changed
    return EDITS[one.edit]


@pytest.mark.parametrize("text", helpers.SAMPLES)
def test_the_same_text_is_identical(text):
    assert compare(text, text) == compare_same(text, text) == Comparison(IDENTICAL, 0, None)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Tom has 5 apples.", "tom has 5 APPLES!"),
        ("a  b\nc", "a b c"),
        ("it's an e-mail", "its an email"),
        ("don't", "don’t"),
        ("cannot", "can not"),
        ("1,000 of 12,345,678", "1000 of 12345678"),
        ("1.5 m", "1,5 m"),
        ("−5 degrees", "-5 degrees"),
        ("five apples", "5 apples"),
        ("<b>bold</b> &amp; <br/>", "bold &"),
        ("**bold** `code` # head", "bold code head"),
        ("café Größe", "cafe\u0301 Große"),
        ("ﬁne ½", "fine 1/2"),
        ("ＡＢＣ　１２", "abc 12"),
        ("co\u00adoperate", "cooperate"),
        ("我们昨天在北京。", "我们 昨天，在北京"),
        ("العَرَبِيَّةُ", "العربية"),
        ("see list - 5", "see list 5"),
        ("is 1.5 m", "IS 1 !5 M"),
    ],
)
def test_format_alone(ours, theirs):
    assert kind(ours, theirs) == "format only"
    assert compare(ours, theirs).changed == 0


@pytest.mark.parametrize(
    ("ours", "theirs", "changed"),
    [
        ("Tom has 5 apples and 7 pears", "Tom has 6 apples and 71 pears", 2),
        ("x is 1.5", "x is 15", 1),
        ("on -5 degrees", "on 5 degrees", 1),
        ("(-3, 4)", "(3, 4)", 1),
        ("number1 and number2", "number1 and number3", 1),
        ("one apple", "two apple", 1),
        ("in 3.125 units", "in 3125 units", 1),
        ("costs $5", "costs $5 000 000", 2),
        ("٣ تفاحات", "٤ تفاحات", 1),
    ],
)
def test_numbers_alone(ours, theirs, changed):
    assert kind(ours, theirs) == "number changed"
    assert compare(ours, theirs).changed == changed


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("It is raining", "It is not raining"),
        ("It is raining", "It isn't raining"),
        ("He can swim", "He cannot swim"),
        ("they do n't know", "they do know"),
        ("she likes tea", "she does not like tea"),
        ("do any of them fit", "do none of them fit"),
        ("with sugar", "without sugar"),
        ("he has never been there", "he has been there"),
        ("he is always late", "he is never late"),
        ("Er kommt heute", "Er kommt heute nicht"),
        ("Il vient demain", "Il ne vient pas demain"),
        ("Ella viene", "Ella nunca viene"),
        ("não sei", "sei"),
        ("Я знаю", "Я не знаю"),
        ("我喜欢你", "我不喜欢你"),
        ("which is true of 5 apples", "which is not true of 6 apples"),
    ],
)
def test_negations(ours, theirs):
    assert kind(ours, theirs) == "negation flipped"


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Then Natalia sold 48 clips", "Then Maria sold 48 clips"),
        ("Then Natalia sold 48 clips to Bob", "Then Maria sold 36 clips to Tom"),
        ("Natalia sold 4, and Natalia left", "Maria sold 4, and Maria left"),
        ("she went to the United States in May", "she went to France in June"),
        ("ask Tom’s mother", "ask Bob's mother"),
        ("when Dr. Smith of York came", "when Dr. Jones of Kent came"),
        ("пришла Анна", "пришла Мария"),
    ],
)
def test_names_and_numbers_are_a_template_filled_in_anew(ours, theirs):
    assert kind(ours, theirs) == "entity swapped"


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("the cat sat", "the dog sat"),
        ("Cats sleep a lot", "Dogs sleep a lot"),
        ("and then. Cats sleep", "and then. Dogs sleep"),
        ("HOW MANY DOES TOM HAVE", "HOW MANY DOES BOB HAVE"),
        ("the best", "the very best"),
        ("word", ""),
        ("Then Tom ate his apple", "Then Ann ate her apple"),
        ("he is late", "he was not early"),
        ("not this, not that", "this that here"),
        ("1 apple", "1st apple or so"),
    ],
)
def test_other_words(ours, theirs):
    assert kind(ours, theirs) == "words changed"


def test_the_order_of_severity():
    assert [*range(len(EDITS))] == [IDENTICAL, FORMAT, NUMBER, ENTITY, NEGATION, WORDS]
    text = "Then Tom gave 5 of them to Ann, who was happy"
    steps = [text, text.upper(), text.replace("5", "6"), text.replace("Tom", "Bob").replace("5", "6")]
    steps += [
        text.replace("Tom", "Bob").replace("was", "was not"),
        text.replace("Tom", "Bob").replace("was", "was not very"),
    ]
    assert [compare(text, step).edit for step in steps] == [*range(len(EDITS))]


@given(st.lists(st.sampled_from(KNOWN), min_size=1, max_size=40), st.data())
def test_punctuation_case_and_space_never_count(words, data):
    marks = st.sampled_from([" ", "  ", ", ", "! ", "\n", " ** "])
    other = "".join(
        data.draw(st.sampled_from([str.upper, str.title, str]))(word) + data.draw(marks) for word in words
    )
    assert compare(" ".join(words), other).edit <= FORMAT
    assert compare_same(" ".join(words), other).edit <= FORMAT


@pytest.mark.parametrize("seed", range(30))
def test_what_was_planted_is_told(seed):
    """A text of plain words with numbers, a name and a verb, each of which may be edited."""
    rng = random.Random(seed)  # noqa: S311
    words = rng.sample(KNOWN, 40)
    words[4::9] = [str(rng.randrange(10, 99)) for _ in words[4::9]]
    words[7], words[20] = "Alice", "is"
    planted = IDENTICAL
    other = list(words)
    for edit, change in (
        (NUMBER, lambda: other.__setitem__(13, "100")),
        (ENTITY, lambda: other.__setitem__(7, "Mallory")),
        (NEGATION, lambda: other.__setitem__(20, "isn't")),
        (WORDS, lambda: other.__setitem__(30, "something-else")),
    ):
        if rng.random() < 0.5:
            change()
            planted = edit
    found = compare(" ".join(words), " ".join(other))
    assert found.edit == planted
    shared = [True] * 40 if found.shared is None else found.shared
    assert [i for i in range(40) if not shared[i]] == [i for i in range(40) if words[i] != other[i]]


def test_folded_words_that_are_equal_can_hide_another_number():
    assert compare_same("is 1.5", "is 1 5").edit == FORMAT, "a point became a space"
    assert compare_same("is -5.", "Is 5!") == Comparison(NUMBER, 1, None)
    assert compare_same("A b!", "a  b").edit == FORMAT


@pytest.mark.parametrize(
    "text",
    [
        "<a " * 40_000,
        "&" * 90_000,
        "1," * 90_000,
        "a'" * 90_000,
        "- " * 90_000,
        "…" * 90_000,
        "." * 90_000 + "a",
    ],
)
def test_long_runs_of_odd_characters_are_read_once(text):
    """Were they read once for each of their characters, this would take minutes."""
    assert compare(text, f"{text} and more words").edit in (FORMAT, WORDS)
    compare_same(text, f"{text}x")

"""Terms: what counts as the same word, and what does not."""

# ruff: noqa: RUF001 - the samples hold characters that look like others on purpose

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.rewritten.stems import reader
from checks.rewritten.terms import terms_of
from tests import helpers, rewrite_oracle


def read(*texts: str) -> list[list[int]]:
    """The terms of some texts that stand one behind the other, as in a batch."""
    parts = [text.encode() for text in texts]
    data = np.frombuffer(b"".join(parts), np.uint8)
    bounds = np.cumsum([0, *map(len, parts)])
    found, ends = terms_of(data, bounds[:-1], bounds[1:], reader())
    return [found[ends[i] : ends[i + 1]].tolist() for i in range(len(texts))]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("She sells 3 eggs", "she sold three egg"),
        ("Cats running", "cat Run"),
    ],
)
def test_other_forms_share_most_terms(one, other):
    ours, theirs = read(one, other)
    assert len(set(ours) & set(theirs)) >= len(ours) - 1


@pytest.mark.parametrize(
    "texts",
    [
        ("1,000.50", "1000.5", "1000.500", "01000.50"),
        ("3 eggs", "three egg", "Three Eggs!", "thrice  EGGS"),
        ("maxRetries", "max_retries", "MaxRetries", "max retry"),
        ("HTTPServer", "http server", "http_server"),
        ("Größe", "GRÖSSE", "grösse"),
        ("café", "CAFÉ", "cafe"),
        ("naïveté test", "naivete TEST"),
        ("ﬁne", "fine", "FINE"),
        ("１２ ＡＢＣ", "12 abc"),
        ("ｶﾀｶﾅ", "カタカナ"),
        ("don't", "don t"),
        ("word—word", "word word"),
        ("half of 7%", "0.5 of 7.0"),
    ],
)
def test_the_same_in_other_writing(texts):
    first, *others = read(*texts)
    assert first
    assert all(other == first for other in others)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3.5", "35"), ("1,00", "100"), ("cat", "car"), ("12", "1 2"), ("ten", "tent"), ("北京", "京北"), ("한국", "국한"),
        ("international trade", "internal trade"),
    ],
)  # fmt: skip
def test_what_differs_stays_apart(one, other):
    ours, theirs = read(one, other)
    assert ours != theirs


def test_words_that_mostly_count_nothing_are_no_numbers():
    (found,) = read("The first one costs 1 dollar, two of them 2")
    assert [term & 1 for term in found] == [0, 0, 0, 0, 1, 0, 1, 0, 0, 1]


def test_numbers_and_words_are_told_apart_by_their_lowest_bit():
    (found,) = read("Ann has 12 apples, three 4.50 pears and half a dozen 北京")
    assert [term & 1 for term in found] == [0, 0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 0]
    (found,) = read("x2 number0 2nd 3kg")
    assert [term & 1 for term in found] == [0, 0, 0, 0, 1, 0, 1, 0]


@pytest.mark.parametrize(
    ("text", "count"), [("我们昨天", 3), ("北", 1), ("", 0), ("  !? ", 0), ("น้ำ", 1), ("ab北京cd", 3)]
)
def test_scripts_without_spaces_go_by_pairs(text, count):
    (found,) = read(text)
    assert len(found) == count


WORDS = [*rewrite_oracle.WORDS, *helpers.vocabulary(300, seed=5), "sells", "seller", "selling", "organization", "Nation",
         "HTTPServer", "x", "aB", "ABc", "getHTTPResponseCode", "abcdefghijklmnopqrs", "stories", "tried", "dress", "12",
         "1,000", "3.50", "x2", "3kg", "0", "007", "1,2345", "12.5.3", "'", "-", "don't"]  # fmt: skip


@settings(max_examples=300)
@given(st.lists(st.sampled_from(WORDS), max_size=12), st.sampled_from([" ", "_", ", ", "\n", "-"]))
def test_terms_are_those_of_the_oracle(words, between):
    text = between.join(words)
    wanted = rewrite_oracle.terms(text)
    (found,) = read(text)
    assert len(found) == len(wanted), text
    both = set(zip(found, wanted, strict=True))
    assert len(both) == len(set(found)) == len(set(wanted)), text


@pytest.mark.parametrize("text", helpers.SAMPLES)
def test_texts_of_any_script_are_read_to_their_end(text):
    (alone,) = read(text)
    before, middle, after = read("x y", text, "z")
    assert middle == alone
    assert (len(before), len(after)) == (2, 1)


@settings(max_examples=200)
@given(st.text(max_size=40), st.text(max_size=10))
def test_any_text_is_read_within_its_bytes(text, other):
    found = read(text, other)
    assert all(len(one) <= len(part.encode()) for one, part in zip(found, (text, other), strict=True))
    assert found[0] == read(text)[0]

"""Failure types: behaviour, facts, and words that are neither."""

import polars as pl
import pytest

from checks.paired.failures import BEHAVIOUR, FACT, cause_of, causes


@pytest.mark.parametrize(
    "word",
    ["tone", "Wrong tone", "off-brand voice", "invalid_json", "bad JSON format", "SchemaError", "misclassified", "wrong labels",
     "class confusion", "missing_field", "over refusal", "toolCall", "format/schema"],
)  # fmt: skip
def test_behaviour(word):
    assert cause_of(word) == "behaviour"


@pytest.mark.parametrize("word", ["fact", "Factual error", "hallucination", "knowledge gap", "retrieval_miss", "missing fact", "outdated facts"])  # fmt: skip
def test_facts(word):
    assert cause_of(word) == "fact"


@pytest.mark.parametrize(
    "word", ["", "wrong", "timeout", "42", "我", "fact in wrong tone", "informative", "attractive tones?!x"]
)
def test_words_that_are_neither_or_both(word):
    assert cause_of(word) == ("behaviour" if word.startswith("attractive") else "other")


def test_no_word_is_on_both_sides():
    assert not set(BEHAVIOUR) & set(FACT)
    assert all(word == word.lower() and word.isalpha() for word in (*BEHAVIOUR, *FACT))


def test_a_column_of_types():
    found = causes(pl.Series(["tone", None, "fact", "odd", "tone"]))
    assert found.to_list() == ["behaviour", None, "fact", "other", "behaviour"]
    assert causes(pl.Series([None, None], dtype=pl.String)).to_list() == [None, None]

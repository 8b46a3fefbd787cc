"""Untrusted text on one visible line, and the words in which two excerpts differ."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.report.differences import word_differences
from auditor.report.plain import plain
from tests import helpers


@pytest.mark.parametrize(
    "text", ["", "plain text", "Größe, 日本語 ไทย हिन्दी 한국어 😀", "[bold]x[/]", "tab-free: a b"]
)
def test_visible_text_is_left_as_it_is(text):
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x9b31m", "\\x9b31m"),
        ("a\x00b", "a\\x00b"),
        ("\u202eevil", "\\u202eevil"),
        ("a\u200bb\ufeff", "a\\u200bb\\ufeff"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
        ("\ue000", "\\ue000"),
        ("one\n two\r\n\tthree\u2028four\x85five\x0bsix", "one two three four five six"),
        ("  ", " "),
    ],
)
def test_what_steers_or_hides_is_shown_by_its_code(text, shown):
    assert plain(text) == shown


@given(st.text())
def test_nothing_hidden_is_left_and_nothing_changes_twice(text):
    shown = plain(text)
    assert not [c for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}]
    assert plain(shown) == shown


def marked(words: list[tuple[str, bool]]) -> str:
    return " ".join(f"[{word}]" if differs else word for word, differs in words)


@pytest.mark.parametrize(
    ("one", "two", "left", "right"),
    [
        ("the same", "the same", "the same", "the same"),
        ("The same!", "the SAME", "The same!", "the SAME"),
        ("a big dog", "a small dog", "a [big] dog", "a [small] dog"),
        ("one two", "one two three", "one two", "one two [three]"),
        ("one two three", "two three", "[one] two three", "two three"),
        ("price 5 now", "price 6 now", "price [5] now", "price [6] now"),
        ("really ?", "really !", "really [?]", "really [!]"),
        ("  white   space ", "white\nspace", "white space", "white space"),
        ("我 昨天", "我 今天", "我 [昨天]", "我 [今天]"),
        ("x", "", "[x]", "[]"),
    ],
)
def test_the_words_that_differ_are_marked_on_both_sides(one, two, left, right):
    assert tuple(map(marked, word_differences(one, two))) == (left, right)


@given(st.sampled_from(helpers.SAMPLES), st.sampled_from(helpers.SAMPLES))
def test_all_words_are_kept_and_order_does_not_matter(one, two):
    left, right = word_differences(one, two)
    assert [word for word, _ in left] == (one.split() or [""])
    assert [word for word, _ in right] == (two.split() or [""])
    if one == two:
        assert not any(differs for _, differs in left + right)

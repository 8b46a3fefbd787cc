"""Untrusted text on one visible line, and the words in which two excerpts differ."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.report.differences import word_differences
from auditor.report.plain import markdown, plain
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


@pytest.mark.parametrize(
    "text", ["", "plain text", "5 % of 20 (95 %: 1 to 9)", "a - b", "-5", "3.5 and $7", "日本語"]
)
def test_ordinary_markdown_is_left_as_it_is(text):
    assert markdown(text) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a|b *c* _d_ `e` # [f](g) ~h~ \\", "a\\|b \\*c\\* \\_d\\_ \\`e\\` \\# \\[f\\](g) \\~h\\~ \\\\"),
        ("<img src=x> &amp;", "&lt;img src=x&gt; &amp;amp;"),
        ("@octocat a@b.io", "@<!-- -->octocat a@<!-- -->b.io"),
        ("#12 gh-3", "\\#<!-- -->12 gh-<!-- -->3"),
        ("https://x.io www.x.io", "https:<!-- -->//x.io www<!-- -->.x.io"),
        ("$x$", "<span>$</span>x<span>$</span>"),
        ("- a", "\\- a"),
        ("+", "\\+"),
        ("12. a", "12\\. a"),
        ("1) a", "1\\) a"),
    ],
)
def test_markup_is_written_as_text(text, written):
    assert markdown(text) == written


@given(st.text(alphabet="a1@#:/.wW-gGhH$|<>&[]()!*_`~\\\n +", max_size=60))
def test_no_text_becomes_markup(text):
    written = markdown(text)
    assert "\n" not in written
    bare = written.replace("<!-- -->", "").replace("<span>$</span>", "$")
    assert not set("<>") & set(bare)
    assert re.search(r"(?<!\\)(?:\\\\)*[|`*_[\]~#]", bare) is None
    for begin in (r"@\w", r"#\d", r"://", r"(?i)\bwww\.", r"(?i)\bGH-\d"):
        assert re.search(begin, written) is None

"""Every row, item and number of the rulebook is somewhere in the code, and this is where."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RULES = {
    f"{section}: {rule}": tuple(place)
    for section, rules in tomllib.loads((ROOT / "tests" / "rules.toml").read_text("utf-8")).items()
    for rule, place in rules.items()
}
SECTIONS = {"principle": 8, "A1": 30, "A2": 6, "A3": 8, "A4": 5, "A5": 6, "A6": 5, "A7": 2, "A8": 6, "B": 11, "C1": 14, "C2": 13, "C3": 4, "C4": 9, "C5": 17, "C6": 11, "C7": 12, "C8": 7, "C9": 10, "C10": 14, "C11": 6, "C12": 12, "C13": 24, "D": 47, "C": 9}  # fmt: skip
"""How many entries each part of the rulebook has: none is dropped unseen."""


def line_of(file, text):
    """Where a text begins that stands in a file exactly once, as file:line."""
    content = (ROOT / file).read_text("utf-8")
    assert content.count(text) == 1, f"{file} holds {text!r} {content.count(text)} times"
    return f"{file}:{content[: content.index(text)].count(chr(10)) + 1}"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        pytest.param(
            *place, id=rule, marks=() if place[0] else pytest.mark.xfail(reason=place[1], strict=True)
        )
        for rule, place in RULES.items()
    ],
)
def test_every_rule_has_the_line_that_implements_it(file, text):
    assert (ROOT / file).is_file(), f"{file or text}: nothing implements it"
    where, _, line = line_of(file, text).rpartition(":")
    found = (ROOT / where).read_text("utf-8").splitlines()[int(line) - 1]
    assert text.splitlines()[0] in found


def test_no_part_of_the_rulebook_is_left_out():
    counted = dict.fromkeys(SECTIONS, 0)
    for rule in RULES:
        counted[rule.partition(":")[0].partition("-")[0]] += 1
    assert counted == SECTIONS


def test_rules_are_in_what_is_shipped_and_worked_examples_in_tests():
    for rule, (file, _) in RULES.items():
        folders = ("tests/",) if "-worked" in rule else ("auditor/", "checks/")
        assert not file or file.startswith(folders), rule


def test_a_text_that_is_gone_or_stands_twice_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    (tmp_path / "a.toml").write_text("x = 1\ny = 2\ny = 2\n", "utf-8")
    assert line_of("a.toml", "x = 1") == "a.toml:1"
    for text, times in (("z", 0), ("y = 2", 2)):
        with pytest.raises(AssertionError, match=f"{times} times"):
            line_of("a.toml", text)

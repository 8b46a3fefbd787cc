"""`auditor audit` on labels: several labelers in columns, several columns of labels, labels that are no classes."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import pytest

from tests.commands import write
from tests.helpers import vocabulary

WORDS = vocabulary(4_000, seed=17)


def text(n: int) -> str:
    return " ".join(WORDS[5 * n : 5 * n + 5])


def measured(done, check):
    return {(one["name"], one["group"]): one["value"] for one in done.report["outcomes"][check]["measures"]}


def rulings(done, measure):
    return [
        one["verdict"]
        for gate in done.report["gates"]
        for one in gate["rulings"]
        if one["measure"] == measure
    ]


@pytest.fixture
def panel():
    """60 items, each judged by two of three people, who disagree on every tenth."""
    rows = []
    for n in range(60):
        said = [None, None, None]
        said[n % 3], said[(n + 1) % 3] = "xy"[n % 2], "xy"[n % 2 if n % 10 else 1 - n % 2]
        rows.append(
            {"text": text(n), **dict(zip(("annotator_1", "annotator_2", "annotator_3"), said, strict=True))}
        )
    write("wide.jsonl", rows)
    return rows


def test_columns_of_labelers_are_judgements(auditor, panel):
    done = auditor("audit", "wide.jsonl", "--format", "json")
    assert done.report["task"] == "classification"
    assert done.report["inputs"][0]["format"] == "multi-annotator-wide"
    assert measured(done, "labelers")["labelers", None] == 3
    assert measured(done, "labelers")["overlap_items", None] == 60
    assert measured(done, "size")["train_rows", None] == 60
    assert measured(done, "structure")["unlabeled_rows", None] == 6
    assert done.report["outcomes"]["structure"]["measures"][0]["of"] == 60, "records, not judgements"
    assert "3 labelers have columns of their own" in done.report["notes"][0]


def test_a_pattern_and_several_labels_in_a_settings_file(auditor, panel):
    write("many.jsonl", [{"text": text(n), "mood": "ab"[n % 2], "tone": "cd"[n % 2]} for n in range(60)])
    Path("auditor.toml").write_text('train = "many.jsonl"\n[map]\nmood = "label"\ntone = "label"\n')
    done = auditor("audit", "--format", "json")
    assert measured(done, "size")["class_rows", "a"] == 30
    assert "further labels are tone" in done.report["notes"][0]
    said = auditor("audit", "--map", "tone=label", "--format", "json")
    assert measured(said, "size")["class_rows", "c"] == 30, "what the command line names comes first"
    Path("auditor.toml").write_text('train = "wide.jsonl"\n[map]\n"annotator_*" = "judgement"\n')
    assert measured(auditor("audit", "--format", "json"), "labelers")["labelers", None] == 3


def test_labels_that_are_no_classes_are_told_once(auditor):
    rows = [{"text": text(n), "label": f"answer {n}"} for n in range(200)]
    write("a.jsonl", rows)
    write("b.jsonl", [{"text": text(200 + n), "label": f"answer {n}"} for n in range(100)])
    done = auditor("audit", "a.jsonl", "--eval", "b.jsonl", "--format", "json")
    assert rulings(done, "distinct_label_share") == ["UNKNOWN"]
    assert rulings(done, "class_rows") == []
    assert rulings(done, "label_variants") == []
    checks = done.report["outcomes"].keys() - {"leakage"}  # its groups are severities
    assert {group for check in checks for _, group in measured(done, check)} == {None}
    notes = {check: found["notes"] for check, found in done.report["outcomes"].items()}
    assert {check for check in notes if any("no column of classes" in note for note in notes[check])} == {
        "size", "noise", "eval_noise", "balance",
    }  # fmt: skip
    other = auditor("audit", "a.jsonl", "--eval", "b.jsonl", "--task", "extraction", "--format", "json")
    assert rulings(other, "distinct_label_share") == [], "an answer may well be unlike all others"


def test_labels_of_lists_are_classes_of_their_own(auditor):
    """Four labels in fourteen combinations of which none reaches the minimum of 50 rows, but each label does."""
    sets = [list(some) for size in (1, 2, 3) for some in combinations("abcd", size)]
    rows = [{"text": text(n), "labels": sets[n % len(sets)]} for n in range(280)]
    write("a.jsonl", rows)
    done = auditor("audit", "a.jsonl", "--task", "classification", "--format", "json")
    assert measured(done, "size")["classes", None] == 4
    assert {group: n for (name, group), n in measured(done, "size").items() if name == "class_rows"} == {
        "a": 140, "b": 140, "c": 140, "d": 140,
    }  # fmt: skip
    assert rulings(done, "class_rows") == ["PASS"]
    for row in rows[:20]:
        row["labels"] = [*row["labels"], "rare"]
    write("b.jsonl", rows)
    done = auditor("audit", "b.jsonl", "--task", "classification", "--format", "json")
    assert rulings(done, "class_rows") == ["BLOCK"]
    (why,) = [
        one["why"]
        for gate in done.report["gates"]
        for one in gate["rulings"]
        if one["measure"] == "class_rows"
    ]
    assert "rare 20 of 20 (lacks 30)" in why
    assert "1 of 5 groups" in why


def test_spellings_warn_and_are_listed(auditor):
    write("a.jsonl", [{"text": text(n), "label": ("pos", "Pos", "neg")[n % 3]} for n in range(60)])
    done = auditor("audit", "a.jsonl", "--format", "json")
    assert rulings(done, "label_variants") == ["WARN"]
    tables = done.report["outcomes"]["structure"]["evidence"]
    assert json.dumps(next(one for one in tables if "spelling" in one["title"])["head"]).count("Pos") == 3

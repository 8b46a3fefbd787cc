"""Fingerprints: the same finding has the same one wherever its rows stand, others have others."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from auditor.report.fingerprints import Fingerprints, fingerprints_of
from auditor.report.model import Report
from checks.contract import Data
from tests import helpers
from tests.commands import plain_rows, write

TITLE = "Rows (3 of them) that repeat"


def table(rows, kept=None, split="train", **more) -> pl.DataFrame:
    columns = {"split": [split] * len(rows), "row": rows, "file": ["f"] * len(rows), "line": rows}
    if kept is not None:
        columns |= {"kept_row": kept, "kept_file": ["f"] * len(rows), "kept_line": kept}
    return pl.DataFrame({**columns, **more})


def made(train, evals=("x",)) -> Fingerprints:
    return fingerprints_of(Data(train=helpers.split("train", train), eval=helpers.split("eval", evals)))


# They stay


def test_moved_rows_keep_theirs():
    texts = [f"text {i % 7}" for i in range(20)]
    order = helpers.seeded(1).sample(range(20), 20)
    before = made(texts).of("c", TITLE, table(list(range(20)), [0] * 20))
    moved = [texts[i] for i in order]
    after = made(moved).of("c", TITLE, table(list(range(20)), [order.index(0)] * 20))
    assert Counter(before) == Counter(after)
    assert len(set(before)) == 20, "rows with the same texts are numbered"


def test_counts_places_and_what_was_measured_do_not_matter():
    prints = made(["a", "b"])
    before = prints.of("c", "Rows (3 near, 1,000 exact) of 12", table([0, 1], jaccard=[0.8, 0.9]))
    renamed = table([0, 1], jaccard=[0.7, 1.0]).with_columns(file=pl.lit("other"))
    assert before == prints.of("c", "Rows (1 near) of 7", renamed)


def test_tables_of_something_else_have_none():
    assert made(["a"]).of("c", "Classes", pl.DataFrame({"label": ["a"], "rows": [1]})) == ()


# They differ


def test_other_texts_checks_tables_and_sides_have_others():
    prints = made(["a", "b"], ["a", "c"])
    marks = [
        prints.of("c", TITLE, table([0]))[0], prints.of("c", TITLE, table([1]))[0], prints.of("d", TITLE, table([0]))[0],
        prints.of("c", "Another", table([0]))[0], prints.of("c", TITLE, table([0], [1]))[0],
        prints.of("c", TITLE, table([1], [0]))[0], prints.of("c", TITLE, table([1], split="eval"))[0],
    ]  # fmt: skip
    assert len(set(marks)) == len(marks)
    assert prints.of("c", TITLE, table([0], split="eval")) == prints.of("c", TITLE, table([0])), (
        "it is the same text"
    )


def test_records_without_text_are_told_by_what_is_said_of_them():
    prints = made(["a"])
    ledger = pl.DataFrame(
        {"split": ["train"] * 3, "file": ["f", "f", "g"], "line": [1, 9, 1], "what": ["bad", "bad", "bad"]}
    )
    one, two, other = prints.of("structure", "Read", ledger)
    assert two == f"{one}-2"
    assert other != one
    moved = prints.of("structure", "Read", ledger.with_columns(line=pl.col("line") + 5))
    assert moved == (one, two, other)
    renamed = ledger.with_columns(file=pl.lit("h"), records=pl.Series([None, 7, 3], dtype=pl.Int64))
    assert sorted(prints.of("structure", "Read", renamed)) == sorted((one, two, other))
    assert set(prints.of("structure", "Read", ledger.with_columns(what=pl.lit("worse")))).isdisjoint(moved)
    nowhere = prints.of("c", TITLE, table([None, 0]))
    assert len(set(nowhere)) == 2


def test_a_secret_changes_all_of_them_and_reveals_none(monkeypatch):
    open_ = made(["a"]).of("c", TITLE, table([0]))
    found = {open_}
    for secret in ("one", "two", "x" * 1_000):
        monkeypatch.setenv("AUDITOR_FINGERPRINT_KEY", secret)
        found.add(made(["a"]).of("c", TITLE, table([0])))
    assert len(found) == 4
    monkeypatch.setenv("AUDITOR_FINGERPRINT_KEY", "")
    assert made(["a"]).of("c", TITLE, table([0])) == open_


def test_a_file_tells_the_side_where_the_columns_do_not():
    prints = made(["a", "b"], ["c", "d"])
    both = {
        "split": ["eval"],
        "row": [0],
        "file": ["eval.jsonl"],
        "other_row": [1],
        "other_file": ["train.jsonl"],
    }
    (mark,) = prints.of("c", TITLE, pl.DataFrame(both))
    moved = made(["b", "a"], ["c", "d"]).of("c", TITLE, pl.DataFrame({**both, "other_row": [0]}))
    assert (mark,) == moved


# Whole audits


@pytest.fixture
def audited(auditor):
    def run(rows, evals) -> Report:
        write("train.jsonl", rows)
        write("eval.jsonl", evals)
        return Report.from_json(
            auditor("audit", "train.jsonl", "--eval", "eval.jsonl", "--format", "json").out.encode()
        )

    return run


def marks(report: Report) -> dict[tuple[str, str], Counter[str]]:
    return {
        (check, one.title): Counter(one.fingerprints)
        for check, found in report.outcomes.items()
        for one in found.evidence
        if one.fingerprints
    }


def test_an_audit_without_texts_has_the_same_for_records_without_any(auditor):
    Path("train.jsonl").write_text(
        '{"text": "a"}\n{"text": "b}\n{"text": tree}\n{"text": "c {{x}}"}\n', "utf-8"
    )
    found = [
        marks(Report.from_json(auditor("audit", "train.jsonl", "--format", "json", *more).out.encode()))
        for more in ((), ("--redact",))
    ]
    assert found[0] == found[1]
    assert len(found[0]["structure", "What the readers found"]) == 2


def test_the_order_of_the_rows_changes_none(audited):
    rows, shared = plain_rows(300, seed=1), plain_rows(40, seed=2)
    train = [*rows, *shared, *rows[:10], {"text": ""}, {"text": shared[0]["text"] + " more"}]
    evals = [*shared, *plain_rows(20, seed=3)]
    before = marks(audited(train, evals))
    assert {check for check, _ in before} >= {"duplicates", "leakage", "structure"}
    mixed = helpers.seeded(4).sample(train, len(train)), helpers.seeded(5).sample(evals, len(evals))
    after = marks(audited(*mixed))
    assert before.keys() == after.keys()
    for name in before:
        assert before[name] == after[name], name


def test_each_row_of_the_head_has_one(audited):
    shared = plain_rows(1_100, seed=2)
    report = audited([*plain_rows(10, seed=1), *shared], shared)
    tables = list(itertools.chain.from_iterable(one.evidence for one in report.outcomes.values()))
    assert max(one.rows for one in tables) > 1_000
    for one in tables:
        placed = bool(one.head) and "file" in one.head[0]
        assert len(one.fingerprints) == (len(one.head) if placed else 0)
        assert len(set(one.fingerprints)) == len(one.fingerprints)


def test_a_remembered_report_is_of_the_same_secret(auditor, monkeypatch):
    write("train.jsonl", [{"text": "a"}, {"text": "a"}])
    said = []
    for secret in ("one", "two", "one"):
        monkeypatch.setenv("AUDITOR_FINGERPRINT_KEY", secret)
        found = json.loads(auditor("audit", "train.jsonl", "--format", "json").out)
        said.append(found["outcomes"]["duplicates"]["evidence"][0]["fingerprints"])
    assert said[0] == said[2] != said[1]
    assert not [path for path in Path().iterdir() if "one" in path.name]

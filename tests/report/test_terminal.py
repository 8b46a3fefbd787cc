"""The terminal report: the verdict first, nothing wider than the terminal, whatever the text."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from auditor.report.evidence import evidence_table
from auditor.report.model import EvidenceModel
from tests.commands import READY, labelled_rows, plain_rows, ready_files, write

WIDE = {
    "chinese": "我们昨天在北京吃了烤鸭然后去了长城",
    "emoji": "👩‍👩‍👧‍👦❤️🇩🇪😀",
    "thai": "ภาษาไทยไม่มีช่องว่างระหว่างคำ",
    "one word": "w" * 200,
    "marks": "e\u0301\u0301\u0301" * 50,
    "german": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "arabic": "صلى الله عليه وسلم ﷺ ﷽ مرحبا بالعالم",
}


def faulty(said: str) -> None:
    """Rows whose texts, labels, labelers and files all hold `said`, with every kind of fault."""
    rows = [{**row, "text": f"{said} {row['text']} {said}"} for row in labelled_rows(60, seed=2)]
    for i, row in enumerate(rows):
        row["label"] = f"{row['label']} {said}"
        row["annotator"] = f"{said}{i % 2}"
    rows += [*rows[:9], {**rows[9], "label": f"other {said}"}, {**rows[1], "text": f"{said} {{{{{said}}}}}"}]
    write(f"{said[:40]}.jsonl", rows)
    write("eval.jsonl", [*rows[:20], *labelled_rows(5, seed=3)])


@pytest.mark.parametrize("said", WIDE.values(), ids=WIDE)
@pytest.mark.parametrize("extra", [(), ("--quiet",), ("--task", "classification", "--out", "report")])
def test_no_line_is_wider_than_80_columns(auditor, said, extra):
    faulty(said)
    done = auditor("audit", f"{said[:40]}.jsonl", "--eval", "eval.jsonl", *extra)
    assert done.code == 1
    lines = done.out.splitlines()
    assert lines[0].startswith(("BLOCK ", "UNKNOWN "))
    assert not [line for line in lines if cell_len(line) > 80]


@pytest.mark.parametrize("columns", ["40", "200", "x"])
def test_the_width_is_80_wherever_there_is_no_terminal(auditor, monkeypatch, columns):
    ready_files()
    usual = auditor("audit", *READY).out
    monkeypatch.setenv("COLUMNS", columns)
    assert auditor("audit", *READY).out == usual


def test_the_verdict_comes_first_then_why_then_what_to_do(auditor):
    ready_files()
    write("train.jsonl", [*plain_rows(600, seed=2), *plain_rows(1_000, seed=3)[:5]])
    out = auditor("audit", *READY).out
    assert out.splitlines()[0].startswith("BLOCK")
    assert "leakage" in out.splitlines()[0]
    places = [out.index(word) for word in ("leaked_eval_rows", "5 of 1,000", "zero overlap", "-> ", "Next")]
    assert places == sorted(places)
    assert "eval.jsonl:1" in out
    assert "train.jsonl:601" in out


def test_words_that_differ_are_in_brackets(auditor):
    ready_files()
    words = plain_rows(1_000, seed=3)[0]["text"].split()
    words[12] = "planted"
    write("train.jsonl", [*plain_rows(600, seed=2), {"text": " ".join(words)}])
    out = auditor("audit", *READY).out
    assert "[planted]" in out


def test_labels_that_are_whole_texts_stand_beside_the_two_texts_that_differ():
    row = {"split": "train", "row": 0, "file": "f", "line": 1, "label": "a long answer", "other_label": "another one",
           "text": "one two three", "other_text": "one two four"}  # fmt: skip
    model = EvidenceModel(title="Near", rows=1, file=None, excerpts=("text", "other_text"), head=(row,))
    console = Console(width=80, file=io.StringIO())
    console.print(evidence_table(model))
    shown = console.file.getvalue()
    assert "f:1  a long answer, other label another one" in shown
    assert "one two [three]" in shown
    assert "one two [four]" in shown


def test_the_terminal_shows_what_the_json_says(auditor):
    ready_files()
    write("train.jsonl", labelled_rows(300, seed=2))
    report = auditor("audit", *READY, "--format", "json").report
    out = " ".join(auditor("audit", *READY).out.split())
    assert out.startswith(report["verdict"])
    for gate in report["gates"]:
        if gate["required"]:
            assert gate["question"] in out
            assert gate["id"] in out
    for found in report["inputs"]:
        assert f"{found['path']} {found['rows']:,} " in out
    assert report["settings"]["policy"] in out


def test_every_table_is_shown_or_named(auditor):
    """Notes speak of tables by their titles, and a table is named there unless it tells of a limit that was not kept."""
    sample = Path(__file__).parents[2] / "sample_data" / "labelled"
    files = (str(sample / "train.csv"), "--eval", str(sample / "eval.csv"))
    kept = " ".join(auditor("audit", *files, "--out", "kept").out.split())
    assert "Further tables: kept/evidence/ holds them - " in kept
    report = json.loads(Path("kept/report.json").read_bytes())
    behind = {
        r["check"] for g in report["gates"] if g["required"] for r in g["rulings"] if r["verdict"] != "PASS"
    }
    missed = {
        (r["check"], r["measure"]) for g in report["gates"] for r in g["rulings"]
        if r["verdict"] != "PASS" and r["value"] is not None
    }  # fmt: skip
    assert "rewrites" in {check for check, _ in missed} - behind, "a gate that is not required warns"
    out = " ".join(auditor("audit", *files).out.split())
    assert "rewrites WARN rewrites_beyond_noise" in out.partition("Not required: ")[2]
    assert "Further tables: --out DIR keeps them, --format json prints their first rows - " in out
    further = out.partition("Further tables")[2].partition("Notes")[0]
    named = 0
    for check, outcome in report["outcomes"].items():
        for table in (found for found in outcome["evidence"] if found["head"]):
            picture = (table["chart"] or {}).get("picture") in ("histogram", "curve")
            counted = table["counted"] and set(table["counted"]["measures"].values())
            rows = any("file" in name for name in table["head"][0]) and any(
                name == check and (counted is None or measure in counted) for name, measure in missed
            )
            left = picture or not (check in behind or rows)
            assert (f"“{table['title']}” (" in further) == left
            assert table["title"] in out
            named += left
    assert further.count("“") == named > 0


def test_without_further_tables_none_are_named(auditor):
    write("empty.jsonl", [])
    assert "Further tables" not in auditor("audit", "empty.jsonl").out


def test_the_saved_report_is_named(auditor):
    ready_files()
    out = auditor("audit", *READY, "--out", "where/it/lies").out
    assert "where/it/lies/report.json" in out
    assert json.loads(Path("where/it/lies/report.json").read_bytes())["verdict"] == "PASS"


def test_the_first_line_spells_files_as_the_user_does(auditor):
    write("Train_UPPER.jsonl", plain_rows(20, seed=1))
    Path("Bad_NAME.csv").write_text("x,y\n1,2\n")
    done = auditor("audit", "Train_UPPER.jsonl", "Bad_NAME.csv", "--quiet")
    assert "not read: Bad_NAME.csv." in " ".join(done.out.split())


def test_a_long_path_keeps_its_end_beside_long_facts(auditor):
    name = "a-folder-of-a-long-name/judgements.standardized.tsv"
    Path(name).parent.mkdir()
    columns = "item\tannotator\tlabel\ttext\tgold_of_the_first_round\tremarks_of_the_judge"
    Path(name).write_text("\n".join([columns, *(f"{n}\tann\tx\ttext {n}\ty\tz" for n in range(20))]) + "\n")
    assert "judgements.standardized.tsv  20 records" in auditor("audit", name).out


def test_of_nothing_no_listed_rows_are_to_be_mended_and_names_stand_once(auditor):
    write("empty.jsonl", [])
    out = " ".join(auditor("audit", "empty.jsonl", "--require", "origin").out.split())
    assert "records listed" not in out
    assert "-> add data that this can be measured on: there is none here" in out
    assert "UNKNOWN generated_share was not measured" in out
    assert "generated_share: generated_share" not in out

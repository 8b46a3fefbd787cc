"""`auditor review`, and the audit that reads its sheet."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import auditor as face
from tests.commands import labelled_rows, plain_rows, write
from tests.review.test_sheet import TOPICS, rows


def truth() -> dict[str, str]:
    return {text: list(TOPICS)[n % 3] for n, (text, _) in enumerate(rows())}


def labelled(path: str = "train.jsonl") -> None:
    write(path, [{"text": text, "label": label} for text, label in rows()])


def lines_of(sheet: str) -> list[dict[str, str]]:
    with Path(sheet).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def judge(sheet: str, filled: str) -> None:
    """Fill a sheet in as somebody does who knows."""
    known = truth()
    lines = lines_of(sheet)
    for line in lines:
        right = known[line["text"]]
        line["verdict"] = "right" if line["label"] == right else "wrong"
        line["correct_label"] = "" if line["label"] == right else right
    with Path(filled).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)


def noise_of(report: dict) -> dict:
    return {found["name"]: found for found in report["outcomes"]["noise"]["measures"]}


def test_a_filled_sheet_decides_the_noise_rate(auditor):
    labelled()
    done = auditor("review", "train.jsonl", "--rows", "120", "--to", "sheet.csv")
    assert done.code == 0
    assert done.out.startswith("sheet.csv: 120 of 240 labelled rows to judge\n")
    assert "--reviewed" in done.out
    judge("sheet.csv", "filled.csv")
    report = auditor("audit", "train.jsonl", "--reviewed", "filled.csv", "--format", "json").report
    rate = noise_of(report)["noise_rate"]
    wrong = sum(label != truth()[text] for text, label in rows()) / 240
    assert rate["interval"][0] <= wrong <= rate["interval"][1]
    assert rate["by"] == "120 reviewed rows"
    assert rate["basis"] == "measured"
    assert noise_of(report)["reviewed_noise_rate"]["value"] == rate["value"]
    assert report["settings"]["reviewed"] == ["filled.csv"]
    shown = auditor("audit", "train.jsonl", "--reviewed", "filled.csv").out
    assert "Labels that the review found wrong" in shown
    hidden = auditor(
        "audit", "train.jsonl", "--reviewed", "filled.csv", "--redact", "--format", "json"
    ).report
    evidence = hidden["outcomes"]["noise"]["evidence"][0]
    assert all(line["text"] is None for line in evidence["head"])


def test_a_sheet_that_is_filled_from_the_top_leaves_the_other_strata_open(auditor):
    labelled()
    auditor("review", "train.jsonl", "--rows", "60", "--to", "sheet.csv", "-q")
    judge("sheet.csv", "whole.csv")
    lines = lines_of("whole.csv")
    reached = int(lines[20]["stratum"])
    left = sum(
        {
            int(line["stratum"]): int(line["stratum_rows"])
            for line in lines
            if int(line["stratum"]) > reached
        }.values()
    )
    assert 0 < left < 240
    with Path("half.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(
            line if n <= 20 else line | {"verdict": "", "correct_label": ""} for n, line in enumerate(lines)
        )
    half = auditor("audit", "train.jsonl", "--reviewed", "half.csv", "--format", "json").report
    low, high = noise_of(half)["reviewed_noise_rate"]["interval"]
    wrong = sum(label != truth()[text] for text, label in rows()) / 240
    assert low <= wrong <= high
    assert high - low >= left / 240
    assert f"{left} rows lie in strata of which no row was judged" in " ".join(
        half["outcomes"]["noise"]["notes"]
    )
    whole = auditor(
        "audit", "train.jsonl", "--reviewed", "half.csv", "--reviewed", "whole.csv", "--format", "json"
    )
    assert not any("no row was judged" in note for note in whole.report["outcomes"]["noise"]["notes"])


def test_the_review_follows_the_data(auditor):
    labelled()
    auditor("review", "train.jsonl", "--rows", "120", "--to", "sheet.csv", "-q")
    judge("sheet.csv", "filled.csv")
    before = noise_of(auditor("audit", "train.jsonl", "--reviewed", "filled.csv", "--format", "json").report)
    known = truth()
    reviewed = {line["text"] for line in lines_of("filled.csv")}
    mended = [(text, known[text] if text in reviewed else label) for text, label in rows()]
    write("mended.jsonl", [{"text": text, "label": label} for text, label in mended[::-1]])
    after = noise_of(auditor("audit", "mended.jsonl", "--reviewed", "filled.csv", "--format", "json").report)
    wrong = sum(label != known[text] for text, label in rows() if text in reviewed) / 240
    assert abs(before["noise_rate"]["value"] - after["noise_rate"]["value"] - wrong) < 1e-9


def test_settings_files_and_scripts_name_sheets_too(auditor):
    labelled()
    Path("auditor.toml").write_text('train = "train.jsonl"\n')
    assert auditor("review", "--rows", "40", "--to", "first.csv").code == 0
    judge("first.csv", "first-filled.csv")
    Path("auditor.toml").write_text('train = "train.jsonl"\nreviewed = "first-filled.csv"\n')
    done = auditor("review", "--rows", "40", "--to", "second.csv")
    assert "So far the share of wrong labels is" in done.out
    first, second = ({line["id"] for line in lines_of(name)} for name in ("first.csv", "second.csv"))
    assert len(first) == len(second) == 40
    assert not first & second
    judge("second.csv", "second-filled.csv")
    assert (
        noise_of(auditor("audit", "--format", "json").report)["reviewed_noise_rate"]["by"]
        == "40 reviewed rows"
    )
    both = ["first-filled.csv", "second-filled.csv"]
    report = face.audit("train.jsonl", reviewed=both)
    (rate,) = [one for one in report.outcomes["noise"].measures if one.name == "noise_rate"]
    assert rate.by == "80 reviewed rows"
    assert report.outcomes["noise"] == face.audit("train.jsonl", reviewed=both[::-1]).outcomes["noise"]


def test_labeling_tools_get_a_second_file(auditor):
    labelled()
    done = auditor("review", "train.jsonl", "--rows", "20", "--to", "tasks.json", "--format", "label-studio")
    assert "tasks.config.xml holds the labeling interface of label-studio." in done.out
    assert len(json.loads(Path("tasks.json").read_text())) == 20
    assert Path("tasks.config.xml").read_text().startswith("<View>")


def test_nothing_is_overwritten(auditor):
    labelled()
    before = Path("train.jsonl").read_bytes()
    assert auditor("review", "train.jsonl", "--rows", "20", "--to", "sheet.csv").code == 0
    kept = Path("sheet.csv").read_bytes()
    done = auditor("review", "train.jsonl", "--rows", "20", "--to", "sheet.csv", "--seed", "1")
    assert (done.code, done.out) == (2, "")
    assert "sheet.csv is there already" in done.err
    assert Path("sheet.csv").read_bytes() == kept
    assert (
        auditor("review", "train.jsonl", "--rows", "20", "--to", "sheet.csv", "--seed", "1", "--force").code
        == 0
    )
    assert Path("sheet.csv").read_bytes() != kept
    assert "is one of the inputs" in auditor("review", "train.jsonl", "--to", "train.jsonl", "--force").err
    assert Path("train.jsonl").read_bytes() == before
    assert {path.name for path in Path().iterdir()} == {".git", "train.jsonl", "sheet.csv"}


def test_settings_and_policy_are_never_replaced(auditor):
    labelled()
    Path("auditor.toml").write_text('train = "train.jsonl"\npolicy = "house.toml"\n')
    Path("house.toml").write_text('extends = "base"\n')
    for name in ("auditor.toml", "house.toml"):
        before = Path(name).read_text()
        done = auditor("review", "--rows", "10", "--to", name, "--format", "csv", "--force")
        assert done.code == 2
        assert f"{name} is one of the inputs" in done.err
        assert Path(name).read_text() == before


def test_mistakes_exit_2_with_what_to_do(auditor):
    labelled()
    write("plain.jsonl", plain_rows(20, seed=1))
    chats = [{"prompt": "a", "chosen": f"b {n}", "rejected": "c"} for n in range(20)]
    write("pairs.jsonl", chats)
    for arguments, said in (
        (("--to", "s.csv"), "nothing to review: name training files"),
        (("train.jsonl",), "Missing option '--to'"),
        (("train.jsonl", "--to", "s.xlsx"), "call it .csv or .jsonl"),
        (("train.jsonl", "--to", "s.csv", "--rows", "5"), "x>=10"),
        (("plain.jsonl", "--to", "s.csv"), "a review sheet needs labels"),
        (("pairs.jsonl", "--to", "s.csv"), "a review sheet needs labels"),
        (("nowhere.jsonl", "--to", "s.csv"), "nowhere.jsonl does not exist"),
        (("train.jsonl", "--to", "s.csv", "--reviewed", "nowhere.csv"), "nowhere.csv cannot be read"),
        (("--to", "s.csv", "--eval", "a.jsonl", "b.jsonl"), "auditor review train.jsonl --eval"),
    ):
        done = auditor("review", *arguments)
        assert (done.code, done.out) == (2, ""), arguments
        assert said in done.err, (arguments, done.err)
    assert not Path("s.csv").exists()


def test_a_hostile_sheet_reaches_the_terminal_as_plain_text(auditor):
    write("train.jsonl", labelled_rows(60, seed=2))
    auditor("review", "train.jsonl", "--rows", "20", "--to", "sheet.csv", "-q")
    text = Path("sheet.csv").read_text("utf-8-sig").replace(",,,", ",\x1b[31mwrong,,", 1)
    Path("sheet.csv").write_text(text)
    done = auditor("audit", "train.jsonl", "--reviewed", "sheet.csv")
    assert done.code == 2
    assert "\x1b" not in done.err
    assert "there is no verdict" in done.err

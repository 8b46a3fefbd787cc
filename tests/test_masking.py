"""No output tells personal data or secrets, whatever check quotes them and wherever they stand."""

import json

import polars as pl
import pytest

from auditor.masking import labelers, masked
from checks.contract import Data, Evidence, Measure, Result
from tests import helpers
from tests.secrets_of import PERSONAL, SECRETS, drawn

KEY, CARD, MAIL = SECRETS["OpenAI API key"][0], "4539 1488 0343 6467", "joe.doe@acme-corp.io"
VALUES = (KEY, CARD, MAIL, SECRETS["private key"][0].split("\n")[3])


def result(*, texts=(), groups=(), notes=(), **columns):
    table = pl.DataFrame({"text": texts, **columns})
    measures = tuple(Measure(name="m", value=1, group=group) for group in groups)
    return Result(measures, (Evidence("t", table, ("text",)),), notes)


# Nothing to mask


def test_a_result_without_any_stays_as_it_is():
    found = result(texts=["plain", None, "a@example.com"], groups=["x", None, "y"], notes=("A note.",))
    shown = masked(found, frozenset())
    assert shown.measures == found.measures
    assert shown.notes == found.notes
    assert shown.evidence[0].table.equals(found.evidence[0].table)


def test_names_of_files_and_of_labelers_stay():
    labels = helpers.judgements([(0, MAIL, "x"), (1, None, "y")])
    known = labelers(Data(train=helpers.split("train", ["a"]), labels=labels))
    assert known == {MAIL}
    assert labelers(Data(train=helpers.split("train", ["a"]))) == frozenset()
    found = result(texts=[f"by {MAIL}"], groups=[MAIL], file=[MAIL], train_file=[MAIL], labeler=[MAIL])
    shown = masked(found, known)
    assert shown.measures == found.measures
    row = shown.evidence[0].table.row(0, named=True)
    assert row == {"text": "by j****************.io", "file": MAIL, "train_file": MAIL, "labeler": MAIL}


# Everything else


@pytest.mark.parametrize(
    "value", [value for table in (SECRETS, PERSONAL) for values in table.values() for value in values]
)
def test_every_column_group_and_note_is_masked(value):
    text = f"so {value} is"
    found = result(
        texts=[text, None], groups=[text], notes=(text,), label=[None, text], names=[[text], []],
        held=[{"a": text}, {"a": None}], kind=pl.Series([text, text], dtype=pl.Categorical),
    )  # fmt: skip
    shown = masked(found, frozenset())
    said = " ".join(
        [shown.measures[0].group or "", *shown.notes, json.dumps(shown.evidence[0].table.to_dicts())]
    )
    assert "***" in said
    assert value not in said
    assert json.dumps(value)[1:-1] not in said
    assert shown.evidence[0].table["text"].null_count() == 1


def test_groups_that_look_alike_once_masked_are_told_apart():
    groups = ["ann@firm.io", "abe@firm.io", "x"]
    shown = masked(result(groups=[*groups, *groups]), frozenset()).measures
    assert [one.group for one in shown] == ["a*******.io", "a*******.io (2)", "x"] * 2


def padded(value, place):
    """A text in which a value stands where excerpts end."""
    return f"{'word ' * (place // 5)}{value} and so on to the end of it {drawn(300)}"


def test_planted_values_are_in_no_output(auditor, tmp_path):
    block = SECRETS["private key"][0]
    texts = [f"Use {KEY} to log in and write to {MAIL} number {n}" for n in range(3)]
    texts += [
        f"My card {CARD} does not work, please help me with it today",
        f"Here is the block that you need:\n{block}",
    ]
    texts += [padded(value, place) for value in (KEY, MAIL, CARD) for place in (270, 280, 285, 290)]
    rows = [{"prompt": text, "completion": f"answer {n} for {MAIL}"} for n, text in enumerate(texts)]
    rows += [{"prompt": f"question number {n}", "completion": f"word{n} word{n + 1}"} for n in range(40)]
    work = tmp_path / "work"
    broken = json.dumps({"prompt": f"Use {KEY} and {MAIL}"})[:-1] + " x}\n"
    for name, lines in (("train", rows), ("eval", rows[:20])):
        again = [*lines, *lines[:20]]  # duplicates quote the begin of their texts
        (work / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in again) + broken)
    (work / "labelled.csv").write_text(
        "text,label\n"
        + "".join(f'"{"say"} {n} {MAIL}","{("pay " + MAIL) if n % 2 else "no"}"\n' for n in range(30))
    )
    said = ""
    for arguments in (("train.jsonl", "--eval", "eval.jsonl"), ("labelled.csv",)):
        for style in ("text", "json"):
            done = auditor(
                "audit", *arguments, "--format", style, "--require", "sensitive", "--out", "report"
            )
            said += done.out + done.err
        said += (work / "report" / "report.json").read_text()
        for path in (work / "report" / "evidence").glob("*.parquet"):
            said += pl.read_parquet(path).write_json()
    done = auditor("decide", "train.jsonl", "--eval", "eval.jsonl", "--out", "decision")
    said += done.out + done.err + (work / "decision" / "decision.md").read_text()
    assert "***" in said
    assert "word0 word1" in said or "question number" in said or "Use sk-" in said, "texts are quoted"
    for value in VALUES:
        for size in (12, len(value) * 3 // 4):
            assert value[:size] not in said
            assert value[-size:] not in said


def test_secrets_block_and_personal_data_warn(auditor, tmp_path):
    work = tmp_path / "work"
    for name, text in (("keys", KEY), ("mails", MAIL), ("clean", "nothing")):
        (work / f"{name}.jsonl").write_text(json.dumps({"prompt": f"say {text}", "completion": "ok"}) + "\n")
    verdicts = {}
    for name in ("keys", "mails", "clean"):
        report = auditor("audit", f"{name}.jsonl", "--format", "json").report
        gate = next(gate for gate in report["gates"] if gate["id"] == "sensitive")
        assert not gate["required"]
        verdicts[name] = gate["verdict"]
    assert verdicts == {"keys": "BLOCK", "mails": "WARN", "clean": "PASS"}

"""--out, --redact and the caches: what stays on disk, and what does not."""

from __future__ import annotations

import json
import os
from pathlib import Path

import polars as pl
import pytest

from auditor.report.model import Report
from tests.commands import READY, command, labelled_rows, plain_rows, ready_files, write

CANARY = "zqxcanary"
OUT = Path("report")


def leaking(rows: int = 1_200) -> None:
    """Files with so many leaks that the report itself cannot hold all evidence."""
    ready_files()
    shared = plain_rows(rows, seed=9)
    write("train.jsonl", [*plain_rows(600, seed=2), *shared])
    write("eval.jsonl", shared)


def files_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


# --out


def test_nothing_is_kept_unless_asked(auditor):
    ready_files()
    auditor("audit", *READY)
    assert files_below(Path()) == {"train.jsonl", "eval.jsonl"}


def test_the_report_and_all_evidence_are_kept(auditor):
    leaking()
    done = auditor("audit", *READY, "--out", OUT, "--format", "json")
    assert done.code == 1
    content = (OUT / "report.json").read_bytes()
    assert content == done.out.encode()
    report = Report.from_json(content)
    tables = [found for outcome in report.outcomes.values() for found in outcome.evidence]
    assert {found.file for found in tables} == files_below(OUT) - {"report.json"}
    for found in tables:
        table = pl.read_parquet(OUT / found.file)
        assert table.height == found.rows
        assert len(found.head) == min(found.rows, 1_000)
    assert max(found.rows for found in tables) > 1_000, "more than the report itself holds"
    assert not list(OUT.glob(".*")), "no draft is left"


def test_evidence_names_no_file_that_was_not_kept(auditor):
    leaking(5)
    outcomes = auditor("audit", *READY, "--format", "json").report["outcomes"]
    assert {found["file"] for outcome in outcomes.values() for found in outcome["evidence"]} == {None}


def test_a_second_run_replaces_the_first_and_nothing_else(auditor):
    leaking(20)
    auditor("audit", *READY, "--out", OUT)
    before = files_below(OUT)
    last = max(name for name in before if name.startswith("evidence/leakage-"))
    (OUT / "notes.md").write_text("mine")
    (OUT / "evidence" / "mine.parquet").write_bytes(b"mine")
    ready_files()
    assert auditor("audit", *READY, "--out", OUT).code == 0
    after = files_below(OUT)
    assert {"notes.md", "evidence/mine.parquet"} <= after
    assert last not in after, "stale evidence goes"
    assert json.loads((OUT / "report.json").read_bytes())["verdict"] == "PASS"
    assert (OUT / "evidence" / "mine.parquet").read_bytes() == b"mine"


def test_pages_that_are_taken_away_are_named(auditor):
    ready_files()
    first = auditor("audit", *READY, "--out", OUT, "--format", "html,md")
    again = auditor("audit", *READY, "--out", OUT, "--format", "html,md")
    assert "taken away" not in first.err + again.err
    done = auditor("audit", *READY, "--out", OUT, "--format", "md")
    assert "report.html of the earlier report taken away" in " ".join(done.err.split())
    assert "report.md of" not in done.err
    assert not (OUT / "report.html").exists()


def test_json_among_several_formats_is_kept_and_the_text_printed(auditor):
    ready_files()
    text = auditor("audit", *READY, "--out", OUT).out
    assert auditor("audit", *READY, "--out", OUT, "--format", "json,md").out == text
    assert auditor("audit", *READY, "--out", OUT, "--format", "json").report["verdict"] == "PASS"


@pytest.mark.parametrize("content", [b'{"name": "my own report"}', b"[]", b"not json", b""])
def test_a_report_of_somebody_else_is_left_alone(auditor, content):
    ready_files()
    OUT.mkdir()
    (OUT / "report.json").write_bytes(content)
    done = auditor("audit", *READY, "--out", OUT)
    assert done.code == 2
    assert "report/report.json was not written by auditor" in done.err
    assert (OUT / "report.json").read_bytes() == content
    assert files_below(OUT) == {"report.json"}


def test_evidence_of_somebody_else_is_left_alone_and_the_verdict_is_shown(auditor):
    ready_files()
    (OUT / "evidence").mkdir(parents=True)
    theirs = OUT / "evidence" / "size-1.parquet"
    pl.DataFrame({"mine": [1]}).write_parquet(theirs)
    done = auditor("audit", *READY, "--out", OUT)
    assert (done.code, done.verdict) == (2, "PASS")
    assert "report/evidence/size-1.parquet was not written by auditor" in done.err
    assert files_below(OUT) == {"evidence/size-1.parquet"}
    assert pl.read_parquet(theirs).columns == ["mine"]


def test_a_report_of_another_version_of_ours_is_replaced(auditor):
    ready_files()
    OUT.mkdir()
    (OUT / "report.json").write_text('{"schema": 99, "verdict": "PASS", "outcomes": {}, "new": 1}')
    assert auditor("audit", *READY, "--out", OUT).code == 0
    assert json.loads((OUT / "report.json").read_bytes())["schema"] == 1


def test_a_folder_that_cannot_be_made_is_told_before_the_long_work(auditor):
    (Path.cwd() / "file").write_text("")
    done = auditor("audit", "no-such-file.jsonl", "--out", "file/report")
    assert done.code == 2
    assert "file is a file; name another folder" in done.err


def test_a_save_that_fails_leaves_the_old_report_whole(auditor, monkeypatch):
    leaking(20)
    auditor("audit", *READY, "--out", OUT)
    before = {name: (OUT / name).read_bytes() for name in files_below(OUT)}

    def full(*_args, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    done = auditor("audit", *READY, "--out", OUT)
    assert (done.code, done.verdict) == (2, "BLOCK"), "the verdict is worth showing all the same"
    assert done.err.endswith("cannot write the report to report: No space left on device\n")
    assert "hold all of this" not in done.out
    assert {name: (OUT / name).read_bytes() for name in files_below(OUT)} == before


# --redact


def canaries(kind: str, number: int) -> list[dict]:
    """Rows of one format whose every text holds the canary and that every check has something to say about."""
    said = [f"{CANARY} {text['text']}" for text in plain_rows(30, seed=number)]
    said += [
        said[0],
        said[1].upper() + "!",
        f"{said[2]} {{{{{CANARY}}}}}",
        f"{said[3]} \x01",
        "",
        f"{CANARY} one",
    ]
    match kind:
        case "text":
            return [{"text": text} for text in said]
        case "label":
            return [{"text": text, "label": "ab"[i % 2], "annotator": "ann"} for i, text in enumerate(said)]
        case "alpaca":
            return [{"instruction": text, "input": "", "output": text[::-1] + CANARY} for text in said]
        case "preference":
            return [
                {"prompt": text, "chosen": text[:9] + CANARY, "rejected": text[:9] + CANARY} for text in said
            ]
        case _:
            return [
                {"messages": [
                    {"role": "system", "content": CANARY}, {"role": "user", "content": text},
                    {"role": f"odd {CANARY}" if i == 5 else "assistant", "content": text[:40] if i % 5 else ""},
                ]}
                for i, text in enumerate(said)
            ]  # fmt: skip


FAULTY = [
    f'{{"text": "{CANARY}',
    f'{{"text": "{CANARY} \\ud800", "label": "x"}}',
    f'["{CANARY}"]',
    f'{{"text": {{"{CANARY}": 1}}, "messages": "{CANARY}", "instruction": ["{CANARY}"], "chosen": {{"{CANARY}": 2}}}}',
    f'{CANARY} {CANARY}',
    f'{{"text": "{CANARY}", "text": NaN}}',
]  # fmt: skip


@pytest.mark.parametrize("kind", ["text", "label", "alpaca", "preference", "chat"])
def test_redaction_leaves_the_text_of_the_rows_out_of_everything(auditor, kind):
    for name, seed in (("train", 2), ("eval", 3)):
        shared = canaries(kind, 4)[:9]
        path = write(f"{name}.jsonl", [*canaries(kind, seed), *shared])
        path.write_text(path.read_text() + "\n".join(FAULTY) + "\n")
    arguments = ("audit", "train.jsonl", "--eval", "eval.jsonl", "--out", OUT)
    open_ = auditor(*arguments)
    assert CANARY in open_.out, "without redaction it is shown"
    shown = auditor(*arguments, "--redact")
    machine = auditor(*arguments, "--redact", "--format", "json")
    assert shown.code == open_.code
    for text in (shown.out, shown.err, machine.out, machine.err, (OUT / "report.json").read_text()):
        assert CANARY not in text.lower()
    for path in OUT.glob("evidence/*.parquet"):
        assert CANARY not in json.dumps(pl.read_parquet(path).to_dicts(), default=str).lower(), path


def test_redaction_leaves_what_an_unreadable_file_holds_out(auditor):
    path = write("train.jsonl", [])
    path.write_text(f'{{"text": "{CANARY}\n' * 3)
    assert CANARY in auditor("audit", "train.jsonl", "--format", "json").out
    for style in ("text", "json"):
        done = auditor("audit", "train.jsonl", "--redact", "--format", style)
        assert done.code == 2
        assert CANARY not in done.out + done.err
        assert "train.jsonl cannot be read" in " ".join(done.out.split())


def test_redaction_changes_no_verdict_and_no_measure(auditor):
    leaking(20)
    whole, cut = (auditor("audit", *READY, "--format", "json", *more).report for more in ((), ("--redact",)))
    assert cut["gates"] == whole["gates"]
    for name, outcome in whole["outcomes"].items():
        assert cut["outcomes"][name]["measures"] == outcome["measures"]
        for here, there in zip(outcome["evidence"], cut["outcomes"][name]["evidence"], strict=True):
            assert [row["line"] for row in here["head"] if "line" in row] == [
                row["line"] for row in there["head"] if "line" in row
            ]


def test_redaction_leaves_the_message_of_a_crash_out(auditor, monkeypatch):
    from checks.size import Size

    def crash(_self, data):
        raise ValueError(data.train.frame.select("text").collect().item(0, 0))

    write("train.jsonl", [{"text": CANARY}])
    monkeypatch.setattr(Size, "run", crash)
    assert CANARY in auditor("audit", "train.jsonl", "--format", "json").out
    done = auditor("audit", "train.jsonl", "--redact", "--format", "json")
    assert done.code == 3
    assert CANARY not in done.out + done.err
    assert "ValueError at test_out.py:" in done.report["outcomes"]["size"]["not_run"]["why"]


# Caches


def test_a_second_audit_says_the_same(auditor, tmp_path):
    leaking(20)
    first = auditor("audit", *READY, "--format", "json")
    assert files_below(tmp_path / "cache"), "rows are kept"
    assert auditor("audit", *READY, "--format", "json").out == first.out
    assert auditor("audit", *READY, "--format", "json", "--no-cache").out == first.out
    assert auditor("audit", *READY, "--format", "json", "--verify-cache").out == first.out


@pytest.mark.parametrize(
    "arguments", [READY, ("train.jsonl", "no-such.jsonl"), ("train.jsonl", "--map", "x=text")]
)
def test_no_cache_leaves_nothing_behind(auditor, tmp_path, arguments):
    ready_files()
    auditor("audit", *arguments, "--no-cache")
    assert files_below(tmp_path / "cache") == set()
    assert list((tmp_path / "temporary").iterdir()) == []


def test_kept_rows_belong_to_their_owner_alone(auditor, tmp_path):
    ready_files()
    os.umask(os.umask(0o022))
    auditor("audit", *READY)
    kept = list((tmp_path / "cache").rglob("*"))
    assert kept
    assert not [path for path in kept if path.stat().st_mode & 0o077]


def test_a_changed_file_is_read_again(auditor):
    ready_files()
    assert auditor("audit", *READY).verdict == "PASS"
    write("train.jsonl", plain_rows(50, seed=2))
    assert auditor("audit", *READY).verdict == "BLOCK"


def test_verifying_hashes_files_that_seem_unchanged(auditor, tmp_path):
    """Two files of one size; what is known about the first is made to say that it holds the second."""
    for name, word in (("a", "abc"), ("b", "xyz")):
        path = write(f"{name}.jsonl", [{"text": word}])
        os.utime(path, (1_000_000_000, 1_000_000_000))
    sums, known = {}, tmp_path / "cache" / "known"
    entries = {}
    for name in "ab":
        before = set(known.iterdir()) if known.is_dir() else set()
        sums[name] = auditor("audit", f"{name}.jsonl", "--format", "json").report["inputs"][0]["sha256"]
        (entries[name],) = set(known.iterdir()) - before
    seen = json.loads(entries["a"].read_bytes())
    assert seen[1] == sums["a"]
    entries["a"].write_text(json.dumps([seen[0], sums["b"]]))
    again = ("audit", "a.jsonl", "--format", "json", "--stance", "strict")  # no report of it is remembered
    told = auditor(*again).report["inputs"][0]["sha256"]
    assert told == sums["b"], "the time and size of a file are trusted"
    told = auditor(*again, "--verify-cache").report["inputs"][0]["sha256"]
    assert told == sums["a"]


def test_a_damaged_cache_is_no_matter(auditor, tmp_path):
    leaking(20)
    first = auditor("audit", *READY, "--format", "json").out
    for path in (tmp_path / "cache").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert auditor("audit", *READY, "--format", "json").out == first


def test_a_cache_that_cannot_be_written_is_named_with_a_way_out(auditor, tmp_path, monkeypatch):
    ready_files()
    monkeypatch.setenv("AUDITOR_CACHE_DIR", str(tmp_path / "work" / "train.jsonl" / "cache"))
    done = auditor("audit", *READY)
    assert done.code == 2
    assert "--no-cache" in done.err
    assert auditor("audit", *READY, "--no-cache").code == 0


def test_redaction_leaves_out_labels_that_are_whole_texts_wherever_they_stand(auditor):
    rows = [{**row, "label": f"{CANARY} {row['label']} " + "x" * 60} for row in labelled_rows(60, seed=2)]
    write("train.jsonl", rows)
    for style in ("text", "json"):
        done = auditor("audit", "train.jsonl", "--redact", "--format", style)
        assert CANARY not in done.out
    groups = [one["group"] for one in done.report["outcomes"]["size"]["measures"] if one["group"]]
    assert set(groups) == {f"class {n}" for n in range(1, 1 + len({row["label"] for row in rows}))}
    assert len(groups) == len(set(groups)), "they are told apart all the same"


@pytest.mark.parametrize("style", ["text", "json"])
def test_a_terminal_of_few_letters_gets_codes(tmp_path, style):
    (tmp_path / "a.jsonl").write_text('{"text": "日本語 {{name}}"}\n', encoding="utf-8")
    arguments = ("audit", "a.jsonl", "--format", style)
    process = command(*arguments, folder=tmp_path, extra={"PYTHONIOENCODING": "latin-1"})
    out, err = process.communicate(timeout=120)
    assert process.returncode == 1, err
    assert "日本語" in out.decode("utf-8" if style == "json" else "unicode_escape")


def test_a_full_disk_behind_stdout_is_said(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "a"}\n')
    with Path("/dev/full").open("wb") as full:
        process = command("audit", "a.jsonl", folder=tmp_path, stdout=full)
        err = process.communicate(timeout=120)[1].decode()
    assert process.returncode == 2
    assert err.splitlines()[-1] == (
        "auditor: the report cannot be written to standard output: No space left on device"
    )
    assert "Traceback" not in err

"""Text that would steer a terminal, hide, or read as markup: shown by its code, wherever it comes from."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from pathlib import Path

import pytest

from tests.commands import labelled_rows, plain_rows, write

ESCAPES = {
    "colour": "\x1b[31mred\x1b[0m",
    "title": "\x1b]0;owned\x07",
    "clear": "\x1b[2J\x1b[H",
    "link": "\x1b]8;;https://evil.example\x1b\\here\x1b]8;;\x1b\\",
    "C1": "\x9b31mred",
    "backspace": "safe\x08\x08\x08\x08evil",
    "carriage": "PASS\rBLOCK",
    "order": "\u202egnp.exe\u202c",
    "isolate": "\u2066x\u2069",
    "unseen": "a\u200bb\ufeffc\u00add",
    "tags": "x\U000e0041\U000e0042",
    "private": "\ue000\U000f0000",
    "NUL": "a\x00b",
    "lines": "one\ntwo\u2028three\x85four",
    "markup": "[bold red]x[/bold red] [/] [link=https://evil.example]y[/link] :smile:",
    "cut pair": "[",
    "slash": "\\[bold]x\\",
}
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}


def assert_harmless(text: str) -> None:
    """Only visible characters and line ends."""
    bad = {f"U+{ord(c):04X}" for c in text if c != "\n" and unicodedata.category(c) in HIDDEN}
    assert not bad, f"{bad} in the output"


def shown(text: str) -> str:
    """The output without the line breaks and padding that the layout adds."""
    return re.sub(r"\s+", "", text)


def test_ordinary_text_of_all_scripts_is_shown_as_it_is(auditor):
    said = "Größe, 日本語のテキスト, Ελληνικά, ไทย, हिन्दी, 한국어 and عربي"
    write("train.jsonl", [{"text": f"{said} {{{{name}}}}"}])
    done = auditor("audit", "train.jsonl")
    assert shown(said) in shown(done.out)


@pytest.mark.parametrize("hostile", ESCAPES.values(), ids=ESCAPES)
def test_texts_and_labels_never_reach_the_terminal_raw(auditor, hostile):
    rows = labelled_rows(40, seed=2)
    for i, row in enumerate(rows):
        row["text"] = f"{hostile} {{{{name}}}} {row['text']} {hostile}"
        row["label"] = f"{row['label']} {hostile}"
        row["annotator"] = f"{hostile}{i % 2}"
        row["source"] = hostile
        row["id"] = f"{hostile}{i}"
        row[hostile] = hostile
    write("train.jsonl", [*rows, {**rows[0], "label": "other"}])
    write("eval.jsonl", [*rows[:20], {**rows[1], "label": hostile}])
    for extra in (
        (),
        ("--quiet",),
        ("--policy", "poc", "--task", "classification", "--require", "label-quality"),
    ):
        done = auditor("audit", "train.jsonl", "--eval", "eval.jsonl", *extra)
        assert done.code == 1
        assert_harmless(done.out + done.err)
    machine = auditor("audit", "train.jsonl", "--eval", "eval.jsonl", "--format", "json")
    assert json.loads(machine.out)["verdict"] == "BLOCK"
    assert_harmless(machine.out)


@pytest.mark.parametrize("shape", ["chat", "preference", "bad"])
@pytest.mark.parametrize("kind", ["colour", "C1", "order", "NUL", "lines", "markup", "cut pair"])
def test_nor_do_the_findings_of_the_readers(auditor, kind, shape):
    hostile = ESCAPES[kind]
    rows = {
        "chat": [
            {"messages": [{"role": hostile, "content": hostile}, {"role": "assistant", "content": f"{hostile} x"}]}
        ] * 3,
        "preference": [{"prompt": f"{hostile} {{{{x}}}}", "chosen": hostile, "rejected": hostile}] * 3,
        "bad": [{"text": "fine"}, {"text": {hostile: hostile}}, {"text": [hostile]}, {hostile: 1}, {"text": 1, "split": hostile}],
    }[shape]  # fmt: skip
    path = write("train.jsonl", rows)
    with path.open("a", encoding="utf-8", errors="surrogatepass") as file:
        file.write('{"text": "' + hostile + "\n" + hostile + '\n"' + hostile + '": 1}\n')
    done = auditor("audit", "train.jsonl", "--out", "report")
    assert done.code in (1, 2)
    assert_harmless(done.out + done.err)


@pytest.mark.parametrize("hostile", [text for text in ESCAPES.values() if not set(text) & set("\x00/")])
def test_names_of_files_are_text_of_strangers_too(auditor, hostile):
    name = f"{hostile}.jsonl"
    write(name, plain_rows(3, seed=2))
    for arguments in ((name,), (name, "--eval", name), (f"{name}x",), (f"*{hostile[-1]}.jsonl", "-q")):
        done = auditor("audit", *arguments)
        assert done.code in (1, 2)
        assert_harmless(done.out + done.err)
    Path(name).write_text("")
    assert_harmless(auditor("audit", name).out)


def test_markup_in_the_name_of_a_file_is_no_markup(auditor):
    Path("[").mkdir()
    for name in ("[bold]x[link=y]z.jsonl", "[/]closed.jsonl"):
        write(name, plain_rows(3, seed=2))
        done = auditor("audit", name)
        assert done.code == 1
        assert name in done.out


@pytest.mark.parametrize("hostile", [text for text in ESCAPES.values() if "\x00" not in text])
def test_columns_and_command_line_in_errors(auditor, hostile):
    write("train.jsonl", [{hostile: "x"}, {f"{hostile}2": "y"}])
    for arguments in (
        ("train.jsonl",), ("train.jsonl", "--map", f"{hostile}x=text"), ("train.jsonl", "--task", hostile),
        ("train.jsonl", "--eval", "train.jsonl", hostile), ("train.jsonl", f"--{hostile}"), ("train.jsonl", "--format", hostile),
    ):  # fmt: skip
        done = auditor("audit", *arguments)
        assert done.code == 2
        assert_harmless(done.out + done.err)
    assert_harmless(auditor("explain", hostile).err + auditor(f"x{hostile}").err)


def settings_of_strangers(folder: Path, **hostile: str) -> None:
    """An auditor.toml whose gate fails and that says `hostile` somewhere."""
    said = dict.fromkeys(("question", "reason", "cite", "fix", "group"), "fine") | hostile
    quoted = {name: json.dumps(text, ensure_ascii=False) for name, text in said.items()}
    (folder / "auditor.toml").write_text(
        f'train = "train.jsonl"\nrequire = ["mine"]\n'
        f"[gate.leakage]\nrequired = false\nreason = {quoted['reason']}\n"
        f"[gate.mine]\nquestion = {quoted['question']}\n"
        f'[[gate.mine.limit]]\ncheck = "size"\nmeasure = "train_rows"\nat-least = 99\n'
        f"cite = {quoted['cite']}\nfix = {quoted['fix']}\n",
        "utf-8",
    )


MIXED = " ".join(text for text in ESCAPES.values() if "\x00" not in text)


@pytest.mark.parametrize("place", ["cite", "fix", "question", "reason"])
def test_a_settings_file_of_strangers(auditor, tmp_path, place):
    """A hook runs on repositories whose auditor.toml somebody else wrote."""
    write("train.jsonl", plain_rows(30, seed=2))
    settings_of_strangers(tmp_path / "work", **{place: MIXED})
    done = auditor("audit")
    assert done.code == 1
    assert "fine" in done.out
    assert_harmless(done.out + done.err)


@pytest.mark.parametrize(
    "written", ["{0} = 1\n", "[gate.{0}]\nx = 1\n", "task = {0}\n", "train = {0}\n", "[check.{0}]\nx = 1\n"]
)
def test_errors_about_a_settings_file_of_strangers(auditor, tmp_path, written):
    said = json.dumps(MIXED, ensure_ascii=False)
    (tmp_path / "work" / "auditor.toml").write_text(written.format(said), "utf-8")
    done = auditor("audit")
    assert done.code == 2
    assert_harmless(done.err)


def test_the_folder_of_the_report(auditor):
    write("train.jsonl", plain_rows(30, seed=2))
    done = auditor("audit", "train.jsonl", "--out", MIXED.replace("/", ""))
    assert_harmless(done.out + done.err)


def test_progress_shows_names_of_files(auditor, monkeypatch):
    monkeypatch.setattr("auditor.cli.progress.QUIET_SECONDS", -1.0)
    monkeypatch.setattr("auditor.cli.progress.PLAIN_SECONDS", 0.0)
    write("\x1b[31m\u202e.jsonl", plain_rows(3, seed=2))
    done = auditor("audit", "*.jsonl")
    assert "reading \\x1b[31m\\u202e.jsonl" in done.err
    assert_harmless(done.err)


def test_a_name_that_is_not_utf_8_is_spelled_with_codes(auditor):
    name = os.fsdecode(b"caf\xe9.jsonl")
    lines = "".join(json.dumps(row) + "\n" for row in [*plain_rows(30, seed=2), *plain_rows(3, seed=2)])
    Path(name).write_text(lines + "{broken\n")
    for arguments in ((name,), ("caf*",), (".",), (name, "--format", "json"), (name, "--out", "out")):
        done = auditor("audit", *arguments)
        assert (done.code, done.err.count("Traceback")) == (1, 0)
        assert r"caf\xe9.jsonl:31" in done.out.replace("\\\\", "\\") or '"line": 31' in done.out

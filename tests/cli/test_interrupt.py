"""Ctrl-C, a closed pipe, a real terminal: what only a process of its own can show."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.commands import READY, command, environment, plain_rows, ready_files, write


def wait_for(condition, process: subprocess.Popen[bytes], seconds: float = 120) -> None:
    """Until something is so while a process runs."""
    end = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


def finish(process: subprocess.Popen[bytes]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=240)
    return process.returncode, out.decode(), err.decode()


@pytest.mark.parametrize("extra", [(), ("--no-cache",)], ids=["cache", "no cache"])
def test_ctrl_c_exits_130_and_leaves_nothing_half_written(tmp_path, extra):
    """Standard input never ends, so the command is surely reading when it is stopped."""
    arguments = ("audit", "-", "--out", "report", "--quiet", *extra)
    process = command(*arguments, folder=tmp_path, stdin=subprocess.PIPE)
    process.stdin.write(b'{"text": "some row"}\n' * 600_000)
    process.stdin.flush()
    places = (tmp_path / "cache" / "building", tmp_path / "temporary")
    wait_for(lambda: any(path.is_dir() and any(path.rglob("*.arrow")) for path in places), process)
    process.send_signal(signal.SIGINT)
    code, out, err = finish(process)
    assert (code, out, err) == (130, "", "\nauditor: interrupted\n")
    assert not (tmp_path / "report").exists()
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []
    assert list((tmp_path / "temporary").iterdir()) == []


def test_ctrl_c_while_checks_run(tmp_path):
    """The cache keeps what was read whole; the report is not begun."""
    write(tmp_path / "train.jsonl", [{"text": row["text"] * 40} for row in plain_rows(20_000, seed=2)])
    process = command("audit", "train.jsonl", "--out", "report", "--quiet", folder=tmp_path)
    wait_for(lambda: any((tmp_path / "cache" / "stores").rglob("*.arrow")), process)
    process.send_signal(signal.SIGINT)
    code, out, err = finish(process)
    assert (code, out, err) == (130, "", "\nauditor: interrupted\n")
    assert not (tmp_path / "report").exists()
    assert list((tmp_path / "cache" / "building").iterdir()) == []
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_pipe_that_closes_early_is_no_error(tmp_path):
    ready_files(tmp_path)
    read, write_end = os.pipe()
    os.close(read)
    process = command("audit", *READY, "--format", "json", "--quiet", folder=tmp_path, stdout=write_end)
    os.close(write_end)
    assert process.communicate(timeout=240)[1] == b""
    assert process.returncode not in (2, 3)


def on_terminal(folder: Path, *arguments: str, **env: str) -> tuple[int, str]:
    """What a command writes to a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    env = {"TERM": "xterm-256color", "COLUMNS": "80", **env}
    base = {
        name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "CI")
    }
    process = command(
        *arguments, folder=folder, stdout=theirs, stderr=theirs, env={**base, **environment(folder), **env}
    )
    os.close(theirs)
    pieces = []
    while select.select([ours], [], [], 60)[0]:
        try:
            pieces.append(os.read(ours, 1 << 16))
        except OSError:  # Linux says so when the other end closes
            break
        if not pieces[-1]:
            break
    os.close(ours)
    return process.wait(timeout=240), b"".join(pieces).decode()


def test_a_terminal_gets_colour(tmp_path):
    ready_files(tmp_path)
    code, out = on_terminal(tmp_path, "audit", *READY)
    assert code == 0
    assert "\x1b[32mPASS" in out


@pytest.mark.parametrize("name", ["train.jsonl", "\x1b[31mred.jsonl"])
def test_no_color_is_respected(tmp_path, name):
    ready_files(tmp_path)
    (tmp_path / "train.jsonl").rename(tmp_path / name)
    _, out = on_terminal(tmp_path, "audit", name, "--eval", "eval.jsonl", NO_COLOR="1")
    codes = [piece.partition("m")[0] for piece in out.split("\x1b[")[1:]]
    assert not [code for code in codes if any(30 <= int(part or 0) <= 107 for part in code.split(";"))]


def test_json_on_a_terminal_has_no_escape_codes(tmp_path):
    ready_files(tmp_path)
    code, out = on_terminal(tmp_path, "audit", *READY, "--format", "json", "--quiet")
    assert code == 0
    assert "\x1b" not in out


@pytest.mark.parametrize(
    "arguments", [("explain", "S9"), ("audit", "a", "--eval", "b", "c"), ("decide", "--metric", "x=")]
)
def test_errors_fit_a_terminal_and_are_one_line_elsewhere(tmp_path, arguments):
    code, out = on_terminal(tmp_path, *arguments)
    assert code == 2
    lines = out.replace("\r", "").rstrip("\n").split("\n")
    assert max(map(len, lines)) <= 80
    begin = next(n for n, line in enumerate(lines) if line.startswith(("auditor: ", "Error: ")))
    said = finish(command(*arguments, folder=tmp_path))[2].splitlines()[-1]
    assert " ".join(" ".join(lines[begin:]).split()) == said

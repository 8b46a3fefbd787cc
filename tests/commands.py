"""The command line run in this process, on small files that are ready, and on files that are not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

import auditor.auditing
from auditor.cli.main import main
from tests import helpers

READY = ("train.jsonl", "--eval", "eval.jsonl", "--policy", "poc", "--stance", "lenient")
"""Arguments under which the files of `ready_files` pass every gate."""
TRAIN_ROWS, EVAL_ROWS = 600, 1_000


class Done(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict:
        """The JSON report on stdout."""
        return json.loads(self.out)

    @property
    def verdict(self) -> str:
        """The first word."""
        return self.out.split(maxsplit=1)[0]


Auditor = Callable[..., Done]


@pytest.fixture
def auditor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Auditor:
    """Runs `auditor ARGUMENTS` in an empty working directory with a cache and temporary files of its own."""
    work = tmp_path / "work"
    work.mkdir()
    (work / ".git").mkdir()  # the search for settings ends here
    monkeypatch.chdir(work)
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr(
        "auditor.cli.progress.PLAIN_SECONDS", float("inf")
    )  # kernels may have to be compiled first

    def run(*arguments: str | os.PathLike[str]) -> Done:
        monkeypatch.setattr(sys, "argv", ["auditor", *map(os.fspath, arguments)])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code
        out, err = capsys.readouterr()
        return Done(code, out, err)

    return run


def environment(folder: Path) -> dict[str, str]:
    """Environment variables that keep everything a command writes below a folder."""
    for name in ("cache", "temporary"):
        (folder / name).mkdir(exist_ok=True)
    return {
        "AUDITOR_CACHE_DIR": str(folder / "cache"),
        "NUMBA_CACHE_DIR": kernel_folder(),
        "TMPDIR": str(folder / "temporary"),
    }


@cache
def kernel_folder() -> str:
    """One folder for the machine code of all kernels, also where a test has a cache of its own: compiling takes long."""
    from auditor.load import scanner
    from checks.text import kernel

    return kernel._folder(Path(scanner.__file__).parent)


def command(
    *arguments: str, folder: Path, extra: Mapping[str, str] | None = None, **more
) -> subprocess.Popen[bytes]:
    """Start `auditor ARGUMENTS` as a process of its own, one that Ctrl-C stops wherever the tests run."""
    code = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from auditor.cli.main import main; main()"
    )
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    settings = {"cwd": folder, "env": {**os.environ, **environment(folder), **(extra or {})}, **pipes, **more}
    return subprocess.Popen([sys.executable, "-P", "-c", code, *arguments], **settings)


@cache
def texts(rows: int, seed: int) -> tuple[str, ...]:
    """Texts of 15 made-up words that have nothing in common."""
    rng, known = helpers.seeded(seed), helpers.vocabulary(2_000, seed=1)
    return tuple(" ".join(rng.choices(known, k=15)) for _ in range(rows))


def write(path: Path | str, rows: Sequence[Mapping[str, object]]) -> Path:
    """A JSONL file."""
    path = Path(path)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def plain_rows(rows: int, seed: int) -> list[dict[str, object]]:
    """Rows without labels or answers."""
    return [{"text": text} for text in texts(rows, seed)]


def ready_files(folder: Path | str = ".") -> None:
    """train.jsonl and eval.jsonl that are ready to be labelled, see `READY`."""
    write(Path(folder) / "train.jsonl", plain_rows(TRAIN_ROWS, seed=2))
    write(Path(folder) / "eval.jsonl", plain_rows(EVAL_ROWS, seed=3))


def labelled_rows(rows: int, seed: int, classes: str = "abc") -> list[dict[str, object]]:
    """Rows with a label, spread over three labelers."""
    return [
        {"text": text, "label": classes[i % len(classes)], "annotator": f"labeler {i % 7 % 3}"}
        for i, text in enumerate(texts(rows, seed))
    ]

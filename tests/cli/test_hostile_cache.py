"""A cache that a killed run left, that was damaged or that has no room: never another report, never half a file.

Nothing here knows what the files of the cache are called or what stands in them.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest

from auditor.load import scanner
from checks.text import kernel
from tests.commands import Auditor, command, environment, kernel_folder, labelled_rows, texts, write
from tests.harms import HARMS, cut, emptied, flipped

AUDIT = ("audit", "train.jsonl", "--eval", "eval.jsonl", "--format", "json", "--quiet")
OLD = time.time_ns() - 3600 * 10**9
"""A file that was changed a moment ago is not trusted to stay as it is; one of an hour ago is."""
FINAL = ("stores", "known")
"""Folders of the cache whose files have their final names; what is not complete lies beside them."""
KILLS = 12

DYING = """
import os, signal, sys
cache, last, touches = os.environ["AUDITOR_CACHE_DIR"], int(sys.argv.pop(1)), 0

def watch(event, arguments):
    global touches
    if event.startswith(("open", "os.", "shutil.", "tempfile.")):
        names = [os.fsdecode(one) for one in arguments if isinstance(one, (str, bytes, os.PathLike))]
        if any(name.startswith(cache) for name in names):
            touches += 1
            if touches == last:
                os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
from auditor.cli.main import main
try:
    main()
finally:
    with open("touches", "w") as file:
        file.write(str(touches))
"""
"""An audit that is killed right before it touches its cache for the nth time; 0 lets it live and says how often it did."""

ON_TMPFS = """
mount -t tmpfs -o size=$1 none "$AUDITOR_CACHE_DIR" || exit 77
shift
"$@"
code=$?
cp -r "$AUDITOR_CACHE_DIR" left
exit $code
"""
"""A command whose cache has so many bytes of room; the cache goes with the process, so what it left is copied."""


def files(folder: Path | str = ".", rows: int = 60, longer: int = 1) -> None:
    """Two judgements of each training row, and labelled eval rows: every kind of file that a cache may hold."""
    judged = [
        {
            "item": i,
            "text": text * longer,
            "labeler": who,
            "label": "ab"[(i + (who == "ann") * (i % 9 == 0)) % 2],
        }
        for i, text in enumerate(texts(rows, seed=2))
        for who in ("ann", "bob")
    ]
    for name, made in (("train", judged), ("eval", labelled_rows(rows // 2, seed=3, classes="ab"))):
        os.utime(write(Path(folder) / f"{name}.jsonl", made), ns=(OLD, OLD))


def audited(folder: Path, *extra: str, **env: str) -> dict:
    """The report of an audit in a process of its own."""
    process = command(*AUDIT, *extra, folder=folder, extra=env)
    out, err = process.communicate(timeout=600)
    assert (process.returncode, err) == (1, b"")
    return json.loads(out)


def dying(folder: Path, at: int) -> int:
    """The exit code of an audit that is killed at its nth touch of the cache."""
    return subprocess.run(
        [sys.executable, "-P", "-c", DYING, str(at), *AUDIT], cwd=folder, env={**os.environ, **environment(folder)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=240, check=False,
    ).returncode  # fmt: skip


def kept(cache: Path) -> list[Path]:
    """Files under their final names."""
    return sorted(path for name in FINAL for path in (cache / name).rglob("*") if path.is_file())


def whole(cache: Path) -> None:
    """Assert that no file under a final name is half of one."""
    for path in kept(cache):
        assert path.stat().st_size, path
        if path.suffix == ".arrow":
            assert pa.ipc.open_file(pa.memory_map(str(path))).read_all().num_rows, path


@dataclass(frozen=True)
class Undisturbed:
    """An audit that nothing happens to."""

    report: dict
    touches: int
    """How often it touches its cache."""
    room: int
    """Bytes that the cache takes in the end."""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> Undisturbed:
    folder = tmp_path_factory.mktemp("undisturbed")
    files(folder)
    assert dying(folder, at=0) == 1
    room = sum(path.stat().st_size for path in kept(folder / "cache"))
    return Undisturbed(audited(folder, "--no-cache"), int((folder / "touches").read_text()), room)


@pytest.mark.slow
def test_three_audits_say_the_same(tmp_path, undisturbed):
    """What the other tests rest on: a report holds nothing of the run, and the cache is in use."""
    files(tmp_path)
    assert audited(tmp_path) == undisturbed.report
    made = {path: path.stat().st_mtime_ns for path in kept(tmp_path / "cache") if path.suffix == ".arrow"}
    assert audited(tmp_path) == audited(tmp_path, "--verify-cache") == undisturbed.report
    assert made == {path: path.stat().st_mtime_ns for path in made}
    whole(tmp_path / "cache")


@pytest.mark.slow
@pytest.mark.parametrize("part", range(KILLS))
def test_killed_at_any_touch_of_the_cache(tmp_path, undisturbed, part):
    files(tmp_path)
    assert dying(tmp_path, 1 + part * undisturbed.touches // KILLS) == -signal.SIGKILL
    whole(tmp_path / "cache")
    assert audited(tmp_path) == undisturbed.report
    assert audited(tmp_path) == undisturbed.report
    whole(tmp_path / "cache")


@pytest.mark.slow
def test_killed_time_and_again(tmp_path, undisturbed):
    """Each run begins on what all before it left behind."""
    files(tmp_path)
    for at in range(undisturbed.touches // 8, undisturbed.touches, undisturbed.touches // 8):
        dying(tmp_path, at)  # the later ones may live: less and less is left to do
        whole(tmp_path / "cache")
    assert audited(tmp_path) == undisturbed.report


def some(folder: Path) -> bool:
    """Whether a file with something in it lies below a folder."""
    return any(path.is_file() and path.stat().st_size for path in folder.rglob("*"))


@pytest.mark.slow
@pytest.mark.parametrize("place", ["building", "stores"])
def test_killed_while_rows_are_written_and_while_they_are_checked(tmp_path, place):
    files(tmp_path, rows=10_000, longer=30)
    expected = audited(tmp_path, "--no-cache")
    process = command(*AUDIT, folder=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not some(tmp_path / "cache" / place):
        time.sleep(0.005)
    process.kill()
    assert process.wait(timeout=240) == -signal.SIGKILL
    whole(tmp_path / "cache")
    assert audited(tmp_path) == expected
    whole(tmp_path / "cache")


each_harm = pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS)


@each_harm
def test_every_file_is_damaged(auditor: Auditor, tmp_path, harm):
    files()
    first, cache = auditor(*AUDIT), tmp_path / "cache"
    assert kept(cache)
    for path in kept(cache):
        harm(path)
    shutil.rmtree(cache / "results")  # a report that is remembered needs nothing else
    again = auditor(*AUDIT)
    assert (again.code, again.report, again.err) == (first.code, first.report, "")
    whole(cache)
    assert auditor(*AUDIT, "--verify-cache").report == first.report


@pytest.mark.slow
@each_harm
def test_one_file_is_damaged(auditor: Auditor, tmp_path, harm):
    files()
    first, cache = auditor(*AUDIT), tmp_path / "cache"
    for path in kept(cache):
        harm(path)
        shutil.rmtree(cache / "results")
        for _ in range(2):
            again = auditor(*AUDIT)
            assert (again.code, again.report, again.err) == (first.code, first.report, ""), path
        whole(cache)


@pytest.mark.slow
@pytest.mark.parametrize("harm", [cut, emptied, flipped])
def test_the_machine_code_is_damaged(tmp_path, undisturbed, harm):
    """Kernels lie in the cache folder too; numba trusts what it finds there."""
    files(tmp_path)
    environment(tmp_path)
    for module in (scanner, kernel):
        name = Path(kernel._folder.__wrapped__(Path(module.__file__).parent)).name
        shutil.copytree(kernel_folder(), tmp_path / "cache" / "kernels" / name)
    for path in (tmp_path / "cache" / "kernels").rglob("*.nb?"):
        harm(path)
    assert audited(tmp_path, NUMBA_CACHE_DIR="") == undisturbed.report


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_a_full_disk(tmp_path, undisturbed, share):
    files(tmp_path)
    room = str(int(share * undisturbed.room))
    own = [
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        ON_TMPFS,
        "sh",
        room,
        sys.executable,
    ]
    if shutil.which(own[0]) is None:
        pytest.skip("a file system of limited size is mounted with unshare")
    done = subprocess.run(
        [*own, "-P", "-m", "auditor", *AUDIT], cwd=tmp_path, env={**os.environ, **environment(tmp_path)},
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    if not (tmp_path / "left").exists():
        pytest.skip(f"no file system can be mounted here: {done.stderr}")
    refused(done.returncode, done.stdout, done.stderr, tmp_path / "left")


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.01, 0.2])
def test_a_limit_on_the_size_of_files(tmp_path, undisturbed, share):
    files(tmp_path)
    most = int(share * undisturbed.room)
    process = command(
        *AUDIT, folder=tmp_path, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    )
    out, err = process.communicate(timeout=240)
    refused(process.returncode, out.decode(), err.decode(), tmp_path / "cache")


def refused(code: int, out: str, err: str, cache: Path) -> None:
    """Assert a clear error and a cache without half a file."""
    assert (code, out) == (2, ""), err
    assert "cannot be written" in err
    assert "AUDITOR_CACHE_DIR" in err
    assert "Traceback" not in err
    whole(cache)

"""Worker processes: who stores a shard changes nothing, and a worker that dies leaves its shard to us."""

import pickle
import sys
import threading
import time

import pytest

from auditor.errors import DataError
from auditor.load import crew, sharded, shards
from auditor.load.crew import Crew, Job
from auditor.load.formats import FORMATS, Rules, Shape
from auditor.load.sharded import Reading
from auditor.load.work import Work
from auditor.opening import open_data
from auditor.settings import Settings
from checks.contract import TextSettings
from checks.duplicates import Duplicates
from checks.leakage import Leakage
from tests import helpers
from tests.load.desk import Desk, found

WORDS = helpers.vocabulary(2000, seed=81)


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(shards, "SMALLEST", 4096)
    monkeypatch.setattr(sharded, "LARGE", 8192)


@pytest.fixture
def leaky(desk):
    """Training rows of which some repeat each other or an eval row, with bad lines between them."""
    rng = helpers.seeded(1)
    texts = helpers.planted(rng, WORDS, rows=500, words=(5, 60))
    evals = [texts[row] for row in range(0, 500, 20)] + [
        " ".join(rng.choices(WORDS, k=20)) for _ in range(30)
    ]
    rows = [{"prompt": text[:40], "completion": text[40:]} for text in texts]
    train = desk.write("a.jsonl", [*rows[:200], "bad", *rows[200:]])
    return train, desk.write("e.jsonl", [{"prompt": text[:40], "completion": text[40:]} for text in evals])


def results(desk: Desk, leaky: tuple[str, str], **how):
    work = Work(cache=desk.cache, **how)
    data = open_data(Settings(train=leaky[:1], eval=leaky[1:]), TextSettings(), work).data
    assert len(data.train.parts) > 5
    made = [check.run(data) for check in (Duplicates(), Leakage())]
    return (
        data.ledger.rows(), [one.measures for one in made], [each.table.rows() for one in made for each in one.evidence]
    )  # fmt: skip


def fresh(desk: Desk, name: str) -> Desk:
    return Desk(folder=desk.folder, cache=desk.cache.with_name(name))


def test_processes_and_memory_change_nothing(desk, leaky):
    expected = results(desk, leaky, processes=1)
    assert expected[0]
    assert results(fresh(desk, "two"), leaky, processes=3) == expected
    assert results(fresh(desk, "three"), leaky, processes=2, memory=1) == expected, "all arrays in files"
    assert results(desk, leaky, processes=2) == expected, "nothing is left to be read"


def test_a_dead_worker_leaves_its_shard_to_us(desk, leaky, monkeypatch):
    monkeypatch.setattr(crew.sys, "executable", "/bin/false")
    assert results(fresh(desk, "dead"), leaky, processes=3) == results(desk, leaky, processes=1)


def test_what_a_worker_met_is_raised(monkeypatch, tmp_path):
    """A program in place of the worker that answers every job with an error."""
    program = tmp_path / "worker"
    program.write_text(
        f"#!{sys.executable}\n"
        "import pickle, sys\n"
        "from auditor.errors import DataError\n"
        "asked = sys.stdin.buffer\n"
        "pickle.load(asked)\n"
        "while True:\n"
        "    try:\n"
        "        pickle.load(asked)\n"
        "    except EOFError:\n"
        "        break\n"
        "    sys.stdout.buffer.write(pickle.dumps(DataError('no room')))\n"
        "    sys.stdout.buffer.flush()\n"
    )
    program.chmod(0o700)
    monkeypatch.setattr(crew.sys, "executable", str(program))
    made = Crew(lambda _job: time.sleep(0.05), "setup", 2)
    for number in range(200):  # ten seconds of work of our own: time enough for the worker to start
        made.store(Job(f"{number}", 0, 1))
        if made._errors:
            break
    with pytest.raises(DataError, match="no room"):
        made.finish()


def test_no_worker_outlives_an_error_of_our_own():
    """Threads and processes that wait for work would stay for as long as a notebook does."""
    done = list[Job]()

    def run(job):
        done.append(job)
        raise DataError("no room")

    before, made = set(threading.enumerate()), Crew(run, "setup", 3)
    for number in range(100):
        made.store(Job(f"{number}", 0, 1))
    with pytest.raises(DataError, match="no room"):
        made.finish()
    assert set(threading.enumerate()) == before
    assert len(done) == 1, "nothing more is done once something went wrong"


def test_few_bytes_start_no_process(monkeypatch):
    monkeypatch.setattr(crew.subprocess, "Popen", None)
    ours = list[Job]()
    made = Crew(ours.append, "setup", None)
    jobs = [Job(f"{number}", 0, 1 << 20) for number in range(50)]
    for job in jobs:
        made.store(job)
    made.finish()
    assert ours == jobs


@pytest.mark.parametrize("number", range(len(FORMATS)))
def test_how_a_file_is_read_can_be_told_to_a_worker(number):
    reading = Reading("train", Shape(FORMATS[number], (("text", "t"),)), Rules(filled=frozenset("t")))
    again = pickle.loads(pickle.dumps(reading))  # noqa: S301  our own
    assert again == reading
    assert again.key() == reading.key()


def test_findings_of_shards_are_told_at_their_lines(desk, leaky):
    loaded = desk.load(leaky[0])
    assert found(loaded) == [("not-an-object", 201)]

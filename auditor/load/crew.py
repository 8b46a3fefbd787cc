"""Worker processes that store the shards of a large file while the file is still being cut."""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import IO, Any, NamedTuple, cast

from auditor.errors import AuditorError

WORTH = 1536 << 20
"""Bytes to be read from which workers are started by themselves: each costs a CPU second before it reads its first row,
as much as reading 100 MB does."""
AHEAD = 2
"""Shards that wait for each worker while the file is cut; beyond that we read one ourselves."""
MOST = 16
"""Workers that are started without being asked for more: further ones wait for the disk."""


class Job(NamedTuple):
    """A shard to be stored."""

    name: str
    offset: int
    size: int


class Crew:
    """Stores shards: here, or in worker processes where there are many.

    Which process stores a shard changes nothing: each is stored under its own name. A worker that dies leaves its
    shard to us.
    """

    def __init__(self, run: Callable[[Job], object], setup: object, processes: int | None) -> None:
        self._run, self._setup = run, pickle.dumps(setup)
        self._processes = usable_processors() if processes is None else processes
        self._worth = WORTH if processes is None else 0
        self._waiting: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._bytes = 0
        self._threads: list[threading.Thread] = []
        self._errors: list[BaseException] = []

    def store(self, job: Job) -> None:
        """See to it that a shard is stored, unless something went wrong already."""
        if self._errors:
            return
        self._bytes += job.size
        if not self._threads and self._processes > 1 and self._bytes >= self._worth:
            self._threads = [
                threading.Thread(target=self._work, daemon=True) for _ in range(self._processes - 1)
            ]
            for thread in self._threads:
                thread.start()
        self._waiting.put(job)
        if self._waiting.qsize() > AHEAD * len(self._threads):
            self._take()

    def finish(self) -> None:
        """Wait until all shards are stored, or after an error until the workers are gone.

        Raises:
            Exception: what we or a worker met.
        """
        while not self._waiting.empty():
            self._take()
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()
        while not self._waiting.empty():  # what dead workers left
            self._take()
        if self._errors:
            raise self._errors[0]

    def _take(self) -> None:
        """Store one of the waiting shards, unless a worker was faster."""
        try:
            job = self._waiting.get_nowait()
        except queue.Empty:
            return
        if job is None or self._errors:
            return
        try:
            self._run(job)
        except Exception as error:  # noqa: BLE001  `finish` raises it, once the workers are gone
            self._errors.append(error)

    def _work(self) -> None:
        """Hand waiting shards to one worker."""
        command = [sys.executable, "-P", "-m", "auditor.load.worker"]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe) as process:  # noqa: S603  ourselves
            told, heard = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
            job = None
            try:
                told.write(self._setup)
                told.flush()
                while (job := self._waiting.get()) is not None:
                    tell(told, job)
                    answer = hear(heard)
                    if isinstance(answer, (AuditorError, OSError)):
                        self._errors.append(answer)
            except (OSError, EOFError, pickle.UnpicklingError):
                if job is not None:
                    self._waiting.put(job)
            finally:
                with contextlib.suppress(OSError):  # it is gone
                    told.close()
                if job is not None:
                    process.kill()


def usable_processors() -> int:
    """Processors that this process may use, as far as more of them are of use."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(MOST, usable)


def tell(to: IO[bytes], what: object) -> None:
    """Send something to the process at the other end of a pipe, which is one of ours."""
    pickle.dump(what, to, protocol=pickle.HIGHEST_PROTOCOL)
    to.flush()


def hear(source: IO[bytes]) -> Any:  # noqa: ANN401  whatever was told
    """What the process at the other end of a pipe, which is one of ours, says.

    Raises:
        EOFError: it is gone.
    """
    return pickle.load(source)  # noqa: S301  it comes from a process that we started ourselves

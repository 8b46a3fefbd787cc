"""A line of progress on stderr for work that takes over a second: what is done, how fast, how long it will take."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from auditor.report.plain import plain
from auditor.wording import WIDTH, duration, size

QUIET_SECONDS = 1.0
"""Nothing is shown before this."""
PLAIN_SECONDS = 30.0
"""Where stderr is no terminal, a new line at most this often, and none before: longer than kernels take to compile."""
SURE_SECONDS = 2.0
"""Of a piece of work before its rate is believed."""
BYTES = ("hashing ", "reading ")
"""How work begins that is counted in bytes; all other is in rows."""


class Progress:
    """Shows what is being done: one line that is redrawn on a terminal, an occasional line elsewhere."""

    def __init__(self, *, quiet: bool) -> None:
        self._live = sys.stderr.isatty()
        first = QUIET_SECONDS if self._live else PLAIN_SECONDS
        self._next = float("inf") if quiet else time.monotonic() + first
        self._shown = 0
        self._what = ""
        self._since, self._from = 0.0, 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.clear()

    def tick(self, what: str, done: int, of: int) -> None:
        """Note how far the work is; shown now and then.

        Args:
            what: the piece of work.
            done: bytes or rows of it.
            of: these in all; 0 where nobody knows.
        """
        now = time.monotonic()
        if what != self._what or done < self._from:
            self._what, self._since, self._from = what, now, done
        if now < self._next:
            return
        self._next = now + (0.1 if self._live else PLAIN_SECONDS)
        tail = self._tail(done, of, now - self._since)
        line = plain(what)[: WIDTH - len(tail)] + tail
        if self._live:
            sys.stderr.write("\r" + line.ljust(self._shown))
            self._shown = len(line)
        else:
            sys.stderr.write(line + "\n")
        sys.stderr.flush()

    def _tail(self, done: int, of: int, seconds: float) -> str:
        """Share, rate and time left, as far as they can be told."""
        told = f"  {min(done / of, 1):4.0%}" if of else ""
        if seconds < SURE_SECONDS or done <= self._from:
            return told
        rate = (done - self._from) / seconds
        told += f"  {size(rate)}/s" if self._what.startswith(BYTES) else f"  {rate:,.0f} rows/s"
        return told + (f"  {duration((of - done) / rate)} left" if of > done else "")

    def say(self, line: str) -> None:
        """A line that stays."""
        if self._next < float("inf"):
            self.clear()
            sys.stderr.write(plain(line) + "\n")
            sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away, so that results stand alone."""
        if self._live and self._shown:
            sys.stderr.write("\r" + " " * self._shown + "\r")
            sys.stderr.flush()
            self._shown = 0

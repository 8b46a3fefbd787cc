"""A line of progress on stderr for work that takes over a second."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from auditor.report.plain import plain
from auditor.wording import WIDTH

QUIET_SECONDS = 1.0
"""Nothing is shown before this."""
PLAIN_SECONDS = 10.0
"""Where stderr is no terminal, a new line at most this often, and none before."""


class Progress:
    """Shows what is being done: one line that is redrawn on a terminal, an occasional line elsewhere."""

    def __init__(self, *, quiet: bool) -> None:
        self._live = sys.stderr.isatty()
        first = QUIET_SECONDS if self._live else PLAIN_SECONDS
        self._next = float("inf") if quiet else time.monotonic() + first
        self._shown = 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.clear()

    def tick(self, what: str, done: int, of: int) -> None:
        """Note how far the work is; shown now and then."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + (0.1 if self._live else PLAIN_SECONDS)
        part = f" {min(done / of, 1):4.0%}" if of else ""
        line = f"{plain(what)}{part}"[:WIDTH]
        if self._live:
            sys.stderr.write("\r" + line.ljust(self._shown))
            self._shown = len(line)
        else:
            sys.stderr.write(line + "\n")
        sys.stderr.flush()

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

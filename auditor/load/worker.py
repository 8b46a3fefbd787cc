"""A worker process: stores the shards that it is told to (`python -P -m auditor.load.worker`, started by `crew`)."""

from __future__ import annotations

import os
import sys

from auditor.errors import AuditorError
from auditor.load.collector import collect_rarely
from auditor.load.crew import hear, tell
from auditor.load.sharded import Setup


def main() -> int:
    """Answer each job with nothing once its shard is stored, or with the error; ends when nothing more is asked."""
    collect_rarely()
    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing but answers may go down the pipe
    try:
        setup: Setup = hear(asked)
        shop = setup.open()
        while True:
            job = hear(asked)
            answer = None
            try:
                shop.read(job)
            except (AuditorError, OSError) as error:
                answer = error
            tell(answers, answer)
    except EOFError:
        return 0


if __name__ == "__main__":
    sys.exit(main())

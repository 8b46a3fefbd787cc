"""What commands that hold data against a policy share: their options, and the settings these make."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from auditor.cli.reading import EVALS, READING, Reading, size, with_options
from auditor.errors import AuditorError, DataError

if TYPE_CHECKING:
    from auditor.auditing import Audited
    from auditor.cli.rendering import Shown
    from auditor.load.work import Work
    from auditor.report.model import Report
    from auditor.settings import Settings

POLICY = (
    click.option(
        "--task", metavar="TASK", help="What the model is for, e.g. classification, style, domain-chat."
    ),
    click.option(
        "--stage", metavar="STAGE", help="before-labeling or before-training; by default by what is labelled."
    ),
    click.option("--policy", metavar="NAME|FILE", help="A shipped policy (base, poc) or a TOML file."),
    click.option(
        "--stance", metavar="STANCE", help="Where sources disagree: strict, balanced, lenient, or S0 ... S4."
    ),
    click.option(
        "--reviewed",
        multiple=True,
        metavar="FILE",
        help="A filled sheet of auditor review, the best evidence of the noise rate; repeatable.",
    ),
)
_JUDGING = (
    click.option("--require", multiple=True, metavar="GATE", help="Require one more gate; repeatable."),
    click.option(
        "--max-tokens",
        type=click.IntRange(min=1),
        help="Warn about rows longer than this (estimated offline).",
    ),
    click.option(
        "--threshold",
        type=float,
        metavar="J",
        help="Jaccard similarity from which texts are near copies, 0.3 to 1; 0.8 by default.",
    ),
    click.option(
        "--recall",
        type=float,
        metavar="SHARE",
        help="Share of near copies at the threshold to find, 0.5 to 0.999999; 0.999 by default.",
    ),
    click.option(
        "--vectors",
        nargs=2,
        metavar="TRAIN.npy EVAL.npy",
        help="Your own vector for each row: rewrites are found by them, too.",
    ),
    click.option("--redact", is_flag=True, help="Leave the text of the rows out of the report."),
    click.option(
        "--fail-on",
        type=click.Choice(["block", "warn"]),
        default="block",
        help="Warnings exit 0 unless 'warn'.",
    ),
    click.option(
        "--exit-zero", is_flag=True, help="Exit 0 whatever the verdict (unreadable input still exits 2)."
    ),
    click.option(
        "--verify-cache", is_flag=True, help="Hash unchanged files again instead of trusting size and times."
    ),
    click.option(
        "--memory",
        callback=size,
        metavar="SIZE",
        help="Memory to keep to, e.g. 4GB, at least 256MB; by default half of the machine's.",
    ),
    click.option(
        "--processes",
        type=click.IntRange(1),
        metavar="N",
        help="That read large files; by default if it is worth it.",
    ),
)
_QUIET = click.option("-q", "--quiet", is_flag=True, help="Print the verdict alone, and no progress.")
judging_options = with_options(*EVALS, *POLICY, *READING, *_JUDGING, _QUIET)
"""The options of commands that hold data against a policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """What was written on the command line for these options."""

    train: tuple[str, ...]
    evals: tuple[str, ...]
    key_file: str | None
    task: str | None
    stage: str | None
    policy: str | None
    stance: str | None
    require: tuple[str, ...]
    reviewed: tuple[str, ...]
    vectors: tuple[str, str] | None
    mapping: tuple[str, ...]
    input_format: str | None
    max_tokens: int | None
    threshold: float | None
    recall: float | None
    redact: bool
    fail_on: str
    exit_zero: bool
    no_cache: bool
    verify_cache: bool
    memory: int | None
    processes: int | None
    quiet: bool

    def settings(self, purpose: str, *, dataless: bool = False) -> Settings:
        """What the options say, on top of what the settings file of the project says.

        Args:
            purpose: what the command does with the files.
            dataless: it can do without any.
        """
        from auditor.settings import with_check_setting, with_text_settings

        settings = self._reading.settings(
            purpose,
            None if dataless else "train",
            task=self.task,
            stage=self.stage,
            policy=self.policy,
            stance=self.stance,
            require=self.require,
            reviewed=self.reviewed,
            vectors=self.vectors or (),
        )
        if self.max_tokens is not None:
            settings = with_check_setting(settings, "structure", "max-tokens", self.max_tokens)
        return with_text_settings(settings, threshold=self.threshold, recall=self.recall)

    def at_work(self) -> AbstractContextManager[Work]:
        """What the command has at its disposal."""
        return self._reading.at_work(verify=self.verify_cache, memory=self.memory, processes=self.processes)

    @property
    def _reading(self) -> Reading:
        return Reading(
            train=self.train,
            evals=self.evals,
            key_file=self.key_file,
            mapping=self.mapping,
            input_format=self.input_format,
            no_cache=self.no_cache,
            quiet=self.quiet,
        )

    def leave(self, report: Report) -> None:
        """End with the exit code that the verdict has."""
        from auditor.exits import exit_code

        sys.exit(exit_code(report, fail_on_warn=self.fail_on == "warn", exit_zero=self.exit_zero))


def saved(done: Audited, goes: Shown, *, redact: bool) -> AuditorError | None:
    """Save a report with its evidence; why that was not possible: the verdict is worth showing all the same."""
    from auditor.report.plain import plain
    from auditor.report.save import save

    if goes.out is None:
        return None
    try:
        gone = save(done.report, done.tables, goes.out, formats=goes.kept, redact=redact)
    except AuditorError as error:
        return error
    if gone:
        names = plain(", ".join(path.name for path in gone))
        told = f"{plain(str(goes.out))}: {names} of the earlier report taken away; name its --format to keep it up to date"
        click.echo(told, err=True)
    return None


@contextmanager
def printing() -> Iterator[None]:
    """Print results, also into a pipe that somebody closes once they have read enough.

    Raises:
        DataError: nothing can be printed.
    """
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())  # what is buffered cannot be written later on
        if error.errno != errno.EPIPE:
            message = f"the report cannot be written to standard output: {error.strerror}"
            raise DataError(message) from error

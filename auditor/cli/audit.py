"""`auditor audit`."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.progress import Progress
from auditor.cli.reading import OrderedCommand, pairs
from auditor.errors import AuditorError, DataError

if TYPE_CHECKING:
    from auditor.report.model import Report
    from auditor.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was written on the command line."""

    train: tuple[str, ...]
    evals: tuple[str, ...]
    key_file: str | None
    task: str | None
    stage: str | None
    policy: str | None
    stance: str | None
    require: tuple[str, ...]
    reviewed: tuple[str, ...]
    mapping: tuple[str, ...]
    input_format: str | None
    max_tokens: int | None
    style: str
    out: Path | None
    redact: bool
    fail_on: str
    exit_zero: bool
    no_cache: bool
    verify_cache: bool
    quiet: bool


@click.command(cls=OrderedCommand)
@click.argument("train", nargs=-1, metavar="[TRAIN]...")
@click.option(
    "--eval",
    "evals",
    multiple=True,
    metavar="FILE",
    help="Eval file or quoted pattern, repeatable; or one sketch.",
)
@click.option("--key-file", metavar="FILE", help="The secret that the sketch was made with.")
@click.option(
    "--task", metavar="TASK", help="What the model is for, e.g. classification, style, domain-chat."
)
@click.option(
    "--stage", metavar="STAGE", help="before-labeling or before-training; by default by what is labelled."
)
@click.option("--policy", metavar="NAME|FILE", help="A shipped policy (base, poc) or a TOML file.")
@click.option(
    "--stance", metavar="STANCE", help="Where sources disagree: strict, balanced, lenient, or S0 ... S4."
)
@click.option("--require", multiple=True, metavar="GATE", help="Require one more gate; repeatable.")
@click.option(
    "--reviewed",
    multiple=True,
    metavar="FILE",
    help="A filled sheet of auditor review, the best evidence of the noise rate; repeatable.",
)
@click.option(
    "--map",
    "mapping",
    multiple=True,
    metavar="COLUMN=ROLE",
    help="What a column (or a quoted pattern of judgements) holds; repeatable.",
)
@click.option("--input-format", metavar="FORMAT", help="Record format of all files, where detection fails.")
@click.option(
    "--max-tokens", type=click.IntRange(min=1), help="Warn about rows longer than this (estimated offline)."
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="What to print.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Keep report.json and the full evidence as Parquet in this folder.",
)
@click.option("--redact", is_flag=True, help="Leave the text of the rows out of the report.")
@click.option(
    "--fail-on", type=click.Choice(["block", "warn"]), default="block", help="Warnings exit 0 unless 'warn'."
)
@click.option(
    "--exit-zero", is_flag=True, help="Exit 0 whatever the verdict (unreadable input still exits 2)."
)
@click.option("--no-cache", is_flag=True, help="Do not keep the parsed rows for the next audit.")
@click.option(
    "--verify-cache", is_flag=True, help="Hash unchanged files again instead of trusting size and times."
)
@click.option("-q", "--quiet", is_flag=True, help="Print the verdict alone, and no progress.")
def audit(**given: Any) -> None:  # noqa: ANN401  click passes what the options above say
    """Say whether TRAIN files (and eval files) are ready, with proof.

    Files may be JSONL, JSON, CSV, TSV or Parquet, also compressed; patterns in quotes, folders and - (stdin) work too.
    Without TRAIN, what auditor.toml or [tool.auditor] names is audited.
    """
    from auditor.auditing import audit_files, exit_code
    from auditor.load.dataset import default_cache
    from auditor.report.save import check_folder, save

    options = Options(**given)
    settings = _settings(options)
    if options.out is not None:
        check_folder(options.out)
    unsaved: AuditorError | None = None
    with contextlib.ExitStack() as stack:
        folder = (
            stack.enter_context(tempfile.TemporaryDirectory(prefix="auditor-"))
            if options.no_cache
            else default_cache()
        )
        progress = stack.enter_context(Progress(quiet=options.quiet))
        done = audit_files(
            settings,
            cache=Path(folder),
            verify=options.verify_cache,
            redact=options.redact,
            save=options.out is not None,
            tick=progress.tick,
        )
    if options.out is not None:
        try:
            save(done.report, done.tables, options.out)
        except AuditorError as error:  # the verdict is worth showing all the same
            unsaved = error
    _print(done.report, options, saved=None if unsaved else options.out)
    if unsaved is not None:
        raise unsaved
    sys.exit(exit_code(done.report, fail_on_warn=options.fail_on == "warn", exit_zero=options.exit_zero))


def _print(report: Report, options: Options, *, saved: Path | None) -> None:
    try:
        if options.style == "json":
            click.echo(report.to_json(), nl=False)
        else:
            from auditor.report.terminal import show

            show(report, quiet=options.quiet, saved=saved)
        sys.stdout.flush()
    except OSError as error:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())  # what is buffered cannot be written later on
        if error.errno != errno.EPIPE:  # whoever closes a pipe has read enough
            message = f"the report cannot be written to standard output: {error.strerror}"
            raise DataError(message) from error


def _settings(options: Options) -> Settings:
    """What the options say, on top of what the settings file of the project says."""
    from auditor.settings import Settings, find_settings, with_check_setting

    said = Settings(
        train=options.train,
        eval=options.evals,
        key_file=options.key_file,
        task=options.task,
        stage=options.stage,
        policy=options.policy,
        stance=options.stance,
        require=options.require,
        reviewed=options.reviewed,
        map=pairs(options.mapping),
        input_format=options.input_format,
    )
    settings = said.over(find_settings(Path.cwd()))
    if not settings.train:
        message = "nothing to audit: name training files, or list them under 'train' in auditor.toml"
        raise click.UsageError(message)
    if options.max_tokens is not None:
        settings = with_check_setting(settings, "structure", "max-tokens", options.max_tokens)
    return settings

"""`auditor audit`."""

from __future__ import annotations

import errno
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.reading import OrderedCommand, at_work, completed, pairs, size
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
    threshold: float | None
    recall: float | None
    style: str
    out: Path | None
    redact: bool
    fail_on: str
    exit_zero: bool
    no_cache: bool
    verify_cache: bool
    memory: int | None
    processes: int | None
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
    "--threshold",
    type=float,
    metavar="J",
    help="Jaccard similarity from which texts are near copies, 0.3 to 1; 0.8 by default.",
)
@click.option(
    "--recall",
    type=float,
    metavar="SHARE",
    help="Share of near copies at the threshold to find, 0.5 to 0.999999; 0.999 by default.",
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
@click.option(
    "--memory",
    callback=size,
    metavar="SIZE",
    help="Memory to keep to, e.g. 4GB, at least 256MB; by default half of the machine's.",
)
@click.option(
    "--processes",
    type=click.IntRange(1),
    metavar="N",
    help="That read large files; by default if it is worth it.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print the verdict alone, and no progress.")
def audit(**given: Any) -> None:  # noqa: ANN401  click passes what the options above say
    """Say whether TRAIN files (and eval files) are ready, with proof.

    Files may be JSONL, JSON, CSV, TSV or Parquet, also compressed; patterns in quotes, folders and - (stdin) work too.
    Without TRAIN, what auditor.toml or [tool.auditor] names is audited.
    """
    from auditor.exits import exit_code
    from auditor.remembered import name_of

    options = Options(**given)
    settings = _settings(options)
    if options.out is not None:
        from auditor.report.save import check_folder

        check_folder(options.out)
    forgotten = options.no_cache or options.out is not None
    name = None if forgotten else name_of(settings, redact=options.redact)
    report, unsaved = _known(name, options), None
    if report is None:
        report, unsaved = _made(settings, name, options)
    _print(report, options, saved=None if unsaved else options.out)
    if unsaved is not None:
        raise unsaved
    sys.exit(exit_code(report, fail_on_warn=options.fail_on == "warn", exit_zero=options.exit_zero))


def _known(name: str | None, options: Options) -> Report | None:
    """The report of an earlier audit of which nothing has changed since."""
    from auditor.load.cachefolder import default_cache
    from auditor.remembered import recall

    if not name or options.verify_cache:
        return None
    return recall(default_cache(), name)


def _made(settings: Settings, name: str | None, options: Options) -> tuple[Report, AuditorError | None]:
    """A new report, kept under its name, and why it could not be saved where it was to be."""
    from auditor.auditing import audit_files
    from auditor.remembered import name_of, remember
    from auditor.report.save import save

    with at_work(
        no_cache=options.no_cache,
        quiet=options.quiet,
        verify=options.verify_cache,
        memory=options.memory,
        processes=options.processes,
    ) as work:
        done = audit_files(settings, work, redact=options.redact, save=options.out is not None)
        if name and name == name_of(settings, redact=options.redact):
            remember(work.cache, name, done.report)
    if options.out is not None:
        try:
            save(done.report, done.tables, options.out)
        except AuditorError as error:  # the verdict is worth showing all the same
            return done.report, error
    return done.report, None


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
    from auditor.settings import Settings, with_check_setting, with_text_settings

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
    settings = completed(said, "audit")
    if options.max_tokens is not None:
        settings = with_check_setting(settings, "structure", "max-tokens", options.max_tokens)
    return with_text_settings(settings, threshold=options.threshold, recall=options.recall)

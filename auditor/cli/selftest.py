"""`auditor selftest`."""

from __future__ import annotations

import sys
from typing import Any

import click

from auditor.cli.reading import QUIET, READING, SEED, TEXT_OR_JSON, OrderedCommand, Reading, with_options


@click.command(cls=OrderedCommand)
@click.argument("train", nargs=-1, metavar="[TRAIN]...")
@click.option(
    "--eval", "evals", multiple=True, metavar="FILE", help="Eval file or quoted pattern; repeatable."
)
@click.option(
    "--each",
    type=click.IntRange(1, 10_000),
    default=50,
    show_default=True,
    help="Rows to plant of each kind; fewer where the eval set is small.",
)
@with_options(SEED, TEXT_OR_JSON, *READING, QUIET)
def selftest(
    each: int,
    seed: int,
    style: str,
    **given: Any,  # noqa: ANN401  click passes what the options say
) -> None:
    """Plant leaks in a copy of your data, look for them, and print how many were found.

    Eval rows that are clean as things stand are altered in eight ways (word for word, another case, a few words edited,
    inside a longer row, its prompt alone, another number, cut short, marked up) and added to the training rows in memory;
    no file is changed. The audit then says which it finds. Decoys, training rows altered in the same ways, and eval rows
    that nothing was planted of show what it finds though it is not there.

    Exit code 1 if a copy that is exact but for case, punctuation and width was missed. Without TRAIN, the files that
    auditor.toml or [tool.auditor] names are taken.
    """
    from auditor.selftest.files import selftest_files
    from auditor.selftest.show import as_json, as_text

    reading = Reading(**given)
    settings = reading.settings("plant leaks in")
    with reading.at_work() as work:
        trial = selftest_files(settings, work, each=each, seed=seed)
    click.echo(as_json(trial) if style == "json" else as_text(trial), nl=False)
    sys.exit(0 if trial.sound else 1)

"""`auditor selftest`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import click

from auditor.cli.reading import OrderedCommand, at_work, completed, pairs, reading_options


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was written on the command line."""

    train: tuple[str, ...]
    evals: tuple[str, ...]
    each: int
    seed: int
    style: str
    mapping: tuple[str, ...]
    input_format: str | None
    no_cache: bool
    quiet: bool


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
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    default=0,
    show_default=True,
    help="Another seed plants others.",
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="What to print.",
)
@reading_options
@click.option("-q", "--quiet", is_flag=True, help="Print no progress.")
def selftest(**given: Any) -> None:  # noqa: ANN401  click passes what the options above say
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
    from auditor.settings import Settings

    options = Options(**given)
    said = Settings(
        train=options.train, eval=options.evals, map=pairs(options.mapping), input_format=options.input_format
    )
    settings = completed(said, "plant leaks in")
    with at_work(no_cache=options.no_cache, quiet=options.quiet) as work:
        trial = selftest_files(settings, work, each=options.each, seed=options.seed)
    click.echo(as_json(trial) if options.style == "json" else as_text(trial), nl=False)
    sys.exit(0 if trial.sound else 1)

"""`auditor plan`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from auditor.cli.judging import printing
from auditor.cli.reading import OrderedCommand, at_work, completed, pairs, reading_options


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
    reviewed: tuple[str, ...]
    prices: Path | None
    style: str
    mapping: tuple[str, ...]
    input_format: str | None
    no_cache: bool
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
@click.option(
    "--reviewed", multiple=True, metavar="FILE", help="A filled sheet of auditor review; repeatable."
)
@click.option(
    "--prices",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Prices of your own, or a readiness.toml with [prices]; by default readiness.toml, where there is one.",
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
@click.option("-q", "--quiet", is_flag=True, help="Print what is short alone, and no progress.")
def plan(**given: Any) -> None:  # noqa: ANN401  click passes what the options above say
    """Say what to label next: how many rows of which class, what that costs, in which order, and from whom.

    Counts usable rows (distinct, complete, free of leaks), as the audit does, and how many of them came of the rows that
    were labelled so far. Prices are those of the sources (1 to 5 USD a label, 50 labels a day); your own go into
    [prices] of readiness.toml: label = [0.5, 1, 2], rows-per-labeler-day = 80, and label-by-source = { NAME = 2 }.
    Without TRAIN, what auditor.toml or [tool.auditor] names is planned for.
    """
    from auditor.planning.make import plan_files
    from auditor.planning.pricing import prices_of
    from auditor.settings import Settings

    options = Options(**given)
    said = Settings(
        train=options.train,
        eval=options.evals,
        key_file=options.key_file,
        task=options.task,
        stage=options.stage,
        policy=options.policy,
        stance=options.stance,
        reviewed=options.reviewed,
        map=pairs(options.mapping),
        input_format=options.input_format,
    )
    settings = completed(said, "plan for")
    prices = prices_of(options.prices, Path.cwd())
    with at_work(no_cache=options.no_cache, quiet=options.quiet) as work:
        made, failed = plan_files(settings, prices, work)
    with printing():
        if options.style == "json":
            click.echo(made.to_json(), nl=False)
        else:
            from auditor.report.planned import show_plan

            show_plan(made, quiet=options.quiet)
    if failed:
        sys.exit(2)

"""`auditor review`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from auditor.cli.reading import OrderedCommand, at_work, completed, pairs, reading_options


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was written on the command line."""

    train: tuple[str, ...]
    evals: tuple[str, ...]
    rows: int
    to: Path
    style: str | None
    reviewed: tuple[str, ...]
    seed: int
    force: bool
    mapping: tuple[str, ...]
    input_format: str | None
    no_cache: bool
    quiet: bool


@click.command(cls=OrderedCommand)
@click.argument("train", nargs=-1, metavar="[TRAIN]...")
@click.option(
    "--to", required=True, type=click.Path(path_type=Path), metavar="FILE", help="The sheet to write."
)
@click.option(
    "--rows", type=click.IntRange(min=10), default=200, show_default=True, help="Rows to be judged."
)
@click.option(
    "--format",
    "style",
    metavar="FORMAT",
    help="csv, jsonl, label-studio or argilla; by default what the ending of the file says.",
)
@click.option(
    "--reviewed",
    multiple=True,
    metavar="FILE",
    help="A filled sheet; its rows are not drawn again, and its results steer the draw. Repeatable.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    default=0,
    show_default=True,
    help="Another seed draws others.",
)
@click.option("--force", is_flag=True, help="Replace a sheet that is there, and the verdicts in it.")
@click.option(
    "--eval", "evals", multiple=True, metavar="FILE", help="Eval file or quoted pattern; not reviewed."
)
@reading_options
@click.option("-q", "--quiet", is_flag=True, help="Print no progress and no advice.")
def review(**given: Any) -> None:  # noqa: ANN401  click passes what the options above say
    """Write a sheet of training rows to judge again; filled, it settles the noise rate.

    The rows are drawn at random within strata by how much a model suspects their labels. The most suspicious stratum
    stands first, each in the order drawn: whoever cannot judge all rows judges the first ones of each stratum, for of one
    without a verdict nothing is known. Fill in `verdict` (right, wrong or unclear) and, if it is wrong, `correct_label`,
    before you look at what the model thinks (why, nearest, suspicion). Then:

    auditor audit TRAIN... --reviewed FILE

    Cells that a spreadsheet would compute begin with an apostrophe, which is taken away again. Label Studio (JSON tasks,
    1.0 and later) and Argilla (records of 2.x) get a second file with the labeling interface; their JSON exports are read
    back. Without TRAIN, what auditor.toml or [tool.auditor] names is reviewed.
    """
    from auditor.review.drawing import draw
    from auditor.settings import Settings

    options = Options(**given)
    said = Settings(
        train=options.train,
        eval=options.evals,
        reviewed=options.reviewed,
        map=pairs(options.mapping),
        input_format=options.input_format,
    )
    settings = completed(said, "review")
    with at_work(no_cache=options.no_cache, quiet=options.quiet) as work:
        drawn = draw(
            settings, options.to, work, rows=options.rows, style=options.style, seed=options.seed, force=options.force
        )  # fmt: skip
    click.echo(drawn.told)
    for line in () if options.quiet else drawn.advice:
        click.echo(line)

"""`auditor review`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from auditor.cli.reading import QUIET, READING, SEED, OrderedCommand, Reading, with_options


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
@with_options(SEED)
@click.option("--force", is_flag=True, help="Replace a sheet that is there, and the verdicts in it.")
@click.option(
    "--eval", "evals", multiple=True, metavar="FILE", help="Eval file or quoted pattern; not reviewed."
)
@with_options(*READING, QUIET)
def review(
    to: Path,
    rows: int,
    style: str | None,
    reviewed: tuple[str, ...],
    seed: int,
    force: bool,
    **given: Any,  # noqa: ANN401  click passes what the options say
) -> None:
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

    reading = Reading(**given)
    settings = reading.settings("review", reviewed=reviewed)
    with reading.at_work() as work:
        drawn = draw(settings, to, work, rows=rows, style=style, seed=seed, force=force)
    click.echo(drawn.told)
    for line in () if reading.quiet else drawn.advice:
        click.echo(line)

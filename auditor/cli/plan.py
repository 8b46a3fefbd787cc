"""`auditor plan`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from auditor.cli.judging import POLICY, printing
from auditor.cli.reading import EVALS, READING, TEXT_OR_JSON, OrderedCommand, Reading, with_options


@click.command(cls=OrderedCommand)
@click.argument("train", nargs=-1, metavar="[TRAIN]...")
@with_options(*EVALS, *POLICY)
@click.option(
    "--prices",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Prices of your own, or a readiness.toml with [prices]; by default readiness.toml, where there is one.",
)
@with_options(TEXT_OR_JSON, *READING)
@click.option("-q", "--quiet", is_flag=True, help="Print what is short alone, and no progress.")
def plan(
    prices: Path | None,
    style: str,
    task: str | None,
    stage: str | None,
    policy: str | None,
    stance: str | None,
    reviewed: tuple[str, ...],
    **given: Any,  # noqa: ANN401  click passes what the options say
) -> None:
    """Say what to label next: how many rows of which class, what that costs, in which order, and from whom.

    Counts usable rows (distinct, complete, free of leaks), as the audit does, and how many of them came of the rows that
    were labelled so far. Prices are those of the sources (1 to 5 USD a label, 50 labels a day); your own go into
    [prices] of readiness.toml: label = [0.5, 1, 2], rows-per-labeler-day = 80, and label-by-source = { NAME = 2 }.
    Without TRAIN, what auditor.toml or [tool.auditor] names is planned for.
    """
    from auditor.planning.make import plan_files
    from auditor.planning.pricing import prices_of

    reading = Reading(**given)
    settings = reading.settings(
        "plan for", task=task, stage=stage, policy=policy, stance=stance, reviewed=reviewed
    )
    priced = prices_of(prices, Path.cwd())
    with reading.at_work() as work:
        made, failed = plan_files(settings, priced, work)
    with printing():
        if style == "json":
            click.echo(made.to_json(), nl=False)
        else:
            from auditor.report.planned import show_plan

            show_plan(made, quiet=reading.quiet)
    if failed:
        sys.exit(2)

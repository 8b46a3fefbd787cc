"""`auditor sample`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import click

from auditor.cli.reading import EVALS, QUIET, READING, SEED, OrderedCommand, Reading, with_options


@click.command(cls=OrderedCommand)
@click.argument("train", nargs=-1, metavar="[TRAIN]...")
@with_options(*EVALS)
@click.option(
    "--to", required=True, type=click.Path(path_type=Path), metavar="FILE", help="The file to write."
)
@click.option("--rows", required=True, type=click.IntRange(min=1), metavar="N", help="Rows to draw.")
@click.option(
    "--purpose", type=click.Choice(["poc", "labeling"]), default="poc", show_default=True,
    help="Your own records for a proof of concept, or a batch to be labelled.",
)  # fmt: skip
@click.option("--labelers", metavar="NAME,NAME", help="Who labels; everybody gets as much.")
@click.option("--overlap", metavar="N|SHARE", help="Items that two labelers judge: 200, 0.1 or 10%.")
@click.option(
    "--format", "style", metavar="FORMAT",
    help="Of a batch: csv, jsonl, label-studio or argilla; by default what the ending of the file says.",
)  # fmt: skip
@with_options(SEED)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@with_options(*READING, QUIET)
def sample(
    to: Path,
    rows: int,
    purpose: Literal["poc", "labeling"],
    labelers: str | None,
    overlap: str | None,
    style: str | None,
    seed: int,
    force: bool,
    **given: Any,  # noqa: ANN401  click passes what the options say
) -> None:
    """Write a batch of training rows without copies and leaks: for a proof of concept, or to be labelled.

    Rows are drawn at random within labels (else sources, else thirds by length), in proportion and at least one of each.
    Of texts that are copies of each other one is drawn, of eval rows and of those that leak from eval none. The same rows and the same seed
    give the same batch, whatever the order of the rows.

    A sample for a proof of concept (100 to 500 rows) holds your own records as they are: JSONL stays JSONL, CSV stays CSV;
    JSON goes into an array if FILE ends in .json. A labeling batch has a line for each item and labeler, in the order to work; fill in `label` and audit it. Of data that
    is partly labelled it holds rows without a label, of data that is wholly labelled rows to be judged once more.
    """
    from auditor.report.plain import plain
    from auditor.sampling.make import Asked, sample_files

    reading = Reading(**given)
    asked = Asked(
        rows=rows,
        purpose=purpose,
        seed=seed,
        labelers=() if labelers is None else tuple(name.strip() for name in labelers.split(",")),
        overlap=overlap,
        style=style,
        force=force,
    )
    settings = reading.settings("sample")
    with reading.at_work() as work:
        done = sample_files(settings, to, asked, work)
    click.echo(plain(done.told))
    for line in () if reading.quiet else (*done.lines, *map(plain, done.notes)):
        click.echo(line)

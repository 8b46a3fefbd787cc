"""`auditor sample`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import click

from auditor.cli.reading import OrderedCommand, at_work, completed, pairs, reading_options


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was written on the command line."""

    train: tuple[str, ...]
    evals: tuple[str, ...]
    key_file: str | None
    to: Path
    rows: int
    purpose: Literal["poc", "labeling"]
    labelers: str | None
    overlap: str | None
    style: str | None
    seed: int
    force: bool
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
    help="Eval file or quoted pattern; nothing of it is drawn.",
)
@click.option("--key-file", metavar="FILE", help="The secret that a sketch of eval was made with.")
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
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    default=0,
    show_default=True,
    help="Another seed draws others.",
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@reading_options
@click.option("-q", "--quiet", is_flag=True, help="Print no progress and no advice.")
def sample(**given: Any) -> None:  # noqa: ANN401  click passes what the options above say
    """Write a batch of training rows without copies and leaks: for a proof of concept, or to be labelled.

    Rows are drawn at random within labels (else sources, else thirds by length), in proportion and at least one of each.
    Of texts that are copies of each other one is drawn, of those that leak from eval none. The same rows and the same seed
    give the same batch, whatever the order of the rows.

    A sample for a proof of concept (100 to 500 rows) holds your own records as they are: JSONL stays JSONL, CSV stays CSV;
    JSON goes into an array if FILE ends in .json. A labeling batch has a line for each item and labeler, in the order to work; fill in `label` and audit it. Of data that
    is partly labelled it holds rows without a label, of data that is wholly labelled rows to be judged once more.
    """
    from auditor.report.plain import plain
    from auditor.sampling.make import Asked, sample_files
    from auditor.settings import Settings

    options = Options(**given)
    said = Settings(
        train=options.train,
        eval=options.evals,
        key_file=options.key_file,
        map=pairs(options.mapping),
        input_format=options.input_format,
    )
    asked = Asked(
        rows=options.rows,
        purpose=options.purpose,
        seed=options.seed,
        labelers=tuple(name.strip() for name in options.labelers.split(","))
        if options.labelers is not None
        else (),
        overlap=options.overlap,
        style=options.style,
        force=options.force,
    )
    settings = completed(said, "sample")
    with at_work(no_cache=options.no_cache, quiet=options.quiet) as work:
        done = sample_files(settings, options.to, asked, work)
    click.echo(plain(done.told))
    for line in () if options.quiet else (*done.lines, *map(plain, done.notes)):
        click.echo(line)

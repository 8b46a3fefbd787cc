"""`auditor sketch`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from auditor.cli.reading import QUIET, READING, Reading, with_options


@click.command()
@click.argument("evals", nargs=-1, metavar="[EVAL]...")
@click.option(
    "-o",
    "--to",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The sketch to write, e.g. eval.sketch.",
)
@click.option(
    "--key-file",
    metavar="FILE",
    help="A secret of 16 bytes or more, to be handed over apart from the sketch.",
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@with_options(*READING, QUIET)
def sketch(
    to: Path,
    force: bool,
    **given: Any,  # noqa: ANN401  click passes what the options say
) -> None:
    """Write eval rows as hashes, for those who must not see the text.

    auditor audit TRAIN... --eval FILE then finds the rows that leak. The sketch holds no text, labels, ids or file names.
    Whoever has it can tell the number of rows, their lengths, and which of them share wording. Whoever has the key too
    can test guesses: whole rows, prompts, five-word phrases - and from a phrase that is right guess on, word by word. The
    key stands in the sketch unless --key-file keeps it apart. Without EVAL, the eval files that auditor.toml names are
    taken.
    """
    from auditor.sketching import sketch_files

    reading = Reading(**given)
    settings = reading.settings("sketch", "eval")
    with reading.at_work() as work:
        written = sketch_files(settings, to, work, force=force)
    click.echo(written.told)
    for line in () if reading.quiet else written.advice:
        click.echo(line)

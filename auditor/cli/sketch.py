"""`auditor sketch`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from auditor.cli.reading import at_work, completed, pairs, reading_options


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was written on the command line."""

    evals: tuple[str, ...]
    to: Path
    key_file: str | None
    force: bool
    mapping: tuple[str, ...]
    input_format: str | None
    no_cache: bool
    quiet: bool


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
@reading_options
@click.option("-q", "--quiet", is_flag=True, help="Print no progress and no advice.")
def sketch(**given: Any) -> None:  # noqa: ANN401  click passes what the options above say
    """Write eval rows as hashes, for those who must not see the text.

    auditor audit TRAIN... --eval FILE then finds the rows that leak. The sketch holds no text, labels, ids or file names.
    Whoever has it can tell the number of rows, their lengths, and which of them share wording. Whoever has the key too
    can test guesses: whole rows, prompts, five-word phrases - and from a phrase that is right guess on, word by word. The
    key stands in the sketch unless --key-file keeps it apart. Without EVAL, the eval files that auditor.toml names are
    taken.
    """
    from auditor.settings import Settings
    from auditor.sketching import sketch_files

    options = Options(**given)
    said = Settings(
        eval=options.evals,
        key_file=options.key_file,
        map=pairs(options.mapping),
        input_format=options.input_format,
    )
    settings = completed(said, "sketch", "eval")
    with at_work(no_cache=options.no_cache, quiet=options.quiet) as work:
        written = sketch_files(settings, options.to, work, force=options.force)
    click.echo(written.told)
    for line in () if options.quiet else written.advice:
        click.echo(line)

"""`auditor init`."""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.command()
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    default="readiness.toml",
    show_default=True,
    metavar="FILE",
    help="Where to write it.",
)
@click.option(
    "--framework",
    "frameworks",
    multiple=True,
    metavar="FILE",
    help="A framework of your own, whose questions the form has, too; repeatable.",
)
@click.option("--force", is_flag=True, help="Replace a file that is there, and the answers in it.")
def init(to: Path, frameworks: tuple[str, ...], force: bool) -> None:
    """Write readiness.toml, a form with every question that only people can answer.

    Each question says what counts as a yes, who asks it and whether it is measured. All are open at first. Then:

    auditor decide TRAIN... --eval FILE
    """
    from auditor.answering import form
    from auditor.frameworks.loading import load_frameworks
    from auditor.newfile import check_new, write_new

    own = [Path(name) for name in frameworks]
    questions = load_frameworks(own).questions
    check_new(to, (), force=force)
    write_new(to, form(questions, [_beside(to, file) for file in own]).encode(), force=force)
    click.echo(
        f"{to}: {len(questions)} questions to answer, {sum(bool(one.measured) for one in questions.values())} of them only where no file tells"
    )
    click.echo("Fill it in, or answer in the terminal: auditor decide --ask")


def _beside(form: Path, file: Path) -> str:
    """The path of a file as the form names it: from the folder that it lies in."""
    return str(file) if file.is_absolute() else os.path.relpath(file, form.parent)

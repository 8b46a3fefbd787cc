"""`auditor explain`."""

from __future__ import annotations

import click


@click.command()
@click.argument("name")
def explain(name: str) -> None:
    """Print what is behind NAME: a check, a measure, a gate, a question, a framework or a source (S0).

    `questions`, `frameworks`, `prices` and `sources` list these.
    """
    from auditor.report.explaining import explained

    click.echo(explained(name), nl=False)

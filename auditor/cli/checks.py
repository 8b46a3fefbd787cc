"""`auditor checks`."""

from __future__ import annotations

import click


@click.command()
def checks() -> None:
    """List the checks and what each measures."""
    from auditor.registry import discover
    from auditor.report.documentation import claim

    found, broken = discover()
    for check_id, check in found.items():
        click.echo(f"{check_id:<12} {claim(check)}")
        click.echo(click.wrap_text(", ".join(check.measures), 79, " " * 13, " " * 13))
    for name, failure in broken.items():
        click.echo(f"{name:<12} failed to load: {failure.why}")

"""`auditor checks`."""

from __future__ import annotations

import click


@click.command()
def checks() -> None:
    """List the checks and what each measures."""
    from auditor.registry import discover
    from auditor.report.documentation import claim
    from auditor.report.plain import plain
    from auditor.wording import WIDTH

    found, broken = discover()
    for check_id, check in found.items():
        click.echo(click.wrap_text(plain(claim(check)), WIDTH, f"{check_id:<12} ", " " * 13))
        click.echo(click.wrap_text(", ".join(check.measures), WIDTH, " " * 13, " " * 13))
    for name, failure in broken.items():
        click.echo(click.wrap_text(plain(f"failed to load: {failure.why}"), WIDTH, f"{name:<12} ", " " * 13))

"""`auditor explain`."""

from __future__ import annotations

import click


@click.command()
@click.argument("name")
def explain(name: str) -> None:
    """Print the claim, formulas, settings, limits and sources of the check NAME."""
    from auditor.errors import PolicyError, suggest
    from auditor.policy import load_policy
    from auditor.registry import discover
    from auditor.report.documentation import document

    found, broken = discover()
    if name in broken:
        message = f"check {name!r} failed to load: {broken[name].why}"
        raise PolicyError(message)
    if name not in found:
        message = f"there is no check {name!r}{suggest(name, found, 'checks are')}"
        raise PolicyError(message)
    click.echo(document(found[name], load_policy(None)), nl=False)

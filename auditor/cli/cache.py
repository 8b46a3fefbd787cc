"""`auditor cache`."""

from __future__ import annotations

import click


@click.group()
def cache() -> None:
    """Show or clear the parsed rows kept from earlier audits.

    They make a second audit of unchanged files instant, are readable by you alone, and are never needed.
    """


@cache.command("clear")
def clear_cache() -> None:
    """Delete all parsed rows."""
    from auditor.load.cachefolder import clear, default_cache
    from auditor.wording import size

    folder = default_cache()
    click.echo(f"freed {size(clear(folder))} in {folder}")


@cache.command("show")
def show_cache() -> None:
    """Say where the parsed rows lie and how much room they take."""
    from auditor.load.cachefolder import default_cache, usage
    from auditor.wording import size

    folder = default_cache()
    click.echo(f"{size(usage(folder))} in {folder}")

"""`auditor compare`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "md", "html", "json"]),
    default="text",
    show_default=True,
    help="What to print.",
)
def compare(old: Path, new: Path, style: str) -> None:
    """Say what moved from the report OLD to the report NEW, of audits or decisions.

    Both are what --out DIR or --format json kept: a folder or a file. + is better, - worse, ~ neither by itself.
    Findings are told apart by what they are about, so rows that only moved are unchanged.
    """
    import msgspec

    from auditor.cli.judging import printing
    from auditor.comparing import compare as compared
    from auditor.report.comparison import comparison_markdown, comparison_text
    from auditor.report.plain import visible_json
    from auditor.report.reading import read_report

    found = compared(read_report(old), read_report(new))
    with printing():
        match style:
            case "json":
                click.echo(visible_json(msgspec.json.format(msgspec.json.encode(found), indent=2).decode()))
            case "html":
                from auditor.report.html.moved import render

                click.echo(render(found))
            case "md":
                click.echo(comparison_markdown(found), nl=False)
            case _:
                click.echo(comparison_text(found), nl=False)

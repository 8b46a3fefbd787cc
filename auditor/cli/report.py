"""`auditor report`."""

from __future__ import annotations

from pathlib import Path

import click


class _Formats(click.Command):
    """A command whose help lists the formats from their table."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List them."""
        from auditor.report.formats import FORMATS

        with formatter.section("Formats"):
            told = [
                (one.name, f"{one.says}{'; redacted by default' * (one.redacts and one.quotes)}")
                for one in FORMATS
            ]
            formatter.write_dl(told)


@click.command(cls=_Formats)
@click.argument("run", required=False, metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--format", "style", default="md", show_default=True, metavar="FORMAT", help="One of those below."
)
@click.option(
    "-o",
    "--to",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where to write it; standard output by default, and with -.",
)
@click.option(
    "--redact/--no-redact",
    default=None,
    help="Leave the text of the rows out, or show it; each format has its own default.",
)
@click.option(
    "--schema",
    is_flag=True,
    help="Write the JSON Schema of report.json and do nothing else.",
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def report(
    run: Path | None, style: str, to: Path | None, redact: bool | None, schema: bool, force: bool
) -> None:
    """Render the report that was kept in RUN: the folder of --out, or a report.json.

    The data are not needed, nor is anything measured again. A file that an earlier report was rendered to is replaced.
    """
    from auditor.cli.judging import printing
    from auditor.cli.rendering import chosen
    from auditor.newfile import check_new, write_new
    from auditor.report.formats import CARD
    from auditor.report.reading import NAME, read_report

    target = None if to is None or str(to) == "-" else to
    if schema:
        _write_schema(target, force=force)
        return
    if run is None:
        raise click.MissingParameter(param_type="argument", param_hint="'RUN'")
    formats = chosen((style,))
    if len(formats) > 1:
        message = f"one format at a time, not {style}; auditor audit --out DIR --format {style} makes several"
        raise click.UsageError(message)
    section = formats[0] is CARD and target is not None and target.is_file()
    if target is not None:
        force = force or section or formats[0].marks(target)
        check_new(target, (run / NAME if run.is_dir() else run,), force=force)
    text = formats[0].render(read_report(run), redact=redact)
    if target is None:
        with printing():
            click.echo(text.encode(), nl=False)
    else:
        mode = target.stat().st_mode if target.exists() else None
        write_new(target, (_placed(text, target) if section else text).encode(), force=force)
        if mode is not None:
            target.chmod(mode)  # whoever could read it before still can


def _write_schema(target: Path | None, *, force: bool) -> None:
    from auditor.cli.judging import printing
    from auditor.newfile import check_new, write_new
    from auditor.report.schema import schema

    if target is None:
        with printing():
            click.echo(schema(), nl=False)
        return
    check_new(target, (), force=force)
    write_new(target, schema().encode(), force=force)


def _placed(section: str, card: Path) -> str:
    """A dataset card with its section replaced."""
    from auditor.errors import DataError
    from auditor.report.card import BEGIN, END, placed

    try:
        found = placed(section, card.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        message = f"{card} cannot be read as text: {error}"
        raise DataError(message) from None
    if found is None:
        message = (
            f"{card} has no place for the section: write the lines {BEGIN} and {END} where it is to stand"
        )
        raise DataError(message)
    return found

"""What commands that show a report share: the option for formats, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditor.cli.reading import with_options

if TYPE_CHECKING:
    from auditor.report.build import SavedTable
    from auditor.report.formats import Format
    from auditor.report.model import Report

TEXT = "text"

out_options = (
    click.option(
        "--format",
        "styles",
        multiple=True,
        metavar="FORMAT",
        help="What to print, text by default; with --out what to keep, repeatable or a,b, and json alone is printed: see auditor report.",
    ),
    click.option(
        "--out",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="Keep report.json, the full evidence as Parquet and files of each --format in this folder; all files of an earlier report there are replaced or taken away.",
    ),
)


rendering_options = with_options(*out_options)
"""The options of commands that print a report or keep it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Where a report goes."""

    printed: Format | None
    """None: the text for a terminal."""
    kept: tuple[Format, ...]
    """Files beside the saved report."""
    out: Path | None

    def needs_masks(self, *, redact: bool) -> bool:
        """Whether what is printed shows masks of texts that are left out, which no report remembers."""
        return redact and self.printed is not None and self.printed.masks

    def echo(
        self, report: Report, tables: Sequence[SavedTable], *, redact: bool, quiet: bool, saved: Path | None
    ) -> None:
        """Print a report, with the tables that it was made with."""
        if self.printed is not None:
            from auditor.report.formats import written

            masks = {one.file: one.masks for one in tables}
            click.echo(written(report, self.printed, redact=redact, masks=masks).encode(), nl=False)
            return
        from auditor.report.terminal import show

        show(report, quiet=quiet, saved=saved)


def shown(styles: tuple[str, ...], out: Path | None) -> Shown:
    """What the two options mean; report.json is always kept, so with --out naming json alone prints it.

    Raises:
        UsageError: there is no such format, or several are to be printed.
    """
    from auditor.report.formats import JSON

    found = chosen(styles, TEXT)
    if out is None:
        if len(found) + (TEXT in names_in(styles)) > 1:
            message = f"{' and '.join(names_in(styles))} cannot both be printed; --out DIR keeps several"
            raise click.UsageError(message)
        return Shown(printed=found[0] if found else None, kept=(), out=None)
    from auditor.report.save import check_folder

    check_folder(out, found)
    return Shown(printed=JSON if names_in(styles) == [JSON.name] else None, kept=found, out=out)


def names_in(styles: tuple[str, ...]) -> list[str]:
    """Names, each once, of options that may be repeated and hold several."""
    return list(dict.fromkeys(name.strip() for style in styles for name in style.split(",")))


def chosen(styles: tuple[str, ...], *others: str) -> tuple[Format, ...]:
    """The formats that are named.

    Args:
        styles: what was written on the command line.
        others: names that are no formats, which are left out.

    Raises:
        UsageError: there is no such format.
    """
    from auditor.errors import suggest
    from auditor.report.formats import FORMATS

    known = {one.name: one for one in FORMATS}
    for name in names_in(styles):
        if name not in known and name not in others:
            message = f"there is no format {name!r}{suggest(name, [*others, *known])}"
            raise click.UsageError(message)
    return tuple(known[name] for name in names_in(styles) if name in known)

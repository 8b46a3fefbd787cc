"""`auditor audit`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.judging import Judging, judging_options, printing, saved
from auditor.cli.reading import OrderedCommand
from auditor.cli.rendering import Shown, rendering_options, shown

if TYPE_CHECKING:
    from auditor.auditing import Audited
    from auditor.errors import AuditorError
    from auditor.report.build import SavedTable
    from auditor.report.model import Report
    from auditor.settings import Settings


@click.command(cls=OrderedCommand)
@click.argument("train", nargs=-1, metavar="[TRAIN]...")
@judging_options
@rendering_options
def audit(styles: tuple[str, ...], out: Path | None, **given: Any) -> None:  # noqa: ANN401  click passes what the options say
    """Say whether TRAIN files (and eval files) are ready, with proof.

    Files may be JSONL, JSON, CSV, TSV or Parquet, also compressed; patterns in quotes, folders and - (stdin) work too.
    Without TRAIN, what auditor.toml or [tool.auditor] names is audited.
    """
    from auditor.remembered import name_of

    judging = Judging(**given)
    settings = judging.settings("audit")
    goes = shown(styles, out)
    fresh = judging.no_cache or out is not None or goes.needs_masks(redact=judging.redact)
    name = None if fresh else name_of(settings, redact=judging.redact)
    report, unsaved = _known(name, judging), None
    tables: tuple[SavedTable, ...] = ()
    if report is None:
        done, unsaved = _made(settings, name, judging, goes)
        report, tables = done.report, done.tables
    with printing():
        goes.echo(report, tables, redact=judging.redact, quiet=judging.quiet, saved=None if unsaved else out)
    if unsaved is not None:
        raise unsaved
    judging.leave(report)


def _known(name: str | None, judging: Judging) -> Report | None:
    """The report of an earlier audit of which nothing has changed since."""
    from auditor.load.cachefolder import default_cache
    from auditor.remembered import recall

    return recall(default_cache(), name) if name and not judging.verify_cache else None


def _made(
    settings: Settings, name: str | None, judging: Judging, goes: Shown
) -> tuple[Audited, AuditorError | None]:
    """A new report, kept under its name, and why it could not be saved where it was to be."""
    from auditor.planning.make import audit_planned
    from auditor.remembered import name_of, remember

    with judging.at_work() as work:
        done = audit_planned(settings, work, redact=judging.redact, save=goes.out is not None)
        if name and name == name_of(settings, redact=judging.redact):
            remember(work.cache, name, done.report)
    return done, saved(done, goes, redact=judging.redact)

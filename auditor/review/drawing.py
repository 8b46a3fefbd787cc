"""One review sheet from files to file: read, draw, write."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from pathlib import Path

from auditor.auditing import policy_of
from auditor.errors import DataError
from auditor.load.cachefolder import in_use
from auditor.load.sources import find_sources
from auditor.load.work import Work
from auditor.newfile import check_new
from auditor.opening import Opened, open_data
from auditor.registry import filled
from auditor.report.plain import plain
from auditor.review.formats import FORMATS
from auditor.review.save import save_sheet
from auditor.review.sheet import Sheet, make_sheet
from auditor.review.writing import Format, format_of, targets
from auditor.settings import Settings
from auditor.wording import WIDTH, amount
from checks.contract import TextSettings
from checks.labels.reviewed import reviewed_rate


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was written, in words."""

    told: str
    advice: tuple[str, ...]


def draw(
    settings: Settings, to: Path, work: Work, *, rows: int, style: str | None, seed: int, force: bool
) -> Drawn:
    """Write a review sheet of the training data that the settings name.

    Args:
        settings: the files, and the sheets that are filled already.
        to: the sheet to write.
        work: where rows are stored, and what may be used for it.
        rows: rows to be judged.
        style: name of the format, by default what the ending of `to` says.
        seed: another seed draws other rows.
        force: replace a sheet that is there.

    Raises:
        PolicyError: a setting is wrong.
        DataError: the files cannot be reviewed, or the sheet cannot be written.
    """
    format_ = format_of(to, style, FORMATS)
    sources, _ = find_sources(settings.train, settings.eval)
    inputs = [source.path for source in sources if source.path is not None]
    read = [Path(one) for one in (*settings.reviewed, settings.file, settings.policy) if one]
    for target in targets(to, format_):
        check_new(target, (*inputs, *read), force=force)
    text = filled(TextSettings, policy_of(settings).text, "[text]")
    with in_use(work.cache):
        opened = open_data(settings, text, work)
        unread = next((one.error for one in opened.loaded.inputs if one.role == "train" and one.error), None)
        if unread:
            raise DataError(unread)
        work.tick("drawing rows", 0, 0)
        sheet = make_sheet(opened.data, rows=rows, seed=seed)
    files = save_sheet(sheet, to, format_, force=force)
    told = f"{plain(str(to))}: {sheet.table.height:,} of {sheet.population:,} labelled rows to judge"
    return Drawn(told, tuple(map(plain, _advice(opened, sheet, files, format_))))


def _advice(opened: Opened, sheet: Sheet, files: tuple[Path, ...], format_: Format[Sheet]) -> list[str]:
    """What a user should know of the sheet, and what to do next."""
    advice = [*opened.notes, *sheet.notes]
    if (rate := reviewed_rate(opened.data)) is not None:
        advice += textwrap.wrap(f"So far the share of wrong labels is {amount(rate)}.", WIDTH)
    if format_.beside is not None:
        advice.append(f"{files[1]} holds the labeling interface of {format_.name}.")
    advice += [
        "Fill in verdict (right, wrong or unclear), and correct_label where it is wrong;",
        "then say --reviewed with the filled sheet to auditor audit.",
    ]
    return advice

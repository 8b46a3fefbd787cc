"""The formats that a saved report is rendered to: one table, and the only place to add one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import msgspec

if TYPE_CHECKING:
    from auditor.report.model import Report

Masks = Mapping[str, Sequence[dict[str, Any]]]
START = 4_096
"""Bytes from the begin of a file in which its mark stands."""


class Render(Protocol):
    """The function `render` of the module of each format."""

    def __call__(self, report: Report, *, redact: bool) -> str:
        """The whole text of the file; the same report gives the same text."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A way to write a report."""

    name: str
    file: str
    """Name of the file in the folder of --out."""
    module: str
    """Where `render` is; imported when the format is used."""
    mark: str
    """What the begin of each file of ours holds, by which a later run knows what it may replace."""
    whole: Callable[[bytes], bool] | None = None
    """What the content of a file of ours fulfils besides, where others may hold the mark."""
    says: str
    """What it is for."""
    redacts: bool = False
    """Whether the user's text is left out unless it is asked for: the file is made to be published."""
    quotes: bool = True
    """Whether it shows the text of rows at all."""
    masks: bool = False
    """Whether it shows texts that are left out as masks."""

    def render(self, report: Report, *, redact: bool | None = None) -> str:
        """The report in this format; `redact` None is what the format does by itself."""
        render = cast(Render, import_module(self.module).render)
        return render(report, redact=self.redacts if redact is None else redact)

    def marks(self, path: Path) -> bool:
        """Whether a file is one of ours in this format; one that cannot be read is not."""
        try:
            with path.open("rb") as file:
                begin = file.read(START)
                return self.mark.encode() in begin and (self.whole is None or self.whole(begin + file.read()))
        except OSError:
            return False


class _Seen(msgspec.Struct):
    """What every report.json has, whatever its schema."""

    schema: int
    verdict: str
    outcomes: dict[str, Any]


def _is_report(content: bytes) -> bool:
    try:
        msgspec.json.decode(content, type=_Seen)
    except msgspec.MsgspecError:
        return False
    return True


def _is_section(content: bytes) -> bool:
    """Whether it is a section alone, and not the card that somebody placed one in."""
    from auditor.report.card import BEGIN, END

    begin, end, text = BEGIN.encode(), END.encode(), content.strip()
    return text.startswith(begin) and text.endswith(end) and text.count(begin) == text.count(end) == 1


FORMATS = (
    Format(
        name="json", file="report.json", module="auditor.report.saved", mark='"schema"', whole=_is_report,
        says="the whole report, from which every other format is made",
    ),
    Format(
        name="md", file="report.md", module="auditor.report.summary", mark="<!-- auditor report -->",
        says="Markdown for a pull request or a step summary",
    ),
    Format(
        name="html", file="report.html", module="auditor.report.html.page",
        mark='<meta name="generator" content="data-readiness-auditor',
        says="one page to send to whoever pays: charts, evidence, what to do; opens without a network", masks=True,
    ),
    Format(
        name="sarif", file="report.sarif", module="auditor.report.sarif", mark='"name": "auditor"',
        says="SARIF 2.1.0 for code scanning", redacts=True,
    ),
    Format(
        name="junit", file="report.junit.xml", module="auditor.report.junit", mark='<testsuites name="auditor"',
        says="JUnit XML, a case for each gate and each limit", quotes=False,
    ),
    Format(
        name="github", file="report.github.txt", module="auditor.report.annotations", mark="::notice title=auditor::",
        says="workflow commands that annotate a GitHub run", redacts=True, quotes=False,
    ),
    Format(
        name="card", file="card.md", module="auditor.report.card", mark="<!-- auditor card: begin -->",
        whole=_is_section,
        says="a section for a dataset card, replaced in place with -o README.md", redacts=True, quotes=False,
    ),
    Format(
        name="croissant", file="croissant.json", module="auditor.report.croissant", mark='"name": "audited-data"',
        says="Croissant 1.0 (JSON-LD) with the files' hashes and the limitations", redacts=True, quotes=False,
    ),
)  # fmt: skip
"""Every format; `json` is the report itself and always kept."""
JSON = FORMATS[0]
CARD = next(one for one in FORMATS if one.name == "card")
"""A section of a file of the user's own."""


def written(report: Report, one: Format, *, redact: bool, masks: Masks) -> str:
    """A report that was just made in one format.

    Args:
        report: without texts if `redact`.
        one: the format.
        redact: leave the user's text out, where the format shows it by itself.
        masks: file of an evidence table -> its first rows with masks in the place of the texts that were left out.
    """
    if redact and one.masks and masks:
        from auditor.report.redaction import with_masks

        return one.render(with_masks(report, masks), redact=False)
    return one.render(report, redact=redact or None)

"""A report as workflow commands of GitHub Actions, which annotate a run: one for each limit that was not kept.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions#setting-an-error-message
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from auditor.report.findings import LEVELS, Finding, Level, failing_rulings, findings, lineless
from auditor.report.gates import alike
from auditor.report.model import Report, RulingModel
from auditor.report.paths import published
from auditor.report.plain import plain
from auditor.report.redaction import redacted
from auditor.report.terminal import headline

Rulings = Sequence[RulingModel]
MOST = 10
"""Annotations of a level that GitHub shows of a step, https://docs.github.com/rest/checks/runs and
https://github.com/orgs/community/discussions/26680."""
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def render(report: Report, *, redact: bool) -> str:
    """A line for the verdict, then those of errors and warnings."""
    found, _ = published(redacted(report) if redact else report)
    rulings = failing_rulings(found)
    rows: dict[RulingModel, list[Finding]] = {}
    for ruling, row in findings(found, rulings):
        rows.setdefault(ruling, []).append(row)
    lines = [f"::notice title=auditor::{_data(headline(found).plain)}"]
    for level in ("error", "warning"):
        groups = alike(one for one in rulings if LEVELS[one.verdict] == level)
        lines += _level(level, groups, rows, lineless(found))
    return "\n".join(lines) + "\n"


def _level(
    level: Level,
    groups: Sequence[Rulings],
    rows: Mapping[RulingModel, list[Finding]],
    without_lines: frozenset[str],
) -> Iterator[str]:
    """One line for each group of rulings that are told together, and one for all that GitHub would not show."""
    shown = groups if len(groups) <= MOST else groups[: MOST - 1]
    for group in shown:
        yield _line(level, group, [row for ruling in group for row in rows.get(ruling, ())], without_lines)
    if others := groups[len(shown) :]:
        yield f"::{level} title=auditor::{_data(f'{len(others)} more: ' + ', '.join(map(_names, others)))}"


def _names(rulings: Rulings) -> str:
    return ", ".join(dict.fromkeys(f"{one.check}.{one.measure}" for one in rulings))


def _line(level: Level, rulings: Rulings, rows: Sequence[Finding], without_lines: frozenset[str]) -> str:
    ruling = rulings[0]
    place, told = "", f"{ruling.why}. {ruling.cite}." + (f" To do: {ruling.fix}." if ruling.fix else "")
    if rows:
        first, count = rows[0], sum(len(one.spots) for one in rows)
        spot, least = first.spots[0], "at least " * any(one.cut for one in rows)
        line = f",line={spot.line}" if spot.line is not None and spot.file not in without_lines else ""
        place = f"file={_property(spot.file)}{line},"
        against = f" ~ {first.others[0]}" if first.others else ""
        told += f" The first of {least}{count:,} rows:" if count > 1 else " The row:"
        told += f" {spot}{against}."
    return f"::{level} {place}title={_property(_names(rulings))}::{_data(told)}"


def _data(text: str) -> str:
    return plain(text).translate(_DATA)


def _property(text: str) -> str:
    return plain(text).translate(_PROPERTY)

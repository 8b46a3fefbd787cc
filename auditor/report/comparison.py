"""What moved between two reports, on a terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.comparing import Change, Comparison
from auditor.report.plain import markdown, plain
from auditor.wording import WIDTH

SIGNS = {"better": "+", "worse": "-", "changed": "~"}
TITLES = {
    "gate": "Gates",
    "framework": "Frameworks",
    "answer": "Answers",
    "input": "Inputs",
    "setting": "Settings and versions",
    "measure": "Measures",
}
_ABSENT = "not there"


def comparison_text(found: Comparison) -> str:
    """For a terminal: + better, - worse, ~ changed."""
    lines = [_headline(found)]
    for title, changes in _parts(found):
        lines += ["", title]
        lines += [line for change in changes for line in _lines(change)]
    return "\n".join([*lines, "", f"{found.unchanged:,} others are what they were."]) + "\n"


def comparison_markdown(found: Comparison) -> str:
    """For a pull request."""
    lines = [f"# {_headline(found)}"]
    for title, changes in _parts(found):
        lines += ["", f"## {title}", "", "| | | before | after |", "|---|---|---|---|"]
        lines += [
            f"| {SIGNS[change.direction]} | {markdown(change.id)} | {markdown(change.before or _ABSENT)} | {markdown(change.after or _ABSENT)} |"
            for change in changes
        ]
    return "\n".join([*lines, "", f"{found.unchanged:,} others are what they were."]) + "\n"


def _headline(found: Comparison) -> str:
    same = found.before == found.after
    return f"{found.after}, as before" if same else f"{found.before} -> {found.after}"


def _parts(found: Comparison) -> Iterator[tuple[str, list[Change]]]:
    for part, title in TITLES.items():
        changes = [change for change in found.changes if change.part == part]
        if changes:
            yield title, changes


def _lines(change: Change) -> Iterator[str]:
    """One line where it fits, otherwise before and after below each other."""
    sign, name = SIGNS[change.direction], plain(change.id)
    before, after = plain(change.before or _ABSENT), plain(change.after or _ABSENT)
    line = f"  {sign} {name}: {before} -> {after}"
    if len(line) <= WIDTH:
        yield line
        return
    yield f"  {sign} {name}"
    yield f"      {before}"
    yield f"   -> {after}"

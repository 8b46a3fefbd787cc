"""What moved between two reports, on a terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from auditor.comparing import Change, Comparison, Direction, Part
from auditor.moved import FindingsMoved
from auditor.report.plain import plain
from auditor.report.sections import Section, bullets, table
from auditor.report.summary import MOST, fitted
from auditor.wording import WIDTH, wrapped

FINDINGS = "Findings"
SIGNS = {"worse": "-", "better": "+", "changed": "~"}
TITLES: dict[Part | Literal["finding"], str] = {
    "gate": "Gates",
    "finding": FINDINGS,
    "framework": "Frameworks",
    "answer": "Answers",
    "input": "Inputs",
    "setting": "Settings and versions",
    "measure": "Measures",
}
ABSENT = "not there"


def comparison_text(found: Comparison) -> str:
    """For a terminal: + better, - worse, ~ changed."""
    lines = [headline_of(found)]
    for title, changes in parts_of(found):
        told = [line for change in changes for line in _lines(change)]
        if title == FINDINGS:
            told = [line for one in found.findings for line in _moved(one)]
            told += (
                wrapped(f"They were not compared: {plain(found.uncompared)}.", "  ")
                if found.uncompared
                else []
            )
        lines += ["", title, *told]
    return "\n".join([*lines, "", others_of(found)]) + "\n"


def comparison_markdown(found: Comparison) -> str:
    """For a pull request, cut to what fits a comment."""
    parts = [*_sections(found)]
    return fitted(f"# {headline_of(found)}\n", parts, MOST - 100) + f"\n{others_of(found)}\n"


def _sections(found: Comparison) -> Iterator[Section]:
    for title, changes in parts_of(found):
        if title == FINDINGS:
            yield from _findings(found)
            continue
        yield from table(title, ("", "", "before", "after"), (
            (SIGNS[one.direction], one.id, one.before or ABSENT, one.after or ABSENT) for one in changes
        ))  # fmt: skip


def _findings(found: Comparison) -> Iterator[Section]:
    yield from table(FINDINGS, ("", "findings", "new", "gone", "unchanged", "the first that are new or gone"), (
        (SIGNS[direction_of(one)], f"{one.check}: {one.title}", f"{one.new:,}", f"{one.gone:,}", f"{one.unchanged:,}", "; ".join(places_of(one)))
        for one in found.findings
    ))  # fmt: skip
    yield from bullets("Findings were not compared", [found.uncompared] if found.uncompared else ())


def others_of(found: Comparison) -> str:
    """How much stayed as it was, and how many values did while what they are of moved."""
    told = f"{found.unchanged:,} others are what they were."
    moved = sum(one.only_of for one in found.changes)
    return f"{told} Of {moved:,} measure{'s' * (moved != 1)} only the denominator moved." if moved else told


def direction_of(one: FindingsMoved) -> Direction:
    """Findings that go are better, findings that come are worse, both at once is for the reader to judge."""
    if bool(one.new) == bool(one.gone):
        return "changed"
    return "worse" if one.new else "better"


def _moved(one: FindingsMoved) -> Iterator[str]:
    sign = SIGNS[direction_of(one)] if one.new or one.gone else " "
    told = f"{one.new:,} new, {one.gone:,} gone, {one.unchanged:,} unchanged"
    yield from wrapped(f"{told}  {plain(one.check)}: {plain(one.title)}", f"  {sign} ")
    for place in places_of(one):
        yield from wrapped(plain(place), "      ")


def places_of(one: FindingsMoved) -> Iterator[str]:
    """The first that are new, and those that are gone, in words."""
    for word, count, places in (("new", one.new, one.first_new), ("gone", one.gone, one.first_gone)):
        if places:
            more = f" and {count - len(places):,} more" if count > len(places) else ""
            yield f"{word}: {', '.join(places)}{more}"
    if one.partial and (one.new or one.gone):
        yield "of the first rows that the reports hold; more may have moved"


def headline_of(found: Comparison) -> str:
    """Both verdicts."""
    same = found.before == found.after
    return f"{found.after}, as before" if same else f"{found.before} -> {found.after}"


def parts_of(found: Comparison) -> Iterator[tuple[str, list[Change]]]:
    """What changed, under headings, the worse first, without values of which the denominator alone moved.

    Findings have a heading, but are no changes of one thing.
    """
    order = list(SIGNS)
    for part, title in TITLES.items():
        changes = sorted(
            (one for one in found.changes if one.part == part and not one.only_of),
            key=lambda one: order.index(one.direction),
        )
        if changes or (title == FINDINGS and (found.findings or found.uncompared)):
            yield title, changes


def _lines(change: Change) -> Iterator[str]:
    """One line where it fits, otherwise before and after below each other."""
    sign, name = SIGNS[change.direction], plain(change.id)
    before, after = plain(change.before or ABSENT), plain(change.after or ABSENT)
    line = f"  {sign} {name}: {before} -> {after}"
    if len(line) <= WIDTH:
        yield line
        return
    yield f"  {sign} {name}"
    yield f"      {before}"
    yield f"   -> {after}"

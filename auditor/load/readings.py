"""What to tell the user about how the labels of a file were read, where it could have been otherwise."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from auditor.load.formats import Rules, Shape
from auditor.load.ledger import shown
from auditor.load.panels import JUDGEMENT, Panel
from checks.contract import FURTHER

QUESTIONS = 10
"""Other questions that are named, at most."""


def readings(shape: Shape, rules: Rules) -> Iterator[str]:
    """The columns of labels, where there are several, and the question that labelers answered."""
    names = shape.names
    further = [column for role, column in shape.columns if role.startswith(FURTHER)]
    if further:
        first = f"`label` is the column {shown(names['label'], 40)}; " if "label" in names else ""
        yield f"{first}further labels are {', '.join(shown(column, 40) for column in further)}."
    if shape.format.panel and rules.panel is not None:
        yield from _of_panel(rules.panel)
        if "label" in names:
            yield f"the label is the column {shown(names['label'], 40)}, not what most labelers said."


def _of_panel(panel: Panel) -> Iterator[str]:
    about = f" about {shown(panel.aspect, 60)}" if panel.aspect else ""
    who = (
        "1 labeler has a column"
        if len(panel.cells) == 1
        else f"{len(panel.labelers):,} labelers have columns"
    )
    yield f"{who} of their own; what they say{about} was read."
    if panel.zeros:
        yield "whoever set no level to 1 did not judge: there are no blank cells."
    if panel.others:
        options = [f"{pattern}={JUDGEMENT}" for pattern in panel.others if pattern == shown(pattern)]
        more = f" and {len(panel.others) - QUESTIONS:,} more" if len(panel.others) > QUESTIONS else ""
        yield (
            f"what they say of {', '.join(shown(pattern) for pattern in panel.others[:QUESTIONS])}{more} was not read"
            + (f"; for that one write --map {shlex.quote(options[0])}, for others alike." if options else ".")
        )

"""What to tell the user about how the labels of a file were read, where it could have been otherwise."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

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
    if rules.panel is not None and shape.format.panel:
        yield from _of_panel(rules.panel)
        if "label" in names:
            yield f"the label is the column {shown(names['label'], 40)}, not what most labelers said."
    elif rules.panel is not None:
        yield f"{_who(rules.panel)} of their own, which were not read{_how([rules.panel.pattern])}."


def _who(panel: Panel) -> str:
    several = f"{len(panel.labelers):,} labelers have columns"
    return several if len(panel.cells) > 1 else "1 labeler has a column"


def _how(patterns: Sequence[str]) -> str:
    """The option that reads the columns of a pattern, if somebody could copy it."""
    plain = [pattern for pattern in patterns if pattern == shown(pattern)]
    return f"; --map {shlex.quote(f'{plain[0]}={JUDGEMENT}')} reads them" if plain else ""


def _of_panel(panel: Panel) -> Iterator[str]:
    about = f" about {shown(panel.aspect, 60)}" if panel.aspect else ""
    yield f"{_who(panel)} of their own; what they say{about} was read."
    if panel.zeros:
        yield "whoever set no level to 1 did not judge: there are no blank cells."
    if panel.others:
        named = ", ".join(map(shown, panel.others[:QUESTIONS]))
        more = f" and {len(panel.others) - QUESTIONS:,} more" if len(panel.others) > QUESTIONS else ""
        yield f"what they say in {named}{more} was not read{_how(panel.others)} instead."

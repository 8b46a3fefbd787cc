"""Checks x data -> outcomes. A check that cannot run, or that crashes, is a value like any other."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Mapping

import polars as pl

from auditor.gates import NotRun, Outcome
from checks.contract import Check, Data

CRASHES = (Exception, pl.exceptions.PanicException)
"""What a crash may raise; a panic of polars is not an Exception."""


def run(
    checks: Iterable[Check],
    data: Data,
    *,
    broken: Mapping[str, NotRun],
    starting: Callable[[str], None] = lambda _id: None,
) -> dict[str, Outcome]:
    """One outcome per check, in the order of the checks; plug-ins that failed to load come last.

    Args:
        checks: what to run.
        data: what to run it on.
        broken: checks that could not be loaded.
        starting: called with the id of each check before it runs.
    """
    offers = data.offers()
    outcomes: dict[str, Outcome] = {}
    for check in checks:
        missing = sorted(check.needs - offers)
        if missing:
            outcomes[check.id] = _missing(missing, data.impossible)
            continue
        starting(check.id)
        try:
            outcomes[check.id] = check.run(data)
        except CRASHES as error:  # one broken check must not hide the other results
            where = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{where.filename.rsplit('/', 1)[-1]}:{where.lineno}"
            outcomes[check.id] = NotRun("crashed", f"{type(error).__name__} at {place}: {error}")
    return outcomes | dict(broken)


def _missing(names: list[str], impossible: frozenset[str]) -> NotRun:
    never = [name for name in names if name in impossible]
    if never:
        return NotRun("not applicable", f"data of this format has no {', '.join(never)}")
    fixes = [_FIXES[name] for name in names if name in _FIXES]
    return NotRun("skipped", f"the data has no {', '.join(names)}" + (f"; {fixes[0]}" if fixes else ""))


_FIXES = {
    "eval.text": "name the eval file with --eval FILE",
    "labels.labeler": "name the column that says who labelled with --map COLUMN=labeler",
    "train.label": "name the column of the label with --map COLUMN=label",
    "train.text": "name the column of the text with --map COLUMN=text",
}
"""How to give a check what it needs."""

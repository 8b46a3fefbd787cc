"""Checks x data -> outcomes. A check that cannot run, or that crashes, is a value like any other."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import replace
from numbers import Integral, Real
from pathlib import Path
from typing import Any, cast, get_args

import polars as pl

from auditor.gates import NotRun, Outcome
from auditor.masking import labelers, masked
from checks.contract import Basis, Check, Data, Evidence, Kind, Measure, Result, Role
from checks.measures import NAME
from checks.private.mask import hide_all

CRASHES = (Exception, SystemExit, pl.exceptions.PanicException)
"""What the code of a check may raise. `sys.exit(0)` in a plug-in must not end the audit with a good exit code, and a
panic of polars is no Exception."""


def run(
    checks: Iterable[Check],
    data: Data,
    *,
    broken: Mapping[str, NotRun],
    unread: frozenset[Role] = frozenset(),
    redact: bool = False,
) -> dict[str, Outcome]:
    """One outcome per check, in the order of the checks; plug-ins that failed to load come last.

    Args:
        checks: what to run.
        data: what to run it on.
        broken: checks that could not be loaded.
        unread: roles of which a file was named that could not be read.
        redact: leave out the message of a crash, and groups longer than a name: both may quote the data.
    """
    offers = data.offers()
    outcomes: dict[str, Outcome] = {}
    for check in checks:
        missing = sorted(check.needs - offers)
        if missing:
            outcomes[check.id] = _missing(missing, data.impossible, unread, sketch=data.sketch is not None)
            continue
        data.tick(f"checking {check.id}", 0, 0)
        try:
            found = masked(_sound(check, check.run(data)), labelers(data))
            outcomes[check.id] = _without_texts(found) if redact else found
        except CRASHES as error:  # one broken check must not hide the other results
            said = "" if redact else f": {hide_all([str(error)])[0]}"
            outcomes[check.id] = NotRun("crashed", f"{type(error).__name__} at {_place(check, error)}{said}")
    return outcomes | dict(broken)


def _place(check: Check, error: BaseException) -> str:
    """File and line where a check crashed: the last ones of its own package, however deep a library was called."""
    frames = traceback.extract_tb(error.__traceback__)
    package = str(Path(inspect.getfile(type(check))).parent)
    where = next((frame for frame in reversed(frames) if frame.filename.startswith(package)), frames[-1])
    return f"{Path(where.filename).name}:{where.lineno}"


def _sound(check: Check, found: object) -> Result:
    """What a check returned, if it has the shape that gates and reports rely on; a plug-in may return anything.

    Raises:
        TypeError: it has another shape.
    """
    if not isinstance(found, Result):
        message = f"run() returned {type(found).__name__} and no Result"
        raise TypeError(message)
    shape = (("measures", Measure), ("evidence", Evidence), ("notes", str))
    for name, kind in shape:
        values: Any = getattr(found, name)
        if not isinstance(values, tuple) or not all(isinstance(value, kind) for value in values):
            message = f"the {name} that run() returned are no tuple of {kind.__name__}"
            raise TypeError(message)
    for evidence in found.evidence:
        table: Any = evidence.table
        if not isinstance(table, pl.DataFrame) or pl.Object in table.dtypes:
            message = f"the table of the evidence {evidence.title!r} is no frame of plain values"
            raise TypeError(message)
    return replace(found, measures=tuple(_measure(check, measure) for measure in found.measures))


def _without_texts(found: Result) -> Result:
    """The result with groups that are rather texts than names numbered."""
    groups = dict.fromkeys(measure.group for measure in found.measures if measure.group is not None)
    shown = {name: name if len(name) <= NAME else f"class {number}" for number, name in enumerate(groups, 1)}
    measures = (replace(measure, group=shown.get(measure.group or "")) for measure in found.measures)
    return replace(found, measures=tuple(measures))


def _measure(check: Check, found: Any) -> Measure:  # noqa: ANN401  typed, but not by whom wrote the plug-in
    """A measure with Python's own numbers in place of numpy's, which JSON does not know."""
    low, high = found.interval or (found.value, found.value)
    numbers = all(isinstance(value, Real) for value in (found.value, low, high))
    faults = {
        "which is not among its measures": found.name not in check.measures,
        f"of an unknown kind {found.kind!r}": found.kind not in get_args(Kind),
        f"of an unknown basis {found.basis!r}": found.basis not in get_args(Basis),
        "whose group is no string": not isinstance(found.group, str | None),
        "that is no number": not numbers,
        "that lies outside its interval": numbers and (low > found.value or high < found.value),
        "whose denominator is no whole number": not isinstance(found.of, Integral | None),
        "that does not say in words what it rests on": not isinstance(found.by, str),
    }
    wrong = next((why for why, is_so in faults.items() if is_so), None)
    if wrong:
        message = f"run() returned a measure {found.name!r} {wrong}"
        raise TypeError(message)
    return replace(
        cast(Measure, found),
        value=_plain(found.value),
        of=None if found.of is None else int(found.of),
        interval=None if found.interval is None else (_plain(low), _plain(high)),
    )


def _plain(value: object) -> float:
    return int(value) if isinstance(value, Integral) else float(cast(float, value))


def _missing(
    names: list[str], impossible: frozenset[str], unread: frozenset[Role], *, sketch: bool
) -> NotRun:
    if sketch and any(name.startswith("eval.") for name in names):
        return NotRun("skipped", "eval is a sketch, which holds no text; audit it where its text is")
    never = [name for name in names if name in impossible]
    if never:
        return NotRun("not applicable", f"data of this format has no {', '.join(never)}")
    lost = sorted(role for role in unread if any(name.startswith(f"{role}.") for name in names))
    if lost:
        return NotRun("skipped", f"what was named as {' and '.join(lost)} data could not be read")
    told = [_LACKING[name] for name in names if name in _LACKING]
    return NotRun("skipped", "; ".join(told) if told else f"the data has no {', '.join(names)}")


_NO_EVAL = "there is no eval text; name the eval file with --eval FILE"
_LACKING = {
    "answers": "nobody answered a question; auditor init writes the form",
    "results": "no result file of a model is named; name one with --results RUN=FILE",
    "eval.text": _NO_EVAL,
    "eval.wording": _NO_EVAL,
    "labels.label": "no column holds the labels that each labeler gave; name it with --map COLUMN=label",
    "labels.labeler": "no column says who labelled; name it with --map COLUMN=labeler, or set required = false and a "
    "reason in [gate.labelers]",
    "train.label": "no column holds labels; name it with --map COLUMN=label",
    "train.text": "no column holds text; name it with --map COLUMN=text",
}
"""What is missing for a check, and how to give it."""

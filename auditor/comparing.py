"""What moved between two reports: from one audit or decision to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal, TypeVar

import msgspec

from auditor.moved import FindingsMoved, comparable, findings_moved
from auditor.questions import QUESTIONS
from auditor.report.model import MeasureModel, Report
from auditor.wording import amount
from checks.measures import Measure

T = TypeVar("T")
Direction = Literal["better", "worse", "changed"]
Part = Literal["verdict", "gate", "answer", "framework", "input", "measure", "setting"]
ORDER = ("PASS", "WARN", "UNKNOWN", "BLOCK")


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not what it was."""

    part: Part
    id: str
    before: str | None
    """Null where it was not there."""
    after: str | None
    direction: Direction
    only_of: bool = False
    """A measure whose denominator alone moved."""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """All that moved, in the order in which it matters."""

    schema: int
    before: str
    """Verdict of the older report."""
    after: str
    changes: tuple[Change, ...]
    unchanged: int
    """Gates, answers, frameworks, inputs, settings and measures that are what they were."""
    findings: tuple[FindingsMoved, ...] = ()
    """Which rows at fault are new, gone or unchanged."""
    uncompared: str = ""
    """Why findings were not compared."""


def compare(old: Report, new: Report) -> Comparison:
    """What moved from the old report to the new one."""
    found = [
        *_pairs("verdict", {"": old.verdict}, {"": new.verdict}, str, _verdicts),
        *_pairs("gate", _gates(old), _gates(new), str, _verdicts),
        *_pairs("framework", _frameworks(old), _frameworks(new), lambda one: one[0], _leanings),
        *_pairs("answer", _answers(old), _answers(new), str, _other),
        *_pairs("input", _inputs(old), _inputs(new), str, _other),
        *_pairs("setting", _settings(old), _settings(new), str, _other),
        *_pairs("measure", _measures(old), _measures(new), _amount, _toward(old, new)),
    ]
    why = comparable(old, new)
    return Comparison(
        findings=() if why else tuple(findings_moved(old, new)),
        uncompared=why,
        schema=1,
        before=old.verdict,
        after=new.verdict,
        changes=tuple(change for change in found if change is not None),
        unchanged=sum(change is None for change in found),
    )


def _pairs(
    part: Part,
    before: Mapping[str, T],
    after: Mapping[str, T],
    shown: Callable[[T], str],
    direction: Callable[[str, T, T], Direction],
) -> Iterator[Change | None]:
    """A change for each name whose value is not what it was, None for each other."""
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if old == new:
            yield None
            continue
        said, says = (None if one is None else shown(one) for one in (old, new))
        if said == says:  # they differ beyond the digits that are shown
            said, says = (str(getattr(one, "value", one)) for one in (old, new))
        yield Change(
            part=part,
            id=name,
            before=said,
            after=says,
            direction="changed" if old is None or new is None else direction(name, old, new),
            only_of=isinstance(old, MeasureModel) and isinstance(new, MeasureModel) and _only_of(old, new),
        )


def _only_of(old: MeasureModel, new: MeasureModel) -> bool:
    return old.value is not None and old.value == new.value and old.of != new.of and old.basis == new.basis


def _verdicts(_name: str, old: str, new: str) -> Direction:
    return "better" if ORDER.index(new) < ORDER.index(old) else "worse"


def _leanings(_name: str, old: tuple[str, str], new: tuple[str, str]) -> Direction:
    """A framework speaks for or against; which of these is better is for nobody to say but the reader."""
    return "changed"


def _other(_name: str, _old: object, _new: object) -> Direction:
    return "changed"


def _gates(report: Report) -> dict[str, str]:
    return {gate.id: gate.verdict for gate in report.gates if gate.required}


def _frameworks(report: Report) -> dict[str, tuple[str, str]]:
    return {one.id: (one.verdict, one.leaning) for one in report.frameworks}


def _answers(report: Report) -> dict[str, str]:
    """Each answer, with what it rests on: that a measurement took the place of a word is worth telling."""
    return {one.id: f"{one.answer or 'unknown'} ({one.basis or 'open'})" for one in report.answers}


def _inputs(report: Report) -> dict[str, str]:
    return {
        f"{one.role} {one.path}": f"{one.rows:,} records, sha256 {(one.sha256 or 'unknown')[:12]}"
        for one in report.inputs
    }


def _settings(report: Report) -> dict[str, str]:
    """Settings, and versions: numbers of two versions need not be comparable."""
    return {
        name: _word(value) for name, value in (*_flat(report.settings), *_flat({"version": report.versions}))
    }


def _flat(found: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in found.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _word(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _measures(report: Report) -> dict[str, MeasureModel]:
    """Measures by check, name and group; how questions stand is compared as answers."""
    return {
        f"{check}.{one.name}" + (f" of {one.group}" if one.group is not None else ""): one
        for check, outcome in report.outcomes.items()
        if check != QUESTIONS
        for one in outcome.measures
    }


def _amount(model: MeasureModel) -> str:
    value, interval = model.value, model.interval
    if value is None:
        return "no number"
    ends = (
        None if interval is None or None in interval else (float(interval[0] or 0), float(interval[1] or 0))
    )
    return amount(
        Measure(
            name=model.name, value=value, kind=model.kind, of=model.of, interval=ends, currency=model.currency
        )
    )


def _toward(old: Report, new: Report) -> Callable[[str, MeasureModel, MeasureModel], Direction]:
    """Whether a measure moved to where its limits want it."""
    wanted: dict[str, set[int]] = {}
    for ruling in _rulings((old, new)):
        signs = wanted.setdefault(f"{ruling.check}.{ruling.measure}", set())
        signs |= {1} if ruling.limit.at_least is not None else set()
        signs |= {-1} if ruling.limit.at_most is not None else set()

    def direction(name: str, before: MeasureModel, after: MeasureModel) -> Direction:
        signs = wanted.get(name.partition(" of ")[0], set())
        if len(signs) != 1 or before.value is None or after.value is None or before.value == after.value:
            return "changed"
        return "better" if (after.value - before.value) * next(iter(signs)) > 0 else "worse"

    return direction


def _rulings(reports: Iterable[Report]) -> Iterator[Any]:
    return (ruling for report in reports for gate in report.gates for ruling in gate.rulings)

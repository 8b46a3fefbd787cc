"""What is demanded of the data: gates, limits and settings, from strict TOML in which every number has a source."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import msgspec

from auditor.errors import PolicyError, suggest
from auditor.gates import Bound, Gate, Level, Limit
from auditor.tasks import Resolved, check_stance, resolve, rows_for, task_table

Stage = Literal["before-labeling", "before-training"]
STAGES: tuple[Stage, ...] = ("before-labeling", "before-training")
FOLDER = Path(__file__).with_name("policies")
_NAMED = ("minimum", "recommended", "per-class", "eval-minimum", "eval-recommended")


class LimitTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """A limit as written in TOML."""

    check: str
    measure: str
    cite: str = ""
    at_least: float | str | None = None
    at_most: float | str | None = None
    level: Level = "block"
    fix: str = ""
    tasks: tuple[str, ...] = ()
    optional: bool = False


class GateTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """A gate as written in TOML."""

    question: str = ""
    required: bool | None = None
    reason: str = ""
    limit: tuple[LimitTable, ...] = ()


class PolicyTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """A policy as written in TOML; the same tables may stand in auditor.toml."""

    name: str = ""
    extends: str = "base"
    stance: str | None = None
    required: dict[Stage, tuple[str, ...]] = {}
    required_for: dict[str, dict[Stage, tuple[str, ...]]] = {}
    gate: dict[str, GateTable] = {}
    check: dict[str, dict[str, Any]] = {}
    text: dict[str, Any] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything that is demanded, before the data is known."""

    name: str
    stance: str
    required: Mapping[Stage, tuple[str, ...]]
    required_for: Mapping[str, Mapping[Stage, tuple[str, ...]]]
    gates: Mapping[str, GateTable]
    checks: Mapping[str, Mapping[str, Any]]
    text: Mapping[str, Any]


def load_policy(name: str | None) -> Policy:
    """A shipped policy by name or a TOML file by path; the base policy if None.

    Raises:
        PolicyError: there is no such policy, or the file is wrong; says where and how to mend it.
    """
    name = name or "base"
    shipped = sorted(path.stem for path in FOLDER.glob("*.toml") if path.stem != "tasks")
    path = FOLDER / f"{name}.toml" if name in shipped else Path(name)
    if not path.is_file():
        message = (
            f"there is no policy file {name!r}{suggest(name, shipped)}; shipped are {', '.join(shipped)}"
        )
        raise PolicyError(message)
    table = read_table(path.read_bytes(), str(name))
    start = _EMPTY if name == "base" else load_policy(table.extends)
    return overlay(replace(start, name=table.name or path.stem), table, str(name))


_EMPTY = Policy(name="", stance="balanced", required={}, required_for={}, gates={}, checks={}, text={})


def read_table(content: bytes, where: str) -> PolicyTable:
    """The tables of a policy file."""
    try:
        found = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{where} is not valid TOML: {error}"
        raise PolicyError(message) from None
    return convert_table(found, where)


def convert_table(found: Mapping[str, Any], where: str) -> PolicyTable:
    """The tables of a parsed policy; unknown keys and wrong types are errors that name the place."""
    _known(found, PolicyTable, where, "")
    for gate_id, gate in found.get("gate", {}).items():
        _known(gate, GateTable, where, f"[gate.{gate_id}]")
        for limit in gate.get("limit", ()):
            _known(limit, LimitTable, where, f"[[gate.{gate_id}.limit]]")
    try:
        table = msgspec.convert(found, PolicyTable)
    except msgspec.ValidationError as error:
        message = f"{where}: {error}"
        raise PolicyError(message) from None
    for gate_id, written in table.gate.items():
        for limit in written.limit:
            _check_limit(limit, f"{where}, [[gate.{gate_id}.limit]] on {limit.check}.{limit.measure}")
        if written.required is False and not written.reason:
            message = f"{where}: [gate.{gate_id}] required = false needs a reason; the report shows it"
            raise PolicyError(message)
    return table


def _known(found: object, shape: type[msgspec.Struct], where: str, table: str) -> None:
    known = [field.encode_name for field in msgspec.structs.fields(shape)]
    for key in found if isinstance(found, Mapping) else ():
        if key not in known:
            message = f"{where}: unknown key {key!r} {'in ' + table if table else ''}{suggest(key, known)}"
            raise PolicyError(message.replace(" ;", ";"))


def _check_limit(limit: LimitTable, where: str) -> None:
    if not limit.cite:
        message = f"{where} has no cite: say where its number comes from"
        raise PolicyError(message)
    if limit.at_least is None and limit.at_most is None:
        message = f"{where} has neither at-least nor at-most"
        raise PolicyError(message)
    for bound in (limit.at_least, limit.at_most):
        if isinstance(bound, str) and bound not in _NAMED and not _is_percentage(bound):
            message = f"{where}: {bound!r} is neither a number, a percentage nor one of {', '.join(_NAMED)}"
            raise PolicyError(message + suggest(bound, _NAMED))


def overlay(policy: Policy, table: PolicyTable, where: str) -> Policy:
    """`policy` with what `table` says on top: a limit replaces the one on the same measure with the same level."""
    gates = dict(policy.gates)
    for gate_id, new in table.gate.items():
        old = gates.get(gate_id, GateTable())
        if not old.question and not new.question:
            message = f"{where}: there is no gate {gate_id!r}{suggest(gate_id, list(gates))}"
            raise PolicyError(message + "; a new gate needs a question")
        replaced = {(limit.check, limit.measure, limit.level) for limit in new.limit}
        kept = [limit for limit in old.limit if (limit.check, limit.measure, limit.level) not in replaced]
        gates[gate_id] = GateTable(
            new.question or old.question,
            old.required if new.required is None else new.required,
            new.reason or old.reason,
            (*kept, *new.limit),
        )
    if table.stance is not None:
        check_stance(table.stance)
    checks = {**policy.checks}
    for check_id, settings in table.check.items():
        checks[check_id] = {**checks.get(check_id, {}), **settings}
    return replace(
        policy,
        stance=table.stance or policy.stance,
        required={**policy.required, **table.required},
        required_for={**policy.required_for, **table.required_for},
        gates=gates,
        checks=checks,
        text={**policy.text, **table.text},
    )


def gates_for(
    policy: Policy, *, task: str | None, stage: Stage, require: tuple[str, ...], classes: int
) -> tuple[Gate, ...]:
    """The gates of a policy with every limit resolved to a number, for data that is now known.

    Args:
        policy: what is demanded.
        task: what the model is for; None where nobody said and the format does not tell.
        stage: which list of required gates holds.
        require: further gates to require.
        classes: number of classes in the training labels, 0 without labels.
    """
    for gate_id in require:
        if gate_id not in policy.gates:
            message = f"there is no gate {gate_id!r}{suggest(gate_id, list(policy.gates))}"
            raise PolicyError(message)
    wanted = {
        *policy.required.get(stage, ()),
        *policy.required_for.get(task or "", {}).get(stage, ()),
        *require,
    }
    gates = []
    for gate_id, table in policy.gates.items():
        limits = [
            _limit(limit, policy.stance, task, classes)
            for limit in table.limit
            if not limit.tasks or task in limit.tasks
        ]
        required = gate_id in wanted if table.required is None else table.required or gate_id in require
        gates.append(
            Gate(
                id=gate_id,
                question=table.question,
                limits=tuple(limit for limit in limits if limit is not None),
                required=required,
                reason=table.reason,
            )
        )
    return tuple(gates)


def _limit(table: LimitTable, stance: str, task: str | None, classes: int) -> Limit | None:
    """A limit with its numbers; None if no source states the number that it names."""
    least = _bound(table.at_least, stance, task, classes)
    most = _bound(table.at_most, stance, task, classes)
    if least is None and most is None:
        return None
    return Limit(
        check=table.check,
        measure=table.measure,
        at_least=least,
        at_most=most,
        level=table.level,
        cite=table.cite,
        fix=table.fix,
        optional=table.optional,
    )


def _bound(bound: float | str | None, stance: str, task: str | None, classes: int) -> Bound | None:
    if bound is None:
        return None
    if not isinstance(bound, str):
        return Bound(value=float(bound))
    if _is_percentage(bound):
        return Bound(
            value=float(bound.rstrip("% ")) / 100,
            of_measure=True,
            resolved_from=f"{bound} of the denominator",
        )
    found = _named(bound, stance, task, classes)
    return Bound(value=found.value, resolved_from=found.how) if found is not None else None


def _named(name: str, stance: str, task: str | None, classes: int) -> Resolved | None:
    """A number of rows that the task table states."""
    what = f"task {task}" if task else "any task"
    match name:
        case "minimum" | "recommended":
            return resolve(rows_for(task), name, stance=stance, classes=classes, what=what)
        case "eval-minimum" | "eval-recommended":
            column: Literal["minimum", "recommended"] = "minimum" if name == "eval-minimum" else "recommended"
            rows = task_table().eval
            silent = stance in task_table().sources and stance not in {row.source for row in rows}
            return resolve(rows, column, stance="balanced" if silent else stance, classes=0, what="eval sets")
        case _:
            per_class = [row for row in rows_for(task) if row.classes]
            if not per_class:
                return None
            row = per_class[0]
            share = row.minimum / (row.classes or 1)
            return Resolved(share, f"{row.source}: {row.minimum:,} rows for {row.classes} classes")


def _is_percentage(text: str) -> bool:
    return text.endswith("%") and text.rstrip("% ").replace(".", "", 1).isdigit()
